"""Random erasing as the authors of [BD20] wrote it: a box of the whole, mirrored image is noise, before it is cut.

Zhong et al., "Random erasing data augmentation", AAAI 2020. What is noise, and which, is decided for every pixel of the
whole image; what the window shows of it is looked up. So erasing after the cut is erasing before it, also where the
image goes on as its own mirror image.

[BD20]: Barz & Denzler, "Deep learning on small datasets without pre-training using cosine loss", WACV 2020.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .data.frames import reflected
from .randomness import hash_of, precise

#: Probability, range of the erased share of the image, range of height over width.
PROBABILITY = 0.5
AREA = (0.02, 0.3)
ASPECT = (0.3, 1 / 0.3)

#: How many boxes are drawn for an image before it is left alone.
ATTEMPTS = 32

#: Uniform numbers that a box takes.
DRAWS = 3 + 2 * ATTEMPTS

#: Up to this size the pixels of all images are gathered; for larger ones a processor goes from box to box.
SMALL = 64

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
    draws, sides = precise(draws), precise(sizes[:, None])
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


@dataclass(frozen=True)
class Erasure:
    """What is erased of what is shown of some images.

    Attributes:
        boxes: int64 `(n, 4)`, top, left, bottom, right in the whole image, the last two exclusive.
        rows: int64 `(n, size)`, which rows of the whole image are shown; see `shown`.
        columns: int64 `(n, size)`, likewise.
        streams: int64 `(n,)`, where the noise of every image starts.
    """

    boxes: Tensor
    rows: Tensor
    columns: Tensor
    streams: Tensor

    def __getitem__(self, items: slice) -> "Erasure":
        return Erasure(self.boxes[items], self.rows[items], self.columns[items], self.streams[items])

    def hit(self) -> tuple[Tensor, Tensor]:
        """Which rows and which columns of what is shown lie in the box, boolean `(n, size)` each."""
        top, left, bottom, right = self.boxes[:, :, None].unbind(1)
        return (self.rows >= top) & (self.rows < bottom), (self.columns >= left) & (self.columns < right)


def erase_(images: Tensor, erasure: Erasure) -> None:
    """Put noise into one box of every image, in place; float `(n, channels, size, size)`."""
    rows, columns = erasure.hit()
    pixels, channels = images.permute(0, 2, 3, 1), images.shape[1]
    if images.device.type != "cpu" or rows.shape[1] <= SMALL:
        item, row, column = (rows[:, :, None] & columns[:, None, :]).nonzero(as_tuple=True)
        place = erasure.rows[item, row], erasure.columns[item, column]
        pixels[item, row, column] = noise(erasure.streams[item], *place, channels)
        return
    for number in (erasure.boxes[:, 2] > erasure.boxes[:, 0]).nonzero().ravel().tolist():
        for down in _runs(rows[number]):
            for right in _runs(columns[number]):
                place = erasure.rows[number, down, None], erasure.columns[number, None, right]
                pixels[number, down, right] = noise(erasure.streams[number], *place, channels)


def _runs(hit: Tensor) -> list[slice]:
    """Where a boolean vector is true, piece by piece; a mirror image makes two pieces or more of one box."""
    found = np.flatnonzero(hit.numpy())
    pieces = np.split(found, np.flatnonzero(np.diff(found) > 1) + 1)
    return [slice(int(piece[0]), int(piece[-1]) + 1) for piece in pieces if len(piece)]


def noise(streams: Tensor, rows: Tensor, columns: Tensor, channels: int) -> Tensor:
    """Uniform noise in [0, 1): the same for a pixel of an image whatever else is asked for.

    Args:
        streams: int64, where the noise of an image starts.
        rows: int64, of the pixels; the three are broadcast against each other.
        columns: Likewise.
        channels: Up to four.

    Returns:
        float32 `(..., channels)`, multiples of 2^-16: finer than a grey step by 1 / 257.
    """
    bits = hash_of(streams, rows * _ROW + columns + 1)
    quarters = bits[..., None].view(torch.int16)[..., :channels]
    return quarters.to(torch.float32).add_(2.0**15).mul_(2.0**-16)
