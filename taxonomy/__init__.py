"""The core: class hierarchies as immutable values, their files, and the similarity of their classes."""

from .build import NO_NUMBER, NOT_A_CLASS, build, flat, from_edges, rebuild
from .drawing import draw
from .errors import (
    CycleError,
    FormatError,
    LossyWrite,
    NotATree,
    NotEmbeddable,
    TaxoError,
    UnknownHierarchy,
    UnknownNode,
)
from .files import read, write
from .formats.classlist import read_class_list
from .graphs import from_networkx, to_networkx
from .similarity import class_lcs_heights, class_similarity, lcs_heights, similarity
from .taxonomy import Taxonomy

__all__ = [
    "NOT_A_CLASS",
    "NO_NUMBER",
    "CycleError",
    "FormatError",
    "LossyWrite",
    "NotATree",
    "NotEmbeddable",
    "TaxoError",
    "Taxonomy",
    "UnknownHierarchy",
    "UnknownNode",
    "build",
    "class_lcs_heights",
    "class_similarity",
    "draw",
    "flat",
    "from_edges",
    "from_networkx",
    "lcs_heights",
    "read",
    "read_class_list",
    "rebuild",
    "similarity",
    "to_networkx",
    "write",
]
