"""The published algorithm [BD19], written from its description: the classes are placed one after another.

[BD19]: Barz & Denzler, "Hierarchy-based image embeddings for semantic image retrieval", WACV 2019, section 3.2: row c
solves `E[:c, :c] x = S[c, :c]`, the last coordinate is `sqrt(1 - |x|^2)`. The solver is the general one, as published.
"""

import numpy as np
from numpy.typing import NDArray


def unit_sphere(similarities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Class embeddings `(n, n)` with `E @ E.T == similarities`."""
    n = len(similarities)
    embedding = np.zeros((n, n))
    embedding[0, 0] = 1
    for c in range(1, n):
        x = np.linalg.solve(embedding[:c, :c], similarities[c, :c])
        embedding[c, :c] = x
        embedding[c, c] = np.sqrt(1 - x @ x)
    return embedding
