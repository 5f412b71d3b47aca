"""How far the vectors of an embedding are from what they stand for."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import NotEmbeddable
from taxo.taxonomy.similarity import depth_first_classes

from .factor import factorise
from .operators_eigen import least_eigenvalue, least_of_siblings

if TYPE_CHECKING:
    from .embedding import Vectors
    from .target import Target

_BLOCK = 512  # rows compared at a time: memory stays linear in the number of classes
_SPARSE_BLOCK = 1 << 16  # rows of sparse vectors
_FULL_WORK = 1 << 36  # multiplications up to which all pairs are looked at: some seconds on one core
_FULL_CLASSES = 10_000  # the same for the similarities themselves, of which there are n x n
_SAMPLE = 1 << 18  # pairs in a sample
_RUN = 8  # classes of a sample that stand together in depth-first order
_CACHE = 1 << 17  # numbers worked on at a time where each is read once
_LIGHT_CLASSES = 300  # classes up to which the least eigenvalue is always computed from S: no time, no import
_EIGEN_CLASSES = 1000  # the same for DAGs and other measures
_LANCZOS_CLASSES, _LANCZOS_LEVELS = 20_000, 200  # up to which a tree's takes a fraction of a second


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What was measured after the vectors were computed, or read.

    Attributes:
        max_deviation: Largest |<row i, row j> - s(i, j)| over the pairs of classes that were looked at; for methods
            whose distances stand for the dissimilarities, |distance - (1 - s(i, j))|.
        mean_deviation: Its mean over these pairs.
        max_norm_error: Largest | |row| - 1 | over all classes; None where it was not measured, and where distances
            count and rows have no unit norm.
        least_eigenvalue: Of the matrix S of all class similarities; None where it was not computed.
        pairs: How many pairs of two different classes were looked at; None for all.
    """

    max_deviation: float
    mean_deviation: float
    max_norm_error: float | None = None
    least_eigenvalue: float | None = None
    pairs: int | None = None


def verify(
    vectors: "Vectors",
    target: "Target",
    *,
    distances: bool = False,
    pairs: int | str | None = None,
    seed: int = 0,
    least_eigenvalue: bool = True,
) -> Verification:
    """Compare vectors with the similarities that they stand for.

    Args:
        vectors: `(n_classes, dim)` in the class order of the hierarchy.
        target: The similarities.
        distances: Whether the Euclidean distances stand for `1 - s`, not the dot products for s.
        pairs: "all", or how many random pairs; by default all where that takes seconds, else some 260,000.
            They are all pairs among a sample of classes, see `sample_classes`; their exact number is in the result.
        seed: Of the sample.
        least_eigenvalue: Whether to compute it.
    """
    n = vectors.shape[0]
    if pairs is None:
        entries = vectors.size if isinstance(vectors, np.ndarray) else vectors.nnz
        pairs = "all" if n <= _FULL_CLASSES and n * entries <= _FULL_WORK else _SAMPLE
    count: int | None = None
    if pairs == "all":
        largest, mean = _all_pairs(vectors, target, distances)
    else:
        largest, mean, count = _sample(vectors, target, distances, int(pairs), seed)
    return Verification(
        max_deviation=largest,
        mean_deviation=mean,
        max_norm_error=None if distances else float(np.abs(norms(vectors) - 1).max()),
        least_eigenvalue=_least_eigenvalue(target) if least_eigenvalue else None,
        pairs=count,
    )


