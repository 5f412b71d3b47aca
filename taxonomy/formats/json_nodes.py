"""Nodes as JSON objects: their names, and what else stands in them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..build import NO_NUMBER, NOT_A_CLASS
from ..taxonomy import Taxonomy
from ..wording import few
from .draft import Draft
from .json_text import Number, check_keys, encode, kind_of
from .numbering import class_number
from .repeats import merged, repeats
from .source import Faults, Source, log
from .texts import wrong_with_name, wrong_with_text

NAME_KEYS = ("name", "id", "label", "value", "text", "title", "key")
"""Keys that a node's name may stand at, the first of them that is there."""

LABEL_KEYS = ("label", "text", "title")

Place = Callable[[int], str]


def scalar(value: Any) -> str | None:
    """The text of a name or a number; None for anything else."""
    return str(value) if isinstance(value, str) else None


def name_key(node: dict[str, Any]) -> str | None:
    """The key that a node's name stands at; None where there is none."""
    for key in NAME_KEYS:
        value = node.get(key)
        # D3 calls the size of a leaf its value.
        if isinstance(value, str) and not (key == "value" and isinstance(value, Number)):
            return key
    return None


def draft_of(
    nodes: Sequence[dict[str, Any]], used: Iterable[str], place: Place, source: Source, faults: Faults
) -> Draft:
    """The nodes with their attributes, without edges.

    Where a name stands twice and every node has an id, the ids are taken as names and the names as labels, which
    is logged. Keys that nobody reads are logged as well. Names may still repeat, with a fault: `merged` mends it.

    Args:
        nodes: An object per node.
        used: Keys that the caller has read.
        place: Where in the file a node stands, for messages.
        source: What they come from.
        faults: Takes a fault for every node without a name, name given twice, and wrong attribute.
    """
    known = {"rank", "class", "synonyms", *LABEL_KEYS, *used}
    names, labels = _names(nodes, known, place, source, faults)
    extra: set[str] = set()
    ranks, synonyms, numbers = [], [], []
    for i, node in enumerate(nodes):
        check_keys(node, place(i) if type(node) is not dict else "", faults)
        ranks.append(_text(node, "rank", i, place, faults))
        synonyms.append(_synonyms(node, i, place, faults))
        numbers.append(_class(node, i, place, faults))
        if not node.keys() <= known:
            extra.update(node.keys() - known)
    if extra and not faults:
        log.warning("%s: left out are the keys %s", source.name, few(sorted(extra)))
    _check_numbers(numbers, place, faults)
    return Draft(
        names=names,
        labels=labels,
        ranks=ranks,
        synonyms=synonyms,
        class_numbers=np.array(numbers, dtype=np.intp),
    )


def _names(
    nodes: Sequence[dict[str, Any]], known: set[str], place: Place, source: Source, faults: Faults
) -> tuple[list[str], list[str]]:
    """Name and label of every node; the keys that names stand at join the known ones."""
    names, labels = [], []
    for i, node in enumerate(nodes):
        key = name_key(node)
        name = str(node[key]) if key else ""
        if key:
            known.add(key)
        else:
            faults.add(None, f'{place(i)}: a node without a name; give it one, as "name"', "no-name")
        if key and (wrong := wrong_with_name(name)):
            faults.add(None, f"{place(i)}: the name {name!r} {wrong}", "name")
        names.append(name or f"({place(i)})")
        label = next((text for k in LABEL_KEYS if k != key and (text := _text(node, k, i, place, faults))), "")
        labels.append(label or names[-1])
    twice = next(iter(repeats(names)), None)
    if twice is None:
        return names, labels
    ids = [scalar(node.get("id")) for node in nodes]
    if len(set(ids)) == len(ids) and None not in ids and not any(wrong_with_name(i) for i in ids if i is not None):
        log.warning("%s: the name %r is there twice, so the ids are taken as names", source.name, names[twice[0]])
        known.add("id")
        return [i for i in ids if i is not None], labels
    for i, first in repeats(names):
        faults.add(None, f"{place(i)}: node {names[i]!r} is given twice, first at {place(first)}", "duplicate-name")
    return names, labels


def _text(node: dict[str, Any], key: str, i: int, place: Place, faults: Faults) -> str:
    """The text at a key, "" where there is none."""
    value = node.get(key)
    if value is None:
        return ""
    text = scalar(value)
    if text is None:
        faults.add(None, f"{place(i)}.{key}: {kind_of(value)} where a text is expected", "attribute")
        return ""
    if wrong := wrong_with_text(text):
        faults.add(None, f"{place(i)}.{key}: the text {text!r} {wrong}", "attribute")
    return text


def _synonyms(node: dict[str, Any], i: int, place: Place, faults: Faults) -> tuple[str, ...]:
    value = node.get("synonyms")
    if value is None:
        return ()
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) and not wrong_with_text(text) for text in texts):
        faults.add(None, f"{place(i)}.synonyms: give a list of texts", "attribute")
        return ()
    return tuple(map(str, texts))


def _class(node: dict[str, Any], i: int, place: Place, faults: Faults) -> int:
    value = node.get("class")
    if value is None:
        return NO_NUMBER
    number = class_number(value) if isinstance(value, str) else None
    if number is None:
        shown = repr(str(value)) if isinstance(value, str) else kind_of(value)
        faults.add(
            None,
            f'{place(i)}.class: {shown} is no class number; give a whole number from 0, or "-" for no class',
            "class-number",
        )
        return NO_NUMBER
    return number


def _check_numbers(numbers: list[int], place: Place, faults: Faults) -> None:
    """Add a fault for every class number that stood earlier."""
    first: dict[int, int] = {}
    for i, number in enumerate(numbers):
        if number not in (NO_NUMBER, NOT_A_CLASS) and first.setdefault(number, i) != i:
            message = f"{place(i)}.class: class number {number} is given twice, first at {place(first[number])}"
            faults.add(None, message, "class-number")


def with_edges(draft: Draft, parent: Sequence[int], child: Sequence[int]) -> Draft:
    """The draft with edges between its nodes, and each name only once."""
    draft.parent, draft.child = np.array(parent, dtype=np.intp), np.array(child, dtype=np.intp)
    return merged(draft)


def members(taxonomy: Taxonomy, node: int, numbers: dict[int, str], key: str) -> list[str]:
    """What stands in the JSON object of a node: its name at `key`, then what else it has.

    Args:
        taxonomy: Where the node is from.
        node: The node.
        numbers: From `written_numbers`.
        key: "name" or "id".
    """
    name, rank, label = taxonomy.names[node], taxonomy.ranks[node], taxonomy.labels[node]
    found = [f'"{key}": {encode(name)}']
    if rank:
        found.append(f'"rank": {encode(rank)}')
    if label != name:
        found.append(f'"label": {encode(label)}')
    if node in numbers:
        number = numbers[node]
        found.append(f'"class": {number}' if number.isdigit() else f'"class": {encode(number)}')
    if taxonomy.synonyms[node]:
        found.append(f'"synonyms": [{", ".join(map(encode, taxonomy.synonyms[node]))}]')
    return found
