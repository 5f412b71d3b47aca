"""Texts, as they are written and as numbers of words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from .frames import Frames, Window
from .tokens import tokens
from .vocabulary import Vocabulary


@dataclass(frozen=True)
class Texts:
    """Texts as numbers of words, on any device.

    Attributes:
        numbers: int64 `(n, length)`, numbers of a vocabulary, 0 behind the end.
    """

    numbers: Tensor

    def __len__(self) -> int:
        return len(self.numbers)

    def pick(self, items: Sequence[int]) -> "Texts":
        """The texts `items`, in that order."""
        return Texts(self.numbers[torch.as_tensor(items, dtype=torch.int64)])

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.numbers.nbytes

    def to(self, device: torch.device) -> "Texts":
        """The same on a device."""
        return Texts(self.numbers.to(device))

    def fetch(self, items: Sequence[int], window: Window) -> Frames:
        """See `Source`; texts pay no attention to the window."""
        chosen = torch.as_tensor(items, dtype=torch.int64, device=self.numbers.device)
        nothing = torch.empty(len(chosen), 0, dtype=torch.int64, device=chosen.device)
        return Frames(self.numbers[chosen], nothing, nothing)


@dataclass(frozen=True)
class RawTexts:
    """Texts as they are written. Cutting them into words waits until it is known which of them are used.

    Attributes:
        texts: `(n,)`.
        vocabulary: Says the numbers of the words; None until it is made from the texts.
    """

    texts: Sequence[str]
    vocabulary: Vocabulary | None = None

    def __len__(self) -> int:
        return len(self.texts)

    def pick(self, items: Sequence[int]) -> "RawTexts":
        """The texts `items`, in that order."""
        return replace(self, texts=[self.texts[i] for i in items])

    def words(self) -> list[list[str]]:
        """The words of every text."""
        return [tokens(text) for text in self.texts]

    def fetch(self, items: Sequence[int], window: Window) -> Frames:
        """See `Source`.

        Raises:
            TypeError: The texts have no vocabulary yet.
        """
        return self._encoded.fetch(items, window)

    @cached_property
    def _encoded(self) -> Texts:
        if self.vocabulary is None:
            raise TypeError("texts have no numbers before there is a vocabulary; load them with load_splits")
        return Texts(self.vocabulary.numbers(self.words()))
