"""Random contrast, brightness and saturation: torchvision's `ColorJitter`, for a whole batch at once."""

import torch
from torch import Tensor

from .data.frames import channels_first
from .randomness import precise

#: Each factor is uniform from 1 - JITTER to 1 + JITTER, as in much of ImageNet training.
JITTER = 0.4

#: Of red, green and blue in grey, ITU-R BT.601, as torchvision.
GREY = (0.2989, 0.587, 0.114)


def random_factors(draws: Tensor) -> Tensor:
    """Factors of contrast, brightness and saturation, float `(n, 3)`, from uniform numbers of that shape."""
    return 1 - JITTER + 2 * JITTER * draws


def jitter(images: Tensor, factors: Tensor) -> Tensor:
    """Change contrast, then brightness, then saturation, each cut off at 0 and 1.

    torchvision draws the order too; contrast comes first here, because a sum of whole numbers is the same in whatever
    order they are added: an image changes alike in every batch.

    Args:
        images: uint8 `(n, channels, height, width)`, 3 channels or 1; grey images keep their saturation.
        factors: float `(n, 3)`.

    Returns:
        float32 in 0..1.
    """
    images = channels_first(images)
    contrast, brightness, saturation = factors[:, :, None, None, None].unbind(1)
    grey = mean_grey(images)[:, None, None, None] / 255
    out = images.to(torch.float32).div_(255)
    out = blend_(out, grey, contrast).clamp_(0, 1).mul_(brightness).clamp_(0, 1)
    if images.shape[1] == 1:
        return out
    return blend_(out, weighted(out), saturation).clamp_(0, 1)


def blend_(images: Tensor, others: Tensor, factors: Tensor) -> Tensor:
    """Away from `others` where the factor is above 1, towards them below; in place.

    Written so that a pixel that equals the other one keeps its value exactly.
    """
    return images.sub_(others).mul_(factors).add_(others)


def mean_grey(images: Tensor) -> Tensor:
    """The mean of every image in grey, 0 to 255, float32 `(n,)`."""
    means = precise(images.sum(dim=(2, 3), dtype=torch.int64)) / images[0, 0].numel()
    grey = means[:, 0] if images.shape[1] == 1 else sum(w * means[:, c] for c, w in enumerate(GREY))
    return torch.as_tensor(grey, dtype=torch.float32)


def weighted(images: Tensor) -> Tensor:
    """Grey of every pixel, float `(n, 1, height, width)`."""
    red, green, blue = images.unbind(1)
    return (red * GREY[0] + green * GREY[1] + blue * GREY[2])[:, None]
