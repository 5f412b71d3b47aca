"""Reading and writing hierarchies: the format by name or by content, files whole or not at all."""

import gc
import gzip
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import NotATree, TaxoError
from .formats.classlist import label_nodes, parse_class_list
from .formats.draft import finish
from .formats.losses import holdable
from .formats.options import ReadOptions
from .formats.registry import READ_FORMATS, WRITE_FORMATS, Format, by_suffix, readable, writable
from .formats.source import Faults, Source
from .taxonomy import Taxonomy

__all__ = [
    "READ_FORMATS",
    "WRITE_FORMATS",
    "format_for",
    "format_lines",
    "parse",
    "read",
    "replacing",
    "write",
    "write_text",
]


def read(
    path: str | Path,
    *,
    format: str | None = None,
    is_a: bool | None = None,
    tree: bool = False,
    labels: str | Path | None = None,
) -> Taxonomy:
    """Read a hierarchy from a file, a directory tree or standard input (`-`).

    Args:
        path: File, `.gz` or not, directory, or `-`.
        format: One of `READ_FORMATS`; by default found out from the file's name, else from its content.
        is_a: For pairs: True for `child parent`, False for `parent child`, None to infer it.
        tree: Whether a node with several parents is an error.
        labels: A class list `id name` whose ids are the node names; its names become the labels.

    Raises:
        FormatError: With file, line and cause of every fault.
        CycleError: With the cycle.
        TaxoError: The file cannot be read, or an unknown format.

    Example:
        >>> import pathlib, tempfile
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "birds.txt"
        >>> _ = file.write_text("birds\\n  owls\\n  gulls\\n")
        >>> read(file).classes
        ('owls', 'gulls')
    """
    return parse(Source(str(path)), format=format, is_a=is_a, tree=tree, labels=labels)


def parse(
    source: Source,
    *,
    format: str | None = None,
    is_a: bool | None = None,
    tree: bool = False,
    labels: str | Path | None = None,
) -> Taxonomy:
    """As `read`, from a source: a text that is at hand, say.

    Example:
        >>> parse(Source("birds.txt", "birds\\n  owls\\n  gulls\\n")).classes
        ('owls', 'gulls')
    """
    kind = readable(format) if format is not None else _detect(source)
    faults = Faults(source)
    with _collecting_later():
        draft = kind.read(source, faults, ReadOptions(is_a=is_a))
        taxonomy = finish(draft, source, faults, tree=tree)
    if tree and not taxonomy.is_tree:
        where = f"{source.name}: {taxonomy.describe_multi_parents()}"
        raise NotATree(f"{where}; a tree is required here (taxo reduce makes one)")
    if labels is None:
        return taxonomy
    return label_nodes(taxonomy, parse_class_list(Source(str(labels))), str(labels))


def _detect(source: Source) -> Format:
    from .formats.detect import detect  # knows many formats: the built-in hierarchies do not wait for it

    return detect(source)


def write(
    taxonomy: Taxonomy,
    path: str | Path,
    *,
    format: str | None = None,
    lossy: bool = False,
) -> None:
    """Write a hierarchy, whole or not at all; reading it back gives an equal value.

    Args:
        taxonomy: A tree; a DAG too in the formats that hold one.
        path: File; `.gz` at its end packs it.
        format: One of `WRITE_FORMATS`; by default `format_for(path)`.
        lossy: Whether to write even where the format cannot hold something: of several parents the first
            stays, the rest is left out.

    Raises:
        LossyWrite: The format cannot hold something; the message says what.
        TaxoError: The file cannot be written, or an unknown format.

    Example:
        >>> import pathlib, tempfile
        >>> from taxo.taxonomy import from_edges
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "birds.json"
        >>> write(from_edges([("birds", "owls"), ("birds", "gulls")]), file)
        >>> read(file).classes
        ('owls', 'gulls')
    """
    if format is None:
        format = format_for(path)
    write_text("".join(f"{line}\n" for line in format_lines(taxonomy, format, lossy=lossy)), path)


def write_text(text: str, path: str | Path) -> None:
    """Write a text, whole or not at all; packed where the file's name ends with `.gz`.

    Raises:
        TaxoError: The file cannot be written.
    """
    data = text.encode()
    with replacing(path) as temporary:
        # No time stamp: the same text gives the same bytes.
        temporary.write_bytes(gzip.compress(data, mtime=0) if str(path).endswith(".gz") else data)


def format_for(path: str | Path) -> str:
    """Name of the format that `write` takes for a file's name: by its suffix; text for `.txt`, for none and for `-`.

    Raises:
        TaxoError: A suffix of no format, or of one that is not written.

    Example:
        >>> format_for("tree.json.gz"), format_for("tree.txt"), format_for("-")
        ('json', 'text', 'text')
    """
    named = by_suffix(str(path))
    if named is not None:
        return writable(named.name).name
    suffix = Path(str(path).lower().removesuffix(".gz")).suffix
    if suffix not in ("", ".txt"):
        raise TaxoError(
            f"{path}: no format is known by the suffix {suffix!r}; say which with --to or format=: "
            f"{', '.join(WRITE_FORMATS)}"
        )
    return "text"


def format_lines(taxonomy: Taxonomy, format: str = "text", *, lossy: bool = False) -> Iterator[str]:
    """The lines that `write` writes, without line breaks; raises as `write` does."""
    kind = writable(format)
    return kind.write(holdable(taxonomy, kind, lossy=lossy))


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Without garbage collection: readers make millions of objects that all stay, and it would look through them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place when the block ends without an error.

    Raises:
        TaxoError: The folder is not there or cannot be written to.
    """
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise TaxoError(f"{path}: cannot be written: {error.strerror}") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes private files; the result should have the permissions of any new file.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(target)
    except OSError as error:
        raise TaxoError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
