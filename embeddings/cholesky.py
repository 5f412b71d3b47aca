"""The published coordinates: the Cholesky factor of S in class order."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from taxo.taxonomy import NotEmbeddable, Taxonomy, class_similarity


def cholesky(taxonomy: Taxonomy, dtype: DTypeLike = np.float64) -> tuple[NDArray[np.floating[Any]], tuple[str, ...]]:
    """Class embeddings with the coordinates of the published algorithm [BD19].

    That algorithm places one class after another: row c solves `E[:c, :c] x = S[c, :c]`, and its last
    coordinate is `sqrt(1 - |x|^2)`. This is the lower Cholesky factor of S, which is unique.

    Returns:
        Vectors `(n_classes, n_classes)`, lower triangular, and the class that each column was made for.

    Raises:
        NotEmbeddable: A node has several parents, so that S need not be positive definite.
    """
    if not taxonomy.is_tree:
        raise NotEmbeddable(
            f"{taxonomy.describe_multi_parents()}; their similarities need not be dot products: "
            "remove all parents but one of each of these nodes, as taxo reduce does"
        )
    try:
        factor = np.linalg.cholesky(class_similarity(taxonomy))
    except np.linalg.LinAlgError as error:
        raise NotEmbeddable(
            f"hierarchy {taxonomy.name!r}: the similarities are not positive definite in double precision; "
            "use the method exact, which needs no factorisation"
        ) from error
    return factor.astype(dtype, copy=False), taxonomy.classes
