"""Embeddings in the text format of word2vec: `.w2v`, `.vec`.

    2 2
    barn_owl 1.0 0.0
    gull 0.5 0.8660254037844386

The number of classes and of dimensions, then a line per class. Gensim, fastText and others read it
(`KeyedVectors.load_word2vec_format`). Names end at the first blank, so blanks in names are written as underscores; all
else that an embedding has is lost, which is said.
"""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

from taxo.taxonomy import FormatError, TaxoError
from taxo.taxonomy.formats.texts import wrong_with_name

from ..embedding import Embedding
from .contents import embedding_of
from .meta import fault, unknown
from .named_rows import NamedRows
from .numerals import Rows, rows
from .reading import Faults, lines, opened

log = logging.getLogger("taxo")

_HEAD = re.compile(r"([1-9]\d{0,9}) (0|[1-9]\d{0,9})\s*")


def write(embedding: Embedding, path: Path) -> None:
    """Write a new file; the same embedding gives the same bytes.

    Raises:
        TaxoError: Two names differ in blanks only.
        NotEmbeddable: Sparse vectors, written out, are too many numbers.
    """
    names = _words(embedding.classes)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"{len(names)} {embedding.dim}\n")
        for name, numbers in zip(names, rows(embedding, " "), strict=True):
            file.write(f"{name} {numbers}\n")
    changed = sum(a != b for a, b in zip(names, embedding.classes, strict=True))
    blanks = f"; {changed} names have underscores instead of blanks" if changed else ""
    log.warning(
        "word2vec holds names and vectors only: class numbers, axes, method, hierarchy, fingerprint and deviations are "
        "left out%s",
        blanks,
    )


def _words(classes: tuple[str, ...]) -> list[str]:
    """The names without white space, `(n_classes,)`.

    Raises:
        TaxoError: Two become the same.
    """
    known: dict[str, str] = {}
    for name in classes:
        word = re.sub(r"\s", "_", name)
        if wrong := wrong_with_name(word):
            raise TaxoError(f"word2vec cannot hold the name {name[:80]!r}, which {wrong}; take .npz")
        if word in known:
            raise TaxoError(
                f"word2vec has no blanks in names: {known[word]!r} and {name!r} would both be called {word!r}; rename "
                "one of them (taxo edit rename), or take another format"
            )
        known[word] = name
    return list(known)


def read(path: str | Path) -> Embedding:
    """Read a file that `write` or another program wrote; numbers become float64.

    Raises:
        FormatError: No such file; every faulty line is named.
        TaxoError: The file cannot be read.
    """
    faults = Faults(path)
    with opened(path) as file:
        size = file.seek(0, 2)
        file.seek(0)
        numbered = lines(path, file)
        n, dim = _sizes(path, next(numbered, (1, ""))[1], size)
        numbers = Rows(dim)
        classes = _rows(numbered, numbers, faults)
    faults.check()
    if len(classes) != n:
        raise fault(path, f"{len(classes)} classes where the first line says {n}; is the file whole?")
    values = unknown(path, "word2vec")
    return embedding_of(path, vectors=numbers.matrix(n), classes=classes, labels=None, axes=None, values=values)


def _sizes(path: str | Path, line: str, size: int) -> tuple[int, int]:
    """Number of classes and of dimensions, from the first line."""
    found = _HEAD.fullmatch(line)
    if not found:
        message = f"begins with {line.rstrip()[:40]!r}; the number of classes and of dimensions are expected: '200 64'"
        raise FormatError(str(path), [(1, message)])
    n, dim = int(found[1]), int(found[2])
    # A name, and a blank and a digit for every number.
    if n * (2 * dim + 1) > size:
        raise FormatError(str(path), [(1, f"{n} classes of {dim} numbers need a longer file; is it whole?")])
    return n, dim


def _rows(numbered: Iterator[tuple[int, str]], numbers: Rows, faults: Faults) -> list[str]:
    """Collect the numbers; the names, one a line."""
    found = NamedRows(numbers, faults)
    for number, line in numbered:
        cells = line.rstrip(" \n").split(" ")  # fastText ends its lines with a blank
        if len(cells) == 1 and not cells[0]:
            continue
        found.add(number, cells)
        if not line.endswith("\n"):
            faults.add(number, "the last line has no line break; is the file whole?")
    return found.classes
