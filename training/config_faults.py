"""What can be wrong with the options of a training."""

import math
from typing import TYPE_CHECKING

from taxo.taxonomy.errors import TaxoError, did_you_mean, near_matches

from .augment import KINDS
from .heads import HEADS
from .networks import network

if TYPE_CHECKING:
    from .config import TrainConfig

LOSSES = ("cosine", "cosine+xent", "xent", "mse")
SCHEDULES = ("sgdr", "cosine")
DEVICES = ("auto", "cpu", "cuda")
PRECISIONS = ("auto", "no", "bf16", "fp16")
BATCH_NORMS = ("local", "sync")
LOGS = ("csv", "tensorboard", "wandb")

_LEAST = {
    **{"freeze_epochs": 0, "epochs": 1, "cycle": 1, "warmup": 0, "steps_per_epoch": 0, "eval_every": 1},
    # Batch norm has no variance of a single item.
    **{"batch_size": 2, "accumulate": 1, "patience": 0, "seed": 0, "workers": 0},
}
# name, lowest, whether it is allowed itself, upper bound, which never is
_RANGES = (
    ("xent_weight", 0.0, True, math.inf),
    ("label_smoothing", 0.0, True, 1.0),
    ("freeze_lr", 0.0, False, math.inf),
    ("lr", 0.0, False, math.inf),
    ("weight_decay", 0.0, True, math.inf),
    ("momentum", 0.0, True, 1.0),
    ("clip", 0.0, False, math.inf),
    ("ema", 0.0, True, 1.0),
    ("bn_momentum", 0.0, True, 1.0),
    ("checkpoint_minutes", 0.0, False, math.inf),
)


def faults_of(config: "TrainConfig") -> list[str]:
    """What is wrong with a configuration, one sentence each."""
    faults = _choice_faults(config)
    if not config.embedding:
        faults.append("embedding is empty; name a hierarchy, a file of embeddings or 'onehot'")
    for name, least in _LEAST.items():
        value = getattr(config, name)
        if value < least:
            faults.append(f"{name} is {value}; it must be at least {least}")
    return faults + _range_faults(config) + _pair_faults(config)


def _choice_faults(config: "TrainConfig") -> list[str]:
    """Names that are none of those known."""
    choices: list[tuple[str, str, tuple[str, ...]]] = [
        ("loss", config.loss, LOSSES),
        ("head", config.head, tuple(HEADS)),
        ("schedule", config.schedule, SCHEDULES),
        ("batch_norm", config.batch_norm, BATCH_NORMS),
        ("device", config.device, DEVICES),
        ("precision", config.precision, PRECISIONS),
        *(("augment", kind, KINDS) for kind in config.augment),
        *(("logs", kind, LOGS) for kind in config.logs),
    ]
    faults = [
        f"{name}: unknown {value!r}{did_you_mean(near_matches(value, known))}; known are {', '.join(known)}"
        for name, value, known in choices
        if value not in known
    ]
    try:
        network(config.arch)
    except TaxoError as error:
        faults.append(str(error))
    return faults


def _range_faults(config: "TrainConfig") -> list[str]:
    """Numbers out of their range; None is in range."""
    faults = []
    for name, low, closed, high in _RANGES:
        value = getattr(config, name)
        if value is None or low < value < high or (closed and value == low):
            continue
        least = f"at least {low:g}" if closed else f"above {low:g}"
        most = "finite" if high == math.inf else f"below {high:g}"
        faults.append(f"{name} is {value}; it must be {least} and {most}")
    return faults


def _pair_faults(config: "TrainConfig") -> list[str]:
    """Values that do not go together."""
    faults = []
    if config.batch_size >= 2 and config.batch_size < 2 * config.accumulate:
        faults.append(
            f"accumulate is {config.accumulate}; with batch_size {config.batch_size} it must be at most "
            f"{config.batch_size // 2}, for batch norm needs 2 items in every part"
        )
    if {"crop", "resized-crop"} <= set(config.augment):
        faults.append("augment: 'crop' and 'resized-crop' both choose what is cut out; take one of them")
    if config.nesterov and config.momentum == 0:
        faults.append("nesterov needs a momentum above 0")
    if config.freeze_epochs and not (config.pretrained or config.weights):
        faults.append(
            f"freeze_epochs is {config.freeze_epochs}, but training starts from no weights: with --pretrained or "
            "--weights there are layers that may stand still"
        )
    if config.pretrained and config.weights:
        faults.append("pretrained and weights exclude each other; give one of them")
    return faults
