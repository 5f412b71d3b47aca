"""An edge list with the lines and comments that an edit does not concern left as they are."""

import json
from collections.abc import Iterator, Mapping

from ..formats.draft import Draft
from ..formats.pairs import split_pair
from ..formats.quoting import quote, unquote
from ..formats.source import Source
from ..taxonomy import Taxonomy


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
    edges = {(after.names[p], name): None for v, name in enumerate(after.names) for p in after.parents_of(v).tolist()}
    of_line = edge_of_line(draft)
    tabs = any("\t" in lines[number - 1] for number in of_line)
    for number, line in enumerate(lines, 1):
        if number not in of_line:
            alone = unquote(line)
            name = renamed.get(alone, alone)
            if not line.strip() or line.startswith("#") or (name == alone and name in after):
                yield line
            elif name in after:
                yield json.dumps(name, ensure_ascii=False)
            continue
        ends = of_line[number]
        edge = (renamed.get(ends[0], ends[0]), renamed.get(ends[1], ends[1]))
        if edge in edges:
            del edges[edge]
            yield line if edge == ends else _pair(*edge, is_a=is_a, tabs=tabs)
    for parent, child in edges:
        yield _pair(parent, child, is_a=is_a, tabs=tabs)


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
