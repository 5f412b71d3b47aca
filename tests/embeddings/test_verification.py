"""What is measured after an embedding is made, on all pairs and on a sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import dags, trees

from taxo.embeddings import check, embed, verify
from taxo.embeddings.target import Target
from taxo.embeddings.verification import norms, sample_classes
from taxo.hierarchies import load
from taxo.taxonomy import TaxoError, Taxonomy, class_similarity, from_edges, get_measure


def test_worked_out_by_hand(zoo: Taxonomy) -> None:
    # One-hot vectors: off the diagonal S holds 2/3 once, 1/3 twice, each in both directions.
    found = verify(np.eye(4), Target(zoo))
    assert found.max_deviation == pytest.approx(2 / 3)
    assert found.mean_deviation == pytest.approx(8 / 3 / 16)
    assert found.max_norm_error == 0
    assert found.pairs is None
    # S = [1] + [[1, 1/3, 1/3], [1/3, 1, 2/3], [1/3, 2/3, 1]]; the contrast of barn and snowy has eigenvalue 1 - 2/3.
    assert found.least_eigenvalue == pytest.approx(1 / 3)


def test_distances_instead_of_dot_products(zoo: Taxonomy) -> None:
    # One-hot vectors are sqrt(2) apart; the dissimilarities are 1/3, 2/3 and 1: barn and snowy are furthest off.
    found = verify(np.eye(4), Target(zoo), distances=True)
    assert found.max_deviation == pytest.approx(np.sqrt(2) - 1 / 3)
    sampled = verify(np.eye(4), Target(zoo), distances=True, pairs=6)
    assert sampled.max_deviation == pytest.approx(found.max_deviation)
    assert sampled.mean_deviation == pytest.approx(found.mean_deviation * 16 / 12)  # the diagonal is no pair


@given(trees(max_nodes=25), st.integers(1, 400), st.integers(0, 5))
def test_a_sample_is_no_worse_than_everything(t: Taxonomy, pairs: int, seed: int) -> None:
    vectors = embed(t, "onehot").vectors
    everything = verify(vectors, Target(t))
    sampled = verify(vectors, Target(t), pairs=pairs, seed=seed)
    assert sampled.max_deviation <= everything.max_deviation
    assert sampled.pairs is not None
    assert sampled.pairs <= t.n_classes * (t.n_classes - 1) // 2
    if 2 * pairs >= t.n_classes**2:  # then all classes are in it
        assert sampled.max_deviation == everything.max_deviation


def test_a_sample_sees_every_level() -> None:
    t = load("nab")
    some = sample_classes(Target(t), 120, seed=3)
    assert len(some) == len(set(some.tolist())) <= 120
    seen = np.unique(class_similarity(t)[np.ix_(some, some)])
    assert seen.tolist() == [0, 0.25, 0.5, 0.75, 1]
    np.testing.assert_array_equal(some, sample_classes(Target(t), 120, seed=3))
    assert not np.array_equal(some, sample_classes(Target(t), 120, seed=4))


def test_a_wrong_vector_is_found_in_a_sample_too() -> None:
    t = load("cub-deep")
    vectors = embed(t).dense()
    vectors[7] = vectors[8]
    assert verify(vectors, Target(t), pairs=10_000).max_deviation > 0.1
    assert verify(vectors, Target(t)).max_deviation > 0.1


@pytest.mark.parametrize("method", ["exact", "nodes"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_norms_are_measured_in_double_precision(method: str, dtype: str) -> None:
    e = embed(load("cub-deep"), method, dtype=dtype)
    expected = np.linalg.norm(e.dense(np.float64), axis=1)
    np.testing.assert_allclose(norms(e.vectors), expected, rtol=0, atol=1e-15)


def test_norms_of_empty_rows() -> None:
    from scipy.sparse import csr_array

    rows = csr_array(np.array([[0.0, 0, 0], [3, 4, 0], [0, 0, 0], [0, 0, 1]], dtype=np.float32))
    assert norms(rows).tolist() == [0, 5, 0, 1]


@given(dags())
def test_blocks_pairs_and_matrix_agree(t: Taxonomy) -> None:
    n = t.n_classes
    a, b = np.divmod(np.arange(n * n), n)
    for target in (Target(t), Target(t, "wup"), Target(t, kind="information")):
        matrix = target.matrix()
        np.testing.assert_allclose(target.pairs(a, b).reshape(n, n), matrix, atol=1e-15)
        np.testing.assert_allclose(target.between(np.arange(n), np.arange(n)), matrix, atol=1e-15)
        np.testing.assert_allclose(target.block(slice(1, 3)), matrix[1:3], atol=1e-15)
        assert (np.diag(matrix) == 1).all()


def test_resnik_in_nats_is_scaled_to_one(zoo: Taxonomy) -> None:
    target = Target(zoo, "resnik", ic="sanchez")
    nodes = zoo.class_nodes
    raw = get_measure("resnik", ic="sanchez")(zoo, nodes[[2]], nodes[[3]])
    assert target.pairs(np.array([2]), np.array([3])) == pytest.approx(raw / np.log(5))


def test_what_does_not_go_together(zoo: Taxonomy) -> None:
    with pytest.raises(TaxoError, match="heights are for the measure lcs-height only; 'wup' uses none"):
        embed(zoo, measure="wup", heights="information")
    with pytest.raises(
        TaxoError, match="measure 'lcs-height' uses no information content; ic is for lin and resnik only"
    ):
        embed(zoo, ic="seco")


def test_check_goes_by_what_the_embedding_was_made_for(zoo: Taxonomy) -> None:
    assert check(embed(zoo, heights="information"), zoo).max_deviation < 1e-15
    assert check(embed(zoo, measure="lin", ic="sanchez"), zoo).max_deviation < 1e-15
    assert check(embed(zoo, heights="information"), zoo, heights="levels").max_deviation > 0.01
    heights = {"animal": 5, "bird": 3, "owl": 1}
    own = embed(zoo, heights=heights)
    assert own.recipe.heights == "given"
    with pytest.raises(TaxoError, match="made for heights of your own"):
        check(own, zoo)
    assert check(own, zoo, heights=heights).max_deviation < 1e-15
    assert check(embed(zoo), zoo, pairs=3).pairs == 3


def test_which_pairs_are_looked_at_by_default() -> None:
    # All pairs of few classes; of many, a sample: also where the vectors are sparse and their products cheap.
    few, many = (from_edges([("r", f"c{i}") for i in range(n)]) for n in (2000, 10_001))
    assert embed(few, "nodes").verification.pairs is None
    assert embed(many, "nodes").verification.pairs == pytest.approx(2**18, rel=0.1)
