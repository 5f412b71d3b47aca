"""The content of a file, and the faults found in it."""

import io
import logging
import sys
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from ..errors import FormatError, TaxoError

log = logging.getLogger("taxo")

MAX_BYTES = 1 << 30
"""Largest text that is read."""

MAX_RATIO = 200
"""How many times its size a compressed file may unfold to, beyond the first `FREE_BYTES`.

Text of names packs ten to thirty times; a file of a few kilobytes that unfolds to fill the memory is no hierarchy.
"""

FREE_BYTES = 1 << 24


class Source:
    """What a reader reads: a file's content, with the name that messages call it by.

    Args:
        name: Path as the user gave it; `-` is standard input.
        text: The content, where it is at hand already; else the file is read when first asked for.
    """

    def __init__(self, name: str, text: str | None = None) -> None:
        self.name = name
        if text is not None:
            self.text = text

    def data(self) -> bytes:
        """Bytes of the file, unpacked where it is a `.gz`. Not kept: a big file would stay in memory twice.

        Raises:
            FormatError: Damaged gzip data, or data that unfolds beyond measure.
            TaxoError: No such file, a folder, more than `MAX_BYTES`.
        """
        raw = self.raw()
        data = unpacked(self.name, raw) if raw[:2] == b"\x1f\x8b" else raw
        if len(data) > MAX_BYTES:
            raise TaxoError(f"{self.name}: more than {MAX_BYTES >> 20} MiB of text; is it a hierarchy?")
        return data

    def raw(self) -> bytes:
        """Bytes of the file as they are, packed or not.

        Raises:
            TaxoError: No such file, a folder.
        """
        if "text" in self.__dict__:
            return self.text.encode()
        return self._stdin if self.name == "-" else _bytes(self.name)

    @cached_property
    def _stdin(self) -> bytes:
        """Standard input, which can be read only once."""
        return _bytes(self.name)

    def first_bytes(self, size: int = 1 << 16) -> bytes:
        """How the file begins, unpacked: enough to recognise a format by. Damaged gzip data ends where it is damaged.

        Raises:
            TaxoError: The file cannot be read.
        """
        if "text" in self.__dict__:
            return self.text[:size].encode(errors="replace")
        raw = self._stdin[:size] if self.name == "-" else _bytes(self.name, size)
        if raw[:2] != b"\x1f\x8b":
            return raw
        try:
            return zlib.decompressobj(wbits=31).decompress(raw, size)
        except zlib.error:
            return b""

    @cached_property
    def text(self) -> str:
        """The content, decoded, with line breaks as in the file.

        Raises:
            FormatError: Not UTF-8 (with the position of the byte), a binary file.
            TaxoError: As `data`.
        """
        return decode(self.name, self.data())

    def lines(self) -> Iterator[tuple[int, str]]:
        """Line numbers from 1 and lines without their breaks; a carriage return before a break goes too."""
        for number, line in enumerate(self.text.split("\n"), 1):
            yield number, line.removesuffix("\r")

    def chunks(self, size: int = 1 << 20) -> Iterator[tuple[int, list[str]]]:
        """The lines in runs of about `size` characters: a big file's lines need not all be in memory at once.

        Yields:
            Number of the first line, and lines without their breaks.
        """
        number, start, text = 1, 0, self.text
        while start <= len(text):
            end = text.find("\n", start + size)
            end = len(text) if end < 0 else end
            part = text[start:end]
            lines = part.split("\n")
            yield number, [line.removesuffix("\r") for line in lines] if "\r" in part else lines
            number, start = number + len(lines), end + 1

    def head(self, size: int = 1 << 16) -> "Source":
        """The first `size` characters, cut at a line end where there is one: enough to recognise a format by."""
        if len(self.text) <= size:
            return self
        cut = self.text.rfind("\n", 0, size)
        return Source(self.name, self.text[: cut if cut > 0 else size])

    @property
    def stem(self) -> str:
        """The file's name without folder and suffixes: "cub-deep" of "data/cub-deep.txt.gz"."""
        return Path(self.name).name.removesuffix(".gz").rsplit(".", 1)[0] if self.name != "-" else "stdin"


class Faults:
    """Collects the faults of one file, so that all of them can be reported together."""

    _KEPT = 1000  # a binary file of a million lines should not fill the memory with messages

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: list[tuple[int | None, str, str]] = []

    def add(self, line: int | None, message: str, code: str = "syntax") -> None:
        """Note a fault at a line; `code` is what `taxo validate --json` calls its kind."""
        if len(self._found) < self._KEPT and (line, message, code) not in self._found[-1:]:
            self._found.append((line, message, code))

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def found(self) -> list[tuple[int | None, str, str]]:
        """Line or None, message and code of each fault, in the order of the file."""
        return sorted(self._found, key=lambda fault: fault[0] or 0)

    def check(self) -> None:
        """Raise if there were any.

        Raises:
            FormatError: With all faults, in the order of the file.
        """
        if self._found:
            raise FormatError(
                self._source.name,
                [(line, message) for line, message, _ in self.found],
                [code for _, _, code in self.found],
            )


def _bytes(name: str, size: int = MAX_BYTES + 1) -> bytes:
    if name == "-":
        return _read(sys.stdin.buffer, size)
    try:
        with open(name, "rb") as file:
            return _read(file, size)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise TaxoError(f"{name}: cannot be read: {reason}") from error


def _read(file: BinaryIO, size: int) -> bytes:
    """At most `size` bytes, piece by piece: one read of that size would claim that much memory for any file."""
    out = io.BytesIO()
    while part := file.read(min(size - out.tell(), 1 << 20)):
        out.write(part)
    return out.getvalue()


def unpacked(name: str, raw: bytes) -> bytes:
    """Content of gzip data; several members one after another are joined.

    Raises:
        FormatError: Damaged data, or data that unfolds to more than `MAX_RATIO` times its size.
    """
    limit = min(MAX_BYTES, max(FREE_BYTES, MAX_RATIO * len(raw)))
    out, rest = io.BytesIO(), raw
    try:
        while rest.strip(b"\0"):  # zeros behind the last member are padding
            member = zlib.decompressobj(wbits=31)
            out.write(member.decompress(rest, limit + 1 - out.tell()))
            if out.tell() > limit:
                if limit == MAX_BYTES:
                    raise TaxoError(f"{name}: more than {MAX_BYTES >> 20} MiB of text; is it a hierarchy?")
                times = f"{limit // len(raw)} times its size"
                message = f"unfolds to more than {times}, as no text does; unpack it, if it is a hierarchy"
                raise FormatError(name, [(None, message)])
            if not member.eof:
                raise zlib.error("the end is missing")
            rest = member.unused_data
    except zlib.error as error:
        raise FormatError(name, [(None, f"damaged gzip data ({error}); copy the file again")]) from error
    return out.getvalue()


def decode(name: str, raw: bytes) -> str:
    """UTF-8 text, without a byte order mark.

    Raises:
        FormatError: Not UTF-8 (with line and column of the byte), or a NUL in it.
    """
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
