"""From the names of nodes to their numbers."""

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from .arrays import Ints
from .errors import UnknownNode
from .hashing import NameTable, pieces

_MANY = 20_000  # names that are looked up at once from which a table of arrays is faster than a dictionary


class NodeIndex:
    """Finds nodes by name.

    Args:
        names: `(n_nodes,)` unique names.
        labels: `(n_nodes,)` labels, which near matches are looked for among as well.

    Attributes:
        number: Node of every name.
    """

    def __init__(self, names: Sequence[str], labels: Sequence[str]) -> None:
        self._names, self._labels = names, labels
        self.number = {name: i for i, name in enumerate(names)}

    def one(self, name: str) -> int:
        """See `Taxonomy.index`."""
        try:
            return self.number[name]
        except KeyError:
            raise self._unknown(name) from None

    def several(self, names: Iterable[str]) -> Ints:
        """See `Taxonomy.indices`."""
        names = names if isinstance(names, list | tuple) else list(names)
        if len(names) >= _MANY and (wanted := pieces(names)) and self._table:
            found = self._table.find(wanted)
            if (found < 0).any():
                self.one(names[int(np.argmax(found < 0))])  # raises
            return found
        try:
            return np.fromiter(map(self.number.__getitem__, names), dtype=np.intp, count=len(names))
        except KeyError as error:
            raise self._unknown(error.args[0]) from None

    @cached_property
    def _table(self) -> NameTable | None:
        """Finds many names at once; None where names cannot be put one after another."""
        packed = pieces(self._names)
        return None if packed is None else NameTable(packed)

    def _unknown(self, name: str) -> UnknownNode:
        return UnknownNode(name, (*self._names, *self._labels))
