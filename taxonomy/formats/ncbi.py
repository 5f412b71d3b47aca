"""The NCBI taxonomy: `nodes.dmp` and `names.dmp`, in a folder or in an archive as it is offered for download.

The whole of it has 2.5 million nodes and 4 million names: what is done for each line is kept short.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from ..arrays import Ints
from .distinct import distinct
from .draft import Draft
from .ncbi_files import NAMES, NODES, contents
from .options import ReadOptions
from .source import Faults, Source, log

SYNONYMS = frozenset(
    [
        "synonym",
        "genbank synonym",
        "equivalent name",
        "common name",
        "acronym",
        "genbank acronym",
        "anamorph",
        "teleomorph",
    ]
)
"""Kinds of names that become synonyms. Authorities, type material, misspellings and the like are left out."""

T = TypeVar("T")

_BETWEEN, _BEHIND = "\t|\t", "\t|"
_CHUNK = 1 << 22


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read the NCBI taxonomy from a folder, from one of its two files (the other is beside it), or from an archive.

    A node's name is its scientific name; where several nodes have it, the unique name that NCBI gives
    ("Bacteria <bacteria>"), else the name and the taxid ("Bacteria <2>"). Its label is GenBank's common name, its
    synonyms are the names of the kinds in `SYNONYMS`. Names of taxids that are no nodes are left out, which is logged.

    Faults: a line without its fields, a taxid given twice, a parent that is not there, a node without a scientific
    name or with two.

    Raises:
        TaxoError: A file cannot be read, or one of the two is missing.
    """
    with _without_collector():
        return _read(source, faults)


@contextmanager
def _without_collector() -> Iterator[None]:
    """No search for cycles of objects meanwhile: millions of short-lived rows start it again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _read(source: Source, faults: Faults) -> Draft:
    files = contents(source)
    nodes = _read_nodes(_File(source, NODES, files.pop(NODES), faults))
    if faults:
        return Draft(names=[])
    names = _read_names(_File(source, NAMES, files.pop(NAMES), faults), nodes)
    if faults:
        return Draft(names=[])
    scientific = names.scientific
    below = np.flatnonzero(nodes.parent >= 0)
    return Draft(
        names=distinct(scientific, lambda i: names.unique.get(i) or f"{scientific[i]} <{nodes.ids[i]}>"),
        parent=nodes.parent[below],
        child=below,
        ranks=nodes.ranks,
        labels=_filled(scientific, names.common),
        synonyms=_filled([()] * len(scientific), {i: tuple(dict.fromkeys(found)) for i, found in names.other.items()}),
        node_lines=np.arange(1, len(scientific) + 1),
        edge_lines=below + 1,
    )


def _filled(default: list[T], values: dict[int, T]) -> list[T]:
    found = default.copy()
    for i, value in values.items():
        found[i] = value
    return found


class _File:
    """One of the two files: its lines in runs, and where its faults go."""

    def __init__(self, source: Source, name: str, data: bytes, faults: Faults) -> None:
        self.source, self._name, self._data, self._faults = source, name, data, faults

    def fault(self, line: int | None, message: str, code: str = "syntax") -> None:
        """Note a fault; the file is named where the source is a folder or an archive."""
        place = "" if self.source.name.removesuffix(".gz").endswith(self._name) else f"{self._name}: "
        self._faults.add(line, place + message, code)

    def chunks(self) -> Iterator[tuple[int, str]]:
        """Number of the first line, and whole lines, every one with its break."""
        start, number, data = 0, 1, self._data
        while start < len(data):
            end = data.find(b"\n", start + _CHUNK) + 1 or len(data)
            raw = data[start:end]
            try:
                text = raw.decode()
            except UnicodeDecodeError as error:
                line = number + raw.count(b"\n", 0, error.start)
                self.fault(line, f"byte 0x{raw[error.start]:02x} is not UTF-8; is this file from NCBI?")
                return
            yield number, (text if text.endswith("\n") else text + "\n").replace("\r\n", "\n")
            start, number = end, number + raw.count(b"\n")


@dataclass
class _Nodes:
    """`nodes.dmp`.

    Attributes:
        ids: `(n,)` taxids, in file order.
        parent: `(n,)` node that is the parent, -1 for a root.
        ranks: `(n,)`, "" where there is none.
    """

    ids: Ints
    parent: Ints
    ranks: list[str]
    _order: Ints = field(init=False)
    _sorted: Ints = field(init=False)

    def __post_init__(self) -> None:
        self._order = np.argsort(self.ids, kind="stable")
        self._sorted = self.ids[self._order]

    def of(self, ids: Ints) -> Ints:
        """Nodes of taxids, -1 where there is none."""
        if not len(self.ids):
            return np.full(len(ids), -1)
        at = np.minimum(np.searchsorted(self._sorted, ids), len(self.ids) - 1)
        return np.where(self._sorted[at] == ids, self._order[at], -1)

    def repeated(self) -> list[int]:
        """Nodes whose taxid stood earlier."""
        return sorted(self._order[1:][self._sorted[1:] == self._sorted[:-1]].tolist())


def _read_nodes(file: _File) -> _Nodes:
    ids: list[Ints] = [np.array([], dtype=np.int64)]
    above: list[Ints] = [np.array([], dtype=np.int64)]
    ranks: list[str] = []
    known = {"no rank": ""}  # one object per rank, not one per line
    for first, text in file.chunks():
        rows = [line.split(_BETWEEN, 3) for line in text.split("\n")[:-1]]
        try:
            ids.append(_integers([row[0] for row in rows]))
            above.append(_integers([row[1] for row in rows]))
            ranks += [known.setdefault(rank, rank) for rank in [row[2].removesuffix(_BEHIND) for row in rows]]
        except (ValueError, IndexError, OverflowError):
            _blame_nodes(file, first, rows)
            return _Nodes(ids[0], ids[0], [])
    nodes = _Nodes(np.concatenate(ids), np.concatenate(above), ranks)
    for node in nodes.repeated():
        file.fault(node + 1, f"taxid {nodes.ids[node]} is given twice", "duplicate-name")
    _link(file, nodes)
    return nodes


def _link(file: _File, nodes: _Nodes) -> None:
    """Turn the parents' taxids into nodes. The root stands in the file as its own parent."""
    taxids = nodes.parent
    nodes.parent = nodes.of(taxids)
    for node in np.flatnonzero(nodes.parent < 0).tolist():
        file.fault(node + 1, f"parent {taxids[node]} of taxid {nodes.ids[node]} is no node", "unknown-parent")
    own = np.flatnonzero(nodes.ids == taxids)
    nodes.parent[own] = -1
    for node in own[1:].tolist():
        root, taxid = nodes.ids[own[0]], nodes.ids[node]
        file.fault(node + 1, f"taxid {taxid} is its own parent, as only the root is, here {root}", "self-loop")


