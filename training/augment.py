"""Random changes of training images: on a whole batch, on the batch's device, from an explicit generator.

The functions that draw stand beside the ones that do: `flip`, `shift` and `erase` are exact and need no
randomness.

[BD20]: Barz & Denzler, "Deep learning on small datasets without pre-training using cosine loss", WACV 2020.
"""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor
from torch.nn.functional import grid_sample

from taxo.taxonomy.errors import TaxoError, did_you_mean, near_matches

KINDS = ("flip", "shift", "erase")

#: Largest shift as a share of the side: 4.8 of 32 pixels, as [BD20] for CIFAR-100.
SHIFT = 0.15

#: Random erasing as [BD20]: probability, range of the erased share, range of height over width.
ERASE_PROBABILITY = 0.5
ERASE_AREA = (0.02, 0.3)
ERASE_ASPECT = (0.3, 3.33)


def augment(images: Tensor, kinds: Sequence[str], generator: Generator) -> Tensor:
    """Flip, then shift, then erase at random, each image by itself.

    Args:
        images: uint8 `(n, 3, size, size)`.
        kinds: Which of "flip", "shift" and "erase"; their order does not matter.
        generator: Source of all randomness. On the images' device it spares a transfer.

    Returns:
        float32 `(n, 3, size, size)` in 0..1.

    Raises:
        TaxoError: An unknown kind.
    """
    for kind in kinds:
        if kind not in KINDS:
            near = did_you_mean(near_matches(kind, KINDS))
            raise TaxoError(f"unknown augmentation {kind!r}{near} (known: {', '.join(KINDS)})")
    out = to_float(images)
    n, _, height, width = out.shape
    if "flip" in kinds:
        out = flip(out, _uniform((n,), 0, 1, generator).to(out.device) < 0.5)
    if "shift" in kinds:
        sides = torch.tensor([height, width], device=generator.device)
        out = shift(out, (_uniform((n, 2), -SHIFT, SHIFT, generator) * sides).to(out.device))
    if "erase" in kinds:
        boxes = random_boxes(n, height, width, generator).to(out.device)
        out = erase(out, boxes, _uniform(out.shape, 0, 1, generator).to(out.device))
    return out


def normalize(images: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Subtract the mean and divide by the standard deviation of each channel.

    Args:
        images: `(n, 3, size, size)`, float in 0..1 or uint8.
        mean: `(3,)` in 0..1.
        std: `(3,)` in 0..1.
    """
    out = to_float(images)
    centre, spread = (torch.tensor(v, device=out.device, dtype=out.dtype).view(3, 1, 1) for v in (mean, std))
    return (out - centre) / spread


def to_float(images: Tensor) -> Tensor:
    """uint8 images in 0..1; others as they are."""
    return images.to(torch.float32) / 255 if images.dtype == torch.uint8 else images


def flip(images: Tensor, chosen: Tensor) -> Tensor:
    """Mirror the `chosen` images, boolean `(n,)`, left to right."""
    return torch.where(chosen[:, None, None, None], images.flip(-1), images)


def shift(images: Tensor, offsets: Tensor) -> Tensor:
    """Move every image by its own offset; the edge pixels fill what becomes free.

    Between pixels the value is interpolated bilinearly.

    Args:
        images: float `(n, 3, height, width)`.
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


def random_boxes(n: int, height: int, width: int, generator: Generator) -> Tensor:
    """What to erase: int64 `(n, 4)`, top, left, bottom, right; an empty box for images left alone.

    Zhong et al., "Random erasing data augmentation", AAAI 2020, with the numbers of [BD20]. The erased share
    and the aspect are uniform, the place is uniform among those where the box fits.
    """
    area = _uniform((n,), *ERASE_AREA, generator) * height * width
    aspect = _uniform((n,), *ERASE_ASPECT, generator)
    tall = (area * aspect).sqrt().round().clamp(max=height)
    wide = (area / aspect).sqrt().round().clamp(max=width)
    # Uniform among the whole numbers from 0 to height - tall. The product can round up to the end.
    top = (_uniform((n,), 0, 1, generator) * (height - tall + 1)).floor().minimum(height - tall)
    left = (_uniform((n,), 0, 1, generator) * (width - wide + 1)).floor().minimum(width - wide)
    chosen = _uniform((n,), 0, 1, generator) < ERASE_PROBABILITY
    boxes = torch.stack([top, left, top + tall, left + wide], dim=1)
    return (boxes * chosen[:, None]).long()


def erase(images: Tensor, boxes: Tensor, fill: Tensor) -> Tensor:
    """Put `fill` into one box of every image.

    Args:
        images: float `(n, 3, height, width)`.
        boxes: int64 `(n, 4)`, top, left, bottom, right, the last two exclusive.
        fill: float `(n, 3, height, width)`.
    """
    top, left, bottom, right = boxes[:, :, None].unbind(1)
    rows = torch.arange(images.shape[-2], device=images.device)
    columns = torch.arange(images.shape[-1], device=images.device)
    inside_rows = (rows >= top) & (rows < bottom)
    inside_columns = (columns >= left) & (columns < right)
    inside = inside_rows[:, None, :, None] & inside_columns[:, None, None, :]
    return torch.where(inside, fill, images)


def _uniform(shape: Sequence[int], low: float, high: float, generator: Generator) -> Tensor:
    """Uniform numbers in [low, high), float32, on the generator's device."""
    return torch.rand(*shape, generator=generator, device=generator.device) * (high - low) + low
