"""`taxo lca`, `taxo similarity`, `taxo find`."""

from collections.abc import Iterator
from io import BufferedIOBase
from typing import TYPE_CHECKING, Annotated, cast

import typer

from .options import (
    FromOption,
    HeightsOption,
    HierArgument,
    IsAOption,
    JsonOption,
    NamesOption,
    hierarchy,
    node_heights,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from taxo.taxonomy import Taxonomy
    from taxo.taxonomy.pairing import Answers


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(lca)
    app.command()(similarity)
    app.command()(find)


def lca(
    hier: HierArgument,
    nodes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[A B ...]", help="Nodes; without them, pairs are read from standard input."),
    ] = None,
    json: JsonOption = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
    names: NamesOption = None,
) -> None:
    """Lowest common subsumer: the lowest node above all those named.

    \b
      taxo lca cub-deep "Larus argentatus" "Sterna hirundo"
      taxo lca cub-deep Laridae Alcidae Picidae --json
      taxo lca cub-deep < pairs.tsv              one line out per line in

    A line of standard input holds two names, with a tab between or with white space where no name holds any. A
    name may also be a label or synonym that only one node has. Each line of output gives the nodes and, after
    the last tab, the answer: nothing where they have no ancestor in common. --json prints one object a line:
    a, b, lca, height (of the lca) and similarity.
    """
    from taxo.taxonomy.pairing import describe_many

    from .printing import print_json_line

    taxonomy = hierarchy(hier, from_, is_a, names)
    if nodes and len(nodes) > 2:
        facts = describe_many(taxonomy, nodes)
        if json:
            print_json_line(facts)
        else:
            print(*facts["nodes"], facts["lca"] or "", sep="\t")
        return
    for found in _answers(taxonomy, hier, nodes):
        if json:
            _print_facts(found)
        else:
            lines = (f"{a}\t{b}\t{lowest or ''}" for (a, b), lowest in zip(found.names(), found.lca, strict=True))
            print("\n".join(lines), flush=True)


def similarity(
    hier: HierArgument,
    nodes: Annotated[
        list[str] | None,
        typer.Argument(metavar="[A B]", help="Two nodes; without them, pairs are read from standard input."),
    ] = None,
    measure: Annotated[
        str, typer.Option(metavar="MEASURE", help="lcs-height, wup, path, lin or resnik.")
    ] = "lcs-height",
    ic: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="Information content for lin and resnik: seco (default) or sanchez."),
    ] = None,
    heights: HeightsOption = "levels",
    json: JsonOption = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
    names: NamesOption = None,
) -> None:
    """How similar nodes are.

    \b
      taxo similarity cub-deep "Larus argentatus" "Sterna hirundo"
      taxo similarity cub-deep "Herring Gull" "Common Tern" --measure lin --ic sanchez
      taxo similarity cub-deep "Herring Gull" "Common Tern" --heights ranks
      taxo similarity cub-deep --measure wup < pairs.tsv     one line out per line in

    Pairs are read as by `taxo lca`. Each line of output gives two names and the number, with tabs between. --json
    prints one object a line: a, b, lca, height (of the lca) and similarity.
    """
    from taxo.taxonomy import TaxoError

    if nodes and len(nodes) > 2:
        raise TaxoError(f"{len(nodes)} nodes where two are compared; put names that hold spaces in quotes")
    taxonomy = hierarchy(hier, from_, is_a, names)
    for found in _answers(taxonomy, hier, nodes, measure, ic, node_heights(heights, taxonomy)):
        if json:
            _print_facts(found)
        else:
            values = zip(found.names(), found.similarity.tolist(), strict=True)
            print("\n".join(f"{a}\t{b}\t{value:.6f}" for (a, b), value in values), flush=True)


def find(
    hier: HierArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Name, label or synonym, or something like it.")],
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="all, exact, prefix (of the text or a word in it), fuzzy.")
    ] = "all",
    limit: Annotated[int, typer.Option(metavar="N", help="Show at most N nodes.")] = 10,
    json: JsonOption = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
    names: NamesOption = None,
) -> None:
    """Nodes by name, label or synonym, near matches too, best first.

    \b
      taxo find cub-deep albatros
      taxo find cub-deep "herring gul" --limit 3
      taxo find cub-deep larus --kind prefix --json

    Exact matches come first; then those that differ in case, spacing, dashes or accents only; then what begins so;
    words that begin so; what holds the text; near matches. The exit code is 1 where nothing is found. --json prints
    one object a line: name, label, text, field, how, score.
    """
    from taxo.taxonomy.search import find as search

    from .printing import print_json_line, print_table

    taxonomy = hierarchy(hier, from_, is_a, names)
    found = search(taxonomy, text, kind=kind, limit=limit)
    if json:
        for m in found:
            print_json_line(
                {
                    "name": m.name,
                    "label": taxonomy.labels[m.node],
                    "text": m.text,
                    "field": m.field,
                    "how": m.how,
                    "score": round(m.score, 4),
                }
            )
    elif found:
        print_table(("name", "match", "field", "how"), ((m.name, m.text, m.field, m.how) for m in found))
    if not found:
        raise typer.Exit(1)


def _answers(
    taxonomy: "Taxonomy",
    hier: str,
    nodes: list[str] | None,
    measure: str = "lcs-height",
    ic: str | None = None,
    heights: "str | Mapping[str, float]" = "levels",
) -> "Iterator[Answers]":
    """What is to be said of two nodes, or of every line of standard input."""
    import sys

    from taxo.taxonomy import TaxoError
    from taxo.taxonomy.pairing import answer, answer_lines

    if nodes and len(nodes) < 2:
        raise TaxoError(f"one node, {nodes[0]!r}, where two are needed; give another, or none to read pairs from stdin")
    if nodes:
        yield answer(taxonomy, *nodes, measure=measure, ic=ic, heights=heights)
    elif hier == "-":
        raise TaxoError("standard input holds the hierarchy, so no pairs can come from there; name the nodes")
    else:
        stream = cast(BufferedIOBase, sys.stdin.buffer)  # of which one may take what is there, without waiting for more
        yield from answer_lines(taxonomy, stream, measure=measure, ic=ic, heights=heights)


def _print_facts(found: "Answers") -> None:
    from .printing import print_json_line

    for facts in found.facts():
        print_json_line(facts)
    print(end="", flush=True)  # who asks line by line waits for the answer
