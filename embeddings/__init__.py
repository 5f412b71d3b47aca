"""Unit-norm class embeddings whose dot products are the similarities of the classes."""

from .checking import Check, check
from .embedding import Embedding
from .files import load, save
from .methods import METHODS, embed

__all__ = ["METHODS", "Check", "Embedding", "check", "embed", "load", "save"]
