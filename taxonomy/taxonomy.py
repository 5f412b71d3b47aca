"""The class hierarchy as an immutable value backed by arrays."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from . import arrays
from .ancestry import Ancestry
from .arrays import Ints, Rows
from .errors import NotATree, TaxoError, UnknownNode
from .hashing import NameTable, pieces
from .subsumers import DagSubsumers, Subsumers, TreeSubsumers

_MANY = 20_000  # names that are looked up at once from which a table of arrays is faster than a dictionary


@dataclass(frozen=True, eq=False, repr=False)
class Taxonomy:
    """A class hierarchy: a tree or a directed acyclic graph, with one or several roots.

    Nodes are integers `0..n_nodes-1`, ordered level by level (longest distance from a root), within a level
    by first parent, then in file order; names stand at the border. Two hierarchies are equal when names,
    edges, classes, class numbers, ranks, labels and synonyms are.

    Make one with `read`, `from_edges`, `from_networkx`, `flat` or `taxo.hierarchies.load`, not with the
    constructor, which checks nothing.

    Attributes:
        names: `(n_nodes,)` unique names.
        parents: Parents of every node, ascending.
        class_nodes: `(n_classes,)` node of each class, in class order: the order of labels, similarities and
            embedding rows.
        class_numbers: `(n_classes,)` the data set's number of each class; 0, 1, 2 ... where none is given.
        ranks: `(n_nodes,)` such as "genus"; "" where there is none.
        labels: `(n_nodes,)` what a person reads; the name where there is no label.
        synonyms: `(n_nodes,)` other names of every node, `()` where there are none. They need not be unique.
        name: What the hierarchy is called; not part of equality.
        meta: Facts about the hierarchy (title, source, licence ...); not part of equality.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> t.classes
        ('cat', 'owl', 'gull')
        >>> t
        Taxonomy('': tree, 5 nodes, 3 classes, height 2)
    """

    names: tuple[str, ...]
    parents: Rows
    class_nodes: Ints
    class_numbers: Ints
    ranks: tuple[str, ...]
    labels: tuple[str, ...]
    synonyms: tuple[tuple[str, ...], ...]
    name: str = ""
    meta: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for array in (self.parents.start, self.parents.index, self.class_nodes, self.class_numbers):
            array.flags.writeable = False

    def __repr__(self) -> str:
        kind = "tree" if self.is_tree else "DAG"
        return f"Taxonomy({self.name!r}: {kind}, {self.n_nodes} nodes, {self.n_classes} classes, height {self.height})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Taxonomy):
            return NotImplemented
        return (
            self.fingerprint == other.fingerprint
            and self.names == other.names
            and self.ranks == other.ranks
            and self.labels == other.labels
            and self.synonyms == other.synonyms
        )

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.names)

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.class_nodes)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in class order."""
        return tuple(map(self.names.__getitem__, self.class_nodes.tolist()))

    @cached_property
    def class_labels(self) -> tuple[str, ...]:
        """Labels of the classes, in class order."""
        return tuple(map(self.labels.__getitem__, self.class_nodes.tolist()))

    @cached_property
    def is_tree(self) -> bool:
        """Whether no node has two parents. A forest counts: every part of it is a tree."""
        return bool(self.parents.counts().max(initial=0) <= 1)

    @cached_property
    def parent(self) -> Ints:
        """Parent of every node, `(n_nodes,)`, -1 for a root.

        Raises:
            NotATree: A node has several parents.
        """
        if not self.is_tree:
            raise NotATree(f"hierarchy {self.name!r} is a DAG: {self.describe_multi_parents()}")
        parent = np.full(self.n_nodes, -1, dtype=np.intp)
        parent[self.parents.counts() == 1] = self.parents.index
        return _read_only(parent)

    @cached_property
    def children(self) -> Rows:
        """Children of every node, ascending."""
        child = np.repeat(np.arange(self.n_nodes), self.parents.counts())
        return arrays.rows(self.parents.index, child, self.n_nodes)

    @cached_property
    def depths(self) -> Ints:
        """Longest distance of every node from a root, in edges, `(n_nodes,)`, non-decreasing."""
        if self.is_tree:
            return _read_only(arrays.levels_in_order(self.children, len(self.roots)))
        return _read_only(arrays.levels(self.parents, self.children))

    @cached_property
    def heights(self) -> Ints:
        """0 for a leaf, else 1 + the largest height of its children, `(n_nodes,)` [BD19]."""
        return _read_only(arrays.heights(self.depths, self.children))

    @property
    def height(self) -> int:
        """Largest height of all nodes: H of the papers."""
        return int(self.heights.max(initial=0))

    @cached_property
    def roots(self) -> Ints:
        """Nodes without parents."""
        return _read_only(np.flatnonzero(self.parents.counts() == 0))

    @cached_property
    def leaves(self) -> Ints:
        """Nodes without children."""
        return _read_only(np.flatnonzero(self.children.counts() == 0))

    @cached_property
    def multi_parent_nodes(self) -> Ints:
        """Nodes with more than one parent."""
        return _read_only(np.flatnonzero(self.parents.counts() > 1))

    @cached_property
    def subsumers(self) -> Subsumers:
        """Answers questions for lowest common subsumers; built when first asked for."""
        if self.is_tree:
            return TreeSubsumers(self.parent, self.children, self.depths)
        return DagSubsumers(self.ancestry, self.heights, self.depths)

    @cached_property
    def ancestry(self) -> Ancestry:
        """Counts what lies above and below every node, and finds common ancestors; built when first asked for."""
        return Ancestry(self.parents, self.depths)

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits over names, edges, classes and class numbers; what only people read is left out."""
        digest = hashlib.sha256("\n".join(self.names).encode())
        for array in (self.parents.start, self.parents.index, self.class_nodes, self.class_numbers):
            digest.update(b"\0" + array.astype("<i8").tobytes())
        return digest.hexdigest()[:16]

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def index(self, name: str) -> int:
        """Node of a name.

        Raises:
            UnknownNode: No such node; the message shows near matches among names and labels.
        """
        try:
            return self._index[name]
        except KeyError:
            raise UnknownNode(name, (*self.names, *self.labels)) from None

    @cached_property
    def _table(self) -> NameTable | None:
        """Finds many names at once; None where names cannot be put one after another."""
        packed = pieces(self.names)
        return None if packed is None else NameTable(packed)

    def indices(self, names: Iterable[str]) -> Ints:
        """Nodes of several names, `(len(names),)`; raises as `index` does."""
        names = names if isinstance(names, list | tuple) else list(names)
        if len(names) >= _MANY and (wanted := pieces(names)) and self._table:
            found = self._table.find(wanted)
            if (found < 0).any():
                self.index(names[int(np.argmax(found < 0))])  # raises
            return found
        try:
            return np.fromiter(map(self._index.__getitem__, names), dtype=np.intp, count=len(names))
        except KeyError as error:
            raise UnknownNode(error.args[0], (*self.names, *self.labels)) from None

    def parents_of(self, node: int) -> Ints:
        """Parents of one node, ascending."""
        return self.parents.of(node)

    def children_of(self, node: int) -> Ints:
        """Children of one node, ascending."""
        return self.children.of(node)

    def lcs(self, a: Ints, b: Ints) -> Ints:
        """Lowest common subsumer of each pair of nodes.

        On a tree the lowest common ancestor; on a DAG, of all common ancestors, the one of least height,
        then greatest depth, then first in node order. A node subsumes itself.

        Args:
            a: `(n_pairs,)` nodes.
            b: `(n_pairs,)` nodes.

        Returns:
            `(n_pairs,)` nodes, -1 where two nodes lie under different roots and share no ancestor.
        """
        return self.subsumers.of(np.asarray(a, dtype=np.intp), np.asarray(b, dtype=np.intp))

    def describe_multi_parents(self, shown: int = 3) -> str:
        """One clause that names nodes with several parents, for messages."""
        nodes = self.multi_parent_nodes
        listed = "; ".join(
            f"{self.names[v]!r} has parents {', '.join(repr(self.names[p]) for p in self.parents_of(v)[:4])}"
            for v in nodes[:shown]
        )
        more = f"; and {len(nodes) - shown} more nodes" if len(nodes) > shown else ""
        return f"{len(nodes)} of {self.n_nodes} nodes have several parents: {listed}{more}"

    def renamed(self, name: str) -> "Taxonomy":
        """The same hierarchy, called otherwise."""
        return replace(self, name=name)

    def with_classes(self, classes: Sequence[str], numbers: Sequence[int] | None = None) -> "Taxonomy":
        """The same hierarchy with other classes, or with the classes in another order.

        Args:
            classes: Names of nodes, in the new class order. Inner nodes may be classes.
            numbers: The data set's number of each class; 0, 1, 2 ... by default.

        Raises:
            UnknownNode: A class is not in the hierarchy.
            TaxoError: No classes, a class or a number given twice.
        """
        if not classes:
            raise TaxoError("a hierarchy needs at least one class; the list of classes is empty")
        numbers = range(len(classes)) if numbers is None else numbers
        for what, values in (("class", classes), ("class number", numbers)):
            repeated = [v for v, c in zip(*np.unique(values, return_counts=True), strict=True) if c > 1]
            if repeated:
                raise TaxoError(f"{what} {repeated[0]!s} is given twice; every {what} may stand only once")
        return replace(self, class_nodes=self.indices(classes), class_numbers=np.array(numbers, dtype=np.intp))


def _read_only(array: Ints) -> Ints:
    array.flags.writeable = False
    return array
