"""One-hot vectors: no class has anything in common with another."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from taxo.taxonomy import Taxonomy


def onehot(taxonomy: Taxonomy, dtype: DTypeLike = np.float64) -> tuple[NDArray[np.floating[Any]], tuple[str, ...]]:
    """The identity matrix `(n_classes, n_classes)`, and the class of each column."""
    return np.eye(taxonomy.n_classes, dtype=dtype), taxonomy.classes
