"""An edge list with the lines and comments that an edit does not concern left as they are."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np

from ..formats.draft import Draft
from ..formats.pairs import split_pair
from ..formats.quoting import quote, unquote
from ..formats.source import Source
from ..taxonomy import Taxonomy

_Edge = tuple[str, str]


def pair_lines(
    source: Source, draft: Draft, after: Taxonomy, renamed: Mapping[str, str], *, is_a: bool
) -> Iterator[str]:
    """The old lines without the edges that are gone, with the new edges at their end; no line breaks.

    Where the order of siblings or roots comes out otherwise than in `after`, the caller must write the file anew.

    Args:
        source: The old file.
        draft: What was read from it.
        after: The edited hierarchy.
        renamed: New names of nodes that are called otherwise, by their old names.
        is_a: Whether the lines read `child parent`.
    """
    lines = [line for _, line in source.lines()]
    if not lines[-1]:
        lines.pop()
    of_line = edge_of_line(draft)
    now = {line: (renamed.get(p, p), renamed.get(c, c)) for line, (p, c) in of_line.items()}
    fresh = _fresh_edges(after, set(now.values()))
    tabs = any("\t" in lines[number - 1] for number in of_line)

    def pairs(edges: list[_Edge]) -> Iterator[str]:
        return (_pair(*edge, is_a=is_a, tabs=tabs) for edge in edges)

    for number, line in enumerate(lines, 1):
        if number not in of_line:
            yield from _lone_line(line, after, renamed)
            continue
        edge = now[number]
        yield from pairs(fresh.pop(edge, []))
        if _holds(after, edge):
            yield line if edge == of_line[number] else _pair(*edge, is_a=is_a, tabs=tabs)
    yield from pairs(fresh.pop(None, []))


def _fresh_edges(after: Taxonomy, old: set[_Edge]) -> dict[_Edge | None, list[_Edge]]:
    """The new edges, by the old edge before which they stand: that of the next sibling; None for the end."""
    found: dict[_Edge | None, list[_Edge]] = defaultdict(list)
    for p in np.unique(after.parents.index).tolist():
        following = None
        for c in after.children_of(p)[::-1].tolist():
            edge = (after.names[p], after.names[c])
            if edge in old:
                following = edge
            else:
                found[following].append(edge)
    return {at: edges[::-1] if at else _by_child(after, edges) for at, edges in found.items()}


def _by_child(after: Taxonomy, edges: list[_Edge]) -> list[_Edge]:
    """Edges in the order in which pairs are written: that of the children, then that of their parents."""
    return sorted(edges, key=lambda edge: (after.index(edge[1]), after.index(edge[0])))


def _lone_line(line: str, after: Taxonomy, renamed: Mapping[str, str]) -> Iterator[str]:
    """A comment, an empty line, or a node by itself, which may be called otherwise or be gone."""
    alone = unquote(line)
    name = renamed.get(alone, alone)
    if not line.strip() or line.startswith("#") or (name == alone and name in after):
        yield line
    elif name in after:
        yield json.dumps(name, ensure_ascii=False)


def _holds(taxonomy: Taxonomy, edge: _Edge) -> bool:
    """Whether the hierarchy has an edge."""
    parent, child = edge
    if parent not in taxonomy or child not in taxonomy:
        return False
    return taxonomy.index(parent) in taxonomy.parents_of(taxonomy.index(child))


def edge_of_line(draft: Draft) -> dict[int, tuple[str, str]]:
    """Parent and child of every line that holds an edge."""
    assert draft.edge_lines is not None  # the reader of pairs gives the line of every edge
    names = draft.names
    edges = zip(draft.edge_lines.tolist(), draft.parent.tolist(), draft.child.tolist(), strict=True)
    return {line: (names[p], names[c]) for line, p, c in edges}


def is_child_parent(source: Source, draft: Draft) -> bool:
    """Whether the lines were read as `child parent`."""
    for line, (parent, _) in edge_of_line(draft).items():
        return split_pair(source.text.split("\n", line)[line - 1])[0] != parent
    return False


def _pair(parent: str, child: str, *, is_a: bool, tabs: bool) -> str:
    ends = [quote(end) for end in ((child, parent) if is_a else (parent, child))]
    plain = not tabs and all(len(end.split()) == 1 and not end.startswith('"') for end in ends)
    return (" " if plain else "\t").join(ends)
