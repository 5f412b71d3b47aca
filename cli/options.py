"""Arguments and options that several commands share."""

from typing import TYPE_CHECKING, Annotated

import typer

from taxo.taxonomy.formats.registry import READ_FORMATS as _READ
from taxo.taxonomy.formats.registry import WRITE_FORMATS as _WRITE

if TYPE_CHECKING:
    from taxo.taxonomy import Taxonomy

HierArgument = Annotated[
    str, typer.Argument(metavar="HIER", help="Built-in name, file, directory tree, or - for standard input.")
]
READ_FORMATS = f"{', '.join(_READ[:-1])} or {_READ[-1]}"
"""The formats that are read, for help texts. The table of formats imports none of their modules."""

WRITE_FORMATS = f"{', '.join(_WRITE[:-1])} or {_WRITE[-1]}"
"""The formats that are written, for help texts."""

FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="FORMAT", help=f"{READ_FORMATS}; by default found out from the content."),
]
IsAOption = Annotated[
    bool | None,
    typer.Option("--is-a/--no-is-a", help="Pairs read `child parent` (or not); by default inferred and said."),
]
NamesOption = Annotated[
    str | None,
    typer.Option("--names", metavar="FILE", help="Class list `id name`: labels for a hierarchy of ids."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def hierarchy(text: str, from_: str | None, is_a: bool | None, names: str | None, *, tree: bool = False) -> "Taxonomy":
    """The hierarchy that the shared options describe."""
    from taxo.hierarchies import resolve

    return resolve(text, format=from_, is_a=is_a, tree=tree, labels=names)
