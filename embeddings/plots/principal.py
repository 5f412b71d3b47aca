"""Classical multidimensional scaling: the two axes along which the classes differ most."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import NotEmbeddable

from .values import Values

Floats = NDArray[np.float64]

MOST_CLASSES = 5000
"""Classes up to which a map is made from the matrix itself, where no vectors are at hand."""

_SMALL = 1000  # size of matrices of which all eigenvectors are computed at once
_EQUAL = 1e-9  # eigenvalues that differ by less, relatively, are taken as equal


@dataclass(frozen=True)
class Coordinates:
    """A map.

    Attributes:
        points: `(n, 2)`, centred, classes in class order; the second column is 0 where one axis says it all.
        shares: `(2,)` what each axis has of the sum of all squared distances.
        arbitrary: Whether the second and the third axis explain equally much, so that the plane is one of many.
    """

    points: Floats
    shares: Floats
    arbitrary: bool


def principal_coordinates(values: Values) -> Coordinates:
    """Classical scaling: the leading eigenvectors of `B = J G J`, `J = 1 - 11'/n`, times the roots of the eigenvalues.

    G holds the dot products; the squared distances are `G_ii + G_jj - 2 G_ij`, and B is minus half of these, centred
    in rows and columns (Torgerson 1952). Where G = M M' is known, B is never formed.

    Args:
        values: The vectors, or the matrix of their dot products.

    Raises:
        NotEmbeddable: More than `MOST_CLASSES` classes without vectors.
    """
    if values.n == 1:
        return Coordinates(np.zeros((1, 2)), np.zeros(2), False)
    if values.vectors is not None:
        eigenvalues, axes, total = _from_vectors(values.vectors)
    elif values.n <= MOST_CLASSES:
        eigenvalues, axes, total = _from_matrix(values.rows(slice(None)))
    else:
        raise NotEmbeddable(
            f"a map of {values.n} classes needs their matrix, which is formed for at most {MOST_CLASSES} classes; draw "
            "a tree with the measure lcs-height, an embedding file (taxo build-embeddings), or prune the hierarchy"
        )
    eigenvalues = np.maximum(eigenvalues, 0)
    eigenvalues[eigenvalues < _EQUAL * eigenvalues.max(initial=0)] = 0
    points = np.zeros((values.n, 2))
    kept = min(2, len(eigenvalues))
    points[:, :kept] = _upright(axes[:, :kept]) * np.sqrt(eigenvalues[:kept])
    shares = np.zeros(2)
    shares[:kept] = eigenvalues[:kept] / total if total > 0 else 0
    tied = len(eigenvalues) > 2 and eigenvalues[2] > 0 and eigenvalues[2] >= eigenvalues[1] * (1 - 1e-6)
    return Coordinates(points, shares, bool(tied))


def _from_matrix(G: Floats) -> tuple[Floats, Floats, float]:
    mean = G.mean(axis=0)
    B = G - mean - mean[:, None] + mean.mean()
    return (*_leading(lambda x: B @ x, len(B), lambda: B), float(np.trace(B)))


def _from_vectors(M: Any) -> tuple[Floats, Floats, float]:
    """As `_from_matrix`, of `J M M' J`."""
    M = M.astype(np.float64, copy=False)
    n = M.shape[0]
    mean = np.asarray(M.mean(axis=0)).ravel()
    entries = M.ravel() if isinstance(M, np.ndarray) else M.data
    squares = entries @ entries
    total = float(squares - n * (mean @ mean))

    def product(x: Floats) -> Floats:
        inner = M.T @ x - np.multiply.outer(mean, x.sum(axis=0)) if x.ndim > 1 else M.T @ x - mean * x.sum()
        out = np.asarray(M @ inner)
        return np.asarray(out - mean @ inner)

    return (*_leading(product, n, lambda: product(np.eye(n))), total)


def _leading(product: Callable[[Floats], Floats], n: int, whole: Callable[[], Floats]) -> tuple[Floats, Floats]:
    """The up to three largest eigenvalues, descending, `(k,)`, and their vectors, `(n, k)`."""
    if n <= _SMALL:
        eigenvalues, vectors = np.linalg.eigh(whole())
        return eigenvalues[::-1][:3].copy(), vectors[:, ::-1][:, :3]
    from scipy.sparse.linalg import LinearOperator, eigsh

    operator = LinearOperator((n, n), matvec=product, matmat=product, dtype=np.float64)
    start = np.random.default_rng(0).standard_normal(n)  # a fixed one: the same input gives the same picture
    eigenvalues, vectors = eigsh(operator, k=3, which="LA", v0=start)
    order = np.argsort(-eigenvalues)
    return eigenvalues[order], vectors[:, order]


def _upright(axes: Floats) -> Floats:
    """The same axes, turned so that the entry that is largest in size is positive."""
    largest = np.abs(axes).argmax(axis=0)
    signs = np.sign(axes[largest, np.arange(axes.shape[1])])
    return np.asarray(axes * np.where(signs == 0, 1, signs))
