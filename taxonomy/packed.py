"""Many names as pieces of one text: no string is made before it is asked for, and then in the order wanted."""

from collections.abc import Iterator, Sequence
from typing import TypeVar, overload

import numpy as np

from .arrays import Ints
from .hashing import Pieces

T = TypeVar("T")

_BLOCK = 1 << 16  # names that are made at a time: the indices of their bytes should stay small


class PackedNames(Sequence[str]):
    """Names that stand in a text.

    A million strings take 60 MB, and putting them into another order takes longer than making them anew, since
    they lie all over the memory. So a reader of big files gives this, and the strings are made once, in the
    order of the nodes.

    Whoever makes one answers for it that the names are unique, not empty, and free of tabs and line breaks.
    """

    def __init__(self, pieces: Pieces) -> None:
        """Takes the names' places in their text."""
        self._pieces = pieces

    def __len__(self) -> int:
        return len(self._pieces)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return self.take(np.arange(len(self))[index])
        start = self._pieces.start[index]
        return self._pieces.text[start : start + self._pieces.length[index]].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        return iter(self.take(np.arange(len(self))))

    def take(self, nodes: Ints) -> list[str]:
        """Several names, `(len(nodes),)`."""
        text, start = self._pieces.text, self._pieces.start
        found: list[str] = []
        for low in range(0, len(nodes), _BLOCK):
            block = nodes[low : low + _BLOCK]
            counts = self._pieces.length[block].astype(np.intp) + 1  # with the byte behind, which becomes a break
            ends = np.cumsum(counts)
            piece = text[np.arange(ends[-1]) + np.repeat(start[block] - (ends - counts), counts)]
            piece[ends - 1] = ord("\n")
            found += piece[:-1].tobytes().decode().split("\n")
        return found


def pick(values: Sequence[T], nodes: Ints) -> list[T]:
    """The values of several nodes, `(len(nodes),)`."""
    if isinstance(values, PackedNames):
        return values.take(nodes)  # type: ignore[return-value]
    return list(map(values.__getitem__, nodes.tolist()))
