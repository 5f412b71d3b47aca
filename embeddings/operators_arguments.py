"""The arguments of operators, checked: what they are made from, and what they are applied to."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from taxo.taxonomy import TaxoError, Taxonomy
from taxo.taxonomy.arrays import Ints
from taxo.taxonomy.heights import LEVELS

from .class_tree import ClassTree, Floats
from .target import Target

Array = NDArray[np.floating[Any]]
Source = Taxonomy | Target | ClassTree


def tree_of(source: Source, heights: str | Mapping[str, float]) -> ClassTree:
    """The tree above the classes.

    Raises:
        NotEmbeddable: A node has several parents, or two classes would have the same vector.
        TaxoError: Heights for what has heights already.
    """
    if isinstance(source, Taxonomy):
        return Target(source, kind=heights).tree
    if heights != LEVELS:
        raise TaxoError(f"heights are for a hierarchy; a {type(source).__name__} has its own")
    return source.tree if isinstance(source, Target) else source


def apply(product: Callable[[Floats], Floats], x: ArrayLike, n: int, what: str) -> Array:
    """A product, computed in double precision and given in the precision of its argument.

    Args:
        product: From float64 `(n,)` or `(n, batch)` to float64.
        x: The argument.
        n: How many entries, or rows, it must have.
        what: What each stands for, for the message.

    Raises:
        TaxoError: Another shape, or no real numbers.
    """
    given = np.asarray(x)
    if given.dtype.kind not in "biuf":
        raise TaxoError(f"an operator takes real numbers, not an array of {given.dtype}")
    if given.ndim not in (1, 2) or given.shape[0] != n:
        raise TaxoError(
            f"an array of shape {given.shape} has no entry for each {what}: ({n},) or ({n}, batch) is needed"
        )
    single = given.dtype in (np.float32, np.float16)
    return product(given.astype(np.float64)).astype(np.float32 if single else np.float64, copy=False)


def places_of(classes: ArrayLike, n: int) -> Ints:
    """Places in the class order as an index array, `(k,)`.

    Raises:
        TaxoError: There is no such class.
    """
    places = np.asarray(classes)
    if places.size == 0:
        places = places.astype(np.intp)
    if places.ndim != 1 or places.dtype.kind not in "iu":
        raise TaxoError(f"classes are a list of places in the class order, not {places.dtype} of shape {places.shape}")
    if places.size and (places.min() < 0 or places.max() >= n):
        wrong = places[(places < 0) | (places >= n)][0]
        raise TaxoError(f"there is no class {wrong}: the {n} classes are 0 to {n - 1}")
    return places.astype(np.intp)
