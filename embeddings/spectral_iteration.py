"""The leading eigenvectors of a big matrix that is only known by its products: filtered subspace iteration.

A block of vectors is multiplied by a Chebyshev polynomial of the matrix, which is at most 1 on the unwanted
eigenvalues and grows fast above them, made orthonormal, and rotated to the best approximations in its span
(Rayleigh-Ritz); and so on until these are eigenvectors. The block is wider than what is wanted, so clusters of
eigenvalues do no harm. Sources: Rutishauser, Numer. Math. 16, 1970; Zhou, Saad, Tiago & Chelikowsky, J. Comput.
Phys. 219, 2006. Where the unwanted eigenvalues end is no guess here but counted: see `spectral_count`.
"""

import logging
from dataclasses import dataclass

import numpy as np

from .class_tree import Floats
from .spectral_count import bracket, counts
from .spectral_quotient import Quotient

log = logging.getLogger("taxo")

TOLERANCE = 1e-10
"""An eigenvector v of eigenvalue x has converged where `|S v - x v| <= TOLERANCE x`."""

_ROUNDS = 60
_COLUMNS = 32  # vectors multiplied at a time: the sums over the tree need room for a few copies
_DEGREE = 16  # of a filter, at most
_GROWTH = 1e6  # of a leading eigenvector against the last wanted one in a filter: keeps the block well conditioned
_SPREAD = 0.8  # the block shall reach to eigenvalues of this part of the last wanted one ...
_WIDEST = 2.0  # ... but not be wider than this many times what is wanted


@dataclass(frozen=True)
class Leading:
    """Leading eigenvectors, and how they were found.

    Attributes:
        values: `(k,)` eigenvalues, descending.
        vectors: `(n_groups, k)` orthonormal eigenvectors.
        rounds: How often the filter was applied; 0 where the matrix was decomposed as a whole.
        residual: Largest `|S v - x v| / x`.
    """

    values: Floats
    vectors: Floats
    rounds: int = 0
    residual: float = 0.0


def iterate(quotient: Quotient, wanted: int, seed: int) -> Leading:
    """The leading eigenvectors of a quotient's matrix, by filtered subspace iteration.

    It ends when all residuals are within `TOLERANCE` and the last eigenvalue found is the one at which the number of
    eigenvalues above reaches `wanted`, so that none has been missed.

    Args:
        quotient: A tree with sibling classes merged, of more than `2 * wanted + 16` groups.
        wanted: How many.
        seed: Of the vectors at the start.
    """
    n = len(quotient.groups)
    least = _eigenvalue(quotient, wanted, 1e-12)
    width = int(counts(quotient, np.array([_SPREAD * least])).sum())
    width = min(max(width, wanted + 16), int(_WIDEST * wanted) + 16, n)
    # More eigenvalues than the block holds may lie close below the last wanted: the filter begins lower then.
    edge = min(_eigenvalue(quotient, width + 1, 1e-4), 0.95 * least)
    block = np.random.default_rng(seed).standard_normal((n, width))
    values, errors = np.full(width, least), np.ones(wanted)
    values[0] = _eigenvalue(quotient, 1, 1e-4)
    rounds = 0
    while errors.max() > TOLERANCE or values[wanted - 1] < least * (1 - 1e-8):
        if rounds == _ROUNDS:
            log.warning("after %d rounds the largest relative residual is still %.1e", rounds, errors.max())
            break
        degree = _degree(values[:wanted], errors, least, edge)
        for low in range(0, width, _COLUMNS):
            columns = slice(low, low + _COLUMNS)
            block[:, columns] = _filter(quotient, block[:, columns], edge, degree)
        _orthonormalise(block)
        values = _rotate(quotient, block)
        errors = _residuals(quotient, block, values, wanted)
        rounds += 1
    return Leading(values[:wanted], block[:, :wanted], rounds, float(errors.max()))


def _eigenvalue(quotient: Quotient, number: int, precision: float) -> float:
    """The eigenvalue of a number, from 1, by counting."""
    low, high = bracket(
        lambda shifts: counts(quotient, shifts).sum(axis=0), number, float(quotient.size.sum() + 1), precision
    )
    return (low + high) / 2


def _degree(values: Floats, errors: Floats, least: float, edge: float) -> int:
    """Degree of the filter: what is wrong with a leading vector must not outgrow the last wanted one."""
    wanted = np.arccosh(max(1.0, 2 * least / edge - 1))
    leading = np.arccosh(np.maximum(1, 2 * values / edge - 1))
    rates = leading - wanted
    allowed = np.log(_GROWTH / np.maximum(errors, 1e-16))
    steep = rates > 1e-3
    return int(np.clip((allowed[steep] / rates[steep]).min(initial=_DEGREE), 2, _DEGREE))


def _filter(quotient: Quotient, block: Floats, edge: float, degree: int) -> Floats:
    """Chebyshev polynomial of the matrix, with [0, edge] mapped to [-1, 1], times the block; columns of length 1."""
    before, now = block, quotient.product(block) * (2 / edge) - block
    for _ in range(degree - 1):
        after = quotient.product(now)
        after *= 4 / edge
        after -= 2 * now
        after -= before
        before, now = now, after
    now /= np.linalg.norm(now, axis=0)
    return now


def _orthonormalise(block: Floats) -> None:
    """Gram-Schmidt by Cholesky factors, twice, in place; Householder's way where a factor fails."""
    for _ in range(2):
        try:
            factor = np.linalg.cholesky(block.T @ block)
        except np.linalg.LinAlgError:
            block[:] = np.linalg.qr(block)[0]
            continue
        _times(block, np.linalg.inv(factor).T)


def _rotate(quotient: Quotient, block: Floats) -> Floats:
    """Turn an orthonormal block into the Ritz vectors of its span, descending, in place; returns their values."""
    small = np.empty((block.shape[1], block.shape[1]))
    for low in range(0, block.shape[1], _COLUMNS):
        columns = slice(low, low + _COLUMNS)
        small[:, columns] = block.T @ quotient.product(block[:, columns])
    values, vectors = np.linalg.eigh((small + small.T) / 2)
    _times(block, vectors[:, ::-1])
    return values[::-1]


def _times(block: Floats, matrix: Floats) -> None:
    """`block @ matrix` in place, some rows at a time."""
    for low in range(0, len(block), 1 << 14):
        rows = slice(low, low + (1 << 14))
        block[rows] = block[rows] @ matrix


def _residuals(quotient: Quotient, block: Floats, values: Floats, wanted: int) -> Floats:
    """`|S v - x v| / x` of the leading vectors, `(wanted,)`."""
    errors = np.empty(wanted)
    for low in range(0, wanted, _COLUMNS):
        columns = slice(low, min(low + _COLUMNS, wanted))
        vectors = block[:, columns]
        difference = quotient.product(vectors) - vectors * values[columns]
        errors[columns] = np.linalg.norm(difference, axis=0) / values[columns]
    return errors
