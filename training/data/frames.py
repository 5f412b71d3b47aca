"""What is cut out of images for a batch: whole images in, windows of one size out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional


class Window(Protocol):
    """Which part of each image of a batch is shown."""

    @property
    def size(self) -> int:
        """Side of what is shown, in pixels."""
        ...

    def boxes(self, sizes: Tensor) -> Tensor:
        """Top, left, height and width of the part in the whole image, int64 `(n, 4)`.

        A part may stick out of the image, which is then continued by its mirror image. A part that is no
        square of `size` is resized to one.

        Args:
            sizes: Height and width of the whole images, int64 `(n, 2)`.
        """
        ...


@dataclass(frozen=True)
class Centre:
    """The middle of every image.

    Attributes:
        size: Side in pixels.
    """

    size: int

    def boxes(self, sizes: Tensor) -> Tensor:
        """See `Window`."""
        side = torch.full_like(sizes, self.size)
        return torch.cat([(sizes - side).div(2, rounding_mode="floor"), side], dim=1)


@dataclass(frozen=True)
class Anywhere:
    """A place for every image, uniform among those where the window fits; the middle of a side that is too short.

    Attributes:
        size: Side in pixels.
        draws: Uniform numbers, float `(n, 2)` in [0, 1).
    """

    size: int
    draws: Tensor

    def boxes(self, sizes: Tensor) -> Tensor:
        """See `Window`."""
        side = torch.full_like(sizes, self.size)
        room = sizes - side
        # The product can round up to the end.
        free = (self.draws * (room + 1)).floor().long().minimum(room)
        return torch.cat([torch.where(room < 0, room.div(2, rounding_mode="floor"), free), side], dim=1)


@dataclass(frozen=True)
class Frames:
    """What a source hands over for a batch.

    Attributes:
        inputs: uint8 `(n, channels, size, size)`, or int64 `(n, length)`: the numbers of words, 0 behind the end.
        sizes: int64 `(n, 2)`, height and width of the whole images; empty where there are none.
        boxes: int64 `(n, 4)`, top, left, height and width of the part that is shown; likewise.
    """

    inputs: Tensor
    sizes: Tensor
    boxes: Tensor

    def to(self, device: torch.device) -> "Frames":
        """The inputs on a device; the other two, which decide about what is done there, likewise."""
        moved = (t.to(device, non_blocking=True) for t in (self.inputs, self.sizes, self.boxes))
        return Frames(*moved)

    def pin(self) -> "Frames":
        """The inputs in memory that a GPU reads directly."""
        return replace(self, inputs=self.inputs.pin_memory())


def cut(images: Sequence[Tensor], window: Window) -> Frames:
    """The windows of whole images.

    Args:
        images: uint8 `(channels, height, width)` each.
        window: Which part of each.
    """
    sizes = torch.tensor([tuple(image.shape[1:]) for image in images])
    boxes = window.boxes(sizes)
    parts = [cut_one(image, box, window.size) for image, box in zip(images, boxes.tolist(), strict=True)]
    return Frames(torch.stack(parts), sizes, boxes)


def cut_one(image: Tensor, box: Sequence[int], size: int) -> Tensor:
    """One part, uint8 `(channels, size, size)`; what sticks out of the image is its mirror image.

    Args:
        image: uint8 `(channels, height, width)`.
        box: Top, left, height, width.
        size: Side of the result.
    """
    top, left, height, width = box
    rows = mirrored(image.shape[1], top, height)
    columns = mirrored(image.shape[2], left, width)
    part = image[:, rows][:, :, columns]
    if (height, width) == (size, size):
        return part
    resized: Tensor = functional.resize(part, [size, size], antialias=True)
    return resized


def mirrored(length: int, start: int, count: int) -> Tensor | slice:
    """Which of `length` pixels stand at `start`, `start + 1` ...; beyond the ends by reflection at the end pixel."""
    if start >= 0 and start + count <= length:
        return slice(start, start + count)
    period = max(2 * (length - 1), 1)
    places = np.abs((np.arange(start, start + count) + length - 1) % period - (length - 1))
    return torch.from_numpy(places)
