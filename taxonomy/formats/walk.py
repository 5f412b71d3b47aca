"""Going through a tree depth first, for the formats that nest."""

import itertools
from collections.abc import Iterator

import numpy as np

from .. import arrays
from ..arrays import Ints
from ..taxonomy import Taxonomy

_DEEPEST_INDENT = 40


def indent(depth: int) -> str:
    """Blanks before a node, up to some depth: a long chain would else give a file of the square of its length."""
    return " " * min(depth, _DEEPEST_INDENT)


def depth_first(taxonomy: Taxonomy) -> Ints:
    """The nodes of a tree or forest in depth-first order, `(n_nodes,)`."""
    position, _ = arrays.preorder(taxonomy.children, taxonomy.depths)
    return np.argsort(position)


def walk(taxonomy: Taxonomy) -> Iterator[tuple[int, list[int]]]:
    """Every node of a tree depth first, with the nodes that end behind it.

    Yields:
        A node, and those that are complete once it is written, innermost first: a leaf itself, and every
        ancestor whose last descendant it is.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> list(walk(from_edges([("a", "b"), ("b", "c"), ("a", "d")])))
        [(0, []), (1, []), (3, [3, 1]), (2, [2, 0])]
    """
    order = depth_first(taxonomy)
    depths = taxonomy.depths[order].tolist()
    begun: list[int] = []
    for node, (depth, following) in zip(order.tolist(), itertools.pairwise([*depths, 0]), strict=True):
        begun.append(node)
        yield node, [begun.pop() for _ in range(depth + 1 - following)]
