"""Class lists: `id name` per line, as published data sets have them, or just one name per line."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..build import NO_NUMBER
from ..errors import FormatError, UnknownNode
from ..taxonomy import Taxonomy
from .draft import Draft
from .options import ReadOptions
from .quoting import quote, unquote
from .source import Faults, Source, log


def read_class_list(path: str | Path) -> dict[str, str]:
    """Read `id name` lines, or names alone, which then stand for themselves.

    Returns:
        What stands first on each line, mapped to the rest of the line with white space normalised.

    Raises:
        FormatError: All faults together: an id given twice, an id without a name, an empty file.
    """
    return parse_class_list(Source(str(path)))


def parse_class_list(source: Source) -> dict[str, str]:
    """As `read_class_list`, from a text."""
    faults = Faults(source)
    entries = _parse(source, faults)
    faults.check()
    return {key: value for key, (_, value) in entries.items()}


def _parse(source: Source, faults: Faults) -> dict[str, tuple[int, str]]:
    """What stands first on each line, mapped to the line's number and the rest of the line."""
    content = [(n, line.strip()) for n, line in source.lines() if line.strip() and not line.startswith("#")]
    numbered = bool(content) and all(_starts_with_id(line) for _, line in content)
    entries: dict[str, tuple[int, str]] = {}
    for number, line in content:
        key, rest = _partition(line) if numbered else (unquote(line), unquote(line))
        if key in entries:
            faults.add(number, f"{key!r} is given twice, first in line {entries[key][0]}", "duplicate-name")
            continue
        if not rest:
            faults.add(number, f"id {key} has no name")
        entries[key] = number, _name(rest) if numbered else rest
    if not entries:
        faults.add(None, "the class list is empty", "empty")
    return entries


def is_class_list(lines: list[str]) -> bool:
    """Whether every line is `id name` with distinct whole numbers as ids and no number as a name."""
    if not lines or not all(_starts_with_id(line) for line in lines):
        return False
    keys, rests = zip(*map(_partition, lines), strict=True)
    return len(set(keys)) == len(keys) and not any(r.strip().isdigit() for r in rests)


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """A class list by itself: a hierarchy in which no class has anything in common with another.

    Nodes have the names of the list and, as class numbers, its ids. Where a name stands more than once, the
    ids are the nodes' names and the names their labels, which is logged.
    """
    entries = _parse(source, faults)
    names = labels = [name for _, name in entries.values()]
    if len(set(names)) < len(names):
        repeated = next(name for name, count in Counter(names).items() if count > 1)
        log.warning("%s: the name %r is there twice, so the ids are taken as names", source.name, repeated)
        names = list(entries)
    numbers = [int(key) if key.isascii() and key.isdigit() and len(key) < 19 else NO_NUMBER for key in entries]
    return Draft(
        names=names,
        labels=labels,
        class_numbers=np.array(numbers, dtype=np.intp) if NO_NUMBER not in numbers else np.arange(len(names)),
        node_lines=np.array([line for line, _ in entries.values()], dtype=np.intp),
    )


def label_nodes(taxonomy: Taxonomy, entries: dict[str, str], source: str) -> Taxonomy:
    """The hierarchy with the names of a class list as labels; its ids are the nodes' names.

    Args:
        taxonomy: Whose node names are the ids.
        entries: From `read_class_list`.
        source: The class list's name, for messages.

    Raises:
        FormatError: Ids that are no nodes, all together.
    """
    unknown = [key for key in entries if key not in taxonomy]
    if unknown:
        raise FormatError(source, [(None, f"id {key!r} is no node of the hierarchy") for key in unknown])
    labels = tuple(entries.get(name, label) for name, label in zip(taxonomy.names, taxonomy.labels, strict=True))
    return replace(taxonomy, labels=labels)


def select_classes(taxonomy: Taxonomy, path: str | Path) -> Taxonomy:
    """The hierarchy with the classes, and the class order, of a class list.

    Each line names a node: by the node's name, or else as `number name`, the number becoming the class
    number. Inner nodes may be classes.

    Raises:
        FormatError: All lines together that name no node, or an inconsistent list.
    """
    faults = Faults(source := Source(str(path)))
    entries = _parse(source, faults)
    faults.check()
    by_name = all(name in taxonomy for _, name in entries.values())
    classes = [name for _, name in entries.values()] if by_name else list(entries)
    for name, (line, _) in zip(classes, entries.values(), strict=True):
        if name not in taxonomy:
            faults.add(line, str(UnknownNode(name, (*taxonomy.names, *taxonomy.labels))), "unknown-node")
    faults.check()
    numbered = all(key.isascii() and key.isdigit() for key in entries)
    return taxonomy.with_classes(classes, [int(k) for k in entries] if numbered else None)


def write(taxonomy: Taxonomy) -> Iterator[str]:
    """Lines `number name`: of a flat hierarchy in the order of its nodes, else in the order of the classes."""
    numbers = dict(zip(taxonomy.class_nodes.tolist(), taxonomy.class_numbers.tolist(), strict=True))
    for node in sorted(numbers) if not taxonomy.parents.index.size else numbers:
        name = taxonomy.names[node]
        plain = " ".join(name.split()) == name
        yield f"{numbers[node]} {quote(name) if plain else json.dumps(name, ensure_ascii=False)}"


def _name(text: str) -> str:
    """A name behind an id: white space is as it comes, unless quotes say that it is meant."""
    unquoted = unquote(text)
    return unquoted if unquoted != text.strip() else " ".join(text.split())


def _partition(line: str) -> tuple[str, str]:
    key, *rest = line.split(None, 1)
    return key, rest[0] if rest else ""


def _starts_with_id(line: str) -> bool:
    first = line.split(None, 1)[0]
    return first.isascii() and first.isdigit()
