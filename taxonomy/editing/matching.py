"""Which node of one hierarchy is which node of another: by name, else by what tells a renamed node."""

import itertools
from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import TypeVar

import numpy as np

from ..taxonomy import Taxonomy
from .chains import by_classes
from .flows import by_children
from .likeness import folded, texts
from .pairing import Matching

Key = TypeVar("Key", bound=Hashable)


def match(a: Taxonomy, b: Taxonomy) -> Matching:
    """Find the nodes that are the same, those of equal names and the renamed ones.

    A node that only `a` has and one that only `b` has are one renamed node by the first of these rules that
    holds. Where two candidates are equally good, none is taken; nor are nodes of different ranks, except by
    class number, or where no other node has the same classes below.

    1. "name": the name of one is label or synonym of the other, or differs in case, blanks and hyphens only;
       both leaves or both inner nodes.
    2. "number": classes of the same number, if numbers stay with their class (they are not just 0, 1, 2 ... in
       both hierarchies) and mean the same: of the numbers that both have, at least half belong to nodes of
       the same name.
    3. "classes": inner nodes with the same classes below, counting the classes that both hierarchies have.
       In a chain of single children all nodes have the same classes below. Only nodes above the same node of
       the chain are compared, and of several the rank decides, then the order if there are equally many,
       then near names, then the depth.
    4. "place": the same parents, both leaves or both inner nodes, and one of these: the same label or synonym;
       the same class number (where numbers are 0, 1, 2 ..., among as many classes), or the only class here and
       there behind the same common class; near names (see `near`).
    5. "children": inner nodes, each of which has more than half of the other's children.
    """
    found = Matching(a, b)
    for rule in (_by_name, _by_number, by_classes, _by_place, by_children):
        if (found.to_b < 0).any() and (found.to_a < 0).any():
            rule(found)
    return found


def _by_name(m: Matching) -> None:
    leaf_a, leaf_b = (t.children.counts() == 0 for t in (m.a, m.b))
    names_a = _unique(((folded(m.a.names[x]), bool(leaf_a[x])), x) for x in m.gone())
    names_b = _unique(((folded(m.b.names[y]), bool(leaf_b[y])), y) for y in m.new())
    all_a = _unique(((text, bool(leaf_a[x])), x) for x in m.gone() for text in texts(m.a, x))
    all_b = _unique(((text, bool(leaf_b[y])), y) for y in m.new() for text in texts(m.b, y))
    _pair_unique(m, names_a, all_b, "name")
    _pair_unique(m, all_a, names_b, "name")


def _unique(entries: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    """Node of every key; -1 where there are several."""
    found: dict[Key, int] = {}
    for key, node in entries:
        if found.setdefault(key, node) != node:
            found[key] = -1
    return found


def _pair_unique(m: Matching, of_a: dict[Key, int], of_b: dict[Key, int], because: str) -> None:
    for key, x in of_a.items():
        y = of_b.get(key, -1)
        if x >= 0 and y >= 0:
            m.pair(x, y, because)


def _by_number(m: Matching) -> None:
    a, b = m.a, m.b
    if m.numbered != "number":
        return
    _, in_a, in_b = np.intersect1d(a.class_numbers, b.class_numbers, assume_unique=True, return_indices=True)
    x, y = a.class_nodes[in_a], b.class_nodes[in_b]
    if 2 * np.count_nonzero(m.to_b[x] == y) >= len(x):
        free = (m.to_b[x] < 0) & (m.to_a[y] < 0)
        for one, other in zip(x[free].tolist(), y[free].tolist(), strict=True):
            m.pair(one, other, "number", any_rank=True)


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
    text_a = _unique((text, x) for x in xs for text in texts(m.a, x))
    text_b = _unique((text, y) for y in ys for text in texts(m.b, y))
    _pair_unique(m, text_a, text_b, "place")
    for of_a, of_b in m.class_places:
        place_a = _unique((of_a[x], x) for x in xs if x in of_a)
        place_b = _unique((of_b[y], y) for y in ys if y in of_b)
        _pair_unique(m, place_a, place_b, "place")
    m.pair_near(xs, ys, "place")
