"""Leading eigenvectors of the similarities of a tree's classes, without forming the matrix."""

import logging
from dataclasses import dataclass

import numpy as np

from taxo.taxonomy import NotEmbeddable
from taxo.taxonomy.arrays import Ints

from .class_tree import ClassTree, Floats
from .memory import check_memory
from .spectral_count import TIE, choose, eigenvalue, number_above
from .spectral_iteration import Leading, iterate
from .spectral_quotient import Merged, Quotient, merge

log = logging.getLogger("taxo")

_DENSE = 2000  # rows up to which a matrix is decomposed as a whole: seconds


@dataclass(frozen=True, eq=False)
class Pairs:
    """Eigenvalues of S and orthonormal eigenvectors, row by row on demand.

    The eigenvectors are of three kinds: constant over each group of siblings; a single class that has nothing in common
    with any other; and contrasts within a group. Contrast t of a group of m classes is the discrete cosine
    `sqrt(2/m) cos(pi t (j + 1/2) / m)`, j = 0 ... m - 1. Any orthonormal contrasts are eigenvectors; of these, the
    first few have a part in every class of the group, so that no class is left out.

    Attributes:
        merged: The tree with siblings merged.
        values: `(d,)` eigenvalues, descending.
        columns: `(d,)` where each kind, in the order above, has its columns: constant ones, singles, contrasts.
        constant: `(n_nodes, d_constant)` value of each eigenvector on the classes of each node's group.
        single: `(d_single,)` class of each.
        contrasts: `(n_nodes,)` how many contrasts of each node's group: t = 1, 2 ...
    """

    merged: Merged
    values: Floats
    columns: Ints
    constant: Floats
    single: Ints
    contrasts: Ints

    def rows(self, low: int, high: int) -> Floats:
        """The eigenvectors at some classes, `(high - low, d)` with `low <= class < high`."""
        group, rank = self.merged.group_of[low:high], self.merged.rank[low:high]
        n_constant = self.constant.shape[1]
        constant, single, contrast = np.split(self.columns, [n_constant, n_constant + len(self.single)])
        out = np.zeros((len(group), len(self.values)))
        grouped = np.flatnonzero(group >= 0)
        if n_constant:
            out[np.ix_(grouped, constant)] = self.constant[group[grouped]]
        here = (self.single >= low) & (self.single < high)
        out[self.single[here] - low, single[here]] = 1
        count = self.contrasts[group[grouped]]
        row = np.repeat(np.arange(len(grouped)), count)
        t = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + 1
        size = self.merged.quotient.size[group[grouped]][row]
        value = np.sqrt(2 / size) * np.cos(np.pi * t * (rank[grouped][row] + 0.5) / size)
        first = np.cumsum(self.contrasts) - self.contrasts
        out[grouped[row], contrast[first[group[grouped]][row] + t - 1]] = value
        return out


def eigenpairs(tree: ClassTree, wanted: int, seed: int = 0) -> Pairs:
    """Leading eigenvalues and eigenvectors of S.

    Classes of different components have similarity 0, so every eigenvector can be had within a component, and the
    leading one of a component is positive on all its classes. Hence classes have no part in the d leading eigenvectors
    only if their component has none. As such classes could have no unit vector, each component gets its leading
    eigenvector, and the other places go to the greatest eigenvalues that are left.

    Args:
        tree: From `class_tree`.
        wanted: d, from 1 to the number of classes.
        seed: Of the start of the iteration for big matrices.

    Raises:
        NotEmbeddable: There are more than d components.
    """
    merged = merge(tree)
    quotient, single = merged.quotient, merged.singles
    needed = quotient.n_components + len(single)
    if needed > wanted:
        raise NotEmbeddable(too_few(needed, wanted))
    choice = choose(quotient, wanted - len(single))
    constant, values = _solve(quotient, choice.pairs, seed)
    fix_signs(constant)
    values = np.concatenate([values, np.ones(len(single)), np.repeat(1 - quotient.similarity, choice.contrasts)])
    last = eigenvalue(quotient, wanted, len(single))
    report_completed(values, last, number_above(quotient, last * (1 + TIE), len(single)))
    order = descending(values)
    columns = np.empty_like(order)
    columns[order] = np.arange(wanted)
    return Pairs(merged, values[order], columns, constant, single, choice.contrasts)


def _solve(quotient: Quotient, wanted: Ints, seed: int) -> tuple[Floats, Floats]:
    """Leading eigenvectors of all components, one component after another.

    Returns:
        `(n_nodes, d)` values of the eigenvectors on the classes of each node's group, and eigenvalues `(d,)`.
    """
    out, values = np.zeros((len(quotient.parent), int(wanted.sum()))), np.zeros(int(wanted.sum()))
    ends = np.cumsum(wanted)
    rounds, residual = 0, 0.0
    for component, (count, end) in enumerate(zip(wanted.tolist(), ends.tolist(), strict=True)):
        part, nodes = quotient.part(component)
        found = _leading(part, count, seed)
        columns = slice(end - count, end)
        out[nodes[part.groups], columns] = found.vectors / np.sqrt(part.size[part.groups])[:, None]
        values[columns] = found.values
        rounds, residual = max(rounds, found.rounds), max(residual, found.residual)
    if rounds:
        log.info("eigenvectors by iteration: %d rounds, largest relative residual %.1e", rounds, residual)
    return out, values


def _leading(part: Quotient, wanted: int, seed: int) -> Leading:
    n = len(part.groups)
    if n > max(_DENSE, 4 * wanted):
        return iterate(part, wanted, seed)
    check_memory(4 * n * n * 8, f"{wanted} eigenvectors of {n} groups of sibling classes", "take fewer dimensions")
    values, vectors = np.linalg.eigh(part.matrix())
    return Leading(values[: -wanted - 1 : -1], vectors[:, : -wanted - 1 : -1])


def too_few(needed: int, wanted: int) -> str:
    """Message where there are more components than dimensions."""
    return (
        f"dim={wanted}: there are {needed} classes or groups of classes that have nothing in common with each other, "
        f"and each needs a dimension of its own; take dim={needed} or more"
    )


def report_completed(taken: Floats, last: float, above: int) -> None:
    """Say how many eigenvectors were taken only because their component needs one.

    Args:
        taken: `(d,)` eigenvalues.
        last: The d-th eigenvalue of S.
        above: How many eigenvalues of S are greater than that.
    """
    count = max(int((taken < last * (1 - TIE)).sum()), above - int((taken > last * (1 + TIE)).sum()))
    if count:
        log.info(
            "%d of %d dimensions are not those of the leading eigenvectors: classes would have no part in these",
            count,
            len(taken),
        )


def fix_signs(vectors: Floats) -> None:
    """Make the first of the largest entries of every column positive, in place, `(n, d)`."""
    for column in vectors.T:
        size = np.abs(column)
        # Entries that are the same but for rounding must not compete.
        column *= np.sign(column[np.argmax(size >= size.max() * (1 - 1e-6))])


def descending(values: Floats) -> Ints:
    """Order of eigenvalues, the greatest first; what differs by a relative `TIE` at most stays as it stands."""
    order = np.argsort(-values, kind="stable")
    ordered = values[order]
    apart = np.append(False, ordered[:-1] - ordered[1:] > TIE * np.abs(ordered[:-1]))
    found: Ints = order[np.lexsort((order, np.cumsum(apart)))]
    return found
