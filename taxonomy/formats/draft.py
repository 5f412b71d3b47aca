"""What a file says, before anything is checked: what every reader makes, and `Taxonomy` and `validate` come from."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..arrays import Ints
from ..build import build
from ..errors import CycleError, FormatError, TaxoError
from ..lengths import Floats, has_several_parents
from ..taxonomy import Taxonomy
from .source import Faults, Source, log


def _no_edges() -> Ints:
    return np.array([], dtype=np.intp)


@dataclass(kw_only=True)
class Draft:
    """Nodes and edges as a file gives them; cycles, second parents and the like are still in.

    Attributes:
        names: `(n,)` unique names, in the order of the file. A reader that meets a name twice where that is
            wrong adds a fault and keeps the first.
        parent: `(n_edges,)` parent of each edge, as an index into `names`.
        child: `(n_edges,)` child of each edge.
        class_numbers: `(n,)` class number of each node, `NO_NUMBER` or `NOT_A_CLASS`; None: no number is given.
        ranks: `(n,)`, "" for none.
        labels: `(n,)`, the name where there is none.
        synonyms: `(n,)` other names.
        lengths: `(n,)` length of the branch above each node, NaN for none.
        name: What the hierarchy is called; the file's stem where it does not say.
        meta: Facts about the hierarchy (title, source, licence ...).
        node_lines: `(n,)` line on which each node first stands; None where a format has no lines.
        edge_lines: `(n_edges,)` line of each edge.
    """

    names: Sequence[str]
    parent: Ints = field(default_factory=_no_edges)
    child: Ints = field(default_factory=_no_edges)
    class_numbers: Ints | None = None
    ranks: Sequence[str] | None = None
    labels: Sequence[str] | None = None
    synonyms: Sequence[Sequence[str]] | None = None
    lengths: Floats | None = None
    name: str = ""
    meta: dict[str, str] = field(default_factory=dict)
    node_lines: Ints | None = None
    edge_lines: Ints | None = None


def finish(draft: Draft, source: Source, faults: Faults, *, tree: bool = False) -> Taxonomy:
    """The hierarchy that a file gives.

    Args:
        draft: What a reader made.
        source: What it was made from.
        faults: What the reader found wrong.
        tree: Whether a second parent is an error.

    Raises:
        FormatError: All faults together.
        CycleError: With the lines of the cycle's edges.
    """
    if not faults and not draft.names:
        faults.add(None, "the file holds no nodes", "empty")
    if tree and not faults:
        check_single_parents(draft, faults)
    faults.check()
    try:
        return build(
            draft.names,
            draft.parent,
            draft.child,
            class_numbers=draft.class_numbers,
            ranks=draft.ranks,
            labels=draft.labels,
            synonyms=draft.synonyms,
            lengths=_lengths(draft, source),
            name=draft.name or source.stem,
            meta=draft.meta,
        )
    except CycleError as error:
        raise CycleError(error.cycle, where(draft, source.name, error.cycle)) from None
    except TaxoError as error:
        raise FormatError(source.name, [(None, str(error))]) from None


def _lengths(draft: Draft, source: Source) -> Floats | None:
    """The branch lengths; none, which is said, where a node has several parents: each would have its own."""
    if draft.lengths is None or not has_several_parents(draft.child, len(draft.names)):
        return draft.lengths
    if not np.isnan(draft.lengths).all():
        log.warning(
            "%s: left out are the branch lengths: nodes have several parents, and these are for trees", source.name
        )
    return None


def check_edges(draft: Draft, faults: Faults) -> None:
    """Add a fault for every self-loop and for every edge given twice."""
    key = draft.parent.astype(np.int64) * len(draft.names) + draft.child
    loops = np.flatnonzero(draft.parent == draft.child)
    ordered = np.sort(key)
    if not loops.size and not (ordered[1:] == ordered[:-1]).any():
        return
    lines = edge_lines(draft)
    for edge in loops.tolist():
        name = draft.names[draft.child[edge]]
        faults.add(lines[edge], f"node {name!r} is its own parent; remove this line", "self-loop")
    order = np.argsort(key, kind="stable")
    key = key[order]
    new = np.append(True, key[1:] != key[:-1])
    first = order[np.maximum.accumulate(np.where(new, np.arange(len(key)), 0))]
    for edge, earlier in zip(order[~new].tolist(), first[~new].tolist(), strict=True):
        p, c = draft.names[draft.parent[edge]], draft.names[draft.child[edge]]
        if p != c:
            place = "" if lines[earlier] is None else f", first in line {lines[earlier]}"
            faults.add(lines[edge], f"the edge {p!r} -> {c!r} is given twice{place}", "duplicate-edge")


def check_single_parents(draft: Draft, faults: Faults) -> None:
    """Add a fault for every second parent."""
    counts = np.bincount(draft.child, minlength=len(draft.names))
    if counts.max(initial=0) < 2:
        return
    lines, names = edge_lines(draft), draft.names
    first: dict[int, int] = {}
    for edge in np.flatnonzero(counts[draft.child] > 1).tolist():
        node = int(draft.child[edge])
        earlier = first.setdefault(node, edge)
        if earlier != edge:
            place = "" if lines[earlier] is None else f" (line {lines[earlier]})"
            faults.add(
                lines[edge],
                f"second parent {names[draft.parent[edge]]!r} of {names[node]!r}, whose parent is "
                f"{names[draft.parent[earlier]]!r}{place}; a tree is required here (taxo reduce makes one)",
                "several-parents",
            )


def edge_lines(draft: Draft) -> list[int | None]:
    """Line of every edge, None where the format has no lines."""
    return [None] * len(draft.parent) if draft.edge_lines is None else draft.edge_lines.tolist()


def where(draft: Draft, source: str, cycle: tuple[str, ...]) -> str:
    """`file:line,line,...` of the edges of a cycle."""
    if draft.edge_lines is None:
        return source
    number = {name: i for i, name in enumerate(draft.names)}
    wanted = {(number[p], number[c]) for p, c in itertools.pairwise(cycle)}
    edges = zip(draft.parent.tolist(), draft.child.tolist(), draft.edge_lines.tolist(), strict=True)
    lines = sorted(line for p, c, line in edges if (p, c) in wanted)
    listed = ",".join(map(str, lines[:12])) + (",..." if len(lines) > 12 else "")
    return f"{source}:{listed}"
