"""The vectors of an embedding as plain arrays, as files of arrays hold them, and back."""

from pathlib import Path
from typing import Any

import numpy as np

from ..embedding import Embedding
from .meta import fault

SPARSE = ("data", "indices", "indptr", "shape")


def parts_of(embedding: Embedding) -> dict[str, np.ndarray]:
    """`vectors` or, sparse, the arrays of compressed sparse rows: `data`, `indices`, `indptr`, `shape`."""
    vectors = embedding.vectors
    if isinstance(vectors, np.ndarray):
        return {"vectors": vectors}
    return {
        "data": vectors.data,
        "indices": vectors.indices,
        "indptr": vectors.indptr,
        "shape": np.array(vectors.shape, dtype=np.int64),
    }


def sparse_matrix(path: str | Path, data: Any, indices: Any, indptr: Any, shape: Any) -> Any:
    """The matrix of four arrays, checked before SciPy trusts them.

    Raises:
        FormatError: Wrong types, or parts that do not fit together.
    """
    from scipy.sparse import csr_array

    whole = all(part.ndim == 1 and part.dtype.kind == "i" for part in (indices, indptr, shape))
    if not whole or data.ndim != 1 or data.dtype.kind != "f" or len(shape) != 2 or (shape < 0).any():
        raise fault(path, "data, indices, indptr and shape are no sparse matrix of floats")
    n, dim = shape.tolist()
    good = len(indptr) == n + 1 and len(indices) == len(data) and indptr[0] == 0 and indptr[-1] == len(data)
    if not good or (np.diff(indptr) < 0).any() or (len(data) and not 0 <= indices.min() <= indices.max() < dim):
        raise fault(path, "data, indices, indptr and shape do not fit together")
    matrix = csr_array((data, indices, indptr), shape=(n, dim))
    if not matrix.has_canonical_format:
        raise fault(path, "a row of the sparse matrix gives a column twice or out of order")
    return matrix
