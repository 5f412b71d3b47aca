"""Class similarity from the heights of lowest common subsumers [BD19].

`d(u, v) = height(lcs(u, v)) / H` and `s = 1 - d`, with H the height of the hierarchy and `s(u, u) = 1`.
Two nodes under different roots have nothing in common: `d = 1`.

[BD19]: Barz & Denzler, "Hierarchy-based image embeddings for semantic image retrieval", WACV 2019.
"""

import numpy as np
from numpy.typing import NDArray

from . import arrays
from .arrays import Ints
from .taxonomy import Taxonomy

Floats = NDArray[np.float64]


def scale(taxonomy: Taxonomy) -> int:
    """The height at which classes have nothing in common: H, and 1 for a forest of single nodes."""
    return max(1, taxonomy.height)


def lcs_heights(taxonomy: Taxonomy, a: Ints, b: Ints) -> Ints:
    """Height of the lowest common subsumer of each pair of nodes.

    Args:
        taxonomy: A tree or a DAG.
        a: `(n_pairs,)` nodes.
        b: `(n_pairs,)` nodes.

    Returns:
        `(n_pairs,)` heights; 0 where both nodes are the same, `scale(taxonomy)` where nothing subsumes both.
    """
    a, b = np.asarray(a, dtype=np.intp), np.asarray(b, dtype=np.intp)
    found = taxonomy.lcs(a, b)
    heights = np.where(found < 0, scale(taxonomy), taxonomy.heights[found])
    return np.where(a == b, 0, heights)


def similarity(taxonomy: Taxonomy, a: Ints, b: Ints) -> Floats:
    """`1 - height(lcs(a, b)) / H` of each pair of nodes, `(n_pairs,)`, in [0, 1].

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> similarity(t, t.indices(["owl", "owl"]), t.indices(["gull", "cat"])).tolist()
        [0.5, 0.0]
    """
    return 1 - lcs_heights(taxonomy, a, b) / scale(taxonomy)


def class_lcs_heights(taxonomy: Taxonomy, rows: slice = slice(None)) -> NDArray[np.int32]:
    """Height of the lowest common subsumer of every pair of classes.

    Args:
        taxonomy: A tree or a DAG.
        rows: Which classes to give rows for, all by default: large hierarchies are done in blocks.

    Returns:
        `(n_rows, n_classes)`, 0 on the diagonal, `scale(taxonomy)` where nothing subsumes both classes.
    """
    classes = taxonomy.class_nodes
    wanted = np.arange(taxonomy.n_classes)[rows]
    if not taxonomy.is_tree:
        out = np.empty((len(wanted), len(classes)), dtype=np.int32)
        for row, c in zip(out, wanted, strict=True):
            row[:] = lcs_heights(taxonomy, np.full(len(classes), classes[c]), classes)
        return out
    # Between two nodes of a depth-first order, the highest lcs of neighbours is the lcs of the two.
    position, _ = arrays.preorder(taxonomy.children, taxonomy.depths)
    order = np.argsort(position[classes])
    place = np.argsort(order)
    steps = lcs_heights(taxonomy, classes[order[:-1]], classes[order[1:]]).astype(np.int32)
    out = np.zeros((len(wanted), len(classes)), dtype=np.int32)
    for row, p in zip(out, place[wanted], strict=True):
        np.maximum.accumulate(steps[p:], out=row[p + 1 :])
        row[:p] = np.maximum.accumulate(steps[:p][::-1])[::-1]
    return out[:, place]


def class_similarity(taxonomy: Taxonomy, rows: slice = slice(None)) -> Floats:
    """Similarity of every pair of classes: S of the papers.

    Args:
        taxonomy: A tree or a DAG.
        rows: Which classes to give rows for, all by default.

    Returns:
        `(n_rows, n_classes)` in [0, 1], 1 on the diagonal and, for classes that are leaves of distinct
        subtrees, nowhere else.
    """
    return 1 - class_lcs_heights(taxonomy, rows) / scale(taxonomy)
