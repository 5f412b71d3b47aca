"""Indented text: one node per line, deeper lines are children.

Read are our own format (two spaces a level, attributes after tabs) and what people have: leading dashes
(`-- Alcae (subord)`, `---- Stercorariinae ?`), tabs, any number of spaces, box-drawing characters as `tree`
prints them. Our own format is also what the built-in hierarchies are written in.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..arrays import Ints
from ..errors import TaxoError
from ..taxonomy import Taxonomy
from .draft import Draft
from .numbering import written_numbers
from .options import ReadOptions
from .outline_attributes import node_text, parse_attributes, parse_class, parse_length
from .quoting import unquote
from .source import MAX_BYTES, Faults, Source, log
from .walk import depth_first

MAGIC = "# taxo 1"

_PREFIX = {
    "dashes": re.compile(r"(-+)(?= )"),
    "box": re.compile(r"[\s│├└─┬┼|`+\\-]*[├└`+|\\][─-]+\s?"),
    "tabs": re.compile(r"\t*"),
    "spaces": re.compile(r" *"),
}
_RANKS = {
    "subord": "suborder",
    "superfam": "superfamily",
    "subfam": "subfamily",
    "superord": "superorder",
    "infraord": "infraorder",
    "subgen": "subgenus",
}
_MARK = re.compile(rf"\s+(?:\(({'|'.join(_RANKS)})\.?\)|(\?))$")
_HEADER = re.compile(r"# ([a-z]+): (.*)")


@dataclass
class _Lines:
    """What the lines of a file say, column by column."""

    number: list[int] = field(default_factory=list)
    indent: list[int] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    rank: list[str] = field(default_factory=list)
    label: list[str] = field(default_factory=list)
    synonyms: list[tuple[str, ...]] = field(default_factory=list)
    length: list[float] = field(default_factory=list)
    class_number: list[int] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    doubtful: int = 0


def dialect(source: Source) -> str:
    """How depth is shown in this file: "taxo", "dashes", "box", "tabs" or "spaces"."""
    if source.text.startswith("# taxo "):
        return "taxo"
    content = [line for _, line in source.lines() if line.strip() and not line.startswith("#")]
    for kind in ("dashes", "box"):
        if any(_PREFIX[kind].match(line) for line in content):
            return kind
    return "tabs" if any(line.startswith("\t") for line in content) else "spaces"


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read indented text of any dialect.

    Faults: a jump in the indentation, a node given twice, a bad attribute, a class number given twice, another
    version of the format, no nodes.
    """
    kind = dialect(source)
    lines = _parse(source, kind, faults)
    _check_repeats(lines, faults)
    parents = _parents(lines, 2 if kind == "taxo" else None, faults)
    if lines.doubtful and not faults:
        log.warning("%s: %d names are marked as uncertain with '?'; the mark is taken off", source.name, lines.doubtful)
    return _draft(lines, parents)


def _draft(lines: _Lines, parents: Ints) -> Draft:
    """The columns, without the lines whose name stood on an earlier one: their children go to that one."""
    first: dict[str, int] = {}
    at = np.array([first.setdefault(name, i) for i, name in enumerate(lines.name)], dtype=np.intp)
    kept = np.flatnonzero(at == np.arange(len(at)))
    place = np.searchsorted(kept, at)
    child = np.flatnonzero(parents >= 0)
    numbers = np.array(lines.number, dtype=np.intp)

    def pick(column: list[Any]) -> list[Any]:
        return column if len(kept) == len(column) else [column[i] for i in kept]

    return Draft(
        names=pick(lines.name),
        parent=place[parents[child]],
        child=place[child],
        class_numbers=np.array(pick(lines.class_number), dtype=np.intp),
        ranks=pick(lines.rank),
        labels=pick(lines.label),
        synonyms=pick(lines.synonyms),
        lengths=np.array(pick(lines.length), dtype=np.float64),
        meta=lines.meta,
        node_lines=numbers[kept],
        edge_lines=numbers[child],
    )


