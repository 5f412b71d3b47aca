"""Random directions: every class a point drawn uniformly on the unit sphere."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .axes import numbered
from .work import Made, Work

_NUMBERS = 1 << 20  # drawn at a time, in double precision


def random(work: Work) -> Made:
    """A vector for every class, uniform on the unit sphere.

    Rows of independent standard normal numbers, divided by their length: the distribution of such a row is the same in
    all directions (Muller 1959). In d dimensions the dot product of two of them has mean 0 and variance 1/d.

    Returns:
        Vectors `(n_classes, dim)`, by default with as many dimensions as classes.
    """
    n = work.target.taxonomy.n_classes
    dim = work.dim or n
    return Made(uniform(np.random.default_rng(work.seed), n, dim, work.dtype), numbered("dimension", dim))


def uniform(rng: np.random.Generator, n: int, dim: int, dtype: DTypeLike = np.float64) -> NDArray[np.floating[Any]]:
    """Points drawn uniformly on the unit sphere, `(n, dim)`; the same ones, rounded, for either dtype."""
    out = np.empty((n, dim), dtype=dtype)
    step = max(1, _NUMBERS // dim)
    for low in range(0, n, step):
        drawn = rng.standard_normal((min(step, n - low), dim))
        out[low : low + step] = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return out
