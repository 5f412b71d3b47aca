"""Refusing what this machine has no memory for, before it begins to swap."""

import os

from taxo.taxonomy import NotEmbeddable


def check_memory(needed: int, what: str, remedy: str = "prune the hierarchy to the classes that are needed") -> None:
    """Raise where something would take more than four fifths of the machine's memory.

    Args:
        needed: Bytes.
        what: What needs them, for the message: "dense vectors of 4 classes".
        remedy: What to do instead.

    Raises:
        NotEmbeddable: There is too little memory.
    """
    available = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > 0.8 * available:
        raise NotEmbeddable(
            f"{what} need about {needed / 2**30:.0f} GiB, this machine has {available / 2**30:.0f} GiB; {remedy}"
        )
