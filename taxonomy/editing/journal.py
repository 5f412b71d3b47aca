"""The journal beside a file: what was done to it, and what it takes to undo that.

`FILE.journal` holds one JSON object a line, each with

    kind      "edit", "undo" or "redo"
    time      when, in UTC, as in 2025-01-31T09:30:00Z
    command   the command line
    taxo      version of the program
    summary   what changed, in words
    before    SHA-256 of the file's bytes before
    after     the same after
    restore   the bytes before: `start` and `end` bytes of the file after, and `zlib`, in base64, between these

A line is written, and on the disk, before the file changes: so the hashes tell whether the change came to stand.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..errors import FormatError, TaxoError
from ..formats.source import log

Kind = Literal["edit", "undo", "redo"]

_WHOLE = 1 << 20
"""Files of up to so many bytes are kept whole: an undo then also works where the file has been changed otherwise."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One line of a journal; see above."""

    kind: Kind
    time: str
    command: str
    taxo: str
    summary: str
    before: str
    after: str
    start: int
    end: int
    middle: bytes

    @property
    def whole(self) -> bool:
        """Whether the bytes before can be had without those after."""
        return self.start == self.end == 0

    def line(self) -> bytes:
        """The line of the journal, with its break."""
        names = ("kind", "time", "command", "taxo", "summary", "before", "after")
        packed = base64.b64encode(zlib.compress(self.middle)).decode()
        document = {name: getattr(self, name) for name in names}
        document["restore"] = {"start": self.start, "end": self.end, "zlib": packed}
        return (json.dumps(document, ensure_ascii=False) + "\n").encode()

    def restored(self, after: bytes | None) -> bytes:
        """The bytes of the file before this change.

        Args:
            after: The bytes after it; None where these are not at hand.

        Raises:
            TaxoError: They are needed; the journal is damaged.
        """
        if not self.whole and (after is None or digest(after) != self.after):
            raise TaxoError("the journal holds only what differs, and the file is not what it was after that edit")
        after = after or b""
        found = after[: self.start] + self.middle + after[len(after) - self.end :] if not self.whole else self.middle
        if digest(found) != self.before:
            raise TaxoError("the journal is damaged: what it restores has another checksum than it says")
        return found


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def record(kind: Kind, before: bytes, after: bytes, *, command: str, summary: str, time: str) -> Record:
    """What the journal notes on a change of the file's bytes."""
    from taxo import __version__

    start, end = _common(before, after) if len(before) > _WHOLE else (0, 0)
    return Record(
        kind=kind,
        time=time,
        command=command,
        taxo=__version__,
        summary=summary,
        before=digest(before),
        after=digest(after),
        start=start,
        end=end,
        middle=before[start : len(before) - end],
    )


def _common(a: bytes, b: bytes) -> tuple[int, int]:
    """How many bytes two texts have in common at their beginning, and then at their end."""
    size = min(len(a), len(b))
    x, y = np.frombuffer(a, dtype=np.uint8), np.frombuffer(b, dtype=np.uint8)
    start = _run(x[:size] == y[:size])
    return start, _run(x[::-1][: size - start] == y[::-1][: size - start])


def _run(same: np.ndarray) -> int:
    """How many are true before the first that is not."""
    return len(same) if same.all() else int(same.argmin())


def parse_journal(path: Path, content: bytes) -> tuple[list[Record], int]:
    """The lines of a journal, and up to which byte they are whole.

    A last line that was not written to its end is left out, which is said.

    Raises:
        FormatError: Another line is damaged.
    """
    records: list[Record] = []
    whole = 0
    lines = content.split(b"\n")
    for number, line in enumerate(lines[:-1], 1):
        try:
            records.append(_record(json.loads(line)))
        except (ValueError, KeyError, TypeError, zlib.error) as error:
            if number == len(lines) - 1 and not lines[-1]:
                break  # a crash of the machine may leave the right length with other content
            message = "this line is damaged; move the journal away: what it holds cannot be undone then"
            raise FormatError(str(path), [(number, message)]) from error
        whole += len(line) + 1
    if whole < len(content):
        log.warning("%s: the last line was not written to its end and does not count", path)
    return records, whole


def _record(document: dict[str, Any]) -> Record:
    restore = document.pop("restore")
    middle = zlib.decompress(base64.b64decode(restore["zlib"], validate=True))
    return Record(**document, start=restore["start"], end=restore["end"], middle=middle)


@dataclass
class History:
    """What of a journal counts.

    Attributes:
        edits: All edits that came to stand, in order; their places from 1 are their numbers.
        done: Those that are in the file, the last one last.
        undone: Those that were taken back and can be done again, each with the record of that; the next one last.
    """

    edits: list[Record] = field(default_factory=list)
    done: list[Record] = field(default_factory=list)
    undone: list[tuple[Record, Record]] = field(default_factory=list)

    def number(self, edit: Record) -> int:
        """The number of an edit, from 1."""
        return next(i for i, other in enumerate(self.edits, 1) if other is edit)

    def state(self, edit: Record) -> str:
        """Whether an edit is "done" or "undone"."""
        return "done" if any(other is edit for other in self.done) else "undone"


def history(records: Sequence[Record], now: str) -> History:
    """Which edits count, and which of them are in the file.

    A record is written before the file changes. Where the next record, or the file as it is, begins with what
    was before, the change never came to stand: the program was stopped in between.

    Args:
        records: The lines of the journal.
        now: `digest` of the file as it is.
    """
    found = History()
    states = [*(r.before for r in records), now]
    for this, following in zip(records, states[1:], strict=True):
        if following == this.before != this.after:
            continue
        if this.kind == "edit":
            found.edits.append(this)
            found.done.append(this)
            found.undone.clear()
        elif this.kind == "undo" and found.done:
            found.undone.append((found.done.pop(), this))
        elif this.kind == "redo" and found.undone:
            found.done.append(found.undone.pop()[0])
    return found
