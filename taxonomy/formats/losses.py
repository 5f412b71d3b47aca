"""What of a hierarchy a format cannot hold."""

import numpy as np

from ..arrays import Ints
from ..build import rebuild
from ..class_numbers import inferred_classes
from ..errors import LossyWrite
from ..taxonomy import Taxonomy
from .registry import FORMATS, Format
from .source import log
from .walk import depth_first


def lost(taxonomy: Taxonomy, format: Format) -> list[str]:
    """What a file of this format would not hold, in words; empty where nothing is lost.

    Title, source and licence (`meta`) are not counted.
    """
    holds = format.holds or frozenset()
    missing = {
        "levels": _above_classes(taxonomy),
        "several parents": "" if taxonomy.is_tree else f"several parents ({taxonomy.describe_multi_parents()})",
        "several roots": f"{len(taxonomy.roots)} roots" if len(taxonomy.roots) > 1 else "",
        "ranks": "ranks" if any(taxonomy.ranks) else "",
        "labels": "labels" if taxonomy.labels != taxonomy.names else "",
        "synonyms": "synonyms" if any(taxonomy.synonyms) else "",
        "branch lengths": "" if taxonomy.lengths is None else "branch lengths",
        "classes": "" if "classes" in holds else _lost_classes(taxonomy, format),
    }
    limits = format.limits(taxonomy)
    if "classes" in holds and (np.diff(taxonomy.class_numbers) < 0).any():
        limits["classes"] = missing["classes"] = "the order of the classes (it is not that of their numbers)"
    return [
        limits.get(what, words) for what, words in missing.items() if words and (what in limits or what not in holds)
    ]


def _above_classes(taxonomy: Taxonomy) -> str:
    """What there is beside the classes themselves."""
    if taxonomy.parents.index.size:
        return "the hierarchy above the classes"
    return "nodes that are no classes" if taxonomy.n_classes < taxonomy.n_nodes else ""


def _lost_classes(taxonomy: Taxonomy, format: Format) -> str:
    """What a reader of a file without class numbers would get wrong."""
    if set(taxonomy.class_nodes.tolist()) != set(taxonomy.leaves.tolist()):
        return "classes other than the leaves"
    inferred, numbers = inferred_classes(taxonomy, reading_order(taxonomy, format))
    if not np.array_equal(inferred, taxonomy.class_nodes):
        return "the order of the classes"
    return "" if np.array_equal(numbers, taxonomy.class_numbers) else "class numbers"


def reading_order(taxonomy: Taxonomy, format: Format) -> Ints:
    """The nodes in the order in which a file of this format lists them, `(n_nodes,)`."""
    if not format.depth_first or not taxonomy.is_tree:
        return np.arange(taxonomy.n_nodes)
    return depth_first(taxonomy)


def holdable(taxonomy: Taxonomy, format: Format, *, lossy: bool) -> Taxonomy:
    """The hierarchy as it can be written.

    Where several parents are lost, the first parent of every node stays; everything else that is lost the
    writer just leaves out. What is lost is logged.

    Raises:
        LossyWrite: Something would get lost, and `lossy` is not set.
    """
    words = lost(taxonomy, format)
    if words and not lossy:
        whole = [other.name for other in FORMATS.values() if other.holds is not None and not lost(taxonomy, other)]
        also = "; taxo reduce makes a tree of it" if not taxonomy.is_tree else ""
        raise LossyWrite(
            f"{format.name} cannot hold {_joined(words, 'and')}; write {_joined(whole[:3], 'or')}, "
            f"or allow the loss (--lossy, lossy=True){also}"
        )
    if words:
        log.warning("%s cannot hold %s: left out", format.name, _joined(words, "and"))
    if taxonomy.is_tree or "several parents" in (format.holds or ()):
        return taxonomy
    has_parent = np.flatnonzero(taxonomy.parents.counts())
    return rebuild(taxonomy, taxonomy.parents.index[taxonomy.parents.start[has_parent]], has_parent)


def _joined(words: list[str], last: str) -> str:
    """`a, b and c`."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