def _parse(source: Source, kind: str, faults: Faults) -> _Lines:
    lines = _Lines()
    for number, line in source.lines():
        if number == 1 and kind == "taxo":
            if line.strip() != MAGIC:
                faults.add(1, f"unknown version {line!r}; this program reads {MAGIC!r}", "version")
        elif line.startswith("#"):
            header = _HEADER.fullmatch(line)
            if header and kind == "taxo":
                lines.meta[header[1]] = header[2].strip()
        elif line.strip():
            indent, text = _split_indent(line, kind)
            if text[:1].isspace():
                faults.add(number, "tabs and spaces are mixed in the indentation; use one of them", "indentation")
                text = text.strip()
            lines.number.append(number)
            lines.indent.append(indent)
            _parse_node(text, number, kind, lines, faults)
    return lines


def _split_indent(line: str, kind: str) -> tuple[int, str]:
    """Width of the indentation, and what follows it."""
    prefix = _PREFIX["spaces" if kind == "taxo" else kind].match(line)
    width = prefix.end() if prefix else 0
    if kind == "box" and not prefix:
        return 0, line.strip()
    return width, line[width:].lstrip(" ") if kind in ("dashes", "box") else line[width:]


def _parse_node(text: str, number: int, kind: str, lines: _Lines, faults: Faults) -> None:
    """Read name and attributes of one line into the columns."""
    name, *attributes = text.split("\t")
    values, synonyms = parse_attributes(attributes, number, faults)
    name = unquote(name)
    if kind == "dashes":
        while mark := _MARK.search(name):
            name = name[: mark.start()]
            if mark[1]:
                values.setdefault("rank", _RANKS[mark[1]])
            else:
                lines.doubtful += 1
    if not name:
        faults.add(number, "a line without a name")
    lines.name.append(name)
    lines.rank.append(values.get("rank", ""))
    lines.label.append(values.get("label", name))
    lines.class_number.append(parse_class(values.get("class"), number, faults))
    lines.synonyms.append(synonyms)
    lines.length.append(parse_length(values.get("length"), number, faults))


def _check_repeats(lines: _Lines, faults: Faults) -> None:
    """Names and class numbers may stand only once."""
    first: dict[str, int] = {}
    numbered: dict[int, int] = {}
    for line, name, number in zip(lines.number, lines.name, lines.class_number, strict=True):
        if first.setdefault(name, line) != line:
            faults.add(line, f"node {name!r} is given twice, first in line {first[name]}", "duplicate-name")
        if number >= 0 and numbered.setdefault(number, line) != line:
            faults.add(line, f"class number {number} is given twice, first in line {numbered[number]}", "class-number")


def _parents(lines: _Lines, unit: int | None, faults: Faults) -> np.ndarray:
    """Index of the parent line of every line, -1 for roots, `(n_lines,)`."""
    unit = unit or min((w for w in lines.indent if w), default=1)
    parents = np.full(len(lines.name), -1, dtype=np.intp)
    path: list[int] = []  # the lines from a root to the current one
    for i, (number, width) in enumerate(zip(lines.number, lines.indent, strict=True)):
        depth, rest = divmod(width, unit)
        if rest:
            faults.add(number, f"indentation of {width} is no multiple of {unit}, the unit of this file", "indentation")
        elif depth > len(path):
            above = f"line {lines.number[i - 1]} has depth {len(path) - 1}" if path else "it is the first node"
            faults.add(number, f"indentation jumps to depth {depth} where {above}; a level is missing", "indentation")
        depth = min(depth, len(path))  # after a fault: read on, to find the others
        parents[i] = path[depth - 1] if depth else -1
        path[depth:] = [i]
    return parents


def write(taxonomy: Taxonomy) -> Iterator[str]:
    """Lines of our own text format, without line breaks, for a tree or forest.

    Class numbers are written where reading would otherwise give other numbers or another order.

    Raises:
        TaxoError: A hierarchy so deep that the indentation alone would be more than is read.
    """
    blanks = 2 * int(taxonomy.depths.sum())
    if blanks > MAX_BYTES:
        size = f"{blanks / 2**30:.0f} GiB of indentation"
        raise TaxoError(
            f"text would hold {size}, as the hierarchy is {taxonomy.height} levels deep; write pairs or json"
        )
    order = depth_first(taxonomy)
    classes = written_numbers(taxonomy, order)
    yield MAGIC
    for key, value in taxonomy.meta.items():
        if header := _HEADER.fullmatch(f"# {key}: {' '.join(value.split())}"):
            yield header[0]
    for node in order.tolist():
        yield "  " * int(taxonomy.depths[node]) + node_text(taxonomy, node, classes.get(node))
