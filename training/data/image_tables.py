"""The tables of CUB-200-2011 and NABirds: text files of lines `image value`."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from taxo.taxonomy.errors import FormatError
from taxo.taxonomy.formats.source import Faults, Source

#: Digits of the largest number that is taken for one.
MOST_DIGITS = 9


@dataclass(frozen=True)
class Entry:
    """What a table says of one image.

    Attributes:
        line: Where it stands.
        text: The value.
    """

    line: int
    text: str


def read_table(path: Path, what: str = "image") -> dict[str, Entry]:
    """The value of every image (or whatever the lines are about), in the order of the file.

    Args:
        path: The table.
        what: What its lines are about.

    Raises:
        FormatError: Lines without a value, or about what an earlier line is about: all of them.
        TaxoError: The file cannot be read.
    """
    source = Source(str(path))
    faults = Faults(source)
    entries: dict[str, Entry] = {}
    for number, line in source.lines():
        key, _, value = line.partition(" ")
        if not line.strip():
            continue
        if not key or not value.strip():
            faults.add(number, f"{line!r} is no {what} number followed by a value; unpack the archive again")
        elif key in entries:
            faults.add(number, f"{what} {key} is given twice; every {what} may stand only once")
        else:
            entries[key] = Entry(number, value.strip())
    if not faults and not entries:
        faults.add(None, "the file is empty; unpack the archive again")
    faults.check()
    return entries


def read_numbers(path: Path, images: Iterable[str], allowed: Iterable[int] = ()) -> list[int]:
    """The number that a table gives every image.

    Args:
        path: The table.
        images: The images in their order, which need not be that of the table.
        allowed: The numbers that may stand there; by default any.

    Returns:
        `(n_images,)`.

    Raises:
        FormatError: Other images, or values that are not such numbers.
        TaxoError: The file cannot be read.
    """
    table, images = read_table(path), list(images)
    if different := set(table).symmetric_difference(images):
        text = f"{len(different)} images stand in only one of this file and images.txt; unpack the archive again"
        raise FormatError(str(path), [(None, text)])
    faults = Faults(Source(str(path)))
    known = set(allowed)
    for image, entry in table.items():
        if not is_number(entry.text):
            faults.add(entry.line, f"image {image} has {entry.text!r}, not a number; unpack the archive again")
        elif known and int(entry.text) not in known:
            faults.add(entry.line, f"image {image} has {entry.text}, {_not_among(known)}; unpack the archive again")
    faults.check()
    return [int(table[image].text) for image in images]


def is_number(text: str) -> bool:
    """Whether a text is a whole number of a sensible size; leading zeros are allowed, as in "0817"."""
    return text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS


def _not_among(known: set[int]) -> str:
    if known == {0, 1}:
        return "which is neither 1 (train) nor 0 (test)"
    return f"which is none of the {len(known)} classes"
