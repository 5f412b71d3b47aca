"""The snapshot of WordNet's nouns that comes with this package: a text, packed with xz.

The text has seven blocks with a line `%` between: heading, version and number of synsets; ids, each as what it is
more than the one before; lemmas; senses; hypernyms, each as how far before the synset it stands; which of all
hypernyms are those of instances; irregular plurals. The blocks of ids, lemmas, senses and hypernyms have one line per
synset. A second file has the definitions, one per line.
"""

import itertools
import lzma
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from ..arrays import Ints, Rows
from ..errors import TaxoError
from .nouns import WordNet

HEADING = "taxo wordnet nouns 1"
NOUNS, DEFINITIONS, LICENCE = "nouns.txt.xz", "definitions.txt.xz", "LICENSE.wordnet"


@cache
def load(*, definitions: bool = False) -> WordNet:
    """The nouns of WordNet 3.0 from the file beside this module: no network, no nltk.

    Args:
        definitions: Whether to load what the synsets mean, too.

    Example:
        >>> load(definitions=True).definition(0)
        'that which is perceived or known or inferred to have its own distinct existence (living or nonliving)'
    """
    if not definitions:
        return decode(lzma.decompress(_bundled(NOUNS)).decode())
    return with_definitions(load(), _bundled(DEFINITIONS))


def with_definitions(nouns: WordNet, packed: bytes) -> WordNet:
    """The nouns with the definitions of a second file.

    Raises:
        TaxoError: The definitions belong to other nouns.
    """
    return replace(nouns, definitions=decode_definitions(lzma.decompress(packed).decode(), nouns))


def _bundled(name: str) -> bytes:
    try:
        return Path(__file__).with_name(name).read_bytes()
    except FileNotFoundError as error:
        raise TaxoError(
            f"the file {name} is missing beside {__package__}; install the package again, or name a folder "
            "with WordNet (--wordnet DIR)"
        ) from error


def pack(text: str) -> bytes:
    """The text as it is stored: the same text gives the same bytes."""
    return lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)


def encode(nouns: WordNet) -> str:
    """The text of a snapshot; `decode` is its inverse."""
    here = np.repeat(np.arange(nouns.n_synsets), nouns.hypernyms.counts())
    lemma_start = np.concatenate([[0], np.cumsum([line.count(" ") + 1 for line in nouns.words])]).astype(np.intp)
    instances = np.flatnonzero(nouns.is_instance)
    blocks = [
        [HEADING, nouns.version, str(nouns.n_synsets)],
        map(str, np.diff(nouns.offsets, prepend=0).tolist()),
        nouns.words,
        _lines(Rows(lemma_start, nouns.sense_numbers)),
        _lines(Rows(nouns.hypernyms.start, here - nouns.hypernyms.index)),
        map(str, np.diff(instances, prepend=0).tolist()),
        (" ".join((plural, *singulars)) for plural, singulars in sorted(nouns.exceptions.items())),
    ]
    return "\n%\n".join("\n".join(block) for block in blocks)


def _lines(rows: Rows) -> Iterable[str]:
    values, start = list(map(str, rows.index.tolist())), rows.start.tolist()
    return (" ".join(values[a:b]) for a, b in itertools.pairwise(start))


def decode(text: str) -> WordNet:
    """The nouns in a snapshot's text.

    Raises:
        TaxoError: Not such a text.
    """
    heading, *blocks = text.split("\n%\n")
    if not heading.startswith(HEADING + "\n") or len(blocks) != 6:
        raise TaxoError(f"this is no snapshot of WordNet: it does not begin with {HEADING!r}")
    ids, lemmas, senses, hypernyms, instances, exceptions = blocks
    _, version, count = heading.split("\n")
    words = lemmas.split("\n")
    counts = [0 if not line else line.count(" ") + 1 for line in hypernyms.split("\n")]
    n = int(count)
    if not n == len(words) == len(counts):
        raise TaxoError(f"this snapshot of WordNet is damaged: {n} synsets, {len(words)} lines of lemmas")
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    is_instance = np.zeros(start[-1], dtype=bool)
    is_instance[np.cumsum(_integers(instances))] = True
    return WordNet(
        version=version,
        offsets=np.cumsum(_integers(ids)),
        words=words,
        sense_numbers=_integers(senses),
        hypernyms=Rows(start, np.repeat(np.arange(n), counts) - _integers(hypernyms)),
        is_instance=is_instance,
        exceptions={plural: tuple(rest) for plural, *rest in map(str.split, exceptions.split("\n")) if rest},
    )


def _integers(block: str) -> Ints:
    return np.array(block.split(), dtype=np.intp)


def encode_definitions(nouns: WordNet) -> str:
    """The text of the second file."""
    return "\n".join((f"{HEADING} {nouns.version}", *nouns.definitions))


def decode_definitions(text: str, nouns: WordNet) -> list[str]:
    """Definitions `(n_synsets,)` of these nouns.

    Raises:
        TaxoError: The definitions belong to other nouns.
    """
    heading, *lines = text.split("\n")
    if heading != f"{HEADING} {nouns.version}" or len(lines) != nouns.n_synsets:
        raise TaxoError(f"these are not the definitions of WordNet {nouns.version}")
    return lines
