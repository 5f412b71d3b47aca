"""Names as numbers: comparing and looking up millions of names without a step of Python for each.

A name is a piece of a UTF-8 text: its bytes from `start` on, `length` of them. The text goes on for at least
`PADDING` bytes behind every name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .arrays import Ints

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Places = NDArray[np.int32]

PADDING = 8
_MASKS = np.array([(1 << 8 * k) - 1 for k in range(9)], dtype=np.uint64)  # the first k of eight bytes
_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd and irregular: spreads words over all 64 bits
_SHIFT = np.uint64(29)


@dataclass(frozen=True)
class Pieces:
    """Names in a text.

    Attributes:
        text: Bytes of the text.
        start: `(n,)` where each name begins.
        length: `(n,)` its bytes.
    """

    text: Bytes
    start: Places
    length: Places

    def __len__(self) -> int:
        return len(self.start)

    def words(self, which: Ints | Places, done: int) -> Words:
        """Bytes `done` to `done + 8` of some names, as one number each; 0 behind their ends."""
        windows = np.ndarray(len(self.text) - 7, dtype="<u8", buffer=self.text, strides=(1,))
        words: Words = windows[self.start[which] + done] & _MASKS[np.clip(self.length[which] - done, 0, 8)]
        return words

    def keys(self) -> Words:
        """A number for each name: up to eight bytes are their own key, longer ones get a hash."""
        key = self.words(np.arange(len(self)), 0)
        for done in range(8, int(self.length.max(initial=0)), 8):
            long = np.flatnonzero(self.length > done)
            mixed = key[long]
            mixed ^= mixed >> _SHIFT
            key[long] = mixed * _FACTOR + self.words(long, done)
        return key

    def same(self, which: Ints | Places, other: "Pieces", others: Ints | Places) -> NDArray[np.bool_]:
        """Whether the names `which` are the names `others` of other pieces, `(len(which),)`."""
        equal: NDArray[np.bool_] = self.length[which] == other.length[others]
        compared = np.flatnonzero(equal)
        done = 0
        while compared.size:
            a, b = which[compared], others[compared]
            equal[compared] &= self.words(a, done) == other.words(b, done)
            done += 8
            compared = compared[equal[compared] & (self.length[a] > done)]
        return equal


def pieces(names: Sequence[str]) -> Pieces | None:
    """Names put one after another; None where one holds a line break."""
    raw = "\n".join(names).encode("utf-8", "surrogatepass")
    text = np.frombuffer(raw + b"\n" * PADDING, dtype=np.uint8)
    ends = np.flatnonzero(text[: len(raw) + 1] == ord("\n")).astype(np.int32)
    if len(ends) != len(names):
        return None
    start = np.concatenate([np.zeros(1, dtype=np.int32), ends[:-1] + np.int32(1)])
    return Pieces(text, start, ends - start)


class NameTable:
    """A hash table of unique names, filled and asked for many names at once.

    Where a dictionary waits for the memory four times a name, one name after another, this reads arrays.
    """

    def __init__(self, names: Pieces) -> None:
        """Takes the names; each is found by its place among them."""
        self._names, self._keys = names, names.keys()
        bits = max(1, (2 * len(names)).bit_length())
        self._slots = np.full(1 << bits, -1, dtype=np.int32)
        waiting = np.arange(len(names), dtype=np.int32)
        slot = self._first_slots(self._keys)
        while waiting.size:
            free = self._slots[slot] < 0
            self._slots[slot[free]] = waiting[free]
            lost = self._slots[slot] != waiting  # another name has the slot
            waiting, slot = waiting[lost], (slot[lost] + 1) % len(self._slots)

    def _first_slots(self, keys: Words) -> Ints:
        bits = np.uint64(len(self._slots).bit_length() - 1)
        slots: Ints = (((keys ^ (keys >> _SHIFT)) * _FACTOR) >> (np.uint64(64) - bits)).astype(np.intp)
        return slots

    def find(self, wanted: Pieces) -> Ints:
        """Place of each wanted name, `(len(wanted),)`, -1 where there is none."""
        keys = wanted.keys()
        found = np.full(len(wanted), -1, dtype=np.intp)
        waiting, slot = np.arange(len(wanted)), self._first_slots(keys)
        while waiting.size:
            here = self._slots[slot]
            waiting, slot, here = waiting[here >= 0], slot[here >= 0], here[here >= 0]  # an empty slot: not there
            match = self._keys[here] == keys[waiting]
            match[match] = wanted.same(waiting[match], self._names, here[match])
            found[waiting[match]] = here[match]
            waiting, slot = waiting[~match], (slot[~match] + 1) % len(self._slots)
        return found
