"""Nodes with several parents: refused, or one of the two ways out with its distance."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import dags

from taxo.embeddings import Embedding, check, embed, load
from taxo.embeddings.dags import Distance, Way, distance, parse_way
from taxo.embeddings.target import Target
from taxo.taxonomy import STRATEGIES, NotEmbeddable, TaxoError, Taxonomy, class_similarity, from_edges, reduce


@pytest.fixture
def tomato() -> Taxonomy:
    r"""A DAG whose similarities are no dot products; heights in brackets.

                 thing [4]
                 /       \
           plant [3]    food [3]
              |            |
          organ [2]     dish [2]
              |            |
          fruit [1]  vegetable [1]
            /   \        /   \
        apple   tomato     carrot

    s(apple, tomato) = s(tomato, carrot) = 3/4, s(apple, carrot) = 0: least eigenvalue 1 - 3/4 * sqrt(2).
    """
    edges = ["thing plant", "thing food", "plant organ", "food dish", "organ fruit", "dish vegetable"]
    edges += ["fruit apple", "fruit tomato", "vegetable tomato", "vegetable carrot"]
    return from_edges([tuple(e.split()) for e in edges], name="tomato")  # type: ignore[misc]


def gram(e: Embedding) -> np.ndarray:
    vectors = e.dense()
    return np.asarray(vectors @ vectors.T)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


REFUSAL = (
    "hierarchy 'diamond' is a DAG, whose similarities need not be dot products: 1 of 8 nodes have several parents: "
    "'pet' has parents 'living', 'owned'; make a tree of it (taxo reduce, or at once with build-embeddings --dag "
    "reduce), or take the nearest similarities that are dot products (build-embeddings --dag nearest-psd)"
)


@pytest.mark.parametrize("method", ["exact", "cholesky", "nodes", "spectral", "mds", "spheres"])
def test_refused_with_the_nodes_and_the_two_ways_out(diamond: Taxonomy, method: str) -> None:
    # Even though the similarities of this very DAG happen to be dot products.
    assert np.linalg.eigvalsh(class_similarity(diamond))[0] > 0.3
    with pytest.raises(NotEmbeddable) as refused:
        embed(diamond, method, dim=2 if method == "spectral" else None)
    assert str(refused.value) == REFUSAL


@pytest.mark.parametrize("measure", ["wup", "path", "lin", "resnik"])
def test_refused_for_other_measures_too(diamond: Taxonomy, measure: str) -> None:
    with pytest.raises(NotEmbeddable) as refused:
        embed(diamond, measure=measure)
    assert str(refused.value) == REFUSAL


def test_one_wording_in_all_places(diamond: Taxonomy) -> None:
    from taxo.embeddings.class_tree import class_tree

    for refuse in (Target(diamond).refuse_dag, lambda: class_tree(diamond), lambda: Target(diamond).tree):
        with pytest.raises(NotEmbeddable) as refused:
            refuse()
        assert str(refused.value) == REFUSAL


def test_what_does_not_go_by_similarities_takes_a_dag_as_it_is(diamond: Taxonomy) -> None:
    e = embed(diamond, "onehot")
    assert e.recipe.dag == ""
    assert e.max_deviation == pytest.approx(2 / 3)  # cat and dog


def test_reduce(diamond: Taxonomy, caplog: pytest.LogCaptureFixture) -> None:
    e = embed(diamond, dag="reduce")
    tree = reduce(diamond).taxonomy
    np.testing.assert_allclose(gram(e), class_similarity(tree), atol=1e-15)
    # pet loses owned: car has 1/3 in common with cat and with dog no longer. Of 6 pairs these 2 change by 1/3; the
    # deviation is over the 16 entries of S.
    assert messages(caplog) == [
        "reduce:min-change: 1 parent dropped: 'owned' of 'pet'",
        "2 of 6 pairs of classes (33.3%) change their similarity; by 0.1111 in the mean over all, by 0.3333 at most",
    ]
    assert e.max_deviation == pytest.approx(1 / 3)
    assert e.mean_deviation == pytest.approx(4 / 3 / 16)
    assert e.recipe.dag == "reduce:min-change"
    assert e.fingerprint == diamond.fingerprint
    assert e.verification.least_eigenvalue == pytest.approx(np.linalg.eigvalsh(class_similarity(diamond))[0])


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("method", ["exact", "cholesky", "nodes"])
def test_reduce_by_every_strategy_and_method(diamond: Taxonomy, strategy: str, method: str) -> None:
    e = embed(diamond, method, dag=f"reduce:{strategy}")
    tree = reduce(diamond, strategy).taxonomy
    np.testing.assert_allclose(gram(e), class_similarity(tree), atol=1e-15)
    assert e.recipe.dag == f"reduce:{strategy}"
    assert e.axes == embed(tree, method).axes


def test_many_dropped_parents_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    edges = [("r", "a"), ("r", "b"), *((p, f"x{i}") for i in range(5) for p in "ab"), ("b", "y")]
    embed(from_edges(edges), dag="reduce")
    assert messages(caplog)[0] == (
        "reduce:min-change: 5 parents dropped: 'a' of 'x0', 'a' of 'x1', 'a' of 'x2' and 2 more; 1 node removed, above "
        "no class then"
    )


@pytest.mark.parametrize(("measure", "ic"), [("wup", None), ("path", None), ("lin", "sanchez"), ("resnik", "seco")])
def test_reduce_with_another_measure(
    diamond: Taxonomy, measure: str, ic: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    e = embed(diamond, measure=measure, ic=ic, dag="reduce")
    on_tree = Target(reduce(diamond).taxonomy, measure, ic=ic).matrix()
    on_dag = Target(diamond, measure, ic=ic).matrix()
    np.testing.assert_allclose(gram(e), on_tree, atol=1e-14)
    change = np.abs(on_tree - on_dag)
    assert e.max_deviation == pytest.approx(change.max())
    assert e.mean_deviation == pytest.approx(change.mean())
    pairs = change[np.triu_indices(4, 1)]
    assert f"by {pairs.mean():.4f} in the mean over all, by {pairs.max():.4f} at most" in messages(caplog)[-1]


def test_reduce_by_heights_of_ones_own(diamond: Taxonomy) -> None:
    heights = {"thing": 4.0, "living": 3.0, "owned": 2.0, "pet": 1.0}
    e = embed(diamond, heights=heights, dag="reduce")
    s = gram(e)
    cat, dog, wild, car = (e.classes.index(c) for c in ("cat", "dog", "wild", "car"))
    assert s[cat, dog] == pytest.approx(3 / 4)
    assert s[cat, wild] == pytest.approx(1 / 4)
    assert e.max_deviation == pytest.approx(1 / 2)  # car and cat met at owned, whose height is 2
    assert s[car, cat] == pytest.approx(0)


def test_nearest_psd(tomato: Taxonomy, caplog: pytest.LogCaptureFixture) -> None:
    e = embed(tomato, dag="nearest-psd")
    # By symmetry the nearest matrix is [[1, a, b], [a, 1, a], [b, a, 1]] with b = 2a^2 - 1 and 4a^3 - a - 3/4 = 0.
    a = np.roots([4, 0, -1, -3 / 4]).real.max()
    b = 2 * a**2 - 1
    apple, tomato_, carrot = (e.classes.index(c) for c in ("apple", "tomato", "carrot"))
    s = gram(e)
    assert (s[apple, tomato_], s[tomato_, carrot], s[apple, carrot]) == pytest.approx((a, a, b))
    assert e.dim == 2
    assert e.axes == ("eigenvector 1", "eigenvector 2")
    assert e.verification.least_eigenvalue == pytest.approx(1 - 3 / 4 * np.sqrt(2))
    assert e.max_deviation == pytest.approx(max(3 / 4 - a, b))
    assert e.mean_deviation == pytest.approx((4 * (3 / 4 - a) + 2 * b) / 9)
    assert e.recipe.dag == "nearest-psd"
    frobenius = np.sqrt(4 * (3 / 4 - a) ** 2 + 2 * b**2)
    assert messages(caplog) == [
        "nearest-psd: the similarities are no dot products, the least eigenvalue of their matrix is -0.0607; the nearest "
        f"that are differ by {(2 * (3 / 4 - a) + b) / 3:.2g} in the mean over all pairs of classes, by {3 / 4 - a:.2g} at "
        f"most ({frobenius:.3g} in the Frobenius norm)"
    ]


def test_nearest_psd_of_similarities_that_are_dot_products(diamond: Taxonomy, caplog: pytest.LogCaptureFixture) -> None:
    e = embed(diamond, dag="nearest-psd")
    np.testing.assert_allclose(gram(e), class_similarity(diamond), atol=1e-15)
    assert e.axes == diamond.classes
    assert messages(caplog) == [
        "nearest-psd: the similarities are dot products already (least eigenvalue 0.333); nothing was changed"
    ]


def test_nearest_psd_names_classes_that_fall_together(caplog: pytest.LogCaptureFixture) -> None:
    chains = [(f"x{i}", f"x{i + 1}") for i in range(37)] + [(f"y{i}", f"y{i + 1}") for i in range(38)]
    edges = [("r", "x0"), ("r", "y0"), *chains, ("x37", "q"), ("q", "p"), ("p", "orange"), ("p", "lemon")]
    edges += [("q", "lime"), ("y38", "lime"), ("y38", "soap")]
    t = from_edges(edges)
    e = embed(t, dag="nearest-psd")
    s = gram(e)
    assert s[e.classes.index("orange"), e.classes.index("lemon")] == pytest.approx(1)
    assert messages(caplog)[1] == (
        "nearest-psd: 1 pair of classes with the same vector, which cannot be told apart: 'orange' and 'lemon'; "
        "--dag reduce keeps them apart"
    )


def test_methods_with_nearest_psd(tomato: Taxonomy) -> None:
    exact, spectral = embed(tomato, dag="nearest-psd"), embed(tomato, dim=2, dag="nearest-psd")
    assert spectral.max_deviation == pytest.approx(exact.max_deviation)
    np.testing.assert_allclose(spectral.vectors, exact.vectors, atol=1e-14)
    refusals = {
        "cholesky": "is singular and has no Cholesky factor; take exact",
        "nodes": "with --dag nearest-psd take exact, cholesky or spectral",
        "mds": "the distances of the method mds stand for 1 - s",
        "spheres": "the distances of the method spheres stand for 1 - s",
    }
    for method, message in refusals.items():
        with pytest.raises(NotEmbeddable, match=message):
            embed(tomato, method, dag="nearest-psd")


@given(dags(), st.sampled_from(["reduce", "reduce:shortest", "reduce:longest", "nearest-psd"]))
def test_never_nan_always_unit_rows_and_the_deviation_is_the_distance(t: Taxonomy, way: str) -> None:
    e = embed(t, dag=way)
    assert np.isfinite(e.dense()).all()
    assert e.verification.max_norm_error is not None
    assert e.verification.max_norm_error < 1e-14
    difference = np.abs(gram(e) - class_similarity(t))
    assert e.max_deviation == pytest.approx(difference.max(), abs=1e-15)
    assert e.mean_deviation == pytest.approx(difference.mean(), abs=1e-15)
    assert e.recipe.dag == ("" if t.is_tree else str(parse_way(way)))


@given(dags(), st.sampled_from(STRATEGIES))
def test_nothing_is_nearer_than_nearest_psd(t: Taxonomy, strategy: str) -> None:
    s = class_similarity(t)
    nearest, tree = embed(t, dag="nearest-psd"), embed(t, dag=f"reduce:{strategy}")
    assert np.linalg.norm(gram(nearest) - s) <= np.linalg.norm(gram(tree) - s) + 1e-9


@given(dags(), st.sampled_from(STRATEGIES))
def test_the_distance_is_that_of_taxo_reduce(t: Taxonomy, strategy: str) -> None:
    made = reduce(t, strategy)
    found, known = distance(Target(t), Target(made.taxonomy)), made.effect
    assert (found.pairs, found.changed) == (known.pairs, known.changed)
    assert (found.mean, found.largest) == pytest.approx((known.mean_change, known.max_change))
    assert found.sentence() == known.lines()[0]


def test_distances_of_many_classes_are_sampled(diamond: Taxonomy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taxo.embeddings.dags._ALL_PAIRS", 3)
    found = distance(Target(diamond), Target(reduce(diamond).taxonomy))
    assert found.sampled
    assert found.changed / found.pairs == pytest.approx(1 / 3, abs=0.01)
    assert found.mean == pytest.approx(1 / 9, abs=0.01)
    assert "of a random sample of 262144 pairs of classes" in found.sentence()
    assert Distance(0, 0, 0.0, 0.0).sentence().startswith("0 of 0 pairs of classes change")


def test_a_tree_is_left_alone(zoo: Taxonomy, caplog: pytest.LogCaptureFixture) -> None:
    for way in ("reduce:longest", "nearest-psd"):
        e = embed(zoo, dag=way)
        assert e == embed(zoo)
        assert e.recipe.dag == ""
    assert messages(caplog) == []


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("refuse", Way("refuse")),
        ("reduce", Way("reduce", "min-change")),
        ("reduce:longest", Way("reduce", "longest")),
        ("nearest-psd", Way("nearest-psd")),
    ],
)
def test_ways(text: str, way: Way) -> None:
    assert parse_way(text) == way
    assert parse_way(str(way)) == way


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "nearest-pds",
            r"unknown way with a DAG 'nearest-pds'; did you mean 'nearest-psd'\?; known are refuse, reduce, ",
        ),
        ("nearest-psd:x", "unknown way with a DAG 'nearest-psd:x'"),
        ("refuse:", "unknown way with a DAG 'refuse:'"),
        (
            "reduce:short",
            r"unknown strategy 'short'; did you mean 'shortest'\?; known are min-change, shortest, longest",
        ),
        ("reduce:", "unknown strategy ''"),
    ],
)
def test_unknown_ways_are_refused_on_trees_too(zoo: Taxonomy, text: str, message: str) -> None:
    with pytest.raises(TaxoError, match=message):
        embed(zoo, dag=text)


@pytest.mark.parametrize("way", ["reduce", "nearest-psd"])
def test_check_finds_what_is_stored(tomato: Taxonomy, tmp_path: Path, way: str) -> None:
    embed(tomato, dag=way).save(tmp_path / "e.npz")
    stored = load(tmp_path / "e.npz")
    found = check(stored, tomato)
    assert (found.max_deviation, found.mean_deviation) == (stored.max_deviation, stored.mean_deviation)
    assert found.max_deviation > 0.03
    assert stored.recipe.dag == str(parse_way(way))
    assert stored.verification.least_eigenvalue == pytest.approx(1 - 3 / 4 * np.sqrt(2))


def test_check_against_the_tree_that_was_made(diamond: Taxonomy) -> None:
    found = check(embed(diamond, dag="reduce:longest"), reduce(diamond, "longest").taxonomy)
    assert found.max_deviation < 1e-15


def test_too_many_classes_for_the_memory(tomato: Taxonomy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sysconf", lambda name: {"SC_PHYS_PAGES": 1, "SC_PAGE_SIZE": 512}[name])
    assert embed(tomato, dag="reduce").dim == 3
    with pytest.raises(NotEmbeddable, match="the matrix of the similarities of 3 classes and its factors need about"):
        embed(tomato, dag="nearest-psd")
