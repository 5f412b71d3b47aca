"""The difference of two hierarchies as a value: what `diff` makes, `apply` replays and change files hold."""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Added:
    """A node that only the later hierarchy has.

    Attributes:
        name: Its name.
        parents: Names of its parents in the later hierarchy; none for a root.
        rank: "" for none.
        label: What a person reads; None where that is the name.
        synonyms: Other names.
        length: Length of the branch above it; None where it has none.
        number: Class number; None where the node is no class.
        before: The sibling in front of which it stands; None: behind all others.
    """

    name: str
    parents: tuple[str, ...] = ()
    rank: str = ""
    label: str | None = None
    synonyms: tuple[str, ...] = ()
    length: float | None = None
    number: int | None = None
    before: str | None = None


@dataclass(frozen=True, kw_only=True)
class Removed:
    """A node that only the earlier hierarchy has: as `Added`, with the earlier names of the parents."""

    name: str
    parents: tuple[str, ...] = ()
    rank: str = ""
    label: str | None = None
    synonyms: tuple[str, ...] = ()
    length: float | None = None
    number: int | None = None


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A node of both hierarchies whose parents differ.

    Attributes:
        name: Its name in the later hierarchy.
        old: Earlier names of the parents it had.
        new: Later names of the parents it has.
        before: As for `Added`.
    """

    name: str
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    before: str | None = None


@dataclass(frozen=True, kw_only=True)
class Renamed:
    """A node that is called otherwise.

    Attributes:
        old: The earlier name, which the later hierarchy does not have.
        new: The later name, which the earlier hierarchy does not have.
        because: What the two have in common: "name", "number", "classes", "place" or "children" (see `match`).
    """

    old: str
    new: str
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class Merged:
    """Several nodes that became one; it explains entries of the other kinds and replays nothing.

    Attributes:
        sources: Earlier names; the node that took in the others is among them where it was there before.
        into: The later name.
    """

    sources: tuple[str, ...]
    into: str


@dataclass(frozen=True, kw_only=True)
class Split:
    """One node that became several; it explains entries of the other kinds and replays nothing.

    Attributes:
        source: The earlier name.
        into: Later names; the node itself is among them where it is still there.
    """

    source: str
    into: tuple[str, ...]


Value = str | int | float | tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True)
class Changed:
    """An attribute of a node of both hierarchies.

    Attributes:
        name: The node's later name.
        attribute: "rank", "label", "synonyms", "length" or "number".
        old: The earlier value: text, a tuple for synonyms, None for no label of its own, no branch length or no class.
        new: The later value.
    """

    name: str
    attribute: str
    old: Value
    new: Value


def spoken(attribute: str) -> str:
    """How messages call the attribute of a `Changed`."""
    return {"number": "class number", "length": "branch length"}.get(attribute, attribute)


@dataclass(frozen=True, kw_only=True)
class Reordered:
    """A node that stands elsewhere among its siblings, or among the classes; `before` as for `Added`."""

    name: str
    before: str | None = None


@dataclass(frozen=True, kw_only=True)
class Diff:
    """What leads from an earlier to a later hierarchy.

    Attributes:
        added: Nodes that are new, in the node order of the later hierarchy, like the entries below.
        removed: Nodes that are gone, in the node order of the earlier hierarchy.
        moved: Nodes with other parents.
        renamed: Nodes that are called otherwise.
        merged: Several nodes that became one.
        split: One node that became several.
        changed: Ranks, labels, synonyms, branch lengths and class numbers that differ.
        order: Nodes that stand elsewhere among their siblings.
        class_order: Classes that stand elsewhere in the order of the classes, and new ones that are not the last,
            each with the class in front of which it stands (None: behind all others). Empty where class numbers
            stay with their classes and tell the order.
        numbered: "number" where a class number stays with its class. "order" where the classes of both
            hierarchies are numbered 0, 1, 2 ...: a number is then just a place in the order. "leaves" where,
            moreover, the classes of both are the leaves.
        shifted: How many classes have another number only because others came, went or were put before them.
    """

    added: tuple[Added, ...] = ()
    removed: tuple[Removed, ...] = ()
    moved: tuple[Moved, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    merged: tuple[Merged, ...] = ()
    split: tuple[Split, ...] = ()
    changed: tuple[Changed, ...] = ()
    order: tuple[Reordered, ...] = ()
    class_order: tuple[Reordered, ...] = ()
    numbered: str = "leaves"
    shifted: int = 0

    @property
    def same(self) -> bool:
        """Whether the two hierarchies are equal."""
        # The other two fields say how class numbers are meant, not that anything differs.
        return replace(self, numbered="leaves", shifted=0) == Diff()

    def to_json(self) -> dict[str, Any]:
        """What `taxo diff --json` prints; see docs/diff.md for the layout."""
        from .change_files import to_document

        return to_document(self)

    @staticmethod
    def from_json(document: object, source: str = "changes") -> "Diff":
        """The value that a document of `to_json` stands for.

        Args:
            document: What `json.load` gave.
            source: What messages call it by.

        Raises:
            FormatError: With the path of everything that is not as it should be, such as `moved[3].name`.
        """
        from .change_files import from_document

        return from_document(document, source)
