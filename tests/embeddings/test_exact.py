"""The closed form against the factorisation, by properties and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import attributed, dags, trees

from taxo.embeddings import embed
from taxo.embeddings.class_tree import class_tree
from taxo.taxonomy import NotEmbeddable, Taxonomy, class_similarity, flat, from_edges


def exact(t: Taxonomy) -> tuple[np.ndarray, tuple[str, ...]]:
    e = embed(t, "exact")
    assert isinstance(e.vectors, np.ndarray)
    return e.vectors, e.axes


def test_worked_out_by_hand() -> None:
    # Classes a, b below p (height 1), c below the root (height 2): s(a, b) = 1/2, all others 0.
    # Depth-first order is that of the file. The factor of [[1, .5, 0], [.5, 1, 0], [0, 0, 1]]:
    # row a = (1, 0, 0); row b = (.5, sqrt(3)/2, 0); row c = (0, 0, 1).
    t = from_edges([("r", "p"), ("p", "a"), ("p", "b"), ("r", "c")])
    vectors, axes = exact(t)
    assert t.classes == ("a", "b", "c")
    by_axis = {name: vectors[:, axes.index(name)].tolist() for name in axes}
    assert by_axis == {"a": [1, 0.5, 0], "b": [0, pytest.approx(np.sqrt(3) / 2), 0], "c": [0, 0, 1]}


def test_columns_are_in_depth_first_order(zoo: Taxonomy) -> None:
    _, axes = exact(zoo)
    assert axes == ("cat", "barn", "snowy", "gull")  # while the class order is cat, gull, barn, snowy


@given(attributed(trees(max_nodes=40)))
def test_gram_matrix_equals_similarity(t: Taxonomy) -> None:
    vectors, _ = exact(t)
    np.testing.assert_allclose(vectors @ vectors.T, class_similarity(t), atol=1e-13)


@given(trees(max_nodes=40))
def test_is_the_cholesky_factor_in_depth_first_order(t: Taxonomy) -> None:
    vectors, axes = exact(t)
    order = [t.classes.index(name) for name in axes]
    s = class_similarity(t)[np.ix_(order, order)]
    np.testing.assert_allclose(vectors[order], np.linalg.cholesky(s), atol=1e-10)


@given(trees(max_nodes=20), st.randoms())
def test_class_order_only_permutes_rows(t: Taxonomy, random: st.DataObject) -> None:
    shuffled = list(t.classes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    rows = [t.classes.index(c) for c in shuffled]
    vectors, axes = exact(t.with_classes(shuffled))
    np.testing.assert_array_equal(vectors, exact(t)[0][rows])
    assert axes == exact(t)[1]


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 66, 300])
def test_nodes_with_many_children(n: int) -> None:
    # Two siblings groups: running sums switch their method at 64 children.
    edges = [("r", "p"), ("r", "q")] + [("p", f"p{i}") for i in range(n)] + [("q", f"q{i}") for i in range(n)]
    t = from_edges(edges)
    vectors, _ = exact(t)
    np.testing.assert_allclose(vectors @ vectors.T, class_similarity(t), atol=1e-13)


def test_a_caterpillar_of_400_levels() -> None:
    edges = [(f"n{i}", f"n{i + 1}") for i in range(400)] + [(f"n{i}", f"leaf{i}") for i in range(400)]
    t = from_edges(edges)
    vectors, _ = exact(t)
    np.testing.assert_allclose(vectors @ vectors.T, class_similarity(t), atol=1e-12)


def test_inner_nodes_as_classes(zoo: Taxonomy) -> None:
    t = zoo.with_classes(["bird", "barn", "animal"])
    vectors, _ = exact(t)
    np.testing.assert_allclose(vectors @ vectors.T, class_similarity(t), atol=1e-15)
    assert len(class_tree(t).parent) == 1 + 4 + 2  # super-root; animal, bird, owl, barn; leaves of bird, animal


def test_a_flat_forest_is_one_hot() -> None:
    vectors, axes = exact(flat(["a", "b"]))
    np.testing.assert_array_equal(vectors, np.eye(2))
    assert axes == ("a", "b")


@pytest.mark.parametrize("method", ["exact", "cholesky"])
def test_a_dag_is_refused_by_name(diamond: Taxonomy, method: str) -> None:
    with pytest.raises(NotEmbeddable, match=r"'pet' has parents 'living', 'owned'.*--dag reduce.*--dag nearest-psd"):
        embed(diamond, method)


@given(dags())
def test_no_hierarchy_gives_nan(t: Taxonomy) -> None:
    try:
        vectors = embed(t).vectors
    except NotEmbeddable:
        assert not t.is_tree
    else:
        assert np.isfinite(vectors).all()


def test_a_big_random_tree_in_float32() -> None:
    rng = np.random.default_rng(1)
    n = 5000
    parent = (rng.random(n) ** 2 * np.arange(n)).astype(int)
    t = from_edges([(str(p), str(c)) for c, p in enumerate(parent.tolist()) if c])
    e = embed(t)
    assert t.n_classes > 2000
    assert e.vectors.dtype == np.float32
    assert e.max_deviation < 1e-5
    assert embed(t, dtype="float64").max_deviation < 1e-13
