"""The published coordinates: the Cholesky factor of S in class order."""

import numpy as np

from taxo.taxonomy import NotEmbeddable

from .work import Made, Work


def cholesky(work: Work) -> Made:
    """Class embeddings with the coordinates of the published algorithm [BD19].

    That algorithm places one class after another: row c solves `E[:c, :c] x = S[c, :c]`, and its last
    coordinate is `sqrt(1 - |x|^2)`. This is the lower Cholesky factor of S, which is unique.

    Returns:
        Vectors `(n_classes, n_classes)`, lower triangular, and the class that each column was made for.

    Raises:
        NotEmbeddable: A node has several parents, so that S need not be positive definite.
    """
    work.target.refuse_dag()
    taxonomy = work.target.taxonomy
    try:
        factor = np.linalg.cholesky(work.target.matrix())
    except np.linalg.LinAlgError as error:
        raise NotEmbeddable(
            f"hierarchy {taxonomy.name!r}: the similarities are not positive definite in double precision; "
            "use the method exact, which needs no factorisation"
        ) from error
    return Made(factor.astype(work.dtype, copy=False), taxonomy.classes)
