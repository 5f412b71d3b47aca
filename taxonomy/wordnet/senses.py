"""Which sense of its name each class has: the one closest to the other classes."""

from collections.abc import Sequence

import numpy as np

from ..arrays import Ints
from ..similarity import Floats
from .closeness import Company
from .nouns import WordNet

POWER = 4
"""Exponent of the mean over the other classes: a few close ones count for more than many distant ones."""

RANK_DISCOUNT = 0.1
"""The k-th sense of a word counts k**-0.1: between two senses in equally good company the more frequent one wins."""

UNLIKELY = 0.8
"""Factor for senses that are no kinds of physical things ("sea": a large quantity) or are individuals ("Paris")."""

_ROUNDS = 10
_DIGITS = 9  # scores that agree to so many are equal, so that no rounding error decides
_KEPT = 40_000_000  # numbers that are kept between the rounds


def score_senses(nouns: WordNet, candidates: Sequence[Sequence[int]]) -> list[Floats]:
    """How well each sense of each class fits to the other classes.

    The score of a sense is the power mean, over the other classes, of its closeness to their senses, each sense
    counting by its share of the scores of its class; times what speaks for the sense by itself (`RANK_DISCOUNT`,
    `UNLIKELY`). It is computed anew until the shares stand still, ten times at most. Classes with one
    sense only so decide about the rest first, and settled ones about the unsettled. Of equal scores the first in
    the order of WordNet is the best, by `choose`.

    The two constants and the exponent were chosen on the 1000 ILSVRC classes, parts of them, Tiny ImageNet and
    CIFAR-100 (docs/results/derive.md).

    Args:
        nouns: The nouns.
        candidates: For each class the synsets that its name may mean, likeliest first; none for a class without
            a match.

    Returns:
        For each class its senses' scores, `(n_senses,)`.

    Example:
        >>> from taxo.taxonomy.wordnet.snapshot import load
        >>> nouns = load()
        >>> def best(*names):
        ...     senses = [nouns.senses(name) for name in names]
        ...     return [nouns.title(s[choose(x)]) for s, x in zip(senses, score_senses(nouns, senses))]
        >>> best("crane", "heron"), best("crane", "bulldozer")
        (['crane', 'heron'], ['crane', 'bulldozer'])
    """
    synsets = np.array([s for senses in candidates for s in senses], dtype=np.intp)
    counts = [len(senses) for senses in candidates]
    owner = np.repeat(np.arange(len(candidates)), counts)
    prior = _prior(nouns, synsets, np.concatenate([np.arange(n) for n in counts] or [owner]))
    support = _Support(Company(nouns, synsets), owner)
    share = _shares(prior, owner)
    scores: Floats = prior
    for _ in range(_ROUNDS):
        scores = prior * support.of(share)
        before, share = share, _shares(scores, owner)
        if np.abs(share - before).max(initial=0) < 10.0**-_DIGITS:
            break
    rounded: Floats = scores.round(_DIGITS)
    return np.split(rounded, np.cumsum(counts)[:-1]) if counts else []


def choose(scores: Floats) -> int:
    """The best of several senses; of equals the first."""
    return int(np.argmax(scores))


def _prior(nouns: WordNet, synsets: Ints, rank: Ints) -> Floats:
    physical = set(nouns.senses("physical_entity"))
    likely = [
        not nouns.is_instance[nouns.hypernyms.start[s] : nouns.hypernyms.start[s + 1]].any()
        and (not physical or bool(physical & set(nouns.closure([s]).tolist())))
        for s in synsets.tolist()
    ]
    found: Floats = np.power(1.0 + rank, -RANK_DISCOUNT) * np.where(likely, 1.0, UNLIKELY)
    return found


def _shares(scores: Floats, owner: Ints) -> Floats:
    """Scores divided by their sum over the senses of a class."""
    sums = np.bincount(owner, scores)
    found: Floats = scores / np.where(sums > 0, sums, 1)[owner]
    return found


class _Support:
    """The power means; rows of closeness are kept between the rounds where they are not too many."""

    def __init__(self, company: Company, owner: Ints) -> None:
        self._company, self._owner = company, owner
        self._others = max(len(np.unique(owner)) - 1, 1)
        self._rows = [self._row(i) for i in range(len(owner))] if len(owner) ** 2 <= _KEPT else None

    def _row(self, member: int) -> Floats:
        row: Floats = self._company.closeness(member) ** POWER
        row[self._owner == self._owner[member]] = 0
        return row

    def of(self, share: Floats) -> Floats:
        """Power mean of each sense, given the share of every sense, `(n_senses,)`."""
        members = range(len(share))
        # Sums row by row: a product of matrices would add in an order that depends on the machine.
        sums = [float((share * (self._rows[i] if self._rows else self._row(i))).sum()) for i in members]
        found: Floats = (np.array(sums) / self._others) ** (1 / POWER)
        return found
