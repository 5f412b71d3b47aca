"""Information content of nodes, from the hierarchy alone: how much is said by naming a node."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .arrays import Ints
from .errors import TaxoError, unknown_choice
from .taxonomy import Taxonomy

Floats = NDArray[np.float64]


def seco(taxonomy: Taxonomy, nodes: Ints) -> Floats:
    """`1 - log(h(c) + 1) / log(n)` with `h(c)` the number of proper descendants of c and n the number of nodes.

    1 for a leaf, 0 for a root above all other nodes, between them the less the more lies below. 0 where there is
    only one node. Under several roots n counts the nodes of all trees.

    Source: Seco, Veale & Hayes, "An intrinsic information content metric for semantic similarity in WordNet",
    ECAI 2004, eq. 3.
    """
    if taxonomy.n_nodes == 1:
        return np.zeros(len(nodes))
    content: Floats = 1 - np.log(taxonomy.ancestry.descendants[nodes] + 1) / np.log(taxonomy.n_nodes)
    return content


def sanchez(taxonomy: Taxonomy, nodes: Ints) -> Floats:
    """`-log((l(c) / s(c) + 1) / (L + 1))`, in nats.

    `l(c)` is the number of leaves below c, c itself not counted (so 0 for a leaf), `s(c)` the number of ancestors
    of c, itself counted, and L the number of leaves. 0 for a root above all other nodes, `log(L + 1)` for a
    leaf. Under several roots L counts the leaves of all trees.

    Source: Sanchez, Batet & Isern, "Ontology-based information content computation", Knowledge-Based Systems 24
    (2011), eq. 10. The leaves of a leaf are none, as there; some programs count the leaf itself.
    """
    if taxonomy.n_nodes == 1:
        return np.zeros(len(nodes))
    ancestry = taxonomy.ancestry
    ratio = ancestry.leaves[nodes] / ancestry.subsumers[nodes]
    content: Floats = np.log(len(taxonomy.leaves) + 1) - np.log(ratio + 1)
    return content


CONTENTS: dict[str, Callable[[Taxonomy, Ints], Floats]] = {"seco": seco, "sanchez": sanchez}
"""The kinds of information content, by name."""


def information_content(taxonomy: Taxonomy, nodes: Ints | None = None, *, ic: str = "seco") -> Floats:
    """Information content of nodes.

    Args:
        taxonomy: A tree or a DAG.
        nodes: `(k,)` nodes; all by default.
        ic: "seco" or "sanchez".

    Returns:
        `(k,)`; never smaller than that of an ancestor. On a DAG every descendant counts once.

    Raises:
        TaxoError: An unknown kind.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> dict(zip(t.names, information_content(t).round(2).tolist()))
        {'animal': 0.0, 'cat': 1.0, 'bird': 0.32, 'owl': 1.0, 'gull': 1.0}
    """
    if ic not in CONTENTS:
        raise TaxoError(unknown_choice("information content", ic, CONTENTS))
    nodes = np.arange(taxonomy.n_nodes) if nodes is None else np.asarray(nodes, dtype=np.intp)
    return CONTENTS[ic](taxonomy, nodes)
