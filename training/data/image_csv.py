"""Data set `image-csv`: images listed in a CSV file with the columns path, label and, if wanted, split.

The file is UTF-8, with or without a byte order mark. The first line names the columns, in any order and case; comma,
tab or semicolon part them. Fields may be quoted as spreadsheets do it. Paths are relative to the file's folder, or
absolute. `split` is train, val or test.
"""

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import TaxoError
from taxo.taxonomy.formats.source import Faults, Source
from taxo.taxonomy.wording import few

from .by_split import listing_by_split
from .config import DataConfig
from .listing import Listing
from .split_file import SPLITS

DELIMITERS = ",\t;"
NEEDED = ("path", "label")
COLUMNS = (*NEEDED, "split")


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
        remarks.append(f"{path}: {len(table.unknown)} columns are not known and not used: {few(table.unknown)}")
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
    source = Source(str(path))
    faults = Faults(source)
    rows = _Rows(source, faults)
    names = [name.strip().lower() for name in next(rows, [])]
    _check_header(names, faults)
    faults.check()
    column = {name: names.index(name) for name in COLUMNS if name in names}
    items: dict[str, list[tuple[str, Path]]] = {split: [] for split in SPLITS}
    first: dict[str, int] = {}
    for row in rows:
        if len(row) != len(names):
            faults.add(rows.line, f"{len(row)} fields, but the first line names {len(names)}; quote fields with commas")
            continue
        file, label, *rest = (row[column[name]].strip() for name in column)
        split = rest[0] if rest else "train"
        image = os.path.normpath(path.parent / file)
        if not file or not label:
            faults.add(rows.line, f"no {'label' if file else 'path'}; every line needs both, or take the line out")
        elif split not in SPLITS:
            faults.add(rows.line, f"unknown split {split!r}; it must be train, val or test")
        elif image in first:
            faults.add(rows.line, f"image {file!r} stands in line {first[image]} already; every image may stand once")
        else:
            first[image] = rows.line
            items[split].append((label, Path(image)))
    if not first and not faults:
        faults.add(None, "no images in it; below the first line every line lists one")
    faults.check()
    unknown = tuple(name for name in names if name not in COLUMNS)
    return ImageTable({split: found for split, found in items.items() if found}, unknown, "split" in names)


class _Rows:
    """The rows of a CSV text that are not empty, with the line that each begins in.

    Attributes:
        line: Of the row that came last.
    """

    def __init__(self, source: Source, faults: Faults) -> None:
        text = source.text
        self.line = 0
        self._faults = faults
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)

    def __iter__(self) -> "_Rows":
        return self

    def __next__(self) -> list[str]:
        while True:
            self.line = self._reader.line_num + 1
            try:
                row = next(self._reader)
            except csv.Error as error:
                self._faults.add(self.line, f"the quotes or fields are wrong ({error}); repair the line")
                raise StopIteration from None
            if any(field.strip() for field in row):
                return row


def _delimiter(text: str) -> str:
    """The one that the first line has most of; a guess from whole files errs where paths have commas."""
    header = text[: text.find("\n")] if "\n" in text else text
    return max(DELIMITERS, key=header.count)


def _check_header(names: Sequence[str], faults: Faults) -> None:
    missing = [name for name in NEEDED if name not in names]
    if missing:
        columns = few(names) if names else "none"
        faults.add(
            1,
            f"no column {few(missing)}; the first line must name the columns, path,label[,split], parted by comma, "
            f"tab or semicolon (found: {columns})",
        )
    twice = sorted({name for name in names if names.count(name) > 1 and name in COLUMNS})
    if twice:
        faults.add(1, f"column {few(twice)} stands twice; every column may stand once")
