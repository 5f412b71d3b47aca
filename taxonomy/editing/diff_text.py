"""The difference of two hierarchies in lines for people."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from .changes import Added, Changed, Diff, Merged, Removed, Renamed, spoken
from .story import Story, story

SHOWN = 20
"""Lines of each kind where not all are wanted."""

_NAMES = 4
"""Names in one line where not all are wanted."""

_BECAUSE = {
    "name": "one name is a label, synonym or spelling of the other",
    "number": "same class number",
    "classes": "same classes below",
    "place": "same place, and alike",
    "children": "most children are the same",
}


def diff_lines(changes: Diff, *, all: bool = False, label: Callable[[str], str] = str) -> Iterator[str]:
    """What a person reads: one line for every change that does not follow from another, then a summary.

    The first character tells the kind: `~` renamed, `=` merged, `/` split, `>` moved, `+` added, `-` removed,
    `*` an attribute. A branch that is new or gone as a whole is one line; so are nodes that moved together.
    Nodes that have other parents only because a level was put in or taken out stand in the line of that level,
    and those that moved by a merge or a split are counted there.

    Args:
        changes: The difference.
        all: Whether everything is wanted: a line for every node of new branches and of those that are gone, and
            all names; else the first `SHOWN` lines of each kind.
        label: What to write for a node; its name by default.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> from taxo.taxonomy.editing.diff import diff
        >>> a = from_edges([("bird", "owl"), ("bird", "duck"), ("owl", "teal"), ("owl", "barn"), ("duck", "eider")])
        >>> b = from_edges([("bird", "owl"), ("bird", "duck"), ("owl", "barn"), ("duck", "teal"), ("duck", "eider")])
        >>> for line in diff_lines(diff(a, b)):
        ...     print(line)
        > teal moved: owl -> duck
        * 1 class has another number: others came, went or moved before
        1 moved
    """
    told = story(changes)
    later = {entry.old: entry.new for entry in changes.renamed}
    names = _Names(None if all else _NAMES, label)
    for lines in (
        [_renamed(entry, names) for entry in changes.renamed],
        [_merged(entry, told, names, later) for entry in changes.merged],
        [
            f"/ {names.of([entry.source])} split into {names.of(entry.into)}{_count(told.parted, entry.source)}"
            for entry in changes.split
        ],
        [
            f"> {names.of([e.name for e in group])} moved: {names.place(group[0].old)} -> {names.place(group[0].new)}"
            for group in told.moved
        ],
        [_added(entry, told, names) for entry in (changes.added if all else told.added)],
        [_removed(entry, told, names) for entry in (changes.removed if all else told.removed)],
        [*_attributes(changes, names)],
    ):
        yield from lines if all or len(lines) <= SHOWN else lines[:SHOWN]
        if not all and len(lines) > SHOWN:
            yield f"{lines[0][0]} ... and {len(lines) - SHOWN} more such lines (--all shows them)"
    yield summary(changes, told)


class _Names:
    """How nodes are written, and lists of them, cut where not all are wanted."""

    def __init__(self, shown: int | None, label: Callable[[str], str]) -> None:
        self._shown, self._label, self.all = shown, label, shown is None

    def of(self, names: Sequence[str]) -> str:
        """`"a, b and 3 more"`."""
        # "and 1 more" would take as much room as the name.
        whole = self._shown is None or len(names) <= self._shown + 1
        parts = [self._label(name) for name in (names if whole else names[: self._shown])]
        if not whole:
            parts.append(f"{len(names) - len(parts)} more")
        return " and ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)

    def place(self, parents: Sequence[str]) -> str:
        """Where a node stands: below these parents, or at the top."""
        return " + ".join(map(self._label, parents)) if parents else "(top)"

    def node(self, entry: Added | Removed) -> str:
        """A node with its rank and its place."""
        place = f"below {self.place(entry.parents)}" if entry.parents else "at the top"
        return f"{self._label(entry.name)} ({f'{entry.rank}, ' if entry.rank else ''}{place})"


def _count(counts: Mapping[str, int], name: str) -> str:
    return f" ({_plural(counts[name], 'node')} moved)" if counts.get(name) else ""


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _renamed(entry: Renamed, names: _Names) -> str:
    why = f" ({_BECAUSE.get(entry.because, entry.because)})" if entry.because else ""
    return f"~ {names.of([entry.old])} renamed to {names.of([entry.new])}{why}"


def _merged(entry: Merged, told: Story, names: _Names, later: Mapping[str, str]) -> str:
    others = [name for name in entry.sources if later.get(name, name) != entry.into]
    return f"= {names.of(others)} merged into {names.of([entry.into])}{_count(told.joined, entry.into)}"


def _added(entry: Added, told: Story, names: _Names) -> str:
    line = f"+ {names.node(entry)}"
    if over := told.over.get(entry.name):
        return f"{line}, put over {names.of(over)}"
    inside = 0 if names.all else told.new_below[entry.name]
    return f"{line}, with {_plural(inside, 'new node')} below" if inside else line


def _removed(entry: Removed, told: Story, names: _Names) -> str:
    line = f"- {names.node(entry)}"
    if freed := told.freed.get(entry.name):
        return f"{line}, taken out above {names.of(freed)}"
    inside = 0 if names.all else told.gone_below[entry.name]
    return f"{line}, with {_plural(inside, 'node')} below" if inside else line


def _attributes(changes: Diff, names: _Names) -> Iterator[str]:
    for entry in changes.changed:
        values = f"{_value(entry, entry.old)} -> {_value(entry, entry.new)}"
        yield f"* {spoken(entry.attribute)} of {names.of([entry.name])}: {values}"
    if changes.order:
        count = len(changes.order)
        verb = "stands" if count == 1 else "stand"
        yield f"* {names.of([e.name for e in changes.order])} {verb} elsewhere among the siblings"
    explained = {entry.name for entry in changes.added} | {entry.name for entry in changes.moved}
    explained |= {entry.name for entry in changes.changed} | {entry.name for entry in changes.order}
    if moved := [entry.name for entry in changes.class_order if entry.name not in explained]:
        yield f"* {names.of(moved)} {'stands' if len(moved) == 1 else 'stand'} elsewhere in the order of the classes"
    if changes.shifted:
        shifted = "class has" if changes.shifted == 1 else "classes have"
        yield f"* {changes.shifted} {shifted} another number: others came, went or moved before"


def _value(entry: Changed, value: object) -> str:
    if entry.attribute == "number":
        return "no class" if value is None else str(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None or value == "" else str(value)


def summary(changes: Diff, told: Story | None = None) -> str:
    """One line: how many nodes were added, removed, moved, renamed, and so on.

    Args:
        changes: The difference.
        told: What `story` made of it, where it is at hand.
    """
    if changes.same:
        return "no difference"
    told = told or story(changes)
    reasons = {
        "by levels put in or taken out": told.passed,
        "by merging": sum(told.joined.values()),
        "by splitting": sum(told.parted.values()),
    }
    moved = len(changes.moved)
    why = ", ".join(f"{'all' if n == moved > 1 else n} {reason}" for reason, n in reasons.items() if n)
    attributes = len(changes.changed) + len(changes.order)
    counts = {
        "added": len(changes.added),
        "removed": len(changes.removed),
        f"moved ({why})" if why else "moved": moved,
        "renamed": len(changes.renamed),
        "merged": len(changes.merged),
        "split": len(changes.split),
        "attribute changed" if attributes == 1 else "attributes changed": attributes,
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)
