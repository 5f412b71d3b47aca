"""Which of its parents a node keeps when a DAG becomes a tree.

Every function here takes a DAG and gives the kept parent of every node, `(n_nodes,)`, -1 for a root and for a
node that the strategy leaves out.
"""

import numpy as np

from . import arrays
from .arrays import Ints
from .taxonomy import Taxonomy

_OUTSIDE = -2  # in place of a depth: a node that is not in the tree


def shortest(taxonomy: Taxonomy) -> Ints:
    """The parent on the shortest path to a root; of equal ones the first in node order."""
    n, parents = taxonomy.n_nodes, taxonomy.parents
    distance = np.zeros(n, dtype=np.intp)
    parent = np.full(n, -1, dtype=np.intp)
    for low, high in arrays.level_bounds(taxonomy.depths)[1:]:
        starts = parents.start[low : high + 1]
        above = parents.index[starts[0] : starts[-1]]
        key = np.minimum.reduceat(distance[above] * n + above, starts[:-1] - starts[0])
        distance[low:high], parent[low:high] = key // n + 1, key % n
    return parent


def longest(taxonomy: Taxonomy) -> Ints:
    """The parent on the longest path to a root; of equal ones the first in node order."""
    n, parents = taxonomy.n_nodes, taxonomy.parents
    parent = np.full(n, -1, dtype=np.intp)
    below_roots = np.flatnonzero(parents.counts())
    if below_roots.size:
        key = (taxonomy.depths.max() - taxonomy.depths[parents.index]) * n + parents.index
        parent[below_roots] = np.minimum.reduceat(key, parents.start[below_roots]) % n
    return parent


def min_change(taxonomy: Taxonomy) -> Ints:
    """The parents on the paths that add the fewest nodes, class after class [BD19].

    First come all classes that have a single path to a root. The others follow in class order; for each the path
    is added that brings the fewest nodes that are not in the tree yet. Of several such paths the one that meets
    the tree deepest is taken, since the class then shares most with those already there; then the one that, going
    up from the class, has the first parent in node order where they part. A node that is in the tree has its
    parent: a new path ends where it meets the tree. Nodes on no path are left out.
    """
    parent, in_tree = _single_paths(taxonomy)
    tree = _GrowingTree(taxonomy, parent, in_tree)
    for node in taxonomy.class_nodes.tolist():
        tree.add(node)
    return np.array(tree.parent, dtype=np.intp)


def _single_paths(taxonomy: Taxonomy) -> tuple[Ints, np.ndarray]:
    """The tree of all classes that have one path to a root: parents `(n_nodes,)`, and which nodes are in it."""
    parents = taxonomy.parents
    several = parents.counts() > 1  # here or further up
    for low, high in arrays.level_bounds(taxonomy.depths)[1:]:
        starts = parents.start[low : high + 1]
        above = several[parents.index[starts[0] : starts[-1]]]
        several[low:high] |= np.logical_or.reduceat(above, starts[:-1] - starts[0])
    parent = np.full(taxonomy.n_nodes, -1, dtype=np.intp)
    in_tree = np.zeros(taxonomy.n_nodes, dtype=bool)
    front = taxonomy.class_nodes[~several[taxonomy.class_nodes]]
    while front.size:
        in_tree[front] = True
        front = front[parents.counts()[front] == 1]
        parent[front] = parents.index[parents.start[front]]
        front = np.unique(parent[front][~in_tree[parent[front]]])
    return parent, in_tree


class _GrowingTree:
    """A tree inside a DAG, to which paths are added; below a super-root, above all roots, that is always in it."""

    def __init__(self, taxonomy: Taxonomy, parent: Ints, in_tree: np.ndarray) -> None:
        # Plain lists: paths are short, and a step costs a tenth of what it costs in an array.
        self.parent: list[int] = parent.tolist()
        self._start, self._index = taxonomy.parents.start.tolist(), taxonomy.parents.index.tolist()
        self._top = [taxonomy.n_nodes]
        # Distance from the root inside the tree. What is in it so far has one path up, so this is its depth.
        self._depth: list[int] = [*np.where(in_tree, taxonomy.depths, _OUTSIDE).tolist(), -1]

    def add(self, node: int) -> None:
        """Add the best path of a node; nothing where the node is in the tree."""
        path = self._best_path(node)
        depth = self._depth[path[-1]]
        for v, above in zip(path[-2::-1], path[:0:-1], strict=True):
            depth += 1
            self._depth[v] = depth
            self.parent[v] = above if above != self._top[0] else -1

    def _parents(self, node: int) -> list[int]:
        return self._index[self._start[node] : self._start[node + 1]] or self._top

    def _best_path(self, node: int) -> list[int]:
        """Node by node up to the first one that is in the tree.

        A breadth-first search: layer k holds the nodes k steps above, and the first layer with nodes of the tree
        gives the least number of new ones. All paths of that number lead from layer to layer.
        """
        layers, seen = [[node]], {node}
        while not (meeting := {v: d for v in layers[-1] if (d := self._depth[v]) != _OUTSIDE}):
            found = dict.fromkeys(p for v in layers[-1] for p in self._parents(v) if p not in seen)
            seen.update(found)
            layers.append(list(found))
        chosen: list[dict[int, int]] = []  # per layer, top first: the best parent of the nodes that lead up
        for layer in layers[-2::-1]:
            best = {v: min(((-meeting[p], p) for p in self._parents(v) if p in meeting), default=None) for v in layer}
            chosen.append({v: choice[1] for v, choice in best.items() if choice})
            meeting = {v: -choice[0] for v, choice in best.items() if choice}
        path = [node]
        for step in reversed(chosen):
            path.append(step[path[-1]])
        return path
