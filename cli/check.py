"""`taxo check`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import (
    FromOption,
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


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(check)


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
        heights=None if heights is None else node_heights(heights, taxonomy),
        pairs=pair_count(pairs),
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
