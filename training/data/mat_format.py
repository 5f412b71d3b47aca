"""The bytes of MATLAB 5 files: numbers, text, cells and structs, read strictly.

SciPy's reader believes the sizes that a file states: in a file with one wrong byte it can end the process (a
segmentation fault), run without end or fill the memory. The lists of the data sets need few kinds of arrays, and
here nothing is read that does not fit into what is there.

Source: The MathWorks, "MAT-File Format", level 5.
"""

import math
import struct
import zlib
from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass

#: Numbers, a text, the values of a cell array, or the values of every field of a struct array.
Value = tuple[float, ...] | str | list["Value"] | dict[str, list["Value"]]

#: Largest file, and the most that its compressed parts may unfold to, in bytes. The largest list, that of all images
#: of Stanford Cars, needs 7 MB.
MAX_BYTES = 1 << 25

_HEADER = 128
_COMPRESSED, _MATRIX = 15, 14
_CELL, _STRUCT, _CHAR, _NUMERIC = 1, 2, 4, range(6, 16)
_COMPLEX = 0x0800
# Kinds of numbers and of text; the codes of the numbers are those of `struct`.
_INT32, _UINT32 = 5, 6
_NUMBERS = {1: "b", 2: "B", 3: "h", 4: "H", _INT32: "i", _UINT32: "I", 7: "f", 9: "d", 12: "q", 13: "Q"}
_TEXTS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}

# Cells in cells in cells: none of the lists goes deeper than a text in a field.
_DEEPEST = 4
_MOST_DIMENSIONS = 8


class BrokenMat(Exception):
    """What is wrong with the bytes; the caller knows the name of the file."""


@dataclass
class _Elements:
    """The elements one after another in a stretch of bytes.

    Attributes:
        data: The bytes.
        order: "<" or ">", as in `struct`.
        at: Where the next one begins.
    """

    data: memoryview
    order: str
    at: int = 0

    @property
    def left(self) -> int:
        """Bytes behind `at`."""
        return len(self.data) - self.at

    def next(self) -> tuple[int, memoryview]:
        """Kind and content of the next one; up to four bytes of content may stand within its tag."""
        if self.left < 8:
            raise BrokenMat("it ends in the middle of an array")
        kind, size = struct.unpack_from(f"{self.order}II", self.data, self.at)
        start = self.at + 8
        if kind >> 16:
            kind, size, start = kind & 0xFFFF, kind >> 16, self.at + 4
            if size > 4:
                raise BrokenMat("an element larger than its tag says")
            self.at += 8
        else:
            self.at = min(start + size + (0 if kind == _COMPRESSED else -size % 8), len(self.data))
        content = self.data[start : start + size]
        if len(content) < size:
            raise BrokenMat("it ends in the middle of an array")
        return kind, content

    def numbers(self, kinds: Container[int] = _NUMBERS) -> tuple[float, ...]:
        """The next one as numbers, of one of some kinds."""
        kind, content = self.next()
        if kind not in kinds:
            raise BrokenMat(f"element of kind {kind} where numbers should be")
        code = _NUMBERS[kind]
        count, rest = divmod(len(content), struct.calcsize(f"={code}"))
        if rest:
            raise BrokenMat("a number is cut off")
        return struct.unpack(f"{self.order}{count}{code}", content)


@dataclass(frozen=True)
class _Head:
    """What stands before the values of an array."""

    kind: int
    is_complex: bool
    shape: tuple[int, ...]
    name: str

    @property
    def size(self) -> int:
        return math.prod(self.shape)


def variables(data: bytes, names: Collection[str], fields: Collection[str] = ()) -> tuple[dict[str, Value], list[str]]:
    """The variables of a file.

    Args:
        data: The content of the file.
        names: The variables that are wanted; others may be of kinds that are not read here.
        fields: The fields that are wanted of those that are struct arrays.

    Returns:
        Those of `names` that are there, and the names of all.

    Raises:
        BrokenMat: No MATLAB 5 file, damaged, or an array that is not read here.
    """
    order = {b"IM": "<", b"MI": ">"}.get(data[126:_HEADER])
    if order is None or struct.unpack_from(f"{order}H", data, 124) != (0x0100,):
        raise BrokenMat(f"it is no MATLAB 5 file, as the official one is (it begins with {data[:20]!r})")
    found: dict[str, Value] = {}
    there: list[str] = []
    for body in _matrices(_Elements(memoryview(data)[_HEADER:], order)):
        elements = _Elements(body, order)
        head = _head(elements)
        there.append(head.name)
        if head.name in names:
            found[head.name] = _values(head, elements, fields, 0)
    return found, there


