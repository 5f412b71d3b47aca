"""A DAG taken apart into trees, so that what lies above and below its nodes can be counted."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from . import arrays
from .arrays import Ints, Rows
from .subsumers import TreeSubsumers

_BLOCK = 1 << 20
"""How many entries are looked at together."""


class Segments:
    """The forest that is left of a DAG without the edges to nodes with several parents.

    Its roots, the heads, are the roots of the DAG and the nodes with several parents. The ancestors of a node
    are its way up to its head, and those of the head. So what lies above is worked out once for a head and not
    for every node: a tree with a few second parents costs little more than a tree.
    """

    def __init__(self, parents: Rows) -> None:
        """Takes the parents of all nodes; parents stand before their children."""
        n = len(parents.start) - 1
        single = parents.counts() == 1
        self._parent = np.full(n, -1, dtype=np.intp)
        self._parent[single] = parents.index[parents.start[:-1][single]]
        child = np.flatnonzero(single)
        self.depth = arrays.levels(_only(single, self._parent), arrays.rows(self._parent[child], child, n))
        self.head = np.arange(n)  # parents stand before their children
        for low, high in self._levels():
            nodes = self._order[low:high]
            self.head[nodes] = self.head[self._parent[nodes]]

    @cached_property
    def _order(self) -> Ints:
        """The nodes by depth in the forest."""
        return np.argsort(self.depth, kind="stable")

    def _levels(self) -> list[tuple[int, int]]:
        """Bounds in `_order` of every level but the heads'."""
        return arrays.level_bounds(self.depth[self._order])[1:]

    @cached_property
    def _lowest(self) -> tuple[TreeSubsumers, Ints, Ints]:
        """Answers for lowest common ancestors in `_order`'s numbers, the place of every node, its position."""
        order = self._order
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        parent = np.where(self._parent[order] < 0, -1, place[self._parent[order]])
        child = np.flatnonzero(parent >= 0)
        children = arrays.rows(parent[child], child, len(order))
        position, _ = arrays.preorder(children, self.depth[order])
        return TreeSubsumers(parent, children, self.depth[order]), place, position[place]

    def sums(self, weight: Ints) -> Ints:
        """Sum of the weights in the part of the forest below every node, itself included, `(n_nodes,)`."""
        total = weight.copy()
        for low, high in reversed(self._levels()):
            nodes = self._order[low:high]
            np.add.at(total, self._parent[nodes], total[nodes])
        return total

    def entries(self, parents: Rows) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Where the ways up from each head enter other parts of the forest, in blocks.

        Yields:
            The head `(k,)`; the node entered `(k,)`; the lowest common ancestor, within the forest, with the
            entry before it of the same head, -1 where there is none, `(k,)`. The union of the ways up from a
            head's entries is what lies above it.
        """
        start, index, head_of = parents.start.tolist(), parents.index.tolist(), self.head.tolist()
        heads: list[int] = []
        entered: list[int] = []
        for head in np.flatnonzero(parents.counts() > 1).tolist():
            seen, front, before = {head}, [head], len(entered)
            while front:
                above = index[start[v := front.pop()] : start[v + 1]]
                entered += above
                fresh = {head_of[p] for p in above} - seen
                seen |= fresh
                front += fresh
            heads += [head] * (len(entered) - before)
            if len(entered) > _BLOCK:
                yield self._branches(np.array(heads), np.array(entered))
                heads, entered = [], []
        if entered:
            yield self._branches(np.array(heads), np.array(entered))

    def _branches(self, head: Ints, entry: Ints) -> tuple[Ints, Ints, Ints]:
        lowest, place, position = self._lowest
        order = np.lexsort((position[entry], head))
        head, entry = head[order], entry[order]
        branch = np.full(len(head), -1, dtype=np.intp)
        same = np.flatnonzero(head[1:] == head[:-1])
        found = lowest.of(place[entry[same]], place[entry[same + 1]])
        branch[same + 1] = np.where(found < 0, -1, self._order[found])
        return head, entry, branch


def _only(kept: np.ndarray, parent: Ints) -> Rows:
    """One parent for each node of `kept`, none for the others."""
    return Rows(np.concatenate([[0], np.cumsum(kept)]).astype(np.intp), parent[kept])
