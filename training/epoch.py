"""What one epoch came to."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to.

    Attributes:
        epoch: From 1.
        lr: Its learning rate.
        loss: Mean loss over the training items, as they came.
        accuracy: Share of the training items that was predicted right, as they came.
        val: Scores of the validation items; None without any, or where this epoch was not scored.
        test: Scores of the test items; likewise.
        seconds: How long it took, scoring included.
    """

    epoch: int
    lr: float
    loss: float
    accuracy: float
    val: dict[str, Any] | None
    test: dict[str, Any] | None
    seconds: float
