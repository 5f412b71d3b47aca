"""The corners of a regular simplex: all classes equally far apart, and none could be farther."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .work import Made, Work


def simplex(work: Work) -> Made:
    """Maximally separated vectors: every two classes have the dot product -1/(n - 1), the least that all can have.

    Since `|v_1 + ... + v_n|^2 = n + the sum of the dot products >= 0`, the largest dot product of n unit vectors is
    -1/(n - 1) or more. The matrix is that of Kasarla et al., "Maximum class separation as inductive bias in one matrix"
    (NeurIPS 2022), who build it recursively: `P_1 = (1, -1)` and

        P_k = [ 1   -1/k ... -1/k          ]
              [ 0    sqrt(1 - 1/k^2) P_k-1 ]      of shape (k, k + 1), one column per class.

    Returns:
        Vectors `(n_classes, n_classes - 1)`, lower triangular, and the class that each column was made for; `[[1]]` for
        a single class.
    """
    classes = work.target.taxonomy.classes
    return Made(simplex_rows(len(classes), work.dtype), classes[: max(1, len(classes) - 1)])


def simplex_rows(n: int, dtype: DTypeLike = np.float64) -> NDArray[np.floating[Any]]:
    """The matrix of the recursion, transposed and in closed form, `(n, max(1, n - 1))`.

    The factors `1 - 1/k^2 = (k - 1)(k + 1)/k^2` of the recursion telescope. With k = n - 1 - j, what class j has on the
    axis j and all later classes have there is

        a_j = sqrt(n k / ((n - 1)(k + 1)))    and    -a_j / k.

    Example:
        >>> simplex_rows(3).round(3).tolist()
        [[1.0, 0.0], [-0.5, 0.866], [-0.5, -0.866]]
    """
    if n == 1:
        return np.ones((1, 1), dtype=dtype)
    k = np.arange(n - 1, 0, -1)
    own = np.sqrt(n / (n - 1) * (k / (k + 1)))  # a_j
    rows = np.tril(np.broadcast_to((-own / k).astype(dtype), (n, n - 1)), -1)
    np.fill_diagonal(rows, own)
    return rows
