"""The class vectors that features are compared with: written down, sparse, or as an operator."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from taxo.embeddings import Embedding
from taxo.taxonomy import TaxoError

from .products import Product, in_single, row_sums, widened
from .tree_sums import keep

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class ClassVectors(nn.Module, ABC):
    """One unit-norm vector phi(c) per class. They are buffers, so they move with the module, but are no saved weights.

    Attributes:
        n_classes: Number of classes.
        dim: Number of dimensions.
    """

    n_classes: int
    dim: int

    @abstractmethod
    def of(self, labels: Tensor) -> Tensor:
        """The vectors of some classes, `(batch, dim)`; no gradient.

        Args:
            labels: int64 `(batch,)`.
        """

    @abstractmethod
    def scores(self, features: Tensor) -> Tensor:
        """`<f, phi(c)>` for every class c, `(batch, n_classes)`, differentiable.

        Args:
            features: `(batch, dim)`.
        """

    def dots(self, features: Tensor, labels: Tensor) -> Tensor:
        """`<f, phi(y)>` for the own class y of each f only, `(batch,)`, differentiable.

        Args:
            features: `(batch, dim)`.
            labels: int64 `(batch,)`.
        """
        return (widened(features) * self.of(labels)).sum(dim=1)


class DenseVectors(ClassVectors):
    """Vectors written down; of `n x n` numbers for the exact embedding of n classes.

    Args:
        phi: `(n_classes, dim)`.
    """

    phi: Tensor

    def __init__(self, phi: Tensor) -> None:
        super().__init__()
        self.n_classes, self.dim = phi.shape
        self.register_buffer("phi", phi.to(torch.float32), persistent=False)

    def of(self, labels: Tensor) -> Tensor:
        """See `ClassVectors`."""
        return self.phi[labels]

    def scores(self, features: Tensor) -> Tensor:
        """See `ClassVectors`; in single precision at least, also under autocast."""
        wide = widened(features)
        with in_single(wide):
            return wide @ self.phi.T.to(wide.dtype)


class ProductVectors(ClassVectors):
    """Vectors that are known by two products, each the transpose of the other, of the matrix that they would make."""

    @abstractmethod
    def _scores(self, features: Tensor) -> Tensor:
        """`(batch, dim)` to `(batch, n_classes)`."""

    @abstractmethod
    def _combine(self, weights: Tensor) -> Tensor:
        """`(batch, n_classes)` to `(batch, dim)`."""

    def scores(self, features: Tensor) -> Tensor:
        """See `ClassVectors`."""
        return Product.of(features, self.dim, self._scores, self._combine)

    def combine(self, weights: Tensor) -> Tensor:
        """For each row the sum of the class vectors, each y_i times, `(batch, dim)`: the transpose of `scores`.

        Args:
            weights: `(batch, n_classes)`.
        """
        return Product.of(weights, self.n_classes, self._combine, self._scores)


class SparseVectors(ProductVectors):
    """Sparse vectors, such as those of the node basis in a file: no tree is needed.

    Sums are in single precision at least, also of features in half precision.

    Args:
        phi: `(n_classes, dim)`.
    """

    index: Tensor
    start: Tensor
    value: Tensor
    class_index: Tensor
    class_start: Tensor
    class_value: Tensor

    def __init__(self, phi: "csr_array") -> None:
        super().__init__()
        self.n_classes, self.dim = phi.shape
        for prefix, matrix in (("", phi), ("class_", phi.T.tocsr())):
            keep(self, f"{prefix}index", matrix.indices)
            keep(self, f"{prefix}start", matrix.indptr)
            keep(self, f"{prefix}value", matrix.data, torch.float32)
        self.widest = int(np.diff(phi.indptr).max(initial=0))

    def of(self, labels: Tensor) -> Tensor:
        """See `ClassVectors`."""
        axes, values = self.entries(labels)
        return self.value.new_zeros(len(labels), self.dim).scatter_add_(1, axes, values)

    def dots(self, features: Tensor, labels: Tensor) -> Tensor:
        """See `ClassVectors`; here only the numbers on the axes of each class are read."""
        axes, values = self.entries(labels)
        wide = widened(features)
        return (wide.gather(1, axes) * values.to(wide.dtype)).sum(dim=1)

    def entries(self, labels: Tensor) -> tuple[Tensor, Tensor]:
        """What some rows hold: axes, int64 `(batch, widest)`, and values; filled up with zeros on axis 0.

        Args:
            labels: int64 `(batch,)`.
        """
        first, end = self.start[labels], self.start[labels + 1]
        place = first[:, None] + torch.arange(self.widest, device=labels.device)
        there = place < end[:, None]
        place = torch.where(there, place, 0)
        return torch.where(there, self.index[place], 0), torch.where(there, self.value[place], 0)

    def _scores(self, f: Tensor) -> Tensor:
        return row_sums(f.T, self.index, self.start[:-1], self.value.to(f.dtype)).T

    def _combine(self, y: Tensor) -> Tensor:
        return row_sums(y.T, self.class_index, self.class_start[:-1], self.class_value.to(y.dtype)).T


def class_vectors(phi: Embedding | Tensor | ClassVectors) -> ClassVectors:
    """Class vectors of an embedding, sparse where it is; a matrix as they are written down; or what they already are.

    Raises:
        TaxoError: A tensor of another shape.
    """
    if isinstance(phi, ClassVectors):
        return phi
    if isinstance(phi, Tensor):
        if phi.ndim != 2:
            raise TaxoError(f"class vectors need the shape (n_classes, dim), not {tuple(phi.shape)}")
        return DenseVectors(phi)
    if isinstance(phi.vectors, np.ndarray):
        return DenseVectors(torch.from_numpy(phi.dense(np.float32)))
    return SparseVectors(phi.vectors)
