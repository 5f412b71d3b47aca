"""Where the children of nodes went: nodes that were merged or split."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Ints
from ..taxonomy import Taxonomy
from .pairing import Matching


@dataclass(frozen=True)
class EdgeChanges:
    """Edges above nodes that both hierarchies have which only one of them has; children as nodes of `b`.

    Attributes:
        lost_parent: `(n_lost,)` nodes of `a`.
        lost_child: `(n_lost,)` nodes of `b`, ascending.
        gained_parent: `(n_gained,)` nodes of `b`.
        gained_child: `(n_gained,)` nodes of `b`, ascending.
    """

    lost_parent: Ints
    lost_child: Ints
    gained_parent: Ints
    gained_child: Ints

    def flows(self) -> tuple[Ints, Ints]:
        """For every child, each parent that it lost with each that it gained, `(n_flows,)` twice."""
        first = np.searchsorted(self.gained_child, self.lost_child)
        counts = np.searchsorted(self.gained_child, self.lost_child, side="right") - first
        offsets = np.repeat(first - (np.cumsum(counts) - counts), counts)
        return np.repeat(self.lost_parent, counts), self.gained_parent[offsets + np.arange(counts.sum())]


def edge_changes(m: Matching) -> EdgeChanges:
    """Which edges differ above the nodes that both hierarchies have."""
    child_a, child_b = (np.repeat(np.arange(t.n_nodes), t.parents.counts()) for t in (m.a, m.b))
    child, parent, new_parent = m.to_b[child_a], m.to_b[m.a.parents.index], m.b.parents.index
    kept = (child >= 0) & (parent >= 0)
    keys = child[kept].astype(np.int64) * m.b.n_nodes + parent[kept]
    keys_b = child_b.astype(np.int64) * m.b.n_nodes + new_parent  # ascending, since parents are
    lost = child >= 0
    lost[kept] = ~_among(keys, keys_b)
    gained = (m.to_a[child_b] >= 0) & ~_among(keys_b, np.sort(keys))
    order = np.argsort(child[lost], kind="stable")
    return EdgeChanges(m.a.parents.index[lost][order], child[lost][order], new_parent[gained], child_b[gained])


def _among(values: Ints, ascending: Ints) -> NDArray[np.bool_]:
    """Whether each value is one of `ascending`; numpy's own test hashes, which takes ten times as long here."""
    if not ascending.size:
        return np.zeros(len(values), dtype=bool)
    at = np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)
    found: NDArray[np.bool_] = ascending[at] == values
    return found


def by_children(m: Matching) -> None:
    """Pair a node that is gone with a new one where each has more than half of the other's children.

    Nodes that were merged or split altogether are left alone: none of them is the other.
    """
    x, y = edge_changes(m).flows()
    free = (m.to_b[x] < 0) & (m.to_a[y] < 0)
    x, y, shared = _counted(x[free], y[free])
    whole_a, whole_b = _one_target(x, y), _one_target(y, x)
    merged = {int(v) for v, n in zip(*np.unique(list(whole_a.values()), return_counts=True), strict=True) if n > 1}
    split = {int(v) for v, n in zip(*np.unique(list(whole_b.values()), return_counts=True), strict=True) if n > 1}
    most = (2 * shared > m.a.children.counts()[x]) & (2 * shared > m.b.children.counts()[y])
    for one, other in zip(x[most].tolist(), y[most].tolist(), strict=True):
        if one not in split and other not in merged:
            m.pair(one, other, "children")


def _counted(x: Ints, y: Ints) -> tuple[Ints, Ints, Ints]:
    """Every pair once, and how often it stood."""
    width = int(y.max(initial=0)) + 1
    pairs, counts = np.unique(x.astype(np.int64) * width + y, return_counts=True)
    return pairs // width, pairs % width, counts


def _one_target(x: Ints, y: Ints) -> dict[int, int]:
    """The `y` of every `x` that has only one; pairs are unique."""
    values, first, counts = np.unique(x, return_index=True, return_counts=True)
    return dict(zip(values[counts == 1].tolist(), y[first[counts == 1]].tolist(), strict=True))


def merged_nodes(m: Matching, edges: EdgeChanges) -> list[tuple[list[int], int]]:
    """Nodes of `a` that became one node of `b`.

    A node that is gone went into the node that all its children went to, unless that was above it before
    (then a level was taken out). Without children, it went into the node that gained its name as a synonym.
    Two that went into a new node were merged, and so was one with a node that was there before.
    """
    return _joined(m.a, m.b, m.to_b, m.to_a, edges.flows())


def split_nodes(m: Matching, edges: EdgeChanges) -> list[tuple[int, list[int]]]:
    """Nodes of `a` that became several of `b`: what `merged_nodes` finds on the way back from `b` to `a`."""
    x, y = edges.flows()
    return sorted((source, into) for into, source in _joined(m.b, m.a, m.to_a, m.to_b, (y, x)))


def _joined(a: Taxonomy, b: Taxonomy, to_b: Ints, to_a: Ints, flows: tuple[Ints, Ints]) -> list[tuple[list[int], int]]:
    x, y = flows
    from_gone = to_b[x] < 0
    x, y, _ = _counted(x[from_gone], y[from_gone])
    into = _one_target(x, y)
    # A node that was above: its children were passed up when a level was taken out.
    before = {g: int(to_a[t]) for g, t in into.items() if to_a[t] >= 0}
    gone, target = np.array(list(before), dtype=np.intp), np.array(list(before.values()), dtype=np.intp)
    for g in gone[a.lcs(target, gone) == target].tolist():
        del into[g]
    has_children = a.children.counts() > 0
    sources: dict[int, list[int]] = defaultdict(list)
    for g, t in {**into, **_by_synonym(a, b, to_b, to_a)}.items():
        sources[t].append(g)
    for t in sources:
        if to_a[t] >= 0 and (has_children[to_a[t]] or not any(has_children[g] for g in sources[t])):
            sources[t].append(int(to_a[t]))
    return [(sorted(found), t) for t, found in sorted(sources.items()) if len(found) > 1]


def _by_synonym(a: Taxonomy, b: Taxonomy, to_b: Ints, to_a: Ints) -> dict[int, int]:
    """Leaves of `a` that are gone, and the node of `b` that has their name as a synonym which it had not."""
    number = {a.names[g]: g for g in np.flatnonzero((to_b < 0) & (a.children.counts() == 0)).tolist()}
    found: dict[int, int] = {}
    if not number:
        return found
    for y, synonyms in enumerate(b.synonyms):
        if synonyms and to_a[y] >= 0:
            for text in synonyms:
                if text in number and text not in a.synonyms[to_a[y]]:
                    found.setdefault(number[text], y)
    return found
