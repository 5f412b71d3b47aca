"""`taxo train`."""

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .requirements import require_torch

if TYPE_CHECKING:
    from taxo.training.config import TrainConfig

# Options that say what to do, not what to train.
_NOT_CONFIGURATION = ("overwrite", "resume", "dry_run", "config", "json", "quiet")

_LISTS = ("augment", "logs")


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(train)


def train(
    embedding: Annotated[
        str | None,
        typer.Option(metavar="E", help="Hierarchy (name, file, class folders), file of embeddings, or onehot."),
    ] = None,
    hierarchy: Annotated[
        str | None, typer.Option(metavar="HIER", help="Scores by level; default: that of the embedding.")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option(help="A name of `taxo data list`; default: the one of the hierarchy.")
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="DIR", help="Where the data set lies; of a CSV, the file.")
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help="What is not said: quick, reference (the paper's) or modern [quick].")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A config.toml, whole or in part; the flags change it.")
    ] = None,
    loss: Annotated[str | None, typer.Option(help="cosine, cosine+xent, xent or mse [cosine+xent].")] = None,
    arch: Annotated[
        str | None,
        typer.Option(help="A network: resnet-20, resnet-50, gru, one of torchvision, timm:NAME [resnet-20]."),
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="12, 36, 84, 180, 372 are whole cycles [12].")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Items per step, over all processes [32].")] = None,
    lr: Annotated[float | None, typer.Option(help="Largest learning rate [by loss].")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Of the kernels [by network].")] = None,
    per_class: Annotated[int | None, typer.Option(help="Training items per class, drawn [all].")] = None,
    val_fraction: Annotated[
        float | None, typer.Option(help="Share of the training items held out for validation [0].")
    ] = None,
    subset_seed: Annotated[int | None, typer.Option(help="Seed of these two draws [0].")] = None,
    seed: Annotated[int | None, typer.Option(help="Of weights, order and augmentation [0].")] = None,
    image_size: Annotated[int | None, typer.Option(help="Side in pixels [32].")] = None,
    augment: Annotated[
        str | None, typer.Option(help="none, or of flip,shift,erase,crop,resized-crop,jitter,trivial [flip,shift].")
    ] = None,
    # What is seldom changed.
    xent_weight: Annotated[float | None, typer.Option(help="Weight of xent in cosine+xent [0.1].")] = None,
    label_smoothing: Annotated[float | None, typer.Option(help="Of the cross-entropy [0].")] = None,
    head: Annotated[str | None, typer.Option(help="Of cosine+xent: reference or paper [reference].")] = None,
    pretrained: Annotated[
        bool | None, typer.Option("--pretrained/--no-pretrained", help="Start from the library's weights.")
    ] = None,
    weights: Annotated[str | None, typer.Option(metavar="FILE", help="Start from these weights.")] = None,
    freeze_epochs: Annotated[
        int | None, typer.Option(help="Epochs before the others in which only new layers train [0].")
    ] = None,
    freeze_lr: Annotated[float | None, typer.Option(help="Learning rate of these [0.1].")] = None,
    schedule: Annotated[str | None, typer.Option(help="Of the learning rate: sgdr or cosine [sgdr].")] = None,
    cycle: Annotated[int | None, typer.Option(help="Epochs of the first cycle of sgdr [12].")] = None,
    warmup: Annotated[int | None, typer.Option(help="Epochs in which the learning rate rises [0].")] = None,
    steps_per_epoch: Annotated[int | None, typer.Option(help="Batches per epoch [those of the whole set].")] = None,
    eval_every: Annotated[int | None, typer.Option(help="Epochs between two scorings [1].")] = None,
    accumulate: Annotated[int | None, typer.Option(help="Parts that a batch is computed in [1].")] = None,
    momentum: Annotated[float | None, typer.Option(help="Of SGD [0.9].")] = None,
    nesterov: Annotated[bool | None, typer.Option("--nesterov/--no-nesterov", help="SGD that looks ahead.")] = None,
    clip: Annotated[float | None, typer.Option(help="Largest norm of the gradient [10].")] = None,
    ema: Annotated[float | None, typer.Option(help="Share that averaged weights keep per step [0].")] = None,
    patience: Annotated[int | None, typer.Option(help="Stop after that many epochs without a better one [0].")] = None,
    batch_norm: Annotated[str | None, typer.Option(help="local, or sync: over all processes [local].")] = None,
    bn_momentum: Annotated[float | None, typer.Option(help="Of the statistics of batch norm [the network's].")] = None,
    split: Annotated[str | None, typer.Option(metavar="FILE", help="folder: lines `path<TAB>train|val|test`.")] = None,
    resize: Annotated[int | None, typer.Option(help="Short side before the square is cut out [8/7 of it].")] = None,
    channels: Annotated[int | None, typer.Option(help="3, or 1 for grey images [3].")] = None,
    cache: Annotated[str | None, typer.Option(help="Decoded images: auto, memory, disk or none [auto].")] = None,
    skip_bad: Annotated[
        bool | None, typer.Option("--skip-bad/--no-skip-bad", help="Leave out images that cannot be read.")
    ] = None,
    vectors: Annotated[str | None, typer.Option(metavar="FILE", help="Texts: word vectors, as those of GloVe.")] = None,
    max_length: Annotated[int | None, typer.Option(help="Texts: words that are read [what 95 % need].")] = None,
    train_drawers: Annotated[
        int | None, typer.Option(help="omniglot: drawers whose drawings are trained on, of 20 [15].")
    ] = None,
    samples: Annotated[int | None, typer.Option(help="synthetic: training images per class [10].")] = None,
    test_samples: Annotated[int | None, typer.Option(help="synthetic: test images per class [10].")] = None,
    noise: Annotated[float | None, typer.Option(help="synthetic: noise; 1 is as strong as the picture [0.7].")] = None,
    data_seed: Annotated[int | None, typer.Option(help="synthetic: seed of the pictures [0].")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that load items [0].")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda [auto].")] = None,
    precision: Annotated[str | None, typer.Option(help="auto, no, bf16 or fp16 [auto].")] = None,
    compile: Annotated[bool | None, typer.Option("--compile/--no-compile", help="Compile the network.")] = None,
    logs: Annotated[str | None, typer.Option(help="none, or of csv, tensorboard, wandb with commas [none].")] = None,
    checkpoint_minutes: Annotated[float | None, typer.Option(help="Longest time between two checkpoints [10].")] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="RUN", help="Run folder [a new one below runs/].")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a run in the output folder.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in the output folder.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would take, and train nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="With --dry-run: as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> None:
    """Train a classifier on class embeddings, or on plain cross-entropy, and leave a run folder.

    \b
      taxo train --embedding cub-deep --dataset synthetic
      taxo train --embedding cub-deep --data CUB_200_2011 --recipe reference --dry-run
      taxo train --embedding photos/train --data photos --loss cosine -o runs/photos
      taxo train --resume -o runs/photos
      torchrun --nproc-per-node 4 -m taxo train --embedding nab --recipe reference
    """
    given = {name: value for name, value in locals().items() if value is not None and name not in _NOT_CONFIGURATION}
    require_torch()
    from taxo.taxonomy import TaxoError

    if not _is_first_process():
        logging.getLogger("taxo").setLevel(logging.WARNING)  # one process says what all would say
    if json and not dry_run:
        raise TaxoError("--json belongs to --dry-run; `taxo evaluate RUN --json` prints the scores of a run")
    options, resume = _options(given, config, resume=resume)
    if dry_run:
        _estimate(options, json=json)
        return
    from taxo.training.train import train as run_training

    try:
        run = run_training(options, resume=resume, overwrite=overwrite, quiet=quiet)
    except KeyboardInterrupt as stop:
        # The remark of the training has said what is in the folder. 130 is the shell's number for Ctrl-C.
        raise typer.Exit(128 + getattr(stop, "signal", 2)) from None
    if _is_first_process():
        print(f"{run.path}")


