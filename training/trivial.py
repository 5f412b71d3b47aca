"""TrivialAugment (wide): one operation of random kind and strength for every image, many images at once.

Müller & Hutter, "TrivialAugment: Tuning-free yet state-of-the-art data augmentation", ICCV 2021, with the operations
and strengths of torchvision's `TrivialAugmentWide`. torchvision draws from a random number generator that runs on; here
all is drawn from an image's place in the stream.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torchvision.transforms.v2 import functional

from .data.frames import channels_first
from .jitter import blend_, weighted
from .randomness import precise

#: Number of strengths.
BINS = 31

#: Uniform numbers that an image takes.
DRAWS = 3

Apply = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Operation:
    """One kind of change.

    Attributes:
        name: As in torchvision.
        apply: Changes uint8 `(n, channels, height, width)` by strengths, float32 `(n,)`; uint8 again.
        ends: Strength in the first bin and in the last.
        signed: Whether the strength is negative in half of the cases.
    """

    name: str
    apply: Apply
    ends: tuple[float, float] = (0.0, 0.0)
    signed: bool = False

    def strengths(self, bins: Tensor, negative: Tensor) -> Tensor:
        """float32 `(n,)`, of bins, int64 `(n,)`, and boolean `(n,)`."""
        found = torch.linspace(*self.ends, BINS, device=bins.device)[bins]
        return torch.where(negative, -found, found) if self.signed else found


def trivial_augment(images: Tensor, draws: Tensor) -> Tensor:
    """One operation for every image.

    Args:
        images: uint8 `(n, channels, height, width)`, 3 channels or 1.
        draws: Uniform numbers, float `(n, DRAWS)` in [0, 1): operation, bin, sign.
    """
    kinds = (draws[:, 0] * len(OPERATIONS)).long()
    bins = (draws[:, 1] * BINS).long()
    negative = draws[:, 2] < 0.5
    images = channels_first(images)
    numbers = kinds.tolist()
    if len(set(numbers)) == 1:
        operation = OPERATIONS[numbers[0]]
        return operation.apply(images, operation.strengths(bins, negative))
    out = torch.empty_like(images)
    for number in set(numbers):
        operation = OPERATIONS[number]
        here = torch.tensor([i for i, other in enumerate(numbers) if other == number], device=images.device)
        out[here] = operation.apply(images[here], operation.strengths(bins[here], negative[here]))
    return out


def _identity(images: Tensor, strengths: Tensor) -> Tensor:
    return images


def _shear_x(images: Tensor, strengths: Tensor) -> Tensor:
    height = images.shape[2]
    return _moved(images, right=strengths * height / 2, right_per_row=strengths)


def _shear_y(images: Tensor, strengths: Tensor) -> Tensor:
    width = images.shape[3]
    return _moved(images, down=strengths * width / 2, down_per_column=strengths)


def _translate_x(images: Tensor, strengths: Tensor) -> Tensor:
    return _moved(images, right=-strengths.trunc())


def _translate_y(images: Tensor, strengths: Tensor) -> Tensor:
    return _moved(images, down=-strengths.trunc())


def _rotate(images: Tensor, strengths: Tensor) -> Tensor:
    angle = precise(strengths).deg2rad()
    sine, cosine = angle.sin().float(), angle.cos().float()
    return _moved(images, along=cosine, right_per_row=-sine, down_per_column=sine)


def _moved(
    images: Tensor,
    along: Tensor | float = 1.0,
    right: Tensor | float = 0.0,
    down: Tensor | float = 0.0,
    right_per_row: Tensor | float = 0.0,
    down_per_column: Tensor | float = 0.0,
) -> Tensor:
    """Every pixel takes the value of the nearest one at (x', y'), black outside of the image.

    x' = along * x + right_per_row * y + right and y' = down_per_column * x + along * y + down, in pixels from the
    middle of the image; all `(n,)`.
    """
    n, channels, height, width = images.shape
    middle = ((height - 1) / 2, (width - 1) / 2)
    x = (torch.arange(width, device=images.device) - middle[1])[None, None, :]
    y = (torch.arange(height, device=images.device) - middle[0])[None, :, None]
    a, b, c, d, e = (
        torch.as_tensor(v, dtype=torch.float32, device=images.device).expand(n)[:, None, None]
        for v in (along, right_per_row, right, down_per_column, down)
    )
    column = ((a * x + (c + middle[1])) + b * y).round_()
    row = (d * x + (a * y + (e + middle[0]))).round_()
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    place = row.mul_(width).add_(column).long().mul_(inside)
    found = images.flatten(2).gather(2, place.view(n, 1, -1).expand(-1, channels, -1))
    return found.view(images.shape).mul_(inside[:, None])


def _brightness(images: Tensor, strengths: Tensor) -> Tensor:
    return _as_bytes(images.float().mul_(_factors(strengths)))


def _color(images: Tensor, strengths: Tensor) -> Tensor:
    if images.shape[1] == 1:
        return images
    pixels = images.float()
    return _as_bytes(blend_(pixels, weighted(pixels).floor_(), _factors(strengths)))


def _contrast(images: Tensor, strengths: Tensor) -> Tensor:
    pixels = images.float()
    grey = pixels if images.shape[1] == 1 else weighted(pixels).floor_()
    # Whole numbers: their sum does not depend on the order.
    mean = precise(grey.sum(dim=(1, 2, 3), dtype=torch.int64)) / grey[0].numel()
    return _as_bytes(blend_(pixels, mean.float()[:, None, None, None], _factors(strengths)))


def _sharpness(images: Tensor, strengths: Tensor) -> Tensor:
    height, width = images.shape[2:]
    if min(height, width) < 3:
        return images
    pixels, blurred = images.float(), images.float()
    inner = blurred[:, :, 1:-1, 1:-1].mul_(4)  # the middle counts five times, its neighbours once; the rim stays
    for row in range(3):
        for column in range(3):
            inner.add_(pixels[:, :, row : row + height - 2, column : column + width - 2])
    inner.div_(13).round_()
    return _as_bytes(blend_(pixels, blurred, _factors(strengths)))


def _posterize(images: Tensor, strengths: Tensor) -> Tensor:
    dropped = 8 - strengths.round().to(torch.int64)
    return images & (256 - (1 << dropped)).to(torch.uint8)[:, None, None, None]


def _solarize(images: Tensor, strengths: Tensor) -> Tensor:
    # Whole numbers all along, which is much faster: 255 - x is x with all bits turned, x >= t is x >= ceil(t).
    bright = images >= (255 * strengths).ceil().to(torch.uint8)[:, None, None, None]
    return images ^ bright.to(torch.uint8).mul_(255)


def _auto_contrast(images: Tensor, strengths: Tensor) -> Tensor:
    found: Tensor = functional.autocontrast(images)
    return found


def _equalize(images: Tensor, strengths: Tensor) -> Tensor:
    found: Tensor = functional.equalize(images)
    return found


def _factors(strengths: Tensor) -> Tensor:
    return (1 + precise(strengths)).float()[:, None, None, None]


def _as_bytes(pixels: Tensor) -> Tensor:
    return pixels.clamp_(0, 255).to(torch.uint8)


OPERATIONS = (
    Operation("Identity", _identity),
    Operation("ShearX", _shear_x, (0.0, 0.99), signed=True),
    Operation("ShearY", _shear_y, (0.0, 0.99), signed=True),
    Operation("TranslateX", _translate_x, (0.0, 32.0), signed=True),
    Operation("TranslateY", _translate_y, (0.0, 32.0), signed=True),
    Operation("Rotate", _rotate, (0.0, 135.0), signed=True),
    Operation("Brightness", _brightness, (0.0, 0.99), signed=True),
    Operation("Color", _color, (0.0, 0.99), signed=True),
    Operation("Contrast", _contrast, (0.0, 0.99), signed=True),
    Operation("Sharpness", _sharpness, (0.0, 0.99), signed=True),
    Operation("Posterize", _posterize, (8.0, 2.0)),
    Operation("Solarize", _solarize, (1.0, 0.0)),
    Operation("AutoContrast", _auto_contrast),
    Operation("Equalize", _equalize),
)
"""Their order is part of every result."""
