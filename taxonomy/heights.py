"""Heights of nodes other than the number of levels below: what similarities and class embeddings may go by.

Any heights serve that never shrink from child to parent: `s = 1 - height(lcs) / H` is then one minus an ultrametric,
and its matrix over the classes of a tree is positive definite wherever no two classes meet at height 0.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from .branch_heights import branch_length
from .errors import NotEmbeddable, TaxoError, unknown_choice
from .height_file import read_heights
from .information import information_content
from .rank_heights import ranks
from .taxonomy import Taxonomy
from .wording import few

__all__ = ["HEIGHTS", "LEVELS", "branch_length", "information", "levels", "node_heights", "ranks", "read_heights"]

Floats = NDArray[np.float64]

LEVELS = "levels"
"""The published heights [BD19]: 0 for a leaf, else one more than the highest child."""


def levels(taxonomy: Taxonomy) -> Floats:
    """0 for a leaf, else 1 + the largest height of the children [BD19], `(n_nodes,)`."""
    return taxonomy.heights.astype(np.float64)


def information(taxonomy: Taxonomy) -> Floats:
    """`1 - IC`, with the intrinsic information content of Seco, Veale & Hayes (ECAI 2004), `(n_nodes,)`.

    That is `log(number of nodes below, itself included) / log(number of all nodes)`: 0 for a leaf, 1 for a single
    root. The similarity of two leaves is then Resnik's: the information content of what subsumes both.
    """
    return 1 - information_content(taxonomy)


HEIGHTS: dict[str, Callable[[Taxonomy], Floats]] = {
    LEVELS: levels,
    "ranks": ranks,
    "information": information,
    "branch-length": branch_length,
}
"""The kinds of heights by name -> function from a hierarchy to `(n_nodes,)`."""


def node_heights(taxonomy: Taxonomy, kind: str | Mapping[str, float] = LEVELS) -> Floats:
    """Heights of all nodes, checked.

    Args:
        taxonomy: A tree or a DAG.
        kind: One of `HEIGHTS`, or the height of every node by name. Leaves may be missing there, their height is 0;
            names that are no nodes are left out, so that a column for a whole tree serves a part of it.

    Returns:
        `(n_nodes,)` finite, not negative, nowhere less than the height of a child.

    Raises:
        TaxoError: An unknown kind.
        NotEmbeddable: Heights that are missing, are no finite numbers or shrink from child to parent; the nodes are
            named.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> dict(zip(t.names, node_heights(t, "information").round(3).tolist()))
        {'animal': 1.0, 'cat': 0.0, 'bird': 0.683, 'owl': 0.0, 'gull': 0.0}
    """
    if isinstance(kind, str):
        if kind not in HEIGHTS:
            raise TaxoError(unknown_choice("heights", kind, HEIGHTS))
        heights, what = HEIGHTS[kind](taxonomy), f"heights {kind!r}"
    else:
        heights, what = _by_name(taxonomy, kind), "the heights given"
    _check(taxonomy, heights, what)
    return heights


def _by_name(taxonomy: Taxonomy, given: Mapping[str, float]) -> Floats:
    heights = np.array([given.get(name, np.nan) for name in taxonomy.names], dtype=np.float64)
    leaves = taxonomy.leaves
    heights[leaves] = np.where(np.isnan(heights[leaves]), 0.0, heights[leaves])
    missing = [taxonomy.names[v] for v in np.flatnonzero(np.isnan(heights)).tolist()]
    if missing:
        nodes = "1 inner node" if len(missing) == 1 else f"{len(missing)} inner nodes"
        raise NotEmbeddable(
            f"no height is given for {nodes} of {taxonomy.name!r}: {few(missing, 5)}; only leaves may be left out"
        )
    return heights


def _check(taxonomy: Taxonomy, heights: Floats, what: str) -> None:
    bad = np.flatnonzero(~np.isfinite(heights) | (heights < 0))
    if bad.size:
        v = int(bad[0])
        raise NotEmbeddable(f"{what}: {taxonomy.names[v]!r} has the height {heights[v]}; heights are numbers from 0")
    child = np.repeat(np.arange(taxonomy.n_nodes), taxonomy.parents.counts())
    parent = taxonomy.parents.index
    shrinking = np.flatnonzero(heights[parent] < heights[child])
    if shrinking.size:
        p, c = int(parent[shrinking[0]]), int(child[shrinking[0]])
        more = f" (and {shrinking.size - 1} more edges)" if shrinking.size > 1 else ""
        raise NotEmbeddable(
            f"{what}: {taxonomy.names[c]!r} has the height {heights[c]:g}, more than its parent "
            f"{taxonomy.names[p]!r} with {heights[p]:g}{more}; heights must not shrink from child to parent"
        )
