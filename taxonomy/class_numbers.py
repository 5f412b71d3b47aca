"""Which nodes are the classes, in which order, and their numbers."""

from collections.abc import Sequence

import numpy as np

from .arrays import Ints
from .errors import TaxoError
from .packed import pick
from .taxonomy import Taxonomy

NO_NUMBER = -1
"""Class number of a node that was given none."""

NOT_A_CLASS = -2
"""Class number of a leaf that is said to be no class (`class=-` in the text format)."""


def class_order(names: Sequence[str], is_leaf: np.ndarray, numbers: Ints) -> tuple[Ints, Ints]:
    """Which nodes are classes, in which order, and their numbers.

    Class numbers decide where there are any; else the leaves are the classes, ascending where every name is
    an integer, else in file order.

    Args:
        names: `(n,)` names in file order.
        is_leaf: `(n,)` booleans.
        numbers: `(n,)` class number of each node, `NO_NUMBER` or `NOT_A_CLASS`.

    Returns:
        Indices `(n_classes,)` into `names`, and class numbers `(n_classes,)`.

    Raises:
        TaxoError: A number given twice, a leaf without a number where others have one, no class at all.
    """
    given = np.flatnonzero(numbers >= 0)
    unnumbered = np.flatnonzero(is_leaf & (numbers == NO_NUMBER))
    if given.size:
        if unnumbered.size:
            raise TaxoError(
                f"{unnumbered.size} leaves have no class number while {given.size} nodes have one, the first "
                f"{names[int(unnumbered[0])]!r}; number them, or mark leaves that are no classes with class=-"
            )
        given = given[np.argsort(numbers[given], kind="stable")]
        twice = np.flatnonzero(np.diff(numbers[given]) == 0)
        if twice.size:
            a, b = given[twice[0] : twice[0] + 2].tolist()
            raise TaxoError(f"class number {numbers[a]} is given twice: to {names[a]!r} and to {names[b]!r}")
        return given, numbers[given]
    if not unnumbered.size:
        raise TaxoError("the hierarchy has no classes: every leaf is marked class=-")
    integers = _as_integers(pick(names, unnumbered)) if names[int(unnumbered[0])].isdigit() else None
    if integers is None:
        return unnumbered, np.arange(unnumbered.size)
    order = np.argsort(integers)
    return unnumbered[order], integers[order]


def inferred_classes(taxonomy: Taxonomy, order: Ints) -> tuple[Ints, Ints]:
    """The classes that a reader would find in a file without class numbers.

    Args:
        taxonomy: What the file holds.
        order: `(n_nodes,)` its nodes in the order of the file.

    Returns:
        Nodes `(n_leaves,)` in class order, and class numbers `(n_leaves,)`.
    """
    is_leaf = taxonomy.children.counts()[order] == 0
    names = [taxonomy.names[i] for i in order.tolist()]
    found, numbers = class_order(names, is_leaf, np.full(len(order), NO_NUMBER))
    return order[found], numbers


def _as_integers(names: Sequence[str]) -> Ints | None:
    """The names as distinct integers, or None where one is none."""
    # ASCII digits only: "²" is a digit to str.isdigit and no integer to int().
    if not all(n.isascii() and n.isdigit() and len(n) < 19 for n in names):
        return None
    values = np.array([int(n) for n in names], dtype=np.intp)
    return values if len(np.unique(values)) == len(values) else None
