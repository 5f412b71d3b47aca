"""The similarities of a tree's classes with sibling classes merged: the same leading eigenvectors from fewer rows.

Classes that are siblings below v see everything else alike. On their differences ("contrasts") S acts as the number
`1 - s_v`; on what is left, vectors that are constant over each group of siblings, S acts as a smaller matrix, with one
row per group. Derivation: docs/mathematics.md, "Fewer dimensions".
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import arrays
from taxo.taxonomy.arrays import Ints

from .class_tree import ClassTree, Floats

NOTHING = 1e-10
"""Similarity up to which two classes count as having nothing in common."""


@dataclass(frozen=True, eq=False)
class Quotient:
    """The matrix `S_q[g, h] = sqrt(m_g m_h) s(g, h)`, with `1 + (m_g - 1) s_v` on the diagonal, as a forest.

    Nodes are the inner nodes of the class tree whose similarity is not 0, level by level, siblings together. The trees
    of this forest, the components, have no similarity with each other. A node's group are the classes right below it.

    Attributes:
        parent: `(n,)`, non-decreasing, -1 for the tops of the components.
        level: `(n,)` non-decreasing, 0 for the tops.
        similarity: `(n,)` s_v.
        size: `(n,)` m_v, number of classes in the node's group; 0 where it has none.
        component: `(n,)` number of the tree that each node is in.
    """

    parent: Ints
    level: Ints
    similarity: Floats
    size: Ints
    component: Ints

    @property
    def n_components(self) -> int:
        """Number of trees."""
        return int(np.searchsorted(self.level, 1))

    @cached_property
    def groups(self) -> Ints:
        """Nodes with a group: the rows of the matrix, `(n_groups,)`."""
        return np.flatnonzero(self.size)

    @cached_property
    def weight(self) -> Floats:
        """w_v = s_v - s_parent(v), `(n,)`."""
        above = np.where(self.parent < 0, 0.0, self.similarity[self.parent])
        return self.similarity - above

    @cached_property
    def levels(self) -> list[tuple[slice, Ints, Ints]]:
        """The levels below the tops: their nodes, the parents of these, where each parent's children begin."""
        found = []
        for low, high in arrays.level_bounds(self.level)[1:]:
            parent = self.parent[low:high]
            starts = np.flatnonzero(np.append(True, parent[1:] != parent[:-1]))
            found.append((slice(low, high), parent[starts], starts))
        return found

    def product(self, block: Floats) -> Floats:
        """`S_q @ block` for `(n_groups, k)`, by sums up and down the trees: O(n k)."""
        root = np.sqrt(self.size[self.groups])[:, None]
        total = np.zeros((len(self.parent), block.shape[1]))
        total[self.groups] = root * block
        for here, parents, starts in reversed(self.levels):
            total[parents] += np.add.reduceat(total[here], starts)
        total *= self.weight[:, None]
        for here, _, _ in self.levels:
            total[here] += total[self.parent[here]]
        out: Floats = np.take(total, self.groups, axis=0)
        out *= root
        out += (1 - self.similarity[self.groups])[:, None] * block
        return out

    def matrix(self) -> Floats:
        """The matrix, `(n_groups, n_groups)`."""
        return self.product(np.eye(len(self.groups)))

    @cached_property
    def _by_component(self) -> tuple[Ints, Ints]:
        """The nodes component by component, and where each component begins."""
        order = np.argsort(self.component, kind="stable")
        return order, np.searchsorted(self.component[order], np.arange(self.n_components + 1))

    def part(self, component: int) -> tuple["Quotient", Ints]:
        """One component by itself, and its nodes in this quotient, ascending."""
        order, bounds = self._by_component
        nodes = order[bounds[component] : bounds[component + 1]]
        parent = self.parent[nodes]
        inside = np.where(parent < 0, -1, np.searchsorted(nodes, parent))
        return Quotient(inside, self.level[nodes], self.similarity[nodes], self.size[nodes], 0 * nodes), nodes


@dataclass(frozen=True, eq=False)
class Merged:
    """A class tree with its sibling classes merged.

    Attributes:
        quotient: The merged part.
        group_of: `(n_classes,)` node of the quotient whose group each class is in; -1 for a class that has nothing in
            common with any other.
        rank: `(n_classes,)` place of each class among those of its group, in class order, from 0.
    """

    quotient: Quotient
    group_of: Ints
    rank: Ints

    @cached_property
    def singles(self) -> Ints:
        """Classes that have nothing in common with any other, ascending."""
        return np.flatnonzero(self.group_of < 0)


def merge(tree: ClassTree) -> Merged:
    """Merge the classes that are siblings."""
    above = tree.parent[tree.leaf_of]
    kept = tree.children.counts() > 0
    kept &= tree.similarity > NOTHING
    nodes = np.flatnonzero(kept)
    place = _places(kept, len(kept))
    parent = np.append(place, -1)[tree.parent[nodes]]
    # The level counts from the top of the component.
    level, component = np.zeros(len(nodes), dtype=np.intp), np.zeros(len(nodes), dtype=np.intp)
    tops = np.flatnonzero(parent < 0)
    component[tops] = np.arange(len(tops))
    for low, high in arrays.level_bounds(tree.level[nodes]):
        here = np.arange(low, high)[parent[low:high] >= 0]
        level[here] = level[parent[here]] + 1
        component[here] = component[parent[here]]
    order = np.argsort(level, kind="stable")
    new = np.full(len(nodes) + 1, -1, dtype=np.intp)  # one more: -1 stays -1
    new[order] = np.arange(len(nodes))
    group_of = new[np.where(kept[above], place[above], -1)]
    size = np.bincount(group_of[group_of >= 0], minlength=len(nodes))
    quotient = Quotient(new[parent[order]], level[order], tree.similarity[nodes][order], size, component[order])
    return Merged(quotient, group_of, _ranks(group_of))


def _places(kept: NDArray[np.bool_], n: int) -> Ints:
    """Place of every kept node among the kept ones, -1 for the others."""
    place = np.full(n, -1, dtype=np.intp)
    place[kept] = np.arange(int(kept.sum()))
    return place


def _ranks(group_of: Ints) -> Ints:
    """How many earlier entries have the same value, `(n,)`."""
    order = np.argsort(group_of, kind="stable")
    ordered = group_of[order]
    rank: NDArray[Any] = np.empty_like(group_of)
    rank[order] = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    return rank
