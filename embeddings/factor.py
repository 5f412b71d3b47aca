"""The Cholesky factor of the class similarities of a tree in O(nodes) numbers, without solving any system of equations.

Every row of the Cholesky factor of S, restricted to the classes below a node, is a multiple of one vector,
since a class outside sees all classes inside at the same similarity. What remains are a few numbers per
node, found in one pass up and one pass down the tree. Derivation and notation (s, p, r, C, D, beta):
docs/mathematics.md.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import arrays
from taxo.taxonomy.arrays import Rows

from .class_tree import ClassTree

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Factor:
    """The Cholesky factor of S in depth-first order of the classes, as O(nodes) numbers.

    Attributes:
        tree: What it belongs to.
        inverse_sum: `(n,)` p_v = 1' S_v^-1 1 of the block of the classes below v.
        explained: `(n,)` C_v: squared norm of what all earlier columns explain of every class below v.
        rest: `(n,)` D_v: what a class behind v, below v's parent, has in common with v.
        shrink: `(n,)` beta_v: D_v over the D of v's first sibling.
    """

    tree: ClassTree
    inverse_sum: Floats
    explained: Floats
    rest: Floats
    shrink: Floats

    @cached_property
    def diagonal(self) -> Floats:
        """sqrt(1 - C_v), `(n,)`: for a leaf the diagonal element of its row."""
        return np.sqrt(1 - self.explained)


def factorise(tree: ClassTree) -> Factor:
    """The closed form: one pass from the leaves to the root, one back."""
    s, parent = tree.similarity, tree.parent
    shared = in_common(tree)
    p = np.ones(len(s))
    r = np.zeros(len(s))
    for nodes, below, starts in arrays.inner_by_level(tree.children, tree.level):
        r[below] = p[below] / (1 - shared[parent[below]] * p[below])
        total = np.add.reduceat(r[below], starts)  # P_v
        p[nodes] = total / (1 + shared[nodes] * total)
    before = np.zeros(len(s))  # sum of r over the earlier siblings
    before[tree.children.index] = sums_before(r[tree.children.index], tree.children)
    explained, rest, shrink = np.zeros(len(s)), np.zeros(len(s)), np.ones(len(s))
    for low, high in arrays.level_bounds(tree.level)[1:]:
        here, above = slice(low, high), parent[low:high]
        first = s[above] - explained[above]  # D_1
        shrink[here] = 1 / (1 + first * before[here])
        rest[here] = first * shrink[here]
        explained[here] = s[above] - rest[here]
    return Factor(tree, p, explained, rest, shrink)


def in_common(tree: ClassTree) -> Floats:
    """s_v, but 0 where v has a single child, `(n,)`: for the passes that solve with the blocks S_v.

    A single child has the block of its parent, so that any s_v gives the same; and s_v itself may be 1, as that of a
    leaf, which would divide 0 by 0.
    """
    return np.where(tree.children.counts() == 1, 0.0, tree.similarity)


def sums_before(values: Floats, rows: Rows) -> Floats:
    """Sum of the values before each one in its row.

    One running sum over everything would cost digits: a row's sums would be differences of large numbers.

    Args:
        values: `(n_edges,)` or `(n_edges, batch)`.
        rows: What stands in a row together; its `index` does not matter.

    Returns:
        As `values`; 0 for the first of a row.
    """
    out = np.zeros_like(values)
    counts = rows.counts()
    wide = np.flatnonzero(counts > 64)
    for row in wide:
        part = slice(rows.start[row], rows.start[row + 1])
        np.cumsum(values[part][:-1], axis=0, out=out[part][1:])
    narrow = rows.start[:-1][(counts > 1) & (counts <= 64)]
    counts = counts[(counts > 1) & (counts <= 64)]
    for j in range(1, int(counts.max(initial=0))):
        at = narrow[counts > j] + j
        out[at] = out[at - 1] + values[at - 1]
    return out


def sums_after(values: Floats, rows: Rows) -> Floats:
    """Sum of the values behind each one in its row; otherwise as `sums_before`."""
    backwards = Rows(len(values) - rows.start[::-1], rows.index)
    return sums_before(values[::-1], backwards)[::-1]
