"""The difference of two hierarchies."""

from collections.abc import Iterator

import numpy as np

from ..arrays import Ints
from ..taxonomy import Taxonomy
from .changes import Added, Changed, Diff, Merged, Moved, Removed, Renamed, Reordered, Split
from .class_order import ClassChanges, class_changes
from .flows import edge_changes, merged_nodes, split_nodes
from .matching import match
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
    m = match(a, b)
    edges = edge_changes(m)
    moved = np.unique(np.concatenate([edges.lost_child, edges.gained_child])).tolist()
    new, order, before = _places(m, moved)
    classes = class_changes(m)
    return Diff(
        added=tuple(_added(m, y, before[y]) for y in new),
        removed=tuple(_removed(m, x) for x in m.gone()),
        moved=tuple(
            Moved(
                name=b.names[y],
                old=_names(a, a.parents_of(int(m.to_a[y]))),
                new=_names(b, b.parents_of(y)),
                before=before[y],
            )
            for y in moved
        ),
        renamed=tuple(
            Renamed(old=a.names[m.to_a[y]], new=b.names[y], because=why) for y, why in sorted(m.because.items())
        ),
        merged=tuple(Merged(sources=tuple(a.names[x] for x in xs), into=b.names[y]) for xs, y in merged_nodes(m)),
        split=tuple(Split(source=a.names[x], into=tuple(b.names[y] for y in ys)) for x, ys in split_nodes(m)),
        changed=tuple(_changed(m, classes)),
        order=tuple(Reordered(name=b.names[y], before=before[y]) for y in order),
        class_order=classes.order,
        numbered=classes.numbered,
        shifted=classes.shifted,
    )


def _places(m: Matching, moved: list[int]) -> tuple[list[int], list[int], dict[int, str | None]]:
    """New nodes, nodes that stand elsewhere among their siblings, and where all nodes that are put go."""
    new = m.new()
    placed = np.zeros(m.b.n_nodes, dtype=bool)
    placed[new] = placed[moved] = True
    order = reordered(m, placed)
    return new, order, next_siblings(m, (new, moved, order))


def _names(taxonomy: Taxonomy, nodes: Ints) -> tuple[str, ...]:
    return tuple(taxonomy.names[v] for v in nodes.tolist())


def own_label(taxonomy: Taxonomy, node: int) -> str | None:
    """The label of a node; None where it is its name."""
    return None if taxonomy.labels[node] == taxonomy.names[node] else taxonomy.labels[node]


def _added(m: Matching, y: int, before: str | None) -> Added:
    b = m.b
    return Added(
        name=b.names[y],
        parents=_names(b, b.parents_of(y)),
        rank=b.ranks[y],
        label=own_label(b, y),
        synonyms=b.synonyms[y],
        number=m.numbers_b.get(y),
        before=before,
    )


def _removed(m: Matching, x: int) -> Removed:
    a = m.a
    return Removed(
        name=a.names[x],
        parents=_names(a, a.parents_of(x)),
        rank=a.ranks[x],
        label=own_label(a, x),
        synonyms=a.synonyms[x],
        number=m.numbers_a.get(x),
    )


def _changed(m: Matching, classes: ClassChanges) -> Iterator[Changed]:
    a, b = m.a, m.b
    for y, x in enumerate(m.to_a.tolist()):
        if x < 0:
            continue
        name = b.names[y]
        if a.ranks[x] != b.ranks[y]:
            yield Changed(name=name, attribute="rank", old=a.ranks[x], new=b.ranks[y])
        if own_label(a, x) != own_label(b, y):
            yield Changed(name=name, attribute="label", old=own_label(a, x), new=own_label(b, y))
        if a.synonyms[x] != b.synonyms[y]:
            yield Changed(name=name, attribute="synonyms", old=a.synonyms[x], new=b.synonyms[y])
        if y in classes.changed:
            old, new = classes.changed[y]
            yield Changed(name=name, attribute="number", old=old, new=new)
