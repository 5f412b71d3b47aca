"""The class embedding as a frozen value."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from taxo.taxonomy import TaxoError

from .memory import check_memory
from .recipe import Recipe
from .verification import Verification

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Dense = NDArray[np.floating[Any]]
Vectors: TypeAlias = "Dense | csr_array"


@dataclass(frozen=True, eq=False, repr=False)
class Embedding:
    """One vector per class, in class order, and how they came about.

    Make one with `embed` or `load`.

    Attributes:
        classes: `(n_classes,)` node names, in class order.
        vectors: `(n_classes, dim)` float64 or float32, rows of unit norm; dense and read-only, or a
            `scipy.sparse.csr_array` for the method nodes.
        labels: `(n_classes,)` the data set's number of each class.
        axes: `(dim,)` what each column stands for.
        recipe: How it was computed.
        hierarchy: Name of the hierarchy.
        fingerprint: Fingerprint of the hierarchy.
        verification: How far the dot products are from the similarities.
    """

    classes: tuple[str, ...]
    vectors: Vectors
    labels: NDArray[np.intp]
    axes: tuple[str, ...]
    recipe: Recipe
    hierarchy: str
    fingerprint: str
    verification: Verification

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
        for array in self._arrays():
            array.flags.writeable = False

    def _arrays(self) -> tuple[NDArray[Any], ...]:
        if isinstance(self.vectors, np.ndarray):
            return self.vectors, self.labels
        return self.vectors.data, self.vectors.indices, self.vectors.indptr, self.labels

    def __repr__(self) -> str:
        return (
            f"Embedding({self.hierarchy!r}: {self.method}, {len(self.classes)} classes, {self.dim} dimensions, "
            f"{self.vectors.dtype}{', sparse' if self.is_sparse else ''})"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Embedding):
            return NotImplemented
        mine = (self.classes, self.axes, self.recipe, self.fingerprint, self.vectors.shape, self.is_sparse)
        theirs = (other.classes, other.axes, other.recipe, other.fingerprint, other.vectors.shape, other.is_sparse)
        return mine == theirs and all(map(np.array_equal, self._arrays(), other._arrays()))

    def __hash__(self) -> int:
        return hash((self.fingerprint, self.recipe, self.dim))

    @property
    def dim(self) -> int:
        """Number of dimensions."""
        return int(self.vectors.shape[1])

    @property
    def is_sparse(self) -> bool:
        """Whether `vectors` is a sparse matrix."""
        return not isinstance(self.vectors, np.ndarray)

    @property
    def method(self) -> str:
        """How it was computed, such as "exact"."""
        return self.recipe.method

    @property
    def measure(self) -> str:
        """The similarity that the dot products reproduce, such as "lcs-height"."""
        return self.recipe.measure

    @property
    def max_deviation(self) -> float:
        """Largest |<row i, row j> - similarity| over the pairs that were looked at."""
        return self.verification.max_deviation

    @property
    def mean_deviation(self) -> float:
        """Its mean over these pairs."""
        return self.verification.mean_deviation

    def dense(self, dtype: DTypeLike | None = None) -> Dense:
        """The vectors as an ordinary array, `(n_classes, dim)`; a new one, that may be written to.

        Args:
            dtype: float64 or float32; as the vectors by default.

        Raises:
            NotEmbeddable: It would not fit into memory.
        """
        kind = np.dtype(dtype or self.vectors.dtype)
        if isinstance(self.vectors, np.ndarray):
            return self.vectors.astype(kind)
        check_memory(len(self.classes) * self.dim * kind.itemsize, "the sparse vectors written out")
        written: Dense = self.vectors.astype(kind).toarray()
        return written

    def save(self, path: str | Path, *, format: str | None = None) -> None:
        """Write the embedding to a file: see `taxo.embeddings.save`."""
        from .files import save

        save(self, path, format=format)
