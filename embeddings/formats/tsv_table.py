"""Embeddings in `.tsv` files: see `table`."""

from pathlib import Path

from ..embedding import Embedding
from .table import read_table, write_table


def write(embedding: Embedding, path: Path) -> None:
    """As `write_table`, with tabs."""
    write_table(embedding, path, "\t")


def read(path: str | Path) -> Embedding:
    """As `read_table`, with tabs."""
    return read_table(path, "\t")
