"""The class similarities that an embedding is to reproduce."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from taxo.taxonomy import NotEmbeddable, Taxonomy, class_similarity
from taxo.taxonomy.arrays import Ints
from taxo.taxonomy.errors import TaxoError, unknown_choice
from taxo.taxonomy.heights import LEVELS, node_heights
from taxo.taxonomy.information import CONTENTS
from taxo.taxonomy.measures import get_measure
from taxo.taxonomy.similarity import similarity

from .class_tree import ClassTree, Floats, class_tree, refuse_dag

LCS_HEIGHT = "lcs-height"
"""The published measure: one minus the height of the lowest common subsumer over that of the root [BD19]."""

_PAIRS = 1 << 20  # pairs that are looked at together


@dataclass(frozen=True, eq=False)
class Target:
    """The similarities of the classes of a hierarchy.

    Attributes:
        taxonomy: A tree or a DAG.
        measure: One of `taxo.taxonomy.MEASURES`.
        kind: Heights for the measure lcs-height: a name, or the height of every node by name.
        ic: Information content for the measures lin and resnik: "seco" or "sanchez".
    """

    taxonomy: Taxonomy
    measure: str = LCS_HEIGHT
    kind: str | Mapping[str, float] = field(default=LEVELS, repr=False)
    ic: str | None = None

    def __post_init__(self) -> None:
        get_measure(self.measure, ic=self.ic)
        if self.ic is not None and self.ic not in CONTENTS:
            raise TaxoError(unknown_choice("information content", self.ic, CONTENTS))
        if self.measure != LCS_HEIGHT and self.kind != LEVELS:
            raise TaxoError(f"heights are for the measure {LCS_HEIGHT} only; {self.measure!r} uses none")

    @cached_property
    def heights(self) -> Floats | None:
        """`(n_nodes,)` heights, None for the published ones."""
        return None if self.kind == LEVELS else node_heights(self.taxonomy, self.kind)

    @cached_property
    def tree(self) -> ClassTree:
        """What the closed form works on.

        Raises:
            NotEmbeddable: A DAG, or a measure other than lcs-height.
        """
        if self.measure != LCS_HEIGHT:
            raise NotEmbeddable(f"the closed form holds for the measure {LCS_HEIGHT} only, not for {self.measure!r}")
        return class_tree(self.taxonomy, self.heights)

    @property
    def has_tree(self) -> bool:
        """Whether `tree` is there."""
        return self.measure == LCS_HEIGHT and self.taxonomy.is_tree

    def pairs(self, a: Ints, b: Ints) -> Floats:
        """Similarities of pairs of classes.

        Args:
            a: `(n_pairs,)` classes, as places in the class order.
            b: `(n_pairs,)` likewise.

        Returns:
            `(n_pairs,)`, 1 where both are the same.
        """
        nodes = self.taxonomy.class_nodes
        if self.measure == LCS_HEIGHT:
            return similarity(self.taxonomy, nodes[a], nodes[b], self.heights)
        found = get_measure(self.measure, ic=self.ic)(self.taxonomy, nodes[a], nodes[b])
        return np.where(np.asarray(a) == np.asarray(b), 1.0, found / self._most)

    @cached_property
    def _most(self) -> float:
        """What the measure gives at most: Resnik's with the information content of Sanchez is in nats."""
        if self.measure != "resnik" or self.ic != "sanchez":
            return 1.0
        return float(np.log(len(self.taxonomy.leaves) + 1)) or 1.0

    def block(self, rows: slice) -> Floats:
        """Some rows of S, `(n_rows, n_classes)`."""
        if self.measure == LCS_HEIGHT:
            return class_similarity(self.taxonomy, rows, self.heights)
        n = self.taxonomy.n_classes
        wanted = np.arange(n)[rows]
        out = np.empty((len(wanted), n))
        step = max(1, _PAIRS // n)
        for low in range(0, len(wanted), step):
            part = wanted[low : low + step]
            pairs = self.pairs(np.repeat(part, n), np.tile(np.arange(n), len(part)))
            out[low : low + step] = pairs.reshape(len(part), n)
        return out

    def matrix(self) -> Floats:
        """S, `(n_classes, n_classes)`."""
        return self.block(slice(None))

    def between(self, a: Ints, b: Ints) -> Floats:
        """Similarities of every class of one list to every class of another, `(len(a), len(b))`."""
        out = np.empty((len(a), len(b)))
        step = max(1, _PAIRS // max(1, len(b)))
        for low in range(0, len(a), step):
            part = a[low : low + step]
            out[low : low + step] = self.pairs(np.repeat(part, len(b)), np.tile(b, len(part))).reshape(len(part), -1)
        return out

    def refuse_dag(self) -> None:
        """Raise where similarities need not be dot products.

        Raises:
            NotEmbeddable: A node has several parents; the nodes and the ways out are named.
        """
        refuse_dag(self.taxonomy)
