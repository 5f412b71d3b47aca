"""`taxo build-embeddings`."""

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
    PairsOption,
    hierarchy,
    node_heights,
    pair_count,
)

if TYPE_CHECKING:
    from taxo.embeddings import Embedding
    from taxo.taxonomy import Taxonomy

# For help texts, without importing numpy; a test compares them with the tables.
METHOD_NAMES = (
    "exact, cholesky (the published coordinates), nodes (sparse), spectral, onehot, simplex, etf, random, "
    "hyperspherical, mds or spheres"
)
EMBEDDING_FORMATS = ".npz, .safetensors, .pt, .csv, .tsv, .json, .w2v (word2vec) or .pickle (as published)"


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("build-embeddings")(build_embeddings)


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
    extend: Annotated[
        Path | None,
        typer.Option(
            "--extend",
            metavar="EMB",
            help="Keep the vectors of this embedding, and only place the classes that it lacks.",
        ),
    ] = None,
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
      taxo build-embeddings more-birds.txt --extend birds.npz -o more-birds.npz
    """
    from taxo.embeddings import embed, load
    from taxo.embeddings import extend as extend_embedding
    from taxo.embeddings.files import format_for
    from taxo.taxonomy import TaxoError

    from .printing import print_json

    if output is None and hier == "-":
        raise TaxoError("a hierarchy from standard input has no name; say where to write with -o FILE")
    if output:
        format_for(output, to)  # a wrong suffix is told before anything is computed
    if extend:
        _refuse_with_extend(
            method=method, dim=dim, ic=ic, dtype=dtype, measure=None if measure == "lcs-height" else measure,
            dag=None if dag == "refuse" else dag, seed=seed or None,
        )  # fmt: skip
    needs_tree = dag == "refuse" and _stands_for_similarity(method)
    taxonomy = _taxonomy(hier, classes, from_, is_a, names, needs_tree=needs_tree)
    target = output or Path(f"{taxonomy.name}.npz")
    column, among = node_heights(heights, taxonomy), pair_count(pairs)
    if extend:
        given = None if heights == "levels" else column
        embedding = extend_embedding(load(extend), taxonomy, heights=given, pairs=among)
    else:
        wanted: dict[str, Any] = {"heights": column, "measure": measure, "ic": ic, "dag": dag}
        embedding = embed(taxonomy, method, dim=dim, dtype=dtype, seed=seed, pairs=among, **wanted)
    embedding.save(target, format=to)
    if json:
        print_json(_facts(embedding, target))
    else:
        for line in _summary(embedding, target):
            print(line)


def _stands_for_similarity(method: str | None) -> bool:
    """Whether a method embeds similarities, so that it matters whether the hierarchy is a tree."""
    from taxo.embeddings import METHODS

    return method not in METHODS or METHODS[method].semantic


def _taxonomy(
    hier: str, classes: Path | None, from_: str | None, is_a: bool | None, names: str | None, *, needs_tree: bool
) -> "Taxonomy":
    """The hierarchy; of a file, the reader can name the line of a second parent, the embedding itself could not."""
    from taxo.embeddings.class_tree import TWO_WAYS_OUT
    from taxo.taxonomy import FormatError, NotATree, NotEmbeddable
    from taxo.taxonomy.formats.classlist import select_classes

    try:
        taxonomy = hierarchy(hier, from_, is_a, names, tree=needs_tree)
    except (FormatError, NotATree) as error:
        if isinstance(error, FormatError) and "several-parents" not in error.codes:
            raise
        raise NotEmbeddable(f"{error}\n{hier}: {TWO_WAYS_OUT}") from None
    return select_classes(taxonomy, classes) if classes else taxonomy


def _refuse_with_extend(**options: object) -> None:
    """The old embedding says how it was made: nothing else can be asked for beside it."""
    from taxo.taxonomy import TaxoError

    for name, value in options.items():
        if value is not None:
            raise TaxoError(f"--{name} does not go with --extend: the new vectors are made as the old ones were")


def _facts(embedding: "Embedding", target: Path) -> dict[str, Any]:
    """The object that `--json` prints."""
    from taxo.embeddings.formats.meta import to_meta

    size = {"classes": len(embedding.classes), "dim": embedding.dim, "dtype": str(embedding.vectors.dtype)}
    return {"output": str(target), **size, **to_meta(embedding)}


def _summary(embedding: "Embedding", target: Path) -> list[str]:
    """The lines for people."""
    from taxo.embeddings.methods import by_distance

    found, recipe = embedding.verification, embedding.recipe
    details = [recipe.method]
    details += [" ".join(filter(None, [recipe.measure, recipe.ic]))] if recipe.measure != "lcs-height" else []
    details += [f"heights {recipe.heights}"] if recipe.heights != "levels" else []
    details += [recipe.dag] if recipe.dag else []
    details += [f"{recipe.extended} placed later"] if recipe.extended else []
    which = "the similarities of the DAG" if recipe.dag else "the similarities"
    pairs = "all pairs" if found.pairs is None else f"{found.pairs} random pairs"
    what = "of the distances from 1 - similarity" if by_distance(recipe.method) else f"from {which}"
    lines = [
        f"{target}: {len(embedding.classes)} classes, {embedding.dim} dimensions, {embedding.vectors.dtype}, "
        f"{', '.join(details)}",
        f"deviation {what}: largest {found.max_deviation:.1e}, mean {found.mean_deviation:.1e} ({pairs} of classes)",
    ]
    norm = "" if found.max_norm_error is None else f"largest norm error {found.max_norm_error:.1e}"
    least = "" if found.least_eigenvalue is None else f"least eigenvalue of {which} {found.least_eigenvalue:.3g}"
    return [*lines, *([", ".join(filter(None, [norm, least]))] if norm or least else [])]
