"""From a DAG to a tree: by hand, properties, and every strategy against an enumeration of all paths."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import attributed, dags, trees

from taxo.taxonomy import TaxoError, Taxonomy, from_edges
from taxo.taxonomy.effects import effect
from taxo.taxonomy.reduction import STRATEGIES, reduce

Path = tuple[int, ...]


def edges_of(t: Taxonomy) -> set[tuple[str, str]]:
    return {(t.names[p], t.names[v]) for v in range(t.n_nodes) for p in t.parents_of(v)}


def paths(t: Taxonomy, node: int) -> list[Path]:
    """All ways up from a node to a root."""
    return [(node, *rest) for p in t.parents_of(node).tolist() for rest in paths(t, p)] or [(node,)]


def by_enumeration(t: Taxonomy, strategy: str) -> set[tuple[str, str]]:
    """The edges of the tree, from lists of all paths."""
    chosen: list[Path] = []
    if strategy == "min-change":
        every = {c: paths(t, c) for c in t.class_nodes.tolist()}
        chosen = [found[0] for found in every.values() if len(found) == 1]
        for found in (found for found in every.values() if len(found) > 1):
            tree = {v: up for path in chosen for v, up in zip(path, (*path[1:], None), strict=True)}
            # A node of the tree has its parent already.
            fitting = [p for p in found if all(tree.get(v, up) == up for v, up in zip(p, (*p[1:], None), strict=True))]
            # Of paths with equally many new nodes the longest one meets the tree deepest.
            chosen.append(min(fitting, key=lambda p: (sum(v not in tree for v in p), -len(p), p)))
    else:
        sign = 1 if strategy == "shortest" else -1
        best = {v: min(paths(t, v), key=lambda p: (sign * len(p), p)) for v in range(t.n_nodes)}
        chosen = [best[c] for c in t.class_nodes.tolist()]
    return {(t.names[up], t.names[v]) for path in chosen for v, up in pairwise(path)}


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(attributed(dags()))
def test_agrees_with_enumeration(strategy: str, t: Taxonomy) -> None:
    expected = edges_of(t) if t.is_tree else by_enumeration(t, strategy)
    assert edges_of(reduce(t, strategy).taxonomy) == expected


@pytest.mark.parametrize("collapse", [False, True])
@pytest.mark.parametrize("strategy", STRATEGIES)
@given(attributed(dags()))
def test_gives_a_tree_of_the_same_classes(strategy: str, collapse: bool, t: Taxonomy) -> None:
    found = reduce(t, strategy, collapse=collapse)
    tree = found.taxonomy
    assert tree.is_tree
    assert tree.classes == t.classes
    assert tree.class_numbers.tolist() == t.class_numbers.tolist()
    assert tree.class_labels == t.class_labels
    gone = {*found.removed, *found.collapsed}
    assert {*tree.names} | gone == {*t.names}
    assert not {*tree.names} & gone
    assert not {*found.removed} & {*found.collapsed}
    kept = {*tree.names, *found.collapsed}
    if collapse:
        single = np.flatnonzero(tree.children.counts() == 1)
        assert {tree.names[v] for v in single} <= {*t.classes}
    else:
        assert edges_of(tree) <= edges_of(t)
        assert {(p, v) for v, p in found.dropped} == {e for e in edges_of(t) - edges_of(tree) if e[1] in kept}
        if not t.is_tree:
            assert {tree.names[v] for v in tree.leaves} <= {*t.classes}


@given(attributed(trees()), st.sampled_from(STRATEGIES))
def test_a_tree_stays_as_it_is(t: Taxonomy, strategy: str) -> None:
    found = reduce(t, strategy)
    assert found.taxonomy == t
    assert not found.dropped
    assert not found.removed
    assert found.report() == ["the hierarchy is a tree already; nothing was changed"]


def test_the_dag_that_is_drawn(diamond: Taxonomy) -> None:
    # wild and car have one path each; cat then takes living, the first of two parents that add as little.
    found = reduce(diamond)
    assert found.dropped == (("pet", "owned"),)
    assert found.effect == effect(diamond, found.taxonomy)
    assert found.report() == [
        "min-change: 8 nodes became a tree of 8, 4 classes",
        "dropped parents (1):",
        "  pet: owned",
        "2 of 6 pairs of classes (33.3%) change their similarity; by 0.1111 in the mean over all, by 0.3333 at most",
        "  0.3333 -> 0.0000  car | cat",
        "  0.3333 -> 0.0000  car | dog",
    ]


def test_the_report_shows_labels(diamond: Taxonomy) -> None:
    labels = {"pet": "Pets", "owned": "Owned by somebody", "cat": "Cats"}
    t = replace(diamond, labels=tuple(labels.get(name, name) for name in diamond.names))
    lines = reduce(t).report()
    assert lines[2] == "  pet (Pets): owned (Owned by somebody)"
    assert lines[4] == "  0.3333 -> 0.0000  car | cat (Cats)"


def test_strategies_differ() -> None:
    """X has three ways up; y and z make the one through c and d cheapest, though it is the longest but one."""
    edges = ["r a", "a x", "r c", "c d", "d x", "r e", "e f", "f g", "g x", "d y", "d z"]
    t = from_edges([tuple(e.split()) for e in edges])  # type: ignore[misc]
    kept = {s: [p for p, v in edges_of(reduce(t, s).taxonomy) if v == "x"] for s in STRATEGIES}
    assert kept == {"min-change": ["d"], "shortest": ["a"], "longest": ["g"]}
    assert reduce(t, "min-change").removed == ("a", "e", "f", "g")


def test_class_order_decides() -> None:
    # Whichever of x and y comes first takes the first of its parents; the other one follows it.
    edges = [("r", "p"), ("r", "q"), ("p", "x"), ("q", "x"), ("q", "y"), ("s", "y"), ("r", "s")]
    t = from_edges(edges)
    first_x, first_y = (edges_of(reduce(t.with_classes(order)).taxonomy) for order in (["x", "y"], ["y", "x"]))
    assert first_x == {("r", "p"), ("p", "x"), ("r", "q"), ("q", "y")}
    assert first_y == {("r", "q"), ("q", "y"), ("q", "x")}


def test_collapse_bridges_chains_and_keeps_classes() -> None:
    edges = ["top r", "r a", "a b", "b c", "c x", "c y", "r k", "k z", "r w"]
    t = from_edges([tuple(e.split()) for e in edges]).with_classes(["x", "y", "k", "z", "w"])  # type: ignore[misc]
    found = reduce(t, collapse=True)
    assert found.collapsed == ("top", "a", "b")
    assert edges_of(found.taxonomy) == {("r", "c"), ("c", "x"), ("c", "y"), ("r", "k"), ("k", "z"), ("r", "w")}
    assert "left out, single child (3), which changes heights: 'top', 'a', 'b'" in found.report()


def test_long_chains_and_wide_graphs() -> None:
    chain = [(f"c{i}", f"c{i + 1}") for i in range(50_000)]
    t = from_edges([*chain, ("c0", "x"), ("c50000", "x"), ("c49999", "y")])
    for strategy in STRATEGIES:
        found = reduce(t, strategy, collapse=True)
        assert found.taxonomy.classes == ("x", "y")
    # 2^60 paths: a diamond on a diamond on a diamond ...
    stack = [e for i in range(60) for e in ((f"t{i}", f"l{i}"), (f"t{i}", f"r{i}"), (f"l{i}", f"t{i + 1}"))]
    t = from_edges([*stack, *((f"r{i}", f"t{i + 1}") for i in range(60))])
    assert len(reduce(t).removed) == 60


def test_an_unknown_strategy(diamond: Taxonomy) -> None:
    with pytest.raises(TaxoError, match="unknown strategy 'min_change'; did you mean 'min-change'"):
        reduce(diamond, "min_change")
