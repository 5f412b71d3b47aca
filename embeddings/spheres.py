"""Points placed one after another where the spheres about the earlier ones meet."""

import numpy as np

from taxo.taxonomy import NotEmbeddable

from .dissimilarity import squared_dissimilarities
from .work import Made, Work


def spheres(work: Work) -> Made:
    """Points with the distances `d = 1 - s`, each on a new axis.

    The construction in the published code of [BD19] (compute_class_embedding.py): the first class is the origin, and
    each further class c is placed on the spheres about all earlier classes k with radius d(k, c). Subtracting the
    equation of the first sphere from the others leaves a triangular system,
    `<e_k, e_c> = (d(1,k)^2 + d(1,c)^2 - d(k,c)^2) / 2`; the last coordinate of c, on an axis of its own, is the
    positive root of what is left. For all classes at once this is a Cholesky factorisation, which is unique: one call
    to LAPACK, O(n^3), instead of n systems, O(n^4).

    The vectors have no unit norm. That there are such points for every tree is shown in `dissimilarity`.

    Returns:
        Points `(n_classes, n_classes - 1)`, and the class that each column was made for; the origin `[[0]]` for a
        single class.

    Raises:
        NotEmbeddable: A DAG; two classes at distance 0; the spheres do not meet, which another measure than lcs-height
            may cause.
    """
    target = work.target
    squares = squared_dissimilarities(target)
    classes = target.taxonomy.classes
    n = len(squares)
    if n == 1:
        return Made(np.zeros((1, 1), dtype=work.dtype), classes)
    products = (squares[0, 1:, None] + squares[0, 1:] - squares[1:, 1:]) / 2
    try:
        factor = np.linalg.cholesky(products)
    except np.linalg.LinAlgError as error:
        raise NotEmbeddable(
            f"the dissimilarities by the measure {target.measure} on {target.taxonomy.name!r} are no Euclidean "
            "distances between points in general position: the spheres do not meet; take the points that come nearest, "
            "by the method mds with a number of dimensions (--dim D, dim=D)"
        ) from error
    points = np.zeros((n, n - 1), dtype=work.dtype)
    points[1:] = factor
    return Made(points, classes[1:])
