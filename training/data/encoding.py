"""From the texts that are used to numbers: which words there are, and how many are read of each text."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from taxo.taxonomy.errors import TaxoError

from .config import DataConfig
from .listing import Listing
from .samples import Samples
from .texts import RawTexts, Texts
from .vocabulary import SPECIAL, Vocabulary
from .word_vectors import read_vectors

log = logging.getLogger("taxo")

LEARNT_DIM = 300
"""Length of vectors that the network learns: that of the vectors of [BD20]."""

COVERED = 0.95
"""Share of the training texts that are read to their end where no length is given."""


def encoded(listing: Listing, config: DataConfig, vocabulary: Vocabulary | None = None) -> Listing:
    """The same items as numbers of words, with the vocabulary.

    Args:
        listing: Items that are used, their sources `RawTexts`.
        config: Says the vectors and the length.
        vocabulary: That of an earlier run; by default one is made. With it a text is cut up when it is first asked for.

    Raises:
        TaxoError: The vectors cannot be read, or belong to other words.
    """
    parts = {name: part for name in ("train", "val", "test") if (part := getattr(listing, name)) is not None}
    if vocabulary is not None:
        known = {name: part.with_source(replace(_raw(part), vocabulary=vocabulary)) for name, part in parts.items()}
        return replace(listing, vocabulary=vocabulary, **known)
    texts = {name: _raw(part).words() for name, part in parts.items()}
    made = make_vocabulary(
        texts["train"], [words for name, part in texts.items() if name != "train" for words in part], config
    )
    numbered = {name: part.with_source(Texts(made.numbers(texts[name]))) for name, part in parts.items()}
    return replace(listing, vocabulary=made, **numbered)


def make_vocabulary(
    train: Sequence[Sequence[str]], held_out: Sequence[Sequence[str]], config: DataConfig
) -> Vocabulary:
    """The words of a training.

    Given vectors are not trained, so nothing is learnt from knowing which words the held-out texts hold: the words are
    those of all texts that have a vector. Vectors that are learnt belong to the words of the training texts.

    The unknown word has the vector 0, which says nothing, like the words that dropout takes out: no training text
    could teach a better one, since without given vectors it never occurs there.

    Args:
        train: The words of every training text.
        held_out: The words of every text for validation and testing.
        config: Says the vectors and the length.

    Raises:
        TaxoError: The vectors cannot be read, or no word of the training texts has one.
    """
    ours = set(chain.from_iterable(train))
    max_length = config.max_length or usual_length(train)
    if not config.vectors:
        return Vocabulary((*SPECIAL, *sorted(ours)), None, LEARNT_DIM, max_length)
    found = read_vectors(config.vectors, ours.union(*held_out))
    with_vector = ours & found.keys()
    if not with_vector:
        raise TaxoError(
            f"vectors {config.vectors}: none of the {len(ours)} words of the training texts has one; take vectors of "
            "the language of the texts, whose words are in lower case, or leave vectors empty to learn them"
        )
    log.info("%d of the %d words of the training texts have a vector", len(with_vector), len(ours))
    words = sorted(found)
    nothing = np.zeros((len(SPECIAL), len(found[words[0]])), dtype=np.float32)
    vectors = np.concatenate([nothing, np.stack([found[word] for word in words])])
    return Vocabulary((*SPECIAL, *words), vectors, vectors.shape[1], max_length)


def usual_length(texts: Iterable[Sequence[str]]) -> int:
    """Words that the shortest 95 % of the texts need, at least one."""
    lengths = sorted(len(words) for words in texts)
    return max(1, lengths[int(np.ceil(COVERED * len(lengths))) - 1])


def _raw(part: Samples) -> RawTexts:
    assert isinstance(part.source, RawTexts)  # for the type checker: what data sets of texts list
    return part.source
