"""Data set `text-csv`: texts in a CSV file with the columns `text`, `label` and, if wished, `title` and `split`."""

from pathlib import Path

import torch

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import FormatError, TaxoError
from taxo.taxonomy.wording import few

from .config import DataConfig
from .csv_file import Fault, Table, read_table
from .listing import Listing
from .samples import Samples
from .split_file import SPLITS
from .texts import RawTexts


def load(config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
    """Read the texts of a CSV file; the hierarchy does not matter.

    The first line names the columns. A title goes before its text. `split` says train, val or test; without that
    column all texts are training texts. Texts may be empty. See `read_table` for the kinds of CSV.

    Raises:
        TaxoError: The file is not there.
        FormatError: Faults in it, all of them with their lines; or no training texts, or classes of only one split.
    """
    if not config.data:
        raise TaxoError(
            "data set 'text-csv' needs a file: --data FILE.csv with a first line text,label or text,label,split"
        )
    path = Path(config.data).expanduser()
    faults: list[Fault] = []
    table = read_table(path, ("text", "label"), ("title", "split"), faults)
    labels = [label.strip() for label in table.columns["label"]]
    splits = [split.strip() for split in table.columns.get("split", ["train"] * len(labels))]
    for line, label, split in zip(table.lines, labels, splits, strict=True):
        if not label or "\t" in label or len(label.splitlines()) > 1:
            faults.append((line, f"label {label!r}; it must be the name of a class, without tabs and line breaks"))
        if split not in SPLITS:
            faults.append((line, f"unknown split {split!r}; it must be train, val or test"))
    if faults:
        raise FormatError(str(path), sorted(faults, key=lambda fault: fault[0] or 0))
    _check_classes(path, labels, splits)
    remarks = () if "test" in splits else (f"{path} has no test texts (column split): nothing is tested",)
    parts = {split: _part(path, table, labels, splits, split) for split in SPLITS if split in splits}
    return Listing(parts["train"], parts.get("val"), parts.get("test"), remarks=remarks)


def _part(path: Path, table: Table, labels: list[str], splits: list[str], split: str) -> Samples:
    classes = tuple(sorted(set(labels)))
    place = {name: c for c, name in enumerate(classes)}
    rows = [row for row, given in enumerate(splits) if given == split]
    texts = table.columns["text"]
    if "title" in table.columns:
        texts = [f"{title} {text}" for title, text in zip(table.columns["title"], texts, strict=True)]
    targets = torch.tensor([place[labels[row]] for row in rows], dtype=torch.int64)
    names = [f"{path}:{table.lines[row]}" for row in rows]
    return Samples(classes, targets, names, RawTexts([texts[row] for row in rows]))


def _check_classes(path: Path, labels: list[str], splits: list[str]) -> None:
    """Train and test must have the same classes; a few validation texts need not show every class."""
    found = {name: {label for label, split in zip(labels, splits, strict=True) if split == name} for name in SPLITS}
    if not found["train"]:
        raise FormatError(str(path), [(None, "no training texts; at least one text of every class must be in 'train'")])
    faults: list[Fault] = []
    for split in ("val", "test"):
        extra = sorted(found[split] - found["train"])
        faults += [(None, f"{len(extra)} classes only in {split}: {few(extra)}; add training texts of them")] * bool(
            extra
        )
    missing = sorted(found["train"] - found["test"]) if found["test"] else []
    faults += [(None, f"{len(missing)} classes not in test: {few(missing)}; add test texts of them")] * bool(missing)
    if faults:
        raise FormatError(str(path), faults)
