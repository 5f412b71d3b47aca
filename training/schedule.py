"""The learning rate as a function of the epoch.

SGDR, stochastic gradient descent with warm restarts: Loshchilov & Hutter, ICLR 2017, per epoch and with the table of
[BD20]'s code; torch's `CosineAnnealingWarmRestarts` is a different table. Or one fall over all epochs.
"""

import math

from .config import TrainConfig

LR_MIN = 1e-6


def learning_rate(config: TrainConfig, epoch: int) -> float:
    """The learning rate of one epoch, counted from 0.

    First come the epochs with frozen layers, at `freeze_lr`, then the schedule. In its first `warmup` epochs the rate
    rises evenly: the i-th of w epochs, from 1, has `i / (w + 1)` of what the schedule says.
    """
    epoch -= config.freeze_epochs
    if epoch < 0:
        return config.freeze_lr
    rate = (
        sgdr(epoch, lr_max=config.lr_max, cycle=config.cycle)
        if config.schedule == "sgdr"
        else cosine(epoch, config.epochs, lr_max=config.lr_max)
    )
    return rate * min(1.0, (epoch + 1) / (config.warmup + 1))


def ends_cycle(config: TrainConfig, epoch: int) -> bool:
    """Whether an epoch, counted from 0, is the last one of a cycle of sgdr."""
    epoch -= config.freeze_epochs
    return epoch >= 0 and config.schedule == "sgdr" and is_cycle_end(epoch, cycle=config.cycle)


def cosine(epoch: int, epochs: int, *, lr_max: float, lr_min: float = LR_MIN) -> float:
    """One fall from `lr_max`, in the first epoch, to `lr_min`, which the epoch after the last would have.

    Example:
        >>> [round(cosine(epoch, 4, lr_max=1.0, lr_min=0.0), 3) for epoch in range(4)]
        [1.0, 0.854, 0.5, 0.146]
    """
    return lr_min + (lr_max - lr_min) / 2 * (1 + math.cos(math.pi * epoch / epochs))


def sgdr(epoch: int, *, lr_max: float, lr_min: float = LR_MIN, cycle: int = 12, factor: int = 2) -> float:
    """The learning rate of one epoch.

    Epoch i of a cycle of L epochs has `lr_max` for i = 0, else
    `lr_min + (lr_max - lr_min) / 2 * (1 + cos(pi * (i + 1) / L))`: the last epoch of a cycle has exactly `lr_min`.

    Args:
        epoch: From 0.
        lr_max: Learning rate at the start of each cycle.
        lr_min: Learning rate at the end of each cycle.
        cycle: Epochs of the first cycle.
        factor: How many times longer each cycle is than the one before.

    Example:
        >>> [round(sgdr(epoch, lr_max=1.0, lr_min=0.0, cycle=4), 3) for epoch in range(6)]
        [1.0, 0.5, 0.146, 0.0, 1.0, 0.854]
    """
    length = cycle
    while epoch >= length:
        epoch -= length
        length *= factor
    if epoch == 0:
        return lr_max
    return lr_min + (lr_max - lr_min) / 2 * (1 + math.cos(math.pi * (epoch + 1) / length))


def total_epochs(cycles: int, *, cycle: int = 12, factor: int = 2) -> int:
    """Epochs of the first `cycles` cycles: 12, 36, 84, 180, 372.

    Example:
        >>> [total_epochs(cycles) for cycles in (1, 2, 3, 4, 5)]
        [12, 36, 84, 180, 372]
    """
    return sum(cycle * factor**i for i in range(cycles))


def is_cycle_end(epoch: int, *, cycle: int = 12, factor: int = 2) -> bool:
    """Whether an epoch, counted from 0, is the last one of a cycle: where a network is at its best."""
    length = cycle
    while epoch >= length:
        epoch -= length
        length *= factor
    return epoch == length - 1
