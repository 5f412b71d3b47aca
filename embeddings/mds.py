"""Classical scaling: points whose Euclidean distances are the dissimilarities of the classes."""

import numpy as np

from taxo.taxonomy import NotEmbeddable

from .axes import numbered
from .class_tree import Floats
from .dissimilarity import squared_dissimilarities
from .work import Made, Work


def mds(work: Work) -> Made:
    """Points with the distances `d = 1 - s`, their mean at the origin, on principal axes.

    Classical multidimensional scaling (Torgerson 1952): `B = -J D2 J / 2`, with D2 the squared distances and
    `J = I - 11'/n`, is the matrix of the dot products of the points about their mean. Its eigenvectors, each times the
    root of its eigenvalue, are the coordinates, the largest first. The published code of [BD19] has it too (`mds` in
    compute_class_embedding.py).

    The vectors have no unit norm. On a tree n - 1 eigenvalues are positive (see `dissimilarity`); those that are 0 up
    to rounding are left out.

    Returns:
        Points `(n_classes, dim)`; by default in n_classes - 1 dimensions, and exact. With fewer, distances are shorter
        than they should be; of all projections this keeps most of the sum of their squares. The coordinate that is
        largest in absolute value is positive on each axis.

    Raises:
        NotEmbeddable: A DAG; two classes at distance 0; no points have these distances, which another measure than
            lcs-height may cause, or they have fewer dimensions than asked for.
    """
    products = _centred(squared_dissimilarities(work.target))
    n = len(products)
    values, vectors = _largest_eigenpairs(products, work.dim or n)
    scale = max(float(np.abs(values).max()), 1e-300)
    kept = values > 16 * n * np.finfo(np.float64).eps * scale
    kept[n - 1 :] = False  # B 1 = 0: one eigenvalue is 0, whatever rounding has made of it
    _check(work, values, int(kept.sum()), scale)
    points = vectors[:, kept] * np.sqrt(values[kept])
    if not points.shape[1]:  # a single class
        points = np.zeros((n, 1))
    points *= np.sign(points[np.abs(points).argmax(axis=0), np.arange(points.shape[1])])
    return Made(points.astype(work.dtype, copy=False), numbered("principal coordinate", points.shape[1]))


def _centred(squares: Floats) -> Floats:
    """-J D2 J / 2: every row and column sums to 0."""
    means = squares.mean(axis=0)
    centred: Floats = (means[:, None] + means - squares - means.mean()) / 2
    return centred


def _largest_eigenpairs(matrix: Floats, count: int) -> tuple[Floats, Floats]:
    """Eigenvalues `(count,)`, descending, and eigenvectors `(n, count)`."""
    from scipy.linalg import eigh

    n = len(matrix)
    values, vectors = eigh(matrix, subset_by_index=[n - count, n - 1] if count < n else None)
    return values[::-1], vectors[:, ::-1]


def _check(work: Work, values: Floats, positive: int, scale: float) -> None:
    """Raise where the points asked for do not exist."""
    target = work.target
    what = f"the dissimilarities by the measure {target.measure} on {target.taxonomy.name!r}"
    if work.dim is None and values[-1] < -1e-10 * scale:
        raise NotEmbeddable(
            f"{what} are no Euclidean distances (B has the eigenvalue {values[-1]:.2g}, not 0 or more); "
            "take the points that come nearest, with a number of dimensions (--dim D, dim=D)"
        )
    if work.dim is not None and positive < work.dim:
        raise NotEmbeddable(f"dim={work.dim}: {what} give points in {positive} dimensions only")
