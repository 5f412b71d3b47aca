"""Class vectors as operators on the tree: to train against many classes without an n x n matrix."""

import numpy as np
import torch
from torch import Tensor

from taxo.embeddings.operators import ClassOperator, NodeBasis
from taxo.embeddings.operators_passes import solve_scalars

from .products import Product, widened
from .tree_sums import TreeSums, keep
from .vectors import ProductVectors


class ExactOperator(ProductVectors):
    """The exact class embedding E of `taxo.embeddings.operators.ClassOperator` in torch, on any device.

    All products cost O(nodes) an image, forward and backward, and keep O(nodes) numbers. They are in the precision of
    the features, but in single precision at least.

    Args:
        operator: `ClassOperator.of(taxonomy)`.
        dtype: Precision of the scalars on the tree.
    """

    column_of: Tensor
    class_at: Tensor
    diagonal: Tensor
    rest: Tensor
    shrink: Tensor
    inverse_sum: Tensor
    shared: Tensor
    gap: Tensor
    share: Tensor

    def __init__(self, operator: ClassOperator, *, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        factor, tree = operator.factor, operator.tree
        self.n_classes = self.dim = operator.n_classes
        self.log_det = operator.log_det
        self.sums = TreeSums(tree)
        keep(self, "column_of", tree.column_of)
        keep(self, "class_at", tree.class_at)
        shared, gap, share = solve_scalars(factor)
        scalars = {
            "diagonal": operator.diagonal,
            "rest": factor.rest,
            "shrink": factor.shrink,
            "inverse_sum": factor.inverse_sum,
            "shared": shared,
            "gap": gap,
            "share": share,
        }
        for name, array in scalars.items():
            keep(self, name, array, dtype)

    def of(self, labels: Tensor) -> Tensor:
        """Rows of E, `(batch, n_classes)`: E' times one-hot vectors."""
        chosen = self.diagonal.new_zeros(len(labels), self.n_classes)
        chosen.scatter_(1, labels[:, None], 1)
        return self._combine(widened(chosen))

    def solve(self, y: Tensor) -> Tensor:
        """`S^-1 y` for each row, `(batch, n_classes)`, with S the similarities of the classes.

        Args:
            y: `(batch, n_classes)`.
        """
        return Product.of(y, self.n_classes, self._solve, self._solve)

    # The steps of these are explained in taxo.embeddings.operators_passes; values lie there as (n_nodes, batch).

    def _scores(self, x: Tensor) -> Tensor:
        diagonal = self.diagonal.to(x.dtype)[:, None]
        own = x.T.index_select(0, self.column_of)  # (n_classes, batch)
        below = self.sums.at_leaves(own / diagonal)
        self.sums.up(below, self.shrink.to(x.dtype))
        found = self.sums.earlier(below, self.rest.to(x.dtype))
        self.sums.down(found)
        result: Tensor = found.index_select(0, self.sums.leaf_of) + diagonal * own
        return result.T

    def _combine(self, y: Tensor) -> Tensor:
        diagonal = self.diagonal.to(y.dtype)[:, None]
        own = y.T
        below = self.sums.at_leaves(own)
        self.sums.up(below)
        found = self.sums.later(below) * self.rest.to(y.dtype)[:, None]
        self.sums.down(found, self.shrink.to(y.dtype))
        result: Tensor = diagonal * own + found.index_select(0, self.sums.leaf_of) / diagonal
        return result.index_select(0, self.class_at).T

    def _solve(self, y: Tensor) -> Tensor:
        p, s, gap, share = (
            scalars.to(y.dtype)[:, None] for scalars in (self.inverse_sum, self.shared, self.gap, self.share)
        )
        total = self.sums.at_leaves(y.T)
        self.sums.up(total, 1 / gap[:, 0], share[:, 0])
        shift = torch.zeros_like(total)
        for here in self.sums.down_bounds:
            above = self.sums.parent[here]
            left = shift[above] - s[above] * (total[above] + shift[above] * p[above])
            shift[here] = left + s[above] * (total[here] + left * p[here]) / gap[here]
        return (y.T + shift.index_select(0, self.sums.leaf_of)).T


class NodeOperator(ProductVectors):
    """The node basis M of `taxo.embeddings.operators.NodeBasis` in torch: scores are running sums down the tree.

    Cost and precision as for `ExactOperator`. A network needs an output for each axis.

    Args:
        basis: `NodeBasis.of(taxonomy)`.
        dtype: Precision of the scalars on the tree.
    """

    axes: Tensor
    axis_of: Tensor
    lengths: Tensor
    length_of: Tensor

    def __init__(self, basis: NodeBasis, *, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.n_classes, self.dim = basis.n_classes, basis.dim
        self.sums = TreeSums(basis.tree)
        # For every node its axis and sqrt(w_v); one without an axis has length 0 on axis 0.
        axis_of, length_of = np.zeros(self.sums.n_nodes), np.zeros(self.sums.n_nodes)
        axis_of[basis.axes], length_of[basis.axes] = np.arange(self.dim), basis.lengths
        keep(self, "axes", basis.axes)
        keep(self, "axis_of", axis_of)
        keep(self, "lengths", basis.lengths, dtype)
        keep(self, "length_of", length_of, dtype)

    def of(self, labels: Tensor) -> Tensor:
        """See `ClassVectors`."""
        above = self.above(labels)
        out = widened(self.lengths).new_zeros(len(labels), self.dim)
        return out.scatter_add_(1, self.axis_of[above], self.length_of[above].to(out.dtype))

    def dots(self, features: Tensor, labels: Tensor) -> Tensor:
        """See `ClassVectors`; here only the numbers above each class are read."""
        above = self.above(labels)
        wide = widened(features)
        return (wide.gather(1, self.axis_of[above]) * self.length_of[above].to(wide.dtype)).sum(dim=1)

    def above(self, labels: Tensor) -> Tensor:
        """The nodes above each class, itself first, int64 `(batch, n_levels)`; filled up with the root."""
        node = self.sums.leaf_of[labels]
        found = [node]
        for _ in self.sums.down_bounds:
            node = self.sums.parent[node].clamp(min=0)
            found.append(node)
        return torch.stack(found, dim=1)

    def _scores(self, f: Tensor) -> Tensor:
        values = f.new_zeros(self.sums.n_nodes, len(f))
        values.index_copy_(0, self.axes, (f * self.lengths.to(f.dtype)).T)
        self.sums.down(values)
        return values.index_select(0, self.sums.leaf_of).T

    def _combine(self, y: Tensor) -> Tensor:
        values = self.sums.at_leaves(y.T)
        self.sums.up(values)
        return values.index_select(0, self.axes).T * self.lengths.to(y.dtype)
