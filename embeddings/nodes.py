"""The node basis: exact and sparse, one axis per node of the tree."""

from typing import Any

import numpy as np

from .class_tree import ClassTree
from .work import Made, Work


def nodes(work: Work) -> Made:
    """Class embeddings with an axis for every node of the tree.

    `phi(i)` is the sum of `sqrt(w_v) e_v` over the ancestors v of i, i itself among them, with
    `w_v = s_v - s_parent(v)`, so that the weights of the common ancestors of two classes sum to their similarity. Axes
    of weight 0 are left out. Source: docs/mathematics.md.

    Returns:
        Sparse vectors `(n_classes, dim)` with at most depth + 1 numbers in a row, and the node of each axis; the own
        axis of a class that is an inner node is called "NAME (itself)".

    Raises:
        NotEmbeddable: A node has several parents.
    """
    tree = work.target.tree
    basis, kept = node_basis(tree, work.dtype)
    taxonomy = work.target.taxonomy
    inner = taxonomy.children.counts() > 0
    own = np.zeros(len(tree.node), dtype=bool)
    own[tree.leaf_of] = inner[tree.node[tree.leaf_of]]
    names = taxonomy.names
    axes = tuple(
        f"{names[v]} (itself)" if itself else names[v]
        for v, itself in zip(tree.node[kept].tolist(), own[kept].tolist(), strict=True)
    )
    return Made(basis, axes)


def node_basis(tree: ClassTree, dtype: Any = np.float64) -> tuple[Any, np.ndarray]:
    """The matrix M of the node basis, with `S = M M'`.

    Returns:
        `scipy.sparse.csr_array` of shape `(n_classes, dim)`, and the tree's node of every column, `(dim,)`, ascending.
    """
    from scipy.sparse import csr_array

    used = tree.weight > 0
    kept = np.flatnonzero(used)
    axis = np.cumsum(used) - 1
    # How many axes stand on the way from the root down to each node, itself included.
    above = used.astype(np.intp)
    for level in range(1, int(tree.level[-1]) + 1):
        low, high = np.searchsorted(tree.level, [level, level + 1])
        above[low:high] += above[tree.parent[low:high]]
    counts = above[tree.leaf_of]
    indptr = np.concatenate([[0], np.cumsum(counts)])
    indices = np.empty(indptr[-1], dtype=np.int32 if indptr[-1] < 1 << 31 else np.int64)
    node, end = tree.leaf_of.copy(), indptr[1:].copy()
    rows = np.arange(len(node))
    while rows.size:
        hit = used[node]
        end[rows[hit]] -= 1
        indices[end[rows[hit]]] = axis[node[hit]]
        node = tree.parent[node]
        going = node >= 0
        node, rows = node[going], rows[going]
    values = np.sqrt(tree.weight[kept]).astype(dtype)
    return csr_array((values[indices], indices, indptr.astype(indices.dtype)), shape=(len(counts), len(kept))), kept
