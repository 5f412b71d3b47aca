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
EMBEDDING_FORMATS = ".npz, .safetensors, .pt, .csv, .tsv, .json, .w2v (word2vec) or .pickle (as published)"

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
    from taxo.embeddings import METHODS, embed, load
    from taxo.embeddings import extend as extend_embedding
    from taxo.embeddings.class_tree import TWO_WAYS_OUT
    from taxo.taxonomy import FormatError, NotATree, NotEmbeddable, TaxoError
    from taxo.taxonomy.formats.classlist import select_classes

    from .printing import print_json

    # Of a file, the reader can name the line of a second parent; the embedding itself could not.
    tree = dag == "refuse" and (method not in METHODS or METHODS[method].semantic)
    try:
        taxonomy = hierarchy(hier, from_, is_a, names, tree=tree)
    except (FormatError, NotATree) as error:
        if isinstance(error, FormatError) and "several-parents" not in error.codes:
            raise
        raise NotEmbeddable(f"{error}\n{hier}: {TWO_WAYS_OUT}") from None
    if classes:
        taxonomy = select_classes(taxonomy, classes)
    if output is None and hier == "-":
        raise TaxoError("a hierarchy from standard input has no name; say where to write with -o FILE")
    target = output or Path(f"{taxonomy.name}.npz")
    if extend:
        _refuse_with_extend(method=method, dim=dim, ic=ic, dtype=dtype)
        given = None if heights == "levels" else node_heights(heights)
        embedding = extend_embedding(load(extend), taxonomy, heights=given, pairs=_pairs(pairs))
    else:
        embedding = embed(
            taxonomy,
            method,
            dim=dim,
            heights=node_heights(heights),
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


def _refuse_with_extend(**options: object) -> None:
    """The old embedding says how it was made: nothing else can be asked for beside it."""
    from taxo.taxonomy import TaxoError

    for name, value in options.items():
        if value is not None:
            raise TaxoError(f"--{name} does not go with --extend: the new vectors are made as the old ones were")


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
    from taxo.embeddings import METHODS

    found, recipe = embedding.verification, embedding.recipe
    details = [recipe.method]
    details += [" ".join(filter(None, [recipe.measure, recipe.ic]))] if recipe.measure != "lcs-height" else []
    details += [f"heights {recipe.heights}"] if recipe.heights != "levels" else []
    details += [recipe.dag] if recipe.dag else []
    details += [f"{recipe.extended} placed later"] if recipe.extended else []
    which = "the similarities of the DAG" if recipe.dag else "the similarities"
    pairs = "all pairs" if found.pairs is None else f"{found.pairs} random pairs"
    by_distance = METHODS[recipe.method].distances
    what = "of the distances from 1 - similarity" if by_distance else f"from {which}"
    lines = [
        f"{target}: {len(embedding.classes)} classes, {embedding.dim} dimensions, {embedding.vectors.dtype}, "
        f"{', '.join(details)}",
        f"deviation {what}: largest {found.max_deviation:.1e}, mean {found.mean_deviation:.1e} ({pairs} of classes)",
    ]
    norm = "" if found.max_norm_error is None else f"largest norm error {found.max_norm_error:.1e}"
    least = "" if found.least_eigenvalue is None else f"least eigenvalue of {which} {found.least_eigenvalue:.3g}"
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
    from taxo.embeddings.origin import named, same_hierarchy

    from .printing import print_fields, print_json

    taxonomy = hierarchy(hier, from_, is_a, names)
    embedding = named(load(emb), taxonomy)
    found = compare(
        embedding,
        taxonomy,
        heights=None if heights is None else node_heights(heights),
        pairs=_pairs(pairs),
    )
    allowed = tolerance if tolerance is not None else (1e-12 if embedding.vectors.dtype == "float64" else 1e-5)
    good = found.same_order and max(found.max_deviation, found.max_norm_error or 0) <= allowed
    same = same_hierarchy(embedding, taxonomy)
    if json:
        print_json({**asdict(found), "same_hierarchy": same})
    else:
        print_fields(
            {
                "classes": found.classes,
                "dimensions": found.dim,
                "largest deviation": f"{found.max_deviation:.1e}",
                "mean deviation": f"{found.mean_deviation:.1e}",
                **({"largest norm error": f"{norm:.1e}"} if (norm := found.max_norm_error) is not None else {}),
                "pairs of classes": "all" if found.pairs is None else f"{found.pairs}, random",
                "class order": "the same" if found.same_order else "different",
                **({"way with the DAG": embedding.recipe.dag} if embedding.recipe.dag else {}),
                "fingerprint": _origin(embedding, same),
                "verdict": f"exact to {allowed:.0e}" if good else f"NOT exact to {allowed:.0e}",
            }
        )
    if not good:
        raise typer.Exit(1)


def _origin(embedding: "Embedding", same: bool | None) -> str:
    """What the fingerprint of an embedding says about the hierarchy that it is compared with."""
    if same is None:
        return "none in the file"
    return "the same" if same else f"another hierarchy ({embedding.hierarchy}, {embedding.fingerprint})"
