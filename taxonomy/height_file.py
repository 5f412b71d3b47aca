"""Heights of nodes from a file of the user's."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import UnknownNode

if TYPE_CHECKING:
    from .formats.source import Faults
    from .taxonomy import Taxonomy

_NEAR = 20  # unknown nodes for which near matches are looked for: no more faults than these are shown


def read_heights(path: str | Path, taxonomy: "Taxonomy | None" = None) -> dict[str, float]:
    """A column of heights: lines of a node's name, a tab (or a comma) and a number.

    Empty lines and lines that begin with `#` are left out, and so is a first line whose second cell is "height".
    Names may stand in quotes, as in the text format, or before a comma as in tables.

    Args:
        path: The file.
        taxonomy: Whose nodes they are; then names that are no nodes are faults, too.

    Returns:
        Heights by name, in the order of the file.

    Raises:
        FormatError: With the line of every fault: no number, a negative one, a node given twice, an unknown node, no
            heights at all.
        TaxoError: The file cannot be read.
    """
    from .formats.source import Faults, Source

    source = Source(str(path))
    faults = Faults(source)
    found: dict[str, float] = {}
    lines: dict[str, int] = {}
    header = True
    for number, line in source.lines():
        if not line.strip() or line.startswith("#"):
            continue
        name, text = _cells(line)
        if header and text.casefold() in ("height", "heights"):
            header = False
            continue
        header = False
        height = _height(name, text, line, number, faults)
        if height is None:
            continue
        if name in found:
            faults.add(number, f"node {name!r} is given twice, first in line {lines[name]}", "duplicate-name")
        found.setdefault(name, height)
        lines.setdefault(name, number)
    if taxonomy is not None:
        _check_known(taxonomy, lines, faults)
    if not found and not faults:
        faults.add(None, "the file holds no heights; a line is a node's name, a tab and a number", "empty")
    faults.check()
    return found


def _cells(line: str) -> tuple[str, str]:
    """Name and number, both empty where the line has not two cells."""
    from .formats.quoting import unquote

    if "\t" in line:
        name, _, text = line.rpartition("\t")
        return unquote(name), text.strip()
    cells = next(csv.reader([line], skipinitialspace=True))
    return (cells[0].strip(), cells[1].strip()) if len(cells) == 2 else ("", "")


def _height(name: str, text: str, line: str, number: int, faults: "Faults") -> float | None:
    from .formats.branch_lengths import number as finite

    height = finite(text)
    if not name or not text:
        shown = line if len(line) <= 60 else f"{line[:57]}..."
        faults.add(number, f"{shown!r} is no name and height; a line is a node's name, a tab and a number", "columns")
    elif height is None:
        faults.add(number, f"{text!r} is no height of {name!r}; give a number such as 1.5")
    elif height < 0:
        faults.add(number, f"the height {text} of {name!r} is negative; heights are numbers from 0")
    else:
        return height
    return None


def _check_known(taxonomy: "Taxonomy", lines: dict[str, int], faults: "Faults") -> None:
    unknown = [name for name in lines if name not in taxonomy]
    known = (*taxonomy.names, *taxonomy.labels)
    for i, name in enumerate(unknown):
        faults.add(lines[name], str(UnknownNode(name, known if i < _NEAR else ())), "unknown-node")
