"""Embeddings in files: the format by name or by suffix, files whole or not at all."""

from pathlib import Path

from taxo.taxonomy import TaxoError
from taxo.taxonomy.files import replacing

from .embedding import Embedding
from .formats.registry import FORMATS, Format, by_name, by_suffix


def save(embedding: Embedding, path: str | Path, *, format: str | None = None) -> None:
    """Write an embedding, whole or not at all; the same embedding gives the same bytes.

    Args:
        embedding: What to write.
        path: The file.
        format: One of `FORMATS`; by default as the file's name ends.

    Raises:
        TaxoError: No format has this suffix, the format cannot hold the embedding, or the file cannot be written.
    """
    kind = _format_for(path, format)
    with replacing(path) as temporary:
        kind.write(embedding, temporary)


def load(path: str | Path, *, format: str | None = None) -> Embedding:
    """Read an embedding that `save` wrote.

    Args:
        path: The file.
        format: One of `FORMATS`; by default as the file's name ends.

    Raises:
        FormatError: Not such a file: truncated, foreign, pickled objects, wrong shapes, NaN or infinity, a
            class given twice.
        TaxoError: The file cannot be read.
    """
    return _format_for(path, format).read(path)


def is_embedding_file(path: str | Path) -> bool:
    """Whether a file's name ends as those of embeddings do."""
    return by_suffix(path) is not None


def _format_for(path: str | Path, name: str | None) -> Format:
    if name is not None:
        return by_name(name)
    found = by_suffix(path)
    if found is None:
        known = ", ".join(f"{format.suffixes[0]}" for format in FORMATS.values())
        raise TaxoError(f"{path}: no format of embeddings has the suffix {Path(path).suffix!r}; known are {known}")
    return found
