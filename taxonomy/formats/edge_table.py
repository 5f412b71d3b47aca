"""Tables of edges: a row per node with its parent, under titles such as `child,parent` or `id,parent_id,name,rank`.

Also two columns without titles, in which some text stands on both sides: those are pairs, whatever the file is called.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from ..build import NO_NUMBER
from . import pairs
from .draft import Draft, check_edges
from .numbering import class_number
from .options import ReadOptions
from .quoting import quote, unquote
from .source import Faults, Source

_PARENT = ("parent", "parent_id", "parentid", "parent id", "parent_name", "source", "from", "broader", "hypernym")
_NODE = ("child", "child_id", "id", "node", "name", "target", "to", "narrower", "hyponym")
_LABEL = ("label", "name", "title")
_NUMBER = ("class_number", "class number", "class")

Row = tuple[int, list[str]]


def columns_of(titles: Sequence[str]) -> dict[str, int] | None:
    """Columns of node, parent, label, rank and class number by kind; None where the titles are not those of edges.

    Example:
        >>> columns_of(["id", "parentId", "Name"])
        {'node': 0, 'parent': 1, 'label': 2}
        >>> columns_of(["order", "family"]) is None
        True
    """
    place = {title.strip().casefold(): i for i, title in reversed(list(enumerate(titles)))}
    found: dict[str, int] = {}
    kinds = {"node": _NODE, "parent": _PARENT, "label": _LABEL, "rank": ("rank",), "class": _NUMBER}
    for kind, words in kinds.items():
        free = [place[word] for word in words if word in place and place[word] not in found.values()]
        if free:
            found[kind] = free[0]
    return found if {"node", "parent"} <= set(found) else None


def are_pairs(rows: Iterable[Row]) -> bool:
    """Whether rows are edges without titles: two cells each, and a text that stands on both sides."""
    left: set[str] = set()
    right: set[str] = set()
    for _, cells in rows:
        if cells and len(cells) != 2:
            return False
        if cells:
            left.add(cells[0].strip())
            right.add(cells[1].strip())
    return bool(left & right)


def read_pairs(rows: Iterable[Row], source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Edges without titles, read as `pairs` are: with the direction inferred and said."""
    lines: list[str] = []
    for line, cells in rows:
        lines += [""] * (line - 1 - len(lines))
        lines.append("\t".join(quote(unquote(cell)) for cell in cells))
    return pairs.read(Source(source.name, "\n".join(lines)), faults, options)


def read_edges(columns: dict[str, int], rows: Iterable[Row], faults: Faults) -> Draft:
    """Edges under titles; a row without a parent is a root.

    Faults: a row of more or fewer cells than needed, a row without a node, a class number that is none, an edge
    given twice, a node that is its own parent.
    """
    index: dict[str, int] = {}
    edges: list[tuple[int, int, int]] = []
    given: dict[str, dict[int, str]] = {"label": {}, "rank": {}, "class": {}}
    for line, cells in rows:
        values = _values(columns, line, cells, faults)
        if values is None:
            continue
        if values["parent"]:
            parent = index.setdefault(values["parent"], len(index))
            edges.append((parent, index.setdefault(values["node"], len(index)), line))
        node = index.setdefault(values["node"], len(index))
        for kind, column in given.items():
            if values.get(kind):
                column.setdefault(node, values[kind])
    draft = _draft(list(index), edges, given)
    check_edges(draft, faults)
    return draft


def _values(columns: dict[str, int], line: int, cells: list[str], faults: Faults) -> dict[str, str] | None:
    """What a row gives of every kind; None for an empty row and, after a fault, for one that cannot be used."""
    needed = max(columns.values()) + 1
    if not cells:
        return None
    if len(cells) < needed:
        faults.add(line, f"{len(cells)} cells where {needed} are needed", "columns")
        return None
    values = {kind: unquote(cells[column]) for kind, column in columns.items()}
    if not values["node"]:
        faults.add(line, "a row without a node; fill its cell, or remove the row", "columns")
        return None
    if values.get("class") and class_number(values["class"]) is None:
        message = f"class number {values['class']!r} is none; give a whole number from 0, or - for no class"
        faults.add(line, message, "class-number")
        values["class"] = ""
    return values


def _draft(names: list[str], edges: list[tuple[int, int, int]], given: dict[str, dict[int, str]]) -> Draft:
    """The nodes and edges `(parent, child, line)`, with what the rows give of each node."""
    parent, child, lines = np.array(edges, dtype=np.intp).reshape(-1, 3).T.copy()
    numbers = {node: class_number(text) for node, text in given["class"].items()}
    return Draft(
        names=names,
        parent=parent,
        child=child,
        edge_lines=lines,
        labels=[given["label"].get(i, name) for i, name in enumerate(names)] if given["label"] else None,
        ranks=[given["rank"].get(i, "") for i in range(len(names))] if given["rank"] else None,
        class_numbers=np.array([numbers.get(i, NO_NUMBER) for i in range(len(names))]) if numbers else None,
    )
