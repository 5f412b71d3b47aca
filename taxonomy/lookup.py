"""Nodes by what people call them: the name, else a label or synonym that only one node has."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from .arrays import Ints
from .errors import TaxoError
from .taxonomy import Taxonomy
from .wording import few


class Lookup:
    """Finds nodes by name, label or synonym.

    A name always means its node, whatever else is labelled so. Labels and synonyms count, to the letter, where
    only one node has them.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("Aves", "Strix aluco")], labels={"Strix aluco": "Tawny Owl"})
        >>> t.names[Lookup(t).node("Tawny Owl")]
        'Strix aluco'
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy

    def node(self, text: str) -> int:
        """The node that a text means.

        Raises:
            UnknownNode: No node has this name, label or synonym; near matches are shown.
            TaxoError: Several nodes have this label or synonym.
        """
        if text in self._taxonomy or text not in self._others:
            return self._taxonomy.index(text)
        found = self._others[text]
        if len(found) > 1:
            names = few([self._taxonomy.names[v] for v in found], 5)
            raise TaxoError(f"{text!r} is a label or synonym of {len(found)} nodes; give the name of one: {names}")
        return found[0]

    def nodes(self, texts: Sequence[str]) -> Ints:
        """The nodes of several texts, `(len(texts),)`; raises as `node` does, for the first that is no node."""
        found = list(map(self._taxonomy.nodes_by_name.number.get, texts))  # no Python call for each name
        if None in found:
            found = [self.node(text) if node is None else node for text, node in zip(texts, found, strict=True)]
        return np.array(found, dtype=np.intp)

    @cached_property
    def _others(self) -> dict[str, list[int]]:
        """Nodes of every label and synonym that is not the node's own name."""
        found: dict[str, list[int]] = {}
        taxonomy = self._taxonomy
        if taxonomy.labels != taxonomy.names:
            for node, (name, label) in enumerate(zip(taxonomy.names, taxonomy.labels, strict=True)):
                if label != name:
                    found.setdefault(label, []).append(node)
        for node, synonyms in enumerate(taxonomy.synonyms):
            for synonym in synonyms:
                if node not in (known := found.setdefault(synonym, [])):
                    known.append(node)
        return found
