"""What the entries of a file of changes must look like."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Check = Callable[[Any], str | None]
"""Says what is wrong with a value, or None."""

Fields = dict[str, tuple[bool, Check]]
"""Keys of an object: whether it must be there, and what its value must be."""

Faults = list[tuple[int | None, str]]


def checked(entry: object, path: str, fields: Fields, faults: Faults) -> dict[str, Any]:
    """The entry's keys and values that are as they should be; adds a fault for everything else."""
    inner = "" if path == "the document" else f"{path}."
    if not isinstance(entry, dict):
        faults.append((None, f"{path}: an object with the keys {', '.join(fields)} is expected, not {_kind(entry)}"))
        return {}
    good: dict[str, Any] = {}
    for key, value in entry.items():
        if key not in fields:
            faults.append((None, f"{inner}{key}: unknown key; known are {', '.join(fields)}"))
        elif problem := fields[key][1](value):
            faults.append((None, f"{inner}{key}: {problem}"))
        else:
            good[key] = value
    missing = [key for key, (needed, _) in fields.items() if needed and key not in entry]
    faults.extend((None, f"{inner}{key}: is missing") for key in missing)
    return good


def contradictions(sections: Mapping[str, Sequence[Mapping[str, Any]]], inside: Mapping[str, Any]) -> Iterator[str]:
    """Entries that name a node twice, and values that are none of their attribute."""
    for group in (
        [("added", "name"), ("removed", "name"), ("moved", "name")],
        [("renamed", "from")],
        [("renamed", "to")],
        [("order", "name")],
        [("class_order", "name")],
    ):
        seen: dict[str, str] = {}
        for section, key in group:
            for i, entry in enumerate(sections[section]):
                path = f"{'attributes.' if section in ATTRIBUTE_SECTIONS else ''}{section}[{i}].{key}"
                earlier = seen.setdefault(entry[key], path)
                if earlier != path:
                    yield f"{path}: {entry[key]!r} stands in {earlier} already"
    twice: dict[tuple[str, str], int] = {}
    for i, entry in enumerate(sections["changed"]):
        first = twice.setdefault((entry["name"], entry["attribute"]), i)
        if first != i:
            yield f"attributes.changed[{i}]: {entry['attribute']} of {entry['name']!r} stands in [{first}] already"
        for key in ("from", "to"):
            if problem := VALUES[entry["attribute"]](entry[key]):
                yield f"attributes.changed[{i}].{key}: {problem}"
        is_number = entry["attribute"] == "number" and None not in (entry["from"], entry["to"])
        if is_number and inside.get("numbered", "number") != "number":
            yield f"attributes.changed[{i}]: classes are numbered by their order here; class_order puts one elsewhere"


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names: dict[type, str] = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}
    return names.get(type(value), "an object")


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return f"text is expected, not {_kind(value)}"
    # JSON can write half a character (\\ud800); no file could hold it.
    return None if value.isprintable() or not any("\ud800" <= c <= "\udfff" for c in value) else "half a character"


def _name(value: object) -> str | None:
    if not isinstance(value, str):
        return f"the name of a node is expected, not {_kind(value)}"
    if not value or set(value) & set("\t\r\n"):
        return "a name is not empty and holds no tab or line break"
    return _text(value)


def _texts(value: object) -> str | None:
    good = isinstance(value, list) and not any(map(_text, value))
    return None if good else f"a list of texts is expected{_not(value)}"


def _name_list(value: object) -> str | None:
    if not isinstance(value, list) or any(_name(v) for v in value):
        return f"a list of names is expected{_not(value)}"
    return "a name stands twice" if len(set(value)) < len(value) else None


def _not(value: object) -> str:
    return "" if isinstance(value, list) else f", not {_kind(value)}"


def _number(value: object) -> str | None:
    good = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63
    return None if good else f"a whole number is expected, not {_kind(value)}"


def _length(value: object) -> str | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf
    return None if good else f"a finite number is expected, not {_kind(value)}"


def _or_null(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _one_of(*words: str) -> Check:
    return lambda value: None if value in words else f"one of {', '.join(words)} is expected"


def _boolean(value: object) -> str | None:
    return None if isinstance(value, bool) else f"true or false is expected, not {_kind(value)}"


def _list(value: object) -> str | None:
    return None if isinstance(value, list) else f"a list is expected, not {_kind(value)}"


def _anything(value: object) -> None:
    return None


_NODE: Fields = {
    "name": (True, _name),
    "parents": (True, _name_list),
    "rank": (False, _text),
    "label": (False, _or_null(_text)),
    "synonyms": (False, _texts),
    "length": (False, _or_null(_length)),
    "number": (False, _or_null(_number)),
}
_BEFORE: Fields = {"before": (False, _or_null(_name))}
VALUES: dict[str, Check] = {
    "rank": _text,
    "label": _or_null(_text),
    "synonyms": _texts,
    "length": _or_null(_length),
    "number": _or_null(_number),
}
"""What the values of each attribute may be."""

SECTIONS: dict[str, Fields] = {
    "added": _NODE | _BEFORE,
    "removed": _NODE,
    "moved": {"name": (True, _name), "from": (True, _name_list), "to": (True, _name_list)} | _BEFORE,
    "renamed": {"from": (True, _name), "to": (True, _name), "because": (False, _text)},
    "merged": {"from": (True, _name_list), "to": (True, _name)},
    "split": {"from": (True, _name), "to": (True, _name_list)},
}
ATTRIBUTE_SECTIONS: dict[str, Fields] = {
    "changed": {
        "name": (True, _name),
        "attribute": (True, _one_of(*VALUES)),
        "from": (True, _anything),
        "to": (True, _anything),
    },
    "order": {"name": (True, _name)} | _BEFORE,
    "class_order": {"name": (True, _name)} | _BEFORE,
}
ATTRIBUTES: Fields = {
    "changed": (False, _list),
    "order": (False, _list),
    "class_order": (False, _list),
    "numbered": (False, _one_of("leaves", "order", "number")),
    "shifted": (False, _number),
}
TOP: Fields = {
    "same": (False, _boolean),
    **dict.fromkeys(SECTIONS, (False, _list)),
    "attributes": (False, _anything),
    "effect": (False, _anything),
}
