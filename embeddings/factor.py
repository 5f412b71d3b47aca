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
        inverse_sum: `(n,)` p_v = 1' S_v^-1 1 of the block S_v of the classes below v.
        inverse_sum_below: `(n,)` r_v = 1' (S_v - s 1 1')^-1 1, s the similarity of v's parent; 0 for the super-root.
        rest: `(n,)` D_v: what a class behind v, below v's parent, has in common with v beyond all earlier columns.
        remaining: `(n,)` s_v - C_v: the part of what the classes below v have in common that earlier columns do not
            explain; for a leaf the square of the diagonal element of its row.
        shrink: `(n,)` beta_v: D_v over the D of v's first sibling.
    """

    tree: ClassTree
    inverse_sum: Floats
    inverse_sum_below: Floats
    rest: Floats
    remaining: Floats
    shrink: Floats

    @cached_property
    def diagonal(self) -> Floats:
        """sqrt(s_v - C_v), `(n,)`: for a leaf the diagonal element of its row."""
        return np.sqrt(self.remaining)


def factorise(tree: ClassTree) -> Factor:
    """The closed form: one pass from the leaves to the root, one back.

    Written with w_v = s_v - s_parent(v) >= 0 it has sums, products and quotients of numbers that are not negative, and
    no difference: every number is right to a few units in the last place, however close similarities are to 1.
    """
    w, s, parent = tree.weight, tree.similarity, tree.parent
    p = np.ones(len(s))
    r = np.zeros(len(s))
    r[tree.leaves] = 1 / w[tree.leaves]
    for nodes, below, starts in arrays.inner_by_level(tree.children, tree.level):
        total = np.add.reduceat(r[below], starts)  # P_v
        p[nodes] = total / (1 + s[nodes] * total)
        r[nodes] = total / (1 + w[nodes] * total)
    before = np.zeros(len(s))  # sum of r over the earlier siblings
    before[tree.children.index] = sums_before(r[tree.children.index], tree.children)
    rest, remaining, shrink = np.zeros(len(s)), np.zeros(len(s)), np.ones(len(s))
    for low, high in arrays.level_bounds(tree.level)[1:]:
        here = slice(low, high)
        first = remaining[parent[low:high]]  # D of the first sibling
        shrink[here] = 1 / (1 + first * before[here])
        rest[here] = first * shrink[here]
        remaining[here] = w[here] + rest[here]
    r[0] = 0
    return Factor(tree, p, r, rest, remaining, shrink)


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
