"""`taxo build-embeddings`, `taxo check`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    from taxo.embeddings import Embedding

# For help texts, without importing numpy; a test compares them with the tables.
METHOD_NAMES = (
    "exact, cholesky (the published coordinates), nodes (sparse), spectral, onehot, simplex, etf, random, "
    "hyperspherical, mds or spheres"
)
EMBEDDING_FORMATS = ".npz"
DAG_HINT = "with --dag reduce the tree is made here, with --dag nearest-psd the nearest similarities are taken"

PairsOption = Annotated[
    str | None,
    typer.Option(
        "--pairs",
        metavar="N|all",
        help="How many pairs of classes deviations are measured on; default: all where that takes seconds.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("build-embeddings")(build_embeddings)
    app.command()(check)


def build_embeddings(
    hier: HierArgument,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=f"{EMBEDDING_FORMATS}; default: the hierarchy's name + .npz.",
        ),
    ] = None,
    method: Annotated[
        str | None, typer.Option(help=f"{METHOD_NAMES}; default exact, or spectral where --dim is given.")
    ] = None,
    dim: Annotated[int | None, typer.Option(metavar="D", help="Number of dimensions.")] = None,
    classes: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Class list: which nodes are the classes, in which order.")
    ] = None,
    measure: Annotated[
        str, typer.Option(help="Similarity: lcs-height (as published), wup, path, lin or resnik.")
    ] = "lcs-height",
    ic: Annotated[str | None, typer.Option(help="Information content of lin and resnik: seco or sanchez.")] = None,
    heights: HeightsOption = "levels",
    dag: Annotated[
        str,
        typer.Option(
            metavar="WAY", help="Nodes with several parents: refuse, reduce[:STRATEGY] to a tree, or nearest-psd."
        ),
    ] = "refuse",
    dtype: Annotated[str | None, typer.Option(help="float64 or float32; default float64 up to 2,000 classes.")] = None,
    seed: Annotated[int, typer.Option(help="For methods that draw random numbers.")] = 0,
    pairs: PairsOption = None,
    to: Annotated[str | None, typer.Option("--to", metavar="FORMAT", help="Default: as FILE is named.")] = None,
    json: JsonOption = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
    names: NamesOption = None,
) -> None:
    """Compute unit-norm class embeddings, verify them, and write them to a file.

    \b
      taxo build-embeddings cub-deep
      taxo build-embeddings my-tree.txt -o my-tree.npz
      taxo build-embeddings edges.txt --is-a --method cholesky
      taxo build-embeddings my-tree.txt --dim 64 -o small.npz
    """
    from taxo.embeddings import METHODS, embed
    from taxo.taxonomy import FormatError, NotEmbeddable, TaxoError
    from taxo.taxonomy.formats.classlist import select_classes

    from .printing import print_json

    # Of a file, the reader can name the line of a second parent; the embedding itself could not.
    tree = dag == "refuse" and (method not in METHODS or METHODS[method].semantic)
    try:
        taxonomy = hierarchy(hier, from_, is_a, names, tree=tree)
    except FormatError as error:
        if "several-parents" not in error.codes:
            raise
        raise NotEmbeddable(f"{error}\n{hier}: {DAG_HINT}") from None
    if classes:
        taxonomy = select_classes(taxonomy, classes)
    if output is None and hier == "-":
        raise TaxoError("a hierarchy from standard input has no name; say where to write with -o FILE")
    target = output or Path(f"{taxonomy.name}.npz")
    embedding = embed(
        taxonomy,
        method,
        dim=dim,
        heights=node_heights(heights, taxonomy),
        measure=measure,
        ic=ic,
        dag=dag,
        dtype=dtype,
        seed=seed,
        pairs=_pairs(pairs),
    )
    embedding.save(target, format=to)
    if json:
        print_json(_facts(embedding, target))
    else:
        for line in _summary(embedding, target):
            print(line)


def _pairs(text: str | None) -> int | str | None:
    """What `--pairs` says."""
    from taxo.taxonomy import TaxoError

    if text is None or text == "all":
        return text
    if not (text.isdecimal() and text.isascii() and int(text)):
        raise TaxoError(f"--pairs {text}: give a whole number from 1, or all")
    return int(text)


def _facts(embedding: "Embedding", target: Path) -> dict[str, Any]:
    """The object that `--json` prints."""
    from taxo.embeddings.formats.meta import to_meta

    size = {"classes": len(embedding.classes), "dim": embedding.dim, "dtype": str(embedding.vectors.dtype)}
    return {"output": str(target), **size, **to_meta(embedding)}


def _summary(embedding: "Embedding", target: Path) -> list[str]:
    """The lines for people."""
    found, recipe = embedding.verification, embedding.recipe
    details = [recipe.method, *(f"{recipe.measure}" for _ in [0] if recipe.measure != "lcs-height")]
    details += [f"heights {recipe.heights}"] if recipe.heights != "levels" else []
    details += [recipe.dag] if recipe.dag else []
    pairs = "all pairs" if found.pairs is None else f"{found.pairs} random pairs"
    lines = [
        f"{target}: {len(embedding.classes)} classes, {embedding.dim} dimensions, {embedding.vectors.dtype}, "
        f"{', '.join(details)}",
        f"deviation from the similarities: largest {found.max_deviation:.1e}, mean {found.mean_deviation:.1e} "
        f"({pairs} of classes)",
    ]
    norm = "" if found.max_norm_error is None else f"largest norm error {found.max_norm_error:.1e}"
    least = (
        "" if found.least_eigenvalue is None else f"least eigenvalue of the similarities {found.least_eigenvalue:.3g}"
    )
    return [*lines, *([", ".join(filter(None, [norm, least]))] if norm or least else [])]


def check(
    emb: Annotated[Path, typer.Argument(metavar="EMB", help="Embedding file.")],
    hier: HierArgument,
    tolerance: Annotated[
        float | None, typer.Option(help="Largest deviation that passes; default 1e-12, 1e-5 for float32.")
    ] = None,
    heights: Annotated[
        str | None,
        typer.Option("--heights", metavar="KIND|FILE", help="Default: those that the embedding was made for."),
    ] = None,
    pairs: PairsOption = None,
    json: JsonOption = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
    names: NamesOption = None,
) -> None:
    """Compare an embedding with a hierarchy: dot products, norms, class order. Exit code 1 if they differ.

    \b
      taxo check cub-deep.npz cub-deep
      taxo check cub-deep.npz cub-deep --json
    """
    from dataclasses import asdict

    from taxo.embeddings import check as compare
    from taxo.embeddings import load

    from .printing import print_fields, print_json

    embedding = load(emb)
    taxonomy = hierarchy(hier, from_, is_a, names)
    found = compare(
        embedding,
        taxonomy,
        heights=None if heights is None else node_heights(heights, taxonomy),
        pairs=_pairs(pairs),
    )
    allowed = tolerance if tolerance is not None else (1e-12 if embedding.vectors.dtype == "float64" else 1e-5)
    good = found.same_order and max(found.max_deviation, found.max_norm_error) <= allowed
    if json:
        print_json(asdict(found))
    else:
        print_fields(
            {
                "classes": found.classes,
                "dimensions": found.dim,
                "largest deviation": f"{found.max_deviation:.1e}",
                "mean deviation": f"{found.mean_deviation:.1e}",
                "largest norm error": f"{found.max_norm_error:.1e}",
                "pairs of classes": "all" if found.pairs is None else f"{found.pairs}, random",
                "class order": "the same" if found.same_order else "different",
                "verdict": f"exact to {allowed:.0e}" if good else f"NOT exact to {allowed:.0e}",
            }
        )
    if not good:
        raise typer.Exit(1)
