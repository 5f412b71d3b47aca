"""From names and edges to a `Taxonomy`: checks, node order, class order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from . import arrays
from .arrays import Ints
from .class_numbers import NO_NUMBER, NOT_A_CLASS, class_order
from .errors import CycleError, TaxoError
from .lengths import Floats, as_column
from .packed import PackedNames, pick
from .taxonomy import Taxonomy

__all__ = ["NOT_A_CLASS", "NO_NUMBER", "build", "flat", "from_edges", "rebuild"]

T = TypeVar("T")


def from_edges(
    edges: Iterable[tuple[str, str]],
    *,
    nodes: Iterable[str] = (),
    class_numbers: Mapping[str, int] | None = None,
    ranks: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    synonyms: Mapping[str, Sequence[str]] | None = None,
    lengths: Mapping[str, float] | None = None,
    name: str = "",
) -> Taxonomy:
    """Make a hierarchy from pairs of names.

    Args:
        edges: `(parent, child)` names; nodes are numbered as they first appear.
        nodes: Nodes that come before those of the edges; needed only for nodes without any edge.
        class_numbers: Number of each class. The classes are then exactly these nodes, in ascending order of
            the numbers; without it they are the leaves.
        ranks: Rank of some nodes, such as "genus".
        labels: What a person reads, for some nodes.
        synonyms: Other names of some nodes.
        lengths: Length of the branch above some nodes; for trees only.
        name: What the hierarchy is called.

    Raises:
        CycleError: A node is its own ancestor.
        UnknownNode: An attribute for a node that is not there.
        TaxoError: An edge given twice, a self-loop, a name with a tab or newline, no nodes, a class number
            given twice, a leaf without a class number where others have one, branch lengths in a DAG or that are not
            finite.

    Example:
        >>> from_edges([("bird", "owl"), ("bird", "gull")]).classes
        ('owl', 'gull')
    """
    index: dict[str, int] = {}
    for node in nodes:
        index.setdefault(node, len(index))
    pairs = [(index.setdefault(p, len(index)), index.setdefault(c, len(index))) for p, c in edges]
    parent, child = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    names = tuple(index)
    plain = build(names, parent, child, name=name)

    def spread(values: Mapping[str, T] | None, default: Sequence[T]) -> list[T]:
        filled = list(default)
        for node, value in (values or {}).items():
            plain.index(node)  # raises with near matches
            filled[index[node]] = value
        return filled

    numbers = spread(class_numbers, [NO_NUMBER if class_numbers is None else NOT_A_CLASS] * len(names))
    return build(
        names,
        parent,
        child,
        class_numbers=np.array(numbers, dtype=np.intp),
        ranks=spread(ranks, [""] * len(names)),
        labels=spread(labels, names),
        synonyms=spread(synonyms, [()] * len(names)),
        lengths=np.array(spread(lengths, [np.nan] * len(names))) if lengths else None,
        name=name,
    )


def flat(names: Sequence[str], name: str = "flat") -> Taxonomy:
    """A forest of single nodes: every class by itself, so that their similarities are the identity.

    Args:
        names: `(n_classes,)` class names, in class order.
        name: What the hierarchy is called.
    """
    return from_edges([], nodes=names, name=name).with_classes(names)


def build(
    names: Sequence[str],
    parent: Ints,
    child: Ints,
    *,
    class_numbers: Ints | None = None,
    ranks: Sequence[str] | None = None,
    labels: Sequence[str] | None = None,
    synonyms: Sequence[Sequence[str]] | None = None,
    lengths: Floats | None = None,
    name: str = "",
    meta: Mapping[str, str] | None = None,
) -> Taxonomy:
    """Make a hierarchy from names and integer edges: what all readers end in.

    Args:
        names: `(n,)` unique names, in file order.
        parent: `(n_edges,)` parent of each edge, as an index into `names`.
        child: `(n_edges,)` child of each edge.
        class_numbers: `(n,)` class number of each node, `NO_NUMBER` or `NOT_A_CLASS`.
        ranks: `(n,)` rank of each node, "" for none.
        labels: `(n,)` label of each node; the name where there is none.
        synonyms: `(n,)` other names of each node.
        lengths: `(n,)` length of the branch above each node, NaN for none.
        name: What the hierarchy is called.
        meta: Facts about the hierarchy.

    Raises:
        TaxoError: As `from_edges`.
    """
    if not isinstance(names, PackedNames):  # those are good by construction
        check_names(names)
    _check_edges(names, parent, child)
    above, below = arrays.rows(child, parent, len(names)), arrays.rows(parent, child, len(names))
    level = arrays.levels(above, below)
    if (level < 0).any():
        raise CycleError([names[v] for v in arrays.find_cycle(level, above)])
    order = arrays.breadth_first(level, above)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    numbers = np.full(len(names), NO_NUMBER) if class_numbers is None else class_numbers
    classes, numbers = class_order(names, below.counts() == 0, numbers)
    del above, below, level  # each is big where the hierarchy is
    by_parent = np.argsort(place[parent], kind="stable")
    parents = arrays.rows(place[child][by_parent], place[parent][by_parent], len(names))
    del by_parent
    new_names = tuple(pick(names, order))
    return Taxonomy(
        names=new_names,
        parents=parents,
        class_nodes=place[classes],
        class_numbers=numbers,
        ranks=tuple(pick(ranks, order)) if ranks is not None else ("",) * len(names),
        labels=tuple(pick(labels, order)) if labels is not None else new_names,
        synonyms=tuple(map(tuple, pick(synonyms, order))) if synonyms is not None else ((),) * len(names),
        lengths=None if lengths is None else as_column(lengths[order], new_names, parents),
        name=name,
        meta=dict(meta or {}),
    )


def rebuild(taxonomy: Taxonomy, parent: Ints, child: Ints, *, kept: Ints | None = None) -> Taxonomy:
    """The same nodes with other edges; names, ranks, labels, synonyms, branch lengths, classes and their numbers stay.

    A branch length belongs to the node below it: where a node gets another parent, it keeps the length it has.

    Args:
        taxonomy: Where the nodes come from.
        parent: `(n_edges,)` parent of each edge, a node of `taxonomy`.
        child: `(n_edges,)` child of each edge.
        kept: Nodes that stay, ascending; all by default. Edges may name kept nodes only. Classes that are not
            kept drop out, the others keep order and number.

    Raises:
        CycleError: A node becomes its own ancestor.
        TaxoError: No class is left, an edge given twice.

    Example:
        >>> t = from_edges([("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> rebuild(t, np.array([0, 0]), np.array([2, 3]), kept=np.array([0, 2, 3])).names
        ('animal', 'owl', 'gull')
    """
    kept = np.arange(taxonomy.n_nodes) if kept is None else kept
    place = np.full(taxonomy.n_nodes, -1, dtype=np.intp)
    place[kept] = np.arange(len(kept))
    at = place[taxonomy.class_nodes]
    numbers = np.full(len(kept), NOT_A_CLASS, dtype=np.intp)
    # Through ranks: class numbers need not ascend in class order.
    numbers[at[at >= 0]] = np.arange(int((at >= 0).sum()))
    made = build(
        pick(taxonomy.names, kept),
        place[parent],
        place[child],
        class_numbers=numbers,
        ranks=pick(taxonomy.ranks, kept),
        labels=pick(taxonomy.labels, kept),
        synonyms=pick(taxonomy.synonyms, kept),
        lengths=None if taxonomy.lengths is None else taxonomy.lengths[kept],
        name=taxonomy.name,
        meta=taxonomy.meta,
    )
    return replace(made, class_numbers=taxonomy.class_numbers[at >= 0])


def check_names(names: Sequence[str]) -> None:
    """Raise unless all names are unique, non-empty text without tab or line break.

    Raises:
        TaxoError: Names the first offender.
    """
    if not names:
        raise TaxoError("the hierarchy is empty: there is no node in it")
    if len(set(names)) < len(names):
        seen: set[str] = set()
        repeated = next(n for n in names if n in seen or seen.add(n))  # type: ignore[func-returns-value]
        raise TaxoError(f"node {repeated!r} is given twice; every name may stand only once")
    joined = "\n".join(names)
    if joined.count("\n") == len(names) - 1 and not set("\t\r") & set(joined) and all(names):
        try:
            joined.encode()
        except UnicodeEncodeError as error:
            culprit = names[joined[: error.start].count("\n")]
            raise TaxoError(
                f"node name {culprit!r} holds half of a surrogate pair, which no file can hold; take it out"
            ) from None
        return
    bad = next(n for n in names if not n or set(n) & set("\t\r\n"))
    raise TaxoError(f"node name {bad!r} is empty or holds a tab or a line break; take these out")


def _check_edges(names: Sequence[str], parent: Ints, child: Ints) -> None:
    loops = np.flatnonzero(parent == child)
    if loops.size:
        raise TaxoError(f"node {names[child[loops[0]]]!r} is its own parent; remove this edge")
    keys = np.sort(parent.astype(np.int64) * len(names) + child)
    twice = keys[:-1][keys[1:] == keys[:-1]]
    if twice.size:
        p, c = divmod(int(twice[0]), len(names))
        raise TaxoError(f"the edge {names[p]!r} -> {names[c]!r} is given twice; remove one")
