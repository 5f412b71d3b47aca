"""Hyperspherical prototypes: classes pushed apart on a sphere of fewer dimensions than there are classes."""

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import TaxoError

from .axes import numbered
from .uniform import uniform
from .work import Made, Work

Points = NDArray[np.floating[Any]]

log = logging.getLogger("taxo")

_STEPS = 1000  # at most
_PAIRS = 4e9  # pairs of classes looked at, at most: minutes on one core; beyond 2,000 classes there are fewer steps
_FEWEST = 100  # steps, however many classes
_SHARPNESS = 10.0, 3000.0  # at the first and at the last step
_MOMENTUM = 0.9
_PATIENCE, _GAIN = 0.1, 1e-5  # stop where this share of the steps has gained less than this
_CELLS = 1 << 22  # cosines in memory


def hyperspherical(work: Work) -> Made:
    """Prototypes that know nothing of the data, after Mettes, van der Pol & Snoek, "Hyperspherical Prototype Networks".

    The paper (NeurIPS 2019) wants the vectors whose largest cosine is least, and minimises by gradient descent the mean
    over the classes i of `max_j <v_i, v_j>`, j other than i. In two dimensions they stand evenly on the circle.

    Here the maximum is at first a soft one, `log(sum_j exp(t <v_i, v_j>)) / t`, which pushes a class away from all that
    are near instead of one, and t grows until it is the maximum. The start is what the method random draws for the
    same seed, and the best step counts, so that the largest cosine is never more than there.

    Returns:
        Vectors `(n_classes, dim)` with dim < n_classes. The same seed gives the same ones on the same machine;
        elsewhere rounding may lead to others that are as good.

    Raises:
        TaxoError: One dimension for three classes or more.
    """
    n, dim = work.target.taxonomy.n_classes, work.dim
    assert dim is not None  # `embed` has seen to it
    if dim == 1 and n > 2:
        raise TaxoError(
            f"dim=1: on a line there are two directions, too few for {n} classes; take two dimensions or more"
        )
    if dim <= 2:
        vectors, note = _evenly(n, dim).astype(work.dtype), "evenly on the circle" if dim == 2 else "opposite"
    else:
        start = uniform(np.random.default_rng(work.seed), n, dim, work.dtype)
        vectors, steps = push_apart(start)
        note = f"{steps} steps from {_largest(start):.4f}"
    log.info("hyperspherical: the largest cosine between two classes is %.4f (%s)", _largest(vectors), note)
    return Made(vectors, numbered("dimension", dim))


def _evenly(n: int, dim: int) -> NDArray[np.float64]:
    """Points on the circle, in class order; on the line the two that there are."""
    angle = np.arange(n) * (2 * np.pi / n)
    points: NDArray[np.float64] = np.stack([np.cos(angle), np.sin(angle)], axis=1)[:, :dim]
    return points


def push_apart(start: Points) -> tuple[Points, int]:
    """Gradient descent on the sphere, with momentum.

    Args:
        start: `(n, dim)` unit rows, dim >= 2.

    Returns:
        The unit rows `(n, dim)` with the least largest cosine of all steps, and how many steps were taken.
    """
    n = len(start)
    steps = int(min(_STEPS, max(_FEWEST, _PAIRS / n**2)))
    vectors, speed = start.copy(), np.zeros_like(start)
    if steps < _STEPS:
        log.info("hyperspherical: %d classes, up to %d steps, which takes minutes", n, steps)
    best, least, last_gain = start, np.inf, 0
    for step, sharpness in enumerate(np.geomspace(*_SHARPNESS, steps).tolist()):
        gradient, nearest = _gradient(vectors, sharpness)
        largest = float(nearest.max())
        if largest < least - _GAIN:
            last_gain = step
        if largest < least:
            best, least = vectors.copy(), largest
        if step - last_gain > _PATIENCE * steps:
            return best, step
        speed = _MOMENTUM * speed - gradient / sharpness  # the soft maximum bends as sharply as its name says
        speed -= np.einsum("ij,ij->i", speed, vectors)[:, None] * vectors  # along the sphere
        vectors += speed
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    if _largest(vectors) < least:
        best = vectors
    return best, steps


def _gradient(vectors: Points, sharpness: float) -> tuple[Points, Points]:
    """Gradient of the sum of all classes' soft largest cosines, `(n, dim)`, and their largest cosines, `(n,)`."""
    n = len(vectors)
    gradient = np.zeros_like(vectors)
    nearest = np.empty(n, dtype=vectors.dtype)
    step = max(1, _CELLS // n)
    for low in range(0, n, step):
        rows = slice(low, low + step)
        share = _cosines(vectors, rows)
        nearest[rows] = share.max(axis=1)
        share -= nearest[rows, None]
        share *= sharpness
        np.exp(share, out=share)
        share /= share.sum(axis=1, keepdims=True)
        gradient[rows] += share @ vectors
        gradient += share.T @ vectors[rows]
    return gradient, nearest


def _largest(vectors: Points) -> float:
    """Largest cosine between two rows."""
    n = len(vectors)
    step = max(1, _CELLS // n)
    return max(float(_cosines(vectors, slice(low, low + step)).max()) for low in range(0, n, step))


def _cosines(vectors: Points, rows: slice) -> Points:
    """Cosines of some rows with all, `(n_rows, n)`; of a row with itself -inf, so that no maximum is there."""
    cosines: Points = vectors[rows] @ vectors.T
    own = np.arange(len(cosines))
    cosines[own, own + rows.start] = -np.inf
    return cosines
