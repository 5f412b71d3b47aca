"""From a DAG to a tree, with an account of what was dropped and what that does to the similarities."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np

from .arrays import Ints
from .build import rebuild
from .effects import Effect, effect
from .errors import TaxoError, unknown_choice
from .lengths import joined
from .parent_choice import longest, min_change, shortest
from .taxonomy import Taxonomy
from .wording import few

_CHOICES: dict[str, Callable[[Taxonomy], Ints]] = {
    "min-change": min_change,
    "shortest": shortest,
    "longest": longest,
}
STRATEGIES = tuple(_CHOICES)


@dataclass(frozen=True)
class Reduction:
    """A tree made from a hierarchy, and what became of the rest.

    Attributes:
        taxonomy: The tree, with all classes in their order.
        original: What it was made from.
        strategy: One of `STRATEGIES`.
        dropped: `(node, dropped parent)` names for every edge that a node of the tree lost because another of
            its parents was chosen.
        removed: Nodes that are above no class in the tree.
        collapsed: Nodes with a single child that were left out.
    """

    taxonomy: Taxonomy
    original: Taxonomy
    strategy: str
    dropped: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    collapsed: tuple[str, ...] = ()

    @cached_property
    def effect(self) -> Effect:
        """What it does to the similarities of the classes; computed when first asked for."""
        return effect(self.original, self.taxonomy)

    def report(self, shown: int = 20) -> list[str]:
        """Lines for people: which parents were dropped, which nodes are gone, which class pairs change.

        Args:
            shown: How many of the nodes that lost parents are listed.
        """
        before, after = self.original, self.taxonomy
        if not (self.dropped or self.removed or self.collapsed):
            return [f"{before.name or 'the hierarchy'} is a tree already; nothing was changed"]
        lines = [f"{self.strategy}: {before.n_nodes} nodes became a tree of {after.n_nodes}, {after.n_classes} classes"]
        losses = [(node, [parent for _, parent in group]) for node, group in groupby(self.dropped, key=lambda d: d[0])]
        if losses:
            lines.append(f"dropped parents ({len(self.dropped)}):")
            lines += [
                f"  {self._labelled(node)}: {', '.join(map(self._labelled, parents))}"
                for node, parents in losses[:shown]
            ]
        if losses[shown:]:
            lines.append(f"  and those of {len(losses) - shown} more nodes")
        if self.removed:
            lines.append(f"removed, above no class ({len(self.removed)}): {few(self.removed)}")
        if self.collapsed:
            names = few(self.collapsed)
            lines.append(f"left out, single child ({len(self.collapsed)}), which changes heights: {names}")
        return lines + self.effect.lines(self._labelled)

    def _labelled(self, name: str) -> str:
        """A node's name, with its label where it has one."""
        label = self.original.labels[self.original.index(name)]
        return name if label == name else f"{name} ({label})"

    def to_json(self) -> dict[str, Any]:
        """The account as dictionaries and lists, with the effect."""
        return {
            "strategy": self.strategy,
            "nodes_before": self.original.n_nodes,
            "nodes": self.taxonomy.n_nodes,
            "classes": self.taxonomy.n_classes,
            "dropped": [{"node": node, "parent": parent} for node, parent in self.dropped],
            "removed": list(self.removed),
            "collapsed": list(self.collapsed),
            "effect": self.effect.to_json(),
        }


