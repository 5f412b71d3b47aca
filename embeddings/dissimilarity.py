"""The dissimilarities `d = 1 - s` of the classes, as Euclidean distances.

On a tree there are points with these distances, and n classes take n - 1 dimensions. Proof: with d also d^2 is an
ultrametric, since squaring keeps the order. So `T = c - d^2`, with c the largest d^2, is the sum over the nodes v of
`w_v 1_v 1_v'`, where 1_v marks the classes below v and `w_v = d_parent(v)^2 - d_v^2` is nowhere negative and, for
leaves, positive. Hence T is positive definite, and with D2 the matrix of all d^2, `-x' D2 x = x' T x > 0` for every x
that sums to 0, but 0 itself. That is the condition for points with the distances d to exist and to span n - 1
dimensions (Schoenberg, Annals of Mathematics 1935). For ultrametric spaces in general: Lemin, "Isometric embedding of
ultrametric (non-Archimedean) spaces in Hilbert space and Lebesgue space", 2001.
"""

import numpy as np

from taxo.taxonomy import NotEmbeddable

from .class_tree import Floats
from .target import Target


def squared_dissimilarities(target: Target) -> Floats:
    """The squares of `1 - s`, `(n_classes, n_classes)`.

    Raises:
        NotEmbeddable: A DAG, or two classes at distance 0: they would have the same vector.
    """
    target.refuse_dag()
    squares: Floats = np.square(1 - target.matrix())
    same = np.argwhere(squares + np.eye(len(squares)) == 0)
    if same.size:
        a, b = (target.taxonomy.classes[c] for c in same[0].tolist())
        raise NotEmbeddable(f"the classes {a!r} and {b!r} have the dissimilarity 0: they would have the same vector")
    return squares
