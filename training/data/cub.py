"""Data set `cub`: Caltech-UCSD Birds-200-2011 as downloaded.

Wah et al., "The Caltech-UCSD Birds-200-2011 dataset", technical report CNS-TR-2011-001, 2011.
"""

from pathlib import Path

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import FormatError

from .config import DataConfig
from .image_tables import Entry, read_numbers, read_table
from .listing import Listing
from .official_folder import OfficialFolder
from .photographs import Photograph, listing_of_photographs

FOLDER = OfficialFolder(
    title="CUB-200-2011",
    names=("CUB_200_2011",),
    needs=("images.txt", "image_class_labels.txt", "train_test_split.txt", "images"),
    source=("unpack CUB_200_2011.tgz (the data set's page: Caltech-UCSD Birds-200-2011, Caltech Vision Lab)"),
)


def find(data: str) -> Path:
    """The data set's folder; see `OfficialFolder.find`."""
    return FOLDER.find(data)


def load(config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
    """Find the images of CUB-200-2011 and their official split; the hierarchy does not matter.

    Raises:
        TaxoError: The data set is not there; the message says where to put it.
        FormatError: Its tables are broken or do not fit each other.
    """
    root = find(config.data)
    images = read_table(root / "images.txt")
    numbers = read_numbers(root / "image_class_labels.txt", images)
    is_train = read_numbers(root / "train_test_split.txt", images, allowed=(0, 1))
    names = _class_names(root / "images.txt", images, numbers)
    place = {number: index for index, number in enumerate(names)}
    photographs = [
        Photograph(entry.text, place[number], bool(train), root / "images.txt", entry.line)
        for entry, number, train in zip(images.values(), numbers, is_train, strict=True)
    ]
    return listing_of_photographs(root / "images", tuple(names.values()), photographs, config, numbers=tuple(names))


def _class_names(path: Path, images: dict[str, Entry], numbers: list[int]) -> dict[int, str]:
    """Number and name of every class, by number: the folder is the class's name, "001.Black_footed_Albatross"."""
    names: dict[int, str] = {}
    number_of: dict[str, int] = {}
    faults: list[tuple[int | None, str]] = []
    for entry, number in zip(images.values(), numbers, strict=True):
        folder, slash, _ = entry.text.partition("/")
        if not slash:
            faults.append((entry.line, f"{entry.text!r} is in no folder of a class; unpack the archive again"))
        elif (names.setdefault(number, folder), number_of.setdefault(folder, number)) != (folder, number):
            text = f"{entry.text!r} has class {number} by image_class_labels.txt, but its folder is that of another"
            faults.append((entry.line, f"{text}; unpack the archive again"))
    if faults:
        raise FormatError(str(path), faults)
    return dict(sorted(names.items()))
