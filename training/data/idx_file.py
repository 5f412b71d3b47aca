"""The IDX format: bytes 0, 0, the type, the number of dimensions, the dimensions, the numbers.

As Y. LeCun's page of the MNIST database describes it. Only numbers of one byte are read.
"""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy.errors import FormatError, TaxoError

#: Most numbers in a file: more than five times what the largest known set of this kind has.
MOST_NUMBERS = 1 << 28

_UNSIGNED_BYTES = 8


def read_idx(path: Path, n_dimensions: int) -> NDArray[np.uint8]:
    """The numbers of a file, packed by gzip or not.

    No more is unpacked than its header promises, and that only up to `MOST_NUMBERS`.

    Args:
        path: The file.
        n_dimensions: How many dimensions it must have.

    Raises:
        FormatError: Its header or its length is wrong, or it is broken.
        TaxoError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as file:
            shape = _shape(path, file.read(4 + 4 * n_dimensions), n_dimensions)
            content = file.read(math.prod(shape) + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FormatError(str(path), [(None, f"broken gzip data ({error}); download it again")]) from None
    except OSError as error:
        raise TaxoError(f"{path}: {error.strerror}; make the file readable or download it again") from None
    if len(content) != math.prod(shape):
        much = "fewer" if len(content) < math.prod(shape) else "more"
        text = f"{much} bytes than the {' x '.join(map(str, shape))} of its header; download it again"
        raise FormatError(str(path), [(None, text)])
    return np.frombuffer(content, dtype=np.uint8).reshape(shape).copy()


def _shape(path: Path, header: bytes, n_dimensions: int) -> tuple[int, ...]:
    start = bytes([0, 0, _UNSIGNED_BYTES, n_dimensions])
    if header[:4] != start or len(header) < 4 + 4 * n_dimensions:
        text = (
            f"begins with {header[:4].hex(' ') or 'nothing'} and not with {start.hex(' ')}, as an IDX file of bytes; "
        )
        raise FormatError(str(path), [(None, f"{text}download it again")])
    shape = tuple(int.from_bytes(header[i : i + 4], "big") for i in range(4, len(header), 4))
    if not 0 < math.prod(shape) <= MOST_NUMBERS:
        text = (
            f"its header promises {' x '.join(map(str, shape))} bytes; at least 1 and at most {MOST_NUMBERS} are read"
        )
        raise FormatError(str(path), [(None, f"{text}; download it again")])
    return shape
