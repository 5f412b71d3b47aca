"""What class numbers mean: places in an order, or numbers that stay with their class."""

import numpy as np

from ..taxonomy import Taxonomy


def numbered_in_order(taxonomy: Taxonomy) -> bool:
    """Whether the classes have the numbers 0, 1, 2 ... in class order: a number is then just a place."""
    return bool(np.array_equal(taxonomy.class_numbers, np.arange(taxonomy.n_classes)))


def classes_are_leaves(taxonomy: Taxonomy) -> bool:
    """Whether the classes are exactly the leaves."""
    return bool(np.array_equal(np.sort(taxonomy.class_nodes), taxonomy.leaves))


def numbering(*taxonomies: Taxonomy) -> str:
    """See `Diff.numbered`."""
    if not all(numbered_in_order(t) for t in taxonomies):
        return "number"
    return "leaves" if all(classes_are_leaves(t) for t in taxonomies) else "order"


def numbers_of(taxonomy: Taxonomy) -> dict[int, int]:
    """Class number of every class, by node, in class order."""
    return dict(zip(taxonomy.class_nodes.tolist(), taxonomy.class_numbers.tolist(), strict=True))
