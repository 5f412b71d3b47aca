"""Three losses over a plane of feature vectors, for a target that is fixed: the formulas, in NumPy.

`taxo.training.losses` has the same in torch, for batches; a test compares the two.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def cross_entropy(x: Floats, target: Floats) -> Floats:
    """`-sum_i y_i log softmax(x)_i`, in nats.

    Args:
        x: `(..., dim)` feature vectors, here the logits.
        target: `(dim,)` y, one-hot.
    """
    largest = x.max(axis=-1, keepdims=True)
    log_sum = largest[..., 0] + np.log(np.exp(x - largest).sum(axis=-1))
    return np.asarray(log_sum * target.sum() - x @ target)


def squared_error(x: Floats, target: Floats) -> Floats:
    """`|x - y|^2`; arguments as for `cross_entropy`."""
    return np.asarray(((x - target) ** 2).sum(axis=-1))


def cosine(x: Floats, target: Floats) -> Floats:
    """`1 - <x, y> / (|x| |y|)`; 1 at the origin, which has no direction. Arguments as for `cross_entropy`."""
    length = np.linalg.norm(x, axis=-1) * np.linalg.norm(target)
    return np.asarray(1 - (x @ target) / np.where(length > 0, length, 1))


def plane(reach: float, steps: int) -> Floats:
    """Points of a square grid around the origin, `(steps, steps, 2)`; the second coordinate grows with the row.

    Args:
        reach: The coordinates run from `-reach` to `reach`.
        steps: Points along a side.
    """
    line = np.linspace(-reach, reach, steps)
    return np.stack(np.meshgrid(line, line), axis=-1)
