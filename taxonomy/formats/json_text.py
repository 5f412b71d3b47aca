"""JSON text as Python values, with its faults: syntax, keys given twice, any depth of nesting."""

import json
from typing import Any

from .json_deep import loads_deep
from .source import Faults, Source


class Number(str):
    """A number as it stands in the text: a name may be one, and `1.0` and `1` are different names."""

    __slots__ = ()


class Repeating(dict[str, Any]):
    """An object in whose text keys stand twice; the last value of each is kept.

    Attributes:
        repeated: These keys.
    """

    repeated: tuple[str, ...] = ()


class NotANumber(ValueError):
    """`NaN` or `Infinity`, which Python would take for JSON."""


def _refuse(word: str) -> None:
    raise NotANumber(word)


def load(source: Source, faults: Faults) -> Any:
    """The value that the text of a source stands for; None after a fault.

    Objects with repeated keys come as `Repeating`, numbers as `Number`.

    Faults: anything that is no JSON, with its line.
    """
    text = source.text
    try:
        try:
            return json.loads(
                text, object_pairs_hook=as_object, parse_int=Number, parse_float=Number, parse_constant=_refuse
            )
        except RecursionError:
            # Python's own parser gives up some hundred levels down; a chain of species is a file like any other.
            return loads_deep(text, as_object, Number)
    except NotANumber as error:
        faults.add(None, f"{error} is no valid JSON; write a number, a text or null", "json")
        return None
    except json.JSONDecodeError as error:
        faults.add(error.lineno, f"no valid JSON in column {error.colno}: {error.msg}; is the file whole?", "json")
        return None


def as_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object with these keys and values."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    marked = Repeating(found)
    marked.repeated = tuple(dict.fromkeys(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return marked


def check_keys(value: Any, place: str, faults: Faults) -> None:
    """Add a fault for every key that stands twice, where the value is an object."""
    if isinstance(value, Repeating):
        for key in value.repeated:
            faults.add(None, f"{place}: the key {key!r} is given twice; keep one", "duplicate-key")


def kind_of(value: Any) -> str:
    """What JSON calls a value, for messages."""
    kinds = {dict: "an object", list: "a list", Number: "a number", str: "a text", bool: "true or false"}
    return next((words for kind, words in kinds.items() if isinstance(value, kind)), "null")


encode = json.JSONEncoder(ensure_ascii=False).encode
"""JSON of a text, letters as they are."""
