"""The methods by name, and the one function that runs them."""

import os
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from taxo.taxonomy import NotEmbeddable, TaxoError, Taxonomy
from taxo.taxonomy.errors import unknown_choice

from .checking import deviation
from .cholesky import cholesky
from .embedding import Embedding
from .exact import exact
from .onehot import onehot

Method = Callable[[Taxonomy, DTypeLike], tuple[NDArray[np.floating[Any]], tuple[str, ...]]]

METHODS: dict[str, Method] = {"exact": exact, "cholesky": cholesky, "onehot": onehot}
"""Name of each method -> function from a hierarchy and a dtype to vectors and the names of the axes."""


def embed(taxonomy: Taxonomy, method: str = "exact", *, dtype: DTypeLike | None = None) -> Embedding:
    """Compute class embeddings and measure how well they reproduce the similarities.

    Args:
        taxonomy: The hierarchy; a tree or forest for the methods exact and cholesky.
        method: "exact" (closed form, columns in depth-first order), "cholesky" (the published coordinates),
            or "onehot" (no similarities: the deviation then tells what the hierarchy would add).
        dtype: float64 or float32; by default float64 up to 2,000 classes, float32 above.

    Raises:
        NotEmbeddable: A node has several parents, or the vectors would not fit into memory.
        TaxoError: Unknown method or dtype.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> (embed(t).vectors @ embed(t).vectors.T).round(12).tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.5], [0.0, 0.5, 1.0]]
    """
    if method not in METHODS:
        raise TaxoError(unknown_choice("method", method, METHODS))
    kind = np.dtype(dtype or (np.float64 if taxonomy.n_classes <= 2000 else np.float32))
    if kind not in (np.dtype(np.float64), np.dtype(np.float32)):
        raise TaxoError(f"dtype {kind} is not offered; take float64 or float32")
    _check_memory(taxonomy, kind)
    vectors, axes = METHODS[method](taxonomy, kind)
    largest, mean = deviation(vectors, taxonomy)
    return Embedding(
        classes=taxonomy.classes,
        vectors=vectors,
        labels=taxonomy.class_numbers.copy(),
        axes=axes,
        method=method,
        measure="lcs-height",
        hierarchy=taxonomy.name,
        fingerprint=taxonomy.fingerprint,
        max_deviation=largest,
        mean_deviation=mean,
    )


def _check_memory(taxonomy: Taxonomy, dtype: np.dtype[Any]) -> None:
    """Refuse what would make the machine swap: two copies of the vectors, and one in double precision."""
    needed = taxonomy.n_classes**2 * (2 * dtype.itemsize + 8)
    available = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if needed > 0.8 * available:
        raise NotEmbeddable(
            f"dense vectors of {taxonomy.n_classes} classes need about {needed / 2**30:.0f} GiB, this machine "
            f"has {available / 2**30:.0f} GiB; prune the hierarchy to the classes that are needed"
        )
