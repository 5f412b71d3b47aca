"""Embeddings as tables of text: a row per class, its name in the first cell.

    # taxo embedding 1
    # meta: {"dtype": "float64", "method": "exact", ...}
    # labels: [1, 2]
    class,owl,gull
    owl,1.0,0.0
    gull,0.5,0.8660254037844386

Cells that hold the delimiter, a quote or a `#` stand in double quotes, a quote in them twice.
"""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from taxo.taxonomy import FormatError, TaxoError
from taxo.taxonomy.formats.texts import wrong_with_name

from ..embedding import Embedding
from .contents import embedding_of
from .meta import fault, from_object, to_meta, unknown
from .named_rows import NamedRows
from .numerals import Rows, is_number, rows
from .reading import Faults, lines, opened

MARK = "# taxo embedding 1"
_META, _LABELS = "# meta: ", "# labels: "
_PLAIN = "class"  # title of the first column
_NAMES = {",": "commas", "\t": "tabs"}


def write_table(embedding: Embedding, path: Path, delimiter: str) -> None:
    """Write a new file; the same embedding gives the same bytes.

    Raises:
        TaxoError: A name holds a tab or a line break.
        NotEmbeddable: Sparse vectors, written out, are too many numbers.
    """
    for name in (*embedding.classes, *embedding.axes):
        if name and (wrong := wrong_with_name(name)):
            raise TaxoError(f"a table cannot hold the name {name[:80]!r}, which {wrong}; take .npz")
    meta = {"dtype": str(embedding.vectors.dtype), **to_meta(embedding)}
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"{MARK}\n{_META}{json.dumps(meta)}\n{_LABELS}{embedding.labels.tolist()}\n")
        file.write(delimiter.join(_cell(name, delimiter) for name in (_PLAIN, *embedding.axes)) + "\n")
        for name, numbers in zip(embedding.classes, rows(embedding, delimiter), strict=True):
            file.write(f"{_cell(name, delimiter)}{delimiter if embedding.dim else ''}{numbers}\n")


def _cell(text: str, delimiter: str) -> str:
    return '"' + text.replace('"', '""') + '"' if re.search(rf'[{delimiter}"#]', text) else text


def read_table(path: str | Path, delimiter: str) -> Embedding:
    """Read a file that `write_table` wrote, or a table of names and numbers without its comments.

    Raises:
        FormatError: No such table; every faulty line is named.
        TaxoError: The file cannot be read.
    """
    faults = Faults(path)
    with opened(path) as file:
        numbered = lines(path, file)
        comments, titles, line = _head(path, numbered)
        meta, labels = _comments(path, comments)
        axes = _cells(titles, delimiter)
        if axes is None:
            raise FormatError(str(path), [(line, "the titles are no row of cells: a quote is not closed")])
        if len(axes) == 1 and any(sign in titles for sign in ",;|\t"):
            raise FormatError(str(path), [(line, f"a single column; between cells must be {_NAMES[delimiter]}")])
        if meta is None and any("." in axis for axis in axes[1:]) and all(map(is_number, axes[1:])):
            raise FormatError(str(path), [(line, "the titles are numbers; put a line of titles above the first class")])
        numbers = Rows(len(axes) - 1, meta["dtype"] if meta else "float64")
        classes, whole = _rows(numbered, delimiter, numbers, faults)
    if meta is not None and not whole:
        faults.add(None, "the last line has no line break: the end of the file is missing; build the embedding again")
    faults.check()
    if labels is not None and len(labels) != len(classes):
        missing = f"{len(labels)} labels for {len(classes)} classes: lines are missing; build the embedding again"
        raise fault(path, missing)
    return embedding_of(
        path,
        vectors=numbers.matrix(len(classes)),
        classes=classes,
        labels=labels,
        axes=axes[1:],
        values=unknown(path, "a table without the comments of taxo") if meta is None else from_object(path, meta),
    )


def _head(path: str | Path, numbered: Iterator[tuple[int, str]]) -> tuple[list[str], str, int]:
    """The comments, the line of titles and its number."""
    comments: list[str] = []
    for number, line in numbered:
        if line.startswith("#"):
            comments.append(line.rstrip("\n"))
        elif line.strip():
            return comments, line.rstrip("\n"), number
    raise fault(path, "no table: it holds no line of titles; `taxo build-embeddings` writes such files")


def _comments(path: str | Path, comments: list[str]) -> tuple[dict[str, Any] | None, np.ndarray | None]:
    """What the comments say: meta and labels, None where there are no comments."""
    if not comments:
        return None, None
    if comments[0].rstrip(" ,;\t") != MARK:
        raise FormatError(
            str(path), [(1, f"begins with {comments[0][:60]!r}; an embedding begins with {MARK!r}, or with the titles")]
        )
    found = {}
    for number, line in enumerate(comments, 1):
        for key in (_META, _LABELS):
            if line.startswith(key):
                try:
                    found[key] = json.loads(line.removeprefix(key))
                except (ValueError, RecursionError) as error:
                    message = f"what follows {key.strip()!r} is no JSON ({error}); build the embedding again"
                    raise FormatError(str(path), [(number, message)]) from error
    meta = found.get(_META)
    if not isinstance(meta, dict) or meta.get("dtype") not in ("float64", "float32"):
        raise fault(path, f"no comment {_META.strip()!r} with a dtype, float64 or float32; build the embedding again")
    return meta, whole_numbers(path, found[_LABELS]) if _LABELS in found else None


def _rows(numbered: Iterator[tuple[int, str]], delimiter: str, numbers: Rows, faults: Faults) -> tuple[list[str], bool]:
    """Collect the numbers; the names, and whether the last line has its end."""
    found = NamedRows(numbers, faults)
    whole = True
    for number, line in numbered:
        whole = line.endswith("\n")
        text = line.rstrip("\n")
        if not text:
            continue
        cells = _cells(text, delimiter)
        if cells is None:
            faults.add(number, "no row of cells: a quote is not closed, or text follows one")
        else:
            found.add(number, cells)
    return found.classes, whole


def _cells(line: str, delimiter: str) -> list[str] | None:
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return None


def whole_numbers(path: str | Path, labels: Any) -> np.ndarray:
    """Class numbers from JSON, `(n_classes,)`.

    Raises:
        FormatError: Something else.
    """
    good = isinstance(labels, list) and set(map(type, labels)) <= {int}
    if not good or any(abs(label) >= 1 << 62 for label in labels):
        raise fault(path, "labels must be a list of whole numbers of 64 bits")
    return np.array(labels, dtype=np.int64)
