"""Pickles without their danger: plain values, nltk's trees and numpy's arrays, and nothing else.

A pickle is a program. Before it runs, every instruction is looked at, and those are refused that would make names be
imported by other ways, or let a small file fill the memory or the processor for hours. Then it runs in the standard
unpickler, in which the few allowed names stand for classes and functions of this module: neither nltk nor numpy sees
what the file holds before it is checked.
"""

import io
import math
import pickle
import pickletools
from typing import Any

import numpy as np

from ..errors import FormatError

_NUMERALS = ("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT")
_TEXTS = ("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8")
_BYTES = ("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8")
_MADE = ("EMPTY_TUPLE", "EMPTY_LIST", "LIST", "EMPTY_DICT", "DICT", "GLOBAL", "STACK_GLOBAL", "NEWOBJ", "REDUCE")
_VALUES = frozenset(["NONE", "NEWTRUE", "NEWFALSE", *_NUMERALS, *_TEXTS, *_BYTES, *_MADE])
_TUPLES = ("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3")
_PUTS = ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE")
_GETS = ("GET", "BINGET", "LONG_BINGET")
_OTHER = ("PROTO", "FRAME", "STOP", "MARK", "APPEND", "APPENDS", "SETITEM", "SETITEMS", "BUILD")
_ALLOWED = frozenset([*_VALUES, *_TUPLES, *_PUTS, *_GETS, *_OTHER])

_NUMBERS = frozenset(f"{kind}{size}" for kind in "iuf" for size in (1, 2, 4, 8)) - {"f1"} | {"b1"}


class Refused(Exception):
    """What a pickle does is not allowed."""


class Tree:
    """Stands for nltk's tree.

    Attributes:
        label: What is at the node, as the pickle gives it.
        children: Trees, and leaves as the pickle gives them.
    """

    __slots__ = ("children", "label")

    label: object
    children: list[Any]

    def __new__(cls, *args: object) -> "Tree":
        """Not `__init__`, which the unpickler does not call."""
        tree = super().__new__(cls)
        tree.label, tree.children = None, []
        return tree

    def append(self, child: object) -> None:
        """Called by the unpickler."""
        self.children.append(child)

    def extend(self, children: list[object]) -> None:
        """Called by the unpickler."""
        self.children.extend(children)

    def __setstate__(self, state: object) -> None:
        found = {text_of(key): value for key, value in state.items()} if isinstance(state, dict) else {}
        self.label = found.get("_label", found.get("node"))  # "node" before nltk 3


class Array:
    """Stands for numpy's array.

    Attributes:
        dtype: As numpy writes it, "<f8".
        shape: Its shape.
        fortran: Whether columns stand one after another, not rows.
        data: Its bytes.
    """

    dtype: str = "<f8"
    shape: tuple[int, ...] = (0,)
    fortran = False
    data = b""

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) not in (4, 5):
            raise Refused("an array without shape and data")
        self.set(*state[-4:])

    def set(self, shape: object, dtype: object, fortran: object, data: object) -> None:
        """Take over what a pickle says, once it is found sound."""
        sizes = shape if isinstance(shape, tuple) else ()
        if not all(isinstance(size, int) and 0 <= size < 1 << 40 for size in sizes) or len(sizes) > 8:
            raise Refused("an array of an impossible shape")
        if not isinstance(dtype, DType) or not isinstance(data, (bytes, bytearray)):
            raise Refused("an array of objects, not of numbers")
        if math.prod(sizes) * dtype.itemsize != len(data):
            raise Refused(f"an array of shape {sizes} with {len(data)} bytes")
        self.dtype, self.shape, self.fortran, self.data = dtype.text, sizes, bool(fortran), bytes(data)

    def value(self) -> np.ndarray:
        """The array itself."""
        flat = np.frombuffer(self.data, self.dtype)
        return flat.reshape(self.shape, order="F" if self.fortran else "C").copy()


class DType:
    """Stands for numpy's dtype, those of numbers."""

    def __init__(self, text: object = "", *args: object) -> None:
        name = text_of(text)
        if name not in _NUMBERS:
            raise Refused(f"an array of dtype {name[:20]!r}, not of numbers")
        self._name, self._order = name, "<"

    def __setstate__(self, state: object) -> None:
        order = text_of(state[1]) if isinstance(state, tuple) and len(state) > 1 else ""
        if order not in ("<", ">", "|", "="):
            raise Refused("a dtype without byte order")
        self._order = order

    @property
    def text(self) -> str:
        """As numpy writes it, "<f8"."""
        return self._order + self._name

    @property
    def itemsize(self) -> int:
        """Bytes of one number."""
        return int(self._name[1])


