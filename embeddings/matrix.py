"""Class embeddings from the matrix S itself: for measures and hierarchies that the closed form does not cover."""

import numpy as np

from taxo.taxonomy import NotEmbeddable

from .class_tree import Floats
from .work import Made, Work


def from_matrix(name: str, similarities: Floats, work: Work) -> Made:
    """Vectors whose dot products are given.

    Args:
        name: The method: exact and cholesky give the Cholesky factor, spectral the leading eigenvectors.
        similarities: `(n_classes, n_classes)` positive semi-definite with unit diagonal, in class order.
        work: What is wanted.

    Raises:
        NotEmbeddable: The method needs a tree and the measure lcs-height, or the matrix is not positive semi-definite.
    """
    if name not in ("exact", "cholesky"):
        raise NotEmbeddable(
            f"the method {name} needs a tree and the measure lcs-height; take exact, cholesky or spectral for "
            f"{work.target.measure!r} on {work.target.taxonomy.name!r}"
        )
    return Made(np.linalg.cholesky(similarities).astype(work.dtype), work.target.taxonomy.classes)
