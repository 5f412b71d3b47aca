"""Everything that decides a training, as one frozen value that a TOML file can hold."""

import math
from dataclasses import dataclass, field, replace

from taxo.taxonomy.errors import TaxoError, did_you_mean, near_matches

from .augment import KINDS
from .data.config import DataConfig
from .heads import HEADS
from .networks import network, networks
from .toml import read_toml, write_toml

LEARNING_RATES = {"cosine": 0.1, "cosine+xent": 0.1, "xent": 0.05, "mse": 0.02}
"""lr_max by loss, where none is given.

Chosen on drawn images, batches of 8 and 32, 12 epochs of resnet-20, from 0.01 to 0.5: test accuracy in % at 8 classes,
mean of three seeds, was 91 at 0.05 and 87 at 0.1 (cosine), 74 at 0.1 and 67 at 0.5 (cosine+xent), 93 at 0.05 and 44 at
0.1 (xent), 100 at 0.02 and 35 at 0.1 (mse). At 20 classes with more noise both cosine losses were best at 0.2 to 0.5;
on 20 images per class of Tiny ImageNet cosine had 6.3 at 0.1 and 5.2 at 0.5. The table of the paper, for batches of 96,
agrees: 0.05 to 0.1 for xent, 0.05 to 0.5 for cosine and cosine+xent.
"""

DEVICES = ("auto", "cpu", "cuda")
PRECISIONS = ("no", "bf16", "fp16")


@dataclass(frozen=True)
class TrainConfig:
    """The options of a training.

    Attributes:
        embedding: A hierarchy (built-in name, file, folder), a file of embeddings, or "onehot".
        hierarchy: The hierarchy that levels and mistakes are measured by; "" takes that of the embedding.
        loss: "cosine", "cosine+xent", "xent" or "mse".
        xent_weight: lambda of "cosine+xent".
        label_smoothing: eps of the cross-entropy, in [0, 1).
        head: The head g of "cosine+xent": "reference" or "paper".
        arch: A network, see `taxo.training.networks`.
        epochs: Epochs in all; 12, 36, 84, 180 and 372 are whole numbers of cycles.
        cycle: Epochs of the first cycle of the learning rate; every cycle is twice as long as the one before.
        batch_size: Images per step and process.
        lr: Learning rate at the start of each cycle; None takes the default of the loss.
        weight_decay: Of the kernels, in torch's convention; None takes the recipe's for the network.
        momentum: Of SGD.
        clip: Largest global norm of the gradient.
        augment: Random changes of the training images: "flip", "shift", "erase".
        seed: Of the weights, the order of the images and the random changes.
        workers: Processes that load images; 0 loads in the training process.
        device: "auto", "cpu" or "cuda".
        precision: "no" (single precision), "bf16" or "fp16".
        output: The run folder; "" chooses a new one below `runs`.
        data: The options of the data set.

    Raises:
        TaxoError: Values out of range, all of them.
    """

    embedding: str
    hierarchy: str = ""
    loss: str = "cosine+xent"
    xent_weight: float = 0.1
    label_smoothing: float = 0.0
    head: str = "reference"
    arch: str = "resnet-20"
    epochs: int = 12
    cycle: int = 12
    batch_size: int = 32
    lr: float | None = None
    weight_decay: float | None = None
    momentum: float = 0.9
    clip: float = 10.0
    augment: tuple[str, ...] = ("flip", "shift")
    seed: int = 0
    workers: int = 0
    device: str = "auto"
    precision: str = "no"
    output: str = ""
    data: DataConfig = field(default_factory=lambda: DataConfig(dataset=""))

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise TaxoError("\n".join(faults))

    @property
    def lr_max(self) -> float:
        """`lr`, or the default of the loss."""
        return LEARNING_RATES[self.loss] if self.lr is None else self.lr

    @property
    def decay(self) -> float:
        """`weight_decay`, or the recipe's for the network."""
        return network(self.arch).weight_decay if self.weight_decay is None else self.weight_decay

    def resolved(self) -> "TrainConfig":
        """The same with a number in place of every None."""
        return replace(self, lr=self.lr_max, weight_decay=self.decay)

    def to_toml(self) -> str:
        """The text of a configuration file; `from_toml` gives an equal value."""
        return write_toml(self)

    @classmethod
    def from_toml(cls, text: str, source: str = "configuration") -> "TrainConfig":
        """Read a configuration file.

        Args:
            text: Its content.
            source: What messages call it.

        Raises:
            TaxoError: No TOML, unknown keys, values of a wrong type or out of range.
        """
        return read_toml(cls, text, source)


def _faults(config: TrainConfig) -> list[str]:
    """What is wrong with a configuration, one sentence each."""
    choices: list[tuple[str, str, tuple[str, ...]]] = [
        ("loss", config.loss, tuple(LEARNING_RATES)),
        ("head", config.head, tuple(HEADS)),
        ("arch", config.arch, tuple(entry.name for entry in networks())),
        ("device", config.device, DEVICES),
        ("precision", config.precision, PRECISIONS),
        *(("augment", kind, KINDS) for kind in config.augment),
    ]
    faults = [
        f"{name}: unknown {value!r}{did_you_mean(near_matches(value, known))}; known are {', '.join(known)}"
        for name, value, known in choices
        if value not in known
    ]
    if not config.embedding:
        faults.append("embedding is empty; name a hierarchy, a file of embeddings or 'onehot'")
    # Batch norm has no variance of a single image.
    for name, least in (("epochs", 1), ("cycle", 1), ("batch_size", 2), ("seed", 0), ("workers", 0)):
        value = getattr(config, name)
        if value < least:
            faults.append(f"{name} is {value}; it must be at least {least}")
    faults += _range_faults(config)
    return faults


def _range_faults(config: TrainConfig) -> list[str]:
    """Numbers out of their range; None is in range."""
    # name, lowest, whether it is allowed itself, upper bound, which never is
    ranges = [
        ("xent_weight", 0.0, True, math.inf),
        ("label_smoothing", 0.0, True, 1.0),
        ("lr", 0.0, False, math.inf),
        ("weight_decay", 0.0, True, math.inf),
        ("momentum", 0.0, True, 1.0),
        ("clip", 0.0, False, math.inf),
    ]
    faults = []
    for name, low, closed, high in ranges:
        value = getattr(config, name)
        if value is None or low < value < high or (closed and value == low):
            continue
        least = f"at least {low:g}" if closed else f"above {low:g}"
        most = "finite" if high == math.inf else f"below {high:g}"
        faults.append(f"{name} is {value}; it must be {least} and {most}")
    return faults
