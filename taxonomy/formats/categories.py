"""Lists of categories in JSON, as image data sets have them: loading, and the checks that all of them need."""

import json
import re
from typing import Any

import numpy as np

from ..arrays import Ints
from ..build import NO_NUMBER
from .source import Faults, Source
from .tidy import tidy

WHOLE = 1 << 24
"""Longest text, in characters, that is parsed as a whole."""

_CATEGORIES = re.compile(r'"categories"\s*:\s*(?=\[)')

Entry = dict[str, Any]


def load_categories(source: Source, faults: Faults) -> list[tuple[int, Entry]]:
    """The categories of a JSON file, with their places from 0: `{"categories": [...]}` or the list by itself.

    Of a file above `WHOLE` characters only the last list called "categories" is parsed: the annotations, often
    hundreds of megabytes, would take minutes and gigabytes.

    Faults: no JSON, no list, an entry that is no object, without a whole number `id` or a text `name`, an id that
    stands twice.
    """
    entries = _load(source, faults)
    if entries == [] and not faults:
        faults.add(None, "the list of categories is empty", "empty")
    found: list[tuple[int, Entry]] = []
    first: dict[int, int] = {}
    for place, entry in enumerate(entries):
        if not isinstance(entry, dict):
            faults.add(None, f"entry {place} is no object but {_shorten(entry)}; each is to have 'id' and 'name'")
            continue
        number = entry.get("id")
        # True is an int to Python.
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 1 << 62:
            faults.add(None, f"entry {place}: {_missing(entry, 'id', 'a whole number from 0')}", "class-number")
            continue
        if not isinstance(entry.get("name"), str) or not tidy(entry["name"]):
            faults.add(None, f"entry {place}: {_missing(entry, 'name', 'a text')}")
            continue
        if first.setdefault(number, place) != place:
            faults.add(
                None, f"entry {place}: id {number} is given twice, first in entry {first[number]}", "class-number"
            )
            continue
        found.append((place, {**entry, "name": tidy(entry["name"])}))
    return found


def _load(source: Source, faults: Faults) -> list[Any]:
    try:
        value = _parse(source.text)
    except json.JSONDecodeError as error:
        faults.add(error.lineno, f"no valid JSON in column {error.colno}: {error.msg}; is the file whole?", "json")
        return []
    except (RecursionError, ValueError) as error:  # nested too deep; a number of thousands of digits
        cause = "nested too deep" if isinstance(error, RecursionError) else str(error)
        faults.add(None, f"no list of categories: {cause}", "json")
        return []
    if isinstance(value, dict):
        value = value.get("categories")
    if not isinstance(value, list):
        faults.add(None, 'no list of categories; expected is {"categories": [...]} or the list by itself')
        return []
    return value


def _parse(text: str) -> Any:
    if len(text) > WHOLE:
        for match in reversed(list(_CATEGORIES.finditer(text))):
            value, _ = json.JSONDecoder().raw_decode(text, match.end())
            if all(isinstance(entry, dict) and "id" in entry for entry in value):
                return value
    return json.loads(text)


def _missing(entry: Entry, key: str, wanted: str) -> str:
    return f"{key!r} is {_shorten(entry[key])}, not {wanted}" if key in entry else f"no {key!r}; give {wanted}"


def _shorten(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True) if not isinstance(value, (list, dict)) else type(value).__name__
    return text if len(text) <= 60 else text[:57] + "..."


def text_of(entry: Entry, key: str, place: int, faults: Faults) -> str:
    """The text that an entry has under a key; "" where it has none, or null."""
    value = entry.get(key)
    if value is None or isinstance(value, str):
        return tidy(value or "")
    faults.add(None, f"entry {place}: {_missing(entry, key, 'a text')}")
    return ""


def numbers_of(numbers: dict[int, int], size: int) -> Ints:
    """Class number of every node, `(size,)`, from the numbers of some."""
    found = np.full(size, NO_NUMBER, dtype=np.intp)
    found[list(numbers)] = list(numbers.values())
    return found
