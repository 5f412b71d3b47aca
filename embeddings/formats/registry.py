"""The file formats of embeddings: a table of what each is called and how its files end.

The module behind a format is imported when it is first used: some need libraries of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from taxo.taxonomy import TaxoError
from taxo.taxonomy.errors import unknown_choice

from ..embedding import Embedding


@dataclass(frozen=True)
class Format:
    """A file format.

    Attributes:
        name: What it is called.
        suffixes: How its files end, with the dot; the first is the usual one.
        module: Full name of the module with `write(embedding, path)` and `read(path)`.
        holds: What of sparse vectors it keeps sparse: True, else they are written out.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str
    holds_sparse: bool = False

    def write(self, embedding: Embedding, path: Path) -> None:
        """Write to a new file."""
        self._function("write")(embedding, path)

    def read(self, path: str | Path) -> Embedding:
        """Read a file."""
        found: Embedding = self._function("read")(path)
        return found

    def _function(self, name: str) -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(import_module(self.module), name)
        return function


_HERE = __package__

FORMATS = {format.name: format for format in (Format("npz", (".npz",), f"{_HERE}.npz", holds_sparse=True),)}
"""The formats by name."""


def by_name(name: str) -> Format:
    """A format by name.

    Raises:
        TaxoError: There is none of this name.
    """
    if name not in FORMATS:
        raise TaxoError(unknown_choice("format", name, FORMATS))
    return FORMATS[name]


def by_suffix(path: str | Path) -> Format | None:
    """The format of a file's name, None where no format has its suffix."""
    suffix = Path(path).suffix.lower()
    return next((format for format in FORMATS.values() if suffix in format.suffixes), None)
