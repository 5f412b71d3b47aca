"""How a network sees the items of a set: from what a source hands over to its input."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from .augment import augment, draws, normalize
from .config import TrainConfig
from .data.frames import Anywhere, Centre, Frames, Window
from .data.splits import Statistics


class View(Protocol):
    """A window is chosen where the items are read, the rest happens on the device of the network."""

    def window(self, positions: Tensor) -> Window:
        """Which part of each image is wanted.

        Args:
            positions: int64 `(n,)`, places in the stream of training items: all randomness comes from them.
        """
        ...

    def inputs(self, frames: Frames, positions: Tensor) -> Tensor:
        """What the network sees: float `(n, channels, size, size)`, or int64 `(n, length)` of texts."""
        ...


@dataclass(frozen=True)
class ImageView:
    """Images, cut, changed at random, and normalised.

    Attributes:
        size: Side in pixels.
        mean: `(channels,)` in 0..1, of the images that the network is trained on.
        std: `(channels,)`, likewise.
        kinds: Random changes, of `augment.KINDS`; none for images that are scored.
        seed: Seed of the run.
    """

    size: int
    mean: Sequence[float]
    std: Sequence[float]
    kinds: tuple[str, ...] = ()
    seed: int = 0

    def window(self, positions: Tensor) -> Window:
        """See `View`."""
        if "crop" in self.kinds:
            return Anywhere(self.size, draws(self.seed, "crop", positions, 2))
        return Centre(self.size)

    def inputs(self, frames: Frames, positions: Tensor) -> Tensor:
        """See `View`."""
        images = augment(frames, self.kinds, positions, self.seed)
        return normalize(images, self.mean, self.std).contiguous(memory_format=torch.channels_last)


@dataclass(frozen=True)
class TextView:
    """Texts as they are."""

    def window(self, positions: Tensor) -> Window:
        """See `View`; texts pay no attention to it."""
        return Centre(1)

    def inputs(self, frames: Frames, positions: Tensor) -> Tensor:
        """See `View`."""
        return frames.inputs


def view_of(config: TrainConfig, statistics: Statistics, *, training: bool = True) -> View:
    """The view of a training.

    Args:
        config: Says the size and the random changes.
        statistics: Mean and deviation of the channels; none for texts.
        training: Whether the items are trained on: then they are changed at random.
    """
    if not statistics.mean:
        return TextView()
    kinds = config.augment if training else ()
    return ImageView(config.data.image_size, statistics.mean, statistics.std, kinds, config.seed)
