"""Decoding image files: whatever the file holds becomes a square 8-bit RGB image of one size."""

import struct
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from taxo.taxonomy.errors import TaxoError

#: Endings of file names that count as images, in any case.
IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"})

#: Side of the resized image over the side of the crop, as 512 / 448 and 256 / 224 in the paper's recipe.
RESIZE_OVER_CROP = 8 / 7

#: Up to this size an image is not cropped but for its longer side: nothing of a small picture can be spared.
UNCROPPED_SIZE = 64

# What Pillow raises on broken files, found by truncating and corrupting files of every kind.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)


@dataclass(frozen=True)
class Files:
    """Pixels in image files.

    Attributes:
        paths: Path of every image.
        size: Side of the decoded images, in pixels.
    """

    paths: Sequence[Path]
    size: int

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, item: int) -> Tensor:
        # Copied: torch warns about memory that it may not write to.
        return torch.from_numpy(read_image(self.paths[item], self.size).transpose(2, 0, 1).copy())

    def pick(self, items: Sequence[int]) -> "Files":
        """The images `items`, in that order."""
        return Files([self.paths[i] for i in items], self.size)

    def decode(self) -> Tensor:
        """All images, uint8 `(n, 3, size, size)`, read by as many threads as there are processors.

        Raises:
            TaxoError: Files cannot be read; the message names up to ten of them.
        """
        out = np.empty((len(self), 3, self.size, self.size), dtype=np.uint8)

        def fill(item: int) -> str:
            try:
                out[item] = read_image(self.paths[item], self.size).transpose(2, 0, 1)
            except TaxoError as error:
                return str(error)
            return ""

        with ThreadPoolExecutor(cpu_count()) as pool:
            faults = [fault for fault in pool.map(fill, range(len(self))) if fault]
        if faults:
            more = [f"and {len(faults) - 10} more images"] if len(faults) > 10 else []
            raise TaxoError("\n".join(faults[:10] + more))
        return torch.from_numpy(out)


def read_image(path: Path, size: int) -> NDArray[np.uint8]:
    """One image, `(size, size, 3)`: upright, RGB, alpha over white, short side resized, centre cropped.

    The short side is resized to `size * 8/7` (`size` itself up to 64 pixels), then the centre is cropped. Of
    a moving picture the first frame is taken.

    Raises:
        TaxoError: The file cannot be read or is broken.
    """
    try:
        with Image.open(path) as image:
            # A JPEG can be decoded at 1/2, 1/4, 1/8; twice the wanted size leaves resizing its quality.
            image.draft(None, (4 * size, 4 * size))
            return _square(_rgb(ImageOps.exif_transpose(image)), size)
    except Image.DecompressionBombError as error:
        raise TaxoError(f"{path}: {error}; leave this image out or make it smaller") from None
    except _BROKEN as error:
        reason = "no image, or of a kind unknown to Pillow" if "cannot identify" in str(error) else error
        raise TaxoError(f"{path}: unreadable image ({reason}); replace the file or take it out") from None


def _square(image: Image.Image, size: int) -> NDArray[np.uint8]:
    """Resize and crop in one step: the box that the crop shows is resized to `size`."""
    ratio = RESIZE_OVER_CROP if size > UNCROPPED_SIZE else 1
    width, height = image.size
    side = min(width, height) / ratio
    left, top = (width - side) / 2, (height - side) / 2
    box = (left, top, left + side, top + side)
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=box))


def _rgb(image: Image.Image) -> Image.Image:
    """An image of any mode as RGB; what is transparent becomes white."""
    if image.mode.startswith("I"):
        # Pillow would clip 16-bit grey values at 255.
        image = Image.fromarray((np.asarray(image, dtype=np.int64).clip(0, 65535) >> 8).astype(np.uint8))
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")
