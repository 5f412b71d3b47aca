"""A data set before its classes are matched and its images are drawn: what each kind of data set gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from .config import DataConfig
from .files import Files
from .samples import Samples
from .vocabulary import Vocabulary


@dataclass(frozen=True)
class Listing:
    """The splits of a data set, all with the same classes.

    Attributes:
        train: Items to train on.
        val: Items to choose by, where the data set has its own.
        test: Items to test on, where it has any.
        vocabulary: Of texts: the words that the numbers in the items stand for.
        full_size: Number of training items of the whole data set, where `train` holds fewer; 0 where it holds all.
        numbers: The data set's own number of every class, `(n_classes,)`; empty where it numbers none.
        remarks: What the user should be told, one sentence each.
    """

    train: Samples
    val: Samples | None = None
    test: Samples | None = None
    vocabulary: Vocabulary | None = None
    full_size: int = 0
    numbers: tuple[int, ...] = ()
    remarks: tuple[str, ...] = ()


def samples_of_files(
    classes: tuple[str, ...], targets: Sequence[int], paths: Sequence[Path], config: DataConfig
) -> Samples:
    """Samples in files, not decoded yet.

    Args:
        classes: Names of the classes.
        targets: `(n,)` class of every image.
        paths: `(n,)` path of every image.
        config: Says the size and the channels of the decoded images.
    """
    names = [str(path) for path in paths]
    return Samples(
        classes, torch.as_tensor(targets, dtype=torch.int64), names, Files(paths, config.short_side, config.channels)
    )
