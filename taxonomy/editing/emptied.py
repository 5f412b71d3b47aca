"""What becomes of inner nodes that an edit takes the last child of."""

from typing import Literal, get_args

from ..errors import TaxoError, unknown_choice

Emptied = Literal["leaf", "class", "remove"]
"""What becomes of an inner node that an edit takes the last child of: a leaf that is no class, a class with the next
free number, or it goes too, and so does what is above it and has no other child."""


def as_emptied(text: str) -> Emptied:
    """The text, which must be one of the three.

    Raises:
        TaxoError: It is none of them.
    """
    for known in get_args(Emptied):
        if text == known:
            return known  # type: ignore[no-any-return]
    raise TaxoError(unknown_choice("choice for emptied parents", text, get_args(Emptied)))
