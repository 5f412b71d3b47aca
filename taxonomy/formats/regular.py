"""Big lists of pairs that are regular throughout, read as arrays: no step per line, no string per name.

Regular is a text of lines with exactly two plain names, between one space each or one tab each; comments may
stand at its top. Everything else is left to the reader that takes lines one by one, and that names faults.
"""

import numpy as np

from ..arrays import Ints
from ..hashing import PADDING, Bytes, Pieces, Places
from ..packed import PackedNames
from .draft import Draft

_LONGEST = 256  # bytes of a name
_SPACE, _TAB, _BREAK = b" \t\n"
_WIDE_SPACES = "\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def parse_regular(text: str) -> Draft | None:
    """The pairs of a regular text, left names as parents; None where it is not regular."""
    if '"' in text or (not text.isascii() and any(space in text for space in _WIDE_SPACES)):
        return None
    raw = text.encode()
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n")
    skipped = begin = 0
    while raw.startswith(b"#", begin):
        begin = raw.find(b"\n", begin) + 1 or len(raw)
        skipped += 1
    if raw.find(b"\n#", begin) >= 0:
        return None
    size = len(raw.rstrip(b"\n")) - begin
    data = np.frombuffer(raw + b"\n" * PADDING, dtype=np.uint8)[begin:]
    del raw
    if size < 3:
        return None
    ends = _field_ends(data[: size + 1])
    if ends is None:
        return None
    start = np.concatenate([np.zeros(1, dtype=np.int32), ends[:-1] + np.int32(1)])
    fields = Pieces(data, start, ends - start)
    if fields.length.max() > _LONGEST or not (numbered := _number(fields)):
        return None
    number, first = numbered
    left, right = number.reshape(-1, 2).T.copy()
    lines = np.arange(1 + skipped, 1 + skipped + len(left))
    names = PackedNames(Pieces(data, start[first], fields.length[first]))
    return Draft(names=names, parent=left, child=right, edge_lines=lines)


def _field_ends(data: Bytes) -> Places | None:
    """Where each field ends, two to a line; None unless all lines have two, without white space around them."""
    blanks = np.flatnonzero(data <= _SPACE).astype(np.int32)
    kinds = data[blanks]
    separator = _TAB if (kinds == _TAB).any() else _SPACE
    if separator == _TAB:
        inside = kinds == _SPACE  # names between tabs may hold spaces, but not at their ends
        ends, kinds = blanks[~inside], kinds[~inside]
        spaces = blanks[inside]
        if spaces.size and (spaces[0] == 0 or (data[spaces - 1] <= _BREAK).any() or (data[spaces + 1] <= _BREAK).any()):
            return None
    else:
        ends = blanks
    if len(ends) % 2 or (kinds[::2] != separator).any() or (kinds[1::2] != _BREAK).any():
        return None
    return ends if ends.size and ends[0] > 0 and (np.diff(ends) > 1).all() else None


def _number(fields: Pieces) -> tuple[Ints, Ints] | None:
    """Number the fields so that equal ones have equal numbers, in the order in which they first stand.

    Sorting 64-bit keys is several times as fast as looking strings up in a dictionary.

    Returns:
        Number of each field `(n_fields,)`, and the first field of each number; None where two different fields
        have the same key.
    """
    key = fields.keys()
    order = np.argsort(key).astype(np.int32)
    key = key[order]
    new = np.append(True, key[1:] != key[:-1])
    first = np.minimum.reduceat(order, np.flatnonzero(new))
    group = np.cumsum(new, dtype=np.int32) - np.int32(1)  # of the fields in sorted order
    if fields.length.max() > 8:
        stands_for = first[group]
        other = np.flatnonzero(order != stands_for)
        if not fields.same(order[other], fields, stands_for[other]).all():
            return None
    stands_first = np.zeros(len(order), dtype=bool)
    stands_first[first] = True
    place = np.cumsum(stands_first) - 1
    number = np.empty(len(order), dtype=np.intp)
    number[order] = place[first][group]
    return number, np.flatnonzero(stands_first)
