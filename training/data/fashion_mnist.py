"""Data set `fashion-mnist`: the four IDX files as downloaded, packed by gzip or not.

Xiao, Rasul & Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms", 2017.
"""

from pathlib import Path

import numpy as np

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import FormatError

from .arrays import samples_of_arrays
from .config import DataConfig
from .idx_file import read_idx
from .listing import Listing
from .official_folder import OfficialFolder
from .samples import Samples

_KINDS = ("images-idx3-ubyte", "labels-idx1-ubyte")

FOLDER = OfficialFolder(
    title="Fashion-MNIST",
    names=("fashion-mnist",),
    needs=tuple(f"{part}-{kind}.gz|{part}-{kind}" for part in ("train", "t10k") for kind in _KINDS),
    source="put its four files there (the data set's page: fashion-mnist, Zalando Research)",
)
SIDE = 28

#: The names of the classes 0 to 9 in the data set's own description; its files hold the numbers only.
CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def load(config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
    """Read Fashion-MNIST with its official split; the hierarchy does not matter.

    The classes are matched to a hierarchy by name alone: a hierarchy of a person's own may number them otherwise.

    Raises:
        TaxoError: The data set is not there; the message says where to put it.
        FormatError: A file is broken, or images and labels do not fit each other.
    """
    root = find(config.data)
    return Listing(_part(root, "train", config), test=_part(root, "t10k", config))


def find(data: str) -> Path:
    """The data set's folder; see `OfficialFolder.find`."""
    return FOLDER.find(data)


def _file(root: Path, part: str, kind: str) -> Path:
    """The unpacked file where it is there, else the packed one."""
    plain = root / f"{part}-{kind}"
    return plain if plain.is_file() else root / f"{part}-{kind}.gz"


def _part(root: Path, part: str, config: DataConfig) -> Samples:
    images_file, labels_file = (_file(root, part, kind) for kind in _KINDS)
    images, labels = read_idx(images_file, 3), read_idx(labels_file, 1)
    if images.shape[1:] != (SIDE, SIDE):
        text = f"images of {images.shape[1]} x {images.shape[2]} pixels; those of Fashion-MNIST have {SIDE} x {SIDE}"
        raise FormatError(str(images_file), [(None, f"{text}; download it again")])
    if len(labels) != len(images):
        text = f"{len(labels)} labels for the {len(images)} images of {images_file.name}; download both again"
        raise FormatError(str(labels_file), [(None, text)])
    wrong = np.flatnonzero(labels >= len(CLASSES))
    if len(wrong):
        text = f"image {wrong[0]} has class {labels[wrong[0]]}; the classes are 0 to {len(CLASSES) - 1}"
        raise FormatError(str(labels_file), [(None, f"{text}; download it again")])
    names = [f"{images_file}: image {i}" for i in range(len(images))]
    return samples_of_arrays(CLASSES, labels.astype(np.int64), names, images[:, None], config)
