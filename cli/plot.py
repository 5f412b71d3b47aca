"""`taxo plot`."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import FromOption, IsAOption, NamesOption, hierarchy, node_heights

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from taxo.embeddings import Embedding
    from taxo.embeddings.plots import Subject
    from taxo.taxonomy import Taxonomy

log = logging.getLogger("taxo")

KINDS = ("heatmap", "map", "dendrogram", "losses")


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(plot)


def plot(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[HIER|EMB]",
            help="Built-in name, file, directory tree, - for standard input, or embedding file.",
            show_default=False,
        ),
    ] = None,
    hier: Annotated[
        str | None,
        typer.Argument(
            metavar="[HIER]",
            help="For an embedding file: the hierarchy of its classes; default: the built-in one it was made from.",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[str, typer.Option(help="heatmap, map (2-d), dendrogram or losses (without HIER).")] = "heatmap",
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=".png, .svg or .pdf, or - for a PNG on standard output; default: NAME-KIND.png.",
        ),
    ] = None,
    levels: Annotated[
        str | None,
        typer.Option(
            metavar="LEVEL,...",
            help="Groups in colour: depths (0 for roots) or ranks, coarse before fine, or none; default: chosen.",
        ),
    ] = None,
    depth: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Cut a dendrogram below this depth, 0 for roots.")
    ] = None,
    difference: Annotated[
        bool, typer.Option("--difference", help="Heat map of an embedding: dot products minus similarities.")
    ] = False,
    measure: Annotated[
        str | None, typer.Option(help="lcs-height (as published), wup, path, lin or resnik.", show_default="lcs-height")
    ] = None,
    ic: Annotated[str | None, typer.Option(help="Information content of lin and resnik: seco or sanchez.")] = None,
    heights: Annotated[
        str | None,
        typer.Option(
            metavar="KIND|FILE",
            help="What similarity goes by: levels (as published), information, or a file of lines NODE, tab, height.",
            show_default="levels",
        ),
    ] = None,
    labels: Annotated[
        bool, typer.Option("--labels/--no-labels", help="Write the labels of nodes, not their names.")
    ] = True,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Instead of the one chosen.")] = None,
    size: Annotated[
        str | None, typer.Option(metavar="W,H", help="Width and height in inches; default: chosen.")
    ] = None,
    dpi: Annotated[float, typer.Option(min=10, max=1200, help="Dots per inch of a PNG.")] = 150,
    from_: FromOption = None,
    is_a: IsAOption = None,
    names: NamesOption = None,
) -> None:
    """Draw a hierarchy or an embedding: heat map, two-dimensional map or dendrogram; or the surfaces of three losses.

    \b
      taxo plot cub-deep                                   writes cub-deep-heatmap.png
      taxo plot cub-deep --levels order,family -o cub.svg
      taxo plot cub-deep.npz --difference                  dot products minus similarities
      taxo plot cifar100 --kind map
      taxo plot ilsvrc --kind dendrogram --depth 6
      taxo plot --kind losses -o losses.pdf
    """
    from taxo.embeddings.plots import class_map, dendrogram, format_of, heatmap, loss_surfaces

    _check(kind, what, hier, depth, difference)
    if output not in (None, "-"):
        format_of(str(output))  # a wrong suffix is told before anything is drawn
    look: dict[str, Any] = {"size": _size(size), "title": title}
    if kind == "losses":
        _write(loss_surfaces(**look), output, "losses", dpi)
        return
    embedding, taxonomy = _read(str(what), hier, from_, is_a, names)
    name = taxonomy.name if embedding is None and taxonomy is not None else Path(str(what)).stem
    options = {"measure": measure, "ic": ic, "heights": None if heights is None else node_heights(heights)}
    look |= {"levels": levels, "labels": labels}
    if kind == "dendrogram":
        figure = dendrogram(depth=depth, **_tree(embedding, taxonomy, options), **look)
    else:
        draw = heatmap if kind == "heatmap" else class_map
        figure = draw(_subject(embedding, taxonomy, difference, options), **look)
    _write(figure, output, f"{name}-{kind}" if name and what != "-" else None, dpi)


def _check(kind: str, what: str | None, hier: str | None, depth: int | None, difference: bool) -> None:
    """Refuse what does not go together."""
    from taxo.taxonomy import TaxoError
    from taxo.taxonomy.errors import unknown_choice

    if kind not in KINDS:
        raise TaxoError(unknown_choice("kind", kind, KINDS))
    if kind == "losses" and what is not None:
        raise TaxoError(f"--kind losses draws formulas and needs no hierarchy; leave {what!r} out")
    if kind != "losses" and what is None:
        raise TaxoError(
            f"--kind {kind} needs a hierarchy or an embedding file; `taxo list` shows the built-in hierarchies"
        )
    if depth is not None and kind != "dendrogram":
        raise TaxoError(f"--depth is for --kind dendrogram, not for {kind}")
    if difference and kind != "heatmap":
        raise TaxoError(f"--difference is for --kind heatmap, not for {kind}")


def _read(
    what: str, hier: str | None, from_: str | None, is_a: bool | None, names: str | None
) -> "tuple[Embedding | None, Taxonomy | None]":
    """The embedding, if one is named, and the hierarchy: the given one, or the built-in one that it was made from."""
    from taxo import hierarchies
    from taxo.taxonomy import TaxoError

    embedding = None if from_ is not None and hier is None else _embedding(what)
    if embedding is None:
        if hier is not None:
            raise TaxoError(f"{what!r} is no embedding file: a second hierarchy ({hier!r}) has no meaning")
        return None, hierarchy(what, from_, is_a, names)
    if hier is not None:
        return embedding, hierarchy(hier, from_, is_a, names)
    if embedding.hierarchy in hierarchies.names():
        built_in = hierarchies.load(embedding.hierarchy)
        if built_in.fingerprint == embedding.fingerprint:
            return embedding, built_in
    return embedding, None


def _embedding(text: str) -> "Embedding | None":
    """The embedding in a file; None where the name says that it is a hierarchy."""
    from taxo import hierarchies
    from taxo.embeddings import load
    from taxo.embeddings.files import is_embedding_file
    from taxo.taxonomy import TaxoError
    from taxo.taxonomy.formats.registry import by_suffix

    if text in hierarchies.names() or not is_embedding_file(text):
        return None
    try:
        return load(text)
    except TaxoError:
        if by_suffix(text) is None:
            raise
        return (
            None  # both hierarchies and embeddings may have such a name: it is a hierarchy, or will be refused as one
        )


def _subject(
    embedding: "Embedding | None", taxonomy: "Taxonomy | None", difference: bool, options: dict[str, Any]
) -> "Subject":
    from taxo.embeddings.plots import of_embedding, of_hierarchy
    from taxo.taxonomy import TaxoError

    given = {name: value for name, value in options.items() if value is not None}
    if embedding is None:
        if difference:
            raise TaxoError("--difference compares an embedding file with a hierarchy; name the file (EMB HIER)")
        assert taxonomy is not None
        return of_hierarchy(taxonomy, **given)
    if given.keys() - {"heights"} or (given and not difference):
        raise TaxoError(f"--{min(given)} is for hierarchies; an embedding file says what it was made for")
    if taxonomy is None:
        log.info(
            "no hierarchy is known for the embedding: its classes keep their order; name one to order and group them"
        )
    return of_embedding(embedding, taxonomy, minus=difference, **given)


def _tree(embedding: "Embedding | None", taxonomy: "Taxonomy | None", options: dict[str, Any]) -> dict[str, Any]:
    """The hierarchy of a dendrogram, and its heights."""
    from taxo.taxonomy import TaxoError

    if taxonomy is None:
        raise TaxoError(
            "a dendrogram needs a hierarchy, and none is known for the embedding; name it as well (EMB HIER)"
        )
    if options["measure"] not in (None, "lcs-height") or options["ic"] is not None:
        raise TaxoError("a dendrogram shows heights: the measure lcs-height alone goes by them")
    made_for = "levels" if embedding is None or embedding.recipe.heights == "given" else embedding.recipe.heights
    return {"taxonomy": taxonomy, "heights": options["heights"] or made_for}


def _size(text: str | None) -> tuple[float, float] | None:
    """What `--size` says."""
    from taxo.taxonomy import TaxoError

    if text is None:
        return None
    try:
        width, height = (float(part) for part in text.split(","))
    except ValueError:
        width = height = 0.0
    if not (0 < width <= 1000 and 0 < height <= 1000):  # false for NaN
        raise TaxoError(f"--size {text}: give width and height in inches, such as 7,6")
    return width, height


def _write(figure: "Figure", output: str | None, name: str | None, dpi: float) -> None:
    """Write the picture to its file and tell which, or to standard output."""
    from taxo.embeddings.plots import encode, save
    from taxo.taxonomy import TaxoError

    if output == "-":
        sys.stdout.buffer.write(encode(figure, dpi=dpi))
        return
    if output is None and name is None:
        raise TaxoError("a hierarchy from standard input has no name; say where to write with -o FILE")
    target = output or f"{name}.png"
    save(figure, target, dpi=dpi)
    width, height = figure.get_size_inches()
    print(f"{target}: {width:.1f} x {height:.1f} inches")
