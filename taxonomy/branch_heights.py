"""Heights by branch lengths: how far below a node its leaves lie, such as in millions of years."""

import logging

import numpy as np
from numpy.typing import NDArray

from . import arrays
from .errors import NotEmbeddable
from .taxonomy import Taxonomy
from .wording import few

log = logging.getLogger("taxo")

Floats = NDArray[np.float64]

TOLERANCE = 1e-3
"""How much the distances of the leaves from a root may differ, relative to the largest, before it is said.

Time-calibrated trees are written with some four digits, and the roundings of many branches add up.
"""


def branch_length(taxonomy: Taxonomy) -> Floats:
    """The largest distance down to a leaf along the branches, 0 for a leaf, `(n_nodes,)`.

    In a time-calibrated tree all leaves below a node are equally far, and its height is its age. Where they are not,
    the farthest one counts, so that heights never shrink from child to parent; the largest difference is logged.
    The branch above a root counts nowhere.

    Raises:
        NotEmbeddable: No branch lengths at all; a node other than a root without one, or with a negative one.
    """
    lengths = _checked(taxonomy)
    farthest, nearest = np.zeros(taxonomy.n_nodes), np.zeros(taxonomy.n_nodes)
    for nodes, children, starts in arrays.inner_by_level(taxonomy.children, taxonomy.depths):
        farthest[nodes] = np.maximum.reduceat(farthest[children] + lengths[children], starts)
        nearest[nodes] = np.minimum.reduceat(nearest[children] + lengths[children], starts)
    _say_if_not_ultrametric(taxonomy, farthest, nearest)
    return farthest


def _checked(taxonomy: Taxonomy) -> Floats:
    """The lengths, where all that are needed are there."""
    name = repr(taxonomy.name or "the hierarchy")
    if taxonomy.lengths is None:
        raise NotEmbeddable(
            f"heights 'branch-length': {name} has no branch lengths; Newick files of time-calibrated trees have them "
            "('(a:1.5,b:1.5)c;'), and so may text (length=1.5) and json"
        )
    below = taxonomy.parents.counts() > 0
    missing = [taxonomy.names[v] for v in np.flatnonzero(np.isnan(taxonomy.lengths) & below).tolist()]
    if missing:
        raise NotEmbeddable(
            f"heights 'branch-length': {name} has no branch length above {few(missing, 3)}; give every branch one but "
            "those above the roots"
        )
    negative = np.flatnonzero((taxonomy.lengths < 0) & below)
    if negative.size:
        v = int(negative[0])
        more = f" (the first of {negative.size})" if negative.size > 1 else ""
        raise NotEmbeddable(
            f"heights 'branch-length': the branch above {taxonomy.names[v]!r} in {name} has the negative length "
            f"{taxonomy.lengths[v]:g}{more}; a node cannot be older than its parent: correct it"
        )
    return taxonomy.lengths


def _say_if_not_ultrametric(taxonomy: Taxonomy, farthest: Floats, nearest: Floats) -> None:
    """Log the tree whose leaves differ most in their distance from the root."""
    roots = taxonomy.roots
    difference = (farthest - nearest)[roots] / np.where(farthest[roots] > 0, farthest[roots], 1)
    if difference.max() <= TOLERANCE:
        return
    root = int(roots[difference.argmax()])
    log.warning(
        "%s: not ultrametric: leaves below the root %r are between %.4g and %.4g from it (%.2g %% apart); heights by "
        "branch lengths are meant for time-calibrated trees, the farthest leaf counts",
        taxonomy.name or "the hierarchy", taxonomy.names[root], nearest[root], farthest[root],
        100 * difference.max(),
    )  # fmt: skip