def _matrices(elements: _Elements) -> Iterator[memoryview]:
    """Content of every variable, unpacked."""
    budget = MAX_BYTES
    while elements.left:
        kind, content = elements.next()
        if kind == _COMPRESSED:
            unpacked = _unpacked(content, budget)
            budget -= len(unpacked)
            kind, content = _Elements(unpacked, elements.order).next()
        if kind != _MATRIX:
            raise BrokenMat(f"element of kind {kind} where a variable should be")
        yield content


def _unpacked(content: memoryview, budget: int) -> memoryview:
    packed = zlib.decompressobj()
    try:
        data = packed.decompress(content, budget + 1)
    except zlib.error as error:
        raise BrokenMat(f"damaged compressed data ({error})") from None
    if len(data) > budget:
        raise BrokenMat(f"it unfolds to more than {MAX_BYTES >> 20} MiB, far more than the official file")
    if not packed.eof:
        raise BrokenMat("it ends in the middle of an array")
    return memoryview(data)


def _head(elements: _Elements) -> _Head:
    flags = elements.numbers((_UINT32,))
    shape = tuple(int(length) for length in elements.numbers((_INT32, _UINT32))[: _MOST_DIMENSIONS + 1])
    name = bytes(elements.next()[1]).decode("latin-1")
    if len(flags) != 2:
        raise BrokenMat("an array without a proper head")
    if not 2 <= len(shape) <= _MOST_DIMENSIONS or min(shape) < 0:
        raise BrokenMat("an array of impossible shape")
    return _Head(int(flags[0]) & 0xFF, bool(int(flags[0]) & _COMPLEX), shape, name)


def _values(head: _Head, elements: _Elements, wanted: Collection[str], depth: int) -> Value:
    if depth > _DEEPEST:
        raise BrokenMat(f"arrays within arrays, more than {_DEEPEST} deep")
    if head.kind == _CELL:
        return [_member(content, elements.order, wanted, depth) for content in _members(head.size, elements)]
    if head.kind == _STRUCT:
        fields = _fields(elements)
        # Of every element all fields, then the next element.
        members = _members(head.size * len(fields), elements)
        return {
            field: [_member(content, elements.order, wanted, depth) for content in members[i :: len(fields)]]
            for i, field in enumerate(fields)
            if field in wanted
        }
    if max(head.size, 1) != max(1, *head.shape):
        raise BrokenMat(f"an array of shape {' x '.join(map(str, head.shape))} where a row or a column should be")
    if head.kind == _CHAR:
        return _text(elements) if head.size else ""
    if head.kind not in _NUMERIC or head.is_complex:
        raise BrokenMat(f"an array of class {head.kind}{' with complex numbers' * head.is_complex}, which none has")
    values = elements.numbers()
    if len(values) != head.size:
        raise BrokenMat(f"{len(values)} numbers in an array of {head.size}")
    return values


def _members(count: int, elements: _Elements) -> list[memoryview]:
    """The arrays in a cell or struct array, not read yet."""
    # Each needs a tag: a count that the file cannot hold must not cost memory.
    if 8 * count > elements.left:
        raise BrokenMat("it ends in the middle of an array")
    members = []
    for _ in range(count):
        kind, content = elements.next()
        if kind != _MATRIX:
            raise BrokenMat(f"element of kind {kind} where an array should be")
        members.append(content)
    return members


def _member(content: memoryview, order: str, wanted: Collection[str], depth: int) -> Value:
    if not content:
        return ()
    inner = _Elements(content, order)
    return _values(_head(inner), inner, wanted, depth + 1)


def _fields(elements: _Elements) -> list[str]:
    length = elements.numbers()
    names = bytes(elements.next()[1])
    if len(length) != 1 or length[0] < 1 or len(names) % int(length[0]):
        raise BrokenMat("a struct without proper names of its fields")
    width = int(length[0])
    fields = [names[at : at + width].split(b"\0")[0].decode("latin-1") for at in range(0, len(names), width)]
    if len(set(fields)) < len(fields):
        raise BrokenMat("a struct with two fields of one name")
    return fields


def _text(elements: _Elements) -> str:
    kind, content = elements.next()
    if kind not in _TEXTS:
        raise BrokenMat(f"element of kind {kind} where text should be")
    codec = _TEXTS[kind] + {"<": "-le", ">": "-be"}[elements.order] * (_TEXTS[kind] in ("utf-16", "utf-32"))
    try:
        return bytes(content).decode(codec)
    except UnicodeDecodeError:
        raise BrokenMat("a text with impossible characters") from None