def norms(vectors: "Vectors") -> NDArray[np.float64]:
    """Lengths of the rows, in double precision, `(n_classes,)`."""
    if not isinstance(vectors, np.ndarray):
        lengths = np.zeros(vectors.shape[0])
        for low in range(0, len(lengths), _SPARSE_BLOCK):
            start = vectors.indptr[low : low + _SPARSE_BLOCK + 1]
            filled = np.flatnonzero(np.diff(start))
            squares = np.square(vectors.data[start[0] : start[-1]], dtype=np.float64)
            if filled.size:
                lengths[low + filled] = np.sqrt(np.add.reduceat(squares, start[filled] - start[0]))
        return lengths
    out = np.empty(len(vectors))
    step = max(1, _CACHE // vectors.shape[1])
    for low in range(0, len(vectors), step):
        part = vectors[low : low + step].astype(np.float64)
        np.einsum("ij,ij->i", part, part, out=out[low : low + step])
    return np.sqrt(out)


def _all_pairs(vectors: "Vectors", target: "Target", distances: bool) -> tuple[float, float]:
    largest = total = 0.0
    full: Any = vectors.astype(np.float64)
    squares = norms(vectors) ** 2
    for low in range(0, full.shape[0], _BLOCK):
        rows = slice(low, low + _BLOCK)
        found = full[rows] @ full.T
        found = found if isinstance(found, np.ndarray) else found.toarray()
        wanted = target.block(rows)
        if distances:
            found, wanted = _distances_from(found, full, squares, low), 1 - wanted
        difference = np.abs(found - wanted)
        largest = max(largest, float(difference.max()))
        total += float(difference.sum())
    return largest, total / full.shape[0] ** 2


def _sample(vectors: "Vectors", target: "Target", distances: bool, count: int, seed: int) -> tuple[float, float, int]:
    """As `_all_pairs` for all pairs among some classes, and how many pairs these are."""
    some = sample_classes(target, math.isqrt(2 * count) + 1, seed)
    chosen: Any = vectors[some].astype(np.float64)
    found = chosen @ chosen.T
    found = found if isinstance(found, np.ndarray) else found.toarray()
    wanted = target.between(some, some)
    if distances:
        found, wanted = _distances_from(found, chosen, np.diag(found), 0), 1 - wanted
    difference = np.abs(found - wanted)
    pairs = len(some) * (len(some) - 1) // 2
    total = float(difference.sum() - np.trace(difference))
    return float(difference.max()), total / max(1, 2 * pairs), pairs


def sample_classes(target: "Target", count: int, seed: int) -> NDArray[np.intp]:
    """Distinct classes, ascending, at most `count`: half of them at random, half in runs of neighbours in the tree.

    Classes drawn from all would meet near the root nearly always; within a run of `_RUN` they meet further down.
    """
    rng = np.random.default_rng(seed)
    taxonomy = target.taxonomy
    n = taxonomy.n_classes
    if n <= count:
        return np.arange(n)
    order = depth_first_classes(taxonomy) if taxonomy.is_tree else np.arange(n)
    starts = rng.integers(n, size=max(1, count // (2 * _RUN)))
    near = (starts[:, None] + np.arange(min(_RUN, count))).ravel() % n
    far = rng.integers(n, size=count - len(near))
    return np.unique(np.concatenate([order[near], far]))


def _lengths(vectors: Any, a: NDArray[np.intp], b: NDArray[np.intp]) -> NDArray[np.float64]:
    """Distances of pairs of rows, `(n_pairs,)`."""
    return norms(vectors[a].astype(np.float64) - vectors[b].astype(np.float64))


def _distances_from(dots: Any, full: Any, squares: NDArray[np.float64], low: int) -> NDArray[np.float64]:
    """Distances of the rows from `low` on to all, from their dot products, `(n_rows, n_classes)`."""
    both = squares[low : low + len(dots), None] + squares
    found: NDArray[np.float64] = both - 2 * dots
    # Of rows close to each other, half the digits would be lost.
    a, b = np.nonzero(found < 1e-4 * both)
    np.sqrt(np.maximum(0, found, out=found), out=found)
    step = max(1, (1 << 24) // max(1, full.shape[1]))
    for first in range(0, len(a), step):
        i, j = a[first : first + step], b[first : first + step]
        found[i, j] = _lengths(full, i + low, j)
    return found


def _least_eigenvalue(target: "Target") -> float | None:
    """Of S, from S itself where that is small, else from the tree where there is one."""
    n = target.taxonomy.n_classes
    found = None
    if n > _LIGHT_CLASSES and target.has_tree:
        found = _least_eigenvalue_of_tree(target)
    if found is not None or n > _EIGEN_CLASSES:
        return found
    return float(np.linalg.eigvalsh(target.matrix())[0])


def _least_eigenvalue_of_tree(target: "Target") -> float | None:
    """Known in most trees; else by the Lanczos method where that takes a fraction of a second, or None."""
    try:
        tree = target.tree
    except NotEmbeddable:
        return None  # two classes are the same: 0, but no factor tells
    if tree.n_classes > _LANCZOS_CLASSES or tree.level[-1] > _LANCZOS_LEVELS:
        return least_of_siblings(tree)
    return least_eigenvalue(factorise(tree))
