"""How alike two names are."""

import itertools

from ..folding import fold
from ..taxonomy import Taxonomy


def folded(text: str) -> str:
    """A name without what writers differ in; the name itself where nothing would be left.

    Example:
        >>> folded("Laysan_Albatross") == folded("laysan albatross")
        True
    """
    return fold(text) or text


def texts(taxonomy: Taxonomy, node: int) -> list[str]:
    """Name, label and synonyms of a node, folded, each once."""
    written = {taxonomy.names[node]: None, taxonomy.labels[node]: None, **dict.fromkeys(taxonomy.synonyms[node])}
    return list(dict.fromkeys(map(folded, written)))


def near(one: str, other: str) -> float:
    """How much of two names is the same: of the words that differ, the share that beginning and end have in common.

    Names of one word or of equally many are compared word by word, since species of one genus share a word
    without being alike; the least like pair of words counts.

    Returns:
        0 where less than three quarters are the same, or where a digit is among what differs: numbered names
        are alike without meaning the same.

    Example:
        >>> near("Larus argentatus", "Larus argentus")
        0.8
        >>> near("Larus fuscus", "Larus marinus")
        0.0
        >>> near("species 12", "species 13")
        0.0
    """
    words, others = one.split(), other.split()
    if len(words) != len(others):
        return _shared(one, other)
    return min((_shared(a, b) for a, b in zip(words, others, strict=True) if a != b), default=1.0)


def _shared(one: str, other: str) -> float:
    start = _common_start(one, other)
    a, b = one[start:], other[start:]
    end = _common_start(a[::-1], b[::-1])
    share = (start + end) / max(len(one), len(other))
    differing = a[: len(a) - end] + b[: len(b) - end]
    return share if share >= 3 / 4 and not any(c.isdigit() for c in differing) else 0.0


def _common_start(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
