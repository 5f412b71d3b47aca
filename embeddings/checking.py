"""How far the dot products of an embedding are from the similarities that they stand for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import TaxoError, Taxonomy, class_similarity
from taxo.taxonomy.wording import few

from .embedding import Embedding, Vectors

_BLOCK = 512  # rows compared at a time: memory stays linear in the number of classes


@dataclass(frozen=True)
class Check:
    """What `taxo check` reports.

    Attributes:
        classes: Number of classes.
        dim: Number of dimensions.
        max_deviation: Largest |<row i, row j> - s(i, j)| over all pairs of classes.
        mean_deviation: Its mean over all pairs.
        max_norm_error: Largest | |row| - 1 |.
        same_order: Whether the classes stand in the order of the hierarchy.
    """

    classes: int
    dim: int
    max_deviation: float
    mean_deviation: float
    max_norm_error: float
    same_order: bool


def check(embedding: Embedding, taxonomy: Taxonomy) -> Check:
    """Compare an embedding with the class similarities of a hierarchy.

    Classes are matched by name, so an embedding in another order is compared all the same.

    Raises:
        TaxoError: The two do not have the same classes; the differences are listed.
    """
    rows = _match(embedding, taxonomy)
    largest, mean = deviation(embedding.vectors[rows], taxonomy)
    norms = np.linalg.norm(embedding.vectors.astype(np.float64), axis=1)
    return Check(
        classes=len(embedding.classes),
        dim=embedding.dim,
        max_deviation=largest,
        mean_deviation=mean,
        max_norm_error=float(np.abs(norms - 1).max()),
        same_order=bool(np.array_equal(rows, np.arange(len(rows)))),
    )


def deviation(vectors: Vectors, taxonomy: Taxonomy) -> tuple[float, float]:
    """Largest and mean |E E' - S| over all pairs of classes, in double precision.

    Args:
        vectors: `(n_classes, dim)` in the class order of the hierarchy.
        taxonomy: Whose similarities are meant.
    """
    full = vectors.astype(np.float64, copy=False)
    largest = total = 0.0
    for low in range(0, len(full), _BLOCK):
        rows = slice(low, low + _BLOCK)
        difference = np.abs(full[rows] @ full.T - class_similarity(taxonomy, rows))
        largest = max(largest, float(difference.max()))
        total += float(difference.sum())
    return largest, total / taxonomy.n_classes**2


def _match(embedding: Embedding, taxonomy: Taxonomy) -> NDArray[np.intp]:
    """Row of the embedding for every class of the hierarchy, `(n_classes,)`."""
    row = {name: i for i, name in enumerate(embedding.classes)}
    absent = [c for c in taxonomy.classes if c not in row]
    extra = sorted(set(row) - set(taxonomy.classes))
    if absent or extra:
        raise TaxoError(
            f"the embedding and the hierarchy {taxonomy.name!r} have different classes: "
            f"{few(absent) or 'none'} only in the hierarchy, {few(extra) or 'none'} only in the embedding"
        )
    return np.array([row[c] for c in taxonomy.classes], dtype=np.intp)
