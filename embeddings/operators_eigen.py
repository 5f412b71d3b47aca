"""The least eigenvalue of the class similarities of a tree, without the matrix."""

import numpy as np

from .class_tree import ClassTree
from .factor import Factor
from .operators_passes import gram, solve

_DENSE = 300  # classes up to which the matrix costs next to nothing
_STEPS = 40  # Lanczos vectors kept; ARPACK restarts with the best of them
_RESTARTS = 30
_TOLERANCE = 1e-9  # of the eigenvalue, relative


def least_eigenvalue(factor: Factor) -> float | None:
    """The least eigenvalue of S.

    In most trees it is known (see `least_of_siblings`). Else it is one over the largest eigenvalue of S^-1, by the
    Lanczos method, at the cost of one `solve` a step.

    Args:
        factor: From `factorise`.

    Returns:
        None where the Lanczos method did not converge in some 900 steps.
    """
    found = least_of_siblings(factor.tree)
    if found is not None:
        return found
    n = factor.tree.n_classes
    if n <= _DENSE:
        return float(np.linalg.eigvalsh(gram(factor.tree, np.eye(n)))[0])
    return lanczos(factor)


def least_of_siblings(tree: ClassTree) -> float | None:
    """The least eigenvalue of S where two classes that are leaves of one parent have the least weight of all.

    `S = sum of w_v 1_v 1_v'` over the nodes, with w_v >= 0 and 1_v the indicator of the classes below v. The leaves
    alone give a diagonal matrix, so that no eigenvalue is less than the least weight of a leaf. Two leaves i, j below
    one parent have the same similarities to all others, so that e_i - e_j is an eigenvector, for their weight.

    Returns:
        1 for a single class; None where the least weight is that of no two siblings, and the eigenvalue may be larger.
    """
    leaves = tree.leaves
    if len(leaves) == 1:
        return 1.0
    weight = tree.weight[leaves]
    lightest = weight == weight.min()
    siblings = np.bincount(tree.parent[leaves[lightest]])
    return float(weight.min()) if siblings.max() > 1 else None


def lanczos(factor: Factor) -> float | None:
    """The least eigenvalue of S as one over the largest of S^-1, found by ARPACK; two classes at least.

    Returns:
        None where it did not converge.
    """
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

    n = factor.tree.n_classes
    inverse = LinearOperator((n, n), matvec=lambda y: solve(factor, y.ravel()), dtype=np.float64)
    # A start of its own, so that the same tree gives the same digits.
    start = np.random.default_rng(0).standard_normal(n)
    try:
        largest = eigsh(
            inverse,
            1,
            which="LA",
            v0=start,
            ncv=min(n, _STEPS),
            maxiter=_RESTARTS,
            tol=_TOLERANCE,
            return_eigenvectors=False,
        )
    except ArpackNoConvergence:
        return None
    return float(1 / largest[0])
