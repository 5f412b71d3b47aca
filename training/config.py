"""Everything that decides a training, as one frozen value that a TOML file can hold."""

from dataclasses import dataclass, field, replace

from taxo.taxonomy.errors import TaxoError

from .config_faults import faults_of
from .data.config import DataConfig
from .networks import network
from .toml import read_toml, write_toml

LEARNING_RATES = {"cosine": 0.1, "cosine+xent": 0.1, "xent": 0.05, "mse": 0.02}
"""lr_max by loss, where none is given.

Chosen on drawn images, batches of 8 and 32, 12 epochs of resnet-20, from 0.01 to 0.5: test accuracy in % at 8 classes,
mean of three seeds, was 91 at 0.05 and 87 at 0.1 (cosine), 74 at 0.1 and 67 at 0.5 (cosine+xent), 93 at 0.05 and 44 at
0.1 (xent), 100 at 0.02 and 35 at 0.1 (mse). At 20 classes with more noise both cosine losses were best at 0.2 to 0.5;
on 20 images per class of Tiny ImageNet cosine had 6.3 at 0.1 and 5.2 at 0.5. The table of the paper, for batches of 96,
agrees: 0.05 to 0.1 for xent, 0.05 to 0.5 for cosine and cosine+xent.
"""


@dataclass(frozen=True)
class TrainConfig:
    """The options of a training.

    Attributes:
        embedding: A hierarchy (built-in name, file, folder), a file of embeddings, or "onehot".
        hierarchy: The hierarchy that levels and mistakes are measured by; "" takes that of the embedding.
        recipe: Where the values came from that nobody gave, see `taxo.training.recipes`; it changes nothing any more.
        loss: "cosine", "cosine+xent", "xent" or "mse".
        xent_weight: lambda of "cosine+xent".
        label_smoothing: eps of the cross-entropy, in [0, 1).
        head: The head g of "cosine+xent": "reference" or "paper".
        arch: A network, see `taxo.training.networks`.
        pretrained: Whether the network starts from the weights that its library has for it.
        weights: A file of weights that the network starts from; "" draws them.
        freeze_epochs: First epochs, before `epochs`, in which only the layers train that no weights were loaded for.
        freeze_lr: Learning rate of these epochs.
        epochs: Epochs of the schedule; 12, 36, 84, 180 and 372 are whole numbers of cycles.
        schedule: The learning rate over the epochs: "sgdr", or "cosine": one fall over all of them.
        cycle: Epochs of the first cycle of sgdr; every cycle is twice as long as the one before.
        warmup: First epochs of the schedule in which the learning rate rises evenly.
        steps_per_epoch: Batches per epoch; 0 takes as many as the data set gives before `per_class` were drawn.
        eval_every: Epochs from one scoring of the held-out items to the next; the last and the ends of cycles are
            always scored.
        batch_size: Items per step, over all processes.
        accumulate: Parts that a batch is computed in, one after the other, to save memory.
        lr: Learning rate at the start of each cycle; None takes the default of the loss.
        weight_decay: Of the kernels, in torch's convention; None takes the recipe's for the network.
        momentum: Of SGD.
        nesterov: Whether SGD looks ahead.
        clip: Largest global norm of the gradient.
        ema: Share that the moving average of the weights keeps per step; 0 uses the weights themselves.
        patience: Epochs without a better accuracy on the validation items after which training ends; 0 never does.
        batch_norm: "local": every process, and every part of a batch, by itself; "sync": over all processes.
        bn_momentum: Share of a new batch in the running statistics of batch norm; 0 takes the network's own.
        augment: Random changes of the training images, of `taxo.training.augment.KINDS`.
        seed: Of the weights, the order of the items and the random changes.
        workers: Processes that load items; 0 loads in the training process.
        device: "auto", "cpu" or "cuda".
        precision: "auto" (bf16 on a GPU that has it, else single), "no" (single precision), "bf16" or "fp16".
        compile: Whether torch compiles the network.
        logs: What is logged to beside metrics.jsonl, of "csv", "tensorboard", "wandb".
        checkpoint_minutes: Longest time between two checkpoints; every epoch ends with one in any case.
        output: The run folder; "" chooses a new one below `runs`.
        data: The options of the data set.

    Raises:
        TaxoError: Values out of range, all of them.
    """

    embedding: str
    hierarchy: str = ""
    recipe: str = "quick"
    loss: str = "cosine+xent"
    xent_weight: float = 0.1
    label_smoothing: float = 0.0
    head: str = "reference"
    arch: str = "resnet-20"
    pretrained: bool = False
    weights: str = ""
    freeze_epochs: int = 0
    freeze_lr: float = 0.1
    epochs: int = 12
    schedule: str = "sgdr"
    cycle: int = 12
    warmup: int = 0
    steps_per_epoch: int = 0
    eval_every: int = 1
    batch_size: int = 32
    accumulate: int = 1
    lr: float | None = None
    weight_decay: float | None = None
    momentum: float = 0.9
    nesterov: bool = False
    clip: float = 10.0
    ema: float = 0.0
    patience: int = 0
    batch_norm: str = "local"
    bn_momentum: float = 0.0
    augment: tuple[str, ...] = ("flip", "shift")
    seed: int = 0
    workers: int = 0
    device: str = "auto"
    precision: str = "auto"
    compile: bool = False
    logs: tuple[str, ...] = ()
    checkpoint_minutes: float = 10.0
    output: str = ""
    data: DataConfig = field(default_factory=lambda: DataConfig(dataset=""))

    def __post_init__(self) -> None:
        faults = faults_of(self)
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

    @property
    def total_epochs(self) -> int:
        """Epochs in all, those with frozen layers included."""
        return self.freeze_epochs + self.epochs

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
