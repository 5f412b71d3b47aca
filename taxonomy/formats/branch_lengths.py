"""Branch lengths, and other plain numbers, as they stand in files."""

import math
import re

from ..lengths import known_one, told
from ..taxonomy import Taxonomy

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)


def number(text: str) -> float | None:
    """The finite number that a file's text stands for; None where it is none.

    Stricter than `float`, which also takes `1_000`, `nan` and digits of other scripts.

    Example:
        >>> number("1.5"), number("-2e3"), number("nan"), number("1e999"), number("1,5")
        (1.5, -2000.0, None, None, None)
    """
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def written_length(taxonomy: Taxonomy, node: int) -> str:
    """What a file gives as the branch length of a node, "" for none; read back it is the identical number."""
    length = known_one(taxonomy.lengths, node)
    return "" if length is None else told(length)
