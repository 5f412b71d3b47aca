"""Random hierarchies for the property tests."""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from taxo.taxonomy import Taxonomy, from_edges

# Everything a name may hold: quotes, brackets, leading dashes and blanks, unicode, but no tab or line break.
NAMES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\r\n\0"), min_size=1, max_size=8),
    st.sampled_from(['"', '"a"', "#1", "# taxo 1", " a", "a ", "-- b", "├── c", "(d,e)", "f:1;", "[g]'", "12", "007"]),
)


@st.composite
def trees(draw: st.DrawFn, max_nodes: int = 25, max_roots: int = 3, plain: bool = False) -> Taxonomy:
    """Random forests; every node's parent stands earlier in a random order."""
    names = draw(st.lists(NAMES, min_size=1, max_size=max_nodes, unique=True))
    if plain:
        names = [f"n{i}" for i in range(len(names))]
    roots = draw(st.integers(1, max_roots))
    edges = [(names[draw(st.integers(0, i - 1))], names[i]) for i in range(roots, len(names))]
    return from_edges(draw(st.permutations(edges)), nodes=names if draw(st.booleans()) else names[:roots])


@st.composite
def dags(draw: st.DrawFn, max_nodes: int = 14) -> Taxonomy:
    """Random acyclic graphs: every node has up to three parents among those before it."""
    n = draw(st.integers(1, max_nodes))
    edges = []
    for child in range(1, n):
        parents = draw(st.sets(st.integers(0, child - 1), max_size=3))
        edges += [(f"n{p}", f"n{child}") for p in sorted(parents)]
    return from_edges(edges, nodes=[f"n{i}" for i in range(n)])


@st.composite
def lengths_of(draw: st.DrawFn, t: Taxonomy, least: float | None = None) -> NDArray[np.float64] | None:
    """Branch lengths of a hierarchy, some missing; none for a DAG, and none at all for half of the trees."""
    if not t.is_tree or draw(st.booleans()):
        return None
    numbers = st.floats(min_value=least, allow_nan=False, allow_infinity=False) | st.just(np.nan)
    lengths = np.array(draw(st.lists(numbers, min_size=t.n_nodes, max_size=t.n_nodes)), dtype=np.float64)
    return None if np.isnan(lengths).all() else lengths


@st.composite
def attributed(draw: st.DrawFn, hierarchies: st.SearchStrategy[Taxonomy]) -> Taxonomy:
    """The same hierarchies with ranks, labels, synonyms, branch lengths, and classes in any order with any numbers."""
    from dataclasses import replace

    t = draw(hierarchies)
    texts = st.one_of(st.just(""), NAMES)
    ranks = tuple(draw(texts) for _ in t.names)
    labels = tuple(draw(texts) or name for name in t.names)
    synonyms = tuple(tuple(draw(st.lists(NAMES, max_size=2))) for _ in t.names)
    t = replace(t, ranks=ranks, labels=labels, synonyms=synonyms, lengths=draw(lengths_of(t)))
    if draw(st.booleans()):
        classes = draw(st.lists(st.sampled_from(t.names), min_size=1, unique=True))
        size = len(classes)
        numbers = draw(st.lists(st.integers(0, 10**6), min_size=size, max_size=size, unique=True))
        t = t.with_classes(classes, sorted(numbers))
    return t
