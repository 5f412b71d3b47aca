"""Embeddings in files: the format by name or by suffix, files whole or not at all."""

import re
from pathlib import Path

from taxo.taxonomy import TaxoError, Taxonomy
from taxo.taxonomy.files import replacing

from .embedding import Embedding
from .formats.registry import FORMATS, Format, by_name, by_suffix
from .origin import fitted

_BEGINNING = 4096  # bytes of a file that tell what it holds


def save(embedding: Embedding, path: str | Path, *, format: str | None = None) -> None:
    """Write an embedding, whole or not at all; the same embedding gives the same bytes.

    Args:
        embedding: What to write.
        path: The file.
        format: One of `FORMATS`; by default as the file's name ends.

    Raises:
        NotEmbeddable: The format has no sparse vectors, and written out they would be too many numbers.
        TaxoError: No format has this suffix, the format cannot hold the embedding, or the file cannot be written.

    Example:
        >>> import pathlib, tempfile
        >>> from taxo.embeddings import embed
        >>> from taxo.taxonomy import from_edges
        >>> birds = from_edges([("birds", "owl"), ("birds", "gull")])
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "birds.csv"
        >>> save(embed(birds), file)
        >>> file.read_text().splitlines()[3:]
        ['class,owl,gull', 'owl,1.0,0.0', 'gull,0.0,1.0']
        >>> load(file, birds) == embed(birds)
        True
    """
    kind = format_for(path, format)
    with replacing(path) as temporary:
        kind.write(embedding, temporary)


def load(path: str | Path, taxonomy: Taxonomy | None = None, *, format: str | None = None) -> Embedding:
    """Read an embedding that `save` wrote.

    Args:
        path: The file.
        taxonomy: The hierarchy that it must be of. Where a file holds class numbers only, as published ones do, the
            classes get their names in it.
        format: One of `FORMATS`; by default as the file's name ends.

    Raises:
        FormatError: Not such a file: truncated, foreign, pickled objects, wrong shapes, NaN or infinity, a
            class given twice.
        TaxoError: The file cannot be read; it is of another hierarchy, and how they differ.
    """
    embedding = format_for(path, format).read(path)
    return embedding if taxonomy is None else fitted(embedding, taxonomy, str(path))


def is_embedding_file(path: str | Path) -> bool:
    """Whether a file holds an embedding, by its suffix and, where hierarchies have it too, by how it begins.

    Example:
        >>> is_embedding_file("birds.npz"), is_embedding_file("birds.txt")
        (True, False)
    """
    kind = by_suffix(path)
    if kind is None or not kind.sign:
        return kind is not None
    try:
        with open(path, "rb") as file:
            return re.match(kind.sign, file.read(_BEGINNING)) is not None
    except OSError:  # whoever reads it as a hierarchy says so
        return False


def format_for(path: str | Path, name: str | None = None) -> Format:
    """The format that a file is written in, or read as.

    Args:
        path: The file.
        name: One of `FORMATS`; by default as the file's name ends.

    Raises:
        TaxoError: No format has this name, or this suffix.
    """
    if name is not None:
        return by_name(name)
    found = by_suffix(path)
    if found is None:
        known = ", ".join(suffix for format in FORMATS.values() for suffix in format.suffixes)
        raise TaxoError(f"{path}: no format of embeddings has the suffix {Path(path).suffix!r}; known are {known}")
    return found
