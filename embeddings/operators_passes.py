"""Products with the exact class embeddings, the node basis and the similarities, in O(nodes).

Each is a pass or two over the tree with scalars that `factor` has found: from the leaves to the root, where a node
gets a weighted sum over its children, and back, where a node adds to its own value a multiple of its parent's. Values
at the nodes are float64 `(n,)` or `(n, batch)`, in the order of the tree's nodes. Derivations: docs/operators.md.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import arrays
from taxo.taxonomy.arrays import Ints

from .class_tree import ClassTree, Floats
from .factor import Factor, sums_after, sums_before


def exact_scores(factor: Factor, x: Floats) -> Floats:
    """`E x`, in class order.

    For a leaf i all earlier columns lie below earlier siblings l of i or of a node above i. What the columns below l
    contribute is `D_l Q_l`, the same for every leaf that sees them:

        Q_k = x_k / E[k,k] for a leaf,  Q_v = sum of beta_c Q_c over the children c      (upwards)
        A_c = A_v + sum of D_l Q_l over the earlier siblings l of c                      (downwards)
        (E x)_i = A_i + E[i,i] x_i

    Args:
        factor: From `factorise`.
        x: `(n_classes,)` or `(n_classes, batch)`, an entry for each column, in depth-first order.
    """
    tree = factor.tree
    diagonal = _beside(factor.diagonal[tree.leaf_of], x)
    own = x[tree.column_of]
    below = at_leaves(tree, own / diagonal)
    sums_up(tree, below, factor.shrink)
    below *= _beside(factor.rest, x)
    found = among_siblings(tree, below, sums_before)
    sums_down(tree, found)
    return found[tree.leaf_of] + diagonal * own


def exact_combination(factor: Factor, y: Floats) -> Floats:
    """`E' y`, in depth-first order: the transpose of `exact_scores`, its steps transposed in the opposite order.

        Y_v = sum of y below v                                                           (upwards)
        T_c = sum of Y_l over the later siblings l of c
        G_v = D_v T_v + beta_v G_parent(v),  0 at the root                               (downwards)
        (E' y)_k = E[k,k] y_k + G_k / E[k,k]

    Args:
        factor: From `factorise`.
        y: `(n_classes,)` or `(n_classes, batch)`, in class order.
    """
    tree = factor.tree
    diagonal = _beside(factor.diagonal[tree.leaf_of], y)
    below = at_leaves(tree, y)
    sums_up(tree, below)
    found = among_siblings(tree, below, sums_after)
    found *= _beside(factor.rest, y)
    sums_down(tree, found, factor.shrink)
    return (diagonal * y + found[tree.leaf_of] / diagonal)[tree.class_at]


def gram(tree: ClassTree, y: Floats) -> Floats:
    """`S y`: for class i the sum of `w_v Y_v` over the nodes v above it, with Y_v the sum of y below v.

    Args:
        tree: From `class_tree`.
        y: `(n_classes,)` or `(n_classes, batch)`, in class order, as is the result.
    """
    below = at_leaves(tree, y)
    sums_up(tree, below)
    below *= _beside(tree.weight, y)
    sums_down(tree, below)
    return below[tree.leaf_of]


def solve(factor: Factor, y: Floats) -> Floats:
    """`S^-1 y`: S_v is block diagonal plus s_v everywhere, and the Sherman-Morrison formula takes s_v off.

    Upwards the sums `u_v = 1' S_v^-1 y_v`, of which a child has its share t_c:

        u_k = y_k for a leaf,  t_c = u_c / (1 - s_v p_c),
        u_v = (sum of t_c) / (1 + s_v P_v),  P_v = sum of p_c / (1 - s_v p_c)

    Downwards the shift sigma_v with which S_v^-1 (y_v + sigma_v 1) is the part of the answer below v, 0 at the root:

        lambda  = s_v (u_v + sigma_v p_v)
        sigma_c = sigma_v - lambda + s_v (u_c + (sigma_v - lambda) p_c) / (1 - s_v p_c)
        (S^-1 y)_k = y_k + sigma_k

    Args:
        factor: From `factorise`.
        y: `(n_classes,)` or `(n_classes, batch)`, in class order, as is the result.
    """
    tree, p = factor.tree, factor.inverse_sum
    parent, (s, gap, share) = tree.parent, solve_scalars(factor)
    total = at_leaves(tree, y)  # u
    for nodes, below, starts in arrays.inner_by_level(tree.children, tree.level):
        parts = np.add.reduceat(total[below] / _beside(gap[below], y), starts, axis=0)
        total[nodes] = parts * _beside(share[nodes], y)
    shift = np.zeros_like(total)  # sigma
    for low, high in arrays.level_bounds(tree.level)[1:]:
        above = parent[low:high]
        common = _beside(s[above], y)
        left = shift[above] - common * (total[above] + shift[above] * _beside(p[above], y))
        own = total[low:high] + left * _beside(p[low:high], y)
        shift[low:high] = left + common * own / _beside(gap[low:high], y)
    return y + shift[tree.leaf_of]


def solve_scalars(factor: Factor) -> tuple[Floats, Floats, Floats]:
    """What `solve` multiplies and divides by, each `(n,)`.

    Returns:
        s_v; for a child c of v `1 - s_v p_c`, for the super-root without meaning; `1 / (1 + s_v P_v)`, 1 for a leaf.
    """
    tree, p, r, s = factor.tree, factor.inverse_sum, factor.inverse_sum_below, factor.tree.similarity
    gap = np.ones(len(p))
    gap[1:] = p[1:] / r[1:]
    share = np.ones(len(p))
    for nodes, below, starts in arrays.inner_by_level(tree.children, tree.level):
        share[nodes] = 1 / (1 + s[nodes] * np.add.reduceat(r[below], starts))
    return s, gap, share


def at_leaves(tree: ClassTree, y: Floats) -> Floats:
    """Values of the classes put at their leaves, `(n,)` or `(n, batch)`, 0 at the inner nodes."""
    out = np.zeros((len(tree.parent), *y.shape[1:]))
    out[tree.leaf_of] = y
    return out


def sums_up(tree: ClassTree, values: Floats, weight: Floats | None = None) -> None:
    """Give every inner node, in place, the sum over its children of `weight` times the value; from the leaves up."""
    for nodes, below, starts in arrays.inner_by_level(tree.children, tree.level):
        part = values[below]
        if weight is not None:
            part *= _beside(weight[below], values)
        values[nodes] = np.add.reduceat(part, starts, axis=0)


def sums_down(tree: ClassTree, values: NDArray[Any], weight: Floats | None = None) -> None:
    """Add to every value, in place, its `weight` times the value of the parent; from the root down."""
    for low, high in arrays.level_bounds(tree.level)[1:]:
        above = values[tree.parent[low:high]]
        if weight is not None:
            above *= _beside(weight[low:high], values)
        values[low:high] += above


def among_siblings(tree: ClassTree, values: Floats, sums: Callable[[Floats, arrays.Rows], Floats]) -> Floats:
    """`sums_before` or `sums_after` over the siblings of every node; 0 for the super-root."""
    out = np.zeros_like(values)
    edges: Ints = tree.children.index
    out[edges] = sums(values[edges], tree.children)
    return out


def _beside(scalars: Floats, values: Floats) -> Floats:
    """One number a row, in the form that multiplies `values` row by row."""
    return scalars if values.ndim == 1 else scalars[:, None]
