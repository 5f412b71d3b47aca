"""The options that all commands which change a hierarchy share, and what they do with the result."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import WRITE_FORMATS

if TYPE_CHECKING:
    from taxo.taxonomy import Taxonomy
    from taxo.taxonomy.editing.document import Document
    from taxo.taxonomy.editing.sketch import Emptied

OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to write; by default standard output.")
]
InPlaceOption = Annotated[
    bool, typer.Option("--in-place", "-i", help="Change the file itself and note that in FILE.journal.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", "-n", help="Only show what would change; write nothing.")]
ToOption = Annotated[
    str | None,
    typer.Option("--to", metavar="FORMAT", help=f"{WRITE_FORMATS}; by default by the name of -o, else as it is."),
]
LossyOption = Annotated[bool, typer.Option("--lossy", help="Leave out what the format cannot hold; says what.")]
RenumberOption = Annotated[
    bool, typer.Option("--renumber", help="Number the classes anew from 0; by default all keep their numbers.")
]
JsonChangesOption = Annotated[bool, typer.Option("--json", help="With -n: the change file that taxo apply takes.")]
RankOption = Annotated[str, typer.Option(metavar="RANK", help="Such as genus.")]
LabelOption = Annotated[str, typer.Option(metavar="TEXT", help="What a person reads; the name by default.")]
EmptiedOption = Annotated[
    str,
    typer.Option(metavar="WHAT", help="A parent without any child left: leaf (no class), class, or remove it too."),
]


def carry_out(
    change: "Callable[[Taxonomy], Taxonomy]",
    hier: str,
    *,
    output: Path | None,
    in_place: bool,
    dry_run: bool,
    to: str | None,
    lossy: bool,
    renumber: bool,
    json: bool,
    from_: str | None,
    is_a: bool | None,
) -> None:
    """Apply a change to a hierarchy, and show, write or print the result, as the shared options say."""
    if json and not dry_run:
        raise typer.BadParameter("goes with -n only: it prints the changes, not the hierarchy", param_hint="--json")
    if in_place and (output or to):
        raise typer.BadParameter("changes the file itself: without -o and --to", param_hint="-i")
    if in_place:
        _check_is_file(hier)
    if dry_run:
        _show(change, _document(hier, from_, is_a), renumber=renumber, json=json)
    elif in_place:
        _edit(change, hier, lossy=lossy, renumber=renumber, from_=from_, is_a=is_a)
    else:
        _write(change, _document(hier, from_, is_a), output, to, lossy=lossy, renumber=renumber)


def as_emptied(text: str) -> "Emptied":
    """The value of `EmptiedOption`."""
    from taxo.taxonomy.editing.sketch import as_emptied

    return as_emptied(text)


def command_line() -> str:
    """What the user typed, for the journal."""
    import shlex

    return shlex.join(["taxo", *sys.argv[1:]])


def _check_is_file(hier: str) -> None:
    from taxo.hierarchies import names
    from taxo.taxonomy import TaxoError

    if hier == "-":
        raise TaxoError("standard input cannot be changed in place; leave -i out, the result goes to standard output")
    # A built-in name comes first wherever a hierarchy is named; a file that is called so is reached as ./NAME.
    if hier in names() or (Path(hier).stem in names() and not Path(hier).exists()):
        raise TaxoError(f"{hier!r} is a built-in hierarchy and stays as it is; write a changed copy with -o FILE")


def _document(hier: str, from_: str | None, is_a: bool | None) -> "Document":
    """A hierarchy together with its text."""
    from taxo.hierarchies import document

    return document(hier, format=from_, is_a=is_a)


def _show(change: "Callable[[Taxonomy], Taxonomy]", document: "Document", *, renumber: bool, json: bool) -> None:
    from taxo.taxonomy.editing.diff_text import diff_lines
    from taxo.taxonomy.editing.in_place import edited

    from .printing import print_json

    _, changes = edited(document, change, renumber=renumber)
    if json:
        print_json(changes.to_json())
        return
    for line in diff_lines(changes):
        print(line)


def _edit(
    change: "Callable[[Taxonomy], Taxonomy]", hier: str, *, lossy: bool, renumber: bool, from_: str | None,
    is_a: bool | None,
) -> None:  # fmt: skip
    from taxo.taxonomy.editing.in_place import edit_file

    done = edit_file(hier, change, command=command_line(), format=from_, is_a=is_a, lossy=lossy, renumber=renumber)
    if done.number:
        print(f"{hier}: edit {done.number}: {done.summary}; taxo undo takes it back")
    else:
        print(f"{hier}: nothing changes")


def _write(
    change: "Callable[[Taxonomy], Taxonomy]", document: "Document", output: Path | None, to: str | None, *,
    lossy: bool, renumber: bool,
) -> None:  # fmt: skip
    from taxo.taxonomy.editing.in_place import edited_as
    from taxo.taxonomy.files import write_text

    text, after = edited_as(document, change, str(output) if output else None, to, lossy=lossy, renumber=renumber)
    if output is None:
        sys.stdout.write(text)
        return
    write_text(text, output)
    print(f"{output}: {after.n_nodes} nodes, {after.n_classes} classes")
