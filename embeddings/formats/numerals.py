"""Numbers as text that reads back as the very same numbers, row by row."""

from array import array
from collections.abc import Iterable, Iterator
from math import isfinite

import numpy as np

from taxo.taxonomy import NotEmbeddable

from ..embedding import Dense, Embedding

_BLOCK = 256  # rows that are made into Python's numbers, or written out from a sparse matrix, at a time
_MOST_ZEROS = 20_000_000  # numbers of a sparse embedding that are written out: about 100 MB of text


def rows(embedding: Embedding, separator: str) -> Iterator[str]:
    """The numbers of each class as one text, with `separator` between them.

    float64 is written with the fewest digits that read back as the same number (at most 17), float32 with up to nine,
    which are enough for it.

    Raises:
        NotEmbeddable: Sparse vectors of more than twenty million numbers.
    """
    n, dim = embedding.vectors.shape
    if embedding.is_sparse and n * dim > _MOST_ZEROS:
        raise NotEmbeddable(
            f"written out, the sparse vectors of {n} classes in {dim} dimensions are {n * dim} numbers, more than "
            f"{_MOST_ZEROS}; .npz, .safetensors and .pt keep them sparse"
        )
    single = separator.join(["%.9g"] * dim) if embedding.vectors.dtype == np.float32 else ""
    for low in range(0, n, _BLOCK):
        block = embedding.vectors[low : low + _BLOCK]
        dense = block if isinstance(block, np.ndarray) else block.toarray()
        for row in dense.tolist():
            text = single % tuple(row) if single else separator.join(map(repr, row))
            yield _signed_zeros(text, separator) if "-0" in text else text


def _signed_zeros(text: str, separator: str) -> str:
    """JSON reads "-0" as a whole number, which has no sign."""
    return separator.join("-0.0" if number == "-0" else number for number in text.split(separator))


class Rows:
    """Collects the numbers of a text file.

    Args:
        dim: How many there are in a row.
        dtype: "float64" or "float32".
    """

    def __init__(self, dim: int, dtype: str = "float64") -> None:
        self.dim = dim
        self._numbers = array("f" if dtype == "float32" else "d")

    def add(self, cells: list[str]) -> str:
        """Take a row over; says what is wrong with it, "" if nothing is.

        Example:
            >>> Rows(2).add(["0.5", "half"])
            "number 2 is 'half'; a number such as 0.25 is expected"
        """
        if len(cells) != self.dim:
            return f"{len(cells)} numbers where {self.dim} are needed; is the line whole?"
        try:
            self.extend(map(float, cells))
        except ValueError:
            place, cell = next((i, cell) for i, cell in enumerate(cells) if not is_number(cell))
            return f"number {place + 1} is {cell[:40]!r}; a number such as 0.25 is expected"
        if not self.last_is_finite():
            place = next(i for i in range(self.dim) if not isfinite(self._numbers[i - self.dim]))
            return f"number {place + 1} is {cells[place][:40]!r}; all numbers must be finite"
        return ""

    def extend(self, numbers: Iterable[float]) -> None:
        """Take numbers over as they are."""
        self._numbers.extend(numbers)

    def last_is_finite(self) -> bool:
        """Whether the last row holds neither NaN nor infinity."""
        return not self.dim or all(map(isfinite, self._numbers[-self.dim :]))

    def matrix(self, n: int) -> Dense:
        """All `n` rows, `(n, dim)`."""
        flat = np.frombuffer(self._numbers, dtype=self._numbers.typecode) if self._numbers else np.zeros(0)
        return flat.astype(self._numbers.typecode, copy=False).reshape(n, self.dim)


def is_number(cell: str) -> bool:
    """Whether a text is a number, as Python reads it."""
    try:
        float(cell)
    except ValueError:
        return False
    return True
