"""The order and the numbers of classes after changes."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..arrays import Ints
from .ordering import longest_run
from .pairing import Matching


def arranged_classes(
    staying: Sequence[tuple[str, int]],
    placed: Mapping[str, int],
    *,
    in_order: bool,
    class_order: Sequence[str] | None = None,
) -> tuple[list[str], list[int]]:
    """Names and numbers of the classes, in class order.

    Args:
        staying: Name and number of the classes that keep their number, in class order.
        placed: Number of each of the others.
        in_order: Whether numbers are places: those of `placed` are taken, the rest of the classes follow one
            another around them. Otherwise numbers stay, and tell the order if those of `staying` ascend; if
            not, the classes of `placed` come last.
        class_order: Names in order, which overrides all this; classes that are not among them come last.
    """
    added = sorted(placed.items(), key=lambda entry: entry[1])
    if in_order:
        classes = _filled(staying, added)
    else:
        classes = [*staying, *added]
        if all(one[1] < other[1] for one, other in itertools.pairwise(staying)):
            classes.sort(key=lambda entry: entry[1])
    if class_order is not None:
        place = {name: i for i, name in enumerate(class_order)}
        classes.sort(key=lambda entry: place.get(entry[0], len(place)))
    names = [name for name, _ in classes]
    return names, list(range(len(names))) if in_order else [number for _, number in classes]


def _filled(staying: Sequence[tuple[str, int]], added: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """`added` each at the place that its number tells, `staying` on the places between."""
    classes: list[tuple[str, int]] = []
    rest = iter(staying)
    for entry in added:
        while len(classes) < entry[1] and (following := next(rest, None)):
            classes.append(following)
        classes.append(entry)
    return [*classes, *rest]


@dataclass(frozen=True)
class ClassChanges:
    """How the classes of two hierarchies differ, new and removed nodes aside.

    Attributes:
        changed: Earlier and later number by node of the later hierarchy; None where it is no class.
        order: All classes in order where `changed` does not give it, else None.
        numbered: See `Diff.numbered`.
        shifted: How many other classes have another number.
    """

    changed: dict[int, tuple[int | None, int | None]]
    order: tuple[str, ...] | None
    numbered: str
    shifted: int


_NONE = np.iinfo(np.intp).min
"""Stands for the number of a node that is no class."""


def class_changes(m: Matching) -> ClassChanges:
    """Compare the classes of two hierarchies."""
    numbered = m.numbered
    old, new = np.full(m.b.n_nodes, _NONE), np.full(m.b.n_nodes, _NONE)
    at = m.to_b[m.a.class_nodes]
    old[at[at >= 0]] = m.a.class_numbers[at >= 0]
    new[m.b.class_nodes] = m.b.class_numbers
    differing = (old != new) & (m.to_a >= 0)
    changed = differing
    if numbered != "number":
        # A class that others pushed forwards or back has not changed; those out of the common order have.
        both = m.b.class_nodes[old[m.b.class_nodes] != _NONE]
        changed = differing.copy()
        changed[both[longest_run(old[both].tolist())]] = False
    return ClassChanges(
        changed={y: (_number(old[y]), _number(new[y])) for y in np.flatnonzero(changed).tolist()},
        order=_needed_order(m, at, old, changed, numbered != "number"),
        numbered=numbered,
        shifted=int(np.count_nonzero(differing)) - int(np.count_nonzero(changed)),
    )


def _number(value: int) -> int | None:
    return None if value == _NONE else int(value)


def _needed_order(
    m: Matching, at: Ints, old: Ints, changed: NDArray[np.bool_], in_order: bool
) -> tuple[str, ...] | None:
    """The order of the classes if changed and new numbers alone do not give it."""
    if np.array_equal(at, m.b.class_nodes):
        return None  # the same classes in the same order
    names = m.b.names
    stay = at[at >= 0]
    stay = stay[~changed[stay]]
    placed = m.b.class_nodes[changed[m.b.class_nodes] | (old[m.b.class_nodes] == _NONE)]
    new = dict(zip(m.b.class_nodes.tolist(), m.b.class_numbers.tolist(), strict=True))
    found, _ = arranged_classes(
        [(names[y], n) for y, n in zip(stay.tolist(), old[stay].tolist(), strict=True)],
        {names[y]: new[y] for y in placed.tolist()},
        in_order=in_order,
    )
    return None if found == list(m.b.classes) else m.b.classes
