"""Files in archives, ZIP and TAR: only those asked for are unpacked, and none beyond measure."""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Collection
from pathlib import PurePosixPath

from ..errors import FormatError
from .source import FREE_BYTES, MAX_BYTES, MAX_RATIO, Source

# What the standard library raises where archives are damaged, encrypted (RuntimeError) or packed in unknown ways
# (NotImplementedError, a kind of it).
_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    RuntimeError,
    OverflowError,
)


def is_zip(raw: bytes) -> bool:
    """Whether a file is a ZIP archive."""
    return raw[:4] == b"PK\x03\x04"


def zip_members(source: Source, raw: bytes) -> list[str]:
    """Names of the files in a ZIP archive, in its order.

    Raises:
        FormatError: A damaged archive.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return [info.filename for info in archive.infolist() if not info.is_dir()]
    except _DAMAGE as error:
        raise _damaged(source, error) from error


def zip_member(source: Source, raw: bytes, name: str) -> bytes:
    """One file of a ZIP archive.

    Raises:
        FormatError: A damaged or encrypted archive, a file that unfolds beyond measure.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            info = archive.getinfo(name)
            if info.flag_bits & 1:
                raise FormatError(source.name, [(None, f"{name} is encrypted; unpack the archive first")])
            # Not more than this is unpacked, whatever the packed data would give.
            if info.file_size > _limit(info.compress_size):
                raise _beyond_measure(source, name)
            return archive.read(info)
    except FormatError:
        raise
    except _DAMAGE as error:
        raise _damaged(source, error) from error


def tar_members(source: Source, raw: bytes, wanted: Collection[str]) -> dict[str, bytes]:
    """The wanted files of a TAR archive, packed by gzip or not, by their names without folders.

    The archive is gone through only as far as the last of them, and never unpacked as a whole.

    Raises:
        FormatError: A damaged archive, one that unfolds beyond measure.
    """
    packed = raw[:2] == b"\x1f\x8b"
    stream = gzip.GzipFile(fileobj=io.BytesIO(raw)) if packed else io.BytesIO(raw)
    limited = _Limited(source, stream, _limit(len(raw)) if packed else len(raw))
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=limited, mode="r|", bufsize=1 << 20) as archive:
            for member in archive:
                name = PurePosixPath(member.name).name
                content = archive.extractfile(member) if name in wanted and member.isfile() else None
                if content is not None:
                    found[name] = content.read()
                if len(found) == len(wanted):
                    break
    except FormatError:
        raise
    except _DAMAGE as error:
        raise _damaged(source, error) from error
    return found


class _Limited(io.RawIOBase):
    """A stream that raises once more than so many bytes were read."""

    def __init__(self, source: Source, stream: io.BufferedIOBase, limit: int) -> None:
        self._source, self._stream, self._left = source, stream, limit

    def read(self, size: int | None = -1, /) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _beyond_measure(self._source, "the archive")
        return data


def _limit(packed: int) -> int:
    return min(MAX_BYTES, max(FREE_BYTES, MAX_RATIO * packed))


def _beyond_measure(source: Source, what: str) -> FormatError:
    return FormatError(source.name, [(None, f"{what} unfolds beyond measure; unpack it, if it is a hierarchy")])


def _damaged(source: Source, error: BaseException) -> FormatError:
    return FormatError(source.name, [(None, f"damaged archive ({error or type(error).__name__}); copy the file again")])
