"""To and from networkx, for people whose hierarchy already is a graph."""

from typing import TYPE_CHECKING, Any

import numpy as np

from .build import NOT_A_CLASS, from_edges
from .errors import TaxoError
from .taxonomy import Taxonomy

if TYPE_CHECKING:  # networkx takes a tenth of a second to import: only those who call this pay
    import networkx as nx


def from_networkx(graph: "nx.DiGraph[Any]", *, name: str = "") -> Taxonomy:
    """A hierarchy from a directed graph with edges from parent to child.

    Node attributes `rank`, `label`, `synonyms`, `length` (of the branch above the node; in trees only) and
    `class_number` are taken over. Nodes that are no strings are named by `str`.

    Raises:
        CycleError: The graph has a cycle.
        TaxoError: An undirected graph or a multigraph, two nodes with the same name, as `from_edges`.
    """
    if not graph.is_directed() or graph.is_multigraph():
        raise TaxoError("a hierarchy is made from a networkx.DiGraph with edges parent -> child")
    names = {node: str(node) for node in graph}
    if len(set(names.values())) < len(names):
        raise TaxoError("two nodes of the graph have the same name once turned into text; rename one")
    attributes: dict[str, dict[str, Any]] = {
        key: {names[v]: data[key] for v, data in graph.nodes(data=True) if key in data}
        for key in ("rank", "label", "synonyms", "length", "class_number")
    }
    numbers = attributes["class_number"]
    return from_edges(
        ((names[p], names[c]) for p, c in graph.edges),
        nodes=names.values(),
        class_numbers=numbers or None,
        ranks=attributes["rank"],
        labels=attributes["label"],
        synonyms=attributes["synonyms"],
        lengths=attributes["length"],
        name=name or str(graph.name or ""),
    )


def to_networkx(taxonomy: Taxonomy) -> "nx.DiGraph[str]":
    """A directed graph with edges from parent to child.

    Nodes have the attributes `rank`, `label`, `synonyms`, `length` and `class_number` where there are any;
    `from_networkx` makes an equal hierarchy of it.
    """
    import networkx as nx

    numbers = dict(zip(taxonomy.class_nodes.tolist(), taxonomy.class_numbers.tolist(), strict=True))
    graph: nx.DiGraph[str] = nx.DiGraph(name=taxonomy.name)
    for i, name in enumerate(taxonomy.names):
        data: dict[str, Any] = {"class_number": numbers.get(i, NOT_A_CLASS)}
        if taxonomy.ranks[i]:
            data["rank"] = taxonomy.ranks[i]
        if taxonomy.labels[i] != name:
            data["label"] = taxonomy.labels[i]
        if taxonomy.synonyms[i]:
            data["synonyms"] = taxonomy.synonyms[i]
        if taxonomy.lengths is not None and not np.isnan(taxonomy.lengths[i]):
            data["length"] = float(taxonomy.lengths[i])
        graph.add_node(name, **{k: v for k, v in data.items() if v != NOT_A_CLASS})
    graph.add_edges_from(
        (taxonomy.names[p], name) for i, name in enumerate(taxonomy.names) for p in taxonomy.parents_of(i)
    )
    return graph
