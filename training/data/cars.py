"""Data set `cars`: Stanford Cars as downloaded, with the development kit or with the one file of all annotations.

Krause et al., "3D object representations for fine-grained categorization", 3dRR workshop at ICCV 2013.
"""

from dataclasses import dataclass
from pathlib import Path

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import FormatError, TaxoError

from .config import DataConfig
from .listing import Listing
from .mat_file import MatFile, read_mat
from .official_folder import OfficialFolder, find_layout
from .photographs import Photograph, listing_of_photographs

_NAMES = ("stanford_cars", "cars")
_PAGE = "the data set's page: Cars Dataset, Stanford AI Lab"

KIT = OfficialFolder(
    title="Stanford Cars",
    names=_NAMES,
    needs=("devkit/cars_train_annos.mat", "devkit/cars_meta.mat", "cars_train", "cars_test"),
    source=(
        f"unpack car_devkit.tgz, cars_train.tgz and cars_test.tgz and add cars_test_annos_withlabels.mat ({_PAGE})"
    ),
)

ONE_FILE = OfficialFolder(
    title="Stanford Cars",
    names=_NAMES,
    needs=("cars_annos.mat", "car_ims"),
    source=f"unpack car_ims.tgz and add cars_annos.mat ({_PAGE})",
)

#: Where the labels of the test images may lie: they came later than the development kit.
TEST_LABELS = ("cars_test_annos_withlabels.mat", "devkit/cars_test_annos_withlabels.mat")


@dataclass(frozen=True)
class _Annotations:
    """Images of a file and their classes, by the official numbers from 1."""

    file: MatFile
    paths: list[str]
    numbers: list[int]
    is_train: list[bool]


def find(data: str) -> Path:
    """The data set's folder, in either layout; see `find_layout`."""
    return find_layout((KIT, ONE_FILE), data)[1]


def load(config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
    """Find the images of Stanford Cars and their official split; the hierarchy does not matter.

    The classes are numbered from 1.

    Raises:
        TaxoError: The data set is not there; the message says where to put it.
        FormatError: Its files are broken or do not fit each other.
    """
    layout, root = find_layout((KIT, ONE_FILE), config.data)
    if layout is ONE_FILE:
        fields = ("relative_im_path", "class", "test")
        file = read_mat(root / "cars_annos.mat", "annotations", "class_names", fields=fields)
        names, parts = _class_names(file), [_all_images(file)]
    else:
        names = _class_names(read_mat(root / "devkit" / "cars_meta.mat", "class_names"))
        labels = _test_labels(root)
        parts = [
            _images_of_split(root / "devkit" / "cars_train_annos.mat", "cars_train"),
            _images_of_split(labels, "cars_test"),
        ]
    photographs = [photograph for part in parts for photograph in _photographs(part, len(names))]
    numbers = tuple(range(1, len(names) + 1))
    return listing_of_photographs(root, names, photographs, config, numbers=numbers)


def _test_labels(root: Path) -> Path:
    for place in TEST_LABELS:
        if (root / place).is_file():
            return root / place
    raise TaxoError(
        f"{root}: no {TEST_LABELS[0]} in it; the development kit's own cars_test_annos.mat has no labels: download "
        f"that file ({_PAGE}) into this folder"
    )


def _class_names(file: MatFile) -> tuple[str, ...]:
    names = tuple(name.strip() for name in file.texts("class_names"))
    if not all(names) or len(set(names)) < len(names) or not names:
        raise file.fault("'class_names' must be different names, none of them empty; download the file again")
    return names


def _all_images(file: MatFile) -> _Annotations:
    """Of the file of all annotations: paths with their folder, and a mark at the test images."""
    marks = file.field_numbers("annotations", "test")
    if not set(marks) <= {0, 1}:
        raise file.fault("field 'test' of 'annotations' must be 0 or 1 everywhere; download the file again")
    return _Annotations(
        file,
        file.field_texts("annotations", "relative_im_path"),
        file.field_numbers("annotations", "class"),
        [mark == 0 for mark in marks],
    )


def _images_of_split(path: Path, folder: str) -> _Annotations:
    """Of a file of the development kit: names of files in the folder of the split."""
    file = read_mat(path, "annotations", fields=("fname", "class"))
    names = file.field_texts("annotations", "fname")
    numbers = file.field_numbers("annotations", "class")
    paths = [f"{folder}/{name}" if name else "" for name in names]
    return _Annotations(file, paths, numbers, [folder == "cars_train"] * len(names))


def _photographs(part: _Annotations, classes: int) -> list[Photograph]:
    faults: list[tuple[int | None, str]] = [
        (None, f"image {path!r} has class {number}, which has no name: there are {classes}; download the file again")
        for path, number in zip(part.paths, part.numbers, strict=True)
        if not 1 <= number <= classes
    ]
    if faults:
        raise FormatError(str(part.file.path), faults)
    return [
        Photograph(path, number - 1, is_train, part.file.path)
        for path, number, is_train in zip(part.paths, part.numbers, part.is_train, strict=True)
    ]
