"""Changes as JSON: what `taxo diff --json` prints and `taxo apply` takes."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import FormatError
from ..formats.source import Source
from .change_checks import ATTRIBUTE_SECTIONS, ATTRIBUTES, SECTIONS, TOP, Faults, checked, contradictions
from .changes import Added, Changed, Diff, Merged, Moved, Removed, Renamed, Reordered, Split


def read_changes(path: str) -> Diff:
    """The changes in a file of `taxo diff --json`; `-` is standard input.

    Raises:
        FormatError: Not JSON (with the line), or not as docs/diff.md says (with the path in the document).
        TaxoError: The file cannot be read.
    """
    source = Source(path)
    try:
        document = json.loads(source.text)
    except json.JSONDecodeError as error:
        raise FormatError(
            path, [(error.lineno, f"not JSON: {error.msg}; `taxo diff --json` makes such a file")]
        ) from None
    except RecursionError:
        raise FormatError(path, [(None, "brackets are nested too deeply; this is no file of changes")]) from None
    return from_document(document, path)


def to_document(changes: Diff) -> dict[str, Any]:
    """See `Diff.to_json`."""
    return {
        "same": changes.same,
        "added": [_node(entry) | {"before": entry.before} for entry in changes.added],
        "removed": [_node(entry) for entry in changes.removed],
        "moved": [{"name": e.name, "from": list(e.old), "to": list(e.new), "before": e.before} for e in changes.moved],
        "renamed": [{"from": e.old, "to": e.new, "because": e.because} for e in changes.renamed],
        "merged": [{"from": list(e.sources), "to": e.into} for e in changes.merged],
        "split": [{"from": e.source, "to": list(e.into)} for e in changes.split],
        "attributes": {
            "changed": [
                {"name": e.name, "attribute": e.attribute, "from": _plain(e.old), "to": _plain(e.new)}
                for e in changes.changed
            ],
            "order": [{"name": e.name, "before": e.before} for e in changes.order],
            "class_order": [{"name": e.name, "before": e.before} for e in changes.class_order],
            "numbered": changes.numbered,
            "shifted": changes.shifted,
        },
        "effect": None,
    }


def _node(entry: Added | Removed) -> dict[str, Any]:
    """A node; few hierarchies have branch lengths, so that key is there only where there is one."""
    return {
        "name": entry.name,
        "parents": list(entry.parents),
        "rank": entry.rank,
        "label": entry.label,
        "synonyms": list(entry.synonyms),
        **({} if entry.length is None else {"length": entry.length}),
        "number": entry.number,
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def from_document(document: object, source: str) -> Diff:
    """See `Diff.from_json`."""
    faults: Faults = []
    top = checked(document, "the document", TOP, faults)
    sections = {
        section: [checked(entry, f"{section}[{i}]", fields, faults) for i, entry in enumerate(top.get(section) or ())]
        for section, fields in SECTIONS.items()
    }
    inside = checked(top.get("attributes", {}), "attributes", ATTRIBUTES, faults)
    for section, fields in ATTRIBUTE_SECTIONS.items():
        entries = enumerate(inside.get(section) or ())
        sections[section] = [checked(e, f"attributes.{section}[{i}]", fields, faults) for i, e in entries]
    if not faults:
        faults += [(None, line) for line in contradictions(sections, inside)]
    if faults:
        raise FormatError(source, faults)
    made = _made(sections, inside)
    if top.get("same") and not made.same:
        raise FormatError(source, [(None, "same: is true, but there are changes")])
    return made


def _made(sections: Mapping[str, list[dict[str, Any]]], inside: Mapping[str, Any]) -> Diff:
    def all_of(kind: Callable[..., Any], section: str, **names: str) -> tuple[Any, ...]:
        """Entries of a section as values; keys that Python reserves or that say another thing are renamed."""
        return tuple(
            kind(**{names.get(key, key): _frozen(value) for key, value in entry.items()}) for entry in sections[section]
        )

    old_new = {"from": "old", "to": "new"}
    return Diff(
        added=all_of(Added, "added"),
        removed=all_of(Removed, "removed"),
        moved=all_of(Moved, "moved", **old_new),
        renamed=all_of(Renamed, "renamed", **old_new),
        merged=all_of(Merged, "merged", **{"from": "sources", "to": "into"}),
        split=all_of(Split, "split", **{"from": "source", "to": "into"}),
        changed=all_of(Changed, "changed", **old_new),
        order=all_of(Reordered, "order"),
        class_order=all_of(Reordered, "class_order"),
        numbered=inside.get("numbered", "number"),
        shifted=inside.get("shifted", 0),
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
