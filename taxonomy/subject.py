"""What a file says, laid out for the checks of `validate`: edges in rows, and the line of every node and edge."""

from functools import cached_property

import numpy as np

from . import arrays
from .arrays import Ints, Rows
from .findings import Finding, hint_of, severity_of
from .formats.draft import Draft
from .wording import few


class Subject:
    """A draft whose self-loops and repeated edges are left out: readers report those."""

    def __init__(self, draft: Draft, file: str) -> None:
        self.draft = draft
        self.file = file
        n = len(draft.names)
        _, first = np.unique(draft.parent.astype(np.int64) * n + draft.child, return_index=True)
        edges = np.sort(first[draft.parent[first] != draft.child[first]])
        self._edges = edges
        self.parent, self.child = draft.parent[edges], draft.child[edges]

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.draft.names)

    @cached_property
    def parents(self) -> Rows:
        """Parents of every node, in the order of the file."""
        return arrays.rows(self.child, self.parent, self.n_nodes)

    @cached_property
    def parent_edges(self) -> Rows:
        """For every entry of `parents`, which edge it is."""
        return arrays.rows(self.child, np.arange(len(self.child)), self.n_nodes)

    @cached_property
    def children(self) -> Rows:
        """Children of every node, in the order of the file."""
        return arrays.rows(self.parent, self.child, self.n_nodes)

    @cached_property
    def level(self) -> Ints:
        """Longest distance of every node from a root, `(n_nodes,)`; -1 on and below cycles."""
        return arrays.levels(self.parents, self.children)

    @cached_property
    def by_level(self) -> list[Ints]:
        """The nodes of each level, roots first; those on and below cycles are left out."""
        order = np.argsort(self.level, kind="stable")
        order = order[self.level[order] >= 0]
        return [order[low:high] for low, high in arrays.level_bounds(self.level[order])]

    @cached_property
    def _edge_lines(self) -> Ints:
        """Line of every edge, 0 where there is none."""
        lines = self.draft.edge_lines
        return np.zeros(len(self._edges), dtype=np.intp) if lines is None else lines[self._edges]

    @cached_property
    def _node_lines(self) -> Ints:
        """Line of every node, 0 where there is none: where it is said to stand, else its first edge's."""
        if self.draft.node_lines is not None:
            return self.draft.node_lines
        lines = np.zeros(self.n_nodes, dtype=np.intp)
        if self.draft.edge_lines is not None and len(self.draft.edge_lines):
            # Written from the last line to the first, so that the first stays.
            latest_first = np.argsort(-self.draft.edge_lines, kind="stable")
            ends = np.stack([self.draft.parent, self.draft.child], axis=1)[latest_first]
            lines[ends.ravel()] = np.repeat(self.draft.edge_lines[latest_first], 2)
        return lines

    def line(self, node: int) -> int | None:
        """Line on which a node first stands."""
        return int(self._node_lines[node]) or None

    def edge_line(self, edge: int) -> int | None:
        """Line of an edge of `parent` and `child`."""
        return int(self._edge_lines[edge]) or None

    def name(self, node: int) -> str:
        """Name of a node, in quotes."""
        return repr(self.draft.names[node])

    def at(self, node: int) -> str:
        """Name of a node in quotes, and its line in brackets."""
        return self.name(node) + within(self.line(node))

    def names(self, nodes: Ints | list[int], shown: int = 5) -> str:
        """Names of some nodes in quotes, and how many more there are."""
        return few([self.draft.names[v] for v in nodes], shown)

    def finding(self, code: str, line: int | None, message: str) -> Finding:
        """A finding of the code's severity and with its hint."""
        return Finding(self.file, line, severity_of(code), code, message, hint_of(code))


def within(line: int | None) -> str:
    """` (line 3)`, or nothing where there is no line."""
    return "" if line is None else f" (line {line})"
