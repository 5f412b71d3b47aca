"""Embeddings for the measures other than lcs-height, which go through the matrix of similarities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import attributed, trees

from taxo.embeddings import Embedding, check, embed
from taxo.embeddings.target import Target
from taxo.hierarchies import load
from taxo.taxonomy import MEASURES, NotEmbeddable, TaxoError, Taxonomy, flat, from_edges, get_measure

OTHERS = [("wup", None), ("path", None), *((m, ic) for m in ("lin", "resnik") for ic in ("seco", "sanchez"))]


def gram(e: Embedding) -> np.ndarray:
    vectors = e.dense()
    return np.asarray(vectors @ vectors.T)


def by_definition(t: Taxonomy, measure: str, ic: str | None) -> np.ndarray:
    """What `taxo similarity` says about every pair; Resnik's in nats over its largest value; 1 on the diagonal."""
    n = t.n_classes
    a, b = (t.class_nodes[i.ravel()] for i in np.indices((n, n)))
    s = get_measure(measure, ic=ic)(t, a, b).reshape(n, n)
    if (measure, ic) == ("resnik", "sanchez"):
        s /= np.log(len(t.leaves) + 1)
    np.fill_diagonal(s, 1)
    return s


def test_the_values_worked_out_by_hand(zoo: Taxonomy) -> None:
    # cat at depth 1, gull at 2, barn and snowy at 3; owl [3 nodes deep] subsumes barn and snowy, bird [2] gull too.
    cat, gull, barn, snowy = range(4)
    expected = {
        "wup": {(barn, snowy): 6 / 8, (gull, barn): 4 / 7, (cat, gull): 2 / 5, (cat, barn): 2 / 6},
        "path": {(barn, snowy): 1 / 3, (gull, barn): 1 / 4, (cat, gull): 1 / 4, (cat, barn): 1 / 5},
        # 7 nodes; below owl 2, below bird 4: information contents 1 - log 3 / log 7 and 1 - log 5 / log 7.
        "lin": {(barn, snowy): 1 - np.log(3) / np.log(7), (gull, barn): 1 - np.log(5) / np.log(7), (cat, gull): 0},
        "resnik": {(barn, snowy): 1 - np.log(3) / np.log(7), (gull, barn): 1 - np.log(5) / np.log(7), (cat, gull): 0},
    }
    for measure, pairs in expected.items():
        s = gram(embed(zoo, measure=measure))
        for pair, value in pairs.items():
            assert s[pair] == pytest.approx(value, abs=1e-14), (measure, pair)


@given(attributed(trees(max_nodes=30)), st.sampled_from(OTHERS))
def test_every_measure_is_embedded_exactly_on_every_tree(t: Taxonomy, measure: tuple[str, str | None]) -> None:
    name, ic = measure
    s = by_definition(t, name, ic)
    e = embed(t, measure=name, ic=ic)
    np.testing.assert_allclose(gram(e), s, atol=1e-13)
    assert e.dim == t.n_classes  # strictly positive definite: docs/measures.md
    assert np.linalg.eigvalsh(s)[0] > 1e-6
    assert e.axes == embed(t).axes
    assert (e.measure, e.recipe.ic) == (name, (ic or "seco") if name in ("lin", "resnik") else "")


@given(trees(max_nodes=20), st.sampled_from(OTHERS))
def test_every_node_may_be_a_class(t: Taxonomy, measure: tuple[str, str | None]) -> None:
    name, ic = measure
    everything = t.with_classes(t.names)
    e = embed(everything, measure=name, ic=ic)
    np.testing.assert_allclose(gram(e), by_definition(everything, name, ic), atol=1e-13)


@given(trees(max_nodes=20, plain=True), st.sampled_from(OTHERS))
def test_other_methods_give_the_same_dot_products(t: Taxonomy, measure: tuple[str, str | None]) -> None:
    name, ic = measure
    s = by_definition(t, name, ic)
    cholesky = embed(t, "cholesky", measure=name, ic=ic)
    np.testing.assert_allclose(cholesky.vectors, np.linalg.cholesky(s), atol=1e-9)
    assert cholesky.axes == t.classes
    np.testing.assert_allclose(gram(embed(t, dim=t.n_classes, measure=name, ic=ic)), s, atol=1e-12)


@given(trees(max_nodes=30, max_roots=1))
def test_resnik_of_leaves_is_the_similarity_by_information(t: Taxonomy) -> None:
    resnik, heights = embed(t, measure="resnik"), embed(t, heights="information")
    np.testing.assert_allclose(gram(resnik), gram(heights), atol=1e-13)
    assert resnik.axes == heights.axes


