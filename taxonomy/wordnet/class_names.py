"""Where the names of classes come from: a list in a file, the folders of a data set, or the command line."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import FormatError, TaxoError
from ..formats.classlist import parse_class_list
from ..formats.source import Source


@dataclass(frozen=True)
class ClassNames:
    """Classes of which there are only names.

    Attributes:
        names: `(n_classes,)` names or ids, in class order.
        numbers: `(n_classes,)` the data set's numbers; None where it gives none.
        name: What a hierarchy of them may be called.
    """

    names: tuple[str, ...]
    numbers: tuple[int, ...] | None
    name: str


def read_class_names(words: Sequence[str]) -> ClassNames:
    """The classes that a user means.

    Args:
        words: One file (a name per line, or `number name`), one folder of class folders, `-` for standard input;
            or else the names themselves, two at least.

    Raises:
        FormatError: Faults of the file, all together.
        TaxoError: No such file or folder, a folder without folders.
    """
    if len(words) != 1:
        return ClassNames(tuple(words), None, "derived")
    place = words[0]
    if place != "-" and not Path(place).exists():
        raise TaxoError(f"{place}: no such file or folder; names on the command line must be two at least")
    if place != "-" and Path(place).is_dir():
        folders = sorted(f.name for f in Path(place).iterdir() if f.is_dir() and not f.name.startswith("."))
        if not folders:
            raise TaxoError(f"{place}: no folders in this folder; the classes would be named by them")
        return ClassNames(tuple(folders), None, Path(place).resolve().name)
    source = Source(place)
    entries = parse_class_list(source)
    names = tuple(entries.values())
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise FormatError(place, [(None, f"class {name!r} is given twice") for name in twice])
    numbered = all(key.isascii() and key.isdigit() and len(key) < 19 for key in entries) and names != tuple(entries)
    return ClassNames(names, tuple(map(int, entries)) if numbered else None, source.stem)
