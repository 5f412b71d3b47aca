"""Groups of classes: what stands below the nodes of one level of the tree, or of one rank."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from taxo.taxonomy import TaxoError, Taxonomy, arrays
from taxo.taxonomy.arrays import Ints
from taxo.taxonomy.errors import did_you_mean, near_matches
from taxo.taxonomy.ranks import ORDER, normal

from ..class_tree import ClassTree


@dataclass(frozen=True)
class Group:
    """The classes below one node: neighbours in depth-first order.

    Attributes:
        node: Node of the class tree.
        first: Place of its first class in depth-first order.
        count: Number of its classes.
        is_class: Whether the node is a class itself.
    """

    node: int
    first: int
    count: int
    is_class: bool = False

    @property
    def centre(self) -> float:
        """The middle of its classes, each of which reaches from its place to the next."""
        return self.first + self.count / 2


@dataclass(frozen=True)
class Level:
    """The groups of one level, in depth-first order. Classes may belong to none of them.

    Attributes:
        title: "level 2" or a rank, such as "order".
        groups: The groups.
    """

    title: str
    groups: tuple[Group, ...]

    def numbers(self) -> list[int]:
        """Number of each group, from 0; -1 for classes that end at this level, unless all do."""
        alone = [group.is_class for group in self.groups]
        if all(alone):
            return list(range(len(alone)))
        running = np.cumsum(~np.array(alone)) - 1
        return [-1 if single else number for single, number in zip(alone, running.tolist(), strict=True)]

    def group_of(self, n_classes: int) -> Ints:
        """Group at every place in depth-first order, -1 for none, `(n_classes,)`."""
        found = np.full(n_classes, -1, dtype=np.intp)
        for i, group in enumerate(self.groups):
            found[group.first : group.first + group.count] = i
        return found


def find_level(tree: ClassTree, taxonomy: Taxonomy, wanted: str) -> Level:
    """The groups of a level.

    Args:
        tree: The part of the hierarchy above its classes.
        taxonomy: The tree that `tree` was made from.
        wanted: A number, 0 for the roots, or a rank; of several nodes of a rank above one another the uppermost
            counts.

    Raises:
        TaxoError: No node has this depth or rank; those that there are are named.

    Example:
        >>> from taxo.hierarchies import load
        >>> from taxo.embeddings.class_tree import class_tree
        >>> birds = load("cub-deep")
        >>> len(find_level(class_tree(birds), birds, "order").groups)
        13
    """
    text = wanted.strip()
    if text.isdecimal() and text.isascii():
        nodes = np.flatnonzero(tree.level == int(text) + 1)
        title = f"level {int(text)}"
    else:
        nodes = _of_rank(tree, taxonomy, normal(text))
        title = text
    if not nodes.size:
        raise TaxoError(_no_level(tree, taxonomy, text))
    return Level(title, _groups(tree, nodes))


def default_levels(tree: ClassTree, most: int, *, count: int = 1) -> tuple[Level, ...]:
    """Levels that show the large structure, coarse before fine; none where the tree has none.

    Levels are looked at that nine in ten classes reach, and no node of which holds more than nine in ten.

    Args:
        tree: The part of the hierarchy above its classes.
        most: Of these levels the deepest with at most so many groups is the fine one; where there is none, the first.
        count: How many levels are wanted at most; with two, the first of these levels is the coarse one.
    """
    sizes = np.bincount(tree.level)[1:]
    reached = np.bincount(tree.level, weights=tree.columns[1])[1:]
    single = np.bincount(tree.level[tree.leaves], minlength=len(sizes) + 1)[1:]
    largest = np.zeros(len(sizes) + 1)
    np.maximum.at(largest, tree.level, tree.columns[1])
    many = 0.9 * tree.n_classes
    useful = np.flatnonzero((sizes > 1) & (single < sizes) & (reached >= many) & (largest[1:] <= many))
    if not useful.size:
        return ()
    small = useful[sizes[useful] <= most]
    fine = int(small[-1] if small.size else useful[0])
    coarse = int(useful[0])
    chosen = [coarse, fine] if count > 1 and sizes[coarse] < sizes[fine] else [fine]
    return tuple(Level(f"level {i}", _groups(tree, np.flatnonzero(tree.level == i + 1))) for i in chosen)


def names_of(groups: Sequence[Group], tree: ClassTree, taxonomy: Taxonomy, *, labels: bool) -> list[str]:
    """The names, or the labels, of the groups' nodes."""
    texts = taxonomy.labels if labels else taxonomy.names
    return [texts[tree.node[group.node]] for group in groups]


def _groups(tree: ClassTree, nodes: Ints) -> tuple[Group, ...]:
    first, count = tree.columns
    order = nodes[np.argsort(first[nodes], kind="stable")]
    below = tree.children.counts()
    return tuple(Group(int(v), int(first[v]), int(count[v]), not below[v]) for v in order)


def _of_rank(tree: ClassTree, taxonomy: Taxonomy, rank: str) -> Ints:
    """The uppermost nodes of a rank."""
    has = np.array([bool(rank) and normal(own) == rank for own in taxonomy.ranks], dtype=bool)
    mine = (tree.node >= 0) & has[tree.node]
    below = np.zeros(len(mine), dtype=bool)
    for low, high in arrays.level_bounds(tree.level)[1:]:
        above = tree.parent[low:high]
        below[low:high] = below[above] | mine[above]
    return np.flatnonzero(mine & ~below)


def _no_level(tree: ClassTree, taxonomy: Taxonomy, text: str) -> str:
    deepest = int(tree.level[-1]) - 1
    ranks = {normal(taxonomy.ranks[v]) for v in tree.node[1:].tolist()} - {""}
    ordered = sorted(ranks, key=lambda rank: (ORDER.get(rank, len(ORDER)), rank))
    known = f"the levels 0 to {deepest}" + (f" and the ranks {', '.join(ordered)}" if ordered else ", no ranks")
    return (
        f"no level {text!r}{did_you_mean(near_matches(text, ordered))}; {taxonomy.name or 'the hierarchy'} has {known}"
    )
