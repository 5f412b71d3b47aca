"""Vectors of words as a `.npy` matrix, with the list of the words beside it."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy.errors import FormatError, TaxoError

NEEDS_PARQUET = "needs pyarrow to be read; install it with: pip install 'taxo-toolkit[glove]'"


def read_matrix(path: Path, wanted: Collection[str]) -> dict[str, NDArray[np.float32]]:
    """Vectors of those wanted words that have one, float32 `(dim,)` each; only these rows are read.

    Args:
        path: A matrix `(n_words, dim)`. Its words are in the file of the same name that ends in `.txt`, one a line, or
            else in the only `.parquet` file of the folder, in its only column of texts.
        wanted: The words; nothing else is kept. Of a word that stands twice the first counts.

    Raises:
        TaxoError: The matrix or its words are missing or broken, or do not fit each other.
    """
    words_file = _words_file(path)
    words = _parquet_words(words_file) if words_file.suffix == ".parquet" else _text_words(words_file)
    matrix = _matrix(path)
    if len(words) != len(matrix):
        raise TaxoError(
            f"{path} has {len(matrix)} rows, but {words_file} {len(words)} words; they must have one row per word"
        )
    rows: dict[str, int] = {}
    for row, word in enumerate(words):
        if word in wanted:
            rows.setdefault(word, row)
    with np.errstate(over="ignore"):
        vectors = matrix[list(rows.values())].astype(np.float32)
    broken = [word for word, vector in zip(rows, vectors, strict=True) if not np.isfinite(vector).all()]
    if broken:
        raise TaxoError(f"{path}: the vector of {broken[0]!r} holds something that is no finite number; take another")
    return dict(zip(rows, vectors, strict=True))


def _matrix(path: Path) -> NDArray[np.floating]:
    try:
        matrix = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise TaxoError(f"{path}: unreadable matrix ({error}); write it with numpy.save") from None
    if matrix.ndim != 2 or not np.issubdtype(matrix.dtype, np.floating) or not matrix.shape[1]:
        raise TaxoError(
            f"{path} holds {matrix.dtype} of the shape {matrix.shape}; it must be a matrix of floats, a row per word"
        )
    return matrix  # type: ignore[no-any-return]


def _words_file(path: Path) -> Path:
    listed = path.with_suffix(".txt")
    if listed.is_file():
        return listed
    tables = sorted(path.parent.glob("*.parquet"))
    if len(tables) != 1:
        raise TaxoError(
            f"{path}: its words are not there; put them into {listed.name} beside it, a word a line in the order of "
            f"the rows ({len(tables)} .parquet files lie there, of which one would do)"
        )
    return tables[0]


def _text_words(path: Path) -> list[str]:
    try:
        words = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise FormatError(str(path), [(None, f"byte {error.start} is not UTF-8; save it as UTF-8")]) from None
    return words[:-1] if not words[-1] else words


def _parquet_words(path: Path) -> list[str]:
    try:
        from pyarrow import ArrowException, parquet, types
    except ImportError:
        raise TaxoError(f"{path} {NEEDS_PARQUET}") from None
    try:
        with parquet.ParquetFile(path) as file:
            kinds = (types.is_string, types.is_large_string)
            columns = [field.name for field in file.schema_arrow if any(kind(field.type) for kind in kinds)]
            if len(columns) != 1:
                raise TaxoError(f"{path} has {len(columns)} columns of texts; it must have one, the words in order")
            words: list[str] = file.read(columns).column(0).to_pylist()
    except (ArrowException, OSError) as error:
        raise TaxoError(f"{path}: unreadable table ({error}); install its package anew") from None
    return words
