"""Pairs of nodes of two hierarchies that are one and the same."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from ..arrays import Ints
from ..taxonomy import Taxonomy
from .likeness import near
from .numbering import numbering, numbers_of


class Matching:
    """Pairs of nodes of two hierarchies that are one and the same; every node has at most one partner.

    Attributes:
        a: The earlier hierarchy.
        b: The later one.
        to_b: `(a.n_nodes,)` partner of every node of `a`, -1 where there is none.
        to_a: `(b.n_nodes,)` partner of every node of `b`.
        because: Why a node of `b` is taken for one of another name.
    """

    def __init__(self, a: Taxonomy, b: Taxonomy) -> None:
        """Pairs the nodes of equal names."""
        self.a, self.b = a, b
        index = {name: i for i, name in enumerate(b.names)}
        self.to_b: Ints = np.fromiter((index.get(name, -1) for name in a.names), dtype=np.intp, count=a.n_nodes)
        self.to_a: Ints = np.full(b.n_nodes, -1, dtype=np.intp)
        there = np.flatnonzero(self.to_b >= 0)
        self.to_a[self.to_b[there]] = there
        self.because: dict[int, str] = {}

    def gone(self) -> list[int]:
        """Nodes of `a` without a partner."""
        return np.flatnonzero(self.to_b < 0).tolist()

    def new(self) -> list[int]:
        """Nodes of `b` without a partner."""
        return np.flatnonzero(self.to_a < 0).tolist()

    def may_be(self, x: int, y: int) -> bool:
        """Whether node `x` of `a` and node `y` of `b` are free, and of one rank or one without a rank."""
        if self.to_b[x] >= 0 or self.to_a[y] >= 0:
            return False
        one, other = self.a.ranks[x], self.b.ranks[y]
        return one == other or not one or not other

    def pair(self, x: int, y: int, because: str, *, any_rank: bool = False) -> None:
        """Take node `x` of `a` and node `y` of `b` for the same if both are free, and of like ranks unless told."""
        if self.may_be(x, y) or (any_rank and self.to_b[x] < 0 and self.to_a[y] < 0):
            self.to_b[x], self.to_a[y] = y, x
            self.because[y] = because

    def pair_near(self, xs: Sequence[int], ys: Sequence[int], because: str) -> None:
        """Pair nodes of near names, the nearest first; large groups hold too many that are alike by chance."""
        if len(xs) * len(ys) > _NEAR_LIMIT:
            return
        likeness = [(-near(self.a.names[x], self.b.names[y]), x, y) for x in xs for y in ys if self.may_be(x, y)]
        for worth, x, y in sorted(likeness):
            if worth:
                self.pair(x, y, because)

    @cached_property
    def numbers_a(self) -> dict[int, int]:
        """Class number of every class of `a`, by node."""
        return numbers_of(self.a)

    @cached_property
    def numbers_b(self) -> dict[int, int]:
        """Class number of every class of `b`, by node."""
        return numbers_of(self.b)

    @cached_property
    def numbered(self) -> str:
        """What class numbers mean, see `Diff.numbered`."""
        return numbering(self.a, self.b)

    @cached_property
    def class_places(self) -> list[tuple[dict[int, int], dict[int, int]]]:
        """What may tell a class from its siblings, by node of `a` and by node of `b`.

        The class number; where numbers are places, it says something only among as many classes, but so does
        the last class before it that both hierarchies have.
        """
        found = [(self.numbers_a, self.numbers_b)]
        if self.numbered != "number":
            nodes_a, nodes_b = self.a.class_nodes, self.b.class_nodes
            known_b = np.where(self.to_a[nodes_b] >= 0, nodes_b, -1)
            last = _last_known(nodes_a, self.to_b[nodes_a]), _last_known(nodes_b, known_b)
            found = [*(found if len(nodes_a) == len(nodes_b) else []), last]
        return found


def _last_known(nodes: Ints, known: Ints) -> dict[int, int]:
    """The last of `known` that is not -1, up to each node; -1 where there is none."""
    last = np.maximum.accumulate(np.where(known >= 0, np.arange(len(known)), -1))
    return dict(zip(nodes.tolist(), np.where(last >= 0, known[last], -1).tolist(), strict=True))


_NEAR_LIMIT = 400
"""Most pairs of names that are compared in one group."""