def _is_first_process() -> bool:
    """False in all but one of the processes that torchrun or `accelerate launch` starts."""
    return os.environ.get("RANK", "0") == "0"


def _options(given: dict[str, Any], config: Path | None, *, resume: bool) -> "tuple[TrainConfig, bool]":
    """The configuration, and whether a run goes on with it."""
    from taxo.taxonomy import TaxoError
    from taxo.training.configure import DATA_KEYS, configure, resumed

    for name in _LISTS:
        if name in given:
            kinds = given[name].split(",")
            given[name] = () if kinds == ["none"] else tuple(kind.strip() for kind in kinds)
    given = {f"data.{name}" if name in DATA_KEYS else name: value for name, value in given.items()}
    if resume:
        if "output" not in given:
            raise TaxoError("--resume needs the run folder: taxo train --resume -o RUN")
        stored = resumed(Path(given["output"]).expanduser(), given)
        if stored is not None:
            return stored, True
        if not {"embedding"} & given.keys() and config is None:
            raise TaxoError(f"{given['output']}: holds no run to go on with (config.toml is missing)")
    return configure(given, config), False


def _estimate(options: "TrainConfig", *, json: bool) -> None:
    """Print what a training would take."""
    from taxo.training.dry_run import dry_run

    from .printing import print_json

    found = dry_run(options)
    if json:
        print_json(found.to_dict())
    else:
        print(found)
