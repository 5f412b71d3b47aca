"""Embeddings whose distances, not dot products, are those of the hierarchy."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from strategies import attributed, trees

from taxo.embeddings import check, embed, load, verify
from taxo.embeddings.target import Target
from taxo.taxonomy import NotEmbeddable, TaxoError, Taxonomy, class_similarity, flat, from_edges

METHODS = ("mds", "spheres")


def points_of(t: Taxonomy, method: str, **options: object) -> NDArray[np.floating]:
    vectors = embed(t, method, **options).vectors  # type: ignore[arg-type]
    assert isinstance(vectors, np.ndarray)
    return vectors


def distances(points: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.linalg.norm(points[:, None].astype(float) - points.astype(float), axis=2)


def one_by_one(d: NDArray[np.float64]) -> NDArray[np.float64]:
    """The published construction, class by class: each one on the spheres about all earlier ones."""
    n = len(d)
    points = np.zeros((n, n - 1))
    points[1, 0] = d[0, 1]
    for c in range(2, n):
        centres = points[1:c, : c - 1]
        x = np.linalg.solve(centres, (d[0, c] ** 2 - d[1:c, c] ** 2 + (centres**2).sum(axis=1)) / 2)
        points[c, : c - 1] = x
        points[c, c - 1] = np.sqrt(d[0, c] ** 2 - x @ x)
    return points


@pytest.mark.parametrize("method", METHODS)
@given(t=attributed(trees(max_nodes=40)))
def test_distances_are_the_dissimilarities(method: str, t: Taxonomy) -> None:
    points = points_of(t, method)
    assert points.shape == (t.n_classes, max(1, t.n_classes - 1))
    np.testing.assert_allclose(distances(points), 1 - class_similarity(t), atol=1e-10)


@given(trees(max_nodes=40).filter(lambda t: t.n_classes > 1))
def test_spheres_are_the_published_construction(t: Taxonomy) -> None:
    np.testing.assert_allclose(points_of(t, "spheres"), one_by_one(1 - class_similarity(t)), atol=1e-9)


@given(trees(max_nodes=30))
def test_both_are_the_same_points_turned_and_moved(t: Taxonomy) -> None:
    a, b = points_of(t, "mds"), points_of(t, "spheres")
    b = b - b.mean(axis=0)
    u, _, v = np.linalg.svd(a.T @ b)  # the rotation or reflection that fits best (Procrustes)
    np.testing.assert_allclose(a @ (u @ v), b, atol=1e-10)


@given(trees(max_nodes=30))
def test_mds_is_centred_on_principal_axes(t: Taxonomy) -> None:
    points = points_of(t, "mds")
    np.testing.assert_allclose(points.sum(axis=0), 0, atol=1e-10)
    scatter = points.T @ points
    np.testing.assert_allclose(scatter, np.diag(np.diag(scatter)), atol=1e-10)
    assert (np.diff(np.diag(scatter)) <= 1e-10).all()
    if t.n_classes > 1:
        assert (points[np.abs(points).argmax(axis=0), np.arange(points.shape[1])] > 0).all()


def test_spheres_by_hand(zoo: Taxonomy) -> None:
    # d(cat, .) = 1, d(gull, barn) = d(gull, snowy) = 2/3, d(barn, snowy) = 1/3, in the order cat, gull, barn, snowy.
    # gull = (1, 0, 0); barn: x = (1 + 1 - 4/9) / 2 = 7/9, y = sqrt(1 - 49/81) = sqrt(32)/9;
    # snowy: x = 7/9; its dot product with barn is (1 + 1 - 1/9) / 2 = 17/18.
    y = 32**0.5 / 9
    z = (17 / 18 - 49 / 81) / y
    expected = [[0, 0, 0], [1, 0, 0], [7 / 9, y, 0], [7 / 9, z, (1 - 49 / 81 - z**2) ** 0.5]]
    e = embed(zoo, "spheres")
    np.testing.assert_allclose(e.vectors, expected, atol=1e-15)
    assert e.axes == ("gull", "barn", "snowy")


def test_mds_by_hand() -> None:
    # a, b at distance 1/2, c at distance 1 from both: an isosceles triangle of height sqrt(15)/4. The height is the
    # first axis, cut by the mean at 2 : 1, and the base the second.
    t = from_edges([("r", "p"), ("p", "a"), ("p", "b"), ("r", "c")])
    e = embed(t, "mds")
    points = e.vectors
    h = 15**0.5 / 4
    np.testing.assert_allclose(points[:, 0], [-h / 3, -h / 3, 2 * h / 3], atol=1e-15)
    np.testing.assert_allclose(np.abs(points[:, 1]), [1 / 4, 1 / 4, 0], atol=1e-15)
    assert e.axes == ("principal coordinate 1", "principal coordinate 2")


@pytest.mark.parametrize("method", METHODS)
def test_one_and_two_classes(method: str) -> None:
    one = embed(flat(["a"]), method)
    assert one.vectors.tolist() == [[0]]
    assert (one.max_deviation, len(one.axes)) == (0, 1)
    np.testing.assert_allclose(distances(points_of(flat(["a", "b"]), method)), [[0, 1], [1, 0]], atol=1e-15)


@given(trees(max_nodes=30).filter(lambda t: t.n_classes > 2), st.data())
def test_mds_in_fewer_dimensions(t: Taxonomy, data: st.DataObject) -> None:
    dim = data.draw(st.integers(1, t.n_classes - 2))
    few, all_ = points_of(t, "mds", dim=dim), points_of(t, "mds")
    # Where eigenvalues are equal the axes are free; what is kept of the squared distances is not.
    assert few.shape == (t.n_classes, dim)
    assert (few**2).sum() == pytest.approx((all_[:, :dim] ** 2).sum())
    assert (distances(few) <= distances(all_) + 1e-10).all()


@pytest.mark.parametrize("method", METHODS)
def test_verification_goes_by_distances(zoo: Taxonomy, method: str) -> None:
    e = embed(zoo, method)
    assert e.max_deviation < 1e-14
    assert e.verification.max_norm_error is None
    longer = replace(e, vectors=e.dense() * 1.5)
    found = check(longer, zoo)
    assert found.max_deviation == pytest.approx(0.5)  # the largest distance is 1
    assert found.mean_deviation == pytest.approx(0.5 * (2 * (3 * 1 + 2 * 2 / 3 + 1 / 3)) / 16)
    assert found.max_norm_error is None


@pytest.mark.parametrize("method", METHODS)
def test_a_sample_of_pairs_goes_by_distances(zoo: Taxonomy, method: str) -> None:
    e = embed(zoo, method, pairs=500)
    assert e.verification.pairs == 6  # all four classes are in such a sample
    assert e.max_deviation < 1e-15
    longer = verify(e.dense() * 1.5, Target(zoo), distances=True, pairs=500)
    assert longer.max_deviation == pytest.approx(0.5)


def test_small_distances_between_far_points_keep_their_digits() -> None:
    # From dot products, a distance of 1e-6 at 1000 from the origin would come out as noise.
    t = from_edges([("r", "p"), ("p", "a"), ("p", "b"), ("r", "c")], name="t")
    points = points_of(t, "spheres", heights={"r": 1.0, "p": 1e-6})
    found = verify(points + 1000, Target(t, kind={"r": 1.0, "p": 1e-6}), distances=True)
    assert found.max_deviation < 1e-12


@pytest.mark.parametrize("method", METHODS)
def test_files_keep_that_no_norms_were_measured(tmp_path: Path, zoo: Taxonomy, method: str) -> None:
    e = embed(zoo, method, dtype="float32")
    e.save(tmp_path / "e.npz")
    again = load(tmp_path / "e.npz")
    assert again == e
    assert again.vectors.dtype == np.float32
    assert again.verification == e.verification
    assert check(again, zoo).max_deviation < 1e-6


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("heights", ["levels", "information"])
def test_other_heights(zoo: Taxonomy, method: str, heights: str) -> None:
    assert embed(zoo, method, heights=heights).max_deviation < 1e-14


@pytest.mark.parametrize("method", METHODS)
def test_other_measures(zoo: Taxonomy, method: str) -> None:
    for measure in ("wup", "path", "lin", "resnik"):
        assert embed(zoo, method, measure=measure).max_deviation < 1e-14


@pytest.mark.parametrize("method", METHODS)
def test_a_dag_is_refused_or_reduced(diamond: Taxonomy, method: str) -> None:
    with pytest.raises(NotEmbeddable, match=r"hierarchy 'diamond' is a DAG.*'pet' has parents 'living', 'owned'"):
        embed(diamond, method)
    assert np.isfinite(points_of(diamond, method, dag="reduce")).all()


def test_dissimilarities_that_are_no_distances() -> None:
    # r above a above b, c, all of them classes. By Wu-Palmer r is 1/2 from b and c, and a 1/5; b and c are 1/3 apart. From
    # the middle of b and c, r is sqrt(1/4 - 1/36) = 0.471 and a sqrt(1/25 - 1/36) = 0.111 away: more than 1/3 apart.
    t = from_edges([("r", "a"), ("a", "b"), ("a", "c")], name="t").with_classes(["r", "a", "b", "c"])
    message = (
        r"^the dissimilarities by the measure wup on 't' are no Euclidean distances \(B has the eigenvalue -0.0037, not 0 "
        r"or more\); take the points that come nearest, with a number of dimensions \(--dim D, dim=D\)$"
    )
    with pytest.raises(NotEmbeddable, match=message):
        embed(t, "mds", measure="wup")
    with pytest.raises(NotEmbeddable, match=r"^the dissimilarities by the measure wup on 't'.*the spheres do not meet"):
        embed(t, "spheres", measure="wup")
    assert 0 < embed(t, "mds", measure="wup", dim=2).max_deviation < 0.05
    with pytest.raises(
        NotEmbeddable, match=r"^dim=3: the dissimilarities by the measure wup on 't' give points in 2 dim"
    ):
        embed(t, "mds", measure="wup", dim=3)


@pytest.mark.parametrize("method", METHODS)
def test_two_classes_at_distance_0(method: str) -> None:
    t = from_edges([("r", "p"), ("p", "a"), ("p", "b"), ("r", "c")], name="t")
    with pytest.raises(NotEmbeddable, match=r"^the classes 'a' and 'b' have the dissimilarity 0: they would have the"):
        embed(t, method, heights={"r": 1.0, "p": 0.0})


def test_numbers_of_dimensions_that_cannot_be(zoo: Taxonomy) -> None:
    with pytest.raises(TaxoError, match=r"^dim=4 is more than the 3 dimensions that the method mds has for 4 classes$"):
        embed(zoo, "mds", dim=4)
    with pytest.raises(TaxoError, match=r"^the method spheres has as many dimensions as it needs, dim=2 cannot be met"):
        embed(zoo, "spheres", dim=2)
