"""Class lists: `id name` per line, as published data sets have them, or just one name per line."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..build import flat
from ..errors import FormatError, UnknownNode
from ..taxonomy import Taxonomy
from .quoting import unquote
from .source import Faults, Source, load_source, log


def read_class_list(path: str | Path) -> dict[str, str]:
    """Read `id name` lines, or names alone, which then stand for themselves.

    Returns:
        What stands first on each line, mapped to the rest of the line with white space normalised.

    Raises:
        FormatError: All faults together: an id given twice, an id without a name, an empty file.
    """
    return parse_class_list(load_source(path))


def parse_class_list(source: Source) -> dict[str, str]:
    """As `read_class_list`, from a text."""
    content = [(n, line.strip()) for n, line in source.lines() if line.strip() and not line.startswith("#")]
    numbered = bool(content) and all(_starts_with_id(line) for _, line in content)
    faults = Faults(source)
    first: dict[str, int] = {}
    entries: dict[str, str] = {}
    for number, line in content:
        key, _, rest = _partition(line) if numbered else (unquote(line), "", unquote(line))
        if first.setdefault(key, number) != number:
            faults.add(number, f"{key!r} is given twice, first in line {first[key]}")
        if not rest:
            faults.add(number, f"id {key} has no name")
        entries[key] = " ".join(rest.split()) if numbered else rest
    if not entries:
        faults.add(None, "the class list is empty")
    faults.check()
    return entries


def is_class_list(lines: list[str]) -> bool:
    """Whether every line is `id name` with distinct whole numbers as ids and no number as a name."""
    if not lines or not all(_starts_with_id(line) for line in lines):
        return False
    keys, _, rests = zip(*map(_partition, lines), strict=True)
    return len(set(keys)) == len(keys) and not any(r.strip().isdigit() for r in rests)


def read_classes(source: Source) -> Taxonomy:
    """A class list by itself: a hierarchy in which no class has anything in common with another.

    Nodes have the names of the list and, as class numbers, its ids. Where a name stands more than once, the
    ids are the nodes' names and the names their labels, which is logged.

    Raises:
        FormatError: As `read_class_list`.
    """
    entries = parse_class_list(source)
    names, labels = list(entries.values()), list(entries.values())
    if len(set(names)) < len(names):
        repeated = next(name for name, count in Counter(names).items() if count > 1)
        log.warning("%s: the name %r is there twice, so the ids are taken as names", source.name, repeated)
        names = list(entries)
    taxonomy = replace(flat(names, source.stem), labels=tuple(labels))
    if not all(key.isascii() and key.isdigit() for key in entries):
        return taxonomy
    numbers = [int(key) for key in entries]
    order = np.argsort(numbers, kind="stable").tolist()
    return taxonomy.with_classes([names[i] for i in order], [numbers[i] for i in order])


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
    entries = read_class_list(path)
    by_name = all(name in taxonomy for name in entries.values())
    classes = list(entries.values() if by_name else entries)
    unknown = [UnknownNode(c, (*taxonomy.names, *taxonomy.labels)) for c in classes if c not in taxonomy]
    if unknown:
        raise FormatError(str(path), [(None, str(error)) for error in unknown])
    numbered = all(key.isascii() and key.isdigit() for key in entries)
    return taxonomy.with_classes(classes, [int(k) for k in entries] if numbered else None)


def _partition(line: str) -> tuple[str, str, str]:
    key, *rest = line.split(None, 1)
    return key, " ", rest[0] if rest else ""


def _starts_with_id(line: str) -> bool:
    first = line.split(None, 1)[0]
    return first.isascii() and first.isdigit()
