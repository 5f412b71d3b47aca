"""Similarity measures for pairs of nodes, by name.

Each takes a hierarchy and two arrays of nodes and gives `(n_pairs,)` values; each is symmetric; on a tree all come
from the lowest common ancestor. What they mean on a DAG each function says. Nodes under different roots have
nothing in common: every measure is 0.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from .arrays import Ints
from .errors import TaxoError, unknown_choice
from .information import Floats, information_content
from .similarity import similarity as lcs_height
from .taxonomy import Taxonomy

Measure = Callable[[Taxonomy, Ints, Ints], Floats]


def wup(taxonomy: Taxonomy, a: Ints, b: Ints) -> Floats:
    """Wu and Palmer: `2 dep(l) / (d_a + d_b)`, l the lowest common subsumer, `d_x = dep(l) + path(x, l)`.

    `dep` counts nodes on the longest way from a root, so `dep(root) = 1`; `path` counts edges on the shortest way
    up. On a DAG l is the one that `Taxonomy.lcs` finds: least height, then greatest depth, then first in node
    order. In (0, 1], and 1 only for a node with itself.

    Source: Wu & Palmer, "Verb semantics and lexical selection", ACL 1994, section 4. They write it as
    `2 N3 / (N1 + N2 + 2 N3)`; with `dep(root) = 0` two children of a root would have similarity 0.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> wup(t, t.indices(["owl", "owl"]), t.indices(["gull", "cat"])).round(3).tolist()
        [0.667, 0.4]
    """
    a, b = _pairs(a, b)
    found = taxonomy.lcs(a, b)
    depth = taxonomy.depths
    if taxonomy.is_tree:
        path = depth[a] + depth[b] - 2 * depth[found]
    else:
        path = np.zeros(len(a), dtype=np.intp)
        for common in taxonomy.ancestry.common(a, b):
            hit = common.ancestor == found[common.pair]
            path[common.pair[hit]] = (common.steps_a + common.steps_b)[hit]
    doubled = 2 * (depth[found] + 1)
    return np.where(found < 0, 0.0, doubled / np.where(found < 0, 1, doubled + path))


def path(taxonomy: Taxonomy, a: Ints, b: Ints) -> Floats:
    """`1 / (1 + p)`, p the number of edges on the shortest way between two nodes through a common ancestor.

    On a DAG through any common ancestor, not only the lowest: the way up from a, then down to b, of least length.
    In (0, 1], and 1 only for a node with itself.

    Source: the path measure of Pedersen, Patwardhan & Michelizzi, "WordNet::Similarity", AAAI 2004, after Rada,
    Mili, Bicknell & Blettner, "Development and application of a metric on semantic nets", IEEE Transactions on
    Systems, Man, and Cybernetics 19 (1989).

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> path(t, t.indices(["owl", "owl"]), t.indices(["gull", "cat"])).round(3).tolist()
        [0.333, 0.25]
    """
    a, b = _pairs(a, b)
    if taxonomy.is_tree:
        found, depth = taxonomy.lcs(a, b), taxonomy.depths
        return np.where(found < 0, 0.0, 1 / (1 + depth[a] + depth[b] - 2 * depth[found]).clip(1))
    out = np.zeros(len(a))
    for common in taxonomy.ancestry.common(a, b):
        starts = common.starts()
        if starts.size:
            out[common.pair[starts]] = 1 / (1 + np.minimum.reduceat(common.steps_a + common.steps_b, starts))
    return out


def resnik(taxonomy: Taxonomy, a: Ints, b: Ints, *, ic: str = "seco") -> Floats:
    """Resnik: the information content of the most informative common ancestor.

    On a DAG that need not be the lowest common subsumer. With `ic="seco"` in [0, 1], with `ic="sanchez"` in nats,
    up to `log(L + 1)` for L leaves. Not normalised: a node with itself has its own information content.

    Source: Resnik, "Using information content to evaluate semantic similarity in a taxonomy", IJCAI 1995, with the
    intrinsic information content of `taxo.taxonomy.information` in place of counts from a corpus.

    Args:
        taxonomy: A tree or a DAG.
        a: `(n_pairs,)` nodes.
        b: `(n_pairs,)` nodes.
        ic: Kind of information content, "seco" or "sanchez".

    Raises:
        TaxoError: An unknown kind.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> resnik(t, t.indices(["owl", "owl"]), t.indices(["gull", "cat"])).round(3).tolist()
        [0.317, 0.0]
    """
    a, b = _pairs(a, b)
    content = partial(information_content, taxonomy, ic=ic)
    if taxonomy.is_tree:
        found = taxonomy.lcs(a, b)
        return np.where(found < 0, 0.0, content(found))
    out = np.zeros(len(a))
    every = content()
    for common in taxonomy.ancestry.common(a, b):
        starts = common.starts()
        if starts.size:
            out[common.pair[starts]] = np.maximum.reduceat(every[common.ancestor], starts)
    return out


def lin(taxonomy: Taxonomy, a: Ints, b: Ints, *, ic: str = "seco") -> Floats:
    """Lin: `2 IC(l) / (IC(a) + IC(b))`, l the most informative common ancestor, in [0, 1].

    1 only for a node with itself, the root included, whose information content is 0.

    Source: Lin, "An information-theoretic definition of similarity", ICML 1998, section 5. Arguments and errors as
    for `resnik`.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> lin(t, t.indices(["owl", "bird"]), t.indices(["gull", "owl"]), ic="sanchez").round(3).tolist()
        [0.5, 0.667]
    """
    a, b = _pairs(a, b)
    total = information_content(taxonomy, a, ic=ic) + information_content(taxonomy, b, ic=ic)
    shared = 2 * resnik(taxonomy, a, b, ic=ic)
    return np.where(a == b, 1.0, shared / np.where(total > 0, total, 1))


MEASURES: dict[str, Measure] = {"lcs-height": lcs_height, "wup": wup, "path": path, "lin": lin, "resnik": resnik}
"""The measures by name."""

INFORMED = {"lin": lin, "resnik": resnik}
"""Those that also take a kind of information content, `ic=`."""


def get_measure(name: str, *, ic: str | None = None, heights: Floats | None = None) -> Measure:
    """A measure by name.

    Args:
        name: One of `MEASURES`.
        ic: Kind of information content, for `lin` and `resnik` only; "seco" by default.
        heights: `(n_nodes,)` heights from `taxo.taxonomy.heights.node_heights`, for `lcs-height` only; by default the
            number of levels [BD19].

    Raises:
        TaxoError: No such measure or kind, or a kind or heights for a measure that takes none.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("bird", "owl"), ("bird", "gull")])
        >>> get_measure("path")(t, t.indices(["owl"]), t.indices(["gull"])).round(3).tolist()
        [0.333]
    """
    if name not in MEASURES:
        raise TaxoError(unknown_choice("measure", name, MEASURES))
    if heights is not None:
        if name != "lcs-height":
            raise TaxoError(f"heights are for the measure lcs-height only, not for {name!r}")
        if ic is None:
            return partial(lcs_height, heights=heights)
    if ic is None:
        return MEASURES[name]
    if name not in INFORMED:
        raise TaxoError(f"measure {name!r} uses no information content; ic is for {' and '.join(INFORMED)} only")
    return partial(INFORMED[name], ic=ic)


def _pairs(a: Ints, b: Ints) -> tuple[Ints, Ints]:
    return np.asarray(a, dtype=np.intp), np.asarray(b, dtype=np.intp)
