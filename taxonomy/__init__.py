"""The core: class hierarchies as immutable values, their files, their similarities, and what is done with them.

What every program needs is imported at once, the rest when it is first asked for, so that the import is fast.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from .editing.apply import ChangeConflict, apply
    from .editing.changes import Diff
    from .editing.diff import diff
    from .editing.levels import collapse, insert_level, merge, prune, split
    from .editing.nodes import add, move, remove, rename
    from .effects import Effect, PairChange, effect
    from .findings import Finding
    from .heights import HEIGHTS, node_heights, read_heights
    from .information import information_content
    from .measures import MEASURES, get_measure
    from .queries import compare, lca
    from .reduction import STRATEGIES, Reduction, reduce
    from .search import Match, find
    from .validation import validate, validate_taxonomy
    from .wordnet.derive import Derivation, derive
    from .wordnet.nouns import WordNet

_LATER = {
    "editing.apply": ("ChangeConflict", "apply"),
    "editing.changes": ("Diff",),
    "editing.diff": ("diff",),
    "editing.levels": ("collapse", "insert_level", "merge", "prune", "split"),
    "editing.nodes": ("add", "move", "remove", "rename"),
    "effects": ("Effect", "PairChange", "effect"),
    "findings": ("Finding",),
    "heights": ("HEIGHTS", "node_heights", "read_heights"),
    "information": ("information_content",),
    "measures": ("MEASURES", "get_measure"),
    "queries": ("compare", "lca"),
    "reduction": ("STRATEGIES", "Reduction", "reduce"),
    "search": ("Match", "find"),
    "validation": ("validate", "validate_taxonomy"),
    "wordnet.derive": ("Derivation", "derive"),
    "wordnet.nouns": ("WordNet",),
}
_MODULE_OF = {name: module for module, names in _LATER.items() for name in names}

__all__ = [
    "HEIGHTS",
    "MEASURES",
    "NOT_A_CLASS",
    "NO_NUMBER",
    "STRATEGIES",
    "ChangeConflict",
    "CycleError",
    "Derivation",
    "Diff",
    "Effect",
    "Finding",
    "FormatError",
    "LossyWrite",
    "Match",
    "NotATree",
    "NotEmbeddable",
    "PairChange",
    "Reduction",
    "TaxoError",
    "Taxonomy",
    "UnknownHierarchy",
    "UnknownNode",
    "WordNet",
    "add",
    "apply",
    "build",
    "class_lcs_heights",
    "class_similarity",
    "collapse",
    "compare",
    "derive",
    "diff",
    "draw",
    "effect",
    "find",
    "flat",
    "from_edges",
    "from_networkx",
    "get_measure",
    "information_content",
    "insert_level",
    "lca",
    "lcs_heights",
    "merge",
    "move",
    "node_heights",
    "prune",
    "read",
    "read_class_list",
    "read_heights",
    "rebuild",
    "reduce",
    "remove",
    "rename",
    "similarity",
    "split",
    "to_networkx",
    "validate",
    "validate_taxonomy",
    "write",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
