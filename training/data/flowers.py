"""Data set `flowers`: Oxford Flowers-102 as downloaded.

Nilsback and Zisserman, "Automated flower classification over a large number of classes", ICVGIP 2008.
"""

from pathlib import Path

from taxo.taxonomy import Taxonomy

from .config import DataConfig
from .flower_names import FLOWER_NAMES
from .listing import Listing
from .mat_file import MatFile, read_mat
from .official_folder import OfficialFolder
from .photographs import Photograph, listing_of_photographs

FOLDER = OfficialFolder(
    title="Oxford Flowers-102",
    names=("flowers-102", "flowers"),
    needs=("imagelabels.mat", "setid.mat", "jpg"),
    source=(
        "unpack 102flowers.tgz and add imagelabels.mat and setid.mat (the data set's page: 102 Category Flower "
        "Dataset, Visual Geometry Group, Oxford)"
    ),
)

#: The official splits by what they are used for here; true is training.
SPLITS = {"trnid": True, "valid": True, "tstid": False}


def find(data: str) -> Path:
    """The data set's folder; see `OfficialFolder.find`."""
    return FOLDER.find(data)


def load(config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
    """Find the images of Oxford Flowers-102; the hierarchy does not matter.

    The official training and validation images are the training images, as in Table 1 of the paper: 2,040, and
    6,149 test images. The classes are numbered from 1.

    Raises:
        TaxoError: The data set is not there; the message says where to put it.
        FormatError: Its files are broken or do not fit each other.
    """
    root = find(config.data)
    label_file = read_mat(root / "imagelabels.mat", "labels")
    labels = label_file.numbers("labels")
    nameless = [image for image, number in enumerate(labels, start=1) if not 1 <= number <= len(FLOWER_NAMES)]
    if nameless:
        raise label_file.fault(
            f"{len(nameless)} images have a class that has no name (first: image {nameless[0]}, class "
            f"{labels[nameless[0] - 1]}); there are {len(FLOWER_NAMES)}: download the file again"
        )
    split_file = read_mat(root / "setid.mat", *SPLITS)
    photographs = [
        Photograph(f"image_{image:05d}.jpg", labels[image - 1] - 1, is_train, split_file.path)
        for split, is_train in SPLITS.items()
        for image in _images(split_file, split, len(labels))
    ]
    count = sum(photograph.is_train for photograph in photographs)
    remark = (
        f"the {count} training images are the official training and validation images (trnid and valid), "
        "the test images are the official ones (tstid)"
    )
    numbers = tuple(range(1, len(FLOWER_NAMES) + 1))
    return listing_of_photographs(root / "jpg", FLOWER_NAMES, photographs, config, numbers=numbers, remarks=(remark,))


def _images(file: MatFile, split: str, count: int) -> list[int]:
    """Numbers of the images of a split, from 1."""
    images = file.numbers(split)
    wrong = [image for image in images if not 1 <= image <= count]
    if wrong:
        raise file.fault(
            f"{split!r} has {len(wrong)} images without a label (first: {wrong[0]}); imagelabels.mat has {count}: "
            "download both files again"
        )
    return images
