"""Comparing an embedding, wherever it comes from, with a hierarchy."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import TaxoError, Taxonomy
from taxo.taxonomy.wording import few

from .embedding import Embedding
from .methods import by_distance
from .target import Target
from .verification import verify


@dataclass(frozen=True)
class Check:
    """What `taxo check` reports.

    Attributes:
        classes: Number of classes.
        dim: Number of dimensions.
        max_deviation: Largest |<row i, row j> - s(i, j)| over the pairs of classes that were looked at; for methods
            whose distances count, |distance - (1 - s(i, j))|.
        mean_deviation: Its mean over these pairs.
        max_norm_error: Largest | |row| - 1 |; None for methods whose distances count.
        same_order: Whether the classes stand in the order of the hierarchy.
        pairs: How many pairs were looked at; None for all.
    """

    classes: int
    dim: int
    max_deviation: float
    mean_deviation: float
    max_norm_error: float | None
    same_order: bool
    pairs: int | None = None


def check(
    embedding: Embedding,
    taxonomy: Taxonomy,
    *,
    heights: str | Mapping[str, float] | None = None,
    pairs: int | str | None = None,
) -> Check:
    """Compare an embedding with the class similarities of a hierarchy, by the measure and heights it was made for.

    Classes are matched by name, so an embedding in another order is compared all the same.

    Args:
        embedding: Of `embed`, or loaded.
        taxonomy: The hierarchy.
        heights: Other heights than those that the embedding says it was made for.
        pairs: As for `embed`.

    Raises:
        TaxoError: The two do not have the same classes; the differences are listed. The embedding was made for heights
            that only the user has, and they are not given.
    """
    rows = _match(embedding, taxonomy)
    target = target_of(embedding, taxonomy, heights)
    found = verify(embedding.vectors[rows], target, distances=by_distance(embedding.method), pairs=pairs)
    return Check(
        classes=len(embedding.classes),
        dim=embedding.dim,
        max_deviation=found.max_deviation,
        mean_deviation=found.mean_deviation,
        max_norm_error=found.max_norm_error,
        same_order=bool(np.array_equal(rows, np.arange(len(rows)))),
        pairs=found.pairs,
    )


def target_of(embedding: Embedding, taxonomy: Taxonomy, heights: str | Mapping[str, float] | None = None) -> Target:
    """The similarities of a hierarchy by the measure and heights that an embedding was made for.

    Raises:
        TaxoError: It was made for heights that only the user has, and they are not given.
    """
    recipe = embedding.recipe
    if heights is None:
        if recipe.heights == "given":
            raise TaxoError(
                "the embedding was made for heights of your own; give them again (--heights FILE, heights=)"
            )
        heights = recipe.heights
    return Target(taxonomy, recipe.measure, heights, recipe.ic or None)


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
