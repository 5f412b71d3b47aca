"""Lowest common subsumers against networkx on trees and brute force on DAGs."""

import networkx as nx
import numpy as np
from hypothesis import given
from strategies import dags, trees

from taxo.taxonomy import Taxonomy, from_edges, to_networkx


def all_pairs(t: Taxonomy) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.indices((t.n_nodes, t.n_nodes)).reshape(2, -1)
    return a, b


def ancestors(t: Taxonomy, v: int) -> set[int]:
    return {v}.union(*(ancestors(t, int(p)) for p in t.parents_of(v)))


def by_hand(t: Taxonomy, a: int, b: int) -> int:
    """The rule as it is written: least height, then greatest depth, then first in node order."""
    common = ancestors(t, a) & ancestors(t, b)
    return min(common, key=lambda v: (t.heights[v], -t.depths[v], v), default=-1)


def test_worked_out_on_the_drawn_tree(zoo: Taxonomy) -> None:
    pairs = {"barn snowy": "owl", "barn gull": "bird", "owl gull": "bird", "snowy cat": "animal", "owl snowy": "owl"}
    a, b = (zoo.indices(p.split()[i] for p in pairs) for i in (0, 1))
    assert [zoo.names[v] for v in zoo.lcs(a, b)] == list(pairs.values())


def test_worked_out_on_the_drawn_dag(diamond: Taxonomy) -> None:
    pairs = {"cat dog": "pet", "cat wild": "living", "cat car": "owned", "wild car": "thing"}
    a, b = (diamond.indices(p.split()[i] for p in pairs) for i in (0, 1))
    assert [diamond.names[v] for v in diamond.lcs(a, b)] == list(pairs.values())


def test_height_counts_before_depth() -> None:
    # x and y lie below p (height 1, depth 1) and q (height 2, depth 2): the deepest is q, the lowest is p.
    edges = ["r p", "r m", "m q", "q k", "k z", "q x", "q y", "p x", "p y"]
    t = from_edges([tuple(e.split()) for e in edges])  # type: ignore[misc]
    found = t.lcs(t.indices(["x"]), t.indices(["y"]))
    assert t.names[found[0]] == "p"


def test_ties_go_to_the_first_in_node_order() -> None:
    t = from_edges([("r", "q"), ("r", "p"), ("p", "x"), ("q", "x"), ("p", "y"), ("q", "y")])
    assert t.names[t.lcs(t.indices(["x"]), t.indices(["y"]))[0]] == "q"


@given(trees(plain=True, max_roots=1))
def test_trees_agree_with_networkx(t: Taxonomy) -> None:
    a, b = all_pairs(t)
    graph = to_networkx(t)
    expected = dict(nx.tree_all_pairs_lowest_common_ancestor(graph))
    for i, j, found in zip(a, b, t.lcs(a, b), strict=True):
        pair = t.names[i], t.names[j]
        assert t.names[found] == expected.get(pair, expected.get(pair[::-1]))


@given(trees(plain=True, max_nodes=40))
def test_forests_agree_with_brute_force(t: Taxonomy) -> None:
    a, b = all_pairs(t)
    assert t.lcs(a, b).tolist() == [by_hand(t, i, j) for i, j in zip(a, b, strict=True)]


@given(dags())
def test_dags_agree_with_brute_force(t: Taxonomy) -> None:
    a, b = all_pairs(t)
    assert t.lcs(a, b).tolist() == [by_hand(t, i, j) for i, j in zip(a, b, strict=True)]


def test_a_big_random_tree_agrees_with_climbing() -> None:
    rng = np.random.default_rng(0)
    n = 20_000
    parent = (rng.random(n) * np.arange(n)).astype(int)
    t = from_edges([(str(p), str(c)) for c, p in enumerate(parent.tolist()) if c])
    a, b = rng.integers(0, n, (2, 500))
    for i, j, found in zip(a, b, t.lcs(a, b), strict=True):
        while i != j:  # nodes are ordered by level: the greater is never the ancestor
            i, j = (t.parent[i], j) if i > j else (i, t.parent[j])
        assert found == i


def test_no_pairs(zoo: Taxonomy, diamond: Taxonomy) -> None:
    none = np.array([], dtype=np.intp)
    assert zoo.lcs(none, none).shape == diamond.lcs(none, none).shape == (0,)
