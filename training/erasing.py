"""Random erasing as the authors of [BD20] wrote it: a box of the whole, mirrored image is noise, before it is cut.

Zhong et al., "Random erasing data augmentation", AAAI 2020. What is noise, and which, is decided for every pixel of the
whole image; what the window shows of it is looked up. So erasing after the cut is erasing before it, also where the
image goes on as its own mirror image.

[BD20]: Barz & Denzler, "Deep learning on small datasets without pre-training using cosine loss", WACV 2020.
"""

import torch
from torch import Tensor

from .data.frames import reflected
from .randomness import hash_of, shifted, streams

#: Probability, range of the erased share of the image, range of height over width.
PROBABILITY = 0.5
AREA = (0.02, 0.3)
ASPECT = (0.3, 1 / 0.3)

#: How many boxes are drawn for an image before it is left alone.
ATTEMPTS = 32

#: Uniform numbers that a box takes.
DRAWS = 3 + 2 * ATTEMPTS

# A pixel's number: its row times this, plus its column.
_ROW = 1 << 24


def random_boxes(sizes: Tensor, draws: Tensor) -> Tensor:
    """What to erase: int64 `(n, 4)`, top, left, bottom, right; an empty box for images left alone.

    Share and aspect are uniform, and drawn again until the box, its sides cut to whole numbers, is smaller than the
    image in both directions. The place is uniform; as there, the last one that would fit is not among them.

    Args:
        sizes: Height and width of the whole images, int64 `(n, 2)`.
        draws: Uniform numbers, float `(n, DRAWS)` in [0, 1).
    """
    draws, sides = draws.double(), sizes[:, None].double()
    area = (AREA[0] + draws[:, 3::2] * (AREA[1] - AREA[0])) * sides.prod(2)
    aspect = ASPECT[0] + draws[:, 4::2] * (ASPECT[1] - ASPECT[0])
    # (n, attempts, 2), and nothing at all as the last attempt.
    tried = torch.stack([(area * aspect).sqrt(), (area / aspect).sqrt()], dim=2).floor()
    tried = torch.cat([tried, torch.zeros_like(tried[:, :1])], dim=1)
    first = ((tried < sides).all(2).cumsum(1) == 0).sum(1)
    shape = tried[torch.arange(len(tried), device=tried.device), first]
    shape = shape * (draws[:, :1] < PROBABILITY)
    corner = (draws[:, 1:3] * (sides[:, 0] - shape)).floor()
    return torch.cat([corner, corner + shape], dim=1).long()


def shown(sizes: Tensor, boxes: Tensor, mirrored: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Which rows and columns of the whole image, or of its mirror image, a square shows: int64 `(n, size)` each.

    Where the part was resized, the nearest ones.

    Args:
        sizes: int64 `(n, 2)`, height and width of the whole images.
        boxes: int64 `(n, 4)`, top, left, height and width of the part that is shown.
        mirrored: boolean `(n,)`, which images are mirrored left to right.
        size: Side of the square.
    """
    middles = torch.arange(size, device=boxes.device) + 0.5
    rows, columns = (boxes[:, i, None] + middles * boxes[:, i + 2, None] / size for i in (0, 1))
    columns = torch.where(mirrored[:, None], sizes[:, 1:] - columns.flip(1), columns)
    return reflected(rows.floor().long(), sizes[:, :1]), reflected(columns.floor().long(), sizes[:, 1:])


def erase_(images: Tensor, boxes: Tensor, rows: Tensor, columns: Tensor, noise: "Noise") -> None:
    """Put noise into one box of every image, in place.

    Args:
        images: float `(n, channels, size, size)`.
        boxes: int64 `(n, 4)`, top, left, bottom, right, the last two exclusive.
        rows: int64 `(n, size)`, from `shown`.
        columns: Likewise.
        noise: What to put there.
    """
    top, left, bottom, right = boxes[:, :, None].unbind(1)
    hit = ((rows >= top) & (rows < bottom))[:, :, None] & ((columns >= left) & (columns < right))[:, None, :]
    pixels = images.permute(0, 2, 3, 1)
    if images.device.type == "cpu":
        item, row, column = hit.nonzero(as_tuple=True)
        pixels[item, row, column] = noise(item, rows[item, row], columns[item, column])
    else:
        # A GPU would wait for the number of pixels; all of them cost it less.
        item = torch.arange(len(images), device=images.device)[:, None, None]
        pixels.copy_(torch.where(hit[..., None], noise(item, rows[:, :, None], columns[:, None, :]), pixels))


class Noise:
    """Uniform noise in [0, 1), the same for a pixel of an image whatever else is asked for.

    Args:
        key: From `seed_for`.
        positions: int64 `(n,)`, places of the images in the stream of training images.
        channels: Up to three.
    """

    def __init__(self, key: int, positions: Tensor, channels: int) -> None:
        self.streams = streams(key, positions)
        self.channels = channels

    def __call__(self, items: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        """float32 `(..., channels)`, multiples of 2^-21, for pixels of the images `items`; the three are broadcast."""
        bits = hash_of(self.streams[items], rows * _ROW + columns + 1)
        parts = [shifted(bits << 21 * channel, 43) for channel in range(self.channels)]
        return torch.stack(parts, dim=-1).to(torch.float32) * 2.0**-21
