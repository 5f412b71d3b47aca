"""How lists of names stand in messages."""

from collections.abc import Sequence


def few(names: Sequence[str], shown: int = 10) -> str:
    """The first names in quotes, and how many more there are.

    Example:
        >>> few(["a", "b", "c"], shown=2)
        "'a', 'b' and 1 more"
    """
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(repr(name) for name in names[:shown]) + more
