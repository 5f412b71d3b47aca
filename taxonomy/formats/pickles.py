"""Pickles that were published: trees of "Making Better Mistakes", class embeddings of [BD19].

Never with `pickle.load`: see `unpickle`.
"""

from pathlib import Path
from typing import Any

import numpy as np

from ..build import NO_NUMBER
from ..errors import FormatError
from .draft import Draft
from .options import ReadOptions
from .source import Faults, Source
from .tidy import tidy
from .unpickle import Array, Tree, text_of, unpickle

EMBEDDING_KEYS = ("embedding", "ind2label", "label2ind")


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read a pickled `nltk.Tree`, such as `tieredimagenet_tree.pkl` and `inaturalist19_tree.pkl`.

    Leaves are the classes, numbered in the alphabetical order of their names, as the code does that these trees were
    published with.

    Faults: a name that stands twice, a subtree in two places, a label that is no text.

    Raises:
        FormatError: No pickle, one that holds something else, or one that would do more than hold values.
    """
    data = source.data()
    value = unpickle(source.name, data)
    if not isinstance(value, Tree):
        raise FormatError(source.name, [(None, _no_tree(value))])
    names, parent = _walk(value, len(data), faults)
    inner = np.unique([p for p in parent if p >= 0])
    leaves = np.setdiff1d(np.arange(len(names)), inner)
    numbers = np.full(len(names), NO_NUMBER, dtype=np.intp)
    numbers[sorted(leaves.tolist(), key=names.__getitem__)] = np.arange(len(leaves))
    parents = np.array(parent, dtype=np.intp)
    child = np.flatnonzero(parents >= 0)
    return Draft(names=names, parent=parents[child], child=child, class_numbers=numbers)


def _walk(root: Tree, most: int, faults: Faults) -> tuple[list[str], list[int]]:
    """Names depth first, and the parent of each, -1 for the root; ends where there are more than `most` nodes."""
    names: list[str] = []
    parent: list[int] = []
    known: set[str] = set()
    seen: set[int] = set()
    pending: list[tuple[Any, int]] = [(root, -1)]
    while pending:
        node, above = pending.pop()
        label = node.label if isinstance(node, Tree) else node
        if not isinstance(label, (str, bytes, int)) or not (name := tidy(text_of(label))):
            faults.add(
                None, f"a node below {names[above] if names else 'the top'!r} has no text as its label", "no-name"
            )
            name = f"? {len(names)}"
        if id(node) in seen and isinstance(node, Tree):
            faults.add(None, f"the subtree {name!r} stands in two places; a tree is expected", "several-parents")
            continue
        if name in known:
            faults.add(None, f"node {name!r} is given twice", "duplicate-name")
            continue
        known.add(name)
        if isinstance(node, Tree):
            seen.add(id(node))
            most -= len(node.children)
            if most < 0:  # one list in many trees
                faults.add(None, "the same nodes stand in many places; a tree is expected", "several-parents")
                break
            pending.extend((child, len(names)) for child in reversed(node.children))
        names.append(name)
        parent.append(above)
    return names, parent


def _no_tree(value: object) -> str:
    if isinstance(value, dict) and {text_of(key) for key in value} >= set(EMBEDDING_KEYS):
        return (
            "a published class embedding, no hierarchy; taxo.taxonomy.formats.pickles.read_published_embedding reads it"
        )
    kind = "an array" if isinstance(value, Array) else f"a {type(value).__name__}"
    return f"the pickle holds {kind}; expected is an nltk.Tree"


def read_published_embedding(path: str | Path) -> tuple[np.ndarray, list[str]]:
    """Class embeddings as [BD19] published them, such as `cub_balanced.unitsphere.pickle`.

    Returns:
        Vectors `(n_classes, dim)`, float64 or float32 as in the file, and the classes' labels in the order of the rows.

    Raises:
        FormatError: No such pickle, or one whose parts do not fit together.
        TaxoError: The file cannot be read.
    """
    source = Source(str(path))
    value = unpickle(source.name, source.data())
    found = {text_of(key): part for key, part in value.items()} if isinstance(value, dict) else {}
    missing = [key for key in EMBEDDING_KEYS if key not in found]
    if missing:
        raise FormatError(source.name, [(None, f"no published embedding: {', '.join(missing)} is missing")])
    problem = _wrong(*(found[key] for key in EMBEDDING_KEYS))
    if problem:
        raise FormatError(source.name, [(None, problem)])
    return found["embedding"].value(), [tidy(text_of(label)) for label in found["ind2label"]]


def _wrong(embedding: object, labels: object, index: object) -> str:
    """What is wrong with the parts of an embedding; "" where nothing is."""
    if not isinstance(embedding, Array) or len(embedding.shape) != 2 or "f" not in embedding.dtype:
        return "'embedding' is no matrix of floating-point numbers"
    if not isinstance(labels, list) or not all(isinstance(label, (str, bytes, int)) for label in labels):
        return "'ind2label' is no list of labels"
    if len(labels) != embedding.shape[0]:
        return f"{len(labels)} labels for {embedding.shape[0]} vectors"
    if not isinstance(index, dict) or any(index.get(label) != row for row, label in enumerate(labels)):
        return "'label2ind' is not the reverse of 'ind2label'"
    return ""
