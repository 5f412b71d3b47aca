"""The matrix that a picture shows: similarities, dot products, or the difference of the two."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..embedding import Embedding
from ..methods import by_distance
from ..nodes import node_basis
from ..target import LCS_HEIGHT, Target
from ..verification import norms

Floats = NDArray[np.float64]

_CELLS = 1 << 24  # numbers of the matrix that are in memory at a time


@dataclass(frozen=True)
class Values:
    """A symmetric matrix over the classes, rows on demand.

    Attributes:
        n: Number of classes.
        what: What the numbers are, for the colour bar.
        rows: Some rows, `(n_rows, n)`, in class order.
        vectors: `(n, dim)` one vector per class, dense or sparse; None where there are none at hand.
        dots: Whether the numbers are the dot products of the vectors.
    """

    n: int
    what: str
    rows: Callable[[slice], Floats]
    vectors: Any = None
    dots: bool = True

    def ordered(self, order: NDArray[np.intp]) -> Floats:
        """The whole matrix with rows and columns in another order, `(n, n)`."""
        return np.asarray(self.rows(slice(None))[np.ix_(order, order)])

    def binned(self, order: NDArray[np.intp], bins: int) -> Floats:
        """Means over blocks of neighbours in an order, `(bins, bins)`, without the whole matrix.

        Args:
            order: `(n,)` the classes in the order of the picture.
            bins: Number of blocks along a side; their sizes differ by one class at most.
        """
        starts = bin_starts(self.n, bins)
        sizes = np.diff(np.append(starts, self.n)).astype(np.float64)
        if self.vectors is not None and self.dots:
            # The mean of dot products is the dot product of the means.
            means = _mean_rows(self.vectors, order, starts)
            return _dense(means @ means.T)
        bin_of = np.empty(self.n, dtype=np.intp)
        bin_of[order] = np.repeat(np.arange(bins), sizes.astype(np.intp))
        total = np.zeros((bins, bins))
        step = max(1, _CELLS // self.n)
        for low in range(0, self.n, step):
            part = self.rows(slice(low, low + step))
            np.add.at(total, bin_of[low : low + step], np.add.reduceat(part[:, order], starts, axis=1))
        return np.asarray(total / np.outer(sizes, sizes))


def bin_starts(n: int, bins: int) -> NDArray[np.intp]:
    """Where each of `bins` nearly equal parts of `range(n)` begins, `(bins,)`.

    Example:
        >>> bin_starts(10, 4).tolist()
        [0, 2, 5, 7]
    """
    return np.arange(bins) * n // bins


def similarities(target: Target) -> Values:
    """S of a hierarchy."""
    what = (
        "class similarity s = 1 − height(lcs) / H" if target.measure == LCS_HEIGHT else f"similarity {target.measure}"
    )
    vectors = node_basis(target.tree)[0] if target.has_tree else None
    return Values(target.taxonomy.n_classes, what, target.block, vectors)


def dot_products(embedding: Embedding) -> Values:
    """E E' of an embedding; `1 - |e_i - e_j|` for methods whose distances stand for the dissimilarities."""
    n = len(embedding.classes)
    vectors: Any = embedding.vectors
    if by_distance(embedding.method):
        return Values(n, "one minus the distance of the class embeddings", _closeness(vectors), vectors, dots=False)

    def rows(part: slice) -> Floats:
        return _dense(_wide(vectors[part]) @ _wide(vectors).T)

    return Values(n, "dot product of the class embeddings", rows, vectors)


def difference(found: Values, wanted: Values) -> Values:
    """How far the first are above the second."""
    return Values(
        found.n, f"{found.what}, minus the similarity", lambda part: np.asarray(found.rows(part) - wanted.rows(part))
    )


def _closeness(vectors: Any) -> Callable[[slice], Floats]:
    def rows(part: slice) -> Floats:
        squares = norms(vectors) ** 2
        dots = _dense(_wide(vectors[part]) @ _wide(vectors).T)
        apart = np.maximum(0, squares[part][:, None] + squares - 2 * dots)
        apart[np.arange(len(apart)), np.arange(len(squares))[part]] = 0  # exactly, whatever was rounded
        return np.asarray(1 - np.sqrt(apart))

    return rows


def _mean_rows(vectors: Any, order: NDArray[np.intp], starts: NDArray[np.intp]) -> Any:
    """The mean vector of every bin, `(bins, dim)`, dense or sparse."""
    bounds = [*starts.tolist(), len(order)]
    parts = [order[low:high] for low, high in itertools.pairwise(bounds)]
    if isinstance(vectors, np.ndarray):
        return np.stack([vectors[part].mean(axis=0, dtype=np.float64) for part in parts])
    from scipy.sparse import csr_array

    weights = np.concatenate([np.full(len(part), 1 / len(part)) for part in parts])
    return csr_array((weights, order, np.array(bounds)), shape=(len(parts), len(order))) @ _wide(vectors)


def _wide(vectors: Any) -> Any:
    return vectors.astype(np.float64, copy=False)


def _dense(product: Any) -> Floats:
    return np.asarray(product if isinstance(product, np.ndarray) else product.toarray())
