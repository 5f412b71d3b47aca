"""What a change of the hierarchy does to the similarities of its classes."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arrays import Ints
from .similarity import class_lcs_heights, lcs_heights, scale
from .taxonomy import Taxonomy
from .wording import few

EXACT_CLASSES = 20_000
"""Up to so many common classes every pair is compared; above, `SAMPLED_PAIRS` random ones."""

SAMPLED_PAIRS = 500_000
_SEED = 0
_BLOCK = 1 << 22  # pairs in memory at a time


@dataclass(frozen=True)
class PairChange:
    """Two classes, and their similarity before and after."""

    a: str
    b: str
    before: float
    after: float


@dataclass(frozen=True)
class Effect:
    """How the similarities of all pairs of classes differ between two hierarchies.

    Attributes:
        classes: Number of classes that both have; classes are the same where their nodes' names are.
        only_before: Classes that only the first hierarchy has, in its class order.
        only_after: Classes that only the second has, in its class order.
        pairs: Number of pairs compared.
        changed: Pairs among them whose similarity differs.
        mean_change: Mean of `|after - before|` over the pairs compared.
        max_change: Largest `|after - before|`.
        largest: The pairs that change most: by the size of the change, then in class order of the first.
        sampled: Whether the pairs are a random sample (always the same one), not all there are.
    """

    classes: int
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    pairs: int
    changed: int
    mean_change: float
    max_change: float
    largest: tuple[PairChange, ...]
    sampled: bool

    def to_json(self) -> dict[str, Any]:
        """The same as dictionaries and lists."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    def lines(self, label: Callable[[str], str] = str) -> list[str]:
        """What a person reads: how many pairs change, by how much, and which most.

        Args:
            label: What to write for a class; its name by default.
        """
        of = f"a random sample of {self.pairs} pairs" if self.sampled else f"{self.pairs} pairs"
        share = f" ({self.changed / self.pairs:.1%})" if self.pairs else ""
        lines = [
            f"{self.changed} of {of} of classes{share} change their similarity; "
            f"by {self.mean_change:.4f} in the mean over all, by {self.max_change:.4f} at most"
        ]
        lines += [f"  {p.before:.4f} -> {p.after:.4f}  {label(p.a)} | {label(p.b)}" for p in self.largest]
        for names, which in ((self.only_before, "before"), (self.only_after, "after")):
            if names:
                lines.append(f"classes only {which}, not compared ({len(names)}): {few(names)}")
        return lines


def effect(before: Taxonomy, after: Taxonomy, *, largest: int = 10) -> Effect:
    """Compare the similarities `1 - height(lcs) / H` of the classes of two hierarchies, trees or DAGs.

    Every pair is compared up to `EXACT_CLASSES` common classes; above, `SAMPLED_PAIRS` pairs drawn without
    repeats from a fixed seed, and the result says so. Similarities are compared as fractions, in whole
    numbers: rounding changes no pair.

    Args:
        before: The hierarchy whose class order counts.
        after: The other one.
        largest: How many of the pairs that change most are kept.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> before = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> after = from_edges([("animal", "cat"), ("animal", "owl"), ("animal", "gull")])
        >>> effect(before, after).largest
        (PairChange(a='owl', b='gull', before=0.5, after=0.0),)
    """
    known_before, known_after = set(before.classes), set(after.classes)
    common = [name for name in before.classes if name in known_after]
    tally = _Tally(int(scale(before)), int(scale(after)), largest)
    sampled = len(common) > EXACT_CLASSES
    nodes = before.indices(common), after.indices(common)
    for a, b, heights in _sample(before, after, nodes) if sampled else _all_pairs(before, after, nodes):
        tally.add(a, b, *heights)
    return Effect(
        classes=len(common),
        only_before=tuple(name for name in before.classes if name not in known_after),
        only_after=tuple(name for name in after.classes if name not in known_before),
        pairs=tally.pairs,
        changed=tally.changed,
        mean_change=tally.total / (tally.scale * tally.pairs) if tally.pairs else 0.0,
        max_change=tally.highest / tally.scale,
        largest=tuple(PairChange(common[a], common[b], *values) for a, b, *values in tally.largest()),
        sampled=sampled,
    )


