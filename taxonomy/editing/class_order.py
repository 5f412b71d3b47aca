"""How the classes of two hierarchies differ: which nodes are classes, their numbers, their order."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Ints
from .ordering import arranged, longest_run
from .pairing import Matching

Places = Sequence[tuple[str, str | None]]
"""Names of classes, each with the class in front of which it goes; None: behind all others."""


@dataclass(frozen=True)
class ClassChanges:
    """How the classes of two hierarchies differ, nodes that are new or gone aside.

    Attributes:
        changed: Earlier and later number by node of the later hierarchy; None where it is no class.
        places: Classes that have to be put somewhere, see `Diff.class_order`.
        shifted: See `Diff.shifted`.
    """

    changed: dict[int, tuple[int | None, int | None]]
    places: Places
    shifted: int


_NONE = np.iinfo(np.intp).min
"""Stands for the number of a node that is no class."""


def class_changes(m: Matching, moved: Sequence[int]) -> ClassChanges:
    """Compare the classes of two hierarchies.

    Args:
        m: The nodes that are the same.
        moved: Nodes of `b` with other parents: they are put elsewhere rather than others.
    """
    old, new = np.full(m.b.n_nodes, _NONE), np.full(m.b.n_nodes, _NONE)
    at = m.to_b[m.a.class_nodes]
    old[at[at >= 0]] = m.a.class_numbers[at >= 0]
    new[m.b.class_nodes] = m.b.class_numbers
    differing = (old != new) & (m.to_a >= 0)
    changed = differing
    if m.numbered != "number":  # then a number follows from the order of the classes
        changed = differing & ((old == _NONE) | (new == _NONE))
    places, put_elsewhere = _places(m, at, set(moved))
    return ClassChanges(
        changed={y: (_number(old[y]), _number(new[y])) for y in np.flatnonzero(changed).tolist()},
        places=places,
        shifted=int(np.count_nonzero(differing & ~changed)) - sum(bool(differing[y]) for y in put_elsewhere),
    )


def _number(value: int) -> int | None:
    return None if value == _NONE else int(value)


def _places(m: Matching, at: Ints, moved: set[int]) -> tuple[Places, list[int]]:
    """Classes that have to be put somewhere, and those among them that were classes before.

    Args:
        m: The nodes that are the same.
        at: `(a.n_classes,)` the classes of `a` as nodes of `b`, -1 for those that are gone.
        moved: See `class_changes`.
    """
    ascending = m.numbered == "number" and ascend(m.a.class_numbers) and ascend(m.b.class_numbers)
    if ascending or (np.array_equal(at, m.b.class_nodes) and m.numbered != "number"):
        return [], []
    was = np.full(m.b.n_nodes, -1, dtype=np.intp)
    was[at[at >= 0]] = np.flatnonzero(at >= 0)
    both = m.b.class_nodes[was[m.b.class_nodes] >= 0].tolist()
    staying = _staying(both, was[both].tolist(), moved)
    places: list[tuple[str, str | None]] = []
    behind: list[tuple[str, str | None]] = []  # new classes behind all others: they come there without being told
    before: str | None = None
    for y in reversed(m.b.class_nodes.tolist()):
        if y in staying:
            before = m.b.names[y]
        elif before is None and not places and was[y] < 0 and m.numbered != "number":
            behind.append((m.b.names[y], None))
        else:
            if before is None and not places:
                places += behind  # unless another one goes behind all others: a second replay would put it last
            places.append((m.b.names[y], before))
    if not places and m.numbered == "number":
        # Without any place, numbers would tell the order, and these do not.
        places.append((m.b.classes[-1], None))
    return places[::-1], [y for y in both if y not in staying]


def _staying(nodes: Sequence[int], was: Sequence[int], moved: set[int]) -> set[int]:
    """Of nodes in their later order those that keep their order: as many as possible, first those not moved.

    Args:
        nodes: Nodes, in the later order.
        was: Place of each in the earlier order.
        moved: Those that come second.
    """
    first = [i for i, y in enumerate(nodes) if y not in moved]
    run = [first[i] for i in longest_run([was[i] for i in first])]
    staying = {nodes[i] for i in run}
    for low, high in itertools.pairwise([-1, *run, len(nodes)]):
        bounds = was[low] if low >= 0 else -1, was[high] if high < len(nodes) else max(was, default=0) + 1
        between = [i for i in range(low + 1, high) if nodes[i] in moved and bounds[0] < was[i] < bounds[1]]
        staying |= {nodes[between[i]] for i in longest_run([was[i] for i in between])}
    return staying


def ascend(numbers: Iterable[int]) -> bool:
    """Whether class numbers ascend in class order."""
    return all(one < other for one, other in itertools.pairwise(numbers))


def put(staying: Sequence[str], new: Mapping[str, int], places: Places) -> list[str]:
    """The classes in order.

    Args:
        staying: Classes that were there before, in order.
        new: Number of each class that was not.
        places: Where some of both go; other new ones come last, by number.
    """
    there = {*staying, *new}
    told = [place for place in places if place[0] in there]
    elsewhere = {name for name, _ in told}
    rest = sorted((name for name in new if name not in elsewhere), key=new.__getitem__)
    return arranged([name for name in staying if name not in elsewhere], [*told, *((name, None) for name in rest)])
