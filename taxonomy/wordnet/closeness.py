"""How close two synsets are: by how little is a kind of everything that both are a kind of."""

from functools import lru_cache

import numpy as np

from .. import arrays
from ..arrays import Ints
from ..similarity import Floats
from .nouns import WordNet


@lru_cache(maxsize=2)
def information(nouns: WordNet) -> Floats:
    """Information content of every synset from the hierarchy alone [Seco 2004], `(n_synsets,)` in [0, 1].

    `1 - log(n) / log(N)`, with n the number of synsets below a synset, itself included, and N of all: 0 for "entity", 1
    for a synset with nothing below. A synset with k hypernyms counts as 1/k below each, so that the sums
    are right without knowing for every synset all that is below it; but no synset counts for less than one below it.

    [Seco 2004]: Seco, Veale & Hayes, "An intrinsic information content metric for semantic similarity in
    WordNet", ECAI 2004.
    """
    level = arrays.levels(nouns.hypernyms, nouns.hyponyms)
    share = 1 / np.maximum(nouns.hypernyms.counts(), 1)
    weight = np.ones(nouns.n_synsets)
    order = np.argsort(level, kind="stable")
    child = np.repeat(np.arange(nouns.n_synsets), nouns.hypernyms.counts())
    by_level = np.argsort(level[child], kind="stable")
    bounds = np.searchsorted(level[child][by_level], np.arange(level.max(initial=0) + 2))
    for low, high in zip(bounds[-2::-1], bounds[:0:-1], strict=True):
        edges = by_level[low:high]
        above, below = nouns.hypernyms.index[edges], child[edges]
        np.add.at(weight, above, weight[below] * share[below])
        np.maximum.at(weight, above, weight[below])
    total = weight[order[: int((level == 0).sum())]].sum()
    found: Floats = 1 - np.log(weight) / np.log(max(total, 2))
    return found


class Company:
    """Synsets whose closeness to each other is asked for.

    `1 - (I(a) + I(b) - 2 I(c)) / 2`, with I the information content and c the common hypernym of a and b that has
    most of it [Jiang & Conrath 1997, Seco 2004]: 1 for a synset and itself.

    [Jiang & Conrath 1997]: "Semantic similarity based on corpus statistics and lexical taxonomy", ROCLING 1997.
    """

    def __init__(self, nouns: WordNet, synsets: Ints) -> None:
        """Takes the synsets of the company, `(n,)`; one may be there twice."""
        self._content = information(nouns)
        self._synsets = synsets
        self._above = [nouns.closure([s]) for s in synsets.tolist()]
        member = np.repeat(np.arange(len(synsets)), [len(a) for a in self._above])
        above = np.concatenate([np.empty(0, dtype=np.intp), *self._above])
        self._everything = np.unique(above)
        self._below = arrays.rows(np.searchsorted(self._everything, above), member, len(self._everything))

    def closeness(self, member: int) -> Floats:
        """Closeness of one member of the company to all, `(n,)` in [0, 1]."""
        above = self._above[member]
        common = np.zeros(len(self._above))
        # In the order of their information, so that the most informative is written last.
        for synset in above[np.argsort(self._content[above], kind="stable")].tolist():
            common[self._below.of(int(np.searchsorted(self._everything, synset)))] = self._content[synset]
        own = self._content[self._synsets]
        found: Floats = 1 - (own[member] + own - 2 * common) / 2
        return found
