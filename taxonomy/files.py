"""Reading and writing hierarchies: the format by name or by content, files whole or not at all."""

import gzip
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import FormatError, NotATree, TaxoError, unknown_choice
from .formats.classlist import is_class_list, label_nodes, parse_class_list, read_classes
from .formats.directory import read_directory
from .formats.outline import dialect, read_outline, write_outline
from .formats.pairs import read_pairs, split_pair, write_pairs
from .formats.source import Source, load_source
from .taxonomy import Taxonomy

READ_FORMATS = ("text", "pairs", "classes", "directory")
WRITE_FORMATS = ("text", "pairs")


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
        format: One of `READ_FORMATS`; by default found out from the content.
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
    _check_format(format, READ_FORMATS)
    if format == "directory" or (format is None and Path(path).is_dir()):
        taxonomy = read_directory(path)
    else:
        source = load_source(path)
        kind = format or sniff(source)
        if kind == "pairs":
            taxonomy = read_pairs(source, is_a=is_a, tree=tree)
        else:
            taxonomy = read_classes(source) if kind == "classes" else read_outline(source)
    if tree and not taxonomy.is_tree:
        raise NotATree(f"{path}: {taxonomy.describe_multi_parents()}; a tree is required here")
    if labels is None:
        return taxonomy
    return label_nodes(taxonomy, parse_class_list(load_source(labels)), str(labels))


def write(
    taxonomy: Taxonomy,
    path: str | Path,
    *,
    format: str = "text",
    lossy: bool = False,
) -> None:
    """Write a hierarchy, whole or not at all; reading it back gives an equal value.

    Args:
        taxonomy: A tree; a DAG too as pairs.
        path: File; `.gz` at its end packs it.
        format: One of `WRITE_FORMATS`.
        lossy: Whether pairs are written even where ranks, labels or class numbers get lost.

    Raises:
        LossyWrite: The format cannot hold something.
        TaxoError: The file cannot be written, or an unknown format.
    """
    data = "".join(f"{line}\n" for line in format_lines(taxonomy, format, lossy=lossy)).encode()
    with replacing(path) as temporary:
        # No time stamp: the same hierarchy gives the same bytes.
        temporary.write_bytes(gzip.compress(data, mtime=0) if str(path).endswith(".gz") else data)


def format_lines(taxonomy: Taxonomy, format: str = "text", *, lossy: bool = False) -> Iterator[str]:
    """The lines that `write` writes, without line breaks; raises as `write` does."""
    _check_format(format, WRITE_FORMATS)
    writers: dict[str, Callable[[], Iterator[str]]] = {
        "text": lambda: write_outline(taxonomy),
        "pairs": lambda: write_pairs(taxonomy, lossy=lossy),
    }
    return writers[format]()


def sniff(source: Source) -> str:
    """The format of a text: "text", "pairs" or "classes".

    Raises:
        FormatError: The content looks like a format that is not read.
    """
    head = source.text.lstrip()[:1]
    if head in ("{", "[", "<") or (head == "(" and source.text.rstrip().endswith(";")):
        kinds = {"{": "JSON", "[": "JSON", "<": "XML", "(": "Newick"}
        raise FormatError(
            source.name,
            [(1, f"this looks like {kinds[head]}; read are {', '.join(READ_FORMATS)}; convert the file first")],
        )
    if dialect(source) in ("taxo", "dashes", "box", "tabs"):
        return "text"
    lines = [line for _, line in source.lines() if line.strip() and not line.startswith("#")]
    if any(line[0] == " " for line in lines):
        return "text"
    if is_class_list(lines):
        return "classes"
    # A list of pairs with some faulty lines is still one: its reader then names these lines.
    pairs = sum(len(split_pair(line)) == 2 for line in lines)
    return "pairs" if 2 * pairs > len(lines) else "text"


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


def _check_format(name: str | None, known: tuple[str, ...]) -> None:
    if name is not None and name not in known:
        raise TaxoError(unknown_choice("format", name, known))
