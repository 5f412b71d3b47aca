"""The folder with files of decoded images: one file serves every subset of its images."""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import features
from torch import Tensor

from taxo.taxonomy.errors import TaxoError

from . import room
from .cache_file import KEY_BYTES, CacheDamaged, CacheUnreadable, Index, read_index, write_images
from .files import Files
from .packed import Packed
from .paths import data_root

log = logging.getLogger("taxo")

#: Ends with the version of the layout, so that versions of this package leave each other's files alone.
SUFFIX = ".decoded-1"


@dataclass(frozen=True, eq=False)
class Stored:
    """Decoded images in a file.

    Attributes:
        path: The file.
        images: In the order of the image files that were asked for; mapped.
        faults: What is wrong with those that cannot be read, whose images have no pixels.
    """

    path: Path
    images: Packed
    faults: dict[int, str]


def cache_folder(dataset: str = "") -> Path:
    """Where decoded images lie: the folder `decoded` in `data_root()`, and in it a folder for every data set."""
    return data_root() / "decoded" / dataset


def keys_of(files: Files) -> NDArray[np.uint8]:
    """A key of every image, uint8 `(n, KEY_BYTES)`; it changes with the file, its state, the size and the decoder."""
    decoders = [PIL.__version__, *(str(features.version(name)) for name in ("jpg", "zlib", "webp", "libtiff"))]
    common = f"{files.short_side} {files.channels} {' '.join(decoders)}"
    keys = bytearray()
    for path in files.paths:
        try:
            state = path.stat()
            text = f"{common}\0{state.st_size} {state.st_mtime_ns}\0{path.absolute()}"
        except OSError:
            text = f"{common}\0missing\0{path.absolute()}"
        keys += hashlib.blake2b(text.encode(errors="surrogateescape"), digest_size=KEY_BYTES).digest()
    return np.frombuffer(keys, dtype=np.uint8).reshape(-1, KEY_BYTES)


def stored(files: Files, dataset: str) -> Stored | None:
    """The decoded images of some files, where a file in the folder has them all; a damaged one is taken away.

    Args:
        files: The image files.
        dataset: Name of the data set.
    """
    folder = cache_folder(dataset)
    if not folder.is_dir():
        return None
    keys = keys_of(files)
    exact = _path(dataset, keys)
    others = sorted(path for path in folder.glob(f"*{SUFFIX}") if path != exact)
    for path in [exact] * exact.exists() + others:
        try:
            index = read_index(path)
            places = _places(index, keys)
            if places is not None:
                return _chosen(index, places)
        except CacheDamaged as error:
            log.info("%s; it is removed, and the images are decoded again", error)
            _remove(path)
        except CacheUnreadable as error:
            log.info("%s; these decoded images are not used", error)
    return None


def store(files: Files, dataset: str, images: Iterable[Tensor | str]) -> Stored:
    """Write decoded images.

    Two processes that do so at once write one file each, and the one that ends last stays.

    Args:
        files: The image files.
        dataset: Name of the data set.
        images: uint8 `(channels, height, width)` for every file, or what is wrong with it.

    Raises:
        CacheNotWritten: The file cannot be written; nothing is left behind.
    """
    keys = keys_of(files)
    path = _path(dataset, keys)
    log.info("%d images are decoded once, into %s", len(files), path)
    write_images(path, keys, images)
    return _chosen(read_index(path), range(len(files)))


def clear(dataset: str = "") -> tuple[int, int]:
    """Remove all decoded images, or those of one data set.

    Returns:
        Number of files, and of their bytes.

    Raises:
        TaxoError: A file cannot be removed.
    """
    # What a killed process left behind goes too: its name begins with a dot and holds the suffix.
    files = sorted(path for path in cache_folder(dataset).rglob("*.decoded-*") if path.is_file())
    size = sum(path.stat().st_size for path in files)
    for path in files:
        try:
            path.unlink()
        except OSError as error:
            raise TaxoError(f"{path}: cannot be removed: {error.strerror}; end the trainings that use it") from None
    return len(files), size


def _path(dataset: str, keys: NDArray[np.uint8]) -> Path:
    return cache_folder(dataset) / f"{hashlib.blake2b(keys.tobytes(), digest_size=8).hexdigest()}{SUFFIX}"


def _places(index: Index, keys: NDArray[np.uint8]) -> list[int] | None:
    """Where the images with these keys stand in a file; None if it lacks one."""
    place = {key.tobytes(): number for number, key in enumerate(index.keys)}
    found = [place.get(key.tobytes()) for key in keys]
    return None if None in found else [number for number in found if number is not None]


def _chosen(index: Index, places: "list[int] | range") -> Stored:
    faults = {item: index.faults[number] for item, number in enumerate(places) if number in index.faults}
    return Stored(index.path, index.images().pick(places), faults)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        log.info("%s: cannot be removed; remove it by hand (%s)", path, room.in_bytes(path.stat().st_size))
