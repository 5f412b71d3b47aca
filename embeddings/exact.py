"""Exact class embeddings of a tree by the closed form: the compact factor, written down row by row."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from taxo.taxonomy.arrays import Ints

from .factor import Factor, factorise
from .work import Made, Work

Matrix = NDArray[np.floating[Any]]


def exact(work: Work) -> Made:
    """Exact class embeddings of a tree or forest.

    Returns:
        Vectors `(n_classes, n_classes)` with `vectors @ vectors.T` the similarities, rows in class order, and the names
        of the columns: each belongs to a class, in depth-first order.

    Raises:
        NotEmbeddable: A node has several parents.
    """
    tree = work.target.tree
    vectors = dense(factorise(tree), work.dtype, out=work.out)
    classes = work.target.taxonomy.classes
    return Made(vectors, tuple(classes[c] for c in tree.class_at.tolist()))


def dense(
    factor: Factor, dtype: DTypeLike = np.float64, *, rows: Ints | None = None, out: Matrix | None = None
) -> Matrix:
    """Write the factor down.

    Each row is the one before it in depth-first order, changed only from the columns of the subtree that ends between
    the two: so the work is writing the lower triangle, whatever the shape of the tree.

    Args:
        factor: From `factorise`.
        dtype: float64 or float32; without meaning where `out` is given.
        rows: `(k,)` the classes whose rows are wanted; all by default.
        out: `(k, n_classes)` array of zeros to write into, such as a new memory-mapped file.

    Returns:
        `(k, n_classes)`, columns in depth-first order.
    """
    tree = factor.tree
    n = tree.n_classes
    columns = tree.column_of if rows is None else tree.column_of[rows]
    if out is None:
        out = np.zeros((len(columns), n), dtype=dtype)
    # The rows wanted, in the order in which they come.
    rows_in_order = np.argsort(columns, kind="stable")
    wanted = list(zip(columns[rows_in_order].tolist(), rows_in_order.tolist(), strict=True))[::-1]
    first, count = tree.columns
    begin, size = first.tolist(), count.tolist()
    parent, rest, shrink = tree.parent.tolist(), factor.rest.tolist(), factor.shrink.tolist()
    leaf_at = tree.leaf_of[tree.class_at].tolist()
    diagonal = factor.diagonal[tree.leaf_of[tree.class_at]]
    # Of every column: the product of shrink over the nodes above it that have ended, over the diagonal.
    weight = 1 / diagonal
    current = np.zeros(n)  # the row, without its diagonal
    entries = diagonal.tolist()
    for i, node in enumerate(leaf_at):
        while wanted and wanted[-1][0] == i:
            _, row = wanted.pop()
            out[row, :i] = current[:i]
            out[row, i] = entries[i]
        # The nodes whose last leaf this is, from below; the next row sees the topmost of them.
        end = i + 1
        while begin[parent[node]] + size[parent[node]] == end and parent[node]:
            weight[begin[node] : end] *= shrink[node]
            node = parent[node]
        mine = slice(begin[node], end)
        np.multiply(weight[mine], rest[node], out=current[mine])
        weight[mine] *= shrink[node]
    return out
