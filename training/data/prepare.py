"""Decoding a data set before it is trained on: `taxo data prepare`."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .cache import Report, cached
from .config import DataConfig
from .files import Files
from .packed import Packed
from .registry import dataset


@dataclass(frozen=True)
class Prepared:
    """The decoded images of one split.

    Attributes:
        split: "train", "val" or "test".
        images: Number of images.
        size: Bytes of the file; 0 without one.
        path: The file; None where there is nothing to decode: the items are no image files.
        skipped: What cannot be read and is left out, one sentence each.
    """

    split: str
    images: int
    size: int = 0
    path: Path | None = None
    skipped: tuple[str, ...] = ()


def prepare(config: DataConfig, report: Report | None = None) -> list[Prepared]:
    """Decode all images of a data set into files, where every training that asks for the same size finds them.

    Args:
        config: The data set, and the size and channels of its images. What is drawn from it does not matter: a file
            serves every subset.
        report: Told how many images of a split are decoded, and how many it has; without it there are remarks.

    Raises:
        TaxoError: The data set is not there, images cannot be read, or the disk is full.
    """
    listing = dataset(config.dataset).load(config, None)
    found = []
    for split, part in (("train", listing.train), ("val", listing.val), ("test", listing.test)):
        if part is None:
            continue
        if not isinstance(part.source, Files):
            found.append(Prepared(split, len(part)))
            continue
        kept = cached(part, replace(config, cache="disk"), report)
        assert isinstance(kept.samples.source, Packed)  # for the type checker: that is what "disk" means
        assert isinstance(kept.samples.source.pixels, np.memmap)
        path = Path(str(kept.samples.source.pixels.filename))
        found.append(Prepared(split, len(kept.samples), path.stat().st_size, path, kept.skipped))
    return found
