"""Data set `mit67`: MIT Indoor 67 as downloaded.

Quattoni and Torralba, "Recognizing indoor scenes", CVPR 2009.
"""

from pathlib import Path

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import FormatError
from taxo.taxonomy.formats.source import Source

from .config import DataConfig
from .listing import Listing
from .official_folder import OfficialFolder
from .photographs import Photograph, listing_of_photographs

FOLDER = OfficialFolder(
    title="MIT Indoor 67",
    names=("indoorCVPR_09", "mit67"),
    needs=("TrainImages.txt", "TestImages.txt", "Images"),
    source=(
        "unpack indoorCVPR_09.tar and add TrainImages.txt and TestImages.txt (the data set's page: Indoor Scene "
        "Recognition, MIT CSAIL)"
    ),
)


def find(data: str) -> Path:
    """The data set's folder; see `OfficialFolder.find`."""
    return FOLDER.find(data)


def load(config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
    """Find the images of MIT Indoor 67 and their official split; the hierarchy does not matter.

    The lists name 80 training and 20 test images of most classes; more images lie in the folders, which are not used.
    The data set numbers no classes: they stand in the order of their names.

    Raises:
        TaxoError: The data set is not there; the message says where to put it.
        FormatError: Its lists are broken or do not fit each other.
    """
    root = find(config.data)
    train, test = (_lines(root / name) for name in ("TrainImages.txt", "TestImages.txt"))
    classes = tuple(sorted({_class_of(path) for path in train.values()}))
    place = {name: index for index, name in enumerate(classes)}
    strange: list[tuple[int | None, str]] = [
        (line, f"{path!r} is of a class that TrainImages.txt does not have; download both lists again")
        for line, path in test.items()
        if _class_of(path) not in place
    ]
    if strange:
        raise FormatError(str(root / "TestImages.txt"), strange)
    photographs = [
        Photograph(path, place[_class_of(path)], is_train, root / name, line)
        for name, is_train, lines in (("TrainImages.txt", True, train), ("TestImages.txt", False, test))
        for line, path in lines.items()
    ]
    return listing_of_photographs(root / "Images", classes, photographs, config)


def _lines(path: Path) -> dict[int, str]:
    """Line number and path, CLASS/IMAGE, of every image of a list."""
    lines = {number: line.strip() for number, line in Source(str(path)).lines() if line.strip()}
    faults: list[tuple[int | None, str]] = [
        (number, f"{line!r} is not CLASS/IMAGE; download the list again")
        for number, line in lines.items()
        if not all(line.partition("/")) or line.count("/") > 1
    ]
    if faults or not lines:
        raise FormatError(str(path), faults or [(None, "the file is empty; download the list again")])
    return lines


def _class_of(path: str) -> str:
    return path.partition("/")[0]
