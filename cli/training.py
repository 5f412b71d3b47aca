"""`taxo train`, `taxo evaluate`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import JsonOption

if TYPE_CHECKING:
    from taxo.training.config import TrainConfig

NEEDS_TORCH = "training needs PyTorch; install it with: pip install 'taxo-toolkit[train]'"

_DATA_KEYS = (
    *("dataset", "data", "image_size", "per_class", "subset_seed", "val_fraction", "split"),
    *("samples", "test_samples", "noise", "data_seed"),
)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(train)
    app.command()(evaluate)


def train(
    embedding: Annotated[
        str | None,
        typer.Option(metavar="E", help="Hierarchy (name, file, class folders), file of embeddings, or onehot."),
    ] = None,
    hierarchy: Annotated[
        str | None, typer.Option(metavar="HIER", help="Scores by level; default: that of the embedding.")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="folder, synthetic or cub; default: the one of the hierarchy.")
    ] = None,
    data: Annotated[str | None, typer.Option(metavar="DIR", help="Where the data set lies.")] = None,
    split: Annotated[str | None, typer.Option(metavar="FILE", help="folder: lines `path<TAB>train|val|test`.")] = None,
    val_fraction: Annotated[
        float | None, typer.Option(help="Share of the training images held out for validation [0].")
    ] = None,
    per_class: Annotated[int | None, typer.Option(help="Training images per class, drawn [all].")] = None,
    subset_seed: Annotated[int | None, typer.Option(help="Seed of these two draws [0].")] = None,
    image_size: Annotated[int | None, typer.Option(help="Side in pixels [32].")] = None,
    samples: Annotated[int | None, typer.Option(help="synthetic: training images per class [10].")] = None,
    test_samples: Annotated[int | None, typer.Option(help="synthetic: test images per class [10].")] = None,
    noise: Annotated[float | None, typer.Option(help="synthetic: noise; 1 is as strong as the picture [0.7].")] = None,
    data_seed: Annotated[int | None, typer.Option(help="synthetic: seed of the pictures [0].")] = None,
    loss: Annotated[str | None, typer.Option(help="cosine, cosine+xent, xent or mse [cosine+xent].")] = None,
    xent_weight: Annotated[float | None, typer.Option(help="Weight of xent in cosine+xent [0.1].")] = None,
    label_smoothing: Annotated[float | None, typer.Option(help="Of the cross-entropy [0].")] = None,
    head: Annotated[str | None, typer.Option(help="Of cosine+xent: reference or paper [reference].")] = None,
    arch: Annotated[
        str | None, typer.Option(help="resnet-20, -32, -56, -110, -110-wfc or resnet-50 [resnet-20].")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="12, 36, 84, 180, 372 are whole cycles [12].")] = None,
    cycle: Annotated[int | None, typer.Option(help="Epochs of the first cycle of the learning rate [12].")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Images per step [32].")] = None,
    lr: Annotated[float | None, typer.Option(help="Largest learning rate [by loss].")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Of the kernels [by network].")] = None,
    momentum: Annotated[float | None, typer.Option(help="Of SGD [0.9].")] = None,
    clip: Annotated[float | None, typer.Option(help="Largest norm of the gradient [10].")] = None,
    augment: Annotated[str | None, typer.Option(help="none, or of flip,shift,erase with commas [flip,shift].")] = None,
    seed: Annotated[int | None, typer.Option(help="Of weights, order and augmentation [0].")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that load images [0].")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda [auto].")] = None,
    precision: Annotated[str | None, typer.Option(help="no, bf16 or fp16 [no].")] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="RUN", help="Run folder [a new one below runs/].")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a run in the output folder.")] = False,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="config.toml of another run; the flags change it.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> None:
    """Train a classifier on class embeddings, or on plain cross-entropy, and leave a run folder.

    \b
      taxo train --embedding cub-deep --dataset synthetic
      taxo train --embedding cub-deep --data CUB_200_2011 --arch resnet-50 --image-size 448
      taxo train --embedding photos/train --data photos --loss cosine
      taxo train --embedding onehot --data photos --loss xent
    """
    given = {name: value for name, value in locals().items() if value is not None}
    for name in ("overwrite", "config", "quiet"):
        given.pop(name, None)
    _require_torch()
    from taxo.training.train import train as run_training

    options = _config(config, given)
    try:
        run = run_training(options, overwrite=overwrite, quiet=quiet)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None  # the remark of the training has said what is in the folder
    print(f"{run.path}")


def _config(file: Path | None, given: dict[str, Any]) -> "TrainConfig":
    """The configuration of a file or of the defaults, with what was given on the command line."""
    from taxo.taxonomy import TaxoError
    from taxo.training.config import TrainConfig
    from taxo.training.data import DataConfig

    data = {name: given.pop(name) for name in _DATA_KEYS if name in given}
    if "augment" in given:
        kinds = given["augment"].split(",")
        given["augment"] = () if kinds == ["none"] else tuple(kind.strip() for kind in kinds)
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise TaxoError(f"{file}: cannot be read: {error}") from error
        # The file's output is that run's own folder, which must not be written over by chance.
        stored = TrainConfig.from_toml(text, str(file))
        return replace(stored, **{"output": "", **given}, data=replace(stored.data, **data))
    if "embedding" not in given:
        raise TaxoError("no --embedding: name a hierarchy (`taxo list`), a file of embeddings, or onehot")
    return TrainConfig(**given, data=DataConfig(**{"dataset": "", **data}))


def evaluate(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder.")],
    weights: Annotated[str, typer.Option(help="last or best.")] = "last",
    split: Annotated[str, typer.Option(help="train, val or test.")] = "test",
    data: Annotated[
        str | None, typer.Option(metavar="DIR", help="Other images of the same classes; default: those of the run.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    json: JsonOption = False,
) -> None:
    """Accuracy of a run, and how it grows from level to level of the hierarchy.

    \b
      taxo evaluate runs/cub-deep-cosine+xent-resnet-20-seed0
      taxo evaluate runs/cub-deep-cosine+xent-resnet-20-seed0 --weights best --json
    """
    _require_torch()
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
        "height of a mistake": "no mistakes" if height is None else f"{height:.2f} of {stored.taxonomy.height}",
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


def _require_torch() -> None:
    """Raise where torch is not installed.

    Raises:
        TaxoError: Says what to install.
    """
    from importlib.util import find_spec

    from taxo.taxonomy import TaxoError

    if find_spec("torch") is None:
        raise TaxoError(NEEDS_TORCH)
