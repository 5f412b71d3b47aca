"""The class embedding as a frozen value."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import TaxoError

Vectors = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False, repr=False)
class Embedding:
    """One vector per class, in class order, and how they came about.

    Make one with `embed` or `load`.

    Attributes:
        classes: `(n_classes,)` node names, in class order.
        vectors: `(n_classes, dim)` float64 or float32, rows of unit norm; read-only.
        labels: `(n_classes,)` the data set's number of each class.
        axes: `(dim,)` what each column stands for.
        method: How it was computed, such as "exact".
        measure: The similarity that the dot products reproduce, such as "lcs-height".
        hierarchy: Name of the hierarchy.
        fingerprint: Fingerprint of the hierarchy.
        max_deviation: Largest |<row i, row j> - similarity| over all pairs of classes.
        mean_deviation: Its mean over all pairs.
    """

    classes: tuple[str, ...]
    vectors: Vectors
    labels: NDArray[np.intp]
    axes: tuple[str, ...]
    method: str
    measure: str
    hierarchy: str
    fingerprint: str
    max_deviation: float
    mean_deviation: float

    def __post_init__(self) -> None:
        n = len(self.classes)
        if self.vectors.ndim != 2 or self.vectors.shape[0] != n or not n:
            raise TaxoError(
                f"an embedding of {n} classes needs an array ({n}, dim), not one of shape {self.vectors.shape}"
            )
        if self.labels.shape != (n,) or len(self.axes) != self.dim:
            raise TaxoError(
                f"{n} classes and {self.dim} dimensions do not fit "
                f"{len(self.labels)} class numbers and {len(self.axes)} names of axes"
            )
        self.vectors.flags.writeable = False
        self.labels.flags.writeable = False

    def __repr__(self) -> str:
        return (
            f"Embedding({self.hierarchy!r}: {self.method}, {len(self.classes)} classes, {self.dim} dimensions, "
            f"{self.vectors.dtype})"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Embedding):
            return NotImplemented
        mine = (self.classes, self.axes, self.method, self.measure, self.fingerprint)
        theirs = (other.classes, other.axes, other.method, other.measure, other.fingerprint)
        return (
            mine == theirs and np.array_equal(self.labels, other.labels) and np.array_equal(self.vectors, other.vectors)
        )

    def __hash__(self) -> int:
        return hash((self.fingerprint, self.method, self.dim))

    @property
    def dim(self) -> int:
        """Number of dimensions."""
        return int(self.vectors.shape[1])

    def save(self, path: str | Path) -> None:
        """Write the embedding to an `.npz` file: see `taxo.embeddings.save`."""
        from .files import save

        save(self, path)
