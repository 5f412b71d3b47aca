"""The order of siblings: which nodes stand elsewhere, and in front of which sibling."""

import bisect
import itertools
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

import numpy as np

from ..arrays import Ints
from ..taxonomy import Taxonomy
from .pairing import Matching

Item = TypeVar("Item", bound=Hashable)


def longest_run(values: Sequence[int]) -> list[int]:
    """Positions of a longest increasing subsequence, ascending.

    Example:
        >>> longest_run([3, 0, 1, 4, 2])
        [1, 2, 4]
    """
    if all(one < other for one, other in itertools.pairwise(values)):
        return list(range(len(values)))
    ends: list[int] = []  # ends[k]: smallest value that ends an increasing run of k + 1
    at: list[int] = []
    before: list[int] = []
    for i, value in enumerate(values):
        k = bisect.bisect_left(ends, value)
        before.append(at[k - 1] if k else -1)
        ends[k : k + 1], at[k : k + 1] = [value], [i]
    run: list[int] = []
    i = at[-1] if at else -1
    while i >= 0:
        run.append(i)
        i = before[i]
    return run[::-1]


def sibling_groups(taxonomy: Taxonomy) -> Ints:
    """A number for every node, the same for nodes whose order is free, `(n_nodes,)`, non-decreasing.

    These are the nodes of one level with one first parent: in a tree, siblings.
    """
    first = np.full(taxonomy.n_nodes, -1, dtype=np.intp)
    has_parent = taxonomy.parents.counts() > 0
    first[has_parent] = taxonomy.parents.index[taxonomy.parents.start[:-1][has_parent]]
    begins = (np.diff(first) != 0) | (np.diff(taxonomy.depths) != 0)
    return np.concatenate([[0], np.cumsum(begins)])


def reordered(m: Matching, placed: Ints) -> list[int]:
    """Nodes of `b` that have to be put elsewhere among their siblings, as few as possible.

    Args:
        m: The nodes that are the same.
        placed: `(n_nodes,)` booleans: nodes of `b` that are new or have other parents.
    """
    group = sibling_groups(m.b)
    staying = np.flatnonzero(~placed)
    was = m.to_a[staying]
    wrong = np.flatnonzero((np.diff(group[staying]) == 0) & (np.diff(was) < 0))
    found: list[int] = []
    for g in np.unique(group[staying[wrong]]).tolist():
        low, high = np.searchsorted(group[staying], [g, g + 1])
        run = set(longest_run(was[low:high].tolist()))
        found += [int(v) for i, v in enumerate(staying[low:high]) if i not in run]
    return found


def next_siblings(m: Matching, kinds: Iterable[Iterable[int]]) -> dict[int, str | None]:
    """The sibling in front of which each node is to be put; None for behind all others.

    `arranged` puts nodes with the same answer one after another, in the order of `kinds` and then of the
    nodes, so that a row of new siblings needs to name only the one behind them.

    Args:
        m: The nodes that are the same.
        kinds: The nodes of `b` to be put somewhere, ascending, in several lists.
    """
    kind = {v: k for k, nodes in enumerate(kinds) for v in nodes}
    group = sibling_groups(m.b).tolist()
    before: dict[int, str | None] = {}
    for v in sorted(kind, reverse=True):
        after = v + 1 if v + 1 < m.b.n_nodes and group[v + 1] == group[v] else None
        if after is None:
            before[v] = None
        elif after in kind and kind[v] <= kind[after]:
            before[v] = before[after]
        else:
            before[v] = m.b.names[after]
    return before


def arranged(staying: Iterable[Item], placed: Sequence[tuple[Item, Item | None]]) -> list[Item]:
    """Items in order: those that stay as they are, each of the others in front of the one it names.

    Args:
        staying: Items that keep their order.
        placed: Items, each with the one that it goes in front of; None, or one that is not there: to the end.

    Example:
        >>> arranged(["a", "b"], [("x", "b"), ("y", None), ("z", "x")])
        ['a', 'z', 'x', 'b', 'y']
    """
    stack = list(staying)
    there = {*stack, *(item for item, _ in placed)}
    waiting: dict[Item | None, list[Item]] = {}
    for item, before in placed:
        waiting.setdefault(before if before in there else None, []).append(item)
    # Written from the end: an item, then what waits to stand in front of it, the last first.
    stack += waiting.pop(None, [])
    done: list[Item] = []
    while stack:
        item = stack.pop()
        done.append(item)
        if waiting:
            stack += waiting.pop(item, [])
    # Items that wait for one another in a circle go to the end.
    circles = [item for items in waiting.values() for item in items]
    return done[::-1] + circles
