"""`taxo build-embeddings`, `taxo check`."""

from pathlib import Path
from typing import Annotated

import typer

from .options import FromOption, HierArgument, IsAOption, JsonOption, NamesOption, hierarchy


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("build-embeddings")(build_embeddings)
    app.command()(check)


def build_embeddings(
    hier: HierArgument,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Default: the hierarchy's name + .npz.")
    ] = None,
    method: Annotated[str, typer.Option(help="exact, cholesky (the published coordinates) or onehot.")] = "exact",
    dtype: Annotated[str | None, typer.Option(help="float64 or float32; default float64 up to 2,000 classes.")] = None,
    classes: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Class list: which nodes are the classes, in which order.")
    ] = None,
    json: JsonOption = False,
    from_: FromOption = None,
    is_a: IsAOption = None,
    names: NamesOption = None,
) -> None:
    """Compute unit-norm class embeddings, verify them, and write them to an .npz file.

    \b
      taxo build-embeddings cub-deep
      taxo build-embeddings my-tree.txt -o my-tree.npz
      taxo build-embeddings edges.txt --is-a --method cholesky
    """
    from taxo.embeddings import embed
    from taxo.taxonomy import TaxoError
    from taxo.taxonomy.formats.classlist import select_classes

    from .printing import print_json

    # Of a file, the reader can name the line of a second parent; the embedding itself could not.
    taxonomy = hierarchy(hier, from_, is_a, names, tree=method != "onehot")
    if classes:
        taxonomy = select_classes(taxonomy, classes)
    if output is None and hier == "-":
        raise TaxoError("a hierarchy from standard input has no name; say where to write with -o FILE")
    target = output or Path(f"{taxonomy.name}.npz")
    embedding = embed(taxonomy, method, dtype=dtype)
    embedding.save(target)
    if json:
        keys = ("method", "measure", "hierarchy", "fingerprint", "max_deviation", "mean_deviation")
        facts = {key: getattr(embedding, key) for key in keys}
        print_json({"output": str(target), "classes": len(embedding.classes), "dim": embedding.dim, **facts})
    else:
        print(
            f"{target}: {len(embedding.classes)} classes, {embedding.dim} dimensions, {embedding.vectors.dtype}, "
            f"{method}; largest deviation from the similarities {embedding.max_deviation:.1e}"
        )


def check(
    emb: Annotated[Path, typer.Argument(metavar="EMB", help="Embedding file (.npz).")],
    hier: HierArgument,
    tolerance: Annotated[
        float | None, typer.Option(help="Largest deviation that passes; default 1e-12, 1e-5 for float32.")
    ] = None,
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
    found = compare(embedding, hierarchy(hier, from_, is_a, names))
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
                "class order": "the same" if found.same_order else "different",
                "verdict": f"exact to {allowed:.0e}" if good else f"NOT exact to {allowed:.0e}",
            }
        )
    if not good:
        raise typer.Exit(1)
