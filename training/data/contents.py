"""What the items of a data set hold, as digests: items with the same pixels, or the same text, have the same."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import Protocol, runtime_checkable

from torch import Tensor

from taxo.taxonomy.errors import TaxoError

from .files import Files, read_image
from .frames import Centre
from .memory import Memory
from .samples import Samples

#: Items that wait for the threads at a time.
AT_ONCE = 256

MISSING = "missing"
EMPTY = "empty"


@runtime_checkable
class Written(Protocol):
    """A source of texts."""

    @property
    def texts(self) -> Sequence[str]:
        """The texts as they are written."""
        ...


def contents(samples: Samples, image_size: int) -> Iterator[bytes | str]:
    """Of every item a digest of what it holds, or what is wrong with it: `MISSING`, `EMPTY`, or a sentence.

    Image files are decoded as they are, whole and in colour, by as many threads as there are processors, and forgotten
    at once. Two that differ in one pixel have different digests, two formats of the same pixels have the same.

    Args:
        samples: The items.
        image_size: Side of what is looked at of images that are neither in files nor in memory.
    """
    look = _look(samples, image_size)
    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        for start in range(0, len(samples), AT_ONCE):
            yield from pool.map(look, range(start, min(start + AT_ONCE, len(samples))))


def _look(samples: Samples, image_size: int) -> Callable[[int], bytes | str]:
    source = samples.source
    if isinstance(source, Files):
        return lambda item: _of_file(source, item)
    if isinstance(source, Memory):
        return lambda item: _digest(source.tensor[item])
    if isinstance(source, Written):
        texts = source.texts
        return lambda item: _blake(texts[item].encode(errors="surrogatepass")) if texts[item].strip() else EMPTY
    return lambda item: _digest(source.fetch([item], Centre(image_size)).inputs[0])


def _of_file(files: Files, item: int) -> bytes | str:
    # A pipe is no file either: opening one would wait forever.
    if not files.paths[item].is_file():
        return MISSING
    try:
        return _digest(read_image(files.paths[item], 0))
    except TaxoError as error:
        return str(error).removeprefix(f"{files.paths[item]}: ")


def _digest(image: Tensor) -> bytes:
    return _blake(f"{tuple(image.shape)}".encode() + image.cpu().numpy().tobytes())


def _blake(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()
