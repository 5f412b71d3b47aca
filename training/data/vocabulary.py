"""The words that a text network knows, and the numbers that stand for them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from taxo.taxonomy.errors import FormatError, TaxoError

END = "<end>"
"""Word 0: stands behind the end of a text."""

UNKNOWN = "<unknown>"
"""Word 1: any word that is not in the vocabulary."""

SPECIAL = (END, UNKNOWN)

_HEADER = re.compile(r"# taxo words 1 dim=(\d{1,9}) max_length=(\d{1,9})")


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Words by number.

    Attributes:
        words: `(n_words,)`; number 0 stands behind the end of a text, number 1 for every unknown word.
        vectors: float32 `(n_words, dim)`, one vector per word; None where the network learns them or reads them from
            its weights.
        dim: Length of a word's vector.
        max_length: Words that are read of a text.

    Raises:
        TaxoError: Words that are empty, hold white space or stand twice, or numbers that do not fit each other.
    """

    words: tuple[str, ...]
    vectors: NDArray[np.float32] | None
    dim: int
    max_length: int

    def __post_init__(self) -> None:
        if self.words[:2] != SPECIAL:
            raise TaxoError(f"a vocabulary begins with {self.words[:2]}; its first words must be {SPECIAL}")
        faults = _faults(self.words[2:])
        if faults:
            raise TaxoError(f"word {faults[0][0] + 2} of the vocabulary: {faults[0][1]}")
        if self.dim < 1 or self.max_length < 1:
            raise TaxoError(f"dim is {self.dim} and max_length {self.max_length}; both must be at least 1")
        if self.vectors is not None and self.vectors.shape != (len(self.words), self.dim):
            wanted = (len(self.words), self.dim)
            raise TaxoError(f"the vectors have the shape {self.vectors.shape}; it must be {wanted}, a row per word")

    def __len__(self) -> int:
        return len(self.words)

    def numbers(self, texts: Sequence[Sequence[str]]) -> Tensor:
        """Texts as numbers, int64 `(n_texts, max_length)`, 0 behind the end; a text without words is one unknown word.

        Args:
            texts: The words of every text, see `tokens`.
        """
        table = np.zeros((len(texts), self.max_length), dtype=np.int64)
        for row, words in zip(table, texts, strict=True):
            read = [self._number.get(word, 1) for word in words[: self.max_length]] or [1]
            row[: len(read)] = read
        return torch.from_numpy(table)

    def write(self, path: Path) -> None:
        """As a text file: a line with `dim` and `max_length`, then a word a line. The vectors are not in it."""
        lines = [f"# taxo words 1 dim={self.dim} max_length={self.max_length}", *self.words[2:], ""]
        path.write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass", newline="\n")

    @cached_property
    def _number(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words[2:], start=2)}


def read_vocabulary(path: Path) -> Vocabulary:
    """What `Vocabulary.write` wrote, without vectors.

    Raises:
        TaxoError: The file is not there or not UTF-8.
        FormatError: It is no such file, or words in it are impossible; all of them with their lines.
    """
    try:
        with path.open(encoding="utf-8", errors="surrogatepass", newline="\n") as file:
            header, *words = file.read().split("\n")
    except OSError as error:
        raise TaxoError(f"{path}: {error.strerror}; the words of a text network must lie beside its weights") from None
    except UnicodeDecodeError as error:
        raise TaxoError(f"{path}: byte {error.start} is not UTF-8; take the file that the run wrote") from None
    found = _HEADER.fullmatch(header)
    if not found or int(found[1]) < 1 or int(found[2]) < 1:
        text = f"begins with {header!r}, not with '# taxo words 1 dim=... max_length=...'; take the file of the run"
        raise FormatError(str(path), [(1, text)])
    if words and not words[-1]:
        words.pop()
    faults = _faults(words)
    if faults:
        raise FormatError(str(path), [(place + 2, text) for place, text in faults])
    return Vocabulary((*SPECIAL, *words), None, int(found[1]), int(found[2]))


def _faults(words: Iterable[str]) -> list[tuple[int, str]]:
    """Place and fault of every word that cannot be one."""
    faults: list[tuple[int, str]] = []
    seen: set[str] = set()
    for place, word in enumerate(words):
        if word.split() != [word]:
            faults.append((place, f"{word!r} is no word; a word is not empty and holds no white space"))
        elif word in seen:
            faults.append((place, f"{word!r} is given twice; every word may stand only once"))
        seen.add(word)
    return faults
