"""The catalogue of named hierarchies: every text file beside this module is one."""

import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from taxo.taxonomy import Taxonomy, UnknownHierarchy, read
from taxo.taxonomy.errors import did_you_mean, near_matches
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.source import Source

if TYPE_CHECKING:
    from taxo.taxonomy.editing.document import Document

log = logging.getLogger("taxo")

# Not through importlib.resources, whose import alone is a tenth of the program's start.
_FOLDER = Path(__file__).parent


@cache
def names() -> tuple[str, ...]:
    """Names of the built-in hierarchies, in alphabetical order."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.txt")))


@cache
def load(name: str) -> Taxonomy:
    """A built-in hierarchy by name.

    Raises:
        UnknownHierarchy: No such name; near matches are shown.

    Example:
        >>> load("cub-deep")
        Taxonomy('cub-deep': tree, 421 nodes, 200 classes, height 7)
    """
    if name not in names():
        near = did_you_mean(near_matches(name, names()))
        raise UnknownHierarchy(f"no built-in hierarchy {name!r}{near}; `taxo list` shows all")
    return parse(_source(name), format="text").renamed(name)


def describe(name: str) -> dict[str, str | int]:
    """What `taxo list` says of a built-in hierarchy."""
    taxonomy = load(name)
    meta = taxonomy.meta
    return {
        "name": name,
        "title": meta["title"],
        "classes": taxonomy.n_classes,
        "nodes": taxonomy.n_nodes,
        "height": taxonomy.height,
        "source": meta["source"],
        "licence": meta["licence"],
    }


def resolve(
    text: str,
    *,
    format: str | None = None,
    is_a: bool | None = None,
    tree: bool = False,
    labels: str | Path | None = None,
) -> Taxonomy:
    """The hierarchy that a user means: a built-in name, a file, a directory tree, or `-` for standard input.

    A built-in name comes first; a file of that name is reached as `./name`. A file that is not there but
    whose stem is a built-in name is the built-in one, which is logged.

    Args:
        text: What the user typed.
        format: As in `taxo.taxonomy.read`, like the arguments after it; they count for files only.
        is_a: Direction of pairs.
        tree: Whether a node with several parents is an error.
        labels: A class list with labels for the nodes.

    Raises:
        UnknownHierarchy: Neither a built-in name nor a file; near matches are shown.
        TaxoError: As `taxo.taxonomy.read`.
    """
    name = _built_in(text)
    return load(name) if name else read(text, format=format, is_a=is_a, tree=tree, labels=labels)


def document(text: str, *, format: str | None = None, is_a: bool | None = None) -> "Document":
    """The hierarchy that a user means, as `resolve` finds it, with its text: what edits of files need.

    Raises:
        UnknownHierarchy: Neither a built-in name nor a file; near matches are shown.
        TaxoError: As `taxo.taxonomy.read`.
    """
    from taxo.taxonomy.editing.document import read_document

    name = _built_in(text)
    return (
        read_document(_source(name), format="text") if name else read_document(Source(text), format=format, is_a=is_a)
    )


def _built_in(text: str) -> str | None:
    """The built-in hierarchy that a user means; None for a file or standard input.

    Raises:
        UnknownHierarchy: Neither of these.
    """
    if text in names():
        return text
    if text == "-" or Path(text).exists():
        return None
    stem = Path(text).stem
    if stem in names():
        log.warning("%s: no such file; the built-in hierarchy %s is used", text, stem)
        return stem
    near = did_you_mean(near_matches(stem, names()))
    raise UnknownHierarchy(f"{text!r} is neither a file nor a built-in hierarchy ({', '.join(names())}){near}")


def _source(name: str) -> Source:
    return Source(f"{name}.txt", (_FOLDER / f"{name}.txt").read_text(encoding="utf-8"))
