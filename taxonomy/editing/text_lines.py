"""An indented text file with the lines and comments that an edit does not concern left as they are."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..arrays import Ints
from ..build import NO_NUMBER, NOT_A_CLASS
from ..formats.branch_lengths import written_length
from ..formats.draft import Draft
from ..formats.numbering import NO_CLASS, all_numbers, all_unnumbered, written_numbers
from ..formats.outline import MAGIC, dialect
from ..formats.outline_attributes import node_text
from ..formats.source import Source
from ..formats.walk import depth_first
from ..taxonomy import Taxonomy


@dataclass(frozen=True, kw_only=True)
class Comments:
    """Lines of a file that are no nodes: comments, headers, empty lines.

    Attributes:
        head: Those before the first node.
        before: Those right before a node, by its name in the edited hierarchy.
        tail: Those after the last node.
    """

    head: list[str]
    before: dict[str, list[str]]
    tail: list[str]


def text_lines(
    source: Source, draft: Draft, before: Taxonomy, after: Taxonomy, renamed: Mapping[str, str]
) -> Iterator[str]:
    """The lines of the edited file, without line breaks.

    A line is written anew where its node is new, or has another depth, name, class number or attribute.
    Comments stay before the node that they preceded; where it is gone, before the next one of the old file that
    is still there. Files with dashes or drawn lines are written in our own format, their comments kept.

    Args:
        source: The old file.
        draft: What was read from it.
        before: The hierarchy that it holds.
        after: The edited hierarchy, a tree.
        renamed: New names of nodes that are called otherwise, by their old names.
    """
    lines = [line for _, line in source.lines()]
    if not lines[-1]:
        lines.pop()
    old = draft.node_lines
    assert old is not None  # the reader of indented text gives the line of every node
    comments = _comments(lines, draft, old, after, renamed)
    unit = _indentation(source, lines, old)
    order = depth_first(after)
    explicit = draft.class_numbers is not None and not all_unnumbered(draft.class_numbers.tolist())
    numbers = all_numbers(after) if explicit else written_numbers(after, order)
    reusable = {} if unit is None else _old_lines(lines, draft, old, before)
    yield from [MAGIC, *comments.head] if unit is None else comments.head
    for node in order.tolist():
        name, depth = after.names[node], int(after.depths[node])
        yield from comments.before.get(name, ())
        text = reusable.get((name, depth, *_said(after, node), numbers.get(node)))
        yield (unit or "  ") * depth + node_text(after, node, numbers.get(node)) if text is None else text
    yield from comments.tail


_Key = tuple[str, int, str, str, tuple[str, ...], str, str | None]


def _said(taxonomy: Taxonomy, node: int) -> tuple[str, str, tuple[str, ...], str]:
    """What a node's line says of it beside name, depth and class number."""
    return taxonomy.ranks[node], taxonomy.labels[node], taxonomy.synonyms[node], written_length(taxonomy, node)


def _old_lines(lines: list[str], draft: Draft, old: Ints, before: Taxonomy) -> dict[_Key, str]:
    """Every node's line by all that it says."""
    found: dict[_Key, str] = {}
    depths = before.depths.tolist()
    given = [NO_NUMBER] * len(draft.names) if draft.class_numbers is None else draft.class_numbers.tolist()
    for name, line, number in zip(draft.names, old.tolist(), given, strict=True):
        v = before.index(name)
        text = {NO_NUMBER: None, NOT_A_CLASS: NO_CLASS}.get(number, str(number))
        found[name, depths[v], *_said(before, v), text] = lines[line - 1]
    return found


def _comments(lines: list[str], draft: Draft, old: Ints, after: Taxonomy, renamed: Mapping[str, str]) -> Comments:
    """The lines between the nodes, each with the node that it now stands before."""
    at = old.tolist()
    before: dict[str, list[str]] = {}
    pending: list[str] = []
    for name, previous, line in zip(draft.names[1:], at, at[1:], strict=False):
        pending += lines[previous : line - 1]
        name = renamed.get(name, name)
        if pending and name in after:
            before[name], pending = pending, []
    return Comments(head=lines[: at[0] - 1], before=before, tail=pending + lines[at[-1] :])


def _indentation(source: Source, lines: list[str], old: Ints) -> str | None:
    """What stands before a node once for every level; None where the file shows depth otherwise."""
    kind = dialect(source)
    if kind != "spaces":
        return {"taxo": "  ", "tabs": "\t"}.get(kind)
    widths = [len(lines[line - 1]) - len(lines[line - 1].lstrip(" ")) for line in old.tolist()]
    return " " * min((w for w in widths if w), default=2)


def line_break(text: str) -> str:
    """How the lines of a text end."""
    first = re.search(r"\r?\n", text)
    return first[0] if first else "\n"
