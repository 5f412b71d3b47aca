"""Class similarity from the heights of lowest common subsumers [BD19].

`d(u, v) = height(lcs(u, v)) / H` and `s = 1 - d`, with H the height of the hierarchy and `s(u, u) = 1`.
Two nodes under different roots have nothing in common: `d = 1`.

[BD19]: Barz & Denzler, "Hierarchy-based image embeddings for semantic image retrieval", WACV 2019.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import arrays
from .arrays import Ints, Rows
from .taxonomy import Taxonomy

Floats = NDArray[np.float64]

_CELLS = 1 << 22  # nodes times rows that are worked on at a time


def scale(taxonomy: Taxonomy, heights: Floats | None = None) -> float:
    """The height at which classes have nothing in common: H, and 1 for a forest of single nodes.

    Args:
        taxonomy: A tree or a DAG.
        heights: `(n_nodes,)` from `node_heights`; by default the number of levels [BD19].
    """
    if heights is None:
        return max(1, taxonomy.height)
    return float(heights.max(initial=0.0)) or 1.0


def lcs_heights(taxonomy: Taxonomy, a: Ints, b: Ints, heights: Floats | None = None) -> NDArray[Any]:
    """Height of the lowest common subsumer of each pair of nodes.

    Args:
        taxonomy: A tree or a DAG.
        a: `(n_pairs,)` nodes.
        b: `(n_pairs,)` nodes.
        heights: `(n_nodes,)` from `node_heights`; by default the number of levels [BD19]. On a DAG the lowest common
            subsumer is then the common ancestor of the least such height.

    Returns:
        `(n_pairs,)` heights, integers by default; 0 where both nodes are the same, `scale(taxonomy, heights)` where
        nothing subsumes both.
    """
    a, b = np.asarray(a, dtype=np.intp), np.asarray(b, dtype=np.intp)
    most = scale(taxonomy, heights)
    if heights is not None and not taxonomy.is_tree:
        found = np.full(len(a), most)
        for common in taxonomy.ancestry.common(a, b):
            starts = common.starts()
            if starts.size:
                found[common.pair[starts]] = np.minimum.reduceat(heights[common.ancestor], starts)
        return np.where(a == b, 0, found)
    values = taxonomy.heights if heights is None else heights
    lowest = taxonomy.lcs(a, b)
    return np.where(a == b, 0, np.where(lowest < 0, most, values[lowest]))


def similarity(taxonomy: Taxonomy, a: Ints, b: Ints, heights: Floats | None = None) -> Floats:
    """`1 - height(lcs(a, b)) / H` of each pair of nodes, `(n_pairs,)`, in [0, 1]; arguments as for `lcs_heights`.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> similarity(t, t.indices(["owl", "owl"]), t.indices(["gull", "cat"])).tolist()
        [0.5, 0.0]
    """
    return 1 - lcs_heights(taxonomy, a, b, heights) / scale(taxonomy, heights)


def class_lcs_heights(taxonomy: Taxonomy, rows: slice = slice(None), heights: Floats | None = None) -> NDArray[Any]:
    """Height of the lowest common subsumer of every pair of classes.

    Args:
        taxonomy: A tree or a DAG.
        rows: Which classes to give rows for, all by default: large hierarchies are done in blocks.
        heights: As for `lcs_heights`.

    Returns:
        `(n_rows, n_classes)`, int32 by default, 0 on the diagonal, `scale(taxonomy, heights)` where nothing subsumes
        both classes.
    """
    classes = taxonomy.class_nodes
    wanted = np.arange(taxonomy.n_classes)[rows]
    if not taxonomy.is_tree:
        return _dag_heights(taxonomy, classes[wanted], heights)
    # Between two nodes of a depth-first order, the highest lcs of neighbours is the lcs of the two.
    order = depth_first_classes(taxonomy)
    place = np.argsort(order)
    steps = lcs_heights(taxonomy, classes[order[:-1]], classes[order[1:]], heights)
    steps = steps.astype(np.int32 if heights is None else np.float64)
    out = np.zeros((len(wanted), len(classes)), dtype=steps.dtype)
    for row, p in zip(out, place[wanted], strict=True):
        np.maximum.accumulate(steps[p:], out=row[p + 1 :])
        row[:p] = np.maximum.accumulate(steps[:p][::-1])[::-1]
    return out[:, place]


def depth_first_classes(taxonomy: Taxonomy) -> Ints:
    """The classes of a tree, as places in the class order, in depth-first order, `(n_classes,)`."""
    position, _ = arrays.preorder(taxonomy.children, taxonomy.depths)
    return np.argsort(position[taxonomy.class_nodes])


def _dag_heights(taxonomy: Taxonomy, nodes: Ints, heights: Floats | None) -> NDArray[np.int32]:
    """As `class_lcs_heights`, in a DAG, for the rows of some nodes, `(len(nodes), n_classes)`.

    Of all common ancestors of `a` and `b` the lowest counts: that is the least of the heights of those ancestors
    of `a` that are `b` or above it, so a minimum handed down from parents to children finds it for every `b`.
    """
    kept, parents, children = _above_classes(taxonomy)
    depths = taxonomy.depths[kept]
    height = taxonomy.heights[kept].astype(np.int32) if heights is None else heights[kept]
    most = height.dtype.type(scale(taxonomy, heights))
    place = np.searchsorted(kept, nodes)
    out = np.empty((len(nodes), taxonomy.n_classes), dtype=height.dtype)
    levels = [(low, high, parents.start[low:high]) for low, high in arrays.level_bounds(depths)[1:]]
    step = max(1, _CELLS // len(kept))
    for low in range(0, len(nodes), step):
        block = place[low : low + step]
        above = np.zeros((len(kept), len(block)), dtype=bool)
        above[block, np.arange(len(block))] = True
        for inner, below, starts in arrays.inner_by_level(children, depths):
            above[inner] |= np.logical_or.reduceat(above[below], starts, axis=0)
        best = np.where(above, height[:, None], most)
        for first, last, starts in levels:
            handed = best[parents.index[starts[0] : parents.start[last]]]
            np.minimum(best[first:last], np.minimum.reduceat(handed, starts - starts[0]), out=best[first:last])
        out[low : low + step] = best[np.searchsorted(kept, taxonomy.class_nodes)].T
    out[nodes[:, None] == taxonomy.class_nodes] = 0
    return out


def _above_classes(taxonomy: Taxonomy) -> tuple[Ints, Rows, Rows]:
    """Classes and their ancestors, ascending, with the parents and children that these have among themselves."""
    needed = np.zeros(taxonomy.n_nodes, dtype=bool)
    front = taxonomy.class_nodes
    while front.size:
        needed[front] = True
        above = taxonomy.parents.gather(front)
        front = np.unique(above[~needed[above]])
    kept = np.flatnonzero(needed)
    counts = taxonomy.parents.counts()[kept]
    start = np.concatenate([[0], np.cumsum(counts)])
    parents = Rows(start, np.searchsorted(kept, taxonomy.parents.gather(kept)))
    return kept, parents, arrays.rows(parents.index, np.repeat(np.arange(len(kept)), counts), len(kept))


def class_similarity(taxonomy: Taxonomy, rows: slice = slice(None), heights: Floats | None = None) -> Floats:
    """Similarity of every pair of classes: S of the papers.

    Args:
        taxonomy: A tree or a DAG.
        rows: Which classes to give rows for, all by default.
        heights: As for `lcs_heights`.

    Returns:
        `(n_rows, n_classes)` in [0, 1], 1 on the diagonal and, for classes that are leaves of distinct
        subtrees, nowhere else.
    """
    return 1 - class_lcs_heights(taxonomy, rows, heights) / scale(taxonomy, heights)
