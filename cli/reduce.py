"""`taxo reduce`."""

from pathlib import Path
from typing import Annotated

import typer

from .options import FromOption, HierArgument, IsAOption, NamesOption, hierarchy


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(reduce)


def reduce(
    hier: HierArgument,
    strategy: Annotated[
        str, typer.Option(help="Parent that a node keeps: min-change (the published rule), shortest or longest.")
    ] = "min-change",
    collapse: Annotated[
        bool,
        typer.Option(
            "--collapse/--keep-chains", help="Leave out nodes with a single child (heights change), or keep them."
        ),
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where the tree goes; default: stdout.")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="FORMAT", help="Default: as FILE is named, else text.")
    ] = None,
    lossy: Annotated[
        bool, typer.Option("--lossy", help="Write even where the format cannot hold labels, ranks or the like.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="The report as JSON; to stdout, and the tree then only with -o.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Where the report goes; default: stderr.")
    ] = None,
    from_: FromOption = None,
    is_a: IsAOption = None,
    names: NamesOption = None,
) -> None:
    """Make a tree of a hierarchy whose nodes have several parents, and report what that changes.

    \b
      taxo reduce my-graph.txt -o my-tree.txt
      taxo reduce my-graph.txt --strategy longest --json
      taxo reduce edges.txt --is-a --report report.txt | taxo info -

    The report says which parents were dropped, which nodes are gone, how many pairs of classes change their
    similarity and by how much, and the ten pairs that change most.
    """
    import sys

    from taxo.taxonomy.files import format_lines, replacing, write
    from taxo.taxonomy.reduction import reduce as make_tree

    from .printing import as_json

    made = make_tree(hierarchy(hier, from_, is_a, names), strategy, collapse=collapse)
    said = as_json(made.to_json()) if json else "\n".join(made.report())
    if report:
        with replacing(report) as temporary:
            temporary.write_text(f"{said}\n", encoding="utf-8")
    if output:
        write(made.taxonomy, output, format=to, lossy=lossy)
    elif not json or report:
        for line in format_lines(made.taxonomy, to or "text", lossy=lossy):
            print(line)
    if not report:
        print(said, file=sys.stdout if json else sys.stderr)
