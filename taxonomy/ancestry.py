"""Who lies above and below whom: counts for all nodes, and the common ancestors of many pairs at once."""

import itertools
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from . import arrays
from .arrays import Ints, Rows
from .segments import Segments

_BLOCK = 1 << 20
"""How many ancestors of a block of pairs are looked at together."""

_KEPT = 1 << 25
"""Up to how many ancestors, of all nodes together, are kept between questions: half a gigabyte at most."""


class Common(NamedTuple):
    """The common ancestors-or-self of some pairs, one row for each.

    Attributes:
        pair: `(k,)` which pair, ascending; pairs without common ancestors do not occur.
        ancestor: `(k,)` the common ancestor.
        steps_a: `(k,)` edges on the shortest way from it down to the first node of the pair.
        steps_b: `(k,)` the same for the second node.
    """

    pair: Ints
    ancestor: Ints
    steps_a: Ints
    steps_b: Ints

    def starts(self) -> Ints:
        """Where the rows of each pair begin, in the form that `ufunc.reduceat` takes."""
        return np.flatnonzero(np.append(True, self.pair[1:] != self.pair[:-1])) if self.pair.size else self.pair


class Ancestry:
    """Ancestors and descendants in a tree or a DAG, for many nodes at once."""

    def __init__(self, parents: Rows, depth: Ints) -> None:
        """Takes the parents of all nodes and the depths `(n_nodes,)`, non-decreasing."""
        self._parents = parents
        self._depth = depth

    @cached_property
    def descendants(self) -> Ints:
        """Number of proper descendants of every node, `(n_nodes,)`; each counts once, however many ways lead to it."""
        return self._below(np.ones(len(self._depth), dtype=np.intp)) - 1

    @cached_property
    def leaves(self) -> Ints:
        """Number of leaves below every node, `(n_nodes,)`, itself not counted: 0 for a leaf."""
        is_leaf = np.ones(len(self._depth), dtype=np.intp)
        is_leaf[self._parents.index] = 0
        return self._below(is_leaf) - is_leaf

    @cached_property
    def subsumers(self) -> Ints:
        """Number of ancestors of every node, itself counted too, `(n_nodes,)`."""
        segments = self._segments
        above = np.zeros(len(self._depth), dtype=np.float64)  # of each head, itself not counted
        for head, entry, branch in segments.entries(self._parents):
            # The ways from the entries up to their heads share what lies above their branching points.
            above += np.bincount(head, segments.depth[entry] + 1, len(above))
            shared = branch >= 0
            above -= np.bincount(head[shared], segments.depth[branch[shared]] + 1, len(above))
        return segments.depth + 1 + above.astype(np.intp)[segments.head]

    @cached_property
    def _segments(self) -> Segments:
        return Segments(self._parents)

    def _below(self, weight: Ints) -> Ints:
        """Sum of the weights of every node and its descendants, `(n_nodes,)`."""
        segments = self._segments
        own = segments.sums(weight)  # through edges to only children of their parents
        extra = np.zeros(len(weight), dtype=np.float64)
        for head, entry, branch in segments.entries(self._parents):
            extra += np.bincount(entry, own[head], len(extra))
            shared = branch >= 0
            extra -= np.bincount(branch[shared], own[head[shared]], len(extra))
        return own + segments.sums(extra.astype(np.intp))

    def common(self, a: Ints, b: Ints) -> Iterator[Common]:
        """The common ancestors of pairs of nodes, in blocks of pairs.

        Costs the number of ancestors of the nodes asked about; those of all nodes are kept where they fit.

        Args:
            a: `(n_pairs,)` nodes.
            b: `(n_pairs,)` nodes.
        """
        sizes = np.maximum(self.subsumers[a], self.subsumers[b])
        block = np.cumsum(sizes) // _BLOCK
        bounds = np.searchsorted(block, np.arange((block[-1] if block.size else -1) + 2))
        for low, high in itertools.pairwise(bounds.tolist()):
            if low < high:
                yield self._common(a[low:high], b[low:high], low)

    def _common(self, a: Ints, b: Ints, first: int) -> Common:
        n = len(self._depth)
        above, at = self._kept, (a, b)
        if above is None:
            nodes, both = np.unique(np.concatenate([a, b]), return_inverse=True)
            above, at = self._climb(nodes.tolist()), (both[: len(a)], both[len(a) :])
        keys, steps = [], []
        for rows in at:
            pair = np.repeat(np.arange(len(rows)), above.nodes.counts()[rows])
            keys.append(pair * n + above.nodes.gather(rows))
            steps.append(above.steps.gather(rows))
        # Both lists of keys ascend, pair by pair and ancestor by ancestor.
        found = np.minimum(np.searchsorted(keys[0], keys[1]), len(keys[0]) - 1)
        hit = np.flatnonzero(keys[0][found] == keys[1])
        pair, ancestor = np.divmod(keys[1][hit], n)
        return Common(pair + first, ancestor, steps[0][found[hit]], steps[1][hit])

    def of(self, node: int) -> Ints:
        """Ancestors-or-self of one node, ascending."""
        return self._climb([node]).nodes.index if self._kept is None else self._kept.nodes.of(node)

    @cached_property
    def _kept(self) -> "_Above | None":
        """What lies above every node; None where that is too much to keep."""
        start = np.concatenate([[0], np.cumsum(self.subsumers)]).astype(np.intp)
        if start[-1] > _KEPT:
            return None
        nodes = np.repeat(np.arange(len(self._depth), dtype=np.intp), self.subsumers)  # each row ends in its node
        steps = np.zeros(len(nodes), dtype=np.intp)
        above = _Above(Rows(start, nodes), Rows(start, steps))
        single = self._parents.counts() == 1
        for low, high in arrays.level_bounds(self._depth)[1:]:
            level = np.arange(low, high)
            one, several = level[single[low:high]], level[~single[low:high]]
            for rows, chosen in ((self._from_one, one), (self._from_several, several)):
                if chosen.size:
                    places = _places(start[chosen], self.subsumers[chosen] - 1)
                    nodes[places], steps[places] = rows(chosen, above)
        return above

    def _from_one(self, nodes: Ints, above: "_Above") -> tuple[Ints, Ints]:
        """What lies above nodes with one parent each: the parent's row, one step further."""
        parent = self._parents.gather(nodes)
        return above.nodes.gather(parent), above.steps.gather(parent) + 1

    def _from_several(self, nodes: Ints, above: "_Above") -> tuple[Ints, Ints]:
        """What lies above nodes with several parents each: the union of the rows, with the least steps."""
        parents = self._parents.gather(nodes)
        child = np.repeat(np.arange(len(nodes)), self._parents.counts()[nodes])
        key = np.repeat(child, above.nodes.counts()[parents]) * len(self._depth) + above.nodes.gather(parents)
        step = above.steps.gather(parents) + 1
        order = np.lexsort((step, key))
        first = order[np.append(True, np.diff(key[order]) > 0)]
        return key[first] % len(self._depth), step[first]

    def _climb(self, nodes: list[int]) -> "_Above":
        """What lies above some nodes, in their order."""
        start, index = self._parents.start.tolist(), self._parents.index.tolist()
        found: list[int] = []
        steps: list[int] = []
        begin = [0]
        for node in nodes:
            distance = {node: 0}
            front, step = [node], 0
            while front:
                step += 1
                fresh = {p for v in front for p in index[start[v] : start[v + 1]]}
                front = [p for p in fresh if p not in distance]
                distance.update(dict.fromkeys(front, step))
            ascending = sorted(distance)
            found += ascending
            steps += [distance[v] for v in ascending]
            begin.append(len(found))
        at = np.array(begin, dtype=np.intp)
        return _Above(Rows(at, np.array(found, dtype=np.intp)), Rows(at, np.array(steps, dtype=np.intp)))


class _Above(NamedTuple):
    """Ancestors-or-self of some nodes, ascending, and the edges on the shortest way to each."""

    nodes: Rows
    steps: Rows


def _places(start: Ints, counts: Ints) -> Ints:
    """`start[0], start[0] + 1, ...`: `counts[0]` places, then those of the next row."""
    return np.repeat(start - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
