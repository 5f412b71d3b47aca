"""Which changes explain others: levels put in or taken out, whole branches, merges and splits."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from .changes import Added, Diff, Moved, Removed

Node = TypeVar("Node", Added, Removed)


@dataclass(kw_only=True)
class Story:
    """The entries of a difference, sorted into those that a person must read and those that follow from them.

    Attributes:
        added: New nodes, without those inside a branch that is new as a whole.
        removed: Nodes that are gone, without those inside a branch that is gone as a whole.
        new_below: Number of nodes in the new branch below each node of `added`.
        gone_below: Number of nodes in the branch that went with each node of `removed`.
        moved: Nodes that were moved, in groups with the same old and new parents.
        over: Nodes that a new level was put over, by the level's name; levels below that are new, too, included.
        freed: Nodes from above which a level was taken out, by the level's name; likewise.
        passed: Number of nodes with other parents only because levels were put in or taken out.
        joined: Number of nodes that moved by a merge, by the name of the node they went to.
        parted: Number of nodes that moved by a split, by the name of the node they left.
    """

    added: list[Added]
    removed: list[Removed]
    new_below: dict[str, int]
    gone_below: dict[str, int]
    moved: list[list[Moved]]
    over: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    freed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    joined: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    parted: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    passed: int = 0


def story(changes: Diff) -> Story:
    """Sort the entries of a difference."""
    kept_old = {name for entry in changes.moved for name in entry.old}
    kept_new = {name for entry in changes.moved for name in entry.new}
    added, new_below = _branches(changes.added, kept_new)
    removed, gone_below = _branches(changes.removed, kept_old)
    told = Story(added=added, removed=removed, new_below=new_below, gone_below=gone_below, moved=[])
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Moved]] = defaultdict(list)
    explain = _Explanations(changes)
    for entry in changes.moved:
        if not explain.note(entry, told):
            groups[entry.old, entry.new].append(entry)
    told.moved.extend(groups.values())
    _stack(added, told.over)
    _stack(removed, told.freed)
    return told


def _stack(entries: Sequence[Node], levels: dict[str, list[str]]) -> None:
    """Name levels that stand over nodes in the levels right above, too."""
    names = {entry.name for entry in entries}
    for entry in reversed(entries):
        for name in names.intersection(entry.parents) if entry.name in levels else ():
            levels[name].insert(0, entry.name)


class _Explanations:
    """Why a node was moved, if another entry says it."""

    def __init__(self, changes: Diff) -> None:
        self._later = {entry.old: entry.new for entry in changes.renamed}
        self._new = _nearest(changes.added)
        self._gone = _nearest(changes.removed)
        self._merged = {name: entry.into for entry in changes.merged for name in entry.sources}
        self._split = {name: entry.source for entry in changes.split for name in entry.into}

    def note(self, entry: Moved, told: Story) -> bool:
        """Add a moved node to what explains it; False where nothing does."""
        old, new = self._above(entry.old, self._gone), self._above(entry.new, self._new)
        if {self._later.get(name, name) for name in old} == new:
            told.passed += 1
            levels = [name for name in entry.new if name in self._new]
            for name in levels:
                told.over[name].append(entry.name)
            for name in entry.old if not levels else ():
                if name in self._gone:
                    told.freed[name].append(entry.name)
            return True
        if len(entry.old) != 1 or len(entry.new) != 1:
            return False
        (source,), (target,) = entry.old, entry.new
        if self._merged.get(source) == target:
            told.joined[target] += 1
            return True
        if self._split.get(target) == source:
            told.parted[source] += 1
            return True
        return False

    @staticmethod
    def _above(names: Iterable[str], nearest: Mapping[str, frozenset[str]]) -> frozenset[str]:
        return frozenset().union(*(nearest.get(name, {name}) for name in names))


def _nearest(entries: Iterable[Added] | Iterable[Removed]) -> dict[str, frozenset[str]]:
    """The nearest nodes above that both hierarchies have, by name; entries come from the top down."""
    found: dict[str, frozenset[str]] = {}
    for entry in entries:
        found[entry.name] = frozenset().union(*(found.get(name, {name}) for name in entry.parents))
    return found


def _branches(entries: Sequence[Node], keeping: set[str]) -> tuple[list[Node], dict[str, int]]:
    """The entries that are not inside a branch of entries alone, and how many nodes are in the branch of each.

    Args:
        entries: Nodes, from the top down.
        keeping: Names of nodes right above a node that both hierarchies have.
    """
    names = {entry.name for entry in entries}
    mixed = keeping & names
    for entry in reversed(entries):
        if entry.name in mixed:
            mixed.update(names.intersection(entry.parents))
    size = dict.fromkeys(names, 0)
    tops: list[Node] = []
    for entry in reversed(entries):
        if entry.parents and all(name in names and name not in mixed for name in entry.parents):
            size[entry.parents[0]] += 1 + size[entry.name]
        else:
            tops.append(entry)
    return tops[::-1], {entry.name: size[entry.name] for entry in tops}
