"""`taxo evaluate`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from .options import JsonOption
from .requirements import require_torch


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(evaluate)


def evaluate(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder.")],
    weights: Annotated[str, typer.Option(help="last or best.")] = "last",
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    data: Annotated[
        str | None, typer.Option(metavar="DIR", help="Other items of the same classes; default: those of the run.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    json: JsonOption = False,
) -> None:
    """Accuracy of a run, and how it grows from level to level of the hierarchy.

    \b
      taxo evaluate runs/cub-deep-cosine+xent-resnet-20-seed0
      taxo evaluate runs/cub-deep-cosine+xent-resnet-20-seed0 --weights best --json
    """
    require_torch()
    from taxo.taxonomy.similarity import scale
    from taxo.training.run import load_run
    from taxo.training.train import evaluate as score

    from .printing import print_fields, print_json

    stored = load_run(run)
    elsewhere = replace(stored.config.data, data=data) if data else None
    found = score(stored, weights=weights, split=split, data=elsewhere, device=device)
    if json:
        print_json(found)
        return
    height = found["mistake_height"]
    fields: dict[str, object] = {
        "images": found["n"],
        "accuracy": _percent(found["accuracy"]),
        "in the best five": _percent(found["top5"]),
        "balanced accuracy": _percent(found["balanced_accuracy"]),
        "hierarchical accuracy": _percent(found["hierarchical_accuracy"]),
        "height of a mistake": "no mistakes" if height is None else f"{height:.2f} of {scale(stored.taxonomy):g}",
        "mean height": f"{found['mean_height']:.2f} (right answers count 0)",
    }
    if "nearest_accuracy" in found:
        fields["by nearest embedding"] = _percent(found["nearest_accuracy"])
    print_fields(fields)
    print("\naccuracy by level, from the top down")
    width = max(len(level) for level in found["levels"])
    for level, share in found["levels"].items():
        print(f"  {level:<{width}}  {share:6.1%}  {'█' * round(40 * share)}")


def _percent(share: float) -> str:
    return f"{share:.1%}"
