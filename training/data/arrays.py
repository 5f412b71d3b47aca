"""Images that a data set gives as arrays: their channels and their size become those that are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchvision.transforms.v2 import functional

from .config import DataConfig
from .frames import Frames, Window
from .memory import Memory
from .samples import Samples, Source

# Weights of red, green and blue in Pillow's grey, ITU-R 601, in 1/65536.
_LUMA = (19595, 38470, 7471)

# Images resized at once: what is resized in floating point stays small beside the result.
_BLOCK = 1000


@dataclass(frozen=True)
class Resized:
    """Square pixels in memory, resized when asked for: the whole set in its new size need not fit.

    Attributes:
        tensor: uint8 `(n, channels, height, height)`.
        side: What the side becomes, in pixels.
    """

    tensor: Tensor
    side: int

    def __len__(self) -> int:
        return len(self.tensor)

    @property
    def nbytes(self) -> int:
        """Size of all images in their new size, in bytes."""
        return len(self) * self.tensor.shape[1] * self.side**2

    def pick(self, items: Sequence[int]) -> "Resized":
        """The images `items`, in that order."""
        return replace(self, tensor=self.tensor[torch.as_tensor(items, dtype=torch.int64)])

    def fetch(self, items: Sequence[int], window: Window) -> Frames:
        """See `Source`."""
        return Memory(self.pick(items).decode()).fetch(range(len(items)), window)

    def decode(self) -> Tensor:
        """All images, uint8 `(n, channels, side, side)`, as `read_image` would resize them: bilinear, antialiased."""
        shape = [self.side, self.side]
        out = torch.empty(len(self), self.tensor.shape[1], *shape, dtype=torch.uint8)
        for start in range(0, len(self), _BLOCK):
            block = self.tensor[start : start + _BLOCK]
            out[start : start + _BLOCK] = functional.resize(block, shape, antialias=True)
        return out


def samples_of_arrays(
    classes: tuple[str, ...],
    targets: NDArray[np.int64],
    names: Sequence[str],
    pixels: NDArray[np.uint8],
    config: DataConfig,
) -> Samples:
    """Samples of square images in an array.

    Args:
        classes: Names of the classes.
        targets: `(n,)` class of every image.
        names: `(n,)` what to call every image in a message.
        pixels: `(n, channels, height, height)`, 1 or 3 channels.
        config: Says the size and the channels that the images get: grey is repeated, colour becomes grey as Pillow
            does it, and a side other than `config.short_side` is resized to it, image by image when asked for.
    """
    tensor = with_channels(torch.from_numpy(pixels), config.channels)
    same = tensor.shape[2] == config.short_side
    source: Source = Memory(tensor) if same else Resized(tensor, config.short_side)
    return Samples(classes, torch.from_numpy(targets), names, source)


def with_channels(images: Tensor, channels: int) -> Tensor:
    """Images in colour or grey.

    Args:
        images: uint8 `(n, 1 or 3, height, width)`.
        channels: 3, or 1 for grey.

    Returns:
        uint8 `(n, channels, height, width)`. Grey images in colour share the memory of their channels.
    """
    if images.shape[1] == channels:
        return images
    if channels == 3:
        return images.expand(-1, 3, -1, -1)
    grey = torch.empty_like(images[:, :1])
    for start in range(0, len(images), _BLOCK):
        red, green, blue = images[start : start + _BLOCK].int().unbind(1)
        luma = _LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue
        grey[start : start + _BLOCK, 0] = ((luma + (1 << 15)) >> 16).to(torch.uint8)
    return grey
