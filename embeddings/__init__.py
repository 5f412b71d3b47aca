"""Unit-norm class embeddings whose dot products are the similarities of the classes."""

from .checking import Check, check
from .embedding import Embedding
from .extension import extend
from .files import is_embedding_file, load, save
from .methods import METHODS, embed
from .nearest import Nearest, nearest_psd
from .operators import ClassOperator, NodeBasis
from .recipe import Recipe
from .target import Target
from .verification import Verification, verify

__all__ = [
    "METHODS",
    "Check",
    "ClassOperator",
    "Embedding",
    "Nearest",
    "NodeBasis",
    "Recipe",
    "Target",
    "Verification",
    "check",
    "embed",
    "extend",
    "is_embedding_file",
    "load",
    "nearest_psd",
    "save",
    "verify",
]
