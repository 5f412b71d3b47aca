"""Renamed inner nodes: those with the same classes below."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ..arrays import Ints
from ..taxonomy import Taxonomy
from .class_sets import Hashes, class_values, set_hashes
from .pairing import Matching


def by_classes(m: Matching) -> None:
    common = m.a.class_nodes[np.isin(m.to_b[m.a.class_nodes], m.b.class_nodes)]
    value_a = np.zeros(m.a.n_nodes, dtype=np.uint64)
    value_b = np.zeros(m.b.n_nodes, dtype=np.uint64)
    value_a[common] = value_b[m.to_b[common]] = class_values(len(common))
    groups_a = _chains(m.a, value_a, m.to_b, m.to_b)
    groups_b = _chains(m.b, value_b, m.to_a, np.arange(m.b.n_nodes))
    for key, xs in groups_a.items():
        if key in groups_b:
            _pair_chain(m, xs, groups_b[key])


def _chains(t: Taxonomy, value: Hashes, partner: Ints, identity: Ints) -> dict[tuple[int, int], list[int]]:
    """Free inner nodes with the same classes below and above the same node of a chain, by set and that node."""
    free = np.flatnonzero((partner < 0) & (t.children.counts() > 0))
    nodes = np.unique(np.concatenate([free, t.children.gather(free)]))
    hashes = dict(zip(nodes.tolist(), set_hashes(t, value, nodes).tolist(), strict=True))
    over: dict[int, int] = {}
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for x in reversed(free.tolist()):  # children first
        same = [c for c in t.children_of(x).tolist() if hashes[c] == hashes[x]]
        over[x] = -1
        if same:
            over[x] = over.get(same[0], -1) if partner[same[0]] < 0 else int(identity[same[0]])
        if hashes[x]:
            groups[hashes[x], over[x]].append(x)
    return {key: nodes[::-1] for key, nodes in groups.items()}


def _pair_chain(m: Matching, xs: Sequence[int], ys: Sequence[int]) -> None:
    """Nodes with the same classes below, of both hierarchies, from the top of a chain down."""
    if len(xs) == len(ys) == 1:
        m.pair(xs[0], ys[0], "classes", any_rank=True)
        return
    ranks = dict.fromkeys(m.a.ranks[x] for x in xs if m.a.ranks[x])
    for rank in ranks:
        _in_order(m, [x for x in xs if m.a.ranks[x] == rank], [y for y in ys if m.b.ranks[y] == rank])
    xs = [x for x in xs if m.to_b[x] < 0]
    ys = [y for y in ys if m.to_a[y] < 0]
    _in_order(m, xs, ys)
    m.pair_near(xs, ys, "classes")
    depths = {int(m.b.depths[y]): y for y in ys}
    for x in xs:
        if int(m.a.depths[x]) in depths:
            m.pair(x, depths[int(m.a.depths[x])], "classes")


def _in_order(m: Matching, xs: Sequence[int], ys: Sequence[int]) -> None:
    if len(xs) == len(ys):
        for x, y in zip(xs, ys, strict=True):
            m.pair(x, y, "classes")
