"""Data sets `cifar10` and `cifar100`: the Python archives as downloaded, unpacked or not.

Krizhevsky, "Learning multiple layers of features from tiny images", technical report, University of Toronto, 2009.
Their files are pickles. They are read by `taxo.taxonomy.formats.unpickle`, in which nothing of a file is run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import FormatError
from taxo.taxonomy.formats.unpickle import Array, text_of, unpickle

from .arrays import samples_of_arrays
from .config import DataConfig
from .listing import Listing
from .official_folder import OfficialFolder
from .samples import Samples
from .whole_files import ArchiveFiles, FolderFiles

SIDE = 32


@dataclass(frozen=True)
class Variant:
    """What differs between the two sets.

    Attributes:
        title: Its name for a person.
        folder: The folder in the archive.
        archive: The archive's name.
        meta: File with the names of the classes.
        names_key: Where they stand in it.
        train: Files with training images.
        test: File with test images.
        labels_key: Where the classes of the images stand in these.
    """

    title: str
    folder: str
    archive: str
    meta: str
    names_key: str
    train: tuple[str, ...]
    test: str
    labels_key: str

    @property
    def official(self) -> OfficialFolder:
        """Where its files lie: unpacked, or in the archive."""
        page = "the data set's page: The CIFAR-10 dataset, Alex Krizhevsky"
        source = f"put {self.archive} there or unpack it ({page})"
        return OfficialFolder(self.title, (self.folder,), (f"{self.meta}|{self.archive}",), source)


VARIANTS = {
    "cifar10": Variant(
        "CIFAR-10",
        "cifar-10-batches-py",
        "cifar-10-python.tar.gz",
        "batches.meta",
        "label_names",
        tuple(f"data_batch_{number}" for number in range(1, 6)),
        "test_batch",
        "labels",
    ),
    "cifar100": Variant(
        "CIFAR-100",
        "cifar-100-python",
        "cifar-100-python.tar.gz",
        "meta",
        "fine_label_names",
        ("train",),
        "test",
        "fine_labels",
    ),
}


def load(config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
    """Read CIFAR-10 or CIFAR-100 with its official split; the hierarchy does not matter.

    The classes have the set's own names in the order of its numbers, of CIFAR-100 the fine ones. They are matched to a
    hierarchy by name alone: a hierarchy of a person's own may number its classes otherwise.

    Raises:
        TaxoError: The data set is not there, or lacks a file; the message says where to put it.
        FormatError: A file is broken, or no plain pickle.
    """
    variant = VARIANTS[config.dataset]
    files = _files(find(config.data, config.dataset), variant)
    classes = _classes(files, variant)

    def part(names: Sequence[str]) -> Samples:
        batches = [_batch(files, name, variant.labels_key, len(classes)) for name in names]
        pixels = np.concatenate([batch.pixels for batch in batches])
        labels = np.concatenate([batch.labels for batch in batches])
        items = [f"{files.where(batch.file)}: {item}" for batch in batches for item in batch.items]
        return samples_of_arrays(classes, labels, items, pixels, config)

    return Listing(part(variant.train), test=part([variant.test]))


def find(data: str, dataset: str) -> Path:
    """The set's folder, or the archive where it is not unpacked; `data` may name the archive itself.

    Args:
        data: `DataConfig.data`.
        dataset: "cifar10" or "cifar100".

    Raises:
        TaxoError: It is not there.
    """
    variant = VARIANTS[dataset]
    if data and Path(data).expanduser().is_file():
        return Path(data).expanduser()
    root = variant.official.find(data)
    return root if (root / variant.meta).is_file() else root / variant.archive


def _files(place: Path, variant: Variant) -> FolderFiles | ArchiveFiles:
    return FolderFiles(place) if place.is_dir() else ArchiveFiles(place, variant.folder)


def _classes(files: FolderFiles | ArchiveFiles, variant: Variant) -> tuple[str, ...]:
    where = files.where(variant.meta)
    found = _entries(where, files.read(variant.meta)).get(variant.names_key)
    if not isinstance(found, list) or not found or not all(isinstance(name, (bytes, str)) for name in found):
        raise FormatError(where, [(None, f"no list {variant.names_key!r} of names; unpack the archive again")])
    names = tuple(text_of(name) for name in found)
    if len(set(names)) < len(names):
        raise FormatError(where, [(None, f"a name in {variant.names_key!r} stands twice; unpack the archive again")])
    return names


@dataclass(frozen=True)
class _Batch:
    """Images of one file.

    Attributes:
        file: Its name.
        pixels: `(n, 3, 32, 32)`.
        labels: `(n,)`.
        items: `(n,)` what the file calls each image.
    """

    file: str
    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    items: list[str]


def _batch(files: FolderFiles | ArchiveFiles, name: str, labels_key: str, n_classes: int) -> _Batch:
    where = files.where(name)
    entries = _entries(where, files.read(name))
    pixels, labels, items = (entries.get(key) for key in ("data", labels_key, "filenames"))
    length = 3 * SIDE * SIDE
    if not isinstance(pixels, Array) or not pixels.dtype.endswith("u1") or pixels.shape[1:] != (length,):
        raise FormatError(where, [(None, f"'data' is no array of {length} bytes a row; unpack the archive again")])
    n = pixels.shape[0]
    if not n:
        raise FormatError(where, [(None, "'data' holds no images; unpack the archive again")])
    if not isinstance(labels, list) or not all(type(label) is int for label in labels) or len(labels) != n:
        raise FormatError(where, [(None, f"{labels_key!r} does not give {n} numbers; unpack the archive again")])
    wrong = [i for i, label in enumerate(labels) if not 0 <= label < n_classes]
    if wrong:
        text = f"image {wrong[0]} has class {labels[wrong[0]]}; the classes are 0 to {n_classes - 1}"
        raise FormatError(where, [(None, f"{text}; unpack the archive again")])
    return _Batch(
        name, pixels.value().reshape(n, 3, SIDE, SIDE), np.array(labels, dtype=np.int64), _item_names(items, n)
    )


def _item_names(names: object, n: int) -> list[str]:
    """What the file calls its images; their places where it does not say."""
    if isinstance(names, list) and len(names) == n and all(isinstance(name, (bytes, str)) for name in names):
        return [text_of(name) for name in names]
    return [f"image {i}" for i in range(n)]


def _entries(where: str, content: bytes) -> dict[str, object]:
    """What a file holds by name; in Python 2, which wrote the official files, names are bytes."""
    found = unpickle(where, content)
    if not isinstance(found, dict):
        raise FormatError(where, [(None, "the pickle holds no dictionary; unpack the archive again")])
    return {text_of(key): value for key, value in found.items()}