Heights = NDArray[np.integer[Any]]
Pairs = tuple[Ints, Ints, tuple[Heights, Heights]]
"""First and second class of each pair, as numbers in class order, and the heights of their subsumers."""


def _all_pairs(before: Taxonomy, after: Taxonomy, nodes: tuple[Ints, Ints]) -> Iterator[Pairs]:
    """All pairs in class order, those of one class with all later ones at a time."""
    n = len(nodes[0])
    numbers = np.arange(n)
    both = [replace(t, class_nodes=v, class_numbers=numbers) for t, v in zip((before, after), nodes, strict=True)]
    step = max(1, _BLOCK // max(1, n))
    for low in range(0, n - 1, step):
        first, second = (class_lcs_heights(t, slice(low, low + step)) for t in both)
        for a in range(low, min(n - 1, low + step)):
            later = slice(a + 1, None)
            yield numbers[a : a + 1], numbers[later], (first[a - low, later], second[a - low, later])


def _sample(before: Taxonomy, after: Taxonomy, nodes: tuple[Ints, Ints]) -> Iterator[Pairs]:
    """Random pairs without repeats, in class order, as one block."""
    rng = np.random.default_rng(_SEED)
    n = len(nodes[0])
    a, b = rng.integers(n, size=SAMPLED_PAIRS), rng.integers(n - 1, size=SAMPLED_PAIRS)
    b += b >= a  # any class but a itself
    a, b = np.divmod(np.unique(np.minimum(a, b) * n + np.maximum(a, b)), n)
    yield a, b, (lcs_heights(before, nodes[0][a], nodes[0][b]), lcs_heights(after, nodes[1][a], nodes[1][b]))


class _Tally:
    """Adds blocks of pairs up; changes are whole multiples of `1 / scale`."""

    def __init__(self, scale_before: int, scale_after: int, kept: int) -> None:
        self._scales = scale_before, scale_after
        self.scale = scale_before * scale_after
        self.pairs = self.changed = self.total = self.highest = 0
        self._kept = kept
        self._largest = np.empty((5, 0), dtype=np.int64)  # rows: change, a, b, height before, height after

    def add(self, a: Ints, b: Ints, before: Heights, after: Heights) -> None:
        """Pairs that come after all earlier ones in class order; `a` may be one class for all of them."""
        change = np.abs(before * np.int64(self._scales[1]) - after * np.int64(self._scales[0]))
        self.pairs += len(change)
        self.changed += int(np.count_nonzero(change))
        self.total += int(change.sum())
        self.highest = max(self.highest, int(change.max(initial=0)))
        # Of equal changes the earlier stays, so a new one must be larger than the least of a full list.
        full = self._largest.shape[1] == self._kept
        least = 0 if not full else int(self._largest[0, -1]) if self._kept else self.scale
        found = np.flatnonzero(change > least)
        if len(found) > self._kept:
            bound = np.partition(change[found], -self._kept)[-self._kept]
            found = found[change[found] >= bound]
        if not found.size:
            return
        a = np.broadcast_to(a, b.shape)
        fresh = np.stack([column[found] for column in (change, a, b, before, after)])
        together = np.concatenate([self._largest, fresh], axis=1)
        self._largest = together[:, np.argsort(-together[0], kind="stable")[: self._kept]]

    def largest(self) -> Iterator[tuple[int, int, float, float]]:
        """Both classes and both similarities of the pairs that change most."""
        for _, a, b, before, after in self._largest.T.tolist():
            yield a, b, 1 - before / self._scales[0], 1 - after / self._scales[1]