def _integers(texts: list[str]) -> Ints:
    numbers = np.array(list(map(int, texts)), dtype=np.int64)
    if numbers.min(initial=0) < 0:
        raise ValueError("a negative taxid")
    return numbers


def _blame_nodes(file: _File, first: int, rows: list[list[str]]) -> None:
    for line, row in enumerate(rows, first):
        if len(row) < 3 or not all(field.isascii() and field.isdigit() and len(field) < 19 for field in row[:2]):
            file.fault(line, f"not 'taxid | parent | rank |': {_shorten(_BETWEEN.join(row))}")


@dataclass
class _Names:
    """`names.dmp`: the scientific name of every node, and by node what else some have."""

    scientific: list[str]
    unique: dict[int, str] = field(default_factory=dict)
    common: dict[int, str] = field(default_factory=dict)
    other: dict[int, list[str]] = field(default_factory=dict)


def _read_names(file: _File, nodes: _Nodes) -> _Names:
    names = _Names([""] * len(nodes.ids))
    unknown = 0
    for first, text in file.chunks():
        fields = text.replace("\t|\n", _BETWEEN).split(_BETWEEN)
        try:
            if len(fields) != 4 * text.count("\n") + 1:
                raise ValueError("lines that do not have four fields")
            at = nodes.of(_integers(fields[:-1:4]))
        except (ValueError, OverflowError):
            _blame_names(file, first, text)
            return names
        unknown += int((at < 0).sum())
        _take(file, first, names, at.tolist(), fields)
    for node in [node for node, name in enumerate(names.scientific) if not name]:
        file.fault(None, f"taxid {nodes.ids[node]} has no scientific name", "unknown-name")
    if unknown:
        log.warning("%s: %d names of taxids that are no nodes are left out", file.source.name, unknown)
    return names


def _take(file: _File, first: int, names: _Names, at: list[int], fields: list[str]) -> None:
    """Take over the names of some lines."""
    scientific, unique, other = names.scientific, names.unique, names.other
    for i, (node, name, variant, kind) in enumerate(zip(at, fields[1::4], fields[2::4], fields[3::4], strict=False)):
        if node < 0:
            continue
        if kind == "scientific name":
            if scientific[node]:
                file.fault(first + i, f"a second scientific name {name!r} of {scientific[node]!r}", "duplicate-name")
            scientific[node] = name
            if variant:
                unique[node] = variant
        elif kind == "genbank common name":
            names.common[node] = name
        elif kind in SYNONYMS:
            other.setdefault(node, []).append(name)


def _blame_names(file: _File, first: int, text: str) -> None:
    for line, row in enumerate(text.split("\n")[:-1], first):
        fields = row.removesuffix(_BEHIND).split(_BETWEEN)
        if len(fields) != 4 or not row.endswith(_BEHIND) or not (fields[0].isascii() and fields[0].isdigit()):
            file.fault(line, f"not 'taxid | name | unique name | kind |': {_shorten(row)}")


def _shorten(line: str) -> str:
    return repr(line if len(line) <= 60 else line[:57] + "...")
