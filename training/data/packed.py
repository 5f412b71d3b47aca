"""Images of any sizes, one behind the other in one piece of memory or in a mapped file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from taxo.taxonomy.arrays import Ints

from .frames import Frames, Window, cut
from .memory import Memory


@dataclass(frozen=True, eq=False)
class Packed:
    """Decoded images.

    Attributes:
        pixels: uint8, all images after one another; a `numpy.memmap` where they lie in a file.
        starts: int64 `(n,)`, where each image begins.
        shapes: int64 `(n, 3)`, channels, height and width of each.
    """

    pixels: NDArray[np.uint8]
    starts: Ints
    shapes: Ints

    @classmethod
    def of(cls, pixels: NDArray[np.uint8], shapes: Ints) -> "Packed":
        """Images that follow each other without a gap."""
        sizes = shapes.prod(axis=1)
        return cls(pixels, np.cumsum(sizes) - sizes, shapes)

    def __len__(self) -> int:
        return len(self.shapes)

    @property
    def nbytes(self) -> int:
        """Bytes of these images, which may be some of those in `pixels`."""
        return int(self.shapes.prod(axis=1).sum())

    def pick(self, items: Sequence[int]) -> "Packed":
        """The images `items`, in that order; nothing is copied."""
        chosen = np.asarray(items, dtype=np.intp)
        return replace(self, starts=self.starts[chosen], shapes=self.shapes[chosen])

    def fetch(self, items: Sequence[int], window: Window) -> Frames:
        """See `Source`."""
        return cut([self.image(item) for item in items], window)

    def image(self, item: int) -> Tensor:
        """One whole image, uint8 `(channels, height, width)`; a view of `pixels`."""
        start, shape = int(self.starts[item]), self.shapes[item].tolist()
        return torch.from_numpy(self.pixels[start : start + int(np.prod(shape))].reshape(shape))

    def loaded(self) -> "Memory | Packed":
        """The same in memory, without the images between that are not among these: `Memory` where all have one size."""
        packed = self._copied() if isinstance(self.pixels, np.memmap) or not self._gapless() else self
        if not len(self) or (self.shapes != self.shapes[0]).any():
            return packed
        return Memory(torch.from_numpy(packed.pixels).view(len(self), *self.shapes[0].tolist()))

    def _gapless(self) -> bool:
        alike = Packed.of(self.pixels, self.shapes)
        return self.nbytes == self.pixels.size and np.array_equal(self.starts, alike.starts)

    def _copied(self) -> "Packed":
        if self._gapless():
            return replace(self, pixels=np.array(self.pixels))
        copy = Packed.of(np.empty(self.nbytes, dtype=np.uint8), self.shapes)
        for start, old, size in zip(copy.starts, self.starts, self.shapes.prod(axis=1), strict=True):
            copy.pixels[start : start + size] = self.pixels[old : old + size]
        return copy

    def __reduce__(self) -> tuple[Any, ...]:
        # A memmap would be pickled with all that it maps; a worker process is to map the file itself.
        if isinstance(self.pixels, np.memmap) and self.pixels.filename is not None:
            place = (Path(self.pixels.filename), self.pixels.offset, self.pixels.size)
            return _mapped_again, (place, self.starts, self.shapes)
        return Packed, (self.pixels, self.starts, self.shapes)


def mapped(path: Path, offset: int, size: int) -> NDArray[np.uint8]:
    """The bytes of a file from `offset` on, read when looked at."""
    # Copy on write: torch warns about memory that it may not write to.
    return np.memmap(path, dtype=np.uint8, mode="c", offset=offset, shape=(size,))


def _mapped_again(place: tuple[Path, int, int], starts: Ints, shapes: Ints) -> Packed:
    return Packed(mapped(*place), starts, shapes)
