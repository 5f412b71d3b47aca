"""Arguments and options that several commands share."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from taxo.taxonomy import Taxonomy

HierArgument = Annotated[
    str, typer.Argument(metavar="HIER", help="Built-in name, file, directory tree, or - for standard input.")
]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="FORMAT", help="text, pairs, classes or directory; by default found out from the content."
    ),
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
