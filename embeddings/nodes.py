"""The node basis: exact and sparse, one axis per node of the tree."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.arrays import Ints

from .class_tree import ClassTree
from .memory import check_memory
from .operators_passes import sums_down
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
    return Made(basis, _names(tree, work.target.taxonomy, kept))


def _names(tree: ClassTree, taxonomy: Taxonomy, kept: Ints) -> tuple[str, ...]:
    names = list(map(taxonomy.names.__getitem__, tree.node[kept].tolist()))
    leaves = np.zeros(len(tree.node), dtype=bool)
    leaves[tree.leaf_of] = True
    own = leaves[kept] & (taxonomy.children.counts()[tree.node[kept]] > 0)
    for axis in np.flatnonzero(own).tolist():
        names[axis] = f"{names[axis]} (itself)"
    return tuple(names)


def node_basis(tree: ClassTree, dtype: DTypeLike = np.float64) -> tuple[Any, Ints]:
    """The matrix M of the node basis, with `S = M M'`.

    Returns:
        `scipy.sparse.csr_array` of shape `(n_classes, dim)`, and the tree's node of every column, `(dim,)`, ascending.

    Raises:
        NotEmbeddable: The tree is so deep that the matrix would not fit into memory.
    """
    from scipy.sparse import csr_array

    used = tree.weight > 0
    kept = np.flatnonzero(used)
    above = used.astype(np.intp)  # how many axes stand on the way from the root down to each node
    sums_down(tree, above)
    indptr = np.concatenate([[0], np.cumsum(above[tree.leaf_of])])
    # SciPy takes indices of one type only: 32 bits as long as they can count the numbers.
    kind = np.int32 if indptr[-1] < 1 << 31 else np.int64
    check_memory(
        2 * int(indptr[-1]) * (np.dtype(kind).itemsize + np.dtype(dtype).itemsize),
        f"{len(tree.leaf_of)} classes with {indptr[-1] / len(tree.leaf_of):.0f} nodes above each in the mean",
        "the tree is very deep: take out levels (taxo edit collapse), or work with the operators, which need no matrix",
    )
    indices = np.empty(indptr[-1], dtype=kind)
    axis = (np.cumsum(used) - 1).astype(kind)
    # All classes at once climb to the root, each filling its row from the end: ancestors ascend in node order.
    node, end = tree.leaf_of, indptr[1:].copy()
    while node.size:
        hit = used[node]
        end -= hit
        indices[end[hit]] = axis[node[hit]]
        node = tree.parent[node]
        going = node > 0  # the super-root has no axis
        if not going.all():
            node, end = node[going], end[going]
    values = np.sqrt(tree.weight[kept]).astype(dtype)
    return csr_array((values[indices], indices, indptr.astype(kind)), shape=(len(tree.leaf_of), len(kept))), kept