def reduce(taxonomy: Taxonomy, strategy: str = "min-change", *, collapse: bool = False) -> Reduction:
    """Make a tree of a DAG: every node keeps one parent, every class stays. A tree is given back as it is.

    Strategies, all of which give the same tree in every run:

    - `min-change`, the published one [BD19]: all classes with a single path to a root come first; the others
      follow in class order, each with the path that adds the fewest nodes to the tree so far, among these the
      one that meets the tree deepest (which leaves more similarities as they were than the other ways to break the
      tie: docs/results/derive.md), among these the one that comes first in node order, going up from the class. A
      path ends where it meets the tree.
    - `shortest`: every node keeps the parent on its shortest path to a root, of several the first in node order.
    - `longest`: the parent on its longest path, of several the first in node order.

    Nodes that are above no class in the tree, and are none, are removed.

    Args:
        taxonomy: A DAG or a tree, with one or several roots.
        strategy: One of `STRATEGIES`.
        collapse: Whether nodes with a single child, roots among them, are left out where they are no classes.
            Heights change then, and with them similarities; branch lengths are added.

    Raises:
        TaxoError: Unknown strategy.

    [BD19]: Barz & Denzler, "Hierarchy-based image embeddings for semantic image retrieval", WACV 2019.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> edges = [("thing", "living"), ("thing", "owned"), ("living", "fox"), ("living", "pet"), ("owned", "pet")]
        >>> found = reduce(from_edges(edges))
        >>> found.dropped, found.removed
        ((('pet', 'owned'),), ('owned',))
    """
    if strategy not in _CHOICES:
        raise TaxoError(unknown_choice("strategy", strategy, STRATEGIES))
    if taxonomy.is_tree:
        parent, kept = taxonomy.parent, np.ones(taxonomy.n_nodes, dtype=bool)
    else:
        parent = _CHOICES[strategy](taxonomy)
        kept = _above_classes(parent, taxonomy.class_nodes)
    collapsed = _chains(parent, kept, taxonomy.class_nodes) & collapse
    if taxonomy.is_tree and not collapsed.any():
        return Reduction(taxonomy, taxonomy, strategy)
    bridged = _bridge(parent, collapsed)
    child = np.flatnonzero(kept & ~collapsed & (bridged >= 0))
    return Reduction(
        taxonomy=rebuild(_joined(taxonomy, collapsed), bridged[child], child, kept=np.flatnonzero(kept & ~collapsed)),
        original=taxonomy,
        strategy=strategy,
        dropped=_dropped(taxonomy, parent, kept),
        removed=tuple(taxonomy.names[v] for v in np.flatnonzero(~kept).tolist()),
        collapsed=tuple(taxonomy.names[v] for v in np.flatnonzero(collapsed).tolist()),
    )


def _above_classes(parent: Ints, classes: Ints) -> np.ndarray:
    """Which nodes of a tree are classes or above one, `(n_nodes,)`."""
    kept = np.zeros(len(parent), dtype=bool)
    front = classes
    while front.size:
        kept[front] = True
        above = parent[front]
        front = np.unique(above[above >= 0])
        front = front[~kept[front]]
    return kept


def _dropped(taxonomy: Taxonomy, parent: Ints, kept: np.ndarray) -> tuple[tuple[str, str], ...]:
    """Names of the edges into kept nodes that the tree does not have, in node order."""
    child = np.repeat(np.arange(taxonomy.n_nodes), taxonomy.parents.counts())
    lost = np.flatnonzero(kept[child] & (parent[child] != taxonomy.parents.index))
    names = taxonomy.names
    pairs = zip(child[lost].tolist(), taxonomy.parents.index[lost].tolist(), strict=True)
    return tuple((names[v], names[p]) for v, p in pairs)


def _chains(parent: Ints, kept: np.ndarray, classes: Ints) -> np.ndarray:
    """Which nodes of a tree have one child and are no classes, `(n_nodes,)`."""
    above = parent[kept & (parent >= 0)]
    single: np.ndarray = np.bincount(above, minlength=len(parent)) == 1
    single[classes] = False
    return single


def _joined(taxonomy: Taxonomy, collapsed: np.ndarray) -> Taxonomy:
    """The same tree; the branch length of every collapsed node is added to that of the first node below that stays."""
    gone = np.flatnonzero(collapsed)
    if taxonomy.lengths is None or not gone.size:
        return taxonomy
    heir = np.arange(taxonomy.n_nodes)
    heir[gone] = taxonomy.children.gather(gone)  # each has one child
    while collapsed[heir].any():
        heir = heir[heir]
    return replace(taxonomy, lengths=joined(taxonomy.lengths, gone, heir[gone], taxonomy.roots))


def _bridge(parent: Ints, collapsed: np.ndarray) -> Ints:
    """The nearest ancestor that is not collapsed, `(n_nodes,)`, -1 where there is none."""
    n = len(parent)
    above = np.where(parent < 0, n, parent)
    stays = np.append(np.where(collapsed, above, np.arange(n)), n)
    gone = np.append(collapsed, False)
    while gone[stays].any():
        stays = stays[stays]  # each round skips twice as long a run
    return np.where(stays[above] == n, -1, stays[above])
