"""The state of a hierarchy while changes are replayed on it, and what does not fit."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..arrays import Ints
from ..lengths import known
from ..taxonomy import Taxonomy
from .changes import Added, Changed, Diff, Moved, Removed, spoken
from .conflicts import below, told
from .numbering import numbers_of

_TOLD = ("rank", "label", "synonyms", "branch length", "class number")


class Replay:
    """Goes through all changes once and collects conflicts; the hierarchy itself stays as it is.

    Attributes:
        taxonomy: The hierarchy.
        changes: The changes.
        names: Names after the changes, of the old nodes and then of the new ones.
        index: Node of every name, before nodes are removed.
        ranks, labels, synonyms, lengths: Attributes of these nodes; None for a label that is the name, for no length.
        gone: Nodes that are removed.
        parents: New parents, by node, of nodes that are new or moved.
        numbers: Class numbers, by name, of classes that are new or get another number.
        no_classes: Names of nodes that are classes no more.
        placed: Names of nodes that are new, moved or put elsewhere, with the sibling in front of which they go.
        conflicts: One line for each thing that does not fit.
    """

    def __init__(self, taxonomy: Taxonomy, changes: Diff) -> None:
        """Replays all changes but the edges."""
        self.taxonomy, self.changes = taxonomy, changes
        self.conflicts: list[str] = []
        self.names = list(taxonomy.names)
        self.ranks, self.synonyms = list(taxonomy.ranks), list(taxonomy.synonyms)
        self.labels = [
            None if label == name else label for label, name in zip(taxonomy.labels, taxonomy.names, strict=True)
        ]
        self.lengths = known(taxonomy.lengths, taxonomy.n_nodes)
        self._columns: dict[str, list[Any]] = {
            "rank": self.ranks, "label": self.labels, "synonyms": self.synonyms, "length": self.lengths
        }  # fmt: skip
        self.gone: set[int] = set()
        self.parents: dict[int, tuple[str, ...]] = {}
        self.numbers: dict[str, int] = {}
        self.no_classes: set[str] = set()
        self.placed: list[tuple[str, str | None]] = []
        self._old_numbers = numbers_of(taxonomy)
        self._by_number = changes.numbered == "number"
        self._later: dict[str, str] = {}
        self._rename()
        self.index = {name: i for i, name in enumerate(self.names)}
        for removed in changes.removed:
            self._remove(removed)
        for added in changes.added:
            self._add(added)
        for moved in changes.moved:
            self._move(moved)
        for changed in changes.changed:
            self._change(changed)
        self.placed += [(entry.name, entry.before) for entry in changes.order if self.has(entry.name)]

    def conflict(self, line: str) -> None:
        """Note something that does not fit."""
        self.conflicts.append(line)

    def has(self, name: str) -> bool:
        """Whether there is a node of this name after the changes."""
        return name in self.index and self.index[name] not in self.gone

    def staying(self) -> list[int]:
        """Nodes that keep their place, in order."""
        elsewhere = self.gone.union(self.index[name] for name, _ in self.placed)
        return [v for v in range(self.taxonomy.n_nodes) if v not in elsewhere]

    def old_classes(self) -> Iterator[tuple[str, int]]:
        """Names and numbers of the classes that were there before and are not removed, in order."""
        return ((self.names[v], number) for v, number in self._old_numbers.items() if v not in self.gone)

    def edges(self) -> tuple[Ints, Ints]:
        """Parent and child of every edge after the changes, as places in `names`; notes parents that are missing."""
        above = self.taxonomy.parents
        parent, child = above.index, np.repeat(np.arange(self.taxonomy.n_nodes), above.counts())
        changed = np.zeros(self.taxonomy.n_nodes, dtype=bool)
        changed[[v for v in (*self.gone, *self.parents) if v < self.taxonomy.n_nodes]] = True
        gone = np.zeros(self.taxonomy.n_nodes, dtype=bool)
        gone[list(self.gone)] = True
        kept = ~changed[child]
        parent, child = parent[kept], child[kept]
        for v, p in zip(child[gone[parent]].tolist(), parent[gone[parent]].tolist(), strict=True):
            self.conflict(f"remove {self.names[p]!r}: {self.names[v]!r} stands below it here and would hang in the air")
        new = [(self._parent(v, name), v) for v, names in self.parents.items() for name in names]
        pairs = np.array([pair for pair in new if pair[0] >= 0], dtype=np.intp).reshape(-1, 2)
        return np.concatenate([parent, pairs[:, 0]]), np.concatenate([child, pairs[:, 1]])

    def _parent(self, node: int, name: str) -> int:
        if self.has(name):
            return self.index[name]
        what = "add" if node >= self.taxonomy.n_nodes else "move"
        self.conflict(f"{what} {self.names[node]!r} below {name!r}: there is no node {name!r}")
        return -1

    def _rename(self) -> None:
        there = {name: i for i, name in enumerate(self.names)}
        for entry in self.changes.renamed:
            if entry.old in there and entry.new in there:
                self.conflict(f"rename {entry.old!r} to {entry.new!r}: there is a node {entry.new!r} already")
            elif entry.old in there:
                self.names[there[entry.old]] = self._later[entry.old] = entry.new
            elif entry.new not in there:
                self.conflict(f"rename {entry.old!r} to {entry.new!r}: there is no node {entry.old!r}")
            else:
                self._later[entry.old] = entry.new  # renamed already

    def _now(self, names: Sequence[str]) -> set[str]:
        """Earlier names as they are after the changes."""
        return {self._later.get(name, name) for name in names}

    def _above(self, node: int) -> list[str]:
        return [self.names[p] for p in self.taxonomy.parents_of(node).tolist()]

    def _where(self, node: int) -> str:
        """Where a node stands, by the names that the hierarchy has now."""
        return below([self.taxonomy.names[p] for p in self.taxonomy.parents_of(node).tolist()])

    def _remove(self, entry: Removed) -> None:
        node = self.index.get(entry.name)
        if node is None:
            return  # removed already
        if set(self._above(node)) != self._now(entry.parents):
            where = self._where(node)
            self.conflict(f"remove {entry.name!r} {below(entry.parents)}: it stands {where} here")
        self.gone.add(node)

    def _add(self, entry: Added) -> None:
        if entry.name in self.index:
            self._compare(entry, self.index[entry.name])
            return
        node = self.index[entry.name] = len(self.names)
        self.names.append(entry.name)
        self.ranks.append(entry.rank)
        self.labels.append(entry.label if entry.label != entry.name else None)
        self.synonyms.append(entry.synonyms)
        self.lengths.append(entry.length)
        self.parents[node] = entry.parents
        if entry.number is not None:
            self.numbers[entry.name] = entry.number
        self.placed.append((entry.name, entry.before))

    def _compare(self, entry: Added, node: int) -> None:
        """A node to add that is there already must be the same."""
        if set(self._above(node)) != set(entry.parents):
            where = self._where(node)
            self.conflict(f"add {entry.name!r} {below(entry.parents)}: it is there already, {where}")
            return
        number = self._old_numbers.get(node)
        if not self._by_number and number is not None and entry.number is not None:
            number = entry.number  # just a place, that depends on the other classes
        here = (self.ranks[node], self.labels[node], self.synonyms[node], self.lengths[node], number)
        wanted = (entry.rank, entry.label, entry.synonyms, entry.length, entry.number)
        for what, one, other in zip(_TOLD, here, wanted, strict=True):
            if one != other:
                self.conflict(f"add {entry.name!r}: it is there already, with {what} {told(one)}, not {told(other)}")

    def _move(self, entry: Moved) -> None:
        if not self.has(entry.name):
            self.conflict(f"move {entry.name!r}: there is no node {entry.name!r}")
            return
        node = self.index[entry.name]
        above = set(self._above(node))
        if above == set(entry.new):
            return  # moved already
        if above != self._now(entry.old):
            where = self._where(node)
            self.conflict(f"move {entry.name!r}, {below(entry.old)}, to {below(entry.new)}: it stands {where} here")
            return
        self.parents[node] = entry.new
        self.placed.append((entry.name, entry.before))

    def _change(self, entry: Changed) -> None:
        what = spoken(entry.attribute)
        if not self.has(entry.name):
            self.conflict(f"{what} of {entry.name!r}: there is no node {entry.name!r}")
            return
        node = self.index[entry.name]
        if entry.attribute == "number":
            self._change_number(entry, self._old_numbers.get(node))
            return
        column = self._columns[entry.attribute]
        here, was, wanted = column[node], entry.old, entry.new
        if entry.attribute == "label":  # a node that was renamed to its label has no label of its own any more
            here, was, wanted = (None if value == entry.name else value for value in (here, was, wanted))
        if here == was:
            column[node] = entry.new
        elif here != wanted:
            self.conflict(f"{what} of {entry.name!r} {told(entry.old)} -> {told(entry.new)}: it is {told(here)} here")

    def _change_number(self, entry: Changed, here: int | None) -> None:
        one, other = (here, entry.new) if self._by_number else (here is not None, entry.new is not None)
        was = entry.old if self._by_number else entry.old is not None
        if one == other:
            return
        if one != was:
            numbers = f"{told(entry.old)} -> {told(entry.new)}"
            self.conflict(f"class number of {entry.name!r} {numbers}: it is {told(here)} here")
        elif isinstance(entry.new, int):
            self.numbers[entry.name] = entry.new
        else:
            self.no_classes.add(entry.name)
