"""Names that stand more than once in a file where they should not."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from .draft import Draft

T = TypeVar("T")


def repeats(names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Every name that stood earlier: its place, and that of the first.

    Example:
        >>> list(repeats(["a", "b", "a"]))
        [(2, 0)]
    """
    if len(set(names)) == len(names):
        return
    first: dict[str, int] = {}
    for i, name in enumerate(names):
        if first.setdefault(name, i) != i:
            yield i, first[name]


def merged(draft: Draft) -> Draft:
    """The draft without the nodes whose names stood earlier: their edges go to the first of that name.

    Args:
        draft: As a reader made it, but that `names` may repeat.
    """
    if len(set(draft.names)) == len(draft.names):
        return draft
    first: dict[str, int] = {}
    at = np.array([first.setdefault(name, i) for i, name in enumerate(draft.names)], dtype=np.intp)
    kept = np.flatnonzero(at == np.arange(len(at)))
    place = np.searchsorted(kept, at)

    def pick(column: Sequence[T] | None) -> list[T] | None:
        return None if column is None else [column[i] for i in kept.tolist()]

    return replace(
        draft,
        names=pick(draft.names) or [],
        parent=place[draft.parent],
        child=place[draft.child],
        class_numbers=None if draft.class_numbers is None else draft.class_numbers[kept],
        ranks=pick(draft.ranks),
        labels=pick(draft.labels),
        synonyms=pick(draft.synonyms),
        lengths=None if draft.lengths is None else draft.lengths[kept],
        node_lines=None if draft.node_lines is None else draft.node_lines[kept],
    )
