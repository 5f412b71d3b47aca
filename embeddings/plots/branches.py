"""The geometry of a dendrogram: where nodes, elbows and tips lie, from the tree alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import arrays
from taxo.taxonomy.arrays import Ints

from ..class_tree import ClassTree

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Branches:
    """What a dendrogram draws. Rows are counted from the top; all arrays belong to nodes of the class tree.

    Attributes:
        shown: `(k,)` nodes that are drawn, ascending: parents before children.
        height: `(k,)` of each.
        row: `(k,)` where each lies: tips at 0.5, 1.5 ..., inner nodes midway between first and last child.
        parent: `(k,)` place of the parent among the shown nodes, -1 for roots.
        tips: `(t,)` places among the shown nodes of those without shown children, by row.
        below: `(t,)` how many classes each tip stands for; 1 for a class.
        spans: `(m, 3)` of every inner node: its place, and the rows of its first and its last child.
    """

    shown: Ints
    height: Floats
    row: Floats
    parent: Ints
    tips: Ints
    below: Ints
    spans: Floats

    @property
    def n_rows(self) -> int:
        """Number of tips."""
        return len(self.tips)


def branches(tree: ClassTree, top: float, depth: int | None = None) -> Branches:
    """Lay out a tree.

    Args:
        tree: The tree; its super-root is not drawn.
        top: The height at which classes have nothing in common.
        depth: The depth, 0 for the roots, below which nothing is drawn; nodes of this depth become tips.
    """
    shown = np.flatnonzero((tree.level >= 1) & (tree.level <= (tree.level[-1] if depth is None else depth + 1)))
    place = np.full(len(tree.parent), -1, dtype=np.intp)
    place[shown] = np.arange(len(shown))
    parent = place[tree.parent[shown]]  # the super-root is not shown: -1
    first, count = tree.columns
    is_tip = np.ones(len(shown), dtype=bool)
    is_tip[parent[parent >= 0]] = False
    tips = np.flatnonzero(is_tip)
    tips = tips[np.argsort(first[shown[tips]], kind="stable")]
    row = np.zeros(len(shown))
    row[tips] = np.arange(len(tips)) + 0.5
    spans = _midway(row, parent, tree.level[shown], first[shown])
    height = np.maximum(0, (1 - tree.similarity[shown]) * top)
    return Branches(shown, height, row, parent, tips, count[shown[tips]], spans)


def rows_at(tree: ClassTree) -> Ints:
    """How many rows the dendrogram would have at every depth of the cut, `(levels,)`."""
    sizes = np.bincount(tree.level)[1:]
    ended = np.bincount(tree.level[tree.leaves], minlength=len(sizes) + 1)[1:]
    return np.asarray(sizes + np.cumsum(ended) - ended)


def _midway(row: Floats, parent: Ints, level: Ints, first: Ints) -> Floats:
    """Put every inner node midway between its first and last child, deepest level first; `spans` of `Branches`."""
    spans = []
    for low, high in reversed(arrays.level_bounds(level - level[0])[1:]):
        nodes = np.arange(low, high)
        nodes = nodes[np.lexsort((first[nodes], parent[nodes]))]
        above, begin = np.unique(parent[nodes], return_index=True)
        end = np.append(begin[1:], len(nodes)) - 1
        top, bottom = row[nodes[begin]], row[nodes[end]]
        row[above] = (top + bottom) / 2
        spans.append(np.stack([above, top, bottom], axis=1))
    return np.concatenate(spans) if spans else np.zeros((0, 3))
