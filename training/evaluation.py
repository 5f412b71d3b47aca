"""How good predictions are, class by class and in the hierarchy. NumPy only: any model's output will do.

Hierarchical accuracy is that of Barz & Denzler, WACV 2019. The height of a mistake is that of Bertinetto et
al., "Making better mistakes", CVPR 2020: it can fall by making more, milder mistakes, so it stands beside the
mean over all items.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from taxo.taxonomy import Taxonomy, lcs_heights
from taxo.taxonomy.arrays import Ints
from taxo.taxonomy.errors import TaxoError
from taxo.taxonomy.similarity import scale

from .ancestors import class_ancestors


@dataclass(frozen=True)
class Evaluation:
    """Scores of the predictions for a set of items.

    Attributes:
        n: Number of items.
        accuracy: Share of items with the right class.
        top5: Share of items with the right class among the five best.
        balanced_accuracy: Mean over the classes that occur of the share of their items that is right.
        hierarchical_accuracy: `1 - mean height(lcs(prediction, truth)) / H`.
        mistake_height: Mean height of the lcs over the mistakes; None without any.
        mean_height: Mean height of the lcs over all items, 0 where the prediction is right.
        levels: For every level of the hierarchy the share of items whose prediction lies under the right node
            of it, from the top down.
    """

    n: int
    accuracy: float
    top5: float
    balanced_accuracy: float
    hierarchical_accuracy: float
    mistake_height: float | None
    mean_height: float
    levels: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """The scores under the keys of `taxo evaluate --json`."""
        return asdict(self)


def evaluate(predictions: Ints, targets: Ints, top5_hits: NDArray[np.bool_], taxonomy: Taxonomy) -> Evaluation:
    """Score predictions.

    Args:
        predictions: `(n,)` predicted classes, as places in the class order.
        targets: `(n,)` true classes, likewise.
        top5_hits: `(n,)` whether the true class is among the five best.
        taxonomy: The hierarchy of the classes.

    Raises:
        TaxoError: No items, arrays of different lengths, or a class that the hierarchy does not have.
    """
    predictions, targets = np.asarray(predictions, dtype=np.intp), np.asarray(targets, dtype=np.intp)
    _check(predictions, targets, np.asarray(top5_hits), taxonomy.n_classes)
    right = predictions == targets
    nodes = taxonomy.class_nodes
    heights = lcs_heights(taxonomy, nodes[predictions], nodes[targets])
    mean_height = float(heights.mean())
    return Evaluation(
        n=len(targets),
        accuracy=float(right.mean()),
        top5=float(np.mean(top5_hits)),
        balanced_accuracy=balanced_accuracy(predictions, targets),
        hierarchical_accuracy=1 - mean_height / scale(taxonomy),
        mistake_height=None if right.all() else float(heights[~right].mean()),
        mean_height=mean_height,
        levels=accuracy_by_level(predictions, targets, taxonomy),
    )


def balanced_accuracy(predictions: Ints, targets: Ints) -> float:
    """Mean over the classes among `targets` of the share of their items that is predicted right."""
    items = np.bincount(targets)
    hits = np.bincount(targets, weights=predictions == targets)
    return float((hits[items > 0] / items[items > 0]).mean())


def accuracy_by_level(predictions: Ints, targets: Ints, taxonomy: Taxonomy) -> dict[str, float]:
    """Share of items whose prediction lies under the same node of a level as the truth, from the top down.

    A level is a depth. Its key is the rank of its nodes where all of them carry the same one and no other level
    does; else "depth 1", "depth 2" ... A class that ends above a level counts with itself. The level of a single
    root, where everything is right, is left out. On a DAG one common node of the level is enough.
    """
    classes, nodes = class_ancestors(taxonomy)
    depths, class_depths = taxonomy.depths[nodes], taxonomy.depths[taxonomy.class_nodes][classes]
    is_self = nodes == taxonomy.class_nodes[classes]
    first = 1 if len(taxonomy.roots) == 1 else 0
    ranks: list[str] = []
    shares: list[float] = []
    for depth in range(first, int(class_depths.max()) + 1):
        stands_for = (depths == depth) | (is_self & (class_depths < depth))
        pairs = sparse.csr_array(
            (np.ones(stands_for.sum()), (classes[stands_for], nodes[stands_for])),
            shape=(taxonomy.n_classes, taxonomy.n_nodes),
        )
        common = pairs[predictions].multiply(pairs[targets]).sum(axis=1)
        shares.append(float((common > 0).mean()))
        ranks.append(_common_rank(nodes[depths == depth], taxonomy))
    named = [bool(rank) and ranks.count(rank) == 1 for rank in ranks]
    keys = [rank if named[i] else f"depth {first + i}" for i, rank in enumerate(ranks)]
    return dict(zip(keys, shares, strict=True))


def _common_rank(nodes: Ints, taxonomy: Taxonomy) -> str:
    """The rank that all nodes of a level have; "" where they have none or several."""
    ranks = {taxonomy.ranks[v] for v in np.unique(nodes)}
    return ranks.pop() if len(ranks) == 1 else ""


def _check(predictions: Ints, targets: Ints, top5_hits: NDArray[np.bool_], n_classes: int) -> None:
    if predictions.ndim != 1 or not predictions.shape == targets.shape == top5_hits.shape:
        raise TaxoError(
            f"predictions {predictions.shape}, targets {targets.shape} and top-5 hits {top5_hits.shape} "
            "must be one-dimensional and equally long"
        )
    if not len(targets):
        raise TaxoError("there are no items to evaluate")
    for what, values in (("prediction", predictions), ("target", targets)):
        if values.min() < 0 or values.max() >= n_classes:
            wrong = values[(values < 0) | (values >= n_classes)][0]
            raise TaxoError(f"{what} {wrong} is no class; there are {n_classes}, counted from 0")
