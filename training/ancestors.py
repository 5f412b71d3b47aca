"""Which nodes stand above each class of a hierarchy, as index arrays."""

import numpy as np

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.arrays import Ints


def class_ancestors(taxonomy: Taxonomy) -> tuple[Ints, Ints]:
    """Every pair of a class and one of its ancestors-or-self, sorted by class, then by node.

    Returns:
        Classes `(n_pairs,)`, as places in the class order, and nodes `(n_pairs,)`.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> classes, nodes = class_ancestors(t)
        >>> [(t.classes[c], t.names[v]) for c, v in zip(classes, nodes)][:2]
        [('cat', 'animal'), ('cat', 'cat')]
    """
    # A pair is one number, so that the same pair met on two ways up a DAG is found with `unique`.
    n_nodes = taxonomy.n_nodes
    front = np.arange(taxonomy.n_classes) * n_nodes + taxonomy.class_nodes
    met = [front]
    counts = taxonomy.parents.counts()
    while front.size:
        place, node = np.divmod(front, n_nodes)
        front = np.unique(np.repeat(place, counts[node]) * n_nodes + taxonomy.parents.gather(node))
        met.append(front)
    place, node = np.divmod(np.unique(np.concatenate(met)), n_nodes)
    return place, node
