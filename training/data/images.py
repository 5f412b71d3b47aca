"""Images with classes: what every data set becomes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

#: Sets whose 8-bit pixels need no more than this are decoded once; bigger ones image by image, when asked.
IN_MEMORY_BYTES = 1 << 30

#: Largest number of images looked at for the mean and standard deviation of a set that is not in memory.
STATISTICS_SAMPLE = 2000


class Pixels(Protocol):
    """Where the pixels of a set come from: files, a drawing rule, or memory."""

    def __len__(self) -> int:
        """Number of images."""
        ...

    def __getitem__(self, item: int) -> Tensor:
        """One image, uint8 `(3, size, size)`."""
        ...

    def pick(self, items: Sequence[int]) -> "Pixels":
        """The images `items`, in that order."""
        ...

    def decode(self) -> Tensor:
        """All images, uint8 `(n, 3, size, size)`."""
        ...


@dataclass(frozen=True)
class Memory:
    """Pixels in memory.

    Attributes:
        tensor: uint8 `(n, 3, size, size)`.
    """

    tensor: Tensor

    def __len__(self) -> int:
        return len(self.tensor)

    def __getitem__(self, item: int) -> Tensor:
        return self.tensor[item]

    def pick(self, items: Sequence[int]) -> "Memory":
        """The images `items`, in that order."""
        return Memory(self.tensor[torch.as_tensor(items, dtype=torch.int64)])

    def decode(self) -> Tensor:
        """All images."""
        return self.tensor


@dataclass(frozen=True, eq=False)
class Images(Dataset[tuple[Tensor, int]]):
    """Images of one split.

    Attributes:
        classes: Names of the classes, in class order.
        targets: int64 `(n,)`, the class of every image, an index of `classes`.
        names: What to call every image in a message: its path, or how it was drawn.
        pixels: Where the pixels come from.
    """

    classes: tuple[str, ...]
    targets: Tensor
    names: Sequence[str]
    pixels: Pixels

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, item: int) -> tuple[Tensor, int]:
        return self.pixels[item], int(self.targets[item])

    @property
    def counts(self) -> Tensor:
        """Number of images of every class, int64 `(n_classes,)`."""
        return torch.bincount(self.targets, minlength=len(self.classes))

    def subset(self, items: Sequence[int]) -> "Images":
        """The images `items`, in that order; the classes stay."""
        return Images(
            self.classes,
            self.targets[torch.as_tensor(items, dtype=torch.int64)],
            [self.names[i] for i in items],
            self.pixels.pick(items),
        )

    def with_classes(self, classes: tuple[str, ...], place: Sequence[int]) -> "Images":
        """The same images under other classes: old class `c` becomes `classes[place[c]]`."""
        return replace(self, classes=classes, targets=torch.as_tensor(place, dtype=torch.int64)[self.targets])

    def loaded(self, size: int, limit: int = IN_MEMORY_BYTES) -> "Images":
        """The same images in memory, where `3 * size * size` bytes an image stay within `limit` bytes."""
        if isinstance(self.pixels, Memory) or len(self) * 3 * size * size > limit:
            return self
        return replace(self, pixels=Memory(self.pixels.decode()))


def channel_statistics(pixels: Pixels) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of the three channels over all pixels, in 0..1.

    Of a set that is not in memory at most 2,000 images are looked at, evenly spaced.

    Returns:
        Mean `(3,)` and standard deviation `(3,)`. The latter is at least one grey step, 1/255, so that
        dividing by it is safe.
    """
    if not isinstance(pixels, Memory):
        spaced = np.linspace(0, len(pixels) - 1, num=min(len(pixels), STATISTICS_SAMPLE))
        pixels = Memory(pixels.pick([int(i) for i in spaced]).decode())
    # A count per value is exact; blocks keep the widened copies of a big set small.
    counts = np.zeros((3, 256), dtype=np.int64)
    for start in range(0, len(pixels), 1000):
        channels = pixels.tensor[start : start + 1000].unbind(1)
        counts += [np.bincount(channel.numpy().ravel(), minlength=256) for channel in channels]
    share = counts / counts.sum(axis=1, keepdims=True)
    value = np.arange(256) / 255
    mean = share @ value
    std = np.sqrt((share * (value - mean[:, None]) ** 2).sum(axis=1))
    return tuple(mean.tolist()), tuple(np.maximum(std, 1 / 255).tolist())
