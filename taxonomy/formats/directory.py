"""Directory trees as hierarchies: folders are nodes, folders without subfolders are leaves."""

import os
from pathlib import Path

import numpy as np

from ..errors import FormatError, TaxoError
from .draft import Draft
from .options import ReadOptions
from .source import Faults, Source

MAX_FOLDERS = 2_000_000


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read a directory tree. Files are not looked at; hidden folders are left out.

    A node's name is its path below the directory with `/` between ("Balinese/character01"), so that two
    folders of the same name stay apart; its label is the folder's own name. The root's name is ".", its label
    that of `directory_name`. Siblings stand in alphabetical order, whatever the file system gives.

    Raises:
        FormatError: No folders in it, a link that leads back up, a folder that cannot be listed, a name that
            is no text.
    """
    path = source.name
    top = Path(path)
    edges: list[tuple[str, str]] = []
    labels = {".": directory_name(top) or "."}
    pending = [(".", top, frozenset([_identity(top)]))]
    while pending:
        name, folder, above = pending.pop()
        for child in _subfolders(folder, path):
            child_name = child.name if name == "." else f"{name}/{child.name}"
            identity = _identity(child)
            if identity in above:
                raise FormatError(path, [(None, f"{child_name}: a link that leads back to a folder above it")])
            edges.append((name, child_name))
            labels[child_name] = child.name
            pending.append((child_name, child, above | {identity}))
        if len(edges) > MAX_FOLDERS:
            raise TaxoError(f"{path}: more than {MAX_FOLDERS} folders; is it a hierarchy of classes?")
    if not edges:
        raise FormatError(path, [(None, "the folder has no subfolders: there are no classes in it")])
    # The leaves' order is that of their paths, not that in which the folders happened to be visited.
    edges.sort(key=lambda edge: edge[1].split("/"))
    number = {name: i for i, name in enumerate([".", *(child for _, child in edges)])}
    return Draft(
        names=list(number),
        parent=np.array([number[parent] for parent, _ in edges], dtype=np.intp),
        child=np.arange(1, len(number)),
        labels=[labels[name] for name in number],
        name=directory_name(top),
    )


def directory_name(path: Path) -> str:
    """What a hierarchy of folders is called: "photos" for `photos`, and for `photos/train` too."""
    own = path.resolve()
    return own.parent.name if own.name in ("train", "val", "test") else own.name


def _subfolders(folder: Path, source: str) -> list[Path]:
    try:
        found = [Path(e.path) for e in os.scandir(folder) if e.is_dir() and not e.name.startswith(".")]
    except OSError as error:
        raise FormatError(source, [(None, f"{folder}: cannot be listed: {error.strerror}")]) from error
    for child in found:
        if not child.name.isprintable():
            raise FormatError(source, [(None, f"folder name {child.name!r} is not printable text; rename it")])
    return sorted(found)


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino
