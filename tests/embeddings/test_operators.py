"""Products in O(nodes) against the matrices themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import attributed, trees

from taxo.embeddings import embed
from taxo.embeddings.class_tree import class_tree
from taxo.embeddings.factor import sums_after, sums_before
from taxo.embeddings.operators import ClassOperator, NodeBasis
from taxo.embeddings.operators_eigen import lanczos, least_of_siblings
from taxo.embeddings.target import Target
from taxo.embeddings.verification import verify
from taxo.taxonomy import NotEmbeddable, TaxoError, Taxonomy, class_similarity, flat, from_edges
from taxo.taxonomy.arrays import rows

quick = settings(max_examples=30)
hierarchies = attributed(trees(max_nodes=30, plain=True))


def random_tree(n: int, seed: int = 0, power: float = 1.0) -> Taxonomy:
    """A tree of n nodes; the higher the power, the more children the first nodes have."""
    parent = (np.random.default_rng(seed).random(n) ** power * np.arange(n)).astype(int)
    return from_edges([(str(p), str(c)) for c, p in enumerate(parent.tolist()) if c], name="random")


def random_heights(t: Taxonomy, seed: int = 0) -> dict[str, float]:
    """Heights of which no two are alike, larger for a parent than for its children."""
    steps = np.random.default_rng(seed).random(t.n_nodes) + 0.01
    heights = np.zeros(t.n_nodes)
    for v in range(t.n_nodes - 1, -1, -1):
        if t.parent[v] >= 0:
            heights[t.parent[v]] = max(heights[t.parent[v]], heights[v] + steps[v])
    return dict(zip(t.names, heights.tolist(), strict=True))


def caterpillar(n: int) -> Taxonomy:
    r"""n0 -> leaf0 n1,  n1 -> leaf1 n2, ..."""
    return from_edges([(f"n{i}", f"{k}{j}") for i in range(n) for k, j in (("leaf", i), ("n", i + 1))])


SHAPES = {
    "one class": flat(["a"]),
    "flat forest": flat([f"c{i}" for i in range(70)]),
    "star": from_edges([("r", f"c{i}") for i in range(300)]),
    "chain": from_edges([("a", "b"), ("b", "c"), ("c", "d")]),
    "caterpillar": caterpillar(120),
    "bush": random_tree(400, power=2.0),
    "inner classes": random_tree(60).with_classes([str(i) for i in (5, 3, 0, 17, 59, 20, 21, 1)]),
}


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> Taxonomy:
    return SHAPES[request.param]


def vectors(n: int, *batch: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, *batch))


def matrices(t: Taxonomy) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """S, E and M, written down."""
    return class_similarity(t), np.asarray(embed(t, dtype="float64").vectors), embed(t, "nodes").dense(np.float64)


def assert_products(t: Taxonomy, *batch: int) -> None:
    S, E, M = matrices(t)
    exact, nodes = ClassOperator.of(t), NodeBasis.of(t)
    x, f = vectors(len(S), *batch), vectors(M.shape[1], *batch)
    for found, wanted in (
        (exact.scores(x), E @ x),
        (exact.combine(x), E.T @ x),
        (exact.gram(x), S @ x),
        (nodes.scores(f), M @ f),
        (nodes.combine(x), M.T @ x),
    ):
        assert found.dtype == np.float64
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(exact.solve(x), np.linalg.solve(S, x), rtol=1e-8, atol=1e-9)


@given(hierarchies, st.sampled_from([(), (1,), (3,)]))
def test_products_are_those_of_the_matrices(t: Taxonomy, batch: tuple[int, ...]) -> None:
    assert_products(t, *batch)


def test_products_for_trees_of_all_shapes(shape: Taxonomy) -> None:
    assert_products(shape)
    assert_products(shape, 2)


def test_worked_out_by_hand(zoo: Taxonomy) -> None:
    # Classes cat, gull, barn, snowy; height 3, s(gull, owls) = 1/3, s(barn, snowy) = 2/3, s(cat, all) = 0.
    o = ClassOperator.of(zoo)
    assert o.gram([1, 3, 0, 0]).round(12).tolist() == [1, 3, 1, 1]
    # Columns cat, barn, snowy, gull. barn = (0, 1, 0, 0), so scores of its axis are the similarities to barn.
    np.testing.assert_allclose(o.scores([0, 1, 0, 0]), [0, 1 / 3, 1, 2 / 3], atol=1e-15)
    np.testing.assert_allclose(o.combine([0, 0, 1, 0]), [0, 1, 0, 0], atol=1e-15)
    # det: 1 for the cat, times that of barn and snowy, 1 - 4/9 = 5/9, times 1 - 2/15 = 13/15 for the gull, of which
    # b' A^-1 b = (1/3)^2 * 1' A^-1 1 = 1/9 * 6/5 = 2/15 is explained.
    assert o.log_det == pytest.approx(np.log(5 / 9 * 13 / 15), abs=1e-14)
    np.testing.assert_allclose(o.diagonal, [1, np.sqrt(13 / 15), 1, np.sqrt(5 / 9)], atol=1e-15)
    # barn - snowy is an eigenvector: 1 - 2/3.
    assert o.least_eigenvalue == pytest.approx(1 / 3, abs=1e-15)
    # Axes: what has weight; all weights are 1/3 but those of the cat, 1, and the gull, 2/3.
    n = NodeBasis.of(zoo)
    assert [zoo.names[n.tree.node[v]] for v in n.axes] == ["cat", "bird", "owl", "gull", "barn", "snowy"]
    np.testing.assert_allclose(n.lengths**2, [1, 1 / 3, 1 / 3, 2 / 3, 1 / 3, 1 / 3], atol=1e-15)
    assert (n.scores([0, 0, 1, 0, 0, 0]) > 0).tolist() == [False, False, True, True]


@given(hierarchies)
@quick
def test_scores_and_combine_are_transposes(t: Taxonomy) -> None:
    for operator, n in ((ClassOperator.of(t), t.n_classes), (NodeBasis.of(t), NodeBasis.of(t).dim)):
        x, y = vectors(n, seed=1), vectors(t.n_classes, seed=2)
        assert operator.scores(x) @ y == pytest.approx(x @ operator.combine(y), rel=1e-11, abs=1e-11)


@given(hierarchies)
@quick
def test_both_factors_give_the_similarities(t: Taxonomy) -> None:
    y = vectors(t.n_classes)
    exact, nodes = ClassOperator.of(t), NodeBasis.of(t)
    np.testing.assert_allclose(exact.scores(exact.combine(y)), exact.gram(y), atol=1e-12)
    np.testing.assert_allclose(nodes.scores(nodes.combine(y)), exact.gram(y), atol=1e-12)


@given(hierarchies)
@quick
def test_log_det_and_diagonal(t: Taxonomy) -> None:
    S, E, _ = matrices(t)
    o = ClassOperator.of(t)
    assert o.log_det == pytest.approx(np.linalg.slogdet(S)[1], abs=1e-10)
    np.testing.assert_allclose(o.diagonal, E[np.arange(len(E)), o.tree.column_of], atol=1e-15)


@given(hierarchies, st.data())
@quick
def test_rows_are_those_of_the_matrices(t: Taxonomy, data: st.DataObject) -> None:
    _, E, M = matrices(t)
    some = data.draw(st.lists(st.integers(0, t.n_classes - 1), max_size=5))
    np.testing.assert_array_equal(ClassOperator.of(t).rows(some), E[some])
    np.testing.assert_array_equal(NodeBasis.of(t).rows(some), M[some])


def test_precision_of_results(zoo: Taxonomy) -> None:
    o, n = ClassOperator.of(zoo), NodeBasis.of(zoo)
    for dtype, wanted in (("float32", "float32"), ("float64", "float64"), ("float16", "float32"), ("int64", "float64")):
        x = np.arange(4, dtype=dtype)
        assert {r.dtype.name for r in (o.scores(x), o.combine(x), o.gram(x), o.solve(x), n.combine(x))} == {wanted}
        np.testing.assert_allclose(o.solve(o.gram(x)), [0, 1, 2, 3], atol=1e-6)
    assert o.rows([1], "float32").dtype == n.rows([1], "float32").dtype == np.float32


def test_float32_loses_nothing_but_its_own_digits() -> None:
    t = random_tree(3000)
    o = ClassOperator.of(t)
    x = vectors(t.n_classes, 2).astype(np.float32)
    for product in (o.scores, o.combine, o.gram, o.solve):
        np.testing.assert_allclose(product(x), product(x.astype(np.float64)), rtol=1e-6)


def test_arguments_are_not_changed(zoo: Taxonomy) -> None:
    o, n = ClassOperator.of(zoo), NodeBasis.of(zoo)
    x, f = np.ones(4), np.ones(6)
    for product in (o.scores, o.combine, o.gram, o.solve, n.combine):
        product(x)
    n.scores(f)
    assert (x == 1).all()
    assert (f == 1).all()


@pytest.mark.parametrize("shape", [(), (3,), (5, 4), (4, 1, 1)])
def test_other_shapes_are_refused(zoo: Taxonomy, shape: tuple[int, ...]) -> None:
    o = ClassOperator.of(zoo)
    for product in (o.combine, o.gram, o.solve, NodeBasis.of(zoo).combine):
        with pytest.raises(TaxoError, match=r"has no entry for each class: \(4,\) or \(4, batch\) is needed"):
            product(np.ones(shape))
    with pytest.raises(TaxoError, match="has no entry for each column"):
        o.scores(np.ones(shape))
    with pytest.raises(TaxoError, match=r"has no entry for each axis: \(6,\) or \(6, batch\)"):
        NodeBasis.of(zoo).scores(np.ones(shape))


def test_other_faults_of_callers(zoo: Taxonomy, diamond: Taxonomy) -> None:
    o = ClassOperator.of(zoo)
    with pytest.raises(TaxoError, match="takes real numbers, not an array of complex128"):
        o.gram(np.ones(4) * 1j)
    for rows_of in (o.rows, NodeBasis.of(zoo).rows):
        with pytest.raises(TaxoError, match="there is no class 4: the 4 classes are 0 to 3"):
            rows_of([1, 4])
        with pytest.raises(TaxoError, match="there is no class -1"):
            rows_of([-1])
        with pytest.raises(TaxoError, match="places in the class order, not float64"):
            rows_of([0.5])
    with pytest.raises(NotEmbeddable, match="'pet' has parents"):
        ClassOperator.of(diamond)
    with pytest.raises(TaxoError, match="heights are for a hierarchy; a Target has its own"):
        NodeBasis.of(Target(zoo), heights="information")


def test_made_from_a_hierarchy_a_target_or_a_tree(zoo: Taxonomy) -> None:
    y = vectors(4)
    target = Target(zoo, kind="information")
    wanted = target.matrix() @ y
    for operator in (
        ClassOperator.of(zoo, heights="information"),
        ClassOperator.of(target),
        ClassOperator.of(target.tree),
    ):
        np.testing.assert_allclose(operator.gram(y), wanted, atol=1e-14)
    assert repr(operator) == "ClassOperator(4 classes, 8 nodes)"
    assert repr(NodeBasis.of(zoo)) == "NodeBasis(4 classes, 6 axes)"


@given(trees(max_nodes=30, plain=True), st.integers(0, 100))
@quick
def test_any_heights(t: Taxonomy, seed: int) -> None:
    heights = random_heights(t, seed)
    target = Target(t, kind=heights)
    S, o = target.matrix(), ClassOperator.of(t, heights=heights)
    y = vectors(len(S))
    np.testing.assert_allclose(o.gram(y), S @ y, atol=1e-12)
    np.testing.assert_allclose(o.scores(o.combine(y)), S @ y, atol=1e-12)
    np.testing.assert_allclose(S @ o.solve(y), y, atol=1e-9)
    assert o.least_eigenvalue == pytest.approx(np.linalg.eigvalsh(S)[0], rel=1e-8, abs=1e-12)


def test_a_node_of_height_0_above_a_single_class() -> None:
    # p is as similar to itself as a leaf is: s_p = 1, and 1 - s_p p_a = 0.
    t = from_edges([("r", "p"), ("p", "a"), ("r", "q"), ("q", "b"), ("q", "c")])
    heights = {"r": 2, "p": 0, "q": 1}
    o = ClassOperator.of(t, heights=heights)
    S = np.array([[1, 0, 0], [0, 1, 0.5], [0, 0.5, 1]])
    np.testing.assert_allclose(o.solve(np.eye(3)), np.linalg.inv(S), atol=1e-15)
    np.testing.assert_allclose(o.gram(np.eye(3)), S, atol=1e-15)
    assert embed(t, heights=heights).max_deviation < 1e-15


# --- The least eigenvalue


@given(hierarchies)
@quick
def test_the_least_eigenvalue_is_that_of_the_matrix(t: Taxonomy) -> None:
    found = ClassOperator.of(t).least_eigenvalue
    assert found == pytest.approx(np.linalg.eigvalsh(class_similarity(t))[0], abs=1e-12)


def test_the_least_eigenvalue_for_trees_of_all_shapes(shape: Taxonomy) -> None:
    wanted = np.linalg.eigvalsh(class_similarity(shape))[0]
    o = ClassOperator.of(shape)
    assert o.least_eigenvalue == pytest.approx(wanted, abs=1e-12)
    if shape.n_classes > 1:
        assert lanczos(o.factor) == pytest.approx(wanted, rel=1e-8)


def test_siblings_tell_the_least_eigenvalue_or_nothing(zoo: Taxonomy) -> None:
    assert least_of_siblings(class_tree(zoo)) == pytest.approx(1 / 3)
    assert least_of_siblings(class_tree(zoo.with_classes(["gull", "barn"]))) is None
    t = random_tree(800)
    tree = Target(t, kind=random_heights(t)).tree
    assert t.n_classes > 300
    assert least_of_siblings(tree) is None
    S = Target(t, kind=random_heights(t)).matrix()
    assert ClassOperator.of(tree).least_eigenvalue == pytest.approx(np.linalg.eigvalsh(S)[0], rel=1e-8)


def test_lanczos_that_does_not_converge_gives_none(monkeypatch: pytest.MonkeyPatch) -> None:
    t = random_tree(800)
    o = ClassOperator.of(t, heights=random_heights(t))
    monkeypatch.setattr("taxo.embeddings.operators_eigen._STEPS", 3)
    monkeypatch.setattr("taxo.embeddings.operators_eigen._RESTARTS", 1)
    assert o.least_eigenvalue is None


@pytest.mark.parametrize("n", [650, 2200])
def test_verification_of_larger_trees_knows_the_least_eigenvalue(n: int) -> None:
    t = random_tree(n)
    for heights in ("levels", random_heights(t)):
        target = Target(t, kind=heights)  # type: ignore[arg-type]
        found = verify(NodeBasis.of(target).rows(np.arange(t.n_classes)), target).least_eigenvalue
        assert found == pytest.approx(np.linalg.eigvalsh(target.matrix())[0], rel=1e-7)


def test_verification_where_there_is_no_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two classes that meet at height 0 are the same: S is singular, and the tree has no factor.
    t = from_edges([("r", "p"), ("p", "a"), ("p", "b"), ("r", "c")])
    target = Target(t, kind={"r": 1, "p": 0})
    monkeypatch.setattr("taxo.embeddings.verification._LIGHT_CLASSES", 0)
    assert verify(np.eye(3), target).least_eigenvalue == pytest.approx(0, abs=1e-15)
    monkeypatch.setattr("taxo.embeddings.verification._EIGEN_CLASSES", 0)
    assert verify(np.eye(3), target).least_eigenvalue is None
    assert verify(np.eye(3), Target(t, "wup")).least_eigenvalue is None
    # Too many levels for the Lanczos method: what the siblings tell is still told.
    monkeypatch.setattr("taxo.embeddings.verification._LANCZOS_LEVELS", 1)
    assert verify(np.eye(3), Target(t)).least_eigenvalue == 0.5


# --- Sums over siblings


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40), st.booleans())
def test_sums_before_and_after(groups: list[int], batch: bool) -> None:
    together = rows(np.sort(groups), np.arange(len(groups)), 6)
    values = vectors(len(groups), 2) if batch else vectors(len(groups))
    before, after = sums_before(values, together), sums_after(values, together)
    for low, high in zip(together.start[:-1], together.start[1:], strict=True):
        for i in range(low, high):
            np.testing.assert_allclose(before[i], values[low:i].sum(axis=0), atol=1e-14)
            np.testing.assert_allclose(after[i], values[i + 1 : high].sum(axis=0), atol=1e-14)


def test_sums_of_small_numbers_beside_large_ones_keep_their_digits() -> None:
    for n in (5, 200):
        values = np.concatenate([np.full(n, 1e12), np.full(n, 1e-3)])
        together = rows(np.repeat([0, 1], n), np.arange(2 * n), 2)
        np.testing.assert_allclose(sums_before(values, together)[n:], 1e-3 * np.arange(n), rtol=1e-12)
        np.testing.assert_allclose(sums_after(values[::-1], together)[:n], 1e-3 * np.arange(n)[::-1], rtol=1e-12)


def test_many_classes_take_no_matrix() -> None:
    t = random_tree(100_000, power=0.7)
    o = ClassOperator.of(t)
    y = vectors(t.n_classes)
    assert t.n_classes > 40_000  # a matrix would take 13 GB
    np.testing.assert_allclose(o.solve(o.gram(y)), y, atol=1e-9)
    np.testing.assert_allclose(o.scores(o.combine(y)), o.gram(y), atol=1e-9)
    assert o.diagonal.min() > 0
