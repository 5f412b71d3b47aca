"""Tables with a column per rank, from the top down: every row is a path, every cell a node. Trees and forests.

A row gives the node in its last cell that is not empty what stands in its columns `label`, `class_number`,
`synonym` and `id`. An empty cell skips its level. Without ranks the columns are called `level0`, `level1` ...
Tables of edges come in files of the same name and are read too: see `edge_table`.
"""

import csv
import io
from collections.abc import Iterator
from itertools import chain

from ..errors import TaxoError
from ..taxonomy import Taxonomy
from ..wording import few
from . import edge_table
from .draft import Draft
from .numbering import is_class_number, written_numbers
from .options import ReadOptions
from .quoting import quote, unquote
from .ranktable_header import Columns, columns, delimiter, is_header, prefixed, titles_of, twice
from .ranktable_levels import levels_of, limits
from .ranktable_rows import Rows
from .source import Faults, Source, log
from .walk import depth_first

__all__ = ["limits", "limits_tsv", "read", "read_tsv", "write", "write_tsv"]

_MOST_CELLS = 500_000_000
_BREAKING = frozenset('"\r\n')
_SEPARATING = frozenset(",;|\t")

limits_tsv = limits


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read a table of ranks; commas, semicolons, tabs or bars between its cells, whichever its first line has.

    Cells of the same text in different places are different nodes: see `Rows`.

    Faults: quotes that do not fit, a row of more or fewer cells than there are titles, an attribute without a node
    or unlike that of an earlier row.
    """
    return _read(source, faults, options, None)


def read_tsv(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read a table of ranks with tabs between its cells."""
    return _read(source, faults, options, "\t")


def _read(source: Source, faults: Faults, options: ReadOptions, separator: str | None) -> Draft:
    text = source.text.lstrip("\r\n")
    skipped = source.text[: len(source.text) - len(text)].count("\n")
    if text[:4].lower() == "sep=" and "\n" in text[4:7]:  # Excel's own hint
        text, skipped = text.partition("\n")[2], skipped + 1
    first = text.partition("\n")[0].rstrip("\r")
    separator = separator or delimiter(first)
    table = _cells(text, separator, skipped, faults)
    _, titles = next(table, (0, []))
    if edges := edge_table.columns_of(titles):
        return edge_table.read_edges(edges, table, faults)
    if not is_header(first) and edge_table.are_pairs(_cells(text, separator, skipped, Faults(source))):
        return edge_table.read_pairs(_cells(text, separator, skipped, faults), source, faults, options)
    found = columns([unquote(title) for title in titles])
    for title in twice(found):
        faults.add(skipped + 1, f"two columns are called {title!r}; rename or remove one", "header")
    if not found.levels:
        faults.add(skipped + 1, "no column of names; titles are ranks such as genus, or level0, level1 ...", "header")
        return Draft(names=[])
    if found.class_column is not None and _holds_numbers(text, separator, found.class_column):
        found.levels = [level for level in found.levels if level[0] != found.class_column]
        found.attributes.append((found.class_column, "class_number"))
    rows = Rows(found)
    for line, cells in table:
        if len(cells) == len(titles):
            rows.add(line, cells, faults)
        elif cells:
            faults.add(line, f"{len(cells)} cells where the first line has {len(titles)} titles", "columns")
    if not faults:
        _say(found, rows, source)
    return rows.draft(source, faults)


def _cells(text: str, separator: str, skipped: int, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of every row."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in rows:
            yield rows.line_num + skipped, cells
    except csv.Error as error:
        faults.add(rows.line_num + skipped, f"no table of cells: {error}; a quote within a cell is doubled", "quotes")


def _holds_numbers(text: str, separator: str, column: int) -> bool:
    """Whether the first cell of a column that is not empty holds a class number."""
    table = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        next(table, None)
        return is_class_number(next((t for row in table if (t := "".join(row[column : column + 1]).strip())), ""))
    except csv.Error:
        return False  # the reader itself says where


def _say(found: Columns, rows: Rows, source: Source) -> None:
    if found.left_out:
        log.warning("%s: left out are the columns %s, which are no ranks", source.name, few(found.left_out))
    if rows.repeated:
        log.warning("%s: %d rows name a node that an earlier row has named", source.name, rows.repeated)


def write(taxonomy: Taxonomy) -> Iterator[str]:
    """A row per leaf, and per inner node that has an attribute; commas between the cells.

    The columns are the ranks where every node has one and they descend, else the levels.

    Raises:
        TaxoError: So deep and wide that the table would be mostly empty cells.
    """
    return _write(taxonomy, ",")


def write_tsv(taxonomy: Taxonomy) -> Iterator[str]:
    """As `write`, with tabs between the cells."""
    return _write(taxonomy, "\t")


def _write(taxonomy: Taxonomy, separator: str) -> Iterator[str]:
    order = depth_first(taxonomy)
    ranks, column = levels_of(taxonomy)
    width = len(ranks) if ranks else taxonomy.height + 1
    if width * len(taxonomy.leaves) > _MOST_CELLS:
        raise TaxoError(f"a table of {len(taxonomy.leaves)} rows and {width} columns is too big; write text or json")
    numbers = written_numbers(taxonomy, order)
    labelled = taxonomy.labels != taxonomy.names
    most = max(map(len, taxonomy.synonyms))
    first = next((taxonomy.names[v] for v in order.tolist() if taxonomy.ranks[v] == "class"), "")
    titles = titles_of(ranks, is_class_number(first)) if ranks else [f"level{i}" for i in range(width)]
    titles += ["label"] * labelled + ["class_number"] * bool(numbers) + ["synonym"] * most
    if len(titles) == 2 and not is_header(separator.join(titles)):
        titles[: len(ranks)] = prefixed(ranks)  # two columns under unknown titles might be taken for pairs
    yield separator.join(_cell(title, _BREAKING | _SEPARATING) for title in titles)
    special = _BREAKING | {separator}
    path, filled = [""] * width, -1
    parent = taxonomy.parent.tolist()
    leaf = (taxonomy.children.counts() == 0).tolist()
    for node in order.tolist():
        name, at, synonyms = taxonomy.names[node], column[node], taxonomy.synonyms[node]
        begin = column[parent[node]] + 1 if parent[node] >= 0 else 0
        path[begin : filled + 1] = [""] * (filled + 1 - begin)
        path[at], filled = _cell(name, special), at
        label = taxonomy.labels[node] if taxonomy.labels[node] != name else None
        if leaf[node] or label is not None or synonyms or node in numbers:
            cells = [_cell(label, special) if label is not None else ""] * labelled
            cells += [numbers.get(node, "")] * bool(numbers)
            cells += [*(_cell(s, special) for s in synonyms), *[""] * (most - len(synonyms))]
            yield separator.join(chain(path, cells))


def _cell(text: str, special: frozenset[str]) -> str:
    """A text as it stands in a cell."""
    text = quote(text)
    return '"' + text.replace('"', '""') + '"' if special & set(text) else text
