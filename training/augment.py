"""Random changes of training images: on a whole batch, on the batch's device, each image by its place in the stream.

An image comes out the same, bit for bit, in whatever batch it stands. The functions that draw stand beside the ones
that do: `flip`, `shift` and the like are exact and need no randomness. docs/pipelines.md says where every number comes
from.

[BD20]: Barz & Denzler, "Deep learning on small datasets without pre-training using cosine loss", WACV 2020.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from . import erasing, trivial
from .data.frames import Frames
from .jitter import DRAWS as JITTER_DRAWS
from .jitter import jitter, random_factors
from .randomness import seed_for, uniform

KINDS = ("flip", "shift", "erase", "crop", "resized-crop", "jitter", "trivial")
"""Their order is part of every result: new ones go to the end."""

#: Largest shift as a share of the side: 4.8 of 32 pixels, as [BD20] for CIFAR-100.
SHIFT = 0.15


def augment(frames: Frames, kinds: Sequence[str], positions: Tensor, seed: int) -> Tensor:
    """Flip, TrivialAugment, jitter, shift, erase: in this order, each image by itself.

    Args:
        frames: What was cut out of the images, uint8 `(n, channels, size, size)`.
        kinds: Which of `KINDS`; their order does not matter. Those of the window are left to `ImageView.window`.
        positions: int64 `(n,)`, places in the stream of training images: all randomness comes from them.
        seed: Seed of the run.

    Returns:
        float32 `(n, channels, size, size)` in 0..1.
    """
    pixels = frames.inputs
    mirrored = torch.zeros_like(positions, dtype=torch.bool)
    if "flip" in kinds:
        mirrored = draws(seed, "flip", positions, 1)[:, 0] < 0.5
        pixels = flip(pixels, mirrored)
    if "trivial" in kinds:
        pixels = trivial.trivial_augment(pixels, draws(seed, "trivial", positions, trivial.DRAWS))
    if "jitter" in kinds:
        out = jitter(pixels, random_factors(draws(seed, "jitter", positions, JITTER_DRAWS)))
    else:
        out = to_float(pixels)
    if "shift" in kinds:
        reach = torch.tensor(out.shape[-2:], device=out.device) * SHIFT
        out = shift(out, (2 * draws(seed, "shift", positions, 2) - 1) * reach)
    if "erase" in kinds:
        boxes = erasing.random_boxes(frames.sizes, draws(seed, "erase", positions, erasing.DRAWS))
        noise = erasing.Noise(_key(seed, "erase", 1), positions, out.shape[1])
        erasing.erase_(out, boxes, *erasing.shown(frames.sizes, frames.boxes, mirrored, out.shape[-1]), noise)
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
    return torch.where(chosen[:, None, None, None], images.flip(-1), images)


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
