"""How many eigenvalues lie above a number, counted in O(nodes) without computing any.

Take `S - x` apart as S is built: going up the tree, every node v adds the rank-one matrix `w_v 1 1'` to the blocks of
its children. With `P_v = 1' T^-1 1` of these blocks together, `det(T + w 1 1') = det(T) (1 + w P)`, and a rank-one
matrix that is positive moves at most one eigenvalue across 0. So the number of eigenvalues above x is that of the
leaves with `1 - s_v > x`, plus that of the inner nodes where `1 + w_v P_v` is negative: Sylvester's law of inertia, as
in the bisection of Givens for tridiagonal matrices. Derivation: docs/mathematics.md.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from taxo.taxonomy.arrays import Ints

from .class_tree import Floats
from .spectral_quotient import Quotient

TIE = 1e-10
"""Eigenvalues whose relative difference is no larger count as equal."""

_TINY = 1e-30  # instead of 0 in a denominator: a shift of S by less than its rounding
_CUTS = 8  # numbers at which eigenvalues are counted together


def counts(quotient: Quotient, shifts: Floats) -> Ints:
    """Eigenvalues of each component's matrix that are greater than each shift, `(n_components, k)`.

    Args:
        quotient: A tree with sibling classes merged.
        shifts: `(k,)`, none of them 0.
    """
    apart = (1 - quotient.similarity)[:, None] - shifts
    apart[apart == 0] = -_TINY
    filled = (quotient.size > 0)[:, None]
    inverse = np.where(filled, quotient.size[:, None] / apart, 0.0)  # P_v, and p_v after its node is done
    above = (filled & (apart > 0)).astype(np.intp)

    def finish(here: slice) -> None:
        pivot = 1 + quotient.weight[here, None] * inverse[here]
        pivot[pivot == 0] = _TINY
        above[here] += pivot < 0
        inverse[here] /= pivot

    for here, parents, starts in reversed(quotient.levels):
        finish(here)
        inverse[parents] += np.add.reduceat(inverse[here], starts)
    finish(slice(0, quotient.n_components))
    return np.stack([_sums(quotient, column) for column in above.T], axis=1)


def _sums(quotient: Quotient, values: Ints) -> Ints:
    return np.bincount(quotient.component, weights=values, minlength=quotient.n_components).astype(np.intp)


def bracket(count: Callable[[Floats], Ints], wanted: int, most: float, precision: float = 1e-13) -> tuple[float, float]:
    """Two numbers around the eigenvalue at which a count from above reaches what is wanted.

    Args:
        count: How many eigenvalues are greater than each of `(k,)` numbers.
        wanted: Count that is looked for.
        most: Where the count is less than wanted, or equal.
        precision: Relative difference of the two numbers.

    Returns:
        low and high with `count(low) >= wanted >= count(high)`; both are the same where the count is just as wanted.
    """
    low, high = 0.0, most
    while high - low > precision * high:
        cuts = np.linspace(low, high, _CUTS + 2)[1:-1]
        found = count(cuts)
        if (found == wanted).any():
            exact = float(cuts[found == wanted][0])
            return exact, exact
        more = found > wanted
        low = float(cuts[more][-1]) if more.any() else low
        high = float(cuts[~more][0]) if not more.all() else high
    return low, high


@dataclass(frozen=True, eq=False)
class Choice:
    """Which eigenvectors are taken, beside those of the classes that have nothing in common with any other.

    Attributes:
        pairs: `(n_components,)` how many leading eigenvectors of each component's matrix, at least one.
        contrasts: `(n,)` how many contrasts of each node's group.
    """

    pairs: Ints
    contrasts: Ints


def choose(quotient: Quotient, wanted: int) -> Choice:
    """The `wanted` greatest eigenvalues among the choices that give every component at least one.

    Ties, to within `TIE`: eigenvectors of the components before contrasts; among these, spread evenly.

    Args:
        quotient: A tree with sibling classes merged.
        wanted: At least the number of components, at most that of classes in groups.
    """
    contrasts = _contrasts(quotient)

    def total(shifts: Floats) -> Ints:
        found: Ints = np.maximum(1, counts(quotient, shifts)).sum(axis=0) + contrasts(shifts)
        return found

    low, high = bracket(total, wanted, float(quotient.size.sum() + 1))
    if low < high:  # several eigenvalues may be the one in between
        low, high = low * (1 - TIE), high * (1 + TIE)
    low = max(low, _TINY)  # 0 is no shift, and no eigenvalue is as small
    possible, sure = np.maximum(1, counts(quotient, np.array([low, high]))).T
    pairs = sure + _fill(possible - sure, wanted - total(np.array([high]))[0])
    values, copies = 1 - quotient.similarity, np.maximum(quotient.size - 1, 0)
    certain = copies * (values > high)
    taken = certain + _fill(copies * (values > low) - certain, wanted - int(pairs.sum() + certain.sum()))
    return Choice(pairs, taken)


def eigenvalue(quotient: Quotient, number: int, singles: int) -> float:
    """The eigenvalue of S of a number, from 1, in descending order; not greater than it is, and hardly less.

    Args:
        quotient: A tree with sibling classes merged.
        number: Which.
        singles: Number of classes that have nothing in common with any other: their eigenvalue is 1.
    """
    total = _all_counts(quotient, singles)
    return bracket(total, number, float(quotient.size.sum() + singles + 1))[0]


def number_above(quotient: Quotient, x: float, singles: int) -> int:
    """How many eigenvalues of S are greater than x; arguments as for `eigenvalue`."""
    return int(_all_counts(quotient, singles)(np.array([x]))[0])


def _all_counts(quotient: Quotient, singles: int) -> Callable[[Floats], Ints]:
    """A function from numbers `(k,)` to how many eigenvalues of S are greater."""
    contrasts = _contrasts(quotient)

    def total(shifts: Floats) -> Ints:
        found: Ints = counts(quotient, shifts).sum(axis=0) + contrasts(shifts) + singles * (shifts < 1)
        return found

    return total


def _contrasts(quotient: Quotient) -> Callable[[Floats], Ints]:
    """A function from numbers `(k,)` to how many contrasts have a greater eigenvalue."""
    values, copies = 1 - quotient.similarity, np.maximum(quotient.size - 1, 0)
    order = np.argsort(values)
    values = values[order]
    up_to = np.append(0, np.cumsum(copies[order]))
    return lambda shifts: up_to[-1] - up_to[np.searchsorted(values, shifts, side="right")]


def _fill(room: Ints, amount: int) -> Ints:
    """The amount, as far as there is room, spread evenly: every place gets the same part of its room, but for rounding.

    With the first places filled up and the others left empty, classes of equal standing would be served unequally.
    """
    total = int(room.sum())
    filled: Ints = np.diff(np.cumsum(room) * min(amount, total) // max(1, total), prepend=0)
    return filled
