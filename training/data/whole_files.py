"""Files of a data set by name, from its folder or from the archive as downloaded, none larger than memory can hold."""

import gzip
import io
import tarfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from taxo.taxonomy.errors import FormatError, TaxoError

#: Largest file, and largest unpacked archive: more than twice that of any data set read this way.
MOST_BYTES = 1 << 29


@dataclass(frozen=True)
class FolderFiles:
    """Files in a folder.

    Attributes:
        root: The folder.
    """

    root: Path

    def where(self, name: str) -> str:
        """What a message calls a file."""
        return str(self.root / name)

    def read(self, name: str) -> bytes:
        """Content of a file.

        Raises:
            TaxoError: It is not there, or larger than `MOST_BYTES`.
        """
        path = self.root / name
        try:
            with path.open("rb") as file:
                return _read(file, str(path))
        except OSError as error:
            raise TaxoError(f"{path}: {error.strerror}; unpack the archive again") from None


@dataclass(frozen=True)
class ArchiveFiles:
    """Files in a `.tar.gz`, unpacked in memory and nowhere else.

    Attributes:
        path: The archive.
        folder: The folder in it.
    """

    path: Path
    folder: str

    def where(self, name: str) -> str:
        """What a message calls a file."""
        return f"{self.path}, {self.folder}/{name}"

    def read(self, name: str) -> bytes:
        """Content of a file.

        Raises:
            FormatError: The archive is broken, or unfolds to more than `MOST_BYTES`.
            TaxoError: No such file in it.
        """
        try:
            with tarfile.open(fileobj=io.BytesIO(self._unpacked), mode="r:") as archive:
                member = archive.getmember(f"{self.folder}/{name}")
                # A link may lead to itself, and a sparse file be of any size.
                content = archive.extractfile(member) if member.isreg() and not member.issparse() else None
                if content is None:
                    raise FormatError(self.where(name), [(None, "no plain file; download the archive again")])
                return content.read(MOST_BYTES)
        except KeyError:
            raise TaxoError(f"{self.where(name)}: not in the archive; download it again") from None
        except (tarfile.TarError, ValueError) as error:
            if isinstance(error, TaxoError):
                raise
            raise FormatError(str(self.path), [(None, f"a broken archive ({error}); download it again")]) from None

    @cached_property
    def _unpacked(self) -> bytes:
        try:
            with gzip.open(self.path) as file:
                return _read(file, str(self.path))
        except (EOFError, zlib.error, OSError) as error:
            raise FormatError(str(self.path), [(None, f"a broken archive ({error}); download it again")]) from None


def _read(file: BinaryIO | gzip.GzipFile, name: str) -> bytes:
    # Piece by piece: one read of the largest size would claim that much memory for any file.
    out = io.BytesIO()
    while part := file.read(1 << 20):
        out.write(part)
        if out.tell() > MOST_BYTES:
            raise FormatError(name, [(None, f"more than {MOST_BYTES >> 20} MiB; replace it by the official file")])
    return out.getvalue()
