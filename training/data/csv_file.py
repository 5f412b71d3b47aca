"""CSV files, record by record, every fault with the line where its record begins."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from taxo.taxonomy.errors import FormatError, TaxoError

DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon"}

#: Characters of a line; beyond, the file is no CSV. The `csv` module refuses fields of more than 131,072 itself.
LONGEST_LINE = 1 << 20

#: After so many faults a file is not read on.
MOST_FAULTS = 1000

Fault = tuple[int | None, str]


@dataclass(frozen=True)
class Record:
    """One record.

    Attributes:
        line: Number of the line where it begins.
        cells: Its fields.
    """

    line: int
    cells: list[str]


def records(path: Path, faults: list[Fault], delimiter: str = ",") -> Iterator[Record]:
    r"""The records of a CSV file, empty lines left out: UTF-8, with or without byte order mark, fields in "..." or not.

    Args:
        path: The file.
        faults: What is wrong is added to it. Records with bytes that are no text in UTF-8 are left out; after a broken
            quote nothing can be told, so it ends the reading.
        delimiter: Stands between the fields.

    Raises:
        TaxoError: The file cannot be opened.
        FormatError: More than 1,000 faults.
    """
    with _opened(path) as file:
        reader = csv.reader(_lines(file), delimiter=delimiter, strict=True)
        while len(faults) < MOST_FAULTS:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                faults.append((line, f"broken record ({error}); look for a missing or extra quotation mark"))
                return
            if _has_stray_bytes(cells):
                faults.append((line, "not UTF-8; save the file as UTF-8"))
            elif any("\0" in cell for cell in cells):
                faults.append((line, "a NUL byte; save the file as plain text in UTF-8"))
            elif cells:
                yield Record(line, cells)
    raise FormatError(str(path), faults)


def _opened(path: Path) -> TextIO:
    try:
        # Stray bytes come out as surrogates, so that their line can be named.
        return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")
    except OSError as error:
        raise TaxoError(f"{path}: {error.strerror}; name a CSV file that can be read") from None


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            raise csv.Error(f"a line longer than {LONGEST_LINE} characters")
        yield line


def _has_stray_bytes(cells: Sequence[str]) -> bool:
    return any("\udc80" <= character <= "\udcff" for cell in cells if not cell.isascii() for character in cell)


@dataclass(frozen=True)
class Table:
    """The columns of a CSV file with a header.

    Attributes:
        columns: The cells of every column that was asked for and is there, `(n_rows,)` each.
        lines: `(n_rows,)` number of the line where each row begins.
        others: Names of the columns that nobody asked for.
    """

    columns: dict[str, list[str]]
    lines: list[int]
    others: tuple[str, ...]


def read_table(path: Path, required: Sequence[str], optional: Sequence[str], faults: list[Fault]) -> Table:
    """A CSV file whose first line names the columns, in any order and case; other columns are passed over.

    So are rows of empty cells, as spreadsheets leave them. Comma, tab or semicolon stand between the fields, whichever
    gives the header all its required columns.

    Args:
        path: The file, see `records`.
        required: Columns that must be there.
        optional: Columns that may be there.
        faults: What is wrong in the rows is added to it.

    Raises:
        TaxoError: The file cannot be opened.
        FormatError: The header lacks a required column or names one twice.
    """
    header, delimiter = _header(path, required)
    places = {name: header.index(name) for name in (*required, *optional) if name in header}
    repeated = [name for name in places if header.count(name) > 1]
    if repeated:
        raise FormatError(str(path), [(1, f"the header names {repeated[0]!r} twice; every column may stand only once")])
    table = Table({name: [] for name in places}, [], tuple(name for name in header if name not in places))
    rows = records(path, faults, delimiter)
    next(rows, None)
    for row in rows:
        if not any(cell.strip() for cell in row.cells):
            continue
        if len(row.cells) != len(header):
            what = DELIMITERS[delimiter]
            text = f"{len(row.cells)} fields, but the header has {len(header)}; quote a field that holds a {what}"
            faults.append((row.line, text))
            continue
        table.lines.append(row.line)
        for name, place in places.items():
            table.columns[name].append(row.cells[place])
    return table


def _header(path: Path, required: Sequence[str]) -> tuple[list[str], str]:
    """The names of the columns, and the delimiter between them."""
    candidates: list[list[str]] = []
    faults: list[Fault] = []
    for delimiter in DELIMITERS:
        faults_here: list[Fault] = []
        first = next(records(path, faults_here, delimiter), None)
        faults = faults or faults_here
        if first is None or faults_here:
            continue
        names = [name.strip().casefold() for name in first.cells]
        if all(name in names for name in required):
            return names, delimiter
        candidates.append(names)
    wanted = f"the first line must name {','.join(required)}"
    if not candidates:
        raise FormatError(str(path), faults or [(None, f"the file is empty; {wanted}")])
    names = max(candidates, key=len)
    missing = " and ".join(repr(name) for name in required if name not in names)
    shown = ", ".join(repr(name) for name in names)
    raise FormatError(str(path), [(1, f"the header lacks {missing}; its columns are {shown}; {wanted}")])
