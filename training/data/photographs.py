"""From the lists of a published data set to its splits."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from taxo.taxonomy.errors import FormatError, TaxoError
from taxo.taxonomy.wording import few

from .config import DataConfig
from .listing import Listing, samples_of_files
from .samples import Samples


@dataclass(frozen=True)
class Photograph:
    """One image as a list names it.

    Attributes:
        path: Its file, relative to the folder of the images.
        target: Its class, an index.
        is_train: Whether to train on it; else it is a test image.
        listed_in: The file that names it.
        line: The line there; None where the file has no lines.
    """

    path: str
    target: int
    is_train: bool
    listed_in: Path
    line: int | None = None


def listing_of_photographs(
    folder: Path,
    classes: tuple[str, ...],
    photographs: Sequence[Photograph],
    config: DataConfig,
    *,
    numbers: tuple[int, ...] = (),
    remarks: tuple[str, ...] = (),
) -> Listing:
    """The splits of a data set. No image is touched: that all are there is not known afterwards.

    Args:
        folder: What the paths are relative to.
        classes: Names of the classes, in the official order.
        photographs: All images.
        config: How they are decoded.
        numbers: The data set's own numbers of the classes, if it has some.
        remarks: What the user should be told.

    Raises:
        FormatError: Images are listed twice, in both splits, or outside the folder.
        TaxoError: A class has no training images.
    """
    _check_paths(photographs)

    def part(is_train: bool) -> Samples | None:
        chosen = [photograph for photograph in photographs if photograph.is_train == is_train]
        paths = [folder / photograph.path for photograph in chosen]
        return samples_of_files(classes, [photograph.target for photograph in chosen], paths, config) if paths else None

    train, test = part(True), part(False)
    counts = train.counts.tolist() if train else [0] * len(classes)
    empty = [name for name, count in zip(classes, counts, strict=True) if not count]
    if train is None or empty:
        raise TaxoError(
            f"{folder}: {len(empty)} of {len(classes)} classes have no training images: {few(empty)}; unpack the "
            "lists of the data set again"
        )
    if test is None:
        remarks += (f"{folder}: no test images are listed: nothing is tested",)
    return Listing(train, test=test, numbers=numbers, remarks=remarks)


def _check_paths(photographs: Sequence[Photograph]) -> None:
    first: dict[PurePosixPath, Photograph] = {}
    faults: dict[Path, list[tuple[int | None, str]]] = {}
    for photograph in photographs:
        path = PurePosixPath(photograph.path)
        other = first.setdefault(path, photograph)
        if not path.name or path.is_absolute() or ".." in path.parts or min(photograph.path) < " ":
            text = f"{photograph.path!r} is no path within the folder of the images"
        elif other is photograph:
            continue
        elif other.is_train != photograph.is_train:
            text = f"{photograph.path!r} is both a training and a test image; take it out of one list"
        else:
            text = f"{photograph.path!r} is listed twice; every image may stand only once"
        faults.setdefault(photograph.listed_in, []).append((photograph.line, text))
    for file, found in faults.items():
        raise FormatError(str(file), found)
