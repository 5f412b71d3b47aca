"""What is cut out of images for a batch: whole images in, windows of one size out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import grid_sample
from torchvision.transforms.v2 import functional

#: Of a resized crop: the share of the image, its width over its height, and how many draws may miss the image.
CROP_SHARE = (0.35, 1.0)
CROP_ASPECT = (3 / 4, 4 / 3)
CROP_ATTEMPTS = 10


class Window(Protocol):
    """Which part of each image of a batch is shown."""

    @property
    def size(self) -> int:
        """Side of what is shown, in pixels."""
        ...

    def boxes(self, sizes: Tensor) -> Tensor:
        """Top, left, height and width of the part in the whole image, int64 `(n, 4)`.

        A part of `size` x `size` pixels may stick out of the image, which is then continued by its mirror image. A
        part of another size lies inside, and is resized.

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
        return torch.cat([(sizes - side).div(2, rounding_mode="trunc"), side], dim=1)


@dataclass(frozen=True)
class Anywhere:
    """A place for every image, uniform among those where the window fits; where it is larger, where the image fits.

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
        # As doubles the products are exact, so that none rounds up to the end.
        place = (self.draws.double() * (room.abs() + 1)).floor().long()
        return torch.cat([room.sign() * place, side], dim=1)


@dataclass(frozen=True)
class Resized:
    """A part of every image, of random size, shape and place, which is resized: torchvision's `RandomResizedCrop`.

    The share of the image is uniform in `CROP_SHARE`, the logarithm of width over height uniform in that of
    `CROP_ASPECT`. Parts that do not fit are drawn again, `CROP_ATTEMPTS` times in all; then it is the middle of the
    image, as much of it as the range of shapes permits.

    Attributes:
        size: Side of the result, in pixels.
        draws: Uniform numbers, float `(n, Resized.DRAWS)` in [0, 1).
    """

    size: int
    draws: Tensor

    DRAWS = 2 + 2 * CROP_ATTEMPTS

    def boxes(self, sizes: Tensor) -> Tensor:
        """See `Window`."""
        draws, sides = self.draws.double(), sizes.double()
        share = CROP_SHARE[0] + draws[:, 2::2] * (CROP_SHARE[1] - CROP_SHARE[0])
        log_aspect = math.log(CROP_ASPECT[0]) + draws[:, 3::2] * math.log(CROP_ASPECT[1] / CROP_ASPECT[0])
        area, aspect = share * sides.prod(1, keepdim=True), log_aspect.exp()
        # (n, attempts, 2), and the middle as the last attempt, which always fits.
        drawn = torch.stack([(area / aspect).sqrt(), (area * aspect).sqrt()], dim=2).round().long()
        tried = torch.cat([drawn, _largest(sizes)[:, None]], dim=1)
        fits = ((tried > 0) & (tried <= sizes[:, None])).all(2)
        first = (fits.cumsum(1) == 0).sum(1)
        shape = tried[torch.arange(len(tried)), first]
        place = torch.where(first[:, None] < CROP_ATTEMPTS, draws[:, :2], 0.5) * (sizes - shape + 1)
        middle = (sizes - shape).div(2, rounding_mode="floor")
        top_left = torch.where(first[:, None] < CROP_ATTEMPTS, place.floor().long(), middle)
        return torch.cat([top_left, shape], dim=1)


def _largest(sizes: Tensor) -> Tensor:
    """Height and width of the largest middle part whose shape is within `CROP_ASPECT`, int64 `(n, 2)`."""
    height, width = sizes.unbind(1)
    high = (width / CROP_ASPECT[0]).round().long().minimum(height)
    wide = (height * CROP_ASPECT[1]).round().long().minimum(width)
    return torch.stack([high, wide], dim=1)


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


def channels_first(images: Tensor) -> Tensor:
    """The same images, uint8 `(n, channels, height, width)`, with one channel after the other in memory."""
    if images.is_contiguous() or images.device.type != "cpu":
        return images.contiguous()
    # Some ten times as fast as torch.
    return torch.from_numpy(np.ascontiguousarray(images.numpy()))


def cut(images: Sequence[Tensor], window: Window) -> Frames:
    """The windows of whole images.

    Args:
        images: uint8 `(channels, height, width)` each, channels first or last in memory.
        window: Which part of each.

    Returns:
        Frames whose pixels lie in memory with the channels last, as networks want them in the end.
    """
    sizes = torch.tensor([tuple(image.shape[1:]) for image in images])
    boxes = window.boxes(sizes)
    shape = (len(images), images[0].shape[0], window.size, window.size)
    out = torch.empty(shape, dtype=torch.uint8, device=images[0].device, memory_format=torch.channels_last)
    for place, image, box in zip(out, images, boxes.tolist(), strict=True):
        _put(cut_one(image, box, window.size), place)
    return Frames(out, sizes, boxes)


def _put(part: Tensor, place: Tensor) -> None:
    """Copy pixels; channel by channel where they change from channels first to last, which torch is slow at."""
    if part.stride(0) == 1 or part.device.type != "cpu":
        place.copy_(part)
    else:
        for source, target in zip(part.numpy(), place.numpy(), strict=True):
            target[:] = source


def cut_one(image: Tensor, box: Sequence[int], size: int) -> Tensor:
    """One part, uint8 `(channels, size, size)`; what sticks out of the image is its mirror image.

    Args:
        image: uint8 `(channels, height, width)`.
        box: Top, left, height, width.
        size: Side of the result.
    """
    top, left, height, width = box
    if (height, width) != (size, size) and max(image.shape[1:]) <= size:
        return enlarged(image[None], torch.tensor([box]), size)[0]
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
    return reflected(torch.arange(start, start + count), length)


def reflected(places: Tensor, length: Tensor | int) -> Tensor:
    """Which of `length` pixels stand at some places, int64; beyond the ends by reflection at the end pixel."""
    last = torch.as_tensor(length, device=places.device) - 1
    return ((places + last) % (2 * last).clamp(min=1) - last).abs()


def enlarged(images: Tensor, boxes: Tensor, size: int) -> Tensor:
    """Parts of images that are resized to no smaller size, all at once.

    The same as bilinear resizing of what was cut out: nothing outside of the part is looked at.

    Args:
        images: uint8 `(n, channels, height, width)`.
        boxes: int64 `(n, 4)`, top, left, height, width; inside the images, and neither side longer than `size`.
        size: Side of the result.

    Returns:
        uint8 `(n, channels, size, size)`.
    """
    middles = (torch.arange(size, device=images.device) + 0.5) / size
    y, x = (_within(middles, boxes[:, i], boxes[:, i + 2], images.shape[2 + i]) for i in (0, 1))
    grid = torch.stack([x[:, None, :].expand(-1, size, -1), y[:, :, None].expand(-1, -1, size)], dim=-1)
    out = grid_sample(images.float(), grid, mode="bilinear", padding_mode="border", align_corners=False)
    return out.round_().to(torch.uint8)


def _within(middles: Tensor, start: Tensor, count: Tensor, length: int) -> Tensor:
    """Places in a part of a side in the coordinates of grid_sample, whose ends -1 and 1 are the image's edges.

    Args:
        middles: `(size,)`, places in the part, whose ends are 0 and 1.
        start: `(n,)`, first pixel of the part.
        count: `(n,)`, pixels of the part.
        length: Pixels of the whole side.
    """
    inside = (middles * count[:, None]).clamp(min=0.5).minimum(count[:, None] - 0.5)
    return 2 * (start[:, None] + inside) / length - 1
