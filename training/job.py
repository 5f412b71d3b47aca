"""What a training works with, and what does not change while it runs."""

from dataclasses import dataclass, replace

from accelerate import Accelerator

from taxo.taxonomy import Taxonomy

from .config import TrainConfig
from .data import Splits
from .data.on_device import on_device
from .keeper import Keeper
from .plan import Plan
from .progress import Progress
from .stream import Stream


@dataclass(frozen=True)
class Job:
    """One training.

    Attributes:
        plan: The options, the class embedding, the hierarchy and the items.
        accelerator: Where to compute.
        progress: Is told of the steps and epochs.
        keeper: Saves the training.
        frozen: Names of the classifier's parameters that stay as they are in the first `freeze_epochs` epochs.
    """

    plan: Plan
    accelerator: Accelerator
    progress: Progress
    keeper: Keeper
    frozen: frozenset[str] = frozenset()

    @property
    def config(self) -> TrainConfig:
        """The options, every default filled in."""
        return self.plan.config

    @property
    def splits(self) -> Splits:
        """The items."""
        return self.plan.splits

    @property
    def taxonomy(self) -> Taxonomy:
        """The hierarchy that predictions are scored by, its classes in the order of the targets."""
        return self.plan.taxonomy

    def on_device(self) -> "Job":
        """The same with the pixels on the GPU, where there is one and they fit."""
        splits, device = self.splits, self.accelerator.device
        moved = replace(
            splits,
            train=on_device(splits.train, device),
            val=splits.val and on_device(splits.val, device),
            test=splits.test and on_device(splits.test, device),
        )
        return replace(self, plan=replace(self.plan, splits=moved))

    @property
    def stream(self) -> Stream:
        """Which items stand in which batch."""
        return self.plan.stream

    @property
    def steps_per_epoch(self) -> int:
        """Batches per epoch."""
        return self.plan.steps_per_epoch
