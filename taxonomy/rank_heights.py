"""Heights by rank: a family is as high here as there, however many levels are told apart below it."""

import numpy as np
from numpy.typing import NDArray

from . import arrays
from .arrays import Ints
from .errors import NotEmbeddable
from .ranks import ORDER, normal
from .taxonomy import Taxonomy

Floats = NDArray[np.float64]

_NONE = -1.0
"""In the place of a rank's height where there is no rank with a place in the order."""


def ranks(taxonomy: Taxonomy) -> Floats:
    """The same height for the same rank, after the ranks that occur in the hierarchy, `(n_nodes,)`.

    The lowest rank that occurs has height 0, the next one 1, and so on by `taxo.taxonomy.ranks.ORDER`, in which some
    ranks are equal. Where nodes of the lowest rank have something below them, all ranks are one higher, so that there
    is room for it.

    Nodes without a rank, or with one that has no place in the order ("clade"), lie strictly between the ranks above
    and below, evenly spaced where several follow one another. With `low` the largest height of a rank below v (0 where
    there is none) and `up` the longest run of such inner nodes from v downwards, v counted,

        h(v) = low + (h(parent) - low) up / (up + 1),

    from the top down, with the least height among the parents of a DAG; at a root it is low + up. Leaves without a
    rank have height 0; two classes never meet at a leaf, so that only tells that nothing is below.

    Raises:
        NotEmbeddable: No rank at all that has a place in the order; a rank that is not below that of the nearest
            ranked node above it.
    """
    rank = _rank_heights(taxonomy)
    low, up = _below(taxonomy, rank)
    _check_order(taxonomy, rank, low)
    return _filled(taxonomy, rank, np.maximum(low, 0), up)


def _rank_heights(taxonomy: Taxonomy) -> Floats:
    """Height of every node's rank, `_NONE` where that has no place in the order, `(n_nodes,)`."""
    place = {rank: ORDER.get(normal(rank), -1) for rank in set(taxonomy.ranks)}
    found = np.array(list(map(place.__getitem__, taxonomy.ranks)), dtype=np.intp)
    occurring = np.unique(found[found >= 0])[::-1]
    if not occurring.size:
        given = [rank for rank in place if rank]
        what = (
            f"has no rank with a place in the order (only {', '.join(sorted(given)[:3])})" if given else "has no ranks"
        )
        raise NotEmbeddable(
            f"heights 'ranks': {taxonomy.name or 'the hierarchy'!r} {what}; give nodes ranks such as genus and family, "
            "or take other heights"
        )
    height = np.full(len(ORDER) + 1, _NONE)
    height[occurring] = np.arange(len(occurring))
    heights = height[found]
    heights[found < 0] = _NONE
    # Else what is below a node of the lowest rank would be as high as that node, and classes would meet at height 0.
    inner = taxonomy.children.counts() > 0
    return heights + (heights >= 0) if ((heights == 0) & inner).any() else heights


def _below(taxonomy: Taxonomy, rank: Floats) -> tuple[Floats, Floats]:
    """The largest rank height below every node, `_NONE` for none, and the longest run of unranked inner nodes.

    The run begins with the node itself, and is 0 at leaves and ranked nodes. Ranks below a ranked node are not looked
    at: they are below it where the order is right.
    """
    low, up = np.full(taxonomy.n_nodes, _NONE), np.zeros(taxonomy.n_nodes)
    for nodes, children, starts in arrays.inner_by_level(taxonomy.children, taxonomy.depths):
        nearest = np.where(rank[children] >= 0, rank[children], low[children])
        low[nodes] = np.maximum.reduceat(nearest, starts)
        up[nodes] = np.where(rank[nodes] >= 0, 0, 1 + np.maximum.reduceat(up[children], starts))
    return low, up


def _filled(taxonomy: Taxonomy, rank: Floats, low: Floats, up: Floats) -> Floats:
    """The heights, from the top down, `(n_nodes,)`."""
    heights = np.where(rank >= 0, rank, low + up)
    between = (rank < 0) & (up > 0) & (taxonomy.parents.counts() > 0)
    nodes = np.flatnonzero(between)
    for first, last in arrays.level_bounds(taxonomy.depths[nodes]):
        here: Ints = nodes[first:last]
        if not here.size:
            continue
        counts = taxonomy.parents.start[here + 1] - taxonomy.parents.start[here]
        least = np.minimum.reduceat(heights[taxonomy.parents.gather(here)], np.cumsum(counts) - counts)
        heights[here] = low[here] + (least - low[here]) * up[here] / (up[here] + 1)
    heights[(rank < 0) & (up == 0)] = 0
    return heights


def _check_order(taxonomy: Taxonomy, rank: Floats, low: Floats) -> None:
    """Raise where a rank is not below that of the nearest ranked node above it."""
    wrong = np.flatnonzero((rank >= 0) & (low >= rank))
    if not wrong.size:
        return
    above = int(wrong[0])
    node = above
    while node == above or rank[node] < 0:  # down to the rank that is too high
        children = taxonomy.children_of(node)
        nearest = np.where(rank[children] >= 0, rank[children], low[children])
        node = int(children[nearest.argmax()])
    more = f" (the first of {wrong.size} nodes with such ranks below them)" if wrong.size > 1 else ""
    raise NotEmbeddable(
        f"heights 'ranks': {taxonomy.names[node]!r} ({taxonomy.ranks[node]}) stands below {taxonomy.names[above]!r} "
        f"({taxonomy.ranks[above]}), a rank that is not higher{more}; correct one of the two ranks or leave it out "
        "(taxo validate lists them all), or take other heights"
    )
