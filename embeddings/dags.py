"""Nodes with several parents: they are refused, or one of two ways out is taken and its distance reported."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from taxo.taxonomy import TaxoError
from taxo.taxonomy.arrays import Ints
from taxo.taxonomy.errors import unknown_choice

from .class_tree import Floats
from .target import Target

WAYS = ("refuse", "reduce", "nearest-psd")

_ALL_PAIRS = 5000  # classes up to which every pair is compared
_SAMPLE = 1 << 18  # pairs above that
_BLOCK = 512  # rows compared at a time
_ROUNDING = 1e-12  # similarities that differ by less are the same
_SAME = 1e-9  # dot products of different classes this close to 1 are those of the same vector


@dataclass(frozen=True)
class Way:
    """What to do about nodes with several parents.

    Attributes:
        name: One of `WAYS`.
        strategy: One of `taxo.taxonomy.STRATEGIES` for "reduce", else "".
    """

    name: str
    strategy: str = ""

    def __str__(self) -> str:
        return f"{self.name}:{self.strategy}" if self.strategy else self.name


def parse_way(text: str) -> Way:
    """`"refuse"`, `"reduce"`, `"reduce:STRATEGY"` or `"nearest-psd"`.

    Raises:
        TaxoError: Another text, or an unknown strategy.

    Example:
        >>> str(parse_way("reduce"))
        'reduce:min-change'
    """
    name, colon, strategy = text.partition(":")
    if name not in WAYS or (colon and name != "reduce"):
        raise TaxoError(unknown_choice("way with a DAG", text, (*WAYS, "reduce:STRATEGY")))
    if name != "reduce":
        return Way(name)
    from taxo.taxonomy.reduction import STRATEGIES

    if colon and strategy not in STRATEGIES:
        raise TaxoError(unknown_choice("strategy", strategy, STRATEGIES))
    return Way(name, strategy or STRATEGIES[0])


def to_tree(target: Target, way: Way) -> tuple[Target, list[str]]:
    """The same target on a tree made from its DAG, and what that changes.

    Args:
        target: Of a DAG.
        way: A reduction.

    Returns:
        The new target, and sentences: which parents were dropped, how many pairs of classes change.
    """
    from taxo.taxonomy.reduction import reduce

    made = reduce(target.taxonomy, way.strategy)
    tree = replace(target, taxonomy=made.taxonomy)
    lost = [f"{parent!r} of {node!r}" for node, parent in made.dropped]
    more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
    gone = f"; {_count(len(made.removed), 'node')} removed, above no class then" if made.removed else ""
    return tree, [
        f"{way}: {_count(len(lost), 'parent')} dropped: {', '.join(lost[:3])}{more}{gone}",
        distance(target, tree).sentence(),
    ]


def to_nearest(target: Target) -> tuple[Floats, list[str]]:
    """The nearest similarities that are dot products, `(n_classes, n_classes)`, and what that changes.

    Args:
        target: Of a DAG.

    Returns:
        The matrix, and sentences: the least eigenvalue, the distance, and classes that cannot be told apart any more.
    """
    from .nearest import nearest_psd

    found = nearest_psd(target.matrix())
    if not found.changed:
        least = f"least eigenvalue {found.least_eigenvalue:.3g}"
        return found.matrix, [f"nearest-psd: the similarities are dot products already ({least}); nothing was changed"]
    remarks = [
        f"nearest-psd: the similarities are no dot products, the least eigenvalue of their matrix is "
        f"{found.least_eigenvalue:.3g}; the nearest that are differ by {found.mean:.2g} in the mean over all pairs of "
        f"classes, by {found.largest:.2g} at most ({found.distance:.3g} in the Frobenius norm)"
    ]
    same = [(a, b) for a, b in zip(*np.nonzero(np.triu(found.matrix, 1) > 1 - _SAME), strict=True)]
    if same:
        classes = target.taxonomy.classes
        named = ", ".join(f"{classes[a]!r} and {classes[b]!r}" for a, b in same[:3])
        remarks.append(
            f"nearest-psd: {_count(len(same), 'pair')} of classes with the same vector, which cannot be told apart: "
            f"{named}{' ...' if same[3:] else ''}; --dag reduce keeps them apart"
        )
    return found.matrix, remarks


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


@dataclass(frozen=True)
class Distance:
    """How much the similarities of different classes differ between two targets.

    Attributes:
        pairs: Number of pairs compared, each once.
        changed: How many of them differ by more than rounding.
        mean: Mean difference over the pairs compared.
        largest: Largest difference.
        sampled: Whether the pairs are a random sample.
    """

    pairs: int
    changed: int
    mean: float
    largest: float
    sampled: bool = False

    def sentence(self) -> str:
        """As in the report of `taxo reduce`."""
        of = f"a random sample of {self.pairs} pairs" if self.sampled else f"{self.pairs} pairs"
        share = f" ({self.changed / self.pairs:.1%})" if self.pairs else ""
        return (
            f"{self.changed} of {of} of classes{share} change their similarity; "
            f"by {self.mean:.4f} in the mean over all, by {self.largest:.4f} at most"
        )


def distance(before: Target, after: Target) -> Distance:
    """Compare two targets with the same classes in the same order.

    Every pair is compared up to 5,000 classes, random ones from a fixed seed above.
    """
    n = before.taxonomy.n_classes
    pairs = changed = 0
    total = largest = 0.0
    for difference in _differences(before, after, n) if n <= _ALL_PAIRS else _sampled(before, after, n):
        pairs += difference.size
        changed += int(np.count_nonzero(difference > _ROUNDING))
        total += float(difference.sum())
        largest = max(largest, float(difference.max(initial=0)))
    return Distance(pairs, changed, total / max(1, pairs), largest, n > _ALL_PAIRS)


def _differences(before: Target, after: Target, n: int) -> Iterator[Floats]:
    for low in range(0, n, _BLOCK):
        rows = slice(low, min(n, low + _BLOCK))
        later = np.arange(n) > np.arange(n)[rows, None]
        yield np.abs(before.block(rows) - after.block(rows))[later]


def _sampled(before: Target, after: Target, n: int) -> Iterator[Floats]:
    a, b = _random_pairs(n)
    yield np.abs(before.pairs(a, b) - after.pairs(a, b))


def _random_pairs(n: int) -> tuple[Ints, Ints]:
    rng = np.random.default_rng(0)
    a, b = rng.integers(n, size=_SAMPLE), rng.integers(n - 1, size=_SAMPLE)
    return a, b + (b >= a)  # any class but a itself
