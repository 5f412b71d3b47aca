"""Random changes of training images: on a whole batch, on the batch's device, each image by its place in the stream.

The functions that draw stand beside the ones that do: `flip`, `shift` and `erase` are exact and need no
randomness.

[BD20]: Barz & Denzler, "Deep learning on small datasets without pre-training using cosine loss", WACV 2020.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from .data.frames import Frames
from .randomness import generator, seed_for, uniform

KINDS = ("flip", "shift", "erase", "crop")
"""Their order is part of every result: new ones go to the end."""

#: Largest shift as a share of the side: 4.8 of 32 pixels, as [BD20] for CIFAR-100.
SHIFT = 0.15

#: Random erasing as [BD20]: probability, range of the erased share, range of height over width.
ERASE_PROBABILITY = 0.5
ERASE_AREA = (0.02, 0.3)
ERASE_ASPECT = (0.3, 3.33)


def augment(frames: Frames, kinds: Sequence[str], positions: Tensor, seed: int) -> Tensor:
    """Flip, then shift, then erase at random, each image by itself.

    Args:
        frames: What was cut out of the images, uint8 `(n, channels, size, size)`.
        kinds: Which of "flip", "shift" and "erase"; their order does not matter.
        positions: int64 `(n,)`, places in the stream of training images: all randomness comes from them.
        seed: Seed of the run.

    Returns:
        float32 `(n, channels, size, size)` in 0..1.
    """
    out = to_float(frames.inputs)
    height, width = out.shape[-2:]
    if "flip" in kinds:
        out = flip(out, draws(seed, "flip", positions, 1)[:, 0] < 0.5)
    if "shift" in kinds:
        reach = torch.tensor([height, width], device=out.device) * SHIFT
        out = shift(out, (2 * draws(seed, "shift", positions, 2) - 1) * reach)
    if "erase" in kinds:
        boxes = random_boxes(frames.sizes, draws(seed, "erase", positions, 5))
        noise = generator(seed, "augmentation", KINDS.index("erase"), int(positions[0]), device=out.device)
        out = erase(out, inside(boxes, frames.boxes), torch.rand(out.shape, generator=noise, device=out.device))
    return out


def draws(seed: int, kind: str, positions: Tensor, count: int) -> Tensor:
    """The uniform numbers of one kind, float32 `(n, count)` in [0, 1)."""
    return uniform(seed_for(seed, "augmentation", KINDS.index(kind)), positions, count)


def normalize(images: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Subtract the mean and divide by the standard deviation of each channel.

    Args:
        images: `(n, channels, size, size)`, float in 0..1 or uint8.
        mean: `(channels,)` in 0..1.
        std: `(channels,)` in 0..1.
    """
    out = to_float(images)
    centre, spread = (torch.tensor(v, device=out.device, dtype=out.dtype).view(-1, 1, 1) for v in (mean, std))
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


def random_boxes(sizes: Tensor, draws: Tensor) -> Tensor:
    """What to erase: int64 `(n, 4)`, top, left, bottom, right; an empty box for images left alone.

    Zhong et al., "Random erasing data augmentation", AAAI 2020, with the numbers of [BD20]. The erased share
    and the aspect are uniform, the place is uniform among those where the box fits.

    Args:
        sizes: Height and width of the whole images, int64 `(n, 2)`.
        draws: Uniform numbers, `(n, 5)` in [0, 1).
    """
    height, width = sizes.unbind(1)
    area = _between(draws[:, 0], ERASE_AREA) * height * width
    aspect = _between(draws[:, 1], ERASE_ASPECT)
    tall = (area * aspect).sqrt().round().minimum(height)
    wide = (area / aspect).sqrt().round().minimum(width)
    # Uniform among the whole numbers from 0 to height - tall. The product can round up to the end.
    top = (draws[:, 2] * (height - tall + 1)).floor().minimum(height - tall)
    left = (draws[:, 3] * (width - wide + 1)).floor().minimum(width - wide)
    chosen = draws[:, 4] < ERASE_PROBABILITY
    boxes = torch.stack([top, left, top + tall, left + wide], dim=1)
    return (boxes * chosen[:, None]).long()


def inside(boxes: Tensor, shown: Tensor) -> Tensor:
    """Boxes in whole images, as they lie in the part that is shown: erasing before the crop is erasing after it.

    Args:
        boxes: int64 `(n, 4)`, top, left, bottom, right.
        shown: int64 `(n, 4)`, top, left, height, width of the part.
    """
    corner, side = shown[:, :2], shown[:, 2:]
    return torch.cat([(boxes[:, i : i + 2] - corner).clamp(min=0).minimum(side) for i in (0, 2)], dim=1)


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


def _between(draws: Tensor, ends: tuple[float, float]) -> Tensor:
    return ends[0] + draws * (ends[1] - ends[0])
