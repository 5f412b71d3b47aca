"""Class numbers in files: when they must be written, and what may stand where one is read."""

import numpy as np

from ..arrays import Ints
from ..class_numbers import NO_NUMBER, NOT_A_CLASS, inferred_classes
from ..taxonomy import Taxonomy

NO_CLASS = "-"
"""What stands in the place of the class number of a leaf that is no class."""


def written_numbers(taxonomy: Taxonomy, order: Ints) -> dict[int, str]:
    """What a file gives as class number of each node that needs one.

    Nothing where the order of the file gives the same classes, order and numbers by itself.

    Args:
        taxonomy: What is written.
        order: `(n_nodes,)` its nodes in the order of the file.
    """
    inferred, numbers = inferred_classes(taxonomy, order)
    if np.array_equal(inferred, taxonomy.class_nodes) and np.array_equal(numbers, taxonomy.class_numbers):
        return {}
    return all_numbers(taxonomy)


def all_numbers(taxonomy: Taxonomy) -> dict[int, str]:
    """The class number of every class, as a file gives it, and what it gives for leaves that are none."""
    out = dict.fromkeys(taxonomy.leaves.tolist(), NO_CLASS)
    out.update(zip(taxonomy.class_nodes.tolist(), map(str, taxonomy.class_numbers.tolist()), strict=True))
    return out


def is_class_number(text: str) -> bool:
    """Whether `class_number` takes the text."""
    return text == NO_CLASS or (text.isascii() and text.isdigit() and len(text) < 19)


def class_number(text: str) -> int | None:
    """The number that a file's text stands for; None where it is none.

    Example:
        >>> class_number("7"), class_number("-") == NOT_A_CLASS, class_number("x")
        (7, True, None)
    """
    if not is_class_number(text):
        return None
    return NOT_A_CLASS if text == NO_CLASS else int(text)


def all_unnumbered(numbers: list[int]) -> bool:
    """Whether no node was given a class number, nor said to be no class."""
    return all(number == NO_NUMBER for number in numbers)
