"""How a network sees the items of a set: from what a source hands over to its input."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Protocol

import torch
from torch import Tensor

from taxo.taxonomy.errors import TaxoError, unknown_choice

from .augment import KINDS, changed, drawn, draws, normalize
from .config import TrainConfig
from .data.frames import Anywhere, Centre, Frames, Resized, Window
from .data.splits import Statistics

#: On a processor, images are changed so many bytes of pixels at a time: what is made on the way stays in its cache.
PIECE_BYTES = 1 << 20


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

    Raises:
        TaxoError: A kind is unknown, or two kinds choose the window.
    """

    size: int
    mean: Sequence[float]
    std: Sequence[float]
    kinds: tuple[str, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        for kind in self.kinds:
            if kind not in KINDS:
                raise TaxoError(unknown_choice("augmentation", kind, KINDS))
        if {"crop", "resized-crop"} <= set(self.kinds):
            raise TaxoError("augmentations 'crop' and 'resized-crop' both choose what is cut out; take one of them")

    def window(self, positions: Tensor) -> Window:
        """See `View`."""
        if "crop" in self.kinds:
            return Anywhere(self.size, draws(self.seed, "crop", positions, 2))
        if "resized-crop" in self.kinds:
            return Resized(self.size, draws(self.seed, "resized-crop", positions, Resized.DRAWS))
        return Centre(self.size)

    def inputs(self, frames: Frames, positions: Tensor) -> Tensor:
        """See `View`; in memory the channels come last."""
        shape, device = frames.inputs.shape, frames.inputs.device
        out = torch.empty(shape, dtype=torch.float32, device=device, memory_format=torch.channels_last)
        changes = drawn(frames, self.kinds, positions, self.seed)
        for part in _pieces(frames.inputs):
            normalize(changed(frames.inputs[part], changes.part(part)), self.mean, self.std, out[part])
        return out


def _pieces(images: Tensor) -> list[slice]:
    """The images a few at a time on a processor, all at once elsewhere."""
    n = len(images)
    step = PIECE_BYTES // prod(images.shape[1:]) if images.device.type == "cpu" else n
    return [slice(start, start + max(1, step)) for start in range(0, n, max(1, step))]


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
