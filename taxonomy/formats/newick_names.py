"""Names for the inner nodes of trees that have none, as phylogenetic programs write them."""

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"\d+(\.\d+)?([eE][-+]?\d+)?", re.ASCII)


def named(names: Sequence[str], inner: Sequence[bool]) -> tuple[list[str], list[int], int]:
    """The names, with one for every inner node that has none.

    Such nodes are called `unnamed 1`, `unnamed 2` ... in the order of the file, numbers whose name is taken left out.
    Where all names of inner nodes are numbers from 0 to 100 and one is there twice, they are no names but support
    values, and are taken off.

    Args:
        names: `(n,)`, "" where there is none.
        inner: `(n,)` whether a node has children.

    Returns:
        The names `(n,)`; the nodes that were given one; how many support values were taken off.

    Example:
        >>> named(["", "a", "", "b", "c"], [True, False, True, False, False])
        (['unnamed 1', 'a', 'unnamed 2', 'b', 'c'], [0, 2], 0)
    """
    found = list(names)
    values = [name for name, has_children in zip(names, inner, strict=True) if has_children and name]
    support = len(set(values)) < len(values) and all(_NUMBER.fullmatch(v) and float(v) <= 100 for v in values)
    if support:
        found = ["" if has_children else name for name, has_children in zip(names, inner, strict=True)]
    made = [i for i, has_children in enumerate(inner) if has_children and not found[i]]
    taken, number = set(found), 0
    for i in made:
        number += 1
        while f"unnamed {number}" in taken:
            number += 1
        found[i] = f"unnamed {number}"
    return found, made, len(values) if support else 0
