"""Data set `nab`: NABirds as downloaded.

Van Horn et al., "Building a bird recognition app and large scale dataset with citizen scientists: the fine print in
fine-grained dataset collection", CVPR 2015.
"""

from collections import Counter
from pathlib import Path

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import FormatError
from taxo.taxonomy.wording import few

from .config import DataConfig
from .image_tables import is_number, read_numbers, read_table
from .listing import Listing
from .official_folder import OfficialFolder
from .photographs import Photograph, listing_of_photographs

FOLDER = OfficialFolder(
    title="NABirds",
    names=("nabirds",),
    needs=(
        "images.txt",
        "image_class_labels.txt",
        "train_test_split.txt",
        "classes.txt",
        "hierarchy.txt",
        "images",
    ),
    source="unpack nabirds.tar.gz (the data set's page: NABirds, Cornell Lab of Ornithology)",
)


def find(data: str) -> Path:
    """The data set's folder; see `OfficialFolder.find`."""
    return FOLDER.find(data)


def load(config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
    """Find the images of NABirds and their official split; `taxonomy` does not matter.

    The classes are the leaves of the data set's own hierarchy: of its 1,011 groups, species and plumages, 555.

    Raises:
        TaxoError: The data set is not there; the message says where to put it.
        FormatError: Its tables are broken or do not fit each other.
    """
    root = find(config.data)
    classes = read_classes(root)
    images = read_table(root / "images.txt")
    numbers = read_numbers(root / "image_class_labels.txt", images, allowed=classes)
    is_train = read_numbers(root / "train_test_split.txt", images, allowed=(0, 1))
    place = {number: index for index, number in enumerate(classes)}
    photographs = [
        Photograph(entry.text, place[number], bool(train), root / "images.txt", entry.line)
        for entry, number, train in zip(images.values(), numbers, is_train, strict=True)
    ]
    return listing_of_photographs(root / "images", tuple(classes.values()), photographs, config, numbers=tuple(classes))


def read_classes(root: Path) -> dict[int, str]:
    """Number and name of every class of NABirds, by number.

    Args:
        root: Folder with `classes.txt`, lines `number name` of all nodes, and `hierarchy.txt`, lines `child parent`.

    Raises:
        FormatError: The files are broken or do not fit each other.
    """
    names = read_table(root / "classes.txt", "class")
    parents = read_table(root / "hierarchy.txt", "class")
    wrong = [
        (entry.line, f"{number!r} is no number; unpack the archive again")
        for number, entry in names.items()
        if not is_number(number)
    ]
    if wrong:
        raise FormatError(str(root / "classes.txt"), wrong)
    # "Swainson's Hawk (Dark morph )" is one of four names with a stray space.
    nodes = {int(number): " ".join(entry.text.split()).replace(" )", ")") for number, entry in names.items()}
    if len(nodes) < len(names):
        text = "a number is given twice, with and without leading zeros; unpack the archive again"
        raise FormatError(str(root / "classes.txt"), [(None, text)])
    faults: list[tuple[int | None, str]] = [
        (entry.line, f"'{child} {entry.text}' is no pair of classes that classes.txt names; unpack the archive again")
        for child, entry in parents.items()
        if not all(is_number(number) and int(number) in nodes for number in (child, entry.text))
    ]
    if faults:
        raise FormatError(str(root / "hierarchy.txt"), faults)
    inner = {int(entry.text) for entry in parents.values()}
    leaves = {number: name for number, name in sorted(nodes.items()) if number not in inner}
    repeated = [name for name, count in Counter(leaves.values()).items() if count > 1]
    if repeated:
        text = f"classes with the same name: {few(repeated)}; unpack the archive again"
        raise FormatError(str(root / "classes.txt"), [(None, text)])
    return leaves
