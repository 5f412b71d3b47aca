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
        holds_sparse: Whether it keeps sparse vectors sparse; else they are written out.
        holds_meta: Whether it holds more than names and vectors.
        sign: How files of the format begin, where hierarchies have its suffixes too: a pattern for `re.match`.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str
    holds_sparse: bool = False
    holds_meta: bool = True
    sign: bytes = b""

    def write(self, embedding: Embedding, path: Path) -> None:
        """Write to a new file."""
        self._function("write")(embedding, path)

    def read(self, path: str | Path) -> Embedding:
        """Read a file."""
        found: Embedding = self._function("read")(path)
        return found

    def _function(self, name: str) -> Callable[..., Any]:
        try:
            module = import_module(self.module)
        except ModuleNotFoundError as error:
            raise TaxoError(
                f"the format {self.name} needs {error.name}: install the extra `train`, or take .safetensors"
            ) from error
        function: Callable[..., Any] = getattr(module, name)
        return function


_HERE = __package__

_TABLE = rb"(\xef\xbb\xbf)?# taxo embedding "
_OBJECT = rb'\s*\{\s*"taxo_embedding"'
_PICKLE = rb"(?s)(?!.*nltk\.tree)[\x80(}].*(ind2label|label2ind|embedding)"

_ROWS = (
    Format("npz", (".npz",), f"{_HERE}.npz", holds_sparse=True),
    Format("safetensors", (".safetensors",), f"{_HERE}.safetensors_file", holds_sparse=True),
    # By name: only the training imports torch.
    Format("pt", (".pt", ".pth"), "taxo.training.embedding_file", holds_sparse=True),
    Format("csv", (".csv",), f"{_HERE}.csv_table", sign=_TABLE),
    Format("tsv", (".tsv",), f"{_HERE}.tsv_table", sign=_TABLE),
    Format("json", (".json",), f"{_HERE}.json_object", sign=_OBJECT),
    Format("word2vec", (".w2v", ".vec"), f"{_HERE}.word2vec", holds_meta=False),
    Format("pickle", (".pickle", ".pkl"), f"{_HERE}.published_pickle", holds_meta=False, sign=_PICKLE),
    Format("pickle-names", (), f"{_HERE}.published_names", holds_meta=False),
)

FORMATS = {format.name: format for format in _ROWS}
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
    """The format that a file's name tells, None where no format has its suffix."""
    suffix = Path(path).suffix.lower()
    return next((format for format in FORMATS.values() if suffix in format.suffixes), None)
