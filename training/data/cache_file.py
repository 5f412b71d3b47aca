"""A file of decoded images: written whole or not at all, and read only if every byte is as it was written.

Layout: `MAGIC`; the pixels of all images, one after the other, channels first; the index, a `.npz`; and at the end
where the index begins, how long it is, and its CRC-32. The index holds a key and a shape for every image, the CRC-32 of
every `BLOCK` bytes of pixels, and for images that cannot be read the reason.
"""

import json
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from taxo.taxonomy.arrays import Ints
from taxo.taxonomy.errors import TaxoError
from taxo.taxonomy.files import replacing

from .packed import Packed, mapped

#: The last character is the version of the layout.
MAGIC = b"TAXODEC1"

#: Bytes of pixels that one checksum covers.
BLOCK = 1 << 22

#: Bytes of one image's key.
KEY_BYTES = 16

_END = struct.Struct("<QQI")


class CacheNotWritten(TaxoError):
    """The file cannot be written: a full disk, a folder without permission."""


class CacheDamaged(TaxoError):
    """The file is not as it was written."""


class CacheUnreadable(TaxoError):
    """The file cannot be opened or read."""


@dataclass(frozen=True, eq=False)
class Index:
    """What a file of decoded images holds.

    Attributes:
        path: The file.
        keys: uint8 `(n, KEY_BYTES)`, says of which image file, in which state, an image is; see `cache.keys_of`.
        shapes: int64 `(n, 3)`, channels, height and width; zeros where the image cannot be read.
        checks: uint32 `(n_blocks,)`, CRC-32 of every block of pixels.
        faults: What is wrong with the images that cannot be read.
    """

    path: Path
    keys: NDArray[np.uint8]
    shapes: Ints
    checks: NDArray[np.uint32]
    faults: dict[int, str]

    def images(self) -> Packed:
        """The images, mapped; the whole file is read once to see that it is sound.

        Raises:
            CacheDamaged: It is not.
            CacheUnreadable: It cannot be read.
        """
        try:
            with open(self.path, "rb") as file:
                _check_blocks(file, self)
            size = int(self.shapes.prod(axis=1).sum())
            return Packed.of(mapped(self.path, len(MAGIC), size), self.shapes)
        except OSError as error:
            raise CacheUnreadable(f"{self.path}: {error.strerror or error}") from None


def write_images(path: Path, keys: NDArray[np.uint8], images: Iterable[Tensor | str]) -> None:
    """Write decoded images as they come.

    Args:
        path: The file; folders that are not there are made.
        keys: uint8 `(n, KEY_BYTES)`.
        images: uint8 `(channels, height, width)`, or what is wrong with an image; `n` of them.

    Raises:
        CacheNotWritten: The file cannot be written; nothing is left behind.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary, open(temporary, "wb") as file:
            _write(file, keys, images)
    except (OSError, TaxoError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        if not isinstance(cause, OSError):
            raise
        raise CacheNotWritten(
            f"{path}: decoded images cannot be kept there ({cause.strerror or cause}); free some space, name another "
            "folder in TAXO_DATA, or do without (cache = none)"
        ) from cause


def read_index(path: Path) -> Index:
    """The index of a file of decoded images; the pixels are not looked at yet.

    Raises:
        CacheDamaged: Truncated or changed.
        CacheUnreadable: It cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return _index(file, path)
    except OSError as error:
        raise CacheUnreadable(f"{path}: {error.strerror or error}") from None


def _write(file: BinaryIO, keys: NDArray[np.uint8], images: Iterable[Tensor | str]) -> None:
    file.write(MAGIC)
    shapes: list[tuple[int, ...]] = []
    faults: dict[int, str] = {}
    checks: list[int] = []
    waiting = bytearray()

    def write(least: int) -> None:
        while len(waiting) >= least:
            block = bytes(waiting[:BLOCK])
            del waiting[:BLOCK]
            checks.append(zlib.crc32(block))
            file.write(block)

    for number, image in enumerate(images):
        if isinstance(image, str):
            faults[number] = image
        else:
            waiting += image.numpy().tobytes()
        shapes.append((0, 0, 0) if isinstance(image, str) else tuple(image.shape))
        write(BLOCK)
    write(1)
    packed = BytesIO()
    texts = np.frombuffer(json.dumps(faults).encode(), dtype=np.uint8)
    table = np.array(shapes, dtype=np.int64).reshape(-1, 3)
    np.savez(packed, keys=keys, shapes=table, checks=np.array(checks, dtype=np.uint32), faults=texts)
    index, start = packed.getvalue(), file.tell()
    file.write(index + _END.pack(start, len(index), zlib.crc32(index)))


def _index(file: BinaryIO, path: Path) -> Index:
    size = path.stat().st_size
    if file.read(len(MAGIC)) != MAGIC or size < len(MAGIC) + _END.size:
        raise CacheDamaged(f"{path}: no file of decoded images")
    file.seek(size - _END.size)
    start, length, check = _END.unpack(file.read(_END.size))
    if start + length + _END.size != size:
        raise CacheDamaged(f"{path}: cut off")
    file.seek(start)
    packed = file.read(length)
    if zlib.crc32(packed) != check:
        raise CacheDamaged(f"{path}: its index is not as it was written")
    with np.load(BytesIO(packed), allow_pickle=False) as table:
        faults = {int(number): text for number, text in json.loads(table["faults"].tobytes()).items()}
        index = Index(path, table["keys"], table["shapes"], table["checks"], faults)
    if len(MAGIC) + int(index.shapes.prod(axis=1).sum()) != start:
        raise CacheDamaged(f"{path}: its index does not fit its pixels")
    return index


def _check_blocks(file: BinaryIO, index: Index) -> None:
    file.seek(len(MAGIC))
    left = int(index.shapes.prod(axis=1).sum())
    for number, check in enumerate(index.checks.tolist()):
        block = file.read(min(BLOCK, left))
        left -= len(block)
        if zlib.crc32(block) != check:
            raise CacheDamaged(f"{index.path}: block {number} of its pixels is not as it was written")
