"""Nodes as JSON objects: their names, and what else stands in them."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..build import NO_NUMBER, NOT_A_CLASS
from ..taxonomy import Taxonomy
from ..wording import few
from .branch_lengths import number as branch_length
from .branch_lengths import written_length
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
    keys = [name_key(node) for node in nodes]
    texts = [str(node[key]) if key else "" for node, key in zip(nodes, keys, strict=True)]
    names = _unique(nodes, _checked(texts, keys, place, faults), place, source, faults)
    known = {*(key for key in set(keys) if key), "rank", "class", "length", "synonyms", *LABEL_KEYS, *used}
    known |= {"id"} if names is not texts else set()
    labels, ranks, numbers = list(texts), [""] * len(nodes), [NO_NUMBER] * len(nodes)
    synonyms: list[tuple[str, ...]] = [()] * len(nodes)
    lengths = np.full(len(nodes), np.nan)
    bare = frozenset({"name", "id", "children"})
    extra: set[str] = set()
    for i, node in enumerate(nodes):
        if node.keys() <= bare and type(node) is dict:
            continue  # most nodes have nothing else
        attributes = _Attributes(node, i, place, faults)
        labels[i] = next((t for k in LABEL_KEYS if k != keys[i] and (t := attributes.text(k))), labels[i])
        ranks[i] = attributes.text("rank")
        synonyms[i] = attributes.synonyms()
        lengths[i] = attributes.length()
        numbers[i] = attributes.class_number()
        extra |= node.keys() - known
    extra |= {"id"} - known if any("id" in node for node in nodes) else set()
    if extra and not faults:
        log.warning("%s: left out are the keys %s", source.name, few(sorted(extra)))
    _check_numbers(numbers, place, faults)
    return Draft(
        names=names,
        labels=labels,
        ranks=ranks,
        synonyms=synonyms,
        lengths=lengths,
        class_numbers=np.array(numbers, dtype=np.intp),
    )


def _checked(texts: list[str], keys: Sequence[str | None], place: Place, faults: Faults) -> list[str]:
    """The same names, with something in the place of missing ones."""
    if all(texts) and not wrong_with_name("".join(texts)):
        return texts
    for i, (text, key) in enumerate(zip(texts, keys, strict=True)):
        if key is None:
            faults.add(None, f'{place(i)}: a node without a name; give it one, as "name"', "no-name")
        elif wrong := wrong_with_name(text):
            faults.add(None, f"{place(i)}: the name {text!r} {wrong}", "name")
        texts[i] = text or f"({place(i)})"
    return texts


def _unique(
    nodes: Sequence[dict[str, Any]], names: list[str], place: Place, source: Source, faults: Faults
) -> list[str]:
    """The names, or the ids where names repeat and ids do not."""
    twice = next(iter(repeats(names)), None)
    if twice is None:
        return names
    ids = [text for node in nodes if (text := scalar(node.get("id"))) and not wrong_with_name(text)]
    if len(set(ids)) == len(nodes):
        log.warning("%s: the name %r is there twice, so the ids are taken as names", source.name, names[twice[0]])
        return ids
    for i, first in repeats(names):
        faults.add(None, f"{place(i)}: node {names[i]!r} is given twice, first at {place(first)}", "duplicate-name")
    return names


class _Attributes:
    """What stands in the object of one node beside its name."""

    def __init__(self, node: dict[str, Any], number: int, place: Place, faults: Faults) -> None:
        self._node, self._number, self._place, self._faults = node, number, place, faults
        if type(node) is not dict:
            check_keys(node, place(number), faults)

    def text(self, key: str) -> str:
        """The text at a key, "" where there is none."""
        value = self._node.get(key)
        if value is None:
            return ""
        text = scalar(value)
        if text is None:
            self._fault(f".{key}: {kind_of(value)} where a text is expected")
            return ""
        if wrong := wrong_with_text(text):
            self._fault(f".{key}: the text {text!r} {wrong}")
        return text

    def synonyms(self) -> tuple[str, ...]:
        value = self._node.get("synonyms")
        if value is None:
            return ()
        texts = value if isinstance(value, list) else [value]
        if not all(isinstance(text, str) and not wrong_with_text(text) for text in texts):
            self._fault(".synonyms: give a list of texts")
            return ()
        return tuple(map(str, texts))

    def length(self) -> float:
        """The branch length, NaN where there is none."""
        value = self._node.get("length")
        if value is None:
            return math.nan
        found = branch_length(value) if isinstance(value, str) else None
        if found is None:
            shown = repr(str(value)) if isinstance(value, str) else kind_of(value)
            self._fault(f".length: {shown} is no branch length; give a number, or leave it out", "attribute")
        return math.nan if found is None else found

    def class_number(self) -> int:
        value = self._node.get("class")
        if value is None:
            return NO_NUMBER
        number = class_number(value) if isinstance(value, str) else None
        if number is None:
            shown = repr(str(value)) if isinstance(value, str) else kind_of(value)
            remedy = 'give a whole number from 0, or "-" for no class'
            self._fault(f".class: {shown} is no class number; {remedy}", "class-number")
            return NO_NUMBER
        return number

    def _fault(self, message: str, code: str = "attribute") -> None:
        self._faults.add(None, self._place(self._number) + message, code)


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
    if length := written_length(taxonomy, node):
        found.append(f'"length": {length}')
    if taxonomy.synonyms[node]:
        found.append(f'"synonyms": [{", ".join(map(encode, taxonomy.synonyms[node]))}]')
    return found
