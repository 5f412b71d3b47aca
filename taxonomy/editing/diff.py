"""The difference of two hierarchies."""

from collections.abc import Callable, Iterator

import numpy as np

from ..lengths import known, known_one
from ..taxonomy import Taxonomy
from .changes import Added, Changed, Diff, Merged, Moved, Removed, Renamed, Reordered, Split, Value
from .class_order import ClassChanges, class_changes
from .flows import edge_changes, merged_nodes, split_nodes
from .matching import match
from .numbering import numbering
from .ordering import next_siblings, reordered
from .pairing import Matching

__all__ = ["Diff", "diff"]


def diff(a: Taxonomy, b: Taxonomy) -> Diff:
    """What leads from one hierarchy to another.

    Replayed it gives the other: `apply(a, diff(a, b)) == b`. Nodes are the same if their names are; a node that
    is gone and one that is new are one renamed node by the rules of `match`. Title, source and licence (`meta`)
    are not compared. A million nodes take seconds.

    Args:
        a: The earlier hierarchy.
        b: The later one.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> a = from_edges([("bird", "owl"), ("bird", "duck"), ("owl", "barn"), ("owl", "teal"), ("duck", "eider")])
        >>> b = from_edges([("bird", "owl"), ("bird", "duck"), ("owl", "barn"), ("duck", "teal"), ("duck", "eider")])
        >>> diff(a, b).moved
        (Moved(name='teal', old=('owl',), new=('duck',), before='eider'),)
    """
    if a == b:
        return Diff(numbered=numbering(a, b))
    m = match(a, b)
    above_a, above_b = _parents(a), _parents(b)
    edges = edge_changes(m)
    moved = np.unique(np.concatenate([edges.lost_child, edges.gained_child])).tolist()
    new, order, before = _places(m, moved)
    classes = class_changes(m, moved)
    return Diff(
        added=tuple(_added(m, y, above_b(y), before[y]) for y in new),
        removed=tuple(_removed(m, x, above_a(x)) for x in m.gone()),
        moved=tuple(
            Moved(
                name=b.names[y],
                old=above_a(int(m.to_a[y])),
                new=above_b(y),
                before=before[y],
            )
            for y in moved
        ),
        renamed=tuple(
            Renamed(old=a.names[m.to_a[y]], new=b.names[y], because=why) for y, why in sorted(m.because.items())
        ),
        merged=tuple(
            Merged(sources=tuple(a.names[x] for x in xs), into=b.names[y]) for xs, y in merged_nodes(m, edges)
        ),
        split=tuple(Split(source=a.names[x], into=tuple(b.names[y] for y in ys)) for x, ys in split_nodes(m, edges)),
        changed=tuple(_changed(m, classes)),
        order=tuple(Reordered(name=b.names[y], before=before[y]) for y in order),
        class_order=tuple(Reordered(name=name, before=other) for name, other in classes.places),
        numbered=m.numbered,
        shifted=classes.shifted,
    )


def _places(m: Matching, moved: list[int]) -> tuple[list[int], list[int], dict[int, str | None]]:
    """New nodes, nodes that stand elsewhere among their siblings, and where all nodes that are put go."""
    new = m.new()
    placed = np.zeros(m.b.n_nodes, dtype=bool)
    placed[new] = placed[moved] = True
    order = reordered(m, placed)
    return new, order, next_siblings(m, (new, moved, order))


def _parents(taxonomy: Taxonomy) -> Callable[[int], tuple[str, ...]]:
    """Names of the parents of a node; for many nodes, lists are faster than arrays."""
    start, index, names = taxonomy.parents.start.tolist(), taxonomy.parents.index.tolist(), taxonomy.names
    return lambda node: tuple(names[p] for p in index[start[node] : start[node + 1]])


def own_labels(taxonomy: Taxonomy) -> list[str | None]:
    """The label of every node; None where it is its name."""
    return [None if label == name else label for label, name in zip(taxonomy.labels, taxonomy.names, strict=True)]


def _own_label(taxonomy: Taxonomy, node: int) -> str | None:
    return None if taxonomy.labels[node] == taxonomy.names[node] else taxonomy.labels[node]


def _added(m: Matching, y: int, parents: tuple[str, ...], before: str | None) -> Added:
    b = m.b
    return Added(
        name=b.names[y],
        parents=parents,
        rank=b.ranks[y],
        label=_own_label(b, y),
        synonyms=b.synonyms[y],
        length=known_one(b.lengths, y),
        number=m.numbers_b.get(y),
        before=before,
    )


def _removed(m: Matching, x: int, parents: tuple[str, ...]) -> Removed:
    a = m.a
    return Removed(
        name=a.names[x],
        parents=parents,
        rank=a.ranks[x],
        label=_own_label(a, x),
        synonyms=a.synonyms[x],
        length=known_one(a.lengths, x),
        number=m.numbers_a.get(x),
    )


def _changed(m: Matching, classes: ClassChanges) -> Iterator[Changed]:
    a, b = m.a, m.b
    partners = [(x, y) for y, x in enumerate(m.to_a.tolist()) if x >= 0]
    found: list[tuple[int, int, str, Value, Value]] = [
        (y, place, attribute, of_a[x], of_b[y])
        for place, attribute, of_a, of_b in (
            (0, "rank", a.ranks, b.ranks),
            (1, "label", own_labels(a), own_labels(b)),
            (2, "synonyms", a.synonyms, b.synonyms),
            (3, "length", known(a.lengths, a.n_nodes), known(b.lengths, b.n_nodes)),
        )
        for x, y in partners
        if of_a[x] != of_b[y]
    ]
    found += [(y, 4, "number", old, new) for y, (old, new) in classes.changed.items()]
    for y, _, attribute, old, new in sorted(found, key=lambda entry: entry[:2]):
        yield Changed(name=b.names[y], attribute=attribute, old=old, new=new)
