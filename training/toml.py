"""Frozen dataclasses as TOML: tables are dataclasses, None is left out, and reading gives an equal value."""

import json
import tomllib
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from taxo.taxonomy.errors import TaxoError, did_you_mean, near_matches

Value = TypeVar("Value")


def write_toml(value: Any) -> str:
    """A dataclass as TOML: its fields in order, then one table for each field that is itself a dataclass.

    Args:
        value: A dataclass whose fields are texts, numbers, truth values, tuples of these, None or dataclasses.
    """
    plain, tables = [], []
    for f in fields(value):
        item = getattr(value, f.name)
        if is_dataclass(item):
            tables.append(f"\n[{f.name}]\n{write_toml(item)}")
        elif item is not None:
            plain.append(f"{f.name} = {_literal(item)}\n")
    return "".join(plain + tables)


def _literal(item: Any) -> str:
    if isinstance(item, tuple):
        return f"[{', '.join(_literal(i) for i in item)}]"
    if isinstance(item, str):
        # JSON escapes what TOML wants escaped, but for the character DEL.
        return json.dumps(item, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(item).lower() if isinstance(item, bool) else repr(item)


def read_toml(kind: type[Value], text: str, source: str) -> Value:
    """The dataclass that a TOML text describes.

    Args:
        kind: The dataclass.
        text: What `write_toml` wrote, or a person.
        source: What messages call the text.

    Raises:
        TaxoError: No TOML, keys that are unknown or missing, values of a wrong type: all of them. Or what the
            dataclass itself raises.
    """
    faults: list[str] = []
    values = _values(kind, _table(text, source), "", faults)
    faults += _missing(kind, values, "")
    try:
        value = None if faults else _built(kind, values)
    except TaxoError as error:
        faults += str(error).split("\n")
    if faults or value is None:
        raise TaxoError("\n".join(f"{source}: {fault}" for fault in faults))
    return value


def read_values(kind: type[Any], text: str, source: str) -> dict[str, Any]:
    """What a TOML text says of the fields of a dataclass, which it may leave out: tables are dictionaries.

    Raises:
        TaxoError: No TOML, unknown keys, values of a wrong type: all of them.
    """
    faults: list[str] = []
    values = _values(kind, _table(text, source), "", faults)
    if faults:
        raise TaxoError("\n".join(f"{source}: {fault}" for fault in faults))
    return values


def _table(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TaxoError(f"{source}: no valid TOML: {error}") from None


def _values(kind: type[Any], table: dict[str, Any], prefix: str, faults: list[str]) -> dict[str, Any]:
    """The items of a table as the types of the fields; `faults` tells what is wrong."""
    hints = get_type_hints(kind)
    known = {f.name for f in fields(kind)}
    values: dict[str, Any] = {}
    for key, item in table.items():
        if key not in known:
            faults.append(f"unknown key {prefix + key!r}{did_you_mean(near_matches(key, known))}")
        elif is_dataclass(hints[key]) and isinstance(item, dict):
            values[key] = _values(hints[key], item, f"{prefix}{key}.", faults)
        else:
            values[key] = _typed(item, hints[key], prefix + key, faults)
    return values


def _missing(kind: type[Any], values: dict[str, Any], prefix: str) -> list[str]:
    """Keys that must be given, and are not."""
    faults = []
    hints = get_type_hints(kind)
    for f in fields(kind):
        if f.name not in values and f.default is MISSING and f.default_factory is MISSING:
            faults.append(f"no {prefix + f.name!r}; this key must be given")
        elif is_dataclass(hints[f.name]) and isinstance(values.get(f.name), dict):
            faults += _missing(hints[f.name], values[f.name], f"{prefix}{f.name}.")
    return faults


def _built(kind: type[Value], values: dict[str, Any]) -> Value:
    hints = get_type_hints(kind)
    made = {
        name: _built(hints[name], item) if is_dataclass(hints[name]) and isinstance(item, dict) else item
        for name, item in values.items()
    }
    return kind(**made)


def _typed(item: Any, hint: Any, name: str, faults: list[str]) -> Any:
    """The item as the field's type; TOML's 1 is a float where one is wanted."""
    if isinstance(hint, UnionType):
        hint = next(arm for arm in get_args(hint) if arm is not NoneType)
    if get_origin(hint) is tuple and isinstance(item, list):
        return tuple(_typed(i, get_args(hint)[0], name, faults) for i in item)
    if hint is float and type(item) is int and abs(item) < 2**1000:
        return float(item)
    if type(item) is not hint:
        words = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
        wanted = words.get(hint, "a list" if get_origin(hint) is tuple else "a table")
        faults.append(f"{name} is {item!r}; it must be {wanted}")
    return item
