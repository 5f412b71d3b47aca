"""`taxo undo`, `taxo log`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .options import FromOption, IsAOption, JsonOption

if TYPE_CHECKING:
    from taxo.taxonomy.editing.journal import History

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="A file that was edited with -i.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(undo)
    app.command()(log)


def undo(
    file: FileArgument,
    redo: Annotated[bool, typer.Option("--redo", help="Do again what was undone last.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also where the file was changed otherwise since; --redo brings that back.")
    ] = False,
) -> None:
    """Take back the last edit of a file, byte by byte; once more takes back the one before.

    \b
      taxo undo my-tree.txt
      taxo undo my-tree.txt --redo
    """
    from taxo.taxonomy.editing import in_place

    if redo and force:
        raise typer.BadParameter("does not go with --redo", param_hint="--force")
    done = in_place.redo(file) if redo else in_place.undo(file, force=force)
    print(f"{file}: edit {done.number} {'done again' if redo else 'undone'}: {done.command} ({done.summary})")


def log(
    file: FileArgument,
    number: Annotated[
        int | None, typer.Argument(metavar="[N]", help="The edit whose changes are shown; by default all are listed.")
    ] = None,
    json: JsonOption = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
) -> None:
    """The edits of a file that were made with -i, or what one of them changed.

    \b
      taxo log my-tree.txt
      taxo log my-tree.txt 2
      taxo log my-tree.txt 2 --json > changes.json      taxo apply replays it
    """
    from taxo.taxonomy.editing.diff_text import diff_lines
    from taxo.taxonomy.editing.in_place import changes_of, is_in_step
    from taxo.taxonomy.editing.safe_file import read_history

    from .printing import print_json

    if number is None:
        data, found = read_history(file)
        _list(found, json=json)
        if found.done and not is_in_step(data, found):
            print(f"{file}: was changed otherwise since the last edit", file=sys.stderr)
        return
    changes = changes_of(file, number, format=from_, is_a=is_a)
    if json:
        print_json(changes.to_json())
        return
    for line in diff_lines(changes):
        print(line)


def _list(found: "History", *, json: bool) -> None:
    """One line for every edit, or one JSON object."""
    from json import dumps

    from .printing import print_table

    keys = ("time", "command", "taxo", "summary", "before", "after")
    if json:
        for number, edit in enumerate(found.edits, 1):
            facts = {key: getattr(edit, key) for key in keys}
            print(dumps({"number": number, "state": found.state(edit), **facts}, ensure_ascii=False))
        return
    rows = [
        (number, edit.time, found.state(edit), edit.summary, edit.command) for number, edit in enumerate(found.edits, 1)
    ]
    if rows:
        print_table(("edit", "time", "state", "changes", "command"), rows)
