"""The nearest similarities that are dot products of unit vectors: the nearest correlation matrix.

Of all positive semi-definite matrices with unit diagonal, the one X that minimises the Frobenius norm of X - S. It
exists and is unique (Higham 2002). His alternating projections find it in some fifty to eighty eigendecompositions to
four digits; the Newton method on the dual problem (Qi & Sun 2006), used here, in six or seven to full precision.

N. J. Higham, "Computing the nearest correlation matrix - a problem from finance", IMA J. Numer. Anal. 22 (2002).
H. Qi and D. Sun, "A quadratically convergent Newton method for computing the nearest correlation matrix", SIAM J.
Matrix Anal. Appl. 28 (2006).
"""

from dataclasses import dataclass

import numpy as np

from taxo.taxonomy import NotEmbeddable

from .class_tree import Floats

_ARMIJO = 1e-4  # share of the decrease promised by the slope that a step has to bring
_HALVINGS = 30
_CG_STEPS = 200


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest positive semi-definite matrix with unit diagonal, and how far away it is.

    Attributes:
        matrix: `(n, n)`; where nothing had to change, the very array that was given.
        distance: Frobenius norm of the change.
        largest: Largest change of an entry.
        mean: Mean change over the entries off the diagonal, 0 where there are none.
        iterations: Newton steps; 0 where nothing had to change.
        least_eigenvalue: Of the matrix that was given.
    """

    matrix: Floats
    distance: float
    largest: float
    mean: float
    iterations: int
    least_eigenvalue: float

    @property
    def changed(self) -> bool:
        """Whether the matrix that was given was no matrix of dot products of unit vectors."""
        return self.iterations > 0


def nearest_psd(similarities: Floats, *, tolerance: float = 1e-10, limit: int = 100) -> Nearest:
    """The positive semi-definite matrix with unit diagonal that is nearest in the Frobenius norm.

    The dual problem asks for the y that minimises `|(S + Diag y)+|^2 / 2 - sum(y)`, where `+` puts 0 in place of the
    negative eigenvalues; then `X = (S + Diag y)+`. Its gradient is `diag(X) - 1`. Steps end when no entry of it is
    above the tolerance; what is left is scaled away, so the diagonal is exactly 1.

    Args:
        similarities: `(n, n)` symmetric.
        tolerance: How far an entry of the diagonal may be from 1 before it is scaled.
        limit: Newton steps at most.

    Raises:
        NotEmbeddable: NaN or infinity in the matrix, no symmetric matrix, or not there after `limit` steps.

    Example:
        >>> s = np.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]])  # Higham 2002, section 1
        >>> nearest_psd(s).matrix.round(4).tolist()
        [[1.0, 0.7607, 0.1573], [0.7607, 1.0, 0.7607], [0.1573, 0.7607, 1.0]]
    """
    similarities = np.asarray(similarities, dtype=np.float64)
    _check(similarities)
    n = len(similarities)
    least = float(np.linalg.eigvalsh(similarities)[0])
    rounding = n * np.finfo(np.float64).eps * max(1.0, float(np.abs(similarities).sum(axis=1).max()))
    if least >= -rounding and (similarities.diagonal() == 1).all():
        return Nearest(similarities, 0.0, 0.0, 0.0, 0, least)
    point = _at(similarities, 1 - similarities.diagonal())
    for step in range(limit):
        if np.abs(point.gradient).max() <= tolerance:
            return _account(similarities, point, max(step, 1), least)
        point = _descend(similarities, point, _direction(point))
    raise NotEmbeddable(
        f"the nearest similarities that are dot products were not found in {limit} steps: the diagonal is still "
        f"{np.abs(point.gradient).max():.1e} away from 1, with {tolerance:.1e} allowed; make a tree of the hierarchy"
    )


@dataclass(frozen=True, eq=False)
class _Point:
    """The dual problem at one y `(n,)`: its value, its gradient `(n,)`, the eigenpairs of S + Diag(y), ascending."""

    y: Floats
    value: float
    gradient: Floats
    values: Floats
    vectors: Floats


def _at(similarities: Floats, y: Floats) -> _Point:
    shifted = similarities.copy()
    np.fill_diagonal(shifted, similarities.diagonal() + y)
    values, vectors = np.linalg.eigh(shifted)
    positive = np.maximum(values, 0)
    gradient = np.square(vectors) @ positive - 1
    return _Point(y, float(positive @ positive / 2 - y.sum()), gradient, values, vectors)


def _direction(point: _Point) -> Floats:
    """The Newton step `(n,)`: conjugate gradients for `V h = -gradient`, V the generalised Hessian (Qi & Sun, eq. 3.1).

    `V h = diag(P (W o (P' Diag(h) P)) P')` for the eigenvectors P, with W 1 between two positive eigenvalues, 0 between
    two others, and a / (a + b) between a > 0 and -b. Written with 1 - W, only the few other eigenvectors enter twice.
    """
    positive = point.values > 0
    above, below = point.vectors[:, positive], point.vectors[:, ~positive]
    b = -point.values[~positive]
    share = b / (point.values[positive][:, None] + b)  # 1 - W, (n_positive, n_other)

    def hessian(h: Floats) -> Floats:
        scaled = h[:, None] * below
        mixed = above @ (share * (above.T @ scaled))
        product: Floats = h - ((2 * mixed + below @ (below.T @ scaled)) * below).sum(axis=1)
        return product

    # V may be close to singular far from the solution; the shift vanishes with the gradient.
    size = float(np.linalg.norm(point.gradient))
    shift = min(1e-6, size)
    h, rest = np.zeros_like(point.y), -point.gradient
    towards, square = rest, float(rest @ rest)
    for _ in range(_CG_STEPS):
        image = hessian(towards) + shift * towards
        length = square / float(towards @ image)
        h, rest = h + length * towards, rest - length * image
        before, square = square, float(rest @ rest)
        if square <= (min(0.1, size) * size) ** 2:
            break
        towards = rest + square / before * towards
    return h


def _descend(similarities: Floats, point: _Point, direction: Floats) -> _Point:
    """One step along a direction, halved until the dual function falls (Armijo's rule)."""
    slope = float(point.gradient @ direction)
    slack = 1e-12 * max(1.0, abs(point.value))  # near the solution the function falls by less than it is rounded
    for halving in range(_HALVINGS):
        length = 0.5**halving
        found = _at(similarities, point.y + length * direction)
        if found.value <= point.value + _ARMIJO * length * slope + slack:
            break
    return found


def _account(similarities: Floats, point: _Point, steps: int, least: float) -> Nearest:
    """The matrix at the solution, its diagonal scaled to 1, and what it differs by."""
    kept = point.values > 0
    root = point.vectors[:, kept] * np.sqrt(point.values[kept])
    root /= np.linalg.norm(root, axis=1, keepdims=True)
    matrix = np.minimum(root @ root.T, 1.0)
    np.fill_diagonal(matrix, 1.0)
    change = np.abs(matrix - similarities)
    n = len(change)
    return Nearest(
        matrix=matrix,
        distance=float(np.linalg.norm(change)),
        largest=float(change.max()),
        mean=float((change.sum() - change.trace()) / max(1, n * (n - 1))),
        iterations=steps,
        least_eigenvalue=least,
    )


def _check(similarities: Floats) -> None:
    if similarities.ndim != 2 or similarities.shape[0] != similarities.shape[1] or not len(similarities):
        raise NotEmbeddable(f"similarities of shape {similarities.shape} are no square matrix")
    if not np.isfinite(similarities).all():
        raise NotEmbeddable("the matrix of similarities holds NaN or infinity")
    if not np.allclose(similarities, similarities.T, rtol=0, atol=1e-12):
        raise NotEmbeddable("the matrix of similarities is not symmetric")
