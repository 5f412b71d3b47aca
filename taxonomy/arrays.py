"""Array algorithms over the edges of a directed acyclic graph: levels, heights, depth-first order.

Nodes are integers. Edges come as compressed rows (CSR): the neighbours of node `v` are
`index[start[v]:start[v + 1]]`. Nothing here recurses, so a chain of 100,000 nodes is fine.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Rows:
    """Compressed rows: the neighbours of every node, in a stated order.

    Attributes:
        start: `(n_nodes + 1,)`, where each node's neighbours begin.
        index: `(n_edges,)`, the neighbours.
    """

    start: Ints
    index: Ints

    def of(self, node: int) -> Ints:
        """Neighbours of one node, `(k,)`."""
        return self.index[self.start[node] : self.start[node + 1]]

    def counts(self) -> Ints:
        """Number of neighbours of every node, `(n_nodes,)`."""
        return np.diff(self.start)

    def gather(self, nodes: Ints) -> Ints:
        """Neighbours of all `nodes`, one after another."""
        counts = self.start[nodes + 1] - self.start[nodes]
        offsets = np.repeat(self.start[nodes] - (np.cumsum(counts) - counts), counts)
        found: Ints = self.index[offsets + np.arange(counts.sum())]
        return found


def rows(source: Ints, target: Ints, n_nodes: int) -> Rows:
    """Group edges by their source; within a source the order of the edges is kept.

    Args:
        source: `(n_edges,)` node whose row the edge goes to.
        target: `(n_edges,)` neighbour.
        n_nodes: Number of nodes.
    """
    order = np.argsort(source, kind="stable")
    start = np.zeros(n_nodes + 1, dtype=np.intp)
    np.cumsum(np.bincount(source, minlength=n_nodes), out=start[1:])
    return Rows(start, target[order])


def levels(parents: Rows, children: Rows) -> Ints:
    """Longest distance of every node from a root, `(n_nodes,)`; -1 for nodes on or below a cycle."""
    if parents.counts().max(initial=0) <= 1:
        return _levels_of_forest(parents)
    # Plain lists: a step per edge costs the same for a chain of a million nodes as for a bush.
    waiting = parents.counts().tolist()
    start, index = children.start.tolist(), children.index.tolist()
    level = [-1] * len(waiting)
    front = [v for v, count in enumerate(waiting) if not count]
    depth = 0
    while front:
        reached = []
        for v in front:
            level[v] = depth
            for c in index[start[v] : start[v + 1]]:
                waiting[c] -= 1
                if not waiting[c]:
                    reached.append(c)
        front, depth = reached, depth + 1
    return np.array(level, dtype=np.intp)


def _levels_of_forest(parents: Rows) -> Ints:
    """`levels` by pointer doubling: log2(height) passes over all nodes instead of one pass per level."""
    n = len(parents.start) - 1
    ancestor = np.full(n + 1, n, dtype=np.intp)  # n is a super-root above all roots, its own parent
    ancestor[:-1][parents.counts() == 1] = parents.index
    distance = (ancestor != n).astype(np.intp)
    for _ in range(int(n).bit_length() + 1):
        if (ancestor == n).all():
            break
        distance = distance + distance[ancestor]
        ancestor = ancestor[ancestor]
    return np.where(ancestor == n, distance, -1)[:-1]


def levels_in_order(children: Rows, n_roots: int) -> Ints:
    """`levels` of a forest whose nodes stand as `breadth_first` puts them, without looking at any single node.

    The children of the first k nodes are then the nodes right behind the roots, so a level ends where the children
    of the level above it do.
    """
    n = len(children.start) - 1
    bounds = [0, n_roots]
    while bounds[-1] < n:
        bounds.append(n_roots + int(children.start[bounds[-1]]))
    return np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))


def level_bounds(level: Ints) -> list[tuple[int, int]]:
    """First node and one past the last node of every level, roots first.

    Args:
        level: `(n_nodes,)` non-decreasing.
    """
    bounds = np.searchsorted(level, np.arange(level.max(initial=0) + 2)).tolist()
    return list(itertools.pairwise(bounds))


def breadth_first(level: Ints, parents: Rows) -> Ints:
    """Nodes level by level, within a level by the place of their first parent, then by number, `(n_nodes,)`.

    On a tree siblings so stand together, and the order survives a depth-first file as well as an edge list.

    Args:
        level: `(n_nodes,)` from `levels`, without -1.
        parents: Parents of every node.
    """
    order = np.argsort(level, kind="stable")
    _, *deeper = level_bounds(level[order])
    place = np.zeros(len(level), dtype=np.intp)
    place[order] = np.arange(len(order))
    for low, high in deeper:
        if high - low == 1:
            continue  # nothing to sort: a hierarchy may be one long chain
        nodes = order[low:high]
        counts = parents.start[nodes + 1] - parents.start[nodes]
        first = np.minimum.reduceat(place[parents.gather(nodes)], np.cumsum(counts) - counts)
        order[low:high] = nodes = nodes[np.argsort(first, kind="stable")]
        place[nodes] = np.arange(low, high)
    return order


def find_cycle(level: Ints, parents: Rows) -> list[int]:
    """One cycle, parent before child, first node repeated at the end.

    Args:
        level: What `levels` gave; at least one entry is -1.
        parents: Parents of every node.
    """
    # Every node without a level has a parent without one, so climbing must come round.
    node = int(np.flatnonzero(level < 0)[0])
    seen: dict[int, int] = {}
    path: list[int] = []
    while node not in seen:
        seen[node] = len(path)
        path.append(node)
        above = parents.of(node)
        node = int(above[level[above] < 0][0])
    return [node, *path[seen[node] :][::-1]]


def inner_by_level(children: Rows, level: Ints) -> Iterator[tuple[Ints, Ints, Ints]]:
    """The inner nodes of each level, deepest level first, in the form that `ufunc.reduceat` takes.

    When a level's turn comes, all its descendants have been seen.

    Args:
        children: Children of every node.
        level: `(n_nodes,)` non-decreasing: nodes are sorted by level.

    Yields:
        Inner nodes of the level `(k,)`; the children of all of them, one row after another; where each
        node's row begins in these, `(k,)`.
    """
    inner = np.flatnonzero(children.start[1:] != children.start[:-1])
    starts = children.start[inner]
    for low, high in reversed(level_bounds(level[inner])):
        if low < high:
            first, last = children.start[inner[low]], children.start[inner[high - 1] + 1]
            yield inner[low:high], children.index[first:last], starts[low:high] - first


def heights(level: Ints, children: Rows) -> Ints:
    """0 for a leaf, else 1 + the largest height of the children, `(n_nodes,)`.

    Args:
        level: `(n_nodes,)` non-decreasing: nodes are sorted by level.
        children: Children of every node.
    """
    height = np.zeros(len(level), dtype=np.intp)
    for nodes, below, starts in inner_by_level(children, level):
        height[nodes] = 1 + np.maximum.reduceat(height[below], starts)
    return height


def preorder(children: Rows, level: Ints) -> tuple[Ints, Ints]:
    """Position of every node of a forest in depth-first order, and the size of its subtree, both `(n_nodes,)`.

    Args:
        children: Children of every node, in the order in which they are visited.
        level: `(n_nodes,)` depth of every node, non-decreasing.
    """
    size = np.ones(len(level), dtype=np.intp)
    for nodes, below, starts in inner_by_level(children, level):
        size[nodes] += np.add.reduceat(size[below], starts)
    # Within children.index siblings stand together, so the sizes before a child, less those before its first
    # sibling, are how many nodes are visited between its parent and it.
    running = np.zeros(len(children.index) + 1, dtype=np.intp)
    np.cumsum(size[children.index], out=running[1:])
    before, counts = running[children.start[:-1]] - 1, children.counts()
    position = np.zeros(len(level), dtype=np.intp)
    roots = int(np.searchsorted(level, 1))
    position[:roots] = np.cumsum(size[:roots]) - size[:roots]
    # From the roots down; children.index lists the children of a level's nodes one after another.
    bounds = np.searchsorted(level, np.arange(level.max(initial=0) + 2))
    edges = itertools.pairwise(children.start[bounds].tolist())
    for (low, high), (first, last) in zip(itertools.pairwise(bounds.tolist()), edges, strict=True):
        above = np.repeat(position[low:high] - before[low:high], counts[low:high])
        position[children.index[first:last]] = above + running[first:last]
    return position, size
