"""Products with a matrix that is never written down, differentiable: the backward pass is the transposed product."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from taxo.taxonomy import TaxoError

Linear = Callable[[Tensor], Tensor]
"""A linear map of rows, `(batch, k)` to `(batch, m)`."""


class Product(torch.autograd.Function):
    """`y = A x` row by row, for a matrix A that is known by the functions that multiply by it and by its transpose.

    Nothing is saved for the backward pass, which is this function again with the two exchanged. So it has
    derivatives of any order.
    """

    @staticmethod
    def of(x: Tensor, dim: int, product: Linear, transposed: Linear) -> Tensor:
        """`A x`, in the precision of x, but in single precision what came in half.

        Args:
            x: `(batch, dim)`.
            dim: Number of columns of A.
            product: From `(batch, dim)` to `(batch, n)`.
            transposed: From `(batch, n)` to `(batch, dim)`.

        Raises:
            TaxoError: Another shape.
        """
        if x.ndim != 2 or x.shape[1] != dim:
            raise TaxoError(f"features of shape {tuple(x.shape)} do not fit: (batch, {dim}) is needed")
        result: Tensor = Product.apply(widened(x), product, transposed)
        return result

    @staticmethod
    def forward(x: Tensor, product: Linear, transposed: Linear) -> Tensor:
        """Called by torch."""
        return product(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Linear, Linear], output: Tensor) -> None:
        """Called by torch."""
        _, ctx.product, ctx.transposed = inputs

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        """Called by torch."""
        return Product.apply(gradients[0], ctx.transposed, ctx.product), None, None


def widened(x: Tensor) -> Tensor:
    """In single precision at least: sums over thousands of products need it."""
    return x if x.dtype == torch.float64 else x.float()


def in_single(x: Tensor) -> torch.autocast:
    """A block that computes in the precision of its numbers: autocast would round the factors of products to half.

    Rounded to 8 bits, cosines of 0.995 and 0.998 are the same, and so are two close classes.

    Args:
        x: Any tensor on the device that is computed on.
    """
    return torch.autocast(x.device.type, enabled=False)


def row_sums(table: Tensor, index: Tensor, start: Tensor, weight: Tensor | None = None) -> Tensor:
    """Weighted sums of rows of a table, `(n_sums, batch)`: a sparse matrix times a dense one.

    An embedding bag does this without a copy of the rows, on the CPU ten times as fast as `index_add_`, and always in
    the same order, also on a GPU.

    Args:
        table: `(n, batch)`.
        index: int64 `(n_terms,)` the rows to add, one sum after another.
        start: int64 `(n_sums,)` where the terms of each sum begin.
        weight: `(n_terms,)` of the terms, in the precision of the table; 1 by default.
    """
    return functional.embedding_bag(index, table.contiguous(), start, mode="sum", per_sample_weights=weight)
