"""The first line of a table of ranks: what each column is."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from .ranks import KNOWN_RANKS

_LEVEL = re.compile(r"level ?\d+", re.IGNORECASE)
_PREFIX = "rank:"
_DELIMITERS = (",", ";", "\t", "|")
CLASS = "class"
ATTRIBUTES = {
    "label": "label",
    "class_number": "class_number",
    "class number": "class_number",
    "synonym": "synonym",
    "synonyms": "synonym",
    "id": "id",
}


@dataclass
class Columns:
    """What the columns of a table are, by number.

    Attributes:
        levels: Column and rank ("" for none) of every level, from the top down.
        attributes: Column and kind ("label", "class_number", "synonym" or "id") of the others that are read.
        class_column: A column "class", which may hold ranks or class numbers; the cells tell.
        left_out: Titles of columns that are not read.
    """

    levels: list[tuple[int, str]] = field(default_factory=list)
    attributes: list[tuple[int, str]] = field(default_factory=list)
    class_column: int | None = None
    left_out: list[str] = field(default_factory=list)


def columns(titles: Sequence[str]) -> Columns:
    """What the columns with these titles are.

    Known are the ranks, `rank:anything`, `level0`, `level1` ..., and the attributes. Where there is one level
    among these, other columns are left out; else every column that is no attribute is a level.

    Example:
        >>> columns(["Family", "genus", "url", "label"]).levels
        [(0, 'family'), (1, 'genus')]
        >>> columns(["continent", "country", "label"]).levels
        [(0, 'continent'), (1, 'country')]
    """
    found = Columns()
    others: list[tuple[int, str]] = []
    for i, title in enumerate(titles):
        kind = title.casefold()
        if kind in ATTRIBUTES:
            found.attributes.append((i, ATTRIBUTES[kind]))
        elif kind in KNOWN_RANKS:
            found.levels.append((i, kind))
            found.class_column = i if kind == CLASS and found.class_column is None else found.class_column
        elif kind.startswith(_PREFIX):
            found.levels.append((i, title[len(_PREFIX) :]))
        elif _LEVEL.fullmatch(kind):
            found.levels.append((i, ""))
        else:
            others.append((i, title))
    if any(column != found.class_column for column, _ in found.levels):
        found.left_out = [title for _, title in others if title]
    else:
        found.levels = sorted([*found.levels, *others])
    return found


def twice(found: Columns) -> list[str]:
    """Titles that stand over several columns, though they may only once; a node may have several synonyms."""
    titles = [rank for _, rank in found.levels if rank] + [kind for _, kind in found.attributes if kind != "synonym"]
    return [title for title, count in Counter(titles).items() if count > 1]


def delimiter(line: str) -> str:
    """What stands between the cells of a header: the candidate that gives the most cells, a comma in doubt."""
    return max(_DELIMITERS, key=lambda candidate: len(cells(line, candidate)))


def cells(line: str, delimiter: str) -> list[str]:
    """The cells of one line; none where its quotes do not fit the delimiter."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def is_header(line: str) -> bool:
    """Whether a line has the titles of a table of ranks: two levels, or one and nothing but attributes beside it.

    Example:
        >>> is_header("order,family,species"), is_header("level0;level1"), is_header("a,b")
        (True, True, False)
    """
    titles = [title.strip() for title in cells(line, delimiter(line))]
    found = columns(titles)
    known = [t for t in map(str.casefold, titles) if t in KNOWN_RANKS or _LEVEL.fullmatch(t) or t.startswith(_PREFIX)]
    return len(known) > 1 or (len(known) == len(found.levels) == 1 < len(titles) and not found.left_out)


def titles_of(ranks: Sequence[str], numbered: bool) -> list[str]:
    """Titles from which `columns` finds these ranks again.

    Args:
        ranks: From the top down.
        numbered: Whether a column "class" would be taken for class numbers.
    """
    plain = columns(ranks)
    good = [rank for _, rank in plain.levels] == list(ranks) and not plain.attributes
    if good and not (numbered and plain.class_column is not None):
        return list(ranks)
    return [r if r in KNOWN_RANKS and not (r == CLASS and numbered) else _PREFIX + r for r in ranks]


def prefixed(ranks: Sequence[str]) -> list[str]:
    """Titles that say of themselves that they are ranks."""
    return [_PREFIX + rank for rank in ranks]
