"""Frozen dataclasses as TOML: tables are dataclasses, None is left out, and reading gives an equal value."""

import json
import tomllib
from dataclasses import MISSING, Field, fields, is_dataclass
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
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TaxoError(f"{source}: no valid TOML: {error}") from None
    faults: list[str] = []
    try:
        value = _build(kind, table, "", faults)
    except TaxoError as error:
        raise TaxoError("\n".join(f"{source}: {line}" for line in (*faults, *str(error).split("\n")))) from None
    if faults or value is None:
        raise TaxoError("\n".join(f"{source}: {fault}" for fault in faults))
    return value


def _build(kind: type[Value], table: dict[str, Any], prefix: str, faults: list[str]) -> Value | None:
    """A dataclass out of a table; None where something is wrong, which `faults` then tells."""
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    hints = get_type_hints(kind)
    before = len(faults)
    for key in [key for key in table if key not in known]:
        faults.append(f"unknown key {prefix + key!r}{did_you_mean(near_matches(key, known))}")
    values: dict[str, Any] = {}
    for name, item in table.items():
        if name not in known:
            continue
        hint = hints[name]
        if is_dataclass(hint) and isinstance(item, dict):
            values[name] = _build(hint, item, f"{prefix}{name}.", faults)  # type: ignore[arg-type]
        else:
            values[name] = _typed(item, hint, prefix + name, faults)
    faults += [f"no {prefix + name!r}; this key must be given" for name in _required(known) if name not in table]
    return kind(**values) if len(faults) == before else None


def _required(known: dict[str, Field[Any]]) -> list[str]:
    return [n for n, f in known.items() if f.default is MISSING and f.default_factory is MISSING]


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
