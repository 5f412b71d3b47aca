"""Products with class embeddings in O(nodes): for many classes, where no n x n matrix fits into memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from taxo.taxonomy.arrays import Ints
from taxo.taxonomy.heights import LEVELS

from . import operators_eigen as eigen
from . import operators_passes as passes
from .class_tree import ClassTree, Floats
from .exact import dense
from .factor import Factor, factorise
from .operators_arguments import Array, Source, apply, places_of, tree_of


@dataclass(frozen=True, eq=False, repr=False)
class ClassOperator:
    """The exact class embeddings E and the class similarities S = E E' of a tree, as operators.

    E has a row for each class, in class order, and a column for each class, in depth-first order; it is the matrix
    that `embed(taxonomy, "exact")` writes down. Arguments are `(n_classes,)` or `(n_classes, batch)`; float32 gives
    float32 and all else float64, computed in double precision. Make one with `ClassOperator.of`.

    Attributes:
        factor: The Cholesky factor of S as O(nodes) numbers.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> operator = ClassOperator.of(t)
        >>> operator.gram([0, 1, 0]).tolist()  # similarities to the owl
        [0.0, 1.0, 0.5]
        >>> operator.scores(operator.rows([1])[0]).round(12).tolist()  # the same, from its vector
        [0.0, 1.0, 0.5]
    """

    factor: Factor

    @classmethod
    def of(cls, source: Source, *, heights: str | Mapping[str, float] = LEVELS) -> "ClassOperator":
        """The operator of a hierarchy.

        Args:
            source: A tree or forest, a `Target`, or what `class_tree` gives.
            heights: As for `embed`; only where `source` is a hierarchy.

        Raises:
            NotEmbeddable: A node has several parents, or two classes would have the same vector.
        """
        return cls(factorise(tree_of(source, heights)))

    @property
    def tree(self) -> ClassTree:
        """The tree above the classes."""
        return self.factor.tree

    @property
    def n_classes(self) -> int:
        """Number of classes, and of columns."""
        return self.tree.n_classes

    def __repr__(self) -> str:
        return f"ClassOperator({self.n_classes} classes, {len(self.tree.parent)} nodes)"

    def scores(self, x: ArrayLike) -> Array:
        """`E x`: features to scores, the dot product of x with the vector of each class.

        Args:
            x: An entry for each column, in depth-first order.

        Returns:
            As x, in class order.

        Raises:
            TaxoError: Another shape, or no real numbers.
        """
        return apply(lambda a: passes.exact_scores(self.factor, a), x, self.n_classes, "column")

    def combine(self, y: ArrayLike) -> Array:
        """`E' y`: the sum of the class vectors, each y_i times; the transpose of `scores`.

        Args:
            y: An entry for each class.

        Returns:
            As y, in depth-first order.
        """
        return apply(lambda a: passes.exact_combination(self.factor, a), y, self.n_classes, "class")

    def gram(self, y: ArrayLike) -> Array:
        """`S y`, in class order as y is."""
        return apply(lambda a: passes.gram(self.tree, a), y, self.n_classes, "class")

    def solve(self, y: ArrayLike) -> Array:
        """`S^-1 y`, in class order as y is: weights of the classes with the given sums of similarities."""
        return apply(lambda a: passes.solve(self.factor, a), y, self.n_classes, "class")

    def rows(self, classes: ArrayLike, dtype: DTypeLike = np.float64) -> Array:
        """Rows of E written down, `(k, n_classes)`, with the digits that `embed` gives.

        This walks along all rows once, whatever k. For a few classes among a million `combine` of unit vectors is
        quicker.

        Args:
            classes: `(k,)` places in the class order.
            dtype: float64 or float32.

        Raises:
            TaxoError: There is no such class.
        """
        return dense(self.factor, dtype, rows=places_of(classes, self.n_classes))

    @cached_property
    def diagonal(self) -> Floats:
        """`(n_classes,)` for each class the element of E in its row and its own column, positive."""
        return self.factor.diagonal[self.tree.leaf_of]

    @cached_property
    def log_det(self) -> float:
        """`log det S`: with its rows in the order of its columns E is triangular, so that its diagonal tells."""
        return float(2 * np.log(self.diagonal).sum())

    @cached_property
    def least_eigenvalue(self) -> float | None:
        """The least eigenvalue of S; None where the Lanczos method was needed and did not converge."""
        return eigen.least_eigenvalue(self.factor)


@dataclass(frozen=True, eq=False, repr=False)
class NodeBasis:
    """The node basis M, with S = M M', as an operator: one axis for each node of positive weight.

    It is the sparse matrix that `embed(taxonomy, "nodes")` gives, with the same axes. Arguments and results as for
    `ClassOperator`. Make one with `NodeBasis.of`.

    Attributes:
        tree: The tree above the classes.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> NodeBasis.of(t).rows([1, 2]).round(3).tolist()  # axes: cat, bird, owl, gull
        [[0.0, 0.707, 0.707, 0.0], [0.0, 0.707, 0.0, 0.707]]
    """

    tree: ClassTree

    @classmethod
    def of(cls, source: Source, *, heights: str | Mapping[str, float] = LEVELS) -> "NodeBasis":
        """The node basis of a hierarchy; arguments and errors as for `ClassOperator.of`."""
        return cls(tree_of(source, heights))

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return self.tree.n_classes

    @property
    def dim(self) -> int:
        """Number of axes."""
        return len(self.axes)

    @cached_property
    def axes(self) -> Ints:
        """The tree's node of every axis, `(dim,)` ascending."""
        return np.flatnonzero(self.tree.weight > 0)

    @cached_property
    def lengths(self) -> Floats:
        """`sqrt(w_v)`, what the classes below v have on v's axis, `(dim,)`."""
        return np.sqrt(self.tree.weight[self.axes])

    def __repr__(self) -> str:
        return f"NodeBasis({self.n_classes} classes, {self.dim} axes)"

    def scores(self, f: ArrayLike) -> Array:
        """`M f`: features to scores, a running sum down the tree.

        Args:
            f: An entry for each axis, `(dim,)` or `(dim, batch)`.

        Returns:
            `(n_classes,)` or `(n_classes, batch)`.
        """
        return apply(self._scores, f, self.dim, "axis")

    def combine(self, y: ArrayLike) -> Array:
        """`M' y`: the sum of the class vectors, each y_i times; the transpose of `scores`.

        Args:
            y: An entry for each class, `(n_classes,)` or `(n_classes, batch)`.

        Returns:
            `(dim,)` or `(dim, batch)`.
        """
        return apply(self._combine, y, self.n_classes, "class")

    def rows(self, classes: ArrayLike, dtype: DTypeLike = np.float64) -> Array:
        """Rows of M written down, `(k, dim)`; arguments and errors as for `ClassOperator.rows`."""
        node = self.tree.leaf_of[places_of(classes, self.n_classes)]
        axis = np.full(len(self.tree.parent), -1)
        axis[self.axes] = np.arange(self.dim)
        out: Array = np.zeros((len(node), self.dim), dtype=dtype)
        row = np.arange(len(node))
        while row.size:
            on = axis[node] >= 0
            out[row[on], axis[node[on]]] = self.lengths[axis[node[on]]]
            node = self.tree.parent[node]
            row, node = row[node >= 0], node[node >= 0]
        return out

    def _scores(self, f: Floats) -> Floats:
        values = np.zeros((len(self.tree.parent), *f.shape[1:]))
        values[self.axes] = (self.lengths * f.T).T
        passes.sums_down(self.tree, values)
        return values[self.tree.leaf_of]

    def _combine(self, y: Floats) -> Floats:
        values = passes.at_leaves(self.tree, y)
        passes.sums_up(self.tree, values)
        found: Floats = (self.lengths * values[self.axes].T).T
        return found
