"""Which node of one hierarchy is which node of another: by name, else by what tells a renamed node."""

import itertools
from collections import defaultdict
from collections.abc import Iterable

from ..taxonomy import Taxonomy
from .chains import by_classes
from .flows import by_children
from .likeness import folded, texts
from .pairing import Matching


def match(a: Taxonomy, b: Taxonomy) -> Matching:
    """Find the nodes that are the same, those of equal names and the renamed ones.

    A node that only `a` has and one that only `b` has are one renamed node if none of these speaks against
    it: ranks that differ where both have one; two candidates that are equally good. The first of these that
    holds decides:

    1. "name": the name of one is label or synonym of the other, or differs in case, blanks and hyphens only;
       both leaves or both inner nodes.
    2. "number": classes of the same number, if the numbers mean the same in both hierarchies: of the
       numbers that both have, at least half belong to nodes of the same name.
    3. "classes": inner nodes with the same classes below, counting the classes that both hierarchies have.
       In a chain of single children all nodes have the same classes below. Only nodes above the same node of
       the chain are compared, and of several the rank decides, then the order if there are equally many,
       then near names, then the depth.
    4. "place": the same parents, both leaves or both inner nodes, and the same label, synonym or class number,
       or near names (all letters but a short stretch are the same, and no digit differs).
    5. "children": inner nodes, each of which has more than half of the other's children.
    """
    found = Matching(a, b)
    for rule in (_by_name, _by_number, by_classes, _by_place, by_children):
        if (found.to_b < 0).any() and (found.to_a < 0).any():
            rule(found)
    return found


def _by_name(m: Matching) -> None:
    kinds = [t.children.counts() == 0 for t in (m.a, m.b)]
    names_a = _unique((folded(m.a.names[x]), bool(kinds[0][x]), x) for x in m.gone())
    names_b = _unique((folded(m.b.names[y]), bool(kinds[1][y]), y) for y in m.new())
    all_a = _unique((text, bool(kinds[0][x]), x) for x in m.gone() for text in texts(m.a, x))
    all_b = _unique((text, bool(kinds[1][y]), y) for y in m.new() for text in texts(m.b, y))
    for key, x in names_a.items():
        if x >= 0 and all_b.get(key, -1) >= 0:
            m.pair(x, all_b[key], "name")
    for key, y in names_b.items():
        if y >= 0 and all_a.get(key, -1) >= 0:
            m.pair(all_a[key], y, "name")


def _unique(entries: Iterable[tuple[str, bool, int]]) -> dict[tuple[str, bool], int]:
    """Node of every text and kind; -1 where there are several."""
    found: dict[tuple[str, bool], int] = {}
    for text, kind, node in entries:
        if found.setdefault((text, kind), node) != node:
            found[text, kind] = -1
    return found


def _by_number(m: Matching) -> None:
    of_a = {number: x for x, number in m.numbers_a.items()}
    of_b = {number: y for y, number in m.numbers_b.items()}
    shared = [n for n in of_a if n in of_b]
    agreeing = sum(m.to_b[of_a[n]] == of_b[n] for n in shared)
    if 2 * agreeing >= len(shared):
        for n in shared:
            m.pair(of_a[n], of_b[n], "number")


def _by_place(m: Matching) -> None:
    leaf_a, leaf_b = m.a.children.counts() == 0, m.b.children.counts() == 0
    by_parents: dict[tuple[bool, tuple[int, ...]], list[int]] = defaultdict(list)
    for y in m.new():
        by_parents[bool(leaf_b[y]), tuple(m.b.parents_of(y).tolist())].append(y)
    # Level by level: where parents have just been found to be renamed, their children can be, too.
    for _, level in itertools.groupby(m.gone(), key=lambda x: int(m.a.depths[x])):
        groups: dict[tuple[bool, tuple[int, ...]], list[int]] = defaultdict(list)
        for x in level:
            groups[bool(leaf_a[x]), tuple(sorted(m.to_b[m.a.parents_of(x)].tolist()))].append(x)
        for key, xs in groups.items():
            if key in by_parents:
                _pair_siblings(m, xs, by_parents[key])


def _pair_siblings(m: Matching, xs: list[int], ys: list[int]) -> None:
    text_a = _unique((text, True, x) for x in xs for text in texts(m.a, x))
    text_b = _unique((text, True, y) for y in ys for text in texts(m.b, y))
    for key, x in text_a.items():
        if x >= 0 and text_b.get(key, -1) >= 0:
            m.pair(x, text_b[key], "place")
    number_b = {m.numbers_b[y]: y for y in ys if y in m.numbers_b}
    for x in xs:
        if m.numbers_a.get(x) in number_b:
            m.pair(x, number_b[m.numbers_a[x]], "place")
    m.pair_near(xs, ys, "place")
