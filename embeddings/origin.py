"""Which hierarchy an embedding is of, and how another one differs from it."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from taxo.taxonomy import TaxoError, Taxonomy
from taxo.taxonomy.wording import few

from .embedding import Embedding

_SHOWN = 5  # names of each kind in a message


def same_hierarchy(embedding: Embedding, taxonomy: Taxonomy) -> bool | None:
    """Whether an embedding was made from this hierarchy; None where its file did not say from which."""
    return embedding.fingerprint == taxonomy.fingerprint if embedding.fingerprint else None


def fitted(embedding: Embedding, taxonomy: Taxonomy, what: str = "the embedding") -> Embedding:
    """The embedding, once it is found to be of this hierarchy.

    Where its file did not say from which it was made, its classes must be those of the hierarchy, in its order; see
    also `named`.

    Args:
        embedding: Of `embed`, or loaded.
        taxonomy: The hierarchy.
        what: What the message calls the embedding: its file.

    Raises:
        TaxoError: Of another hierarchy; the message says how they differ.
    """
    same = same_hierarchy(embedding, taxonomy)
    if same is None:
        embedding = named(embedding, taxonomy)
        same = embedding.classes == taxonomy.classes
    if same:
        return embedding
    if embedding.fingerprint:
        made = f"was made from the hierarchy {embedding.hierarchy!r} with fingerprint {embedding.fingerprint}"
    else:
        made = "does not say which hierarchy it was made from"
    raise TaxoError(
        f"{what} {made}, but {taxonomy.name!r} has {taxonomy.fingerprint}: "
        f"{_difference(embedding, taxonomy)}; name the hierarchy that it was made from, or build the embedding again"
    )


def named(embedding: Embedding, taxonomy: Taxonomy) -> Embedding:
    """The embedding with the names that its classes have in the hierarchy.

    Published files hold class numbers only: a loaded one has them as names, "17". In word2vec's format blanks are
    underscores. An embedding whose file says which hierarchy it was made from stays as it is, and so does one whose
    classes are not all found.
    """
    classes = set(embedding.classes)
    if embedding.fingerprint or classes <= set(taxonomy.classes):
        return embedding
    numbers = map(str, taxonomy.class_numbers.tolist())
    words = (re.sub(r"\s", "_", name) for name in taxonomy.classes)
    for spellings in (numbers, words):
        name_of = dict(zip(spellings, taxonomy.classes, strict=True))
        if len(name_of) == taxonomy.n_classes and classes <= name_of.keys():
            return replace(embedding, classes=tuple(name_of[spelling] for spelling in embedding.classes))
    return embedding


def class_difference(ours: Sequence[str], theirs: Sequence[str], names: tuple[str, str]) -> str:
    """How two lists of classes differ, "" where they do not.

    Example:
        >>> class_difference(["owl", "gull"], ["gull", "owl"], ("a", "b"))
        "class 0 is 'owl' in a and 'gull' in b: the classes are the same in another order"
        >>> class_difference(["owl"], ["owl", "gull"], ("a", "b"))
        "'gull' only in b"
    """
    only = [
        f"{few(found, _SHOWN)} only in {name}"
        for name, found in zip(names, (_without(ours, theirs), _without(theirs, ours)), strict=True)
        if found
    ]
    if only:
        return ", ".join(only)
    first = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b), None)
    if first is None:
        return ""
    return (
        f"class {first} is {ours[first]!r} in {names[0]} and {theirs[first]!r} in {names[1]}: the classes are the same "
        "in another order"
    )


def _difference(embedding: Embedding, taxonomy: Taxonomy) -> str:
    found = class_difference(embedding.classes, taxonomy.classes, ("the embedding", "the hierarchy"))
    if found:
        return found
    numbers = taxonomy.class_numbers
    changed = np.flatnonzero(embedding.labels != numbers)
    if changed.size:
        first = int(changed[0])
        return (
            f"class {taxonomy.classes[first]!r} has the number {embedding.labels[first]} in the embedding and "
            f"{numbers[first]} in the hierarchy"
        )
    return (
        f"the classes are the same in the same order, but other nodes or edges are above them (now {taxonomy.n_nodes} "
        "nodes; `taxo diff` compares two hierarchies)"
    )


def _without(names: Sequence[str], others: Sequence[str]) -> list[str]:
    known = set(others)
    return [name for name in names if name not in known]
