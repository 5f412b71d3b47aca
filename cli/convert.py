"""`taxo convert`."""

import sys
from pathlib import PurePath
from typing import Annotated

import typer

from .options import WRITE_FORMATS, FromOption, HierArgument, IsAOption, NamesOption, hierarchy


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(convert)


def convert(
    in_: HierArgument,
    out: Annotated[str, typer.Argument(metavar="OUT", help="File to write, .gz or not, or - for standard output.")],
    from_: FromOption = None,
    to: Annotated[
        str | None,
        typer.Option(metavar="FORMAT", help=f"{WRITE_FORMATS}; by default what the name of OUT ends with, else text."),
    ] = None,
    lossy: Annotated[bool, typer.Option("--lossy", help="Write even what OUT cannot hold all of; says what.")] = False,
    is_a: IsAOption = None,
    names: NamesOption = None,
) -> None:
    """Write a hierarchy in another format. What the format cannot hold is told, and needs --lossy.

    \b
      taxo convert cub-deep cub.json
      taxo convert my-ranks.csv -
      taxo convert cub-deep cub.nwk --lossy
      taxo convert edges.txt tree.txt --is-a --to text
    """
    from taxo.taxonomy.files import format_for, format_lines, write

    kind = to or format_for(out)
    taxonomy = hierarchy(in_, from_, is_a, names)
    if out == "-":
        sys.stdout.writelines(f"{line}\n" for line in format_lines(taxonomy, kind, lossy=lossy))
        return
    write(taxonomy, out, format=kind, lossy=lossy)
    print(f"{PurePath(out)}: {taxonomy.n_nodes} nodes, {taxonomy.n_classes} classes, {kind}")
