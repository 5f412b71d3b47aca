"""One-hot vectors: no class has anything in common with another."""

import numpy as np

from .work import Made, Work


def onehot(work: Work) -> Made:
    """The identity matrix `(n_classes, n_classes)`, and the class of each column."""
    taxonomy = work.target.taxonomy
    return Made(np.eye(taxonomy.n_classes, dtype=work.dtype), taxonomy.classes)
