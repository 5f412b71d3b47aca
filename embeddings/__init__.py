"""Unit-norm class embeddings whose dot products are the similarities of the classes."""

from .checking import Check, check
from .embedding import Embedding
from .extension import extend
from .files import load, save
from .methods import METHODS, embed
from .recipe import Recipe
from .verification import Verification, verify

__all__ = [
    "METHODS",
    "Check",
    "Embedding",
    "Recipe",
    "Verification",
    "check",
    "embed",
    "extend",
    "load",
    "save",
    "verify",
]
