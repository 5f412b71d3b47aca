"""The text of a file, and the faults found in it."""

import gzip
import io
import logging
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import FormatError, TaxoError

log = logging.getLogger("taxo")

MAX_BYTES = 1 << 30
"""Largest text that is read: a compressed file of a few kilobytes may otherwise unfold to fill the memory."""


@dataclass(frozen=True)
class Source:
    """A text with the name that messages call it by.

    Attributes:
        name: As the user gave it.
        text: Decoded, with line breaks as in the file.
    """

    name: str
    text: str

    def lines(self) -> Iterator[tuple[int, str]]:
        """Line numbers from 1 and lines without their breaks; a carriage return before a break goes too."""
        for number, line in enumerate(self.text.split("\n"), 1):
            yield number, line.removesuffix("\r")

    @property
    def stem(self) -> str:
        """The file's name without folder and suffixes: "cub-deep" of "data/cub-deep.txt.gz"."""
        return Path(self.name).name.removesuffix(".gz").rsplit(".", 1)[0] if self.name != "-" else "stdin"


class Faults:
    """Collects the faults of one file, so that all of them can be reported together."""

    _KEPT = 1000  # a binary file of a million lines should not fill the memory with messages

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: list[tuple[int | None, str]] = []

    def add(self, line: int | None, message: str) -> None:
        """Note a fault at a line."""
        if len(self._found) < self._KEPT:
            self._found.append((line, message))

    def __bool__(self) -> bool:
        return bool(self._found)

    def check(self) -> None:
        """Raise if there were any.

        Raises:
            FormatError: With all faults, in the order of the file.
        """
        if self._found:
            raise FormatError(self._source.name, sorted(self._found, key=lambda f: f[0] or 0))


def load_source(path: str | Path) -> Source:
    """Read a text file; `-` is standard input, `.gz` files are unpacked.

    Raises:
        FormatError: Not UTF-8 (with the position of the byte), a binary file, damaged gzip data.
        TaxoError: No such file, a folder, more than `MAX_BYTES`.
    """
    name = str(path)
    return Source(name, _decode(name, _unpacked(name, _bytes(name))))


def _bytes(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with open(name, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise TaxoError(f"{name}: cannot be read: {error.strerror}") from error


def _unpacked(name: str, raw: bytes) -> bytes:
    if raw[:2] == b"\x1f\x8b":
        try:
            raw = gzip.GzipFile(fileobj=io.BytesIO(raw)).read(MAX_BYTES + 1)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FormatError(name, [(None, f"damaged gzip data ({error}); copy the file again")]) from error
    if len(raw) > MAX_BYTES:
        raise TaxoError(f"{name}: more than {MAX_BYTES >> 20} MiB of text; is it a hierarchy?")
    return raw


def _decode(name: str, raw: bytes) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FormatError(name, [(1, "the file is UTF-16; save it as UTF-8")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        message = (
            f"byte 0x{raw[error.start]:02x} at offset {error.start} (column {column}) is not UTF-8; "
            "save the file as UTF-8"
        )
        raise FormatError(name, [(line, message)]) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise FormatError(name, [(line, "a NUL byte: this is a binary file, not a text file")])
    return text
