"""Loss and accuracy of one epoch, summed on the device and looked at now and then."""

import torch
from accelerate import Accelerator
from torch import Tensor

from taxo.taxonomy.errors import TaxoError


class Diverged(TaxoError):
    """The loss or its gradient became infinite or no number.

    Attributes:
        epoch: From 1.
        step: Number of the step from the start of the training, from 0.
        lr: The learning rate.
    """

    def __init__(self, epoch: int, step: int, of_epoch: int, lr: float) -> None:
        self.epoch = epoch
        self.step = step
        self.lr = lr
        super().__init__(
            f"the loss or its gradient became infinite or NaN in epoch {epoch}, step {of_epoch}, at learning "
            f"rate {lr:g}; try a lower one: --lr {lr / 10:g}"
        )


class Tally:
    """Running sums of one epoch.

    Args:
        epoch: From 1, for messages.
        lr: The learning rate, for messages and for the display.
        sums: Loss, right answers and items so far, `(3,)`, changed in place.
        first: Number of the epoch's first step.
        done: Steps of the epoch that `sums` already counts.
        accelerator: Where to compute.
    """

    def __init__(self, epoch: int, lr: float, sums: Tensor, first: int, done: int, accelerator: Accelerator) -> None:
        self.epoch = epoch
        self.lr = lr
        self.sums = sums
        self.first = first
        self.seen = done
        self.accelerator = accelerator
        self.unseen: list[Tensor] = []

    def add(self, loss: Tensor, norm: Tensor, right: Tensor) -> None:
        """Count one step.

        Args:
            loss: Mean over the batch, without gradient.
            norm: Global norm of the gradient.
            right: boolean `(batch,)`, which items were predicted right.
        """
        n = len(right)
        self.sums += torch.stack([loss * n, right.sum().float(), torch.full_like(loss, n)])
        # With fp16 an infinite gradient is an everyday thing: the step is left out and the scale lowered.
        fp16 = self.accelerator.mixed_precision == "fp16"
        self.unseen.append(loss if fp16 else loss + 0 * norm)

    def look(self) -> tuple[int, float, float, float]:
        """Steps since the last look, and loss, accuracy and learning rate for the display.

        Raises:
            Diverged: A loss or gradient was infinite or no number, in any process.
        """
        finite = torch.stack(self.unseen).isfinite()
        if self.accelerator.num_processes > 1:
            finite = self.accelerator.gather(finite[None]).all(dim=0)
        known = finite.tolist()
        if not all(known):
            place = self.seen + known.index(False)
            raise Diverged(self.epoch, self.first + place, place + 1, self.lr)
        self.unseen.clear()
        self.seen += len(known)
        loss, right, n = self.sums.tolist()
        return len(known), loss / n, right / n, self.lr

    def totals(self) -> tuple[float, float]:
        """Mean loss and accuracy over the items of all processes."""
        reduced: Tensor = self.accelerator.reduce(self.sums, "sum")
        loss, right, n = reduced.tolist()
        return loss / n, right / n
