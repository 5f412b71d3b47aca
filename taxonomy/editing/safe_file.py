"""A file that is changed in place: one process at a time, the old or the new content whole, the journal first."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ..errors import TaxoError
from ..formats.source import log
from .journal import History, Record, digest, history, parse_journal


@dataclass(frozen=True, kw_only=True)
class Held:
    """A file under the lock of its journal.

    Attributes:
        path: The file itself, links followed.
        shown: What the user calls it.
        data: Its bytes.
        history: What its journal says.
        journal: An open descriptor of the journal.
        whole: Up to which byte the journal is whole.
    """

    path: Path
    shown: str
    data: bytes
    history: History
    journal: int
    whole: int

    def replace(self, record: Record, data: bytes) -> None:
        """Note a change in the journal, then make it.

        Raises:
            TaxoError: Something cannot be written: the file is then as it was.
        """
        temporary = self.path.with_name(f".{self.path.name}.taxo-new")
        try:
            self._note(record)
            # Nobody else writes under this name while the journal is locked; one that is there is of a killed process.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            _write_new(temporary, data, like=self.path)
            os.replace(temporary, self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise TaxoError(f"{self.shown}: cannot be changed: {error.strerror or error}") from error

    def _note(self, record: Record) -> None:
        """Add a line to the journal and wait until it is on the disk."""
        os.ftruncate(self.journal, self.whole)  # a line that was not written to its end
        try:
            _write_all(self.journal, record.line())
            os.fsync(self.journal)
        except OSError:
            os.ftruncate(self.journal, self.whole)  # a full disk, say
            raise
        _sync_folder(self.path.parent)


def journal_path(file: Path) -> Path:
    """The journal of a file, beside it."""
    return file.with_name(f"{file.name}.journal")


@contextlib.contextmanager
def held(path: str | Path) -> Iterator[Held]:
    """A file that nobody else changes in place meanwhile.

    Raises:
        TaxoError: It is no file, or one that may not be written.
    """
    file = target(path)
    if not os.access(file, os.W_OK):
        raise TaxoError(f"{path}: may not be written (mode {file.stat().st_mode & 0o777:03o}); write elsewhere with -o")
    with _locked(journal_path(file), file, str(path)) as journal:
        data = file.read_bytes()
        records, whole = parse_journal(journal_path(file), _read_all(journal))
        yield Held(
            path=file,
            shown=str(path),
            data=data,
            history=history(records, digest(data)),
            journal=journal,
            whole=whole,
        )


def read_history(path: str | Path) -> tuple[bytes, History]:
    """The bytes of a file and what its journal says, without changing anything.

    Raises:
        TaxoError: It is no file.
        FormatError: The journal is damaged.
    """
    file = target(path)
    journal = journal_path(file)
    if not journal.exists():
        return file.read_bytes(), History()
    with _opened(journal, os.O_RDONLY, str(path)) as handle:
        _lock(handle, str(path), shared=True)
        data = file.read_bytes()
        return data, history(parse_journal(journal, _read_all(handle))[0], digest(data))


def target(path: str | Path) -> Path:
    """The file that a path leads to, links followed.

    Raises:
        TaxoError: It is no file, or the system has no locks.
    """
    _check_locks()
    file = Path(path).resolve()
    if not file.is_file():
        what = "a folder" if file.is_dir() else "no regular file" if file.exists() else "not there"
        raise TaxoError(f"{path}: is {what}; only files are changed in place, write elsewhere with -o FILE")
    return file


@contextlib.contextmanager
def _locked(journal: Path, file: Path, shown: str) -> Iterator[int]:
    """The journal, made where there is none, under a lock of its own; taken away again where it stayed empty."""
    while True:
        with _opened(journal, os.O_RDWR | os.O_CREAT | os.O_APPEND, shown, file.stat().st_mode & 0o666) as handle:
            _lock(handle, shown)
            # The one who held the lock before may have taken the empty journal away.
            if not journal.exists() or not os.path.samestat(os.fstat(handle), journal.stat()):
                continue
            try:
                yield handle
            finally:
                if not os.fstat(handle).st_size:
                    os.unlink(journal)
            return


@contextlib.contextmanager
def _opened(path: Path, flags: int, shown: str, mode: int = 0o666) -> Iterator[int]:
    try:
        handle = os.open(path, flags, mode)
    except OSError as error:
        raise TaxoError(f"{shown}: its journal {path.name} cannot be opened: {error.strerror}") from error
    try:
        yield handle
    finally:
        os.close(handle)


def _lock(handle: int, shown: str, *, shared: bool = False) -> None:
    """Wait until no other process holds the journal."""
    import fcntl

    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        log.warning("%s: another process is changing it; waiting", shown)
        fcntl.flock(handle, kind)


def _check_locks() -> None:
    """Raise where the system has no locks for files.

    Raises:
        TaxoError: It has none.
    """
    if find_spec("fcntl") is None:
        raise TaxoError("a system without POSIX locks: no files are changed in place; write with -o FILE")


def _read_all(handle: int) -> bytes:
    size = os.fstat(handle).st_size
    found = b""
    while len(found) < size and (part := os.pread(handle, size - len(found), len(found))):
        found += part
    return found


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _write_new(path: Path, data: bytes, *, like: Path) -> None:
    """Write a new file, with mode and owner of another one, and wait until it is on the disk."""
    status = like.stat()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        _write_all(handle, data)
        # Who may write in a folder of others is not always allowed to give files away: the new one is then theirs.
        with contextlib.suppress(PermissionError):
            os.fchown(handle, status.st_uid, status.st_gid)
        os.fchmod(handle, status.st_mode & 0o7777)
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
