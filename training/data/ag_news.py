"""Data set `ag-news`: AG News as downloaded, news of four topics.

Zhang, Zhao & LeCun, "Character-level convolutional networks for text classification", NIPS 2015.
"""

import html
import re
from collections import Counter
from pathlib import Path

import torch

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.errors import FormatError, TaxoError

from .config import DataConfig
from .csv_file import Fault, records
from .listing import Listing
from .paths import data_root
from .samples import Samples
from .texts import RawTexts

CLASSES = ("World", "Sports", "Business", "Sci/Tech")
FOLDERS = ("", "ag_news_csv", "ag_news")
TABLES = ("train.csv", "test.csv")

POOL = 0.6
"""Share of a single file's texts of every class that are drawn from: 900 of 1,500."""

# " #39;" was "&#39;", whose ampersand became a space on the way.
_REFERENCE = re.compile(r"\s#(\d{1,7});")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


def load(config: DataConfig, taxonomy: Taxonomy | None) -> Listing:
    """Read AG News; the hierarchy does not matter.

    A record is the class, 1 to 4, the title and the description; title and description together are the text. A first
    line with names of columns is passed over.

    `--data` names the folder with train.csv and test.csv, or a single such file. Of a single file the first 60 % of
    the texts of every class, in the order of the file, are the training texts, and the others those to test on.

    Raises:
        TaxoError: The data set is not there; the message says where to put it.
        FormatError: A file is broken; all faults with their lines.
    """
    root = find(config.data)
    if root.is_file():
        return _one_file(root)
    train, test = (_read(root / table) for table in TABLES)
    return Listing(train, test=test)


def find(data: str) -> Path:
    """The folder with train.csv and test.csv: `data` itself, or ag_news_csv or ag_news in it; or `data`, a file.

    Args:
        data: As `DataConfig.data`; "" looks in `data_root()`.

    Raises:
        TaxoError: They are not there.
    """
    base = Path(data).expanduser() if data else data_root()
    if base.is_file():
        return base
    for root in (base / folder for folder in FOLDERS):
        if all((root / table).is_file() for table in TABLES):
            return root
    raise TaxoError(
        f"AG News is not in {base}: unpack ag_news_csv.tar.gz (Zhang, Zhao & LeCun 2015) so that "
        f"{base / FOLDERS[1] / TABLES[0]} is there, or name its folder, or one file of it, with --data or TAXO_DATA"
    )


def _one_file(path: Path) -> Listing:
    samples = _read(path)
    targets = samples.targets.tolist()
    room = {target: round(POOL * count) for target, count in Counter(targets).items()}
    train: list[int] = []
    test: list[int] = []
    for item, target in enumerate(targets):
        room[target] -= 1
        (train if room[target] >= 0 else test).append(item)
    if not train or not test:
        raise FormatError(
            str(path), [(None, "too few texts to keep some of every class for testing; take a larger file")]
        )
    remark = (
        f"{path}: of every class the first 60 % are training texts, {len(train)}, the others test texts, {len(test)}"
    )
    return Listing(samples.subset(train), test=samples.subset(test), remarks=(remark,))


def _read(path: Path) -> Samples:
    """The texts of one file."""
    faults: list[Fault] = []
    targets, names, texts = [], [], []
    for number, record in enumerate(records(path, faults)):
        label, *fields = record.cells
        if len(fields) != 2:
            text = f"{len(record.cells)} fields; a record is class,title,description, a field with commas in quotes"
            faults.append((record.line, text))
        elif label.strip() in ("1", "2", "3", "4"):
            targets.append(int(label) - 1)
            names.append(f"{path}:{record.line}")
            texts.append(clean(" ".join(fields)))
        elif number or label.strip().isdecimal():
            faults.append((record.line, f"class {label!r}; it must be 1, 2, 3 or 4"))
    missing = [str(c + 1) for c in range(len(CLASSES)) if c not in targets]
    if not faults and missing:
        faults.append((None, f"no texts of class {', '.join(missing)}; a file of AG News has texts of all four"))
    if faults:
        raise FormatError(str(path), sorted(faults, key=lambda fault: fault[0] or 0))
    return Samples(CLASSES, torch.tensor(targets, dtype=torch.int64), names, RawTexts(texts))


def clean(text: str) -> str:
    r"""A text of AG News without the traces of its way through HTML.

    A backslash stands for a line break; references have lost their ampersand (`AT T`, ` #39;`); the tags of links and
    of bold letters were kept.

    >>> clean(r"Putin #39;s \\plan: &lt;b&gt;...&lt;/b&gt;").split()
    ["Putin's", 'plan:', '...']
    """
    whole = html.unescape(_REFERENCE.sub(r"&#\1;", text.replace("\\", " ")))
    return _TAG.sub(" ", whole)
