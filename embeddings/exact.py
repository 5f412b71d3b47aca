"""Exact class embeddings of a tree by a closed form, without solving any system of equations.

Every row of the Cholesky factor of S, restricted to the classes below a node, is a multiple of one vector,
since a class outside sees all classes inside at the same similarity. What remains are a few numbers per
node, found in one pass up and one pass down the tree; the factor is then written down rectangle by
rectangle. Derivation and notation (s, p, r, C, D, beta): docs/mathematics.md.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from taxo.taxonomy import NotATree, NotEmbeddable, Taxonomy, arrays
from taxo.taxonomy.arrays import Ints, Rows
from taxo.taxonomy.similarity import scale

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClassTree:
    """The part of a hierarchy above its classes, with the classes as leaves.

    Nodes are sorted by level. Node 0 is a super-root of similarity 0 above all roots, so that a forest is
    a tree; a class that is an inner node gets a leaf of its own, below itself.

    Attributes:
        parent: `(n,)`, -1 for the super-root.
        level: `(n,)` non-decreasing.
        similarity: `(n,)` s_v: of two classes whose lowest common subsumer is v; 1 for the leaves.
        leaf_of: `(n_classes,)` the leaf of every class.
        children: Children of every node.
    """

    parent: Ints
    level: Ints
    similarity: Floats
    leaf_of: Ints
    children: Rows


def class_tree(taxonomy: Taxonomy) -> ClassTree:
    """Bring a tree or forest into the form in which it is embedded.

    Raises:
        NotEmbeddable: A node has several parents.
    """
    try:
        parent = taxonomy.parent
    except NotATree as error:
        raise NotEmbeddable(
            f"{error}; exact embeddings need a tree: remove all parents but one of each of these nodes, "
            "as taxo reduce does"
        ) from None
    n, classes = taxonomy.n_nodes, taxonomy.class_nodes
    inner = classes[taxonomy.children.counts()[classes] > 0]
    kept = _above(taxonomy)
    # Old node v becomes v + 1; behind all of them come the leaves of inner classes.
    parents = np.concatenate([[-1], parent + 1, inner + 1])
    level = np.concatenate([[0], taxonomy.depths + 1, taxonomy.depths[inner] + 2])
    similarity = np.concatenate([[0.0], 1 - taxonomy.heights / scale(taxonomy), np.ones(len(inner))])
    leaf = np.arange(n) + 1
    leaf[inner] = n + 1 + np.arange(len(inner))
    wanted = np.concatenate([[True], kept, np.ones(len(inner), dtype=bool)])

    order = np.flatnonzero(wanted)
    order = order[np.argsort(level[order], kind="stable")]
    place = np.full(len(parents) + 1, -1, dtype=np.intp)  # one more: the parent -1 stays -1
    place[order] = np.arange(len(order))
    new_parent = place[parents[order]]
    children = arrays.rows(new_parent[1:], np.arange(1, len(order)), len(order))
    return ClassTree(new_parent, level[order], similarity[order], place[leaf[classes]], children)


def _above(taxonomy: Taxonomy) -> NDArray[np.bool_]:
    """Which nodes are classes or have one below, `(n_nodes,)`."""
    kept = np.zeros(taxonomy.n_nodes, dtype=bool)
    kept[taxonomy.class_nodes] = True
    for nodes, below, starts in arrays.inner_by_level(taxonomy.children, taxonomy.depths):
        kept[nodes] |= np.logical_or.reduceat(kept[below], starts)
    return kept


@dataclass(frozen=True)
class Factor:
    """The Cholesky factor of S in depth-first order of the classes, as O(nodes) numbers.

    Attributes:
        tree: What it belongs to.
        explained: `(n,)` C_v: squared norm of what all earlier columns explain of every class below v.
        rest: `(n,)` D_v: what a class behind v, below v's parent, has in common with v.
        shrink: `(n,)` beta_v: D_v over the D of v's first sibling.
    """

    tree: ClassTree
    explained: Floats
    rest: Floats
    shrink: Floats


def factorise(tree: ClassTree) -> Factor:
    """The closed form: one pass from the leaves to the root, one back."""
    s, parent = tree.similarity, tree.parent
    p = np.ones(len(s))
    r = np.zeros(len(s))
    for nodes, below, starts in arrays.inner_by_level(tree.children, tree.level):
        r[below] = p[below] / (1 - s[parent[below]] * p[below])
        total = np.add.reduceat(r[below], starts)  # P_v
        p[nodes] = total / (1 + s[nodes] * total)
    before = np.zeros(len(s))  # sum of r over the earlier siblings
    before[tree.children.index] = _running_sums(r[tree.children.index], tree.children)
    explained, rest, shrink = np.zeros(len(s)), np.zeros(len(s)), np.ones(len(s))
    for low, high in arrays.level_bounds(tree.level)[1:]:
        here, above = slice(low, high), parent[low:high]
        first = s[above] - explained[above]  # D_1
        shrink[here] = 1 / (1 + first * before[here])
        rest[here] = first * shrink[here]
        explained[here] = s[above] - rest[here]
    return Factor(tree, explained, rest, shrink)


def _running_sums(values: Floats, rows: Rows) -> Floats:
    """Sum of the values before each one in its row, `(n_edges,)`.

    One running sum over everything would cost digits: a row's sums would be differences of large numbers.
    """
    out = np.zeros(len(values))
    counts = rows.counts()
    wide = np.flatnonzero(counts > 64)
    for row in wide:
        part = slice(rows.start[row], rows.start[row + 1])
        np.cumsum(values[part][:-1], out=out[part][1:])
    narrow = rows.start[:-1][(counts > 1) & (counts <= 64)]
    counts = counts[(counts > 1) & (counts <= 64)]
    for j in range(1, int(counts.max(initial=0))):
        at = narrow[counts > j] + j
        out[at] = out[at - 1] + values[at - 1]
    return out


def dense(factor: Factor, dtype: DTypeLike = np.float64) -> tuple[NDArray[np.floating[Any]], Ints]:
    """Write the factor down.

    Returns:
        Vectors `(n_classes, n_classes)`, rows in class order, columns in depth-first order; and the class of
        every column, `(n_classes,)`.
    """
    tree = factor.tree
    n = len(tree.leaf_of)
    first, count = _columns(tree)
    diagonal = np.sqrt(1 - factor.explained)
    weight = np.zeros(n)  # of every column: the product of shrink below the current node, over the diagonal
    leaves = np.flatnonzero(tree.children.counts() == 0)
    weight[first[leaves]] = 1 / diagonal[leaves]
    # Transposed, so that the rectangles are written along rows of memory.
    columns = np.zeros((n, n), dtype=dtype)
    columns[first[leaves], first[leaves]] = diagonal[leaves]
    for v in range(len(tree.parent) - 1, 0, -1):  # children before parents
        a = tree.parent[v]
        mine = slice(first[v], first[v] + count[v])
        behind = slice(first[v] + count[v], first[a] + count[a])
        if behind.start < behind.stop and factor.rest[v]:
            columns[mine, behind] = (factor.rest[v] * weight[mine])[:, None]
        weight[mine] *= factor.shrink[v]
    rows = first[tree.leaf_of]
    return np.ascontiguousarray(columns.T[rows]), np.argsort(rows)


def _columns(tree: ClassTree) -> tuple[Ints, Ints]:
    """For every node the first column of the leaves below it, and how many there are, both `(n,)`."""
    position, size = arrays.preorder(tree.children, tree.level)
    is_leaf = np.zeros(len(position), dtype=np.intp)
    is_leaf[position[tree.children.counts() == 0]] = 1
    leaves_before = np.concatenate([[0], np.cumsum(is_leaf)])
    return leaves_before[position], leaves_before[position + size] - leaves_before[position]


def exact(taxonomy: Taxonomy, dtype: DTypeLike = np.float64) -> tuple[NDArray[np.floating[Any]], tuple[str, ...]]:
    """Exact class embeddings of a tree or forest.

    Returns:
        Vectors `(n_classes, n_classes)` with `vectors @ vectors.T == class_similarity(taxonomy)`, and the
        names of the columns: each belongs to a class, in depth-first order.

    Raises:
        NotEmbeddable: A node has several parents.
    """
    vectors, column_classes = dense(factorise(class_tree(taxonomy)), dtype)
    return vectors, tuple(taxonomy.classes[c] for c in column_classes)
