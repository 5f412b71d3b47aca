"""Changes that do not fit the hierarchy they are applied to."""

from collections.abc import Sequence

from ..errors import TaxoError


class ChangeConflict(TaxoError):
    """Changes that were made to another version of a hierarchy and cannot be replayed on this one.

    Attributes:
        conflicts: One line for each.
    """

    _SHOWN = 50

    def __init__(self, name: str, conflicts: Sequence[str]) -> None:
        self.conflicts = tuple(conflicts)
        lines = [f"  {line}" for line in self.conflicts[: self._SHOWN]]
        more = len(self.conflicts) - len(lines)
        if more:
            lines.append(f"  and {more} more")
        count = f"{len(self.conflicts)} conflict{'' if len(self.conflicts) == 1 else 's'}"
        what = repr(name) if name else "this hierarchy"
        super().__init__("\n".join([f"the changes do not fit {what} ({count}); nothing was changed", *lines]))


def below(parents: Sequence[str]) -> str:
    """Where a node stands, for messages.

    Example:
        >>> below(["owl", "pet"])
        "below 'owl' and 'pet'"
        >>> below([])
        'at the top'
    """
    return f"below {' and '.join(map(repr, parents))}" if parents else "at the top"


def told(value: object) -> str:
    """A value of an attribute, for messages."""
    if value is None or value == "":
        return "none"
    return repr(list(value)) if isinstance(value, tuple) else repr(value)
