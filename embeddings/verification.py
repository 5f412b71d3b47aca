"""How far the vectors of an embedding are from what they stand for."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import arrays

if TYPE_CHECKING:
    from .embedding import Vectors
    from .target import Target

_BLOCK = 512  # rows compared at a time: memory stays linear in the number of classes
_SPARSE_BLOCK = 1 << 16  # rows of sparse vectors
_FULL_WORK = 1 << 36  # multiplications up to which all pairs are looked at: some seconds on one core
_SAMPLE = 1 << 18  # pairs in a sample
_SAMPLE_WORK = 1 << 28  # numbers read for a sample of pairs
_EIGEN_CLASSES = 1000  # classes up to which the least eigenvalue of S is computed from S itself


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What was measured after the vectors were computed, or read.

    Attributes:
        max_deviation: Largest |<row i, row j> - s(i, j)| over the pairs of classes that were looked at; for methods
            whose distances stand for the dissimilarities, |distance - (1 - s(i, j))|.
        mean_deviation: Its mean over these pairs.
        max_norm_error: Largest | |row| - 1 | over all classes; None where it was not measured.
        least_eigenvalue: Of the matrix S of all class similarities; None where it was not computed.
        pairs: How many pairs were looked at; None for all.
    """

    max_deviation: float
    mean_deviation: float
    max_norm_error: float | None = None
    least_eigenvalue: float | None = None
    pairs: int | None = None


def verify(
    vectors: "Vectors", target: "Target", *, distances: bool = False, pairs: int | str | None = None, seed: int = 0
) -> Verification:
    """Compare vectors with the similarities that they stand for.

    Args:
        vectors: `(n_classes, dim)` in the class order of the hierarchy.
        target: The similarities.
        distances: Whether the Euclidean distances stand for `1 - s`, not the dot products for s.
        pairs: "all", or how many random pairs; by default all where that takes seconds, else a sample. Half of a sample
            is drawn uniformly, half among neighbours in depth-first order, so that all levels of the tree are seen.
        seed: Of the sample.
    """
    n = vectors.shape[0]
    if pairs is None:
        entries = vectors.size if isinstance(vectors, np.ndarray) else vectors.nnz
        pairs = "all" if n * entries <= _FULL_WORK else max(1024, min(_SAMPLE, _SAMPLE_WORK * n // max(1, entries)))
    if pairs == "all":
        largest, mean = _all_pairs(vectors, target, distances)
        count = None
    else:
        count = int(pairs)
        largest, mean = _sample(vectors, target, distances, count, seed)
    return Verification(
        max_deviation=largest,
        mean_deviation=mean,
        max_norm_error=float(np.abs(norms(vectors) - 1).max()),
        least_eigenvalue=_least_eigenvalue(target),
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
    for low in range(0, len(vectors), _BLOCK):
        out[low : low + _BLOCK] = np.linalg.norm(vectors[low : low + _BLOCK].astype(np.float64), axis=1)
    return out


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
            found, wanted = _distance(found, squares[rows, None], squares), 1 - wanted
        difference = np.abs(found - wanted)
        largest = max(largest, float(difference.max()))
        total += float(difference.sum())
    return largest, total / full.shape[0] ** 2


def _sample(vectors: "Vectors", target: "Target", distances: bool, count: int, seed: int) -> tuple[float, float]:
    a, b = sample_pairs(target, count, seed)
    largest = total = 0.0
    dim = max(1, vectors.shape[1] if isinstance(vectors, np.ndarray) else vectors.nnz // vectors.shape[0])
    step = max(1, (1 << 24) // dim)
    for low in range(0, count, step):
        i, j = a[low : low + step], b[low : low + step]
        found, wanted = _dots(vectors, i, j), target.pairs(i, j)
        if distances:
            found = _distance(found, _dots(vectors, i, i), _dots(vectors, j, j))
            wanted = 1 - wanted
        difference = np.abs(found - wanted)
        largest = max(largest, float(difference.max()))
        total += float(difference.sum())
    return largest, total / count


def sample_pairs(target: "Target", count: int, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Random pairs of classes, two arrays `(count,)`.

    The second half are neighbours in depth-first order, at distances whose logarithm is uniform: pairs drawn from all
    would meet near the root nearly always.
    """
    rng = np.random.default_rng(seed)
    taxonomy = target.taxonomy
    n = taxonomy.n_classes
    a, b = rng.integers(n, size=(2, count))
    near = count // 2
    order = np.arange(n)
    if taxonomy.is_tree:
        position, _ = arrays.preorder(taxonomy.children, taxonomy.depths)
        order = np.argsort(position[taxonomy.class_nodes])
    step = np.exp(rng.random(near) * np.log(n)).astype(np.intp)
    start = rng.integers(n, size=near)
    a[:near], b[:near] = order[start], order[(start + step) % n]
    return a, b


def _dots(vectors: "Vectors", a: NDArray[np.intp], b: NDArray[np.intp]) -> NDArray[np.float64]:
    if isinstance(vectors, np.ndarray):
        dots: NDArray[np.float64] = np.einsum("ij,ij->i", vectors[a], vectors[b], dtype=np.float64)
        return dots
    product: Any = vectors[a].astype(np.float64).multiply(vectors[b].astype(np.float64))
    sums: NDArray[np.float64] = np.asarray(product.sum(axis=1)).ravel()
    return sums


def _distance(dots: Any, a: Any, b: Any) -> Any:
    return np.sqrt(np.maximum(0, a + b - 2 * dots))


def _least_eigenvalue(target: "Target") -> float | None:
    if target.taxonomy.n_classes > _EIGEN_CLASSES:
        return None
    return float(np.linalg.eigvalsh(target.matrix())[0])
