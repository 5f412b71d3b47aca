"""Items that hold the same as another one: they leak from one split into the other, or contradict each other."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from .findings import DataFinding
from .samples import Samples


class Place(NamedTuple):
    """Where an item stands.

    Attributes:
        split: "train", "val" or "test".
        item: Its place in the split.
    """

    split: str
    item: int


def duplicates(parts: Mapping[str, Samples], groups: Sequence[Sequence[Place]]) -> Iterator[DataFinding]:
    """What is to be said about items with the same content.

    Args:
        parts: The splits.
        groups: The items that hold the same, two or more in each group.
    """
    for first, second in combinations(parts, 2):
        yield from _overlap(parts, groups, first, second)
    classes = [{_class(parts, place) for place in group} for group in groups]
    rows = [
        [text for place in group for text in (_name(parts, place), _class(parts, place))]
        for group, several in zip(groups, classes, strict=True)
        if len(several) > 1
    ]
    if rows:
        text = f"{len(rows)} times items of different classes hold the same; at most one of the classes can be right"
        yield _finding("warn", "contradiction", text, rows)
    alike = [group for group, several in zip(groups, classes, strict=True) if len(several) == 1]
    within = [[place for place in group if place.split == split] for split in parts for group in alike]
    rows = [[_name(parts, place) for place in group] for group in within if len(group) > 1]
    if rows:
        count = sum(len(row) - 1 for row in rows)
        yield _finding("info", "repeated", f"{count} items repeat another one of their split; they count twice", rows)


def _overlap(
    parts: Mapping[str, Samples], groups: Sequence[Sequence[Place]], first: str, second: str
) -> Iterator[DataFinding]:
    """Items of one split that are in another one too."""
    shared = [group for group in groups if {first, second} <= {place.split for place in group}]
    rows = [[_name(parts, place) for place in group if place.split in (first, second)] for group in shared]
    count = sum(place.split == second for group in shared for place in group)
    if count:
        text = f"{count} items of {second} are in {first} too; take them out of one of the two"
        yield _finding("warn", "overlap", text, rows)


def _name(parts: Mapping[str, Samples], place: Place) -> str:
    return parts[place.split].names[place.item]


def _class(parts: Mapping[str, Samples], place: Place) -> str:
    part = parts[place.split]
    return part.classes[int(part.targets[place.item])]


def _finding(severity: str, code: str, text: str, rows: Sequence[Sequence[str]]) -> DataFinding:
    return DataFinding(severity, code, text, tuple(tuple(row) for row in rows))
