"""What kind of hierarchy a JSON file holds: one of classes, or the categories of an image data set."""

import itertools
import re

from .source import Source

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?|[{}\[\]]')
_WORD = '"categories"'
_CATEGORIES = re.compile(r'"categories"\s*:\s*\[\s*(?=\{)')
_FIRST_OF_LIST = re.compile(r"\s*\[\s*(?=\{)")
_MOST_TOKENS = 500

RANK_KEYS = frozenset({"kingdom", "phylum", "class", "order", "family", "genus"})
"""Ranks that iNaturalist's categories have as keys."""


def json_kind(source: Source) -> str:
    """What a JSON file holds: "coco" or "inaturalist" categories, else "json", a hierarchy.

    Nothing is parsed but the first category: "coco" is an object with a list of categories, or such a list by
    itself, whose entries have a supercategory; "inaturalist" is one whose entries have ranks as keys.

    Example:
        >>> json_kind(Source("x", '{"images": [], "categories": [{"id": 1, "name": "owl", "supercategory": "bird"}]}'))
        'coco'
        >>> json_kind(Source("x", '[{"id": 0, "kingdom": "Animalia", "phylum": "Chordata", "genus": "Bubo"}]'))
        'inaturalist'
        >>> json_kind(Source("x", '{"name": "birds", "children": [{"name": "owls"}]}'))
        'json'
    """
    text = source.text
    at = _first_category(text)
    keys = set() if at is None else _keys(text, at)
    if len(keys & RANK_KEYS) > 1 and "children" not in keys:
        return "inaturalist"
    return "coco" if "supercategory" in keys else "json"


def _first_category(text: str) -> int | None:
    """Where the first entry of a list of categories, or of any list, begins."""
    if found := _FIRST_OF_LIST.match(text):
        return found.end()
    # They may stand behind a million annotations: looking for the word itself is fast.
    at = text.find(_WORD)
    while at >= 0:
        if found := _CATEGORIES.match(text, at):
            return found.end()
        at = text.find(_WORD, at + 1)
    return None


def looks_like_json(text: str) -> bool:
    """Whether a text begins as JSON does: what else begins with a bracket is a name."""
    return re.match(r'\s*(\{\s*["}]|\[\s*[\[{"\]\d])', text) is not None


def _keys(text: str, at: int) -> set[str]:
    """Keys of the object that begins at a place, up to the first object in it; lists are passed over."""
    keys: set[str] = set()
    depth = 0
    for token in itertools.islice(_TOKEN.finditer(text, at), _MOST_TOKENS):
        if token[0] == "}" or (token[0] == "{" and keys):
            break
        depth += {"[": 1, "]": -1}.get(token[0], 0)
        if token[2] and not depth:
            keys.add(token[1])
    return keys
