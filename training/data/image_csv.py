"""Data set `image-csv`: images listed in a CSV file with the columns path, label and, if wanted, split.

The file is UTF-8, with or without a byte order mark. The first line names the columns, in any order and case; comma,
tab or semicolon part them. Fields may be quoted as spreadsheets do it. Paths are relative to the file's folder, or
absolute. `split` is train, val or test.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import FormatError, TaxoError
from taxo.taxonomy.wording import few

from .by_split import listing_by_split
from .config import DataConfig
from .csv_file import Fault, read_table
from .listing import Listing
from .split_file import SPLITS


@dataclass(frozen=True)
class ImageTable:
    """What a file lists.

    Attributes:
        items: Class and path of every image, by split; splits without images left out.
        unknown: Columns that mean nothing here.
        has_split: Whether the file says the split of the images.
    """

    items: dict[str, list[tuple[str, Path]]]
    unknown: tuple[str, ...]
    has_split: bool


def load(config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
    """Find the images that a CSV file lists; the hierarchy does not matter.

    Without a column `split` all images train and none test. Whether the images are there shows when they are read.

    Raises:
        TaxoError: No such file, no training images, classes that only one split has.
        FormatError: Faults in the file, all of them.
    """
    if not config.data:
        raise TaxoError("data set 'image-csv' needs a file: --data FILE.csv with the columns path,label[,split]")
    path = Path(config.data).expanduser()
    if not path.is_file():
        what = "is no file" if path.exists() else "does not exist"
        raise TaxoError(f"{path}: {what}; --data must name a CSV file with the columns path,label[,split]")
    table = read_image_csv(path)
    remarks = []
    if table.unknown:
        remarks.append(f"{path}: unknown columns are not used: {few(table.unknown)}")
    if not table.has_split:
        remarks.append(
            f"{path} has no column 'split': all images train and nothing is tested; add the column with train, val "
            "or test in every line"
        )
    elif "test" not in table.items:
        remarks.append(f"{path} has no image with the split 'test': nothing is tested")
    return listing_by_split(path, table.items, config, remarks)


def read_image_csv(path: Path) -> ImageTable:
    """The images that a file lists.

    Raises:
        FormatError: No or unknown columns, lines with too few or too many fields, empty fields, unknown splits,
            images listed twice: all of them with their lines.
        TaxoError: The file cannot be read.
    """
    faults: list[Fault] = []
    table = read_table(path, ("path", "label"), ("split",), faults)
    columns = [[cell.strip() for cell in table.columns[name]] for name in ("path", "label")]
    splits = [cell.strip() for cell in table.columns.get("split", ["train"] * len(table.lines))]
    items: dict[str, list[tuple[str, Path]]] = {split: [] for split in SPLITS}
    first: dict[str, int] = {}
    for line, file, label, split in zip(table.lines, *columns, splits, strict=True):
        image = os.path.normpath(path.parent / file)
        if not file or not label:
            faults.append((line, f"no {'label' if file else 'path'}; every line needs both, or take the line out"))
        elif split not in SPLITS:
            faults.append((line, f"unknown split {split!r}; it must be train, val or test"))
        elif image in first:
            faults.append((line, f"image {file!r} stands in line {first[image]} already; every image may stand once"))
        else:
            first[image] = line
            items[split].append((label, Path(image)))
    if not first and not faults:
        faults.append((None, "no images in it; below the first line every line lists one"))
    if faults:
        raise FormatError(str(path), sorted(faults, key=lambda fault: fault[0] or 0))
    return ImageTable({split: found for split, found in items.items() if found}, table.others, "split" in table.columns)
