"""The part of a tree that matters for its classes, in the form in which it is embedded."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import NotEmbeddable, Taxonomy, arrays
from taxo.taxonomy.arrays import Ints, Rows
from taxo.taxonomy.similarity import scale

Floats = NDArray[np.float64]

TO_A_TREE = "make a tree of it (taxo reduce)"
"""What to do about a DAG where a tree is needed, for messages."""

TWO_WAYS_OUT = (
    "make a tree of it (taxo reduce, or at once with build-embeddings --dag reduce), or take the nearest similarities "
    "that are dot products (build-embeddings --dag nearest-psd)"
)
"""What to do about a DAG whose classes are to be embedded, for messages."""


def refuse_dag(taxonomy: Taxonomy) -> None:
    """Raise where similarities need not be dot products.

    That is every DAG, also one whose similarities happen to be dot products: whether they are is seen only by an
    eigendecomposition, and a change of one class could undo it. `--dag nearest-psd` then changes nothing.

    Raises:
        NotEmbeddable: A node has several parents; such nodes and the two ways out are named.
    """
    if not taxonomy.is_tree:
        raise NotEmbeddable(
            f"hierarchy {taxonomy.name!r} is a DAG, whose similarities need not be dot products: "
            f"{taxonomy.describe_multi_parents()}; {TWO_WAYS_OUT}"
        )


@dataclass(frozen=True)
class ClassTree:
    """The part of a hierarchy above its classes, with the classes as leaves.

    Nodes are sorted by level, siblings stand together. Node 0 is a super-root of similarity 0 above all roots, so that
    a forest is a tree; a class that is an inner node gets a leaf of its own, below itself.

    Attributes:
        parent: `(n,)`, -1 for the super-root.
        level: `(n,)` non-decreasing.
        height: `(n,)` 0 for the leaves, not less than those of the children; `top` for the super-root.
        top: H, the height at which classes have nothing in common.
        leaf_of: `(n_classes,)` the leaf of every class.
        node: `(n,)` the node of the taxonomy that each stands for, -1 for the super-root.
        children: Children of every node.
    """

    parent: Ints
    level: Ints
    height: Floats
    top: float
    leaf_of: Ints
    node: Ints
    children: Rows

    @property
    def n_classes(self) -> int:
        """Number of classes, and of leaves."""
        return len(self.leaf_of)

    @cached_property
    def leaves(self) -> Ints:
        """The leaves, ascending, `(n_classes,)`."""
        return np.flatnonzero(self.children.start[1:] == self.children.start[:-1])

    @cached_property
    def columns(self) -> tuple[Ints, Ints]:
        """For every node the first column of the leaves below it, and how many there are, both `(n,)`.

        Columns are leaves in depth-first order.
        """
        position, size = arrays.preorder(self.children, self.level)
        is_leaf = np.zeros(len(position), dtype=np.intp)
        is_leaf[position[self.leaves]] = 1
        before = np.concatenate([[0], np.cumsum(is_leaf)])
        return before[position], before[position + size] - before[position]

    @cached_property
    def column_of(self) -> Ints:
        """Place of every class in depth-first order, `(n_classes,)`."""
        return self.columns[0][self.leaf_of]

    @cached_property
    def class_at(self) -> Ints:
        """Class at every place in depth-first order, `(n_classes,)`."""
        return np.argsort(self.column_of)

    @cached_property
    def similarity(self) -> Floats:
        """s_v of two classes whose lowest common subsumer is v, `(n,)`; 1 for the leaves, 0 for the super-root."""
        return 1 - self.height / self.top

    @cached_property
    def weight(self) -> Floats:
        """w_v = s_v - s_parent(v), not negative, 0 for the super-root, `(n,)`.

        The similarity of two classes is the sum of the weights of their common ancestors. From the heights: the
        difference of two similarities near 1 would have few digits.
        """
        return (self.height[np.maximum(self.parent, 0)] - self.height) / self.top


def class_tree(taxonomy: Taxonomy, heights: Floats | None = None) -> ClassTree:
    """Bring a tree or forest into the form in which it is embedded.

    Args:
        taxonomy: A tree or forest.
        heights: `(n_nodes,)` from `node_heights`; by default the number of levels [BD19].

    Raises:
        NotEmbeddable: A node has several parents; two classes would have similarity 1.
    """
    refuse_dag(taxonomy)
    parent = taxonomy.parent
    n, classes = taxonomy.n_nodes, taxonomy.class_nodes
    inner = classes[taxonomy.children.counts()[classes] > 0]
    kept = _above(taxonomy)
    values = taxonomy.heights if heights is None else heights
    # Old node v becomes v + 1; behind all of them come the leaves of inner classes.
    parents = np.concatenate([[-1], parent + 1, inner + 1])
    level = np.concatenate([[0], taxonomy.depths + 1, taxonomy.depths[inner] + 2])
    top = scale(taxonomy, heights)
    height = np.concatenate([[top], values, np.zeros(len(inner))])
    node = np.concatenate([[-1], np.arange(n), inner])
    leaf = np.arange(n) + 1
    leaf[inner] = n + 1 + np.arange(len(inner))
    height[leaf[classes]] = 0  # a class is like itself, whatever its height
    wanted = np.concatenate([[True], kept, np.ones(len(inner), dtype=bool)])

    order = np.flatnonzero(wanted)
    order = order[np.argsort(level[order], kind="stable")]
    place = np.full(len(parents) + 1, -1, dtype=np.intp)  # one more: the parent -1 stays -1
    place[order] = np.arange(len(order))
    new_parent = place[parents[order]]
    children = arrays.rows(new_parent[1:], np.arange(1, len(order)), len(order))
    tree = ClassTree(new_parent, level[order], height[order], top, place[leaf[classes]], node[order], children)
    _check_distinct(tree, taxonomy)
    return _above_zero(tree)


def _above(taxonomy: Taxonomy) -> NDArray[np.bool_]:
    """Which nodes are classes or have one below, `(n_nodes,)`."""
    kept = np.zeros(taxonomy.n_nodes, dtype=bool)
    kept[taxonomy.class_nodes] = True
    for nodes, below, starts in arrays.inner_by_level(taxonomy.children, taxonomy.depths):
        kept[nodes] |= np.logical_or.reduceat(kept[below], starts)
    return kept


def _above_zero(tree: ClassTree) -> ClassTree:
    """The same, with inner nodes higher than 0.

    Where only one class lies below a node, no two classes meet there: any height up to the parent's will do.
    """
    chain = np.flatnonzero(tree.height <= 0)
    chain = chain[tree.children.counts()[chain] > 0]
    if not chain.size:
        return tree
    height = tree.height.copy()
    for low, high in arrays.level_bounds(tree.level[chain]):
        nodes = chain[low:high]
        height[nodes] = height[tree.parent[nodes]]
    return replace(tree, height=height)


def _check_distinct(tree: ClassTree, taxonomy: Taxonomy) -> None:
    """Raise where classes meet at height 0: they would have the same vector."""
    same = np.flatnonzero((tree.height <= 0) & (tree.children.counts() > 1))
    if same.size:
        v = int(same[0])
        low, count = (int(part[v]) for part in tree.columns)
        both = [taxonomy.classes[c] for c in tree.class_at[low : low + min(count, 2)].tolist()]
        raise NotEmbeddable(
            f"the classes {both[0]!r} and {both[1]!r} meet at {taxonomy.names[tree.node[v]]!r}, whose height is 0: "
            f"they would have the same vector; merge them, or give it a height"
        )