def text_of(value: object) -> str:
    """A text of a pickle; those of Python 2 come as bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _array(*args: object) -> Array:
    """Stands for `_reconstruct`: an array that is filled later."""
    return Array()


def _from_buffer(data: object, dtype: object, shape: object, order: object = "C") -> Array:
    array = Array()
    array.set(shape, dtype, order == "F", data)
    return array


def _scalar(dtype: object, data: object) -> int | float | bool:
    array = Array()
    array.set((), dtype, False, data)
    return array.value().item()  # type: ignore[no-any-return]


def _reconstructor(kind: object, base: object, state: object) -> Tree:
    """Stands for what pickles of protocol 0 and 1 make lists with."""
    if kind is not Tree or not isinstance(state, list):
        raise Refused("an object of an unknown kind")
    tree = Tree()
    tree.children = state
    return tree


_LIST = object()
"""Named by pickles of protocol 0 and 1, never called."""

_STAND_INS: dict[tuple[str, str], object] = {
    **{(module, "Tree"): Tree for module in ("nltk.tree", "nltk.tree.tree")},
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _array for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): _scalar for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _from_buffer for core in ("core", "_core")},
    ("numpy", "ndarray"): Array,
    ("numpy", "dtype"): DType,
    **{(module, "_reconstructor"): _reconstructor for module in ("copyreg", "copy_reg")},
    **{(module, "list"): _LIST for module in ("builtins", "__builtin__")},
}


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes) -> None:
        # Bytes: texts of Python 2 may be UTF-8, and the numbers of its arrays are texts as well.
        super().__init__(io.BytesIO(data), encoding="bytes")
        self._left = len(data)

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("_codecs", "encode"):
            return self._encode
        found = _STAND_INS.get((module, name))
        if found is None:
            raise Refused(f"it asks for {f'{module}.{name}'[:80]!r}")
        return found

    def _encode(self, text: str, encoding: str = "latin1") -> bytes:
        """Stands for what Python 3 writes bytes with in protocol 2. More than the file holds it cannot make."""
        self._left -= len(text)
        if self._left < 0:
            raise Refused("more bytes than the file has")
        return text.encode("latin1")


def check(data: bytes) -> None:
    """Look at every instruction of a pickle.

    Refused are instructions that no pickle of plain values, trees and arrays has; places of the memo far beyond its
    size; integers of more than 64 bits; and one tuple used twice: nested, such tuples take a time to hash that is no
    longer bounded by the size of the file.

    Raises:
        Refused: With the place.
        ValueError: No pickle.
    """
    memo: set[int] = set()
    tuples: set[int] = set()
    perhaps_tuple = False
    for opcode, arg, place in pickletools.genops(data):
        name = opcode.name
        if name not in _ALLOWED:
            raise Refused(f"instruction {name} at byte {place}")
        if name in _PUTS:
            at = len(memo) if name == "MEMOIZE" else int(arg or 0)
            if at > (place or 0):
                raise Refused(f"place {at} of the memo at byte {place}")
            memo.add(at)
            (tuples.add if perhaps_tuple else tuples.discard)(at)
        elif name in _GETS and int(arg or 0) in tuples:
            raise Refused(f"a tuple used twice at byte {place}")
        elif isinstance(arg, int) and not -(1 << 63) <= arg < 1 << 64:
            raise Refused(f"an integer of more than 64 bits at byte {place}")
        # Behind BUILD the object below may be anything; the others leave on top what was there, or no tuple.
        if name in _TUPLES or name == "BUILD":
            perhaps_tuple = True
        elif name in _VALUES or name in _GETS:
            perhaps_tuple = False


def unpickle(name: str, data: bytes) -> Any:
    """The value of a pickle, with `Tree` and `Array` for what these stand for; texts of Python 2 are bytes.

    Args:
        name: The file's name, for messages.
        data: Its content.

    Raises:
        FormatError: A damaged pickle, or one that holds anything else.
    """
    try:
        check(data)
        return _Unpickler(data).load()
    except Refused as error:
        message = f"refused: {error}; plain values, nltk trees and numpy arrays are read, nothing else is run"
        raise FormatError(name, [(None, message)]) from None
    # A damaged pickle makes the unpickler raise about anything: IndexError, KeyError, TypeError, MemoryError ...
    except Exception as error:
        cause = " ".join(str(error).split())[:100] or type(error).__name__
        raise FormatError(name, [(None, f"no whole pickle ({cause}); copy the file again")]) from error
