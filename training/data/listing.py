"""A data set before its classes are matched and its images are drawn: what each kind of data set gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from .files import Files
from .images import Images


@dataclass(frozen=True)
class Listing:
    """The splits of a data set, all with the same classes.

    Attributes:
        train: Training images.
        val: Validation images, where the data set has its own.
        test: Test images, where it has any.
        numbers: The data set's own number of every class, `(n_classes,)`; empty where it numbers none.
        remarks: What the user should be told, one sentence each.
    """

    train: Images
    val: Images | None = None
    test: Images | None = None
    numbers: tuple[int, ...] = ()
    remarks: tuple[str, ...] = ()


def images_of_files(classes: tuple[str, ...], targets: Sequence[int], paths: Sequence[Path], size: int) -> Images:
    """Images in files, not decoded yet.

    Args:
        classes: Names of the classes.
        targets: `(n,)` class of every image.
        paths: `(n,)` path of every image.
        size: Side of the decoded images, in pixels.
    """
    names = [str(path) for path in paths]
    return Images(classes, torch.as_tensor(targets, dtype=torch.int64), names, Files(paths, size))
