"""A hierarchy taken apart for one edit and put together again: nodes, their order, edges, classes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .. import arrays
from ..arrays import Ints
from ..build import NOT_A_CLASS, build
from ..errors import CycleError, TaxoError
from ..formats.source import log
from ..lengths import Floats, has_several_parents, joined
from ..taxonomy import Taxonomy
from ..wording import few
from .emptied import Emptied, as_emptied

__all__ = ["Emptied", "Sketch", "as_emptied", "check_free"]


class Sketch:
    """The parts of a hierarchy, to be changed and then put together by `finish`.

    Attributes:
        before: The hierarchy as it was.
        leaf_classes: Whether its classes are exactly its leaves: then they stay so.
        names: `(n,)` names; new nodes stand behind those of `before`. Also `ranks`, `labels`, `synonyms`.
        lengths: `(n,)` branch lengths, None where there are none. They go with their nodes.
        parent: `(n_edges,)` parent of each edge, in any order.
        child: `(n_edges,)` child of each edge.
        kept: `(n,)` whether a node stays.
        numbers: Class number of every class, in class order.
    """

    def __init__(self, before: Taxonomy) -> None:
        self.before = before
        self.leaf_classes = np.array_equal(np.sort(before.class_nodes), before.leaves)
        self.names, self.ranks, self.labels = list(before.names), list(before.ranks), list(before.labels)
        self.synonyms = list(before.synonyms)
        self.lengths = before.lengths
        self.parent: Ints = before.parents.index
        self.child: Ints = np.repeat(np.arange(before.n_nodes), before.parents.counts())
        self.kept = np.ones(before.n_nodes, dtype=bool)
        self.numbers = dict(zip(before.class_nodes.tolist(), before.class_numbers.tolist(), strict=True))
        self._remarks: list[tuple[str, tuple[object, ...]]] = []
        # Siblings stand in ascending order of these two.
        self._major: Ints = np.arange(before.n_nodes)
        self._minor: Ints = np.zeros(before.n_nodes, dtype=np.intp)

    def add_node(
        self, name: str, *, rank: str = "", label: str = "", synonyms: Sequence[str] = (), length: float = np.nan
    ) -> int:
        """A new node without edges, behind all others.

        Raises:
            TaxoError: The name is taken.
        """
        check_free(self.before, name)
        self.names.append(name)
        self.ranks.append(rank)
        self.labels.append(label or name)
        self.synonyms.append(tuple(synonyms))
        if self.lengths is not None or not np.isnan(length):
            known = np.full(len(self.kept), np.nan) if self.lengths is None else self.lengths
            self.lengths = np.append(known, length)
        self.kept = np.append(self.kept, True)
        self._major = np.append(self._major, len(self._major))
        self._minor = np.append(self._minor, 0)
        return len(self.names) - 1

    def say(self, text: str, *values: object) -> None:
        """Note a remark, which is logged once the edit has come off."""
        self._remarks.append((text, values))

    def link(self, parent: Ints | Sequence[int], child: Ints | Sequence[int]) -> None:
        """Add edges; those that are there already stay as they are."""
        parent, child = np.broadcast_arrays(np.asarray(parent, dtype=np.intp), np.asarray(child, dtype=np.intp))
        n = len(self.names)
        fresh = np.unique(parent.astype(np.int64) * n + child)
        key = self.parent.astype(np.int64) * n + self.child
        fresh = np.setdiff1d(fresh, key[np.isin(key, fresh)])
        self.parent, self.child = np.append(self.parent, fresh // n), np.append(self.child, fresh % n)

    def unlink(self, edges: np.ndarray) -> None:
        """Take edges out, `(n_edges,)` booleans."""
        self.parent, self.child = self.parent[~edges], self.child[~edges]

    def place(self, nodes: Ints | Sequence[int], like: int | None = None, side: int = 1) -> None:
        """Put nodes, in their order, behind all others, or in front of (`side=-1`) or behind the node `like`."""
        nodes = np.asarray(nodes, dtype=np.intp)
        self._major[nodes] = self._major.max() + 1 if like is None else self._major[like]
        # Only the few nodes of one edit ever get a minor place, so these cannot collide.
        self._minor[nodes] = np.arange(len(nodes)) + (1 if side > 0 else -len(nodes))

    def take_places(self, nodes: Ints, of: Ints) -> None:
        """Put every node in the place of another one, which goes; of several places the last one counts."""
        self._major[nodes] = self._major[of]

    def only_children(self, node: int) -> Ints:
        """Children that have no other parent; the others' order is decided elsewhere, too."""
        below = self.before.children_of(node)
        found: Ints = below[self.before.parents.counts()[below] == 1]
        return found

    def lift_children(self, node: int) -> None:
        """Link the children of a node to its parents, in its place."""
        below, above = self.before.children_of(node), self.before.parents_of(node)
        self.link(np.repeat(above, len(below)), np.tile(below, len(above)))
        self.place(self.only_children(node), like=node)
        self.hand_down(np.repeat(node, len(below)), below)

    def hand_down(self, gone: Ints, heirs: Ints) -> None:
        """Add the branch lengths of nodes that go to those of the nodes `(len(gone),)` that take their places."""
        if self.lengths is not None:
            self.lengths = joined(self.lengths, gone, heirs, self.before.roots)

    def number(self, node: int, number: int | None = None) -> None:
        """Make a node a class.

        Where the numbers ascend, the class takes its place among them, else the last place.

        Args:
            node: The node.
            number: Its class number; by default one more than the largest.

        Raises:
            TaxoError: The number is taken, or negative.
        """
        if number is None:
            # Also above a number that this edit sets free: nothing labelled with it may become something else.
            number = 1 + max(int(self.before.class_numbers.max()), max(self.numbers.values(), default=0))
        holder = next((v for v, k in self.numbers.items() if k == number), None)
        if holder is not None:
            raise TaxoError(f"class number {number} is taken by {self.names[holder]!r}; choose another")
        if number < 0:
            raise TaxoError(f"{number} is no class number; give a whole number from 0")
        values = np.fromiter(self.numbers.values(), dtype=np.intp)
        self.numbers[node] = number
        if number < values.max(initial=0) and (np.diff(values) > 0).all():
            self.numbers = dict(sorted(self.numbers.items(), key=lambda item: item[1]))

    def finish(self, doing: str, *, emptied: Emptied = "leaf") -> Taxonomy:
        """Put the hierarchy together.

        Args:
            doing: What the edit does, for messages: "moving 'a' below 'b'".
            emptied: What becomes of inner nodes without children left.

        Raises:
            CycleError: A node became its own ancestor.
            TaxoError: No class is left, a bad name, an unknown `emptied`.
        """
        if as_emptied(emptied) == "remove":
            self._remove_emptied()
        self.unlink(~(self.kept[self.parent] & self.kept[self.child]))
        self._settle_classes(doing, emptied)
        order = np.lexsort((self._minor, self._major))
        order = order[self.kept[order]]
        at = np.full(len(self.names), -1, dtype=np.intp)
        at[order] = np.arange(len(order))
        # Through ranks, as the numbers need not ascend in class order.
        ranks = np.full(len(order), NOT_A_CLASS, dtype=np.intp)
        ranks[at[list(self.numbers)]] = np.arange(len(self.numbers))
        nodes = order.tolist()
        lengths = self._lengths(doing)
        try:
            made = build(
                [self.names[i] for i in nodes],
                at[self.parent],
                at[self.child],
                class_numbers=ranks,
                ranks=[self.ranks[i] for i in nodes],
                labels=[self.labels[i] for i in nodes],
                synonyms=[self.synonyms[i] for i in nodes],
                lengths=None if lengths is None else lengths[order],
                name=self.before.name,
                meta=self.before.meta,
            )
        except CycleError as error:
            raise CycleError(error.cycle, doing) from None
        for text, values in self._remarks:
            log.warning(text, *values)
        return replace(made, class_numbers=np.array(list(self.numbers.values()), dtype=np.intp))

    def _lengths(self, doing: str) -> Floats | None:
        """The branch lengths, unless a node has several parents now; then they are left out, which is said."""
        if self.lengths is not None and has_several_parents(self.child, len(self.names)):
            self.say("%s makes a DAG, which has no branch lengths: they are left out", doing)
            return None
        return self.lengths

    def _settle_classes(self, doing: str, emptied: Emptied) -> None:
        """Which nodes are classes now; everything that is not plain from the edit itself is said."""
        inner = np.zeros(len(self.names), dtype=bool)
        inner[self.parent] = True
        self.numbers = {v: k for v, k in self.numbers.items() if self.kept[v]}
        if self.leaf_classes and (grown := [v for v in self.numbers if inner[v]]):
            for v in grown:
                number = self.numbers.pop(v)
                self.say("%r has a child now and is no class any more; its class number was %d", self.names[v], number)
        for v in self._emptied(inner):
            if emptied == "class":
                self.number(v)
                self.say("%r has no child left; it is a class now, number %d", self.names[v], self.numbers[v])
            else:
                self.say(
                    "%r has no child left; it stays as a leaf that is no class (--emptied class or --emptied remove "
                    "decides otherwise)",
                    self.names[v],
                )
        for v in range(self.before.n_nodes, len(self.names)):
            if inner[v] or v in self.numbers or not self.kept[v]:
                continue
            if self.leaf_classes:
                self.number(v)
            else:
                self.say(
                    "%r is no class, as the classes of this hierarchy are not just its leaves; --class-number makes "
                    "it one",
                    self.names[v],
                )
        if not self.numbers:
            raise TaxoError(f"{doing} leaves no class; a hierarchy needs at least one")

    def _emptied(self, inner: np.ndarray) -> list[int]:
        """Nodes that had children, have none now, and are no classes."""
        n = self.before.n_nodes
        found = np.flatnonzero(self.kept[:n] & ~inner[:n] & (self.before.children.counts() > 0))
        return [v for v in found.tolist() if v not in self.numbers]

    def _remove_emptied(self) -> None:
        """Drop nodes that lost their last child, and then those above them that so lose theirs."""
        self.unlink(~(self.kept[self.parent] & self.kept[self.child]))
        count = np.bincount(self.parent, minlength=len(self.names))
        pending = self._emptied(count > 0)
        above = arrays.rows(self.child, self.parent, len(self.names))
        gone = []
        while pending:
            v = pending.pop()
            self.kept[v] = False
            gone.append(self.names[v])
            for p in above.of(v).tolist():
                count[p] -= 1
                if not count[p] and p not in self.numbers:
                    pending.append(p)
        if gone:
            self.say("no child is left to %s: taken out too", few(gone))


def check_free(taxonomy: Taxonomy, name: str) -> None:
    """Raise where a name is taken.

    Raises:
        TaxoError: Says where the node of that name stands.
    """
    if name in taxonomy:
        above = [taxonomy.names[p] for p in taxonomy.parents_of(taxonomy.index(name))]
        place = f"below {few(above, 3)}" if above else "as a root"
        raise TaxoError(f"node {name!r} is there already, {place}; every name may stand only once")
