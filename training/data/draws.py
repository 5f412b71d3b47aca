"""Which training images are used: the draw per class, and the images held out for validation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy.errors import TaxoError
from taxo.taxonomy.wording import few

from .samples import Samples


@dataclass(frozen=True)
class Draw:
    """Places of the drawn images in a set.

    Attributes:
        train: `(n_train,)` ascending.
        val: `(n_val,)` ascending.
    """

    train: NDArray[np.intp]
    val: NDArray[np.intp]


def draw(images: Samples, per_class: int, val_fraction: float, seed: int) -> Draw:
    """Draw training images of every class, and hold some of them out.

    Every class has one random order of its images, which depends on the seed, the class's name and the number
    of its images only. The first `per_class` of it are drawn, so a smaller draw is contained in a bigger
    one. Of these the first `val_fraction` (rounded, at least one, but never all) are held out: the budget of
    labelled images includes those for validation.

    Args:
        images: All training images.
        per_class: Samples drawn of every class; 0 takes all.
        val_fraction: Share of them held out, in [0, 1). A class with one image has none to spare.
        seed: Seed of the order.

    Raises:
        TaxoError: Classes have fewer images than `per_class`.
    """
    counts = images.counts.tolist()
    short = [f"{name} ({n})" for name, n in zip(images.classes, counts, strict=True) if n < per_class]
    if short:
        raise TaxoError(
            f"per_class is {per_class}, but {len(short)} classes have fewer training images: {few(short)}; "
            "take a smaller per_class or add images"
        )
    train, val = [], []
    by_class = np.split(np.argsort(images.targets.numpy(), kind="stable"), np.cumsum(counts)[:-1])
    for name, members in zip(images.classes, by_class, strict=True):
        order = members[_generator(seed, name).permutation(len(members))][: per_class or None]
        held = min(max(1, round(val_fraction * len(order))), len(order) - 1) if val_fraction else 0
        val.append(order[: max(held, 0)])
        train.append(order[max(held, 0) :])
    return Draw(np.sort(np.concatenate(train)), np.sort(np.concatenate(val)))


def _generator(seed: int, name: str) -> np.random.Generator:
    """A generator for one class; other classes may come or go without changing it."""
    return np.random.default_rng([seed, *name.encode()])
