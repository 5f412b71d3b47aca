"""Replaying the difference of two hierarchies on a third."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from ..arrays import Ints
from ..build import NOT_A_CLASS, build
from ..errors import CycleError
from ..formats.source import log
from ..lengths import Floats, has_several_parents
from ..taxonomy import Taxonomy
from .changes import Diff
from .class_order import ascend, put
from .conflicts import ChangeConflict
from .numbering import classes_are_leaves, numbered_in_order
from .ordering import arranged
from .replay import Replay

__all__ = ["ChangeConflict", "apply"]


def apply(taxonomy: Taxonomy, changes: Diff) -> Taxonomy:
    """Replay changes: on the earlier hierarchy they give the later one, on another version they do the same there.

    What is already so is left alone: applied twice, changes do what they do once. Places are not binding: a
    node whose next sibling is not there goes behind all others, and where places contradict each other on another
    version a second replay may order the nodes differently. Where the changes give a node of another version a
    second parent, branch lengths are left out, which is said.

    Args:
        taxonomy: Any version of the hierarchy.
        changes: What `diff` or `Diff.from_json` gave. Merges and splits are not replayed by themselves: they
            only explain other entries.

    Raises:
        ChangeConflict: With all conflicts: a node that is not there, that has other parents or another value
            than it had where the changes come from, a parent that is not there, a name or class number that
            is taken, a cycle.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> from taxo.taxonomy.editing.diff import diff
        >>> a = from_edges([("bird", "owl"), ("bird", "duck"), ("owl", "teal")])
        >>> b = from_edges([("bird", "owl"), ("bird", "duck"), ("duck", "teal")])
        >>> c = from_edges([("bird", "owl"), ("bird", "duck"), ("owl", "teal"), ("owl", "barn")])
        >>> apply(a, diff(a, b)) == b
        True
        >>> apply(c, diff(a, b)).classes
        ('teal', 'barn')
    """
    if changes.same:
        return taxonomy
    replay = Replay(taxonomy, changes)
    edges = replay.edges()
    classes, numbers = _classes(replay, edges[0])
    if replay.conflicts:
        raise ChangeConflict(taxonomy.name, replay.conflicts)
    try:
        return _built(replay, *edges, classes, numbers)
    except CycleError as error:
        raise ChangeConflict(taxonomy.name, [str(error)]) from None


def _classes(replay: Replay, parent: Ints) -> tuple[list[str], list[int]]:
    """Names and numbers of the classes after the changes, in class order; notes numbers that are taken."""
    old, changes = replay.taxonomy, replay.changes
    placed, no_classes = dict(replay.numbers), set(replay.no_classes)
    if changes.numbered == "leaves" and classes_are_leaves(old):
        # A node that is a leaf where the changes come from may have children here, and the other way round.
        inner = {replay.names[v] for v in np.unique(parent).tolist()}
        placed = {name: number for name, number in placed.items() if name not in inner}
        no_classes &= inner
    numbers = {name: placed.pop(name, number) for name, number in replay.old_classes() if name not in no_classes}
    places = [(entry.name, entry.before) for entry in changes.class_order]
    if not numbers and not placed:
        replay.conflict("no class is left")
    if changes.numbered == "number":
        for name, number in _repeated({**numbers, **placed}):
            replay.conflict(f"class number {number}: both {name[0]!r} and {name[1]!r} would have it here")
        after = numbers | placed
        by_number = not places and ascend(old.class_numbers.tolist())
        names = sorted(after, key=after.__getitem__) if by_number else put([*numbers], placed, places)
        return names, [after[name] for name in names]
    # Numbers that are in order only once the changes are made are so for good: a second replay must do the same.
    if numbered_in_order(old) or list(numbers.values()) == list(range(len(numbers))):
        names = put([*numbers], placed, places)
        return names, list(range(len(names)))
    # Places in an order say nothing among numbers that stay with their class: new ones come last.
    highest = max(numbers.values(), default=-1)
    names = [*numbers, *sorted(placed, key=placed.__getitem__)]
    return names, [*numbers.values(), *range(highest + 1, highest + 1 + len(placed))]


def _repeated(numbers: Mapping[str, int]) -> Iterator[tuple[tuple[str, str], int]]:
    """Pairs of classes with one number."""
    owner: dict[int, str] = {}
    for name, number in numbers.items():
        if owner.setdefault(number, name) != name:
            yield (owner[number], name), number


def _built(replay: Replay, parent: Ints, child: Ints, classes: list[str], numbers: list[int]) -> Taxonomy:
    """The hierarchy, whole."""
    at = replay.index
    order = arranged(replay.staying(), [(at[name], at.get(before or "")) for name, before in replay.placed])
    place = np.full(len(replay.names), -1, dtype=np.intp)
    place[order] = np.arange(len(order))
    # Through ranks: class numbers need not ascend in class order.
    ranks = np.full(len(order), NOT_A_CLASS, dtype=np.intp)
    ranks[place[[replay.index[name] for name in classes]]] = np.arange(len(classes))
    names = [replay.names[v] for v in order]
    own = [replay.labels[v] for v in order]
    made = build(
        names,
        place[parent],
        place[child],
        class_numbers=ranks,
        ranks=[replay.ranks[v] for v in order],
        labels=[name if label is None else label for name, label in zip(names, own, strict=True)],
        synonyms=[replay.synonyms[v] for v in order],
        lengths=_lengths(replay, order, child),
        name=replay.taxonomy.name,
        meta=replay.taxonomy.meta,
    )
    return replace(made, class_numbers=np.array(numbers, dtype=np.intp))


def _lengths(replay: Replay, order: list[int], child: Ints) -> Floats | None:
    """Branch lengths of the nodes in their new order; None in a DAG, which has none."""
    lengths = np.array([np.nan if (length := replay.lengths[v]) is None else length for v in order], dtype=np.float64)
    if not has_several_parents(child, len(replay.names)):
        return lengths
    if not np.isnan(lengths).all():
        log.warning("the changes make a DAG, which has no branch lengths: they are left out")
    return None
