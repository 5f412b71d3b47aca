"""Embeddings in `.csv` files: see `table`."""

from pathlib import Path

from ..embedding import Embedding
from .table import read_table, write_table


def write(embedding: Embedding, path: Path) -> None:
    """As `write_table`, with commas."""
    write_table(embedding, path, ",")


def read(path: str | Path) -> Embedding:
    """As `read_table`, with commas."""
    return read_table(path, ",")
