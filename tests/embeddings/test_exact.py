"""The closed form against the factorisation, by properties and by hand."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import attributed, dags, trees

from taxo.embeddings import embed
from taxo.embeddings.class_tree import class_tree
from taxo.embeddings.exact import dense
from taxo.embeddings.factor import factorise
from taxo.taxonomy import NotEmbeddable, TaxoError, Taxonomy, class_similarity, flat, from_edges
from taxo.taxonomy.heights import node_heights


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


@given(attributed(trees(max_nodes=30)), st.data())
def test_rows_of_some_classes(t: Taxonomy, data: st.DataObject) -> None:
    factor = factorise(class_tree(t))
    some = np.array(data.draw(st.lists(st.integers(0, t.n_classes - 1), max_size=8)), dtype=np.intp)
    np.testing.assert_array_equal(dense(factor, rows=some), dense(factor)[some])


@given(trees(max_nodes=25))
def test_the_closed_form_in_single_precision_is_the_rounded_double(t: Taxonomy) -> None:
    factor = factorise(class_tree(t))
    np.testing.assert_array_equal(dense(factor, np.float32), dense(factor).astype(np.float32))


def test_vectors_in_a_memory_mapped_file(zoo: Taxonomy, tmp_path: Path) -> None:
    file = np.lib.format.open_memmap(tmp_path / "vectors.npy", mode="w+", dtype=np.float32, shape=(4, 4))
    e = embed(zoo, dtype="float32", out=file)
    assert isinstance(e.vectors, np.memmap)
    file.flush()
    np.testing.assert_array_equal(np.load(tmp_path / "vectors.npy"), embed(zoo, dtype="float32").vectors)


def test_what_cannot_be_written_into(zoo: Taxonomy) -> None:
    with pytest.raises(TaxoError, match=r"out has shape \(4, 3\), the vectors have \(4, 4\)"):
        embed(zoo, out=np.zeros((4, 3)))
    with pytest.raises(TaxoError, match="out is int64; take float64 or float32"):
        embed(zoo, out=np.zeros((4, 4), dtype=int))
    with pytest.raises(TaxoError, match="out is for the method exact only, not for 'nodes'"):
        embed(zoo, "nodes", out=np.zeros((4, 4)))


def test_classes_that_would_share_a_vector(zoo: Taxonomy) -> None:
    with pytest.raises(NotEmbeddable, match=r"the classes 'barn' and 'snowy' meet at 'owl', whose height is 0"):
        embed(zoo, heights={"animal": 2, "bird": 1, "owl": 0})
    # A single class below a node of height 0 meets nobody there.
    t = from_edges([("r", "a"), ("r", "b"), ("b", "c")])
    e = embed(t, heights={"r": 1, "b": 0})
    np.testing.assert_array_equal(e.vectors, np.eye(2))


@given(trees(max_nodes=25), st.data())
def test_any_heights_that_do_not_shrink(t: Taxonomy, data: st.DataObject) -> None:
    steps = data.draw(st.lists(st.integers(0, 3), min_size=t.n_nodes, max_size=t.n_nodes))
    heights = np.zeros(t.n_nodes)
    for v in range(t.n_nodes - 1, -1, -1):  # children stand behind their parents
        below = t.children_of(v)
        heights[v] = heights[below].max() + max(steps[v], 1 if len(below) > 1 else 0) if len(below) else 0
    given_heights = dict(zip(t.names, heights.tolist(), strict=True))
    for method in ("exact", "cholesky", "nodes"):
        e = embed(t, method, heights=given_heights)
        vectors = e.dense()
        np.testing.assert_allclose(vectors @ vectors.T, class_similarity(t, heights=heights), atol=1e-12)


def test_every_digit_where_similarities_are_close_to_one() -> None:
    # A caterpillar whose heights fall from 1 to 1e-24: in double precision most similarities are 1, S is singular and
    # LAPACK fails; the closed form still has every number of the factor, as exact fractions show.
    n = 12
    edges = [(f"n{i}", f"n{i + 1}") for i in range(n)] + [(f"n{i}", f"leaf{i}") for i in range(n + 1)]
    t = from_edges([*edges, (f"n{n}", "last")])
    heights = {f"n{i}": float(Fraction(1, 100**i)) for i in range(n + 1)}
    factor = factorise(class_tree(t, node_heights(t, heights)))
    order = factor.tree.class_at
    nodes = t.class_nodes[order]
    lowest = t.lcs(np.repeat(nodes, len(nodes)), np.tile(nodes, len(nodes))).reshape(len(nodes), -1)
    exact_heights = [Fraction(heights.get(name, 0.0)) for name in t.names]
    s = [[1 - exact_heights[v] for v in row] for row in lowest.tolist()]
    squares = factor.remaining[factor.tree.leaf_of[order]]
    for found, expected in zip(squares.tolist(), pivots(s), strict=True):
        assert abs(Fraction(found) / expected - 1) < Fraction(1, 10**14)
    with pytest.raises(NotEmbeddable, match="not positive definite in double precision"):
        embed(t, "cholesky", heights=heights)


def pivots(s: list[list[Fraction]]) -> list[Fraction]:
    """Squares of the diagonal of the Cholesky factor, by elimination in exact arithmetic."""
    s = [row[:] for row in s]
    found = []
    for k in range(len(s)):
        found.append(s[k][k])
        for i in range(k + 1, len(s)):
            factor = s[i][k] / s[k][k]
            s[i] = [a - factor * b for a, b in zip(s[i], s[k], strict=True)]
    return found
