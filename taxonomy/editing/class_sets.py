"""Hashes of the set of classes below every node: equal sets, equal hashes."""

import numpy as np
from numpy.typing import NDArray

from .. import arrays
from ..arrays import Ints
from ..taxonomy import Taxonomy

Hashes = NDArray[np.uint64]

_WALK_LIMIT = 20_000_000
"""Most nodes that are visited for the sake of nodes with several ways to a class."""


def class_values(n_ids: int) -> Hashes:
    """A random value for each of `n_ids` classes: the sum over a set is its hash. Always the same values."""
    # 64 bits: among a million nodes two unequal sets get one hash with a chance of 3e-8.
    return np.random.default_rng(0).integers(1, 1 << 64, size=n_ids, dtype=np.uint64, endpoint=False)


def set_hashes(taxonomy: Taxonomy, value: Hashes, wanted: Ints, *, limit: int = _WALK_LIMIT) -> Hashes:
    """Hash of the set of classes below every wanted node, itself included.

    Sums run up the hierarchy, one pass over the edges. In a DAG a class that is reached in two ways would
    count twice, so nodes with a node of several parents below them are walked one by one and each class is
    taken once. In bushy hierarchies that visits few nodes; beyond `limit` visits the sums remain as they are,
    and two equal sets have the same hash only if as many ways lead to their classes.

    Args:
        taxonomy: The hierarchy.
        value: `(n_nodes,)` random value of each class; 0 for nodes that do not count.
        wanted: `(k,)` nodes.
        limit: Most nodes to visit in walks.

    Returns:
        `(k,)`; 0 for an empty set.
    """
    total = value.copy()
    several = taxonomy.parents.counts() > 1
    for nodes, below, starts in arrays.inner_by_level(taxonomy.children, taxonomy.depths):
        total[nodes] += np.add.reduceat(total[below], starts)
        several[nodes] |= np.logical_or.reduceat(several[below], starts)
    if taxonomy.is_tree:
        return total[wanted]
    visited = 0
    for node in wanted[several[wanted]].tolist():
        if visited > limit:
            break
        below_node = descendants(taxonomy, node)
        visited += len(below_node)
        total[node] = value[below_node].sum(dtype=np.uint64)
    return total[wanted]


def descendants(taxonomy: Taxonomy, node: int) -> Ints:
    """A node and all nodes below it, each once."""
    start, index = taxonomy.children.start, taxonomy.children.index
    seen = {node}
    front = [node]
    while front:
        v = front.pop()
        fresh = [c for c in index[start[v] : start[v + 1]].tolist() if c not in seen]
        seen.update(fresh)
        front.extend(fresh)
    return np.fromiter(seen, dtype=np.intp, count=len(seen))
