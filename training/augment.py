"""Random changes of training images: on a whole batch, on the batch's device, each image by its place in the stream.

An image comes out the same, bit for bit, in whatever batch it stands. The functions that draw stand beside the ones
that do: `flip`, `shift` and the like are exact and need no randomness. docs/pipelines.md says where every number comes
from.

[BD20]: Barz & Denzler, "Deep learning on small datasets without pre-training using cosine loss", WACV 2020.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from . import erasing, trivial
from .data.frames import Frames
from .erasing import Erasure, erase_, random_boxes, shown
from .jitter import jitter, random_factors
from .randomness import seed_for, streams, uniform

KINDS = ("flip", "shift", "erase", "crop", "resized-crop", "jitter", "trivial")
"""Their order is part of every result: new ones go to the end."""

#: Largest shift as a share of the side: 4.8 of 32 pixels, as [BD20] for CIFAR-100.
SHIFT = 0.15


def augment(frames: Frames, kinds: Sequence[str], positions: Tensor, seed: int) -> Tensor:
    """Draw changes and carry them out.

    Args:
        frames: What was cut out of the images, uint8 `(n, channels, size, size)`.
        kinds: Which of `KINDS`; their order does not matter. Those of the window are left to `ImageView.window`.
        positions: int64 `(n,)`, places in the stream of training images: all randomness comes from them.
        seed: Seed of the run.

    Returns:
        float32 `(n, channels, size, size)` in 0..1.
    """
    return changed(frames.inputs, drawn(frames, kinds, positions, seed))


@dataclass(frozen=True)
class Changes:
    """What happens to some images; None where nothing of the kind does.

    Attributes:
        mirrored: boolean `(n,)`, which are mirrored left to right.
        trivial: float `(n, trivial.DRAWS)`, draws for TrivialAugment.
        factors: float `(n, 3)`, of contrast, brightness and saturation.
        offsets: float `(n, 2)`, shift in pixels down and to the right.
        erasure: What is erased.
    """

    mirrored: Tensor | None = None
    trivial: Tensor | None = None
    factors: Tensor | None = None
    offsets: Tensor | None = None
    erasure: Erasure | None = None

    def part(self, items: slice) -> "Changes":
        """Those of some of the images."""
        values = (getattr(self, field.name) for field in fields(self))
        return Changes(*(None if value is None else value[items] for value in values))


def drawn(frames: Frames, kinds: Sequence[str], positions: Tensor, seed: int) -> Changes:
    """Random changes; the arguments are those of `augment`."""
    size = frames.inputs.shape[-1]
    found: dict[str, Tensor] = {}
    erasure = None
    if "flip" in kinds:
        found["mirrored"] = draws(seed, "flip", positions, 1)[:, 0] < 0.5
    if "trivial" in kinds:
        found["trivial"] = draws(seed, "trivial", positions, trivial.DRAWS)
    if "jitter" in kinds:
        found["factors"] = random_factors(draws(seed, "jitter", positions, 3))
    if "shift" in kinds:
        found["offsets"] = (2 * draws(seed, "shift", positions, 2) - 1) * (SHIFT * size)
    if "erase" in kinds:
        mirrored = found.get("mirrored", torch.zeros_like(positions, dtype=torch.bool))
        boxes = random_boxes(frames.sizes, draws(seed, "erase", positions, erasing.DRAWS))
        rows, columns = shown(frames.sizes, frames.boxes, mirrored, size)
        erasure = Erasure(boxes, rows, columns, streams(_key(seed, "erase", 1), positions))
    return Changes(**found, erasure=erasure)


def changed(pixels: Tensor, changes: Changes) -> Tensor:
    """Flip, TrivialAugment, jitter, shift, erase: in this order, each image by itself.

    Args:
        pixels: uint8 `(n, channels, size, size)`; they stay as they are.
        changes: What is to be done.

    Returns:
        float32 `(n, channels, size, size)` in 0..1.
    """
    if changes.mirrored is not None:
        pixels = flip(pixels, changes.mirrored)
    if changes.trivial is not None:
        pixels = trivial.trivial_augment(pixels, changes.trivial)
    out = to_float(pixels) if changes.factors is None else jitter(pixels, changes.factors)
    if changes.offsets is not None:
        out = shift(out, changes.offsets)
    if changes.erasure is not None:
        erase_(out, changes.erasure)
    return out


def draws(seed: int, kind: str, positions: Tensor, count: int) -> Tensor:
    """The uniform numbers of one kind, float32 `(n, count)` in [0, 1)."""
    return uniform(_key(seed, kind), positions, count)


def _key(seed: int, kind: str, *numbers: int) -> int:
    return seed_for(seed, "augmentation", KINDS.index(kind), *numbers)


def to_float(images: Tensor) -> Tensor:
    """uint8 images in 0..1, float32, in memory of their own."""
    return images.to(torch.float32).div_(255)


def flip(images: Tensor, chosen: Tensor) -> Tensor:
    """Mirror the `chosen` images, boolean `(n,)`, left to right."""
    if images.device.type != "cpu":
        # Looking at `chosen` would make a GPU wait.
        return torch.where(chosen[:, None, None, None], images.flip(-1), images)
    out = images.clone()
    for place, image, mirrored in zip(out, images, chosen.tolist(), strict=True):
        if mirrored:
            place.copy_(image.flip(-1))
    return out


def shift(images: Tensor, offsets: Tensor) -> Tensor:
    """Move every image by its own offset; the edge pixels fill what becomes free.

    Between pixels the value is interpolated bilinearly.

    Args:
        images: float `(n, channels, height, width)`.
        offsets: float `(n, 2)`, pixels down and pixels to the right.
    """
    height, width = images.shape[-2:]
    # Where each pixel of the result comes from, in the coordinates of grid_sample: the image's edges are
    # at -1 and 1, the centre of pixel i of n at (2 i + 1) / n - 1.
    rows = torch.arange(height, device=images.device) - offsets[:, :1]
    columns = torch.arange(width, device=images.device) - offsets[:, 1:]
    y = ((2 * rows + 1) / height - 1)[:, :, None].expand(-1, -1, width)
    x = ((2 * columns + 1) / width - 1)[:, None, :].expand(-1, height, -1)
    grid = torch.stack([x, y], dim=-1)  # (n, height, width, 2)
    return grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)


def normalize(images: Tensor, mean: Sequence[float], std: Sequence[float], out: Tensor | None = None) -> Tensor:
    """Subtract the mean and divide by the standard deviation of each channel.

    Args:
        images: float32 `(n, channels, size, size)` in 0..1.
        mean: `(channels,)` in 0..1.
        std: `(channels,)` in 0..1.
        out: Where to put the result; new memory without it.

    Returns:
        float32 `(n, channels, size, size)`, in memory with the channels last.
    """
    if out is None:
        out = torch.empty_like(images, memory_format=torch.channels_last)
    # Rows of pixels with all their channels: arithmetic on long rows is several times as fast as on groups of three.
    rows = images.permute(0, 2, 3, 1).flatten(2)
    done = out.permute(0, 2, 3, 1).view(rows.shape)
    centre, spread = (torch.tensor(v, device=images.device).repeat(images.shape[-1]) for v in (mean, std))
    torch.sub(rows, centre, out=done).div_(spread)
    return out
