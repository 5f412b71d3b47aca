"""Questions about nodes by name: the lowest common subsumer, how similar two are."""

from collections.abc import Mapping, Sequence

import numpy as np

from .arrays import Ints
from .errors import TaxoError
from .heights import LEVELS, Floats, node_heights
from .lookup import Lookup
from .measures import get_measure
from .taxonomy import Taxonomy


def lca(taxonomy: Taxonomy, *names: str) -> str | None:
    """Lowest common subsumer of some nodes: the lowest common ancestor on a tree.

    On a DAG, of all ancestors that the nodes have in common, the one of least height, then greatest depth, then
    first in node order. A node subsumes itself.

    Args:
        taxonomy: A tree or a DAG.
        names: Names, or labels or synonyms that only one node has.

    Returns:
        Its name; None where the nodes have no ancestor in common.

    Raises:
        UnknownNode: No such node.
        TaxoError: No names, or a label that several nodes have.

    Example:
        >>> from taxo.hierarchies import load
        >>> lca(load("cub-deep"), "Larus argentatus", "Larus californicus", "Sterna hirundo")
        'Laridae'
    """
    found = lca_of(taxonomy, Lookup(taxonomy).nodes(names))
    return None if found < 0 else taxonomy.names[found]


def lca_of(taxonomy: Taxonomy, nodes: Ints | Sequence[int]) -> int:
    """As `lca`, for nodes `(k,)`; -1 where they have no ancestor in common.

    Raises:
        TaxoError: No nodes.
    """
    nodes = np.unique(np.asarray(nodes, dtype=np.intp))
    if not nodes.size:
        raise TaxoError("the lowest common subsumer of no nodes at all is asked for; give one at least")
    if taxonomy.is_tree:
        return _lca_in_tree(taxonomy, nodes)
    common = taxonomy.ancestry.of(int(nodes[0]))
    for node in nodes[1:].tolist():
        common = np.intersect1d(common, taxonomy.ancestry.of(node), assume_unique=True)
    if not common.size:
        return -1
    return int(common[np.lexsort((common, -taxonomy.depths[common], taxonomy.heights[common]))[0]])


def _lca_in_tree(taxonomy: Taxonomy, nodes: Ints) -> int:
    """By halves: on a tree the order in which ancestors are joined does not matter."""
    while len(nodes) > 1:
        half = len(nodes) // 2
        nodes = np.append(taxonomy.lcs(nodes[:half], nodes[half : 2 * half]), nodes[2 * half :])
        if (nodes < 0).any():
            return -1
    return int(nodes[0])


def compare(
    taxonomy: Taxonomy,
    a: str,
    b: str,
    *,
    measure: str = "lcs-height",
    ic: str | None = None,
    heights: str | Mapping[str, float] = LEVELS,
) -> float:
    """Similarity of two nodes.

    Args:
        taxonomy: A tree or a DAG.
        a: Name, or a label or synonym that only one node has.
        b: The same of the other node.
        measure: One of `MEASURES`.
        ic: Kind of information content, for `lin` and `resnik` only: "seco" (default) or "sanchez".
        heights: What `lcs-height` goes by: one of `taxo.taxonomy.heights.HEIGHTS`, "levels" as published, or the height
            of every inner node by name.

    Raises:
        UnknownNode: No such node.
        NotEmbeddable: Heights that the hierarchy does not have, or that shrink from child to parent.
        TaxoError: No such measure or kind, heights for another measure, or a label that several nodes have.

    Example:
        >>> from taxo.hierarchies import load
        >>> round(compare(load("cub-deep"), "Larus argentatus", "Sterna hirundo", measure="wup"), 3)
        0.625
        >>> round(compare(load("cub-deep"), "Larus argentatus", "Sterna hirundo", heights="ranks"), 3)
        0.556
    """
    value = get_measure(measure, ic=ic, heights=heights_of(taxonomy, heights))
    first, second = Lookup(taxonomy).nodes([a, b])
    return float(value(taxonomy, np.array([first]), np.array([second]))[0])


def heights_of(taxonomy: Taxonomy, kind: str | Mapping[str, float]) -> Floats | None:
    """What `similarity` takes for heights: `(n_nodes,)`, None for the published ones, which are whole numbers."""
    return None if kind == LEVELS else node_heights(taxonomy, kind)
