"""Class similarity: values by hand, properties of [BD19], blocks."""

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import attributed, dags, trees

from taxo.taxonomy import Taxonomy, class_lcs_heights, class_similarity, flat, from_edges, lcs_heights, similarity


def test_worked_out_on_the_drawn_tree(zoo: Taxonomy) -> None:
    # H = 3; lcs: cat with any: animal (3); gull with owls: bird (2); barn with snowy: owl (1).
    assert class_lcs_heights(zoo).tolist() == [[0, 3, 3, 3], [3, 0, 2, 2], [3, 2, 0, 1], [3, 2, 1, 0]]
    expected = [[1, 0, 0, 0], [0, 1, 1 / 3, 1 / 3], [0, 1 / 3, 1, 2 / 3], [0, 1 / 3, 2 / 3, 1]]
    np.testing.assert_allclose(class_similarity(zoo), expected, atol=1e-15)


def test_worked_out_on_the_drawn_dag(diamond: Taxonomy) -> None:
    # classes: wild, car, cat, dog; cat and dog meet in pet (1), with wild in living (2), with car in owned (2).
    assert diamond.classes == ("wild", "car", "cat", "dog")
    assert class_lcs_heights(diamond).tolist() == [[0, 3, 2, 2], [3, 0, 2, 2], [2, 2, 0, 1], [2, 2, 1, 0]]


def test_an_inner_node_as_a_class(zoo: Taxonomy) -> None:
    t = zoo.with_classes(["bird", "barn", "cat"])
    # bird subsumes barn at its own height 2, and still has similarity 1 with itself.
    assert class_lcs_heights(t).tolist() == [[0, 2, 3], [2, 0, 3], [3, 3, 0]]


def test_different_roots_have_nothing_in_common() -> None:
    t = from_edges([("a", "a1"), ("a", "a2"), ("b", "b1"), ("b", "c"), ("c", "b2"), ("c", "b3")])
    s = class_similarity(t)
    i = {name: k for k, name in enumerate(t.classes)}
    assert s[i["a1"], i["b1"]] == 0
    assert s[i["a1"], i["a2"]] == 1 - 1 / 2  # H = 2, from the higher tree
    assert s[i["b1"], i["b2"]] == 0
    assert s[i["b2"], i["b3"]] == 0.5


def test_a_flat_forest_has_the_identity() -> None:
    np.testing.assert_array_equal(class_similarity(flat(["a", "b", "c"])), np.eye(3))


def test_one_class() -> None:
    np.testing.assert_array_equal(class_similarity(flat(["a"])), [[1.0]])
    np.testing.assert_array_equal(class_similarity(from_edges([("a", "b"), ("b", "c")])), [[1.0]])


@given(attributed(dags() | trees()))
def test_agrees_with_pairs_and_is_symmetric(t: Taxonomy) -> None:
    n = t.n_classes
    a, b = np.indices((n, n)).reshape(2, -1)
    nodes = t.class_nodes
    s = class_similarity(t)
    np.testing.assert_array_equal(class_lcs_heights(t).ravel(), lcs_heights(t, nodes[a], nodes[b]))
    np.testing.assert_array_equal(s.ravel(), similarity(t, nodes[a], nodes[b]))
    np.testing.assert_array_equal(s, s.T)
    assert ((s == 1) == np.eye(n, dtype=bool)).all()
    assert (s >= 0).all()


@given(attributed(trees()))
def test_trees_give_an_ultrametric(t: Taxonomy) -> None:
    d = class_lcs_heights(t)
    assert (d[:, None, :] <= np.maximum(d[:, :, None], d[None, :, :])).all()


@given(dags() | trees(), st.integers(0, 5), st.integers(0, 5))
def test_blocks_of_rows(t: Taxonomy, low: int, size: int) -> None:
    rows = slice(low, low + size)
    np.testing.assert_array_equal(class_lcs_heights(t, rows), class_lcs_heights(t)[rows])


def test_a_dag_whose_similarities_are_no_dot_products() -> None:
    # a and b share p, b and c share q, both of height 1 under a root of height 4; a and c share only the root.
    # S = [[1, .75, 0], [.75, 1, .75], [0, .75, 1]] has the least eigenvalue 1 - .75 * sqrt(2) < 0.
    edges = ["r m", "m n", "n p", "r m2", "m2 n2", "n2 q", "p a", "p b", "q b", "q c"]
    t = from_edges([tuple(e.split()) for e in edges])  # type: ignore[misc]
    assert t.classes == ("a", "b", "c")
    np.testing.assert_allclose(np.linalg.eigvalsh(class_similarity(t))[0], 1 - 0.75 * np.sqrt(2))


def test_a_dag_in_blocks_against_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    edges = {(f"n{p}", f"n{c}") for c in range(1, 120) for p in rng.integers(0, c, 2)}
    t = from_edges(sorted(edges))
    expected = [lcs_heights(t, np.full(t.n_classes, c), t.class_nodes) for c in t.class_nodes]
    monkeypatch.setattr(import_module("taxo.taxonomy.similarity"), "_CELLS", 500)  # some four rows at a time
    np.testing.assert_array_equal(class_lcs_heights(t), expected)
