"""Loss and accuracy of one epoch, summed on the device and looked at now and then."""

import torch
from accelerate import Accelerator
from torch import Tensor

from taxo.taxonomy.errors import TaxoError


class Tally:
    """Running sums of one epoch.

    Args:
        epoch: From 1, for messages.
        lr: The learning rate, for messages and for the display.
        accelerator: Where to compute.
    """

    def __init__(self, epoch: int, lr: float, accelerator: Accelerator) -> None:
        self.epoch = epoch
        self.lr = lr
        self.accelerator = accelerator
        self.sums = torch.zeros(3, device=accelerator.device)  # loss, right ones, images
        self.unseen: list[Tensor] = []
        self.seen = 0

    def add(self, loss: Tensor, norm: Tensor, right: Tensor) -> None:
        """Count one step.

        Args:
            loss: Mean over the batch, without gradient.
            norm: Global norm of the gradient.
            right: boolean `(batch,)`, which images were predicted right.
        """
        n = len(right)
        self.sums += torch.stack([loss * n, right.sum().float(), torch.full_like(loss, n)])
        # With fp16 an infinite gradient is an everyday thing: the step is left out and the scale lowered.
        fp16 = self.accelerator.mixed_precision == "fp16"
        self.unseen.append(loss if fp16 else loss + 0 * norm)

    def look(self) -> tuple[int, float, float, float]:
        """Steps since the last look, and loss, accuracy and learning rate for the display.

        Raises:
            TaxoError: A loss or gradient was infinite or no number.
        """
        finite = torch.stack(self.unseen).isfinite().tolist()
        if not all(finite):
            step = self.seen + finite.index(False) + 1
            raise TaxoError(
                f"the loss or its gradient became infinite or NaN in epoch {self.epoch}, step {step}, at learning "
                f"rate {self.lr:g}; try a lower one: --lr {self.lr / 10:g}"
            )
        self.unseen.clear()
        self.seen += len(finite)
        loss, right, n = self.sums.tolist()
        return len(finite), loss / n, right / n, self.lr

    def totals(self) -> tuple[float, float]:
        """Mean loss and accuracy over the images of all processes."""
        reduced: Tensor = self.accelerator.reduce(self.sums, "sum")
        loss, right, n = reduced.tolist()
        return loss / n, right / n
