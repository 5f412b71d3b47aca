"""`taxo edit`, `taxo apply`; with `taxo undo` and `taxo log`."""

from typing import Annotated

import typer

from . import history
from .edit_levels import collapse, insert_level, merge, prune, split
from .edit_nodes import add, move, remove, rename
from .edit_options import (
    DryRunOption,
    InPlaceOption,
    JsonChangesOption,
    LossyOption,
    OutputOption,
    RenumberOption,
    ToOption,
    carry_out,
)
from .options import FromOption, HierArgument, IsAOption


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    edit = typer.Typer(
        cls=app.info.cls,
        no_args_is_help=True,
        rich_markup_mode=None,
        help="""Edit a hierarchy; every verb prints the result, or writes it with -o or -i.

    \b
      taxo edit add my-tree.txt "Larus fuscus" --parent Larus -i
      taxo edit move my-tree.txt Rissa Larinae -n
      taxo edit prune cub-deep my-classes.txt -o my-tree.txt
      taxo undo my-tree.txt

    An edit is local: siblings keep their order, and classes their order and numbers. With -i the file is changed
    itself, its comments stay, and FILE.journal keeps what taxo undo needs.
    """,
    )
    for verb in (add, remove, move, rename, merge, split, insert_level, collapse, prune):
        edit.command()(verb)
    app.add_typer(edit, name="edit")
    app.command()(apply)
    history.register(app)


def apply(
    hier: HierArgument,
    changes: Annotated[str, typer.Argument(metavar="CHANGES", help="What taxo diff --json prints; - for stdin.")],
    output: OutputOption = None,
    in_place: InPlaceOption = False,
    dry_run: DryRunOption = False,
    json: JsonChangesOption = False,
    to: ToOption = None,
    lossy: LossyOption = False,
    renumber: RenumberOption = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
) -> None:
    """Replay a change file on another version of a hierarchy.

    \b
      taxo diff old.txt new.txt --json > changes.json
      taxo apply mine.txt changes.json -n
      taxo apply mine.txt changes.json -i
      taxo edit move mine.txt Rissa Larus -n --json | taxo apply yours.txt - -i
      taxo log mine.txt 3 --json | taxo apply yours.txt - -i

    Changes that do not fit are listed, all of them, and nothing is changed then (exit code 2).
    """
    from taxo.taxonomy.editing.apply import apply as replay
    from taxo.taxonomy.editing.change_files import read_changes

    if hier == changes == "-":
        raise typer.BadParameter("only one of the two can come from standard input", param_hint="CHANGES")
    wanted = read_changes(changes)

    carry_out(
        lambda taxonomy: replay(taxonomy, wanted),
        hier, output=output, in_place=in_place, dry_run=dry_run, to=to, lossy=lossy, renumber=renumber,
        json=json, from_=from_, is_a=is_a,
    )  # fmt: skip
