"""The best class embeddings of few dimensions: leading eigenvectors of the similarities, rows of length 1.

Of all matrices of rank d the one nearest to S, in the sum of squares, is `sum_k lambda_k v_k v_k'` over the d greatest
eigenvalues (Eckart & Young, Psychometrika 1, 1936). Its rows `sqrt(lambda_k) v_k` are then stretched to length 1, as
in the published embeddings of 64 dimensions, which moves the dot products. Derivation: docs/mathematics.md.
"""

import numpy as np

from taxo.taxonomy import NotEmbeddable

from .class_tree import Floats
from .spectral_count import TIE
from .spectral_pairs import descending, eigenpairs, fix_signs, report_completed, too_few
from .spectral_quotient import NOTHING
from .work import Made, Work

_BLOCK = 1 << 22  # numbers that are written at a time
_LEAST = 1e-9  # length of a row below which its direction would be rounding


def spectral(work: Work) -> Made:
    """Class embeddings from the leading eigenvectors of the similarities of a tree or forest.

    Every group of classes that has nothing in common with the others gets at least one dimension, see `eigenpairs`.

    Returns:
        Vectors `(n_classes, dim)` in class order, rows of length 1; columns by descending eigenvalue, each with the
        first of its largest eigenvector entries positive. The axes are named after the eigenvalues.

    Raises:
        NotEmbeddable: A node has several parents, or there are more groups of classes that have nothing in common
            with each other than dimensions.
    """
    n = work.target.taxonomy.n_classes
    dim = work.dim or n
    pairs = eigenpairs(work.target.tree, dim, work.seed)
    scale = np.sqrt(pairs.values)
    out = np.empty((n, dim), dtype=work.dtype)
    step = max(1, _BLOCK // dim)
    for low in range(0, n, step):
        high = min(low + step, n)
        out[low:high] = unit_rows(pairs.rows(low, high) * scale, low)
    return Made(out, axes_of(pairs.values))


def leading(matrix: Floats, dim: int) -> tuple[Floats, Floats]:
    """Leading eigenvalues and eigenvectors of a matrix of similarities, with a part for every class as in `eigenpairs`.

    Args:
        matrix: `(n_classes, n_classes)` symmetric and positive semi-definite.
        dim: d, at most `n_classes`.

    Returns:
        Eigenvalues `(d,)`, descending, and orthonormal eigenvectors `(n_classes, d)`.

    Raises:
        NotEmbeddable: There are more groups of classes that have nothing in common than dimensions.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    count, label = connected_components(csr_array(np.abs(matrix) > NOTHING), directed=False)
    if count > dim:
        raise NotEmbeddable(too_few(count, dim))
    values, vectors = np.zeros(len(matrix)), np.zeros_like(matrix)
    order = np.argsort(label, kind="stable")
    first = np.searchsorted(label[order], np.arange(count))
    for rows in np.split(order, first[1:]):
        at = slice(first[label[rows[0]]], first[label[rows[0]]] + len(rows))
        found, vectors[rows, at] = (part[..., ::-1] for part in np.linalg.eigh(matrix[np.ix_(rows, rows)]))
        values[at] = found
    best = descending(values)
    others = best[~np.isin(best, first)][: dim - count]
    taken = np.concatenate([first, others])
    last = float(values[best[dim - 1]])
    report_completed(values[taken], last, int((values > last * (1 + TIE)).sum()))
    taken = taken[descending(values[taken])]
    kept = vectors[:, taken]
    fix_signs(kept)
    return values[taken], kept


def from_eigenpairs(values: Floats, vectors: Floats) -> Floats:
    """Rows of `v sqrt(lambda)`, stretched to length 1.

    Args:
        values: `(d,)` eigenvalues; negative ones, of a matrix that is positive semi-definite but for rounding, count
            as 0.
        vectors: `(n_classes, d)` eigenvectors.

    Returns:
        `(n_classes, d)`

    Raises:
        NotEmbeddable: A class has no part in the eigenvectors.
    """
    return unit_rows(vectors * np.sqrt(np.maximum(values, 0)))


def unit_rows(block: Floats, first: int = 0) -> Floats:
    """Rows stretched to length 1, in place, `(n, d)`.

    Args:
        block: `(n, d)`
        first: Class of the first row, for the message.

    Raises:
        NotEmbeddable: A row has no direction.
    """
    lengths = np.linalg.norm(block, axis=1)
    if (lengths < _LEAST).any():
        row = int(np.argmax(lengths < _LEAST))
        raise NotEmbeddable(
            f"class {first + row} (counted from 0) has no part in the {block.shape[1]} leading eigenvectors, so it has "
            f"no direction; take more dimensions"
        )
    block /= lengths[:, None]
    return block


def axes_of(values: Floats) -> tuple[str, ...]:
    """Names of the columns: the number of the eigenvector and its eigenvalue."""
    return tuple(f"eigenvector {i} (eigenvalue {value:.6g})" for i, value in enumerate(values.tolist(), 1))
