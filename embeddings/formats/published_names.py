"""The published layout with the names of the classes as labels; see `published_pickle`.

As [BD19] published the classes of ImageNet (`compute_class_embedding.py --str_ids`), and as their code wants them for
data whose classes are folders.
"""

from pathlib import Path

from ..embedding import Embedding
from .published_pickle import read, write_labelled

__all__ = ["read", "write"]


def write(embedding: Embedding, path: Path) -> None:
    """Write a new file with names as labels."""
    write_labelled(embedding, path, embedding.classes, "names as labels: class numbers")
