"""Data set `cub`: Caltech-UCSD Birds-200-2011 as downloaded.

Wah et al., "The Caltech-UCSD Birds-200-2011 dataset", technical report CNS-TR-2011-001, 2011.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import FormatError, TaxoError

from .config import DataConfig
from .listing import Listing, samples_of_files
from .paths import data_root
from .samples import Samples

FOLDER = "CUB_200_2011"
TABLES = ("images.txt", "image_class_labels.txt", "train_test_split.txt")


def load(config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
    """Find the images of CUB-200-2011 and their official split; the hierarchy does not matter.

    Raises:
        TaxoError: The data set is not there; the message says where to put it.
        FormatError: Its tables are broken or do not fit each other.
    """
    root = find(config.data)
    paths = _table(root / "images.txt")
    numbers = _numbers(root / "image_class_labels.txt", paths)
    is_train = _numbers(root / "train_test_split.txt", paths) == 1
    # The folder is the class's name: "001.Black_footed_Albatross".
    names = {int(number): path.split("/")[0] for number, path in zip(numbers, paths.values(), strict=True)}
    classes = tuple(names[number] for number in sorted(names))
    targets = np.searchsorted(sorted(names), numbers)
    files = np.array([root / "images" / path for path in paths.values()])

    def part(chosen: NDArray[np.bool_]) -> Samples:
        return samples_of_files(classes, targets[chosen].tolist(), list(files[chosen]), config)

    return Listing(part(is_train), test=part(~is_train), numbers=tuple(sorted(names)))


def find(data: str) -> Path:
    """Folder of the data set: `data` itself or CUB_200_2011 in it; without `data`, in `data_root()`.

    Raises:
        TaxoError: It is not there.
    """
    base = Path(data).expanduser() if data else data_root()
    for root in (base, base / FOLDER):
        if all((root / table).is_file() for table in TABLES) and (root / "images").is_dir():
            return root
    raise TaxoError(
        f"CUB-200-2011 is not in {base}: unpack CUB_200_2011.tgz (the data set's page: Caltech-UCSD "
        f"Birds-200-2011, Caltech Vision Lab) so that {base / FOLDER / 'images.txt'} is there, or name its "
        "folder with --data or TAXO_DATA; without it, type `--dataset synthetic`"
    )


def _table(path: Path) -> dict[int, str]:
    """Lines `image id, value`, in the order of the file."""
    rows: dict[int, str] = {}
    faults: list[tuple[int | None, str]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        image, _, value = line.partition(" ")
        if not image.isdecimal() or not value.strip():
            faults.append((number, f"{line!r} is no image number followed by a value"))
        elif int(image) in rows:
            faults.append((number, f"image {image} is given twice; every image may stand only once"))
        else:
            rows[int(image)] = value.strip()
    if faults or not rows:
        raise FormatError(str(path), faults or [(None, "the file is empty; unpack the archive again")])
    return rows


def _numbers(path: Path, images: dict[int, str]) -> NDArray[np.intp]:
    """The number that a table gives every image, `(n_images,)`."""
    table = _table(path)
    if set(table) != set(images):
        different = len(set(table) ^ set(images))
        text = f"{different} images stand in only one of this file and images.txt; unpack the archive again"
        raise FormatError(str(path), [(None, text)])
    wrong = [image for image in images if not table[image].isdecimal()]
    if wrong:
        raise FormatError(str(path), [(None, f"image {wrong[0]} has {table[wrong[0]]!r}, not a number")])
    return np.array([int(table[image]) for image in images], dtype=np.intp)
