"""The learning rate as a function of the epoch: SGDR, stochastic gradient descent with warm restarts.

Loshchilov & Hutter, ICLR 2017, per epoch and with the table of [BD20]'s code; torch's `CosineAnnealingWarmRestarts`
is a different table.
"""

import math

LR_MIN = 1e-6


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
