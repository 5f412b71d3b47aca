"""Checks of classes and ranks: numbers that are missing, repeated or left out, inner nodes, the order of ranks."""

import itertools
from collections.abc import Iterator

import numpy as np

from .arrays import Ints
from .build import NO_NUMBER
from .errors import did_you_mean, near_matches
from .findings import Finding
from .ranks import ORDER, UNORDERED, normal
from .subject import Subject, within

_SHOWN = 5  # how many missing numbers are listed


def class_numbers(subject: Subject) -> Iterator[Finding]:
    """Classes that are inner nodes; class numbers that are missing, repeated, or leave some out."""
    numbers = subject.draft.class_numbers
    if numbers is None:
        return
    leaf = subject.children.counts() == 0
    classes = np.flatnonzero(numbers >= 0)
    if not classes.size:
        if not (leaf & (numbers == NO_NUMBER)).any() and leaf.any():
            yield subject.finding("no-class", None, "every leaf is marked as no class, so there are no classes")
        return
    for node in np.flatnonzero(leaf & (numbers == NO_NUMBER)).tolist():
        message = f"leaf {subject.name(node)} has no class number, while {len(classes)} nodes have one"
        yield subject.finding("class-missing", subject.line(node), message)
    yield from _repeated(subject, numbers, classes)
    for node in classes[~leaf[classes]].tolist():
        below = subject.children.of(node)
        message = f"class {numbers[node]}, {subject.name(node)}, is an inner node, above {subject.names(below, 3)}"
        yield subject.finding("inner-class", subject.line(node), message)
    yield from _gaps(subject, np.unique(numbers[classes]))


def _repeated(subject: Subject, numbers: Ints, classes: Ints) -> Iterator[Finding]:
    order = classes[np.argsort(numbers[classes], kind="stable")]
    first = order[0]
    for node in order[1:].tolist():
        if numbers[node] == numbers[first]:
            message = f"class number {numbers[node]} of {subject.name(node)} is also that of {subject.at(first)}"
            yield subject.finding("class-number", subject.line(node), message)
        else:
            first = node


def _gaps(subject: Subject, numbers: Ints) -> Iterator[Finding]:
    """Numbers between the least and the greatest that no class has."""
    steps = np.diff(numbers)
    missing = int((steps - 1).sum())
    if not missing:
        return
    wide = np.flatnonzero(steps > 1)[:_SHOWN].tolist()
    left_out = itertools.chain.from_iterable(range(int(numbers[i]) + 1, int(numbers[i + 1])) for i in wide)
    listed = ", ".join(map(str, itertools.islice(left_out, _SHOWN))) + (", ..." if missing > _SHOWN else "")
    message = f"class numbers run from {numbers[0]} to {numbers[-1]} and leave out {missing}: {listed}"
    yield subject.finding("class-gap", None, message)


def rank_order(subject: Subject) -> Iterator[Finding]:
    """Ranks that are not below those of the nearest ranked ancestors; ranks that are in no list."""
    if subject.draft.ranks is None or not any(subject.draft.ranks):
        return
    kinds = {rank: normal(rank) for rank in set(subject.draft.ranks) if rank}
    yield from _unknown(subject, {rank for rank, kind in kinds.items() if kind not in ORDER and kind not in UNORDERED})
    places = {rank: ORDER.get(kind, -1) for rank, kind in kinds.items()} | {"": -1}
    place = np.array([places[rank] for rank in subject.draft.ranks], dtype=np.intp)
    # The ranked ancestor next above each node, of lowest rank where there are several.
    above = np.full(subject.n_nodes, -1, dtype=np.intp)
    for nodes in subject.by_level[1:]:
        parents = subject.parents.gather(nodes)
        nearest = np.where(place[parents] >= 0, parents, above[parents])
        counts = subject.parents.counts()[nodes]
        key = np.where(nearest < 0, -1, place[nearest] * subject.n_nodes + nearest)
        best = np.maximum.reduceat(key, np.cumsum(counts) - counts)
        above[nodes] = np.where(best < 0, -1, best % subject.n_nodes)
    ranks = subject.draft.ranks
    for node in np.flatnonzero((place >= 0) & (above >= 0) & (place[above] >= place)).tolist():
        upper = int(above[node])
        message = (
            f"{ranks[node]} {subject.name(node)} stands below {ranks[upper]} {subject.name(upper)}"
            f"{within(subject.line(upper))}"
        )
        yield subject.finding("rank-order", subject.line(node), message)


def _unknown(subject: Subject, ranks: set[str]) -> Iterator[Finding]:
    assert subject.draft.ranks is not None
    first: dict[str, int] = {}
    counts: dict[str, int] = {}
    for node, rank in enumerate(subject.draft.ranks):
        if rank in ranks:
            first.setdefault(rank, node)
            counts[rank] = counts.get(rank, 0) + 1
    for rank, node in first.items():
        near = did_you_mean(near_matches(rank, ORDER))
        message = f"unknown rank {rank!r}, first of {subject.name(node)}; nodes with it: {counts[rank]}{near}"
        yield subject.finding("unknown-rank", subject.line(node), message)
