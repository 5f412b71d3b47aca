"""The part of a tree that matters for its classes, in the form in which it is embedded."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import NotATree, NotEmbeddable, Taxonomy, arrays
from taxo.taxonomy.arrays import Ints, Rows
from taxo.taxonomy.similarity import scale

Floats = NDArray[np.float64]

TWO_WAYS_OUT = "make a tree of it (--dag reduce, or taxo reduce), or take the nearest similarities (--dag nearest-psd)"
"""What to do about a DAG, for messages."""


@dataclass(frozen=True)
class ClassTree:
    """The part of a hierarchy above its classes, with the classes as leaves.

    Nodes are sorted by level, siblings stand together. Node 0 is a super-root of similarity 0 above all roots, so that
    a forest is a tree; a class that is an inner node gets a leaf of its own, below itself.

    Attributes:
        parent: `(n,)`, -1 for the super-root.
        level: `(n,)` non-decreasing.
        similarity: `(n,)` s_v: of two classes whose lowest common subsumer is v; 1 for the leaves.
        leaf_of: `(n_classes,)` the leaf of every class.
        node: `(n,)` the node of the taxonomy that each stands for, -1 for the super-root.
        children: Children of every node.
    """

    parent: Ints
    level: Ints
    similarity: Floats
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
    def weight(self) -> Floats:
        """w_v = s_v - s_parent(v), not negative, 0 for the super-root, `(n,)`.

        The similarity of two classes is the sum of the weights of their common ancestors.
        """
        return self.similarity - self.similarity[np.maximum(self.parent, 0)]


def class_tree(taxonomy: Taxonomy, heights: Floats | None = None) -> ClassTree:
    """Bring a tree or forest into the form in which it is embedded.

    Args:
        taxonomy: A tree or forest.
        heights: `(n_nodes,)` from `node_heights`; by default the number of levels [BD19].

    Raises:
        NotEmbeddable: A node has several parents; two classes would have similarity 1.
    """
    try:
        parent = taxonomy.parent
    except NotATree as error:
        raise NotEmbeddable(f"{error}; {TWO_WAYS_OUT}") from None
    n, classes = taxonomy.n_nodes, taxonomy.class_nodes
    inner = classes[taxonomy.children.counts()[classes] > 0]
    kept = _above(taxonomy)
    values = taxonomy.heights if heights is None else heights
    # Old node v becomes v + 1; behind all of them come the leaves of inner classes.
    parents = np.concatenate([[-1], parent + 1, inner + 1])
    level = np.concatenate([[0], taxonomy.depths + 1, taxonomy.depths[inner] + 2])
    similarity = np.concatenate([[0.0], 1 - values / scale(taxonomy, heights), np.ones(len(inner))])
    node = np.concatenate([[-1], np.arange(n), inner])
    leaf = np.arange(n) + 1
    leaf[inner] = n + 1 + np.arange(len(inner))
    similarity[leaf[classes]] = 1  # a class is like itself, whatever its height
    wanted = np.concatenate([[True], kept, np.ones(len(inner), dtype=bool)])

    order = np.flatnonzero(wanted)
    order = order[np.argsort(level[order], kind="stable")]
    place = np.full(len(parents) + 1, -1, dtype=np.intp)  # one more: the parent -1 stays -1
    place[order] = np.arange(len(order))
    new_parent = place[parents[order]]
    children = arrays.rows(new_parent[1:], np.arange(1, len(order)), len(order))
    distinct = _without_ties(similarity[order], new_parent, children)
    tree = ClassTree(new_parent, level[order], distinct, place[leaf[classes]], node[order], children)
    _check_distinct(tree, taxonomy)
    return tree


def _above(taxonomy: Taxonomy) -> NDArray[np.bool_]:
    """Which nodes are classes or have one below, `(n_nodes,)`."""
    kept = np.zeros(taxonomy.n_nodes, dtype=bool)
    kept[taxonomy.class_nodes] = True
    for nodes, below, starts in arrays.inner_by_level(taxonomy.children, taxonomy.depths):
        kept[nodes] |= np.logical_or.reduceat(kept[below], starts)
    return kept


def _without_ties(similarity: Floats, parent: Ints, children: Rows) -> Floats:
    """The similarities, with that of the nearest node above where a node of height 0 has a single child.

    No two classes meet at such a node, so its similarity is in no entry of S. But the closed form divides by what a
    child has more than its parent, and this child, a class, would have nothing more.
    """
    tied = (similarity >= 1) & (children.counts() == 1)
    source = np.where(tied, parent, np.arange(len(parent)))
    while tied[source].any():
        source = source[source]  # each round skips twice as long a run
    found: Floats = similarity[source]
    return found


def _check_distinct(tree: ClassTree, taxonomy: Taxonomy) -> None:
    """Raise where classes meet at height 0: they would have the same vector."""
    same = np.flatnonzero((tree.similarity >= 1) & (tree.children.counts() > 1))
    if same.size:
        v = int(same[0])
        low, count = (int(part[v]) for part in tree.columns)
        both = [taxonomy.classes[c] for c in tree.class_at[low : low + min(count, 2)].tolist()]
        raise NotEmbeddable(
            f"the classes {both[0]!r} and {both[1]!r} meet at {taxonomy.names[tree.node[v]]!r}, whose height is 0 or "
            f"vanishes beside that of the root: they would have the same vector; merge them, or give it a height"
        )
