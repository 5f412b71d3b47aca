"""Nodes from lineages: lists of `(rank, name)` from the top down, as tables with a column per rank have them."""

from collections.abc import Collection, Iterable

import numpy as np

from ..arrays import Ints
from .distinct import distinct

Step = tuple[str, str]


class Lineages:
    """A forest that grows lineage by lineage.

    Two genera of one name in different families are two nodes: a node is known by its parent, rank and name.

    Attributes:
        names: Name of each node as its lineages give it; may repeat.
        ranks: Rank of each node.
        parent: Parent of each node, -1 for none.

    Example:
        >>> forest = Lineages()
        >>> plant = forest.add([("family", "Moraceae"), ("genus", "Morus")])
        >>> bird = forest.add([("family", "Sulidae"), ("genus", "Morus")])
        >>> forest.distinct_names()
        ['Moraceae', 'Moraceae/Morus', 'Sulidae', 'Sulidae/Morus']
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.ranks: list[str] = []
        self.parent: list[int] = []
        self._index: dict[tuple[int, str, str], int] = {}

    def add(self, lineage: Iterable[Step], below: int = -1) -> int:
        """The node at the end of a lineage, made where it is not there; `below` if the lineage is empty."""
        node = below
        for rank, name in lineage:
            key = node, rank, name
            found = self._index.get(key)
            if found is None:
                found = self._index[key] = len(self.names)
                self.names.append(name)
                self.ranks.append(rank)
                self.parent.append(node)
            node = found
        return node

    def edges(self) -> tuple[Ints, Ints]:
        """Parents and children, `(n_edges,)` each."""
        parent = np.array(self.parent, dtype=np.intp)
        child = np.flatnonzero(parent >= 0)
        return parent[child], child

    def path(self, node: int, top: int = -1) -> str:
        """Names from the top down to a node, `/` between; those of `top` and above are left out."""
        steps: list[str] = []
        while node not in (-1, top):
            steps.append(self.names[node])
            node = self.parent[node]
        return "/".join(reversed(steps))

    def distinct_names(self, kept: Collection[int] = (), top: int = -1) -> list[str]:
        """Names of the nodes, the path (see there) where a name stands more than once.

        Args:
            kept: Nodes that keep their names anyhow.
            top: Node that paths do not show, a root made up by the reader.
        """
        return distinct(self.names, lambda node: self.path(node, top) if node != top else f"{self.names[node]}/", kept)
