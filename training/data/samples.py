"""Items with classes, images or texts: what every data set becomes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from .frames import Centre, Frames, Window

#: Largest number of images looked at for the mean and standard deviation of a set that is not in memory.
STATISTICS_SAMPLE = 2000


class Source(Protocol):
    """Where the content of the items comes from: files, memory, a drawing rule, numbers of words."""

    def __len__(self) -> int:
        """Number of items."""
        ...

    def pick(self, items: Sequence[int]) -> "Source":
        """The items `items`, in that order."""
        ...

    def fetch(self, items: Sequence[int], window: Window) -> Frames:
        """The content of some items.

        Args:
            items: Which ones, in this order.
            window: Of images: the part that is wanted. Texts pay no attention to it.

        Raises:
            TaxoError: Items cannot be read; the message names up to ten of them.
        """
        ...


@dataclass(frozen=True, eq=False)
class Samples:
    """Items of one split.

    Attributes:
        classes: Names of the classes, in class order.
        targets: int64 `(n,)`, the class of every item, an index of `classes`.
        names: What to call every item in a message: its path, its line, or how it was drawn.
        source: Where the content comes from.
    """

    classes: tuple[str, ...]
    targets: Tensor
    names: Sequence[str]
    source: Source

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def counts(self) -> Tensor:
        """Number of items of every class, int64 `(n_classes,)`."""
        return torch.bincount(self.targets, minlength=len(self.classes))

    def subset(self, items: Sequence[int]) -> "Samples":
        """The items `items`, in that order; the classes stay."""
        return Samples(
            self.classes,
            self.targets[torch.as_tensor(items, dtype=torch.int64)],
            [self.names[i] for i in items],
            self.source.pick(items),
        )

    def with_classes(self, classes: tuple[str, ...], place: Sequence[int]) -> "Samples":
        """The same items under other classes: old class `c` becomes `classes[place[c]]`."""
        return replace(self, classes=classes, targets=torch.as_tensor(place, dtype=torch.int64)[self.targets])

    def with_source(self, source: Source) -> "Samples":
        """The same items with their content from elsewhere."""
        return replace(self, source=source)


def channel_statistics(source: Source, size: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of the channels over the centres of the images, in 0..1.

    Of more than 2,000 images that many are looked at, evenly spaced.

    Args:
        source: Images.
        size: Side of the centre.

    Returns:
        Mean `(channels,)` and standard deviation `(channels,)`. The latter is at least one grey step, 1/255, so that
        dividing by it is safe.
    """
    spaced = np.linspace(0, len(source) - 1, num=min(len(source), STATISTICS_SAMPLE)).astype(int).tolist()
    counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]] | int = 0
    # A count per value is exact; blocks keep what is decoded at a time small.
    for start in range(0, len(spaced), 100):
        channels = source.fetch(spaced[start : start + 100], Centre(size)).inputs.cpu().unbind(1)
        counts = counts + np.stack([np.bincount(channel.numpy().ravel(), minlength=256) for channel in channels])
    share = np.asarray(counts) / np.asarray(counts).sum(axis=1, keepdims=True)
    value = np.arange(256) / 255
    mean = share @ value
    std = np.sqrt((share * (value - mean[:, None]) ** 2).sum(axis=1))
    return tuple(mean.tolist()), tuple(np.maximum(std, 1 / 255).tolist())
