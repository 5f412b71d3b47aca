"""Branch lengths: how far every node of a tree is from its parent, such as in millions of years.

A length belongs to the node below the branch. A root may have one too (its stem), as Newick has it. Only trees have
lengths: where a node has several parents, there would be one for each.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .arrays import Ints, Rows
from .errors import TaxoError

Floats = NDArray[np.float64]


def as_column(lengths: Floats, names: Sequence[str], parents: Rows) -> Floats | None:
    """The lengths as a hierarchy keeps them: None where no node has one.

    Args:
        lengths: `(n_nodes,)`, NaN for none.
        names: `(n_nodes,)`, for messages.
        parents: Parents of every node.

    Raises:
        TaxoError: A length that is infinite, a node with several parents.
    """
    if np.isnan(lengths).all():
        return None
    endless = np.flatnonzero(np.isinf(lengths))
    if endless.size:
        v = int(endless[0])
        raise TaxoError(f"the branch above {names[v]!r} has the length {lengths[v]}; give a finite number or none")
    several = np.flatnonzero(parents.counts() > 1)
    if several.size:
        raise TaxoError(
            f"branch lengths are for trees, and {names[int(several[0])]!r} has several parents; leave the lengths out, "
            "or make a tree first"
        )
    return np.ascontiguousarray(lengths, dtype=np.float64)


def same(a: Floats | None, b: Floats | None) -> bool:
    """Whether two hierarchies have the same lengths; none is like none."""
    if a is None or b is None:
        return a is b
    return np.array_equal(a, b, equal_nan=True)


def has_several_parents(child: Ints, n_nodes: int) -> bool:
    """Whether edges, given by their `(n_edges,)` children, make a DAG: it has no branch lengths."""
    return bool(np.bincount(child, minlength=n_nodes).max(initial=0) > 1)


def joined(lengths: Floats, gone: Ints, heirs: Ints, roots: Ints) -> Floats:
    """The lengths once nodes are taken out and their branches go over to nodes below, `(n_nodes,)`.

    A sum with an unknown length is unknown (NaN); but roots without one have no branch, which adds nothing.

    Args:
        lengths: `(n_nodes,)`.
        gone: `(k,)` nodes that are taken out.
        heirs: `(k,)` nodes to whose length that of the node in `gone` is added.
        roots: Nodes without parents.
    """
    branch = lengths.copy()
    branch[roots] = np.nan_to_num(branch[roots])
    found = lengths.copy()
    np.add.at(found, heirs, branch[gone])
    return found


def known(lengths: Floats | None, n_nodes: int) -> list[float | None]:
    """The length of every node, `(n_nodes,)`; None where it has none."""
    if lengths is None:
        return [None] * n_nodes
    return [None if math.isnan(length) else length for length in lengths.tolist()]


def known_one(lengths: Floats | None, node: int) -> float | None:
    """The length of a node; None where it has none."""
    return None if lengths is None or math.isnan(lengths[node]) else float(lengths[node])


def told(length: float) -> str:
    """A length as files have it: the shortest text that is read as the same number.

    Example:
        >>> told(0.1), told(2.0), told(1e-7)
        ('0.1', '2.0', '1e-07')
    """
    return repr(float(length))
