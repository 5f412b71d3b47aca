"""What can be said against a data set before it is trained on: `taxo data check`."""

from collections.abc import Callable, Iterator, Sequence

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.findings import SEVERITIES

from .config import DataConfig
from .contents import EMPTY, MISSING, contents
from .duplicates import Place, duplicates
from .findings import DataFinding, DataReport
from .listing import Listing
from .matching import ClassMismatch, match_classes
from .registry import dataset
from .samples import Samples

#: Without a wish, a class with fewer training items is said to be short: none can be held out of one.
LEAST_PER_CLASS = 2

#: Items looked at between two reports.
REPORT_EVERY = 100

#: Called with the number of items looked at, and of all.
Report = Callable[[int, int], None]


def check(
    config: DataConfig, taxonomy: Taxonomy | None = None, *, per_class: int = 0, report: Report | None = None
) -> DataReport:
    """Look at everything in a data set: every file is decoded, nothing is kept.

    Args:
        config: The data set and where it lies. What is drawn from it, and its cache, do not matter.
        taxonomy: Its classes should be those of the data; without it they are not compared.
        per_class: Training items that every class should have; 0 asks for two.
        report: Told how many items have been looked at, and how many there are in all.

    Raises:
        TaxoError: The data set is not there, or so broken that its items cannot be listed.
    """
    entry = dataset(config.dataset)
    listing = entry.load(config, taxonomy)
    splits = {"train": listing.train, "val": listing.val, "test": listing.test}
    parts = {name: part for name, part in splits.items() if part is not None}
    counts = {"classes": len(listing.train.classes)} | {
        name: None if part is None else len(part) for name, part in splits.items()
    }
    facts = entry.facts
    paper = {"classes": facts.classes, "train": facts.train, "test": facts.test} if facts else None
    found = [
        *_contents(parts, config.image_size, report),
        *_classes(listing, taxonomy),
        *_short(parts, per_class or LEAST_PER_CLASS),
        *_compared(counts, paper),
        *(DataFinding("info", "remark", remark) for remark in listing.remarks),
    ]
    found.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return DataReport(entry.name, entry.kind, counts, paper, tuple(found))


def _contents(parts: dict[str, Samples], image_size: int, report: Report | None) -> Iterator[DataFinding]:
    """What is missing, unreadable, empty, or there twice."""
    places: dict[bytes, list[Place]] = {}
    faults: list[tuple[str, str]] = []
    done, total = 0, sum(map(len, parts.values()))
    for split, part in parts.items():
        for item, content in enumerate(contents(part, image_size)):
            if isinstance(content, str):
                faults.append((part.names[item], content))
            else:
                places.setdefault(content, []).append(Place(split, item))
            done += 1
            if report and (done % REPORT_EVERY == 0 or done == total):
                report(done, total)
    yield from _faulty(faults)
    yield from duplicates(parts, [group for group in places.values() if len(group) > 1])


def _faulty(faults: Sequence[tuple[str, str]]) -> Iterator[DataFinding]:
    missing = tuple((name,) for name, fault in faults if fault == MISSING)
    empty = tuple((name,) for name, fault in faults if fault == EMPTY)
    corrupt = tuple(pair for pair in faults if pair[1] not in (MISSING, EMPTY))
    if missing:
        yield DataFinding(
            "error", "missing", f"{_files(missing)} listed but not there; unpack the archive again", missing
        )
    if corrupt:
        yield DataFinding("error", "corrupt", f"{_files(corrupt)} damaged; replace or leave out (skip_bad)", corrupt)
    if empty:
        yield DataFinding("warn", "empty", f"{len(empty)} texts hold nothing; take them out", empty)


def _files(rows: Sequence[object]) -> str:
    return f"{len(rows)} {'file is' if len(rows) == 1 else 'files are'}"


def _classes(listing: Listing, taxonomy: Taxonomy | None) -> Iterator[DataFinding]:
    """Classes that only the data or only the hierarchy has."""
    if taxonomy is None:
        return
    try:
        match_classes(listing.train.classes, taxonomy, listing.numbers)
    except ClassMismatch as error:
        rows = [("data", name) for name in error.only_data] + [("hierarchy", name) for name in error.only_hierarchy]
        yield DataFinding("error", "classes", str(error).splitlines()[0], tuple(rows))


def _short(parts: dict[str, Samples], least: int) -> Iterator[DataFinding]:
    """Classes with few training items, or without any test item."""
    asked = (
        ("train", least, "short", f"fewer than {least} items in train"),
        ("test", 1, "untested", "no item in test"),
    )
    for split, fewest, code, what in asked:
        if split in parts:
            part = parts[split]
            pairs = zip(part.classes, part.counts.tolist(), strict=True)
            rows = tuple((name, str(count)) for name, count in pairs if count < fewest)
            if rows:
                verb = "class has" if len(rows) == 1 else "classes have"
                yield DataFinding("warn", code, f"{len(rows)} {verb} {what}", rows)


def _compared(counts: dict[str, int | None], paper: dict[str, int] | None) -> Iterator[DataFinding]:
    """Numbers that are not those of Table 1: a part of the data set, or another version of it."""
    rows = [
        (what, str(counts[what] or 0), str(number)) for what, number in (paper or {}).items() if counts[what] != number
    ]
    if rows:
        clauses = [f"{int(ours):,} {what} instead of {int(theirs):,}" for what, ours, theirs in rows]
        text = f"not the numbers of Table 1 of the paper: {', '.join(clauses)}"
        yield DataFinding("info", "counts", text, tuple(rows))
