"""The words that a text network knows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Words by number.

    Attributes:
        words: `(n_words,)`; number 0 stands behind the end of a text, number 1 for every unknown word.
        vectors: float32 `(n_words, dim)`, one vector per word; None where the network learns them.
    """

    words: tuple[str, ...]
    vectors: NDArray[np.float32] | None
