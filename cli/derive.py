"""`taxo derive`."""

from typing import TYPE_CHECKING, Annotated

import typer

from .options import JsonOption

if TYPE_CHECKING:
    from taxo.taxonomy.wordnet.derive import Derivation


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(derive)


def derive(
    classes: Annotated[
        list[str],
        typer.Argument(
            metavar="CLASSES", help="A class list, a folder of class folders, - for standard input, or the names."
        ),
    ],
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write here, not to stdout.")
    ] = None,
    to: Annotated[
        str | None, typer.Option(metavar="FORMAT", help="Format to write; by the file's name, else text.")
    ] = None,
    strategy: Annotated[
        str, typer.Option(help="min-change, shortest or longest: which of several parents stays.")
    ] = "min-change",
    collapse: Annotated[
        bool, typer.Option("--collapse/--keep-chains", help="Leave out inner nodes with a single child.")
    ] = False,
    wordnet: Annotated[
        str | None,
        typer.Option(
            metavar="DIR", help="Another WordNet: a folder, a zip file, or a corpus of nltk; 3.0 comes with taxo."
        ),
    ] = None,
    choices: Annotated[
        str | None, typer.Option(metavar="FILE", help="Lines `class<TAB>id` that say what some classes mean.")
    ] = None,
    report: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Write every decision with its alternatives, as a file of choices (-: stdout)."
        ),
    ] = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Hang classes that WordNet does not have below the root.")
    ] = False,
    lossy: Annotated[bool, typer.Option("--lossy", help="Write even if the format cannot hold everything.")] = False,
    json: JsonOption = False,
) -> None:
    """A hierarchy for your own classes, from WordNet: offline, with a report of what was taken for what.

    \b
      taxo derive classes.txt -o tree.txt --report choices.tsv
      taxo derive classes.txt -o tree.txt --choices choices.tsv     after editing that file
      taxo derive data/train --collapse                             class folders, named or by id
      taxo derive cat dog "pickup truck" bulldozer

    CLASSES has a line per class: a name, `number name`, a WordNet id, or `id names`. --json prints the decisions.
    """
    from taxo.taxonomy.wordnet.class_names import read_class_names
    from taxo.taxonomy.wordnet.decisions import read_choices
    from taxo.taxonomy.wordnet.derive import derive as derived
    from taxo.taxonomy.wordnet.versions import wordnet as nouns

    given = read_class_names(classes)
    made = derived(
        given.names,
        numbers=given.numbers,
        strategy=strategy,
        collapse=collapse,
        wordnet=nouns(wordnet, definitions=report is not None or json),
        choices=read_choices(choices) if choices else None,
        allow_missing=allow_missing,
        name=given.name,
    )
    _print(made, output, to, report, lossy=lossy, json=json)


def _print(
    made: "Derivation", output: str | None, to: str | None, report: str | None, *, lossy: bool, json: bool
) -> None:
    """The hierarchy, the report and the remarks, each where it was asked for."""
    import sys

    from taxo.taxonomy.files import format_lines, replacing, write

    from .printing import print_json

    lines = format_lines(made.taxonomy, to or "text", lossy=lossy) if output in (None, "-") else None
    if output not in (None, "-"):
        write(made.taxonomy, output, format=to, lossy=lossy)
    if report not in (None, "-"):
        with replacing(report) as temporary:
            temporary.write_text("".join(f"{line}\n" for line in made.report()), encoding="utf-8")
    if json:
        print_json(made.to_json())
    elif report == "-":
        print("\n".join(made.report()))
    elif lines is not None:
        for line in lines:
            print(line)
    for remark in made.remarks():
        print(remark, file=sys.stderr)
