"""Facts about the shape of a hierarchy."""

from typing import Any

import numpy as np

from .taxonomy import Taxonomy


def summary(taxonomy: Taxonomy) -> dict[str, Any]:
    """What `taxo info --json` prints.

    Returns:
        `name`; `kind`, "tree" or "dag"; the numbers of `nodes`, `classes`, `roots`, of nodes with several
        parents (`multi_parent`) and with exactly one child (`single_child`); `height`; `leaf_depths`, how
        many leaves stand at each depth; `fingerprint`.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> summary(from_edges([("a", "b"), ("b", "c"), ("a", "d")]))["leaf_depths"]
        {'1': 1, '2': 1}
    """
    depths, counts = np.unique(taxonomy.depths[taxonomy.leaves], return_counts=True)
    return {
        "name": taxonomy.name,
        "kind": "tree" if taxonomy.is_tree else "dag",
        "nodes": taxonomy.n_nodes,
        "classes": taxonomy.n_classes,
        "height": taxonomy.height,
        "roots": len(taxonomy.roots),
        "multi_parent": len(taxonomy.multi_parent_nodes),
        "single_child": int((taxonomy.children.counts() == 1).sum()),
        "leaf_depths": {str(d): int(c) for d, c in zip(depths, counts, strict=True)},
        "fingerprint": taxonomy.fingerprint,
    }


def branching(taxonomy: Taxonomy) -> tuple[int, float, int]:
    """Least, mean and largest number of children of the inner nodes; zeros where there are none."""
    counts = taxonomy.children.counts()
    inner = counts[counts > 0]
    return (int(inner.min()), float(inner.mean()), int(inner.max())) if inner.size else (0, 0.0, 0)
