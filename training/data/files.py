"""Decoding image files: whatever the file holds becomes an 8-bit image whose short side has a given length."""

import math
import struct
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from os import cpu_count
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor
from torchvision.transforms.v2 import functional

from taxo.taxonomy.errors import TaxoError

from .frames import Frames, Window, cut

#: Endings of file names that count as images, in any case.
IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"})

#: Pixels of the largest image that resizing may make: 200 MB in colour.
LARGEST_PIXELS = 1 << 26

#: Images whose sizes are looked at to tell how much room all take.
SIZES_SAMPLE = 500

#: Faults that one message names.
NAMED_FAULTS = 10

# What Pillow raises on broken files, found by truncating and corrupting files of every kind.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)


@dataclass(frozen=True)
class Files:
    """Images in files, decoded when asked for.

    Attributes:
        paths: Path of every image.
        short_side: What the short side is resized to, in pixels.
        channels: 3, or 1 for grey.
    """

    paths: Sequence[Path]
    short_side: int
    channels: int = 3

    def __len__(self) -> int:
        return len(self.paths)

    def pick(self, items: Sequence[int]) -> "Files":
        """The images `items`, in that order."""
        return replace(self, paths=[self.paths[i] for i in items])

    def fetch(self, items: Sequence[int], window: Window) -> Frames:
        """See `Source`."""
        return cut(self.decode(items), window)

    def decode(self, items: Sequence[int]) -> list[Tensor]:
        """Whole images, uint8 `(channels, height, width)` each, read by as many threads as there are processors.

        Raises:
            TaxoError: Files cannot be read; the message names up to ten of them.
        """
        found = self.attempt(items)
        faults = [fault for fault in found if isinstance(fault, str)]
        if faults:
            more = [f"and {len(faults) - NAMED_FAULTS} more images"] if len(faults) > NAMED_FAULTS else []
            raise TaxoError("\n".join(faults[:NAMED_FAULTS] + more))
        return [image for image in found if not isinstance(image, str)]

    def attempt(self, items: Sequence[int]) -> list[Tensor | str]:
        """As `decode`, with a sentence that says what is wrong in the place of every image that cannot be read."""

        def read(item: int) -> Tensor | str:
            try:
                return read_image(self.paths[item], self.short_side, self.channels)
            except TaxoError as error:
                return str(error)

        return _in_threads(read, items)


def _in_threads(read: Callable[[int], Tensor | str], items: Sequence[int]) -> list[Tensor | str]:
    # In a worker process the other workers are the threads.
    threads = 1 if torch.utils.data.get_worker_info() else cpu_count() or 1
    if threads == 1 or len(items) == 1:
        return [read(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(read, items))


def read_image(path: Path, short_side: int, channels: int = 3) -> Tensor:
    """One image, uint8 `(channels, height, width)`: upright, alpha over white, the short side resized, not cropped.

    Of a moving picture the first frame is taken. In memory the channels come last, as in the file. Resizing is
    torch's, which follows Pillow's (bilinear, with a wider filter where an image shrinks) up to one grey step in one of
    a thousand pixels, several times as fast.

    Args:
        path: The file.
        short_side: In pixels; the other side keeps the proportions, rounded. 0 leaves the size as it is.
        channels: 3 for RGB, 1 for grey.

    Raises:
        TaxoError: The file cannot be read or is broken, or the image is so long that it would become too large.
    """
    try:
        with Image.open(path) as image:
            # A JPEG can be decoded at 1/2, 1/4, 1/8; twice the wanted size leaves resizing its quality.
            if short_side:
                image.draft(None, (2 * short_side, 2 * short_side))
            ImageOps.exif_transpose(image, in_place=True)
            upright = _rgb(image)
            # Copied: torch warns about memory that it may not write to.
            pixels = np.array(upright if channels == 3 else upright.convert("L"))
            return _resized(torch.from_numpy(pixels).view(*pixels.shape[:2], channels).permute(2, 0, 1), short_side)
    except Image.DecompressionBombError as error:
        raise TaxoError(f"{path}: {error}; leave this image out or make it smaller") from None
    except _BROKEN as error:
        reason = "no image, or of a kind unknown to Pillow" if "cannot identify" in str(error) else error
        raise TaxoError(f"{path}: unreadable image ({reason}); replace the file or take it out") from None


def resized_shape(width: int, height: int, short_side: int) -> tuple[int, int]:
    """Width and height after the short side has become `short_side`; 0 leaves them as they are.

    Raises:
        ValueError: A line of pixels, blown up beyond all measure.
    """
    short = min(width, height)
    if not short_side or not short:
        return width, height
    shape = max(short_side, round(width * short_side / short)), max(short_side, round(height * short_side / short))
    # Pillow's own limit is for what a file holds; a picture of 1 x 10,000 pixels would grow to as much as the memory.
    if shape != (width, height) and shape[0] * shape[1] > LARGEST_PIXELS:
        raise ValueError(f"{width} x {height} pixels would become {shape[0]} x {shape[1]}")
    return shape


def resized_bytes(files: Files) -> int:
    """About how many bytes the decoded images take, from the sizes that (up to 500 of) the files state."""
    spaced = np.linspace(0, len(files) - 1, num=min(len(files), SIZES_SAMPLE)).astype(int)
    sizes = []
    for path in (files.paths[i] for i in spaced):
        try:
            with Image.open(path) as image:
                sizes.append(math.prod(resized_shape(*image.size, files.short_side)))
        except (Image.DecompressionBombError, *_BROKEN):
            continue  # told where it is decoded
    return round(len(files) * files.channels * float(np.mean(sizes))) if sizes else 0


def _resized(image: Tensor, short_side: int) -> Tensor:
    width, height = resized_shape(image.shape[2], image.shape[1], short_side)
    resized: Tensor = functional.resize(image, [height, width], antialias=True)
    return resized


def _rgb(image: Image.Image) -> Image.Image:
    """An image of any mode as RGB; what is transparent becomes white."""
    if image.mode.startswith("I"):
        # Pillow would clip 16-bit grey values at 255.
        image = Image.fromarray((np.asarray(image, dtype=np.int64).clip(0, 65535) >> 8).astype(np.uint8))
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image)
    return image if image.mode == "RGB" else image.convert("RGB")
