"""Opening files for reading, and text files line by line."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from taxo.taxonomy import FormatError, TaxoError

_LONGEST_LINE = 1 << 30  # bytes: a binary file may have no line breaks at all
_MOST = 19  # faults after which a file is not read on


@contextmanager
def opened(path: str | Path) -> Iterator[BinaryIO]:
    """A file, open for reading.

    Raises:
        TaxoError: There is no such file, or it cannot be read.
        FormatError: What it holds does not fit into memory.
    """
    try:
        with open(path, "rb") as file:
            yield file
    except OSError as error:
        raise TaxoError(f"{path}: cannot be read: {error.strerror or error}") from error
    except MemoryError as error:
        raise FormatError(str(path), [(None, "does not fit into memory; take .npz, which needs least")]) from error


def lines(path: str | Path, file: BinaryIO) -> Iterator[tuple[int, str]]:
    r"""Numbers from 1 and lines, with their line breaks as `"\n"`; one that is missing at the end is missing.

    Raises:
        FormatError: A line that is not UTF-8, holds a NUL or is longer than a gigabyte.
    """
    number = 0
    while raw := file.readline(_LONGEST_LINE + 1):
        number += 1
        if len(raw) > _LONGEST_LINE:
            raise FormatError(str(path), [(number, "a line of more than 1 GiB; is it an embedding?")])
        if number == 1:
            if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise FormatError(str(path), [(1, "the file is UTF-16; save it as UTF-8")])
            raw = raw.removeprefix(codecs.BOM_UTF8)
        yield number, _decoded(path, number, raw)


def _decoded(path: str | Path, number: int, raw: bytes) -> str:
    try:
        line = raw.decode()
    except UnicodeDecodeError as error:
        message = f"byte 0x{raw[error.start]:02x} (column {error.start + 1}) is not UTF-8; save the file as UTF-8"
        raise FormatError(str(path), [(number, message)]) from error
    if "\0" in line:
        raise FormatError(str(path), [(number, "a NUL byte: this is a binary file, not a text file")])
    return line[:-2] + "\n" if line.endswith("\r\n") else line


class Faults:
    """The faults of one text file, told together.

    Args:
        path: For messages.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = path
        self._found: list[tuple[int | None, str]] = []

    def add(self, line: int | None, message: str) -> None:
        """Note a fault; where there are many, stop.

        Raises:
            FormatError: There are enough.
        """
        self._found.append((line, message))
        if len(self._found) >= _MOST:
            self._found.append((None, "too many faults: the rest was not looked at"))
            self.check()

    def check(self) -> None:
        """Raise if there were any.

        Raises:
            FormatError: With all of them.
        """
        if self._found:
            raise FormatError(str(self._path), self._found)
