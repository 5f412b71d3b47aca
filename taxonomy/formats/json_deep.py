"""A parser of JSON that does not recurse, for texts nested deeper than Python's own takes."""

import re
from collections.abc import Callable
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None}


class _Open:
    """A list or an object whose end has not been seen yet."""

    __slots__ = ("key", "pairs", "values")

    def __init__(self, bracket: str) -> None:
        self.values: list[Any] = []
        self.pairs: list[tuple[str, Any]] | None = [] if bracket == "{" else None
        self.key = ""

    def add(self, value: Any) -> None:
        if self.pairs is None:
            self.values.append(value)
        else:
            self.pairs.append((self.key, value))


def loads_deep(text: str, as_object: Callable[[list[tuple[str, Any]]], Any], as_number: Callable[[str], Any]) -> Any:
    """The value of a JSON text, nested as deep as it may be.

    Args:
        text: The text.
        as_object: Makes an object of its keys and values.
        as_number: Makes a number of its text.

    Raises:
        JSONDecodeError: No valid JSON.

    Example:
        >>> loads_deep('{"a": [1, null]}', dict, int)
        {'a': [1, None]}
    """
    stack: list[_Open] = []
    at = _skip(text, 0)
    while True:
        if text[at : at + 1] in ("[", "{"):
            stack.append(_Open(text[at]))
            at = _skip(text, at + 1)
            if text[at : at + 1] not in ("]", "}"):
                at = _key(text, at, stack[-1])
                continue
            value, at = _close(text, at, stack, as_object)
        else:
            value, at = _scalar(text, at, as_number)
        # A value is complete: what holds it goes on, or is complete as well.
        while stack:
            stack[-1].add(value)
            at = _skip(text, at)
            if text[at : at + 1] == ",":
                at = _key(text, _skip(text, at + 1), stack[-1])
                break
            value, at = _close(text, at, stack, as_object)
        else:
            at = _skip(text, at)
            if at < len(text):
                raise JSONDecodeError("Extra data", text, at)
            return value


def _skip(text: str, at: int) -> int:
    return _BLANK.match(text, at).end()  # type: ignore[union-attr]  # it matches everywhere


def _key(text: str, at: int, within: _Open) -> int:
    """Read the key of the next value, where it has one; gives the place of the value."""
    if within.pairs is None:
        return at
    if text[at : at + 1] != '"':
        raise JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
    within.key, at = scanstring(text, at + 1)
    at = _skip(text, at)
    if text[at : at + 1] != ":":
        raise JSONDecodeError("Expecting ':' delimiter", text, at)
    return _skip(text, at + 1)


def _close(
    text: str, at: int, stack: list[_Open], as_object: Callable[[list[tuple[str, Any]]], Any]
) -> tuple[Any, int]:
    """The list or object that ends here, and the place behind it."""
    done = stack.pop()
    if text[at : at + 1] != ("]" if done.pairs is None else "}"):
        raise JSONDecodeError("Expecting ',' delimiter", text, at)
    return done.values if done.pairs is None else as_object(done.pairs), at + 1


def _scalar(text: str, at: int, as_number: Callable[[str], Any]) -> tuple[Any, int]:
    if text[at : at + 1] == '"':
        value, end = scanstring(text, at + 1)
        return value, end
    for word, meaning in _WORDS.items():
        if text.startswith(word, at):
            return meaning, at + len(word)
    number = _NUMBER.match(text, at)
    if number is None:
        raise JSONDecodeError("Expecting value", text, at)
    return as_number(number[0]), number.end()
