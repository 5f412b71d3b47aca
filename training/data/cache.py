"""Decoding once: images in memory where they fit, else in a mapped file, else decoded whenever they are asked for."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from taxo.taxonomy.errors import TaxoError
from taxo.taxonomy.wording import few

from . import cache_folder, room
from .arrays import Resized
from .cache_file import CacheNotWritten
from .config import DataConfig
from .files import NAMED_FAULTS, Files, resized_bytes
from .memory import Memory
from .packed import Packed
from .samples import Samples, Source
from .synthetic import Drawings

log = logging.getLogger("taxo")

#: Without being asked, decoded images take at most this share of the memory that is free, and of the disk.
MEMORY_SHARE = 1 / 4
DISK_SHARE = 1 / 2

#: Images decoded at a time.
AT_ONCE = 128

#: Seconds between two remarks on how far a long decoding is.
REMARK_SECONDS = 15.0

#: Called with the number of images that are decoded, and of all.
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Cached:
    """Items that are quick to fetch.

    Attributes:
        samples: The items that can be read.
        skipped: Those that cannot, one sentence each, which begins with the path.
    """

    samples: Samples
    skipped: tuple[str, ...] = ()


def cached(samples: Samples, config: DataConfig, report: Report | None = None) -> Cached:
    """The same items, their images decoded and kept as `config.cache` says.

    What is fetched from them is the same, bit for bit, wherever they are kept. Items that are neither files nor
    drawings come back as they are.

    Args:
        samples: The items of one split.
        config: Says where to keep the images, and whether those that cannot be read are left out (`skip_bad`).
        report: Told how many images are decoded, and how many there are; without it a long decoding leaves remarks.

    Raises:
        TaxoError: Images cannot be read; the message names up to ten. Or they do not fit where they are to be kept.
    """
    source = samples.source
    if isinstance(source, (Drawings, Resized)):
        return Cached(_made(samples, source, config))
    if not isinstance(source, Files) or not len(source):
        return Cached(samples)
    kept, faults = _kept(source, config, report or _remarks())
    if faults and not config.skip_bad:
        raise TaxoError(_named(list(faults.values())))
    samples = samples.with_source(kept)
    if faults:
        samples = _without(samples, faults)
    if isinstance(samples.source, Packed) and not isinstance(samples.source.pixels, np.memmap):
        samples = samples.with_source(samples.source.loaded())
    return Cached(samples, tuple(faults.values()))


def _kept(files: Files, config: DataConfig, report: Report) -> tuple[Source, dict[int, str]]:
    """The images where they are to be kept, and what is wrong with those that cannot be read."""
    if config.cache == "none":
        return files, _faults(files, report) if config.skip_bad else {}
    found = cache_folder.stored(files, config.dataset)
    kind = _place(config.cache, found.images.nbytes if found else resized_bytes(files), found is not None)
    if found:
        report(len(files), len(files))
        return (found.images.loaded() if kind == "memory" else found.images), found.faults
    if kind == "disk":
        try:
            made = cache_folder.store(files, config.dataset, _decoded(files, config.skip_bad, report))
            return made.images, made.faults
        except CacheNotWritten as error:
            if config.cache != "auto":
                raise
            log.info("%s; the images are decoded anew in every epoch", error)
            kind = "none"
    if kind == "none":
        return files, _faults(files, report) if config.skip_bad else {}
    return _in_memory(_decoded(files, config.skip_bad, report))


def _place(wanted: str, size: int, is_stored: bool) -> str:
    """Where decoded images of `size` bytes are to be kept: "memory", "disk" or "none"."""
    memory, disk = room.free_memory(), room.free_disk(cache_folder.cache_folder())
    if wanted == "memory" and size > memory:
        raise TaxoError(
            f"the decoded images take about {room.in_bytes(size)}, but {room.in_bytes(memory)} of memory are free; "
            "keep them on the disk (cache = disk), or make them smaller (resize)"
        )
    if wanted == "disk" and not is_stored and size > disk:
        raise TaxoError(
            f"the decoded images take about {room.in_bytes(size)}, but {room.in_bytes(disk)} of the disk are free at "
            f"{cache_folder.cache_folder()}; free some space, name another folder in TAXO_DATA, or do without "
            "(cache = none)"
        )
    if wanted != "auto":
        return wanted
    if size <= MEMORY_SHARE * memory:
        return "memory"
    return "disk" if is_stored or size <= DISK_SHARE * disk else "none"


def _decoded(files: Files, skip_bad: bool, report: Report) -> Iterator[Tensor | str]:
    """All images, or what is wrong with them; bad ones end it soon where they are not to be left out."""
    faults: list[str] = []
    for start in range(0, len(files), AT_ONCE):
        items = range(start, min(start + AT_ONCE, len(files)))
        found = files.attempt(items)
        faults += [image for image in found if isinstance(image, str)]
        if not skip_bad and len(faults) >= NAMED_FAULTS:
            break
        yield from found
        report(items.stop, len(files))
    if faults and not skip_bad:
        raise TaxoError(_named(faults))


def _faults(files: Files, report: Report) -> dict[int, str]:
    """What is wrong with images that cannot be read: a pass over all of them."""
    decoded = enumerate(_decoded(files, True, report))
    return {number: image for number, image in decoded if isinstance(image, str)}


def _in_memory(images: Iterator[Tensor | str]) -> tuple[Packed, dict[int, str]]:
    pixels = bytearray()
    shapes: list[tuple[int, ...]] = []
    faults: dict[int, str] = {}
    for number, image in enumerate(images):
        if isinstance(image, str):
            faults[number] = image
            shapes.append((0, 0, 0))
        else:
            pixels += image.numpy().tobytes()
            shapes.append(tuple(image.shape))
    return Packed.of(np.frombuffer(pixels, dtype=np.uint8), np.array(shapes, dtype=np.int64)), faults


def _without(samples: Samples, faults: dict[int, str]) -> Samples:
    """The items that can be read.

    Raises:
        TaxoError: A class that had items has none any more.
    """
    names = [samples.names[item] for item in faults]
    log.info("%d of %d images cannot be read and are left out: %s", len(names), len(samples), few(names))
    rest = samples.subset([item for item in range(len(samples)) if item not in faults])
    empty = [samples.classes[c] for c in ((rest.counts == 0) & (samples.counts > 0)).nonzero().ravel().tolist()]
    if empty:
        raise TaxoError(f"no image can be read of {few(empty)}; replace the files or take these classes out")
    return rest


def _made(samples: Samples, source: Drawings | Resized, config: DataConfig) -> Samples:
    """What is drawn or resized is quick to make again: in memory where it fits, but never on the disk."""
    size = source.nbytes
    if config.cache == "none" or (config.cache != "memory" and size > MEMORY_SHARE * room.free_memory()):
        return samples
    return samples.with_source(Memory(source.decode()))


def _named(faults: list[str]) -> str:
    more = [f"and {len(faults) - NAMED_FAULTS} more images"] if len(faults) > NAMED_FAULTS else []
    advice = "`taxo data check` finds all of them; skip_bad leaves them out"
    return "\n".join([*faults[:NAMED_FAULTS], *more, advice])


def _remarks() -> Report:
    """Says now and then how far a decoding is."""
    last = time.monotonic()

    def report(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= REMARK_SECONDS:
            last = time.monotonic()
            log.info("%d of %d images are decoded", done, total)

    return report