@pytest.mark.parametrize(("measure", "ic"), OTHERS)
def test_classes_under_different_roots_have_nothing_in_common(measure: str, ic: str | None) -> None:
    t = from_edges([("r", "a"), ("r", "b"), ("q", "c"), ("q", "d")])
    s = gram(embed(t, measure=measure, ic=ic))
    assert (s[:2, 2:] == 0).all()
    assert s[0, 1] > 0
    np.testing.assert_array_equal(gram(embed(flat(["a", "b"]), measure=measure, ic=ic)), np.eye(2))


@pytest.mark.parametrize("measure", [m for m, _ in OTHERS])
def test_a_single_class(measure: str) -> None:
    assert embed(flat(["a"]), measure=measure).vectors.tolist() == [[1]]


@pytest.mark.parametrize("name", ["cifar100", "cub-deep", "nab"])
@pytest.mark.parametrize(("measure", "ic"), OTHERS)
def test_the_built_in_hierarchies(name: str, measure: str, ic: str | None) -> None:
    t = load(name)
    e = embed(t, measure=measure, ic=ic)
    assert e.dim == t.n_classes
    assert e.max_deviation < 1e-14
    assert e.verification.least_eigenvalue is not None
    assert e.verification.least_eigenvalue > 0.03


def test_check_goes_by_the_measure_of_the_embedding(zoo: Taxonomy) -> None:
    for measure, ic in OTHERS:
        assert check(embed(zoo, measure=measure, ic=ic), zoo).max_deviation < 1e-15


def test_onehot_tells_what_the_measure_would_add(zoo: Taxonomy) -> None:
    assert embed(zoo, "onehot", measure="wup").max_deviation == pytest.approx(6 / 8)


def test_float32_and_a_given_array(zoo: Taxonomy) -> None:
    assert embed(zoo, measure="wup", dtype="float32").vectors.dtype == np.float32
    out = np.zeros((4, 4))
    assert embed(zoo, measure="wup", out=out).vectors is out
    np.testing.assert_allclose(out @ out.T, Target(zoo, "wup").matrix(), atol=1e-15)


def test_rows_in_blocks_are_rows_of_the_matrix(zoo: Taxonomy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taxo.embeddings.target._PAIRS", 5)
    for measure, ic in OTHERS:
        target = Target(zoo, measure, ic=ic)
        np.testing.assert_array_equal(target.block(slice(1, 3)), by_definition(zoo, measure, ic)[1:3])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"measure": "wop"},
            r"unknown measure 'wop'; did you mean 'wup'\?; known are lcs-height, wup, path, lin, resnik",
        ),
        ({"measure": "wup", "ic": "seco"}, "measure 'wup' uses no information content; ic is for lin and resnik only"),
        ({"ic": "seco"}, "measure 'lcs-height' uses no information content; ic is for lin and resnik only"),
        ({"measure": "lin", "ic": "secco"}, r"unknown information content 'secco'; did you mean 'seco'\?"),
        ({"measure": "lin", "heights": "information"}, "heights are for the measure lcs-height only; 'lin' uses none"),
        (
            {"measure": "path", "heights": {"bird": 1.0}},
            "heights are for the measure lcs-height only; 'path' uses none",
        ),
    ],
)
def test_options_that_do_not_go_together(zoo: Taxonomy, options: dict[str, str], message: str) -> None:
    for method in ("exact", "onehot"):
        with pytest.raises(TaxoError, match=message):
            embed(zoo, method, **options)  # type: ignore[arg-type]


def test_the_node_basis_is_for_lcs_height(zoo: Taxonomy) -> None:
    with pytest.raises(
        NotEmbeddable, match="since its axes are the nodes of the tree; with the measure lin take exact"
    ):
        embed(zoo, "nodes", measure="lin")


def test_too_many_classes_for_the_memory(zoo: Taxonomy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sysconf", lambda name: {"SC_PHYS_PAGES": 1, "SC_PAGE_SIZE": 512}[name])
    assert embed(zoo).dim == 4
    with pytest.raises(
        NotEmbeddable, match=r"the matrix of the similarities of 4 classes and its factors need about .*; "
    ):
        embed(zoo, measure="wup")


def test_the_table_of_measures_is_covered() -> None:
    assert {"lcs-height", *(m for m, _ in OTHERS)} == set(MEASURES)
