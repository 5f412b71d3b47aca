"""The order and the numbers of classes after changes."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..taxonomy import Taxonomy
from .ordering import longest_run
from .pairing import Matching


def numbered_in_order(taxonomy: Taxonomy) -> bool:
    """Whether the classes have the numbers 0, 1, 2 ... in class order: a number is then just a place."""
    return bool(np.array_equal(taxonomy.class_numbers, np.arange(taxonomy.n_classes)))


def classes_are_leaves(taxonomy: Taxonomy) -> bool:
    """Whether the classes are exactly the leaves."""
    return bool(np.array_equal(np.sort(taxonomy.class_nodes), taxonomy.leaves))


def numbering(*taxonomies: Taxonomy) -> str:
    """See `Diff.numbered`."""
    if not all(numbered_in_order(t) for t in taxonomies):
        return "number"
    return "leaves" if all(classes_are_leaves(t) for t in taxonomies) else "order"


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


def class_changes(m: Matching) -> ClassChanges:
    """Compare the classes of two hierarchies."""
    numbered = numbering(m.a, m.b)
    old = {int(m.to_b[x]): n for x, n in m.numbers_a.items() if m.to_b[x] >= 0}
    new = {y: n for y, n in m.numbers_b.items() if m.to_a[y] >= 0}
    differing = {y: (old.get(y), new.get(y)) for y in {*old, *new} if old.get(y) != new.get(y)}
    changed = differing
    if numbered != "number":
        # A class that others pushed forwards or back has not changed; those out of the common order have.
        both = [y for y in new if y in old]
        run = {both[i] for i in longest_run([old[y] for y in both])}
        changed = {y: numbers for y, numbers in differing.items() if y not in run}
    return ClassChanges(
        changed=dict(sorted(changed.items())),
        order=_needed_order(m, old, changed, numbered != "number"),
        numbered=numbered,
        shifted=len(differing) - len(changed),
    )


def _needed_order(
    m: Matching, old: Mapping[int, int], changed: Mapping[int, tuple[int | None, int | None]], in_order: bool
) -> tuple[str, ...] | None:
    """The order of the classes if changed and new numbers alone do not give it."""
    names = m.b.names
    staying = [(names[y], n) for y, n in old.items() if y not in changed]
    placed = {names[y]: n for y, n in m.numbers_b.items() if y in changed or y not in old}
    found, _ = arranged_classes(staying, placed, in_order=in_order)
    return None if found == list(m.b.classes) else m.b.classes
