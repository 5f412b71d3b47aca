"""Edits of files in place, with a journal: edit, undo, redo, and what an edit changed."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..errors import TaxoError
from ..files import format_for, format_lines
from ..formats.registry import FORMATS, WRITE_FORMATS, by_suffix, writable
from ..formats.source import Source, decode, unpacked
from ..taxonomy import Taxonomy
from .changes import Diff
from .diff import diff
from .diff_text import summary
from .document import Document, fit_classes, read_document, render, renumbered, tell_numbers
from .journal import History, Record, digest, record
from .safe_file import Held, held, read_history

Change = Callable[[Taxonomy], Taxonomy]


@dataclass(frozen=True, kw_only=True)
class Step:
    """What was done to a file.

    Attributes:
        number: The edit's number in the journal; 0 where nothing changed, and nothing was written.
        summary: What changed, in words.
        command: The command of the edit that was done, undone, or done again.
    """

    number: int
    summary: str
    command: str


def edit_file(
    path: str | Path,
    change: Change,
    *,
    command: str,
    format: str | None = None,
    is_a: bool | None = None,
    lossy: bool = False,
    renumber: bool = False,
) -> Step:
    """Change the hierarchy in a file, in the file's own format, and note it in the journal beside the file.

    Whenever the process is stopped, the file has its old or its new content, whole. Processes that edit one file wait
    for each other. Comments and lines of text files and pairs that the edit does not concern stay.

    Args:
        path: A file in a format that is both read and written. Links are followed; the mode stays.
        change: What makes the new hierarchy from the old one.
        command: What the journal calls the edit.
        format: The file's format; by default found out.
        is_a: Direction of pairs.
        lossy: Whether to leave out what the format cannot hold.
        renumber: Whether the classes are counted anew from 0.

    Raises:
        TaxoError: The change raises it, the file cannot be read or written: the file is then as it was.

    Example:
        >>> import pathlib, tempfile
        >>> from taxo.taxonomy.editing.edits import add
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "birds.txt"
        >>> _ = file.write_text("# taxo 1\\nbirds\\n# by night\\n  owls\\n")
        >>> edit_file(file, lambda t: add(t, "gulls", parent="birds"), command="add gulls").summary
        '1 added'
        >>> print(file.read_text(), end="")
        # taxo 1
        birds
        # by night
          owls
          gulls
        >>> undo(file).command, file.read_text().endswith("owls\\n")
        ('add gulls', True)
    """
    with held(path) as file:
        document = _document(str(path), file.data, format, is_a)
        if document.format.holds is None:
            raise TaxoError(
                f"{path}: {document.format.name} is read, not written, so the file stays as it is; write "
                f"{', '.join(WRITE_FORMATS[:3])} ... with -o FILE"
            )
        after, changes = edited(document, change, renumber=renumber)
        if changes.same:
            return Step(number=0, summary=summary(changes), command=command)
        data = _packed(render(document, after, _renamed(changes), lossy=lossy), file.data)
        noted = _note(file, "edit", data, command, summary(changes))
        file.replace(noted, data)
        return Step(number=len(file.history.edits) + 1, summary=noted.summary, command=command)


def edited(document: Document, change: Change, *, renumber: bool = False) -> tuple[Taxonomy, Diff]:
    """The edited hierarchy, and what the edit changes."""
    after = change(document.taxonomy)
    if renumber:
        after = renumbered(after, document.format)
    return after, diff(document.taxonomy, after)


def edited_as(
    document: Document,
    change: Change,
    output: str | None = None,
    format: str | None = None,
    *,
    lossy: bool = False,
    renumber: bool = False,
) -> tuple[str, Taxonomy]:
    """Text of the edited hierarchy for another file, and the hierarchy.

    Args:
        document: The file as it is.
        change: What makes the new hierarchy from the old one.
        output: Name of the other file, whose suffix may tell a format.
        format: The format; by default that of `output`, else the document's own, else text.
        lossy: Whether to leave out what the format cannot hold.
        renumber: Whether the classes are counted anew from 0.

    Raises:
        LossyWrite: The format cannot hold something, and `lossy` is not set.
        TaxoError: The change raises it, an unknown format or suffix.
    """
    named = format_for(output) if output and format is None else format
    own = document.format if document.format.holds is not None else FORMATS["text"]
    if format is None and (output is None or by_suffix(output) is None):
        named = own.name
    kind = writable(named or own.name)
    after = change(document.taxonomy)
    after = renumbered(after, kind) if renumber else after
    if kind is document.format:
        return render(document, after, _renamed(diff(document.taxonomy, after)), lossy=lossy), after
    fitted = fit_classes(after, kind)
    lines = format_lines(fitted, kind.name, lossy=lossy)
    tell_numbers(document.taxonomy, fitted, kind)
    return "".join(f"{line}\n" for line in lines), after


def undo(path: str | Path, *, force: bool = False) -> Step:
    """Restore a file, byte by byte, as it was before the last edit that is in it.

    Args:
        path: The file.
        force: Whether to do so also where the file was changed otherwise since; `redo` brings that back.

    Raises:
        TaxoError: There is no edit to undo, or the file was changed otherwise since and `force` is not set.
    """
    with held(path) as file:
        if not file.history.done:
            raise TaxoError(f"{path}: there is no edit to undo; `taxo edit ... -i` notes them in {_journal_name(file)}")
        edit = file.history.done[-1]
        number = file.history.number(edit)
        if not force and digest(file.data) != edit.after:
            raise TaxoError(
                f"{path}: was changed otherwise since edit {number} ({edit.command}), which would get lost; "
                "--force restores what was before that edit all the same"
            )
        try:
            data = edit.restored(file.data)
        except TaxoError as error:
            raise TaxoError(f"{path}: edit {number} cannot be undone: {error}") from None
        file.replace(_note(file, "undo", data, f"undo {number}", edit.summary), data)
        return Step(number=number, summary=edit.summary, command=edit.command)


def redo(path: str | Path) -> Step:
    """Do again what the last `undo` took back.

    Raises:
        TaxoError: Nothing was undone, or the file was changed otherwise since.
    """
    with held(path) as file:
        if not file.history.undone:
            raise TaxoError(f"{path}: nothing was undone since the last edit")
        edit, undoing = file.history.undone[-1]
        number = file.history.number(edit)
        if digest(file.data) != undoing.after:
            raise TaxoError(f"{path}: was changed otherwise since edit {number} was undone; it cannot be done again")
        data = undoing.restored(file.data)
        file.replace(_note(file, "redo", data, f"redo {number}", edit.summary), data)
        return Step(number=number, summary=edit.summary, command=edit.command)


def is_in_step(data: bytes, found: History) -> bool:
    """Whether a file is what the last edit, or the last undoing, left behind."""
    last = found.undone[-1][1].after if found.undone else found.done[-1].after if found.done else None
    return last is None or digest(data) == last


def changes_of(path: str | Path, number: int, *, format: str | None = None, is_a: bool | None = None) -> Diff:
    """What an edit of a file changed: as a change file for other versions, say.

    Args:
        path: The file.
        number: The edit's number; it must be in the file, not undone.
        format: The file's format; by default found out.
        is_a: Direction of pairs.

    Raises:
        TaxoError: No such edit, or the versions before and after it cannot be restored.
    """
    data, found = read_history(path)
    if not 1 <= number <= len(found.edits):
        raise TaxoError(f"{path}: there is no edit {number}; the journal has {len(found.edits)}")
    wanted = found.edits[number - 1]
    if found.state(wanted) == "undone":
        raise TaxoError(f"{path}: edit {number} was undone; `taxo undo --redo` does it again")
    after: bytes | None = None
    content: bytes | None = data
    for edit in reversed(found.done):
        after = content if content is not None and digest(content) == edit.after else None
        content = edit.restored(after) if edit.whole or after is not None else None
        if edit is wanted:
            break
    if content is None or after is None:
        raise TaxoError(f"{path}: was changed otherwise since edit {number}; what that edit made cannot be restored")
    old, new = (_document(str(path), part, format, is_a).taxonomy for part in (content, after))
    return diff(old, new)


def _document(name: str, data: bytes, format: str | None, is_a: bool | None) -> Document:
    text = decode(name, unpacked(name, data) if data[:2] == b"\x1f\x8b" else data)
    return read_document(Source(name, text), format=format, is_a=is_a)


def _packed(text: str, old: bytes) -> bytes:
    """Bytes of a text, packed as the old ones were, with a byte order mark where they had one."""
    packed = old[:2] == b"\x1f\x8b"
    head = unpacked("", old)[:3] if packed else old[:3]
    data = (b"\xef\xbb\xbf" if head == b"\xef\xbb\xbf" else b"") + text.encode()
    return gzip.compress(data, mtime=0) if packed else data


def _renamed(changes: Diff) -> dict[str, str]:
    return {entry.old: entry.new for entry in changes.renamed}


def _note(file: Held, kind: str, data: bytes, command: str, words: str) -> Record:
    time = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return record(kind, file.data, data, command=command, summary=words, time=time)  # type: ignore[arg-type]


def _journal_name(file: Held) -> str:
    return f"{file.path.name}.journal"
