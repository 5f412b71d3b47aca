"""Edge lists: one `parent child` or `child parent` pair of names per line; holds trees and DAGs.

A node without any edge stands on a line of its own, in double quotes: a bare name would rather be a pair
whose other half is missing.
"""

import itertools
import json
from collections import defaultdict
from collections.abc import Iterator, MutableMapping
from dataclasses import replace

import numpy as np

from ..arrays import Ints
from ..taxonomy import Taxonomy
from .draft import Draft, check_edges
from .options import ReadOptions
from .quoting import quote, unquote
from .regular import parse_regular
from .source import Faults, Source, log

_BIG = 1 << 16  # characters from which it is worth while to look at the text as an array

_TABS = "put a tab between names that hold spaces"


def split_pair(line: str) -> list[str]:
    """Fields of a line: between tabs where there are any, else between white space."""
    return [unquote(f) for f in line.split("\t")] if "\t" in line else line.split()


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read an edge list: names between tabs, or between white space where no name holds any.

    Which side is the parent is inferred unless `options.is_a` says it: the direction that has one root, else
    the one in which no node has two parents, else `parent child`; what was assumed is logged.

    Faults: a line without exactly two names, a self-loop, an edge given twice.
    """
    pairs = _parse(source, faults)
    if not pairs.names and not faults:
        faults.add(None, "the file holds no pairs", "empty")
    is_a = options.is_a
    if is_a is None:
        is_a = _infer_direction(pairs)
        if not faults:
            log.warning(
                "%s: read as pairs '%s' (%s)",
                source.name,
                "child parent" if is_a else "parent child",
                "inferred from the number of roots; --is-a or --no-is-a decides otherwise",
            )
    if is_a:
        pairs = replace(pairs, parent=pairs.child, child=pairs.parent)
    check_edges(pairs, faults)
    return pairs


def read_is_a(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read lines `child parent`."""
    return read(source, faults, replace(options, is_a=True))


def _parse(source: Source, faults: Faults) -> Draft:
    """The pairs, left names as parents."""
    if len(source.text) >= _BIG and (regular := parse_regular(source.text)):
        return regular
    index: defaultdict[str, int] = defaultdict(itertools.count().__next__)  # numbers every new name
    ends: list[Ints] = []
    lines: list[Ints] = []
    for first, chunk in source.chunks():
        fields = split_regular(chunk)
        if fields is None:
            fields, numbers = _split_carefully(first, chunk, index, faults)
        else:
            numbers = np.arange(first, first + len(chunk))
        ends.append(np.fromiter(map(index.__getitem__, fields), np.intp, len(fields)))
        lines.append(numbers)
    left, right = np.concatenate(ends).reshape(-1, 2).T.copy()
    return Draft(names=list(index), parent=left, child=right, edge_lines=np.concatenate(lines))


def split_regular(lines: list[str]) -> list[str] | None:
    """All names of lines with exactly two plain names each, without a Python step per name; else None."""
    text = "\n".join(lines)
    if '"' in text or text.startswith("#") or "\n#" in text:
        return None
    tabs = text.count("\t")
    if tabs not in (0, len(lines)):
        return None
    rows = [line.split("\t") for line in lines] if tabs else [line.split() for line in lines]
    if set(map(len, rows)) != {2}:
        return None
    fields = list(itertools.chain.from_iterable(rows))
    if tabs and (not all(fields) or list(map(str.strip, fields)) != fields):
        return None
    return fields


def _split_carefully(
    first: int, lines: list[str], index: MutableMapping[str, int], faults: Faults
) -> tuple[list[str], Ints]:
    """All names of the pairs among the lines, and the line of every pair; lone nodes go straight to the index."""
    found: list[str] = []
    numbers: list[int] = []
    for number, line in enumerate(lines, first):
        if not line.strip() or line.startswith("#"):
            continue
        if (alone := unquote(line)) != line.strip():
            _ = index[alone]
            continue
        fields = split_pair(line)
        if len(fields) != 2 or not all(fields):
            count = f"{len(fields)} name{'' if len(fields) == 1 else 's'} where two are expected"
            faults.add(number, f"{count}: {_shorten(line)!r}; {_TABS}")
            continue
        found += fields
        numbers.append(number)
    return found, np.array(numbers, dtype=np.intp)


def _shorten(line: str) -> str:
    return line if len(line) <= 60 else line[:57] + "..."


def _infer_direction(pairs: Draft) -> bool:
    """Whether the pairs read `child parent`."""
    down, up = (np.bincount(children, minlength=len(pairs.names)) for children in (pairs.child, pairs.parent))
    roots = [int((counts == 0).sum()) for counts in (down, up)]
    if (roots[0] == 1) != (roots[1] == 1):
        return roots[1] == 1
    return bool(up.max(initial=0) <= 1 < down.max(initial=0))


def write(taxonomy: Taxonomy) -> Iterator[str]:
    """Lines `parent child`, with a tab between where a name holds white space."""
    return _write(taxonomy, is_a=False)


def write_is_a(taxonomy: Taxonomy) -> Iterator[str]:
    """Lines `child parent`."""
    return _write(taxonomy, is_a=True)


def _write(taxonomy: Taxonomy, *, is_a: bool) -> Iterator[str]:
    if _roots_need_lines(taxonomy):
        yield from (json.dumps(taxonomy.names[r], ensure_ascii=False) for r in taxonomy.roots)
    names = [quote(n) for n in taxonomy.names]
    separator = "\t" if any(len(n.split()) != 1 or n.startswith('"') for n in names) else " "
    for node, name in enumerate(names):
        for p in taxonomy.parents_of(node):
            yield f"{name}{separator}{names[p]}" if is_a else f"{names[p]}{separator}{name}"


def _roots_need_lines(taxonomy: Taxonomy) -> bool:
    """Whether the edges alone would lose a root or change the order of the roots."""
    seen = dict.fromkeys(taxonomy.parents.index.tolist())
    appearing = [v for v in seen if v < len(taxonomy.roots)]
    return bool(appearing != taxonomy.roots.tolist())
