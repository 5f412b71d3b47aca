"""Class embeddings from the matrix S itself: for measures and hierarchies that the closed form does not cover."""

from typing import Any

import numpy as np

from taxo.taxonomy import NotEmbeddable, TaxoError
from taxo.taxonomy.arrays import Ints

from .class_tree import Floats, class_tree
from .target import Target
from .work import Made, Work

FROM_MATRIX = ("exact", "cholesky", "spectral")
"""The methods that need no tree."""

_SINGULAR = 1e-10  # a squared pivot or a squared length below this, an eigenvalue below minus this: rounding


def check_method(name: str, target: Target) -> None:
    """Raise where a method cannot work on a matrix alone.

    Raises:
        NotEmbeddable: The method is none of `FROM_MATRIX`.
    """
    if name not in FROM_MATRIX:
        what = f"the measure {target.measure}" if target.taxonomy.is_tree else "--dag nearest-psd"
        reason = ", since its axes are the nodes of the tree" if name == "nodes" else ""
        raise NotEmbeddable(
            f"the method {name} needs a tree and the measure lcs-height{reason}; with {what} take exact, cholesky or "
            "spectral"
        )


def from_matrix(name: str, similarities: Floats, work: Work) -> Made:
    """Vectors whose dot products are given.

    - `exact` is the Cholesky factor. Its columns belong to the classes, on a tree in depth-first order as for the
      measure lcs-height, on a DAG in class order. A singular matrix, as the nearest one to an indefinite matrix always
      is, has no such factor that rounding leaves alone; then `exact` gives the eigenvectors, each times the square
      root of its eigenvalue, without those of eigenvalue 0. The dot products are as exact, in fewer dimensions.
    - `cholesky` is the Cholesky factor in class order, or refused.
    - `spectral` keeps the `work.dim` largest eigenvalues, rows scaled to length 1.

    Args:
        name: The method, one of `FROM_MATRIX`.
        similarities: `(n_classes, n_classes)` positive semi-definite with unit diagonal, in class order.
        work: What is wanted.

    Raises:
        NotEmbeddable: Another method, a matrix that is not positive semi-definite, or singular for cholesky; for
            spectral a class that has no part in the leading eigenvectors.
    """
    check_method(name, work.target)
    if name == "spectral":
        return _spectral(similarities, work)
    taxonomy = work.target.taxonomy
    in_order = np.arange(taxonomy.n_classes)
    order = class_tree(taxonomy).class_at if name == "exact" and taxonomy.is_tree else in_order
    factor = _cholesky(similarities, order)
    if factor is not None:
        return Made(_delivered(factor, work), tuple(taxonomy.classes[c] for c in order.tolist()))
    if name == "cholesky":
        raise NotEmbeddable(
            f"hierarchy {taxonomy.name!r}: the matrix of similarities is singular and has no Cholesky factor; take "
            "exact, which then gives eigenvectors with the same dot products, or spectral"
        )
    return _root(similarities, work)


def _cholesky(similarities: Floats, order: Ints) -> Floats | None:
    """The factor with columns in an order of the classes and rows in class order; None for a singular matrix."""
    try:
        factor = np.linalg.cholesky(similarities[np.ix_(order, order)])
    except np.linalg.LinAlgError:
        return None
    if factor.diagonal().min() ** 2 <= _SINGULAR:
        return None
    rows = np.empty_like(factor)
    rows[order] = factor
    return rows


def _root(similarities: Floats, work: Work) -> Made:
    """The square root by eigenvectors, without those of eigenvalue 0."""
    values, vectors = np.linalg.eigh(similarities)
    if values[0] < -_SINGULAR * max(1.0, values[-1]):
        raise NotEmbeddable(
            f"hierarchy {work.target.taxonomy.name!r}: the similarities are no dot products, the least eigenvalue of "
            f"their matrix is {values[0]:.3g}; take --dag nearest-psd"
        )
    kept = values > len(values) * np.finfo(np.float64).eps * values[-1]
    return _from_eigenpairs(values[kept], vectors[:, kept], work)


def _spectral(similarities: Floats, work: Work) -> Made:
    """The leading eigenvectors."""
    from scipy.linalg import eigh

    n = len(similarities)
    values, vectors = eigh(similarities, subset_by_index=[n - (work.dim or n), n - 1])
    return _from_eigenpairs(np.maximum(values, 0), vectors, work)


def _from_eigenpairs(values: Floats, vectors: Floats, work: Work) -> Made:
    """Rows of length 1 from eigenpairs in ascending order.

    Of every eigenvector the first of the largest entries is positive; entries that differ by rounding count as equal.
    """
    values, vectors = values[::-1], vectors[:, ::-1]
    sizes = np.abs(vectors)
    largest = (sizes >= (1 - 1e-6) * sizes.max(axis=0)).argmax(axis=0)
    signs = np.where(vectors[largest, np.arange(len(values))] < 0, -1.0, 1.0)
    root = vectors * (signs * np.sqrt(values))
    lengths = np.linalg.norm(root, axis=1)
    empty = np.flatnonzero(lengths**2 <= _SINGULAR)
    if empty.size:
        raise NotEmbeddable(
            f"the leading {len(values)} eigenvectors say nothing of {empty.size} classes, the first of them "
            f"{work.target.taxonomy.classes[int(empty[0])]!r}; take more dimensions"
        )
    axes = tuple(f"eigenvector {k + 1}" for k in range(len(values)))
    return Made(_delivered(root / lengths[:, None], work), axes)


def _delivered(vectors: Floats, work: Work) -> Any:
    """The vectors in the number type that is wanted, in the array that is wanted."""
    if work.out is None:
        return vectors.astype(work.dtype, copy=False)
    if work.out.shape != vectors.shape:
        raise TaxoError(f"out has the shape {work.out.shape}, the vectors have {vectors.shape}")
    work.out[...] = vectors
    return work.out
