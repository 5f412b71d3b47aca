"""Random directions, and directions pushed apart: against arrangements that are known to be the best."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from taxo.embeddings import embed, hyperspherical
from taxo.embeddings.hyperspherical import push_apart
from taxo.embeddings.uniform import uniform
from taxo.taxonomy import TaxoError, Taxonomy, flat


def classes(n: int) -> Taxonomy:
    return flat([f"c{i}" for i in range(n)])


def vectors_of(n: int, method: str, **options: object) -> NDArray[np.floating]:
    vectors = embed(classes(n), method, **options).vectors  # type: ignore[arg-type]
    assert isinstance(vectors, np.ndarray)
    return vectors


def largest_cosine(vectors: NDArray[np.floating]) -> float:
    return float((vectors @ vectors.T - 3 * np.eye(len(vectors))).max())


@given(st.integers(1, 40), st.integers(1, 60), st.integers(0, 2**63))
def test_random_rows_have_unit_norm(n: int, dim: int, seed: int) -> None:
    vectors = vectors_of(n, "random", dim=dim, seed=seed)
    assert vectors.shape == (n, dim)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-15)


def test_random_is_a_normalised_normal_distribution() -> None:
    drawn = np.random.default_rng(7).standard_normal((4, 3))
    np.testing.assert_array_equal(
        vectors_of(4, "random", dim=3, seed=7), drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    )


def test_random_dot_products_have_mean_0_and_variance_1_over_d() -> None:
    vectors = vectors_of(300, "random", dim=50)
    dots = (vectors @ vectors.T)[np.triu_indices(300, 1)]
    assert abs(dots.mean()) < 0.005
    assert dots.var() == pytest.approx(1 / 50, rel=0.05)


def test_random_by_default_has_as_many_dimensions_as_classes(zoo: Taxonomy) -> None:
    e = embed(zoo, "random", seed=5)
    assert (e.dim, e.axes[0], e.recipe.seed) == (4, "dimension 1", 5)
    assert e == embed(zoo, "random", seed=5)
    assert e != embed(zoo, "random", seed=6)


def test_random_in_either_dtype_is_the_same() -> None:
    single = vectors_of(9, "random", dtype="float32")
    assert single.dtype == np.float32
    np.testing.assert_array_equal(single, vectors_of(9, "random").astype(np.float32))


def test_random_is_drawn_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = uniform(np.random.default_rng(0), 10, 3)
    monkeypatch.setattr("taxo.embeddings.uniform._NUMBERS", 7)
    np.testing.assert_array_equal(uniform(np.random.default_rng(0), 10, 3), whole)


@settings(max_examples=25)
@given(st.integers(2, 40), st.data())
def test_hyperspherical_is_never_worse_than_random(n: int, data: st.DataObject) -> None:
    dim = data.draw(st.integers(1 if n == 2 else 2, n - 1))
    seed = data.draw(st.integers(0, 1000))
    vectors = vectors_of(n, "hyperspherical", dim=dim, seed=seed)
    assert vectors.shape == (n, dim)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-14)
    assert largest_cosine(vectors) <= largest_cosine(vectors_of(n, "random", dim=dim, seed=seed)) + 1e-15


@pytest.mark.parametrize("n", [3, 4, 5, 40])
def test_in_two_dimensions_they_stand_evenly_on_the_circle(n: int) -> None:
    vectors = vectors_of(n, "hyperspherical", dim=2)
    for a, b in zip(vectors, np.roll(vectors, -1, axis=0), strict=True):
        assert a @ b == pytest.approx(np.cos(2 * np.pi / n))
        assert a[0] * b[1] - a[1] * b[0] == pytest.approx(np.sin(2 * np.pi / n))  # all the same way round


def test_four_classes_in_two_dimensions_stand_at_right_angles() -> None:
    np.testing.assert_allclose(vectors_of(4, "hyperspherical", dim=2), [[1, 0], [0, 1], [-1, 0], [0, -1]], atol=1e-15)


@pytest.mark.parametrize("n", [3, 4, 5, 10, 40])
def test_in_one_dimension_less_than_classes_they_become_the_simplex(n: int) -> None:
    vectors = vectors_of(n, "hyperspherical", dim=n - 1)
    np.testing.assert_allclose(vectors @ vectors.T, vectors_of(n, "simplex") @ vectors_of(n, "simplex").T, atol=2e-3)


@pytest.mark.parametrize(
    ("n", "dim", "best"),
    [
        (6, 3, 0.0),  # octahedron; for n from d + 2 to 2 d nothing is better than 0 (Rankin 1955)
        (16, 8, 0.0),
        (8, 3, 0.261204),  # square antiprism (Schuette & van der Waerden 1951)
        (12, 3, 5**-0.5),  # icosahedron
        (24, 3, 0.723044),  # snub cube (Robinson 1961)
        (10, 4, 1 / 6),  # Petersen code (Bachoc & Vallentin 2009)
    ],
)
def test_the_best_arrangements_that_are_known(n: int, dim: int, best: float) -> None:
    found = min(largest_cosine(vectors_of(n, "hyperspherical", dim=dim, seed=seed)) for seed in range(3))
    assert best - 1e-6 < found < best + 0.005


def test_the_published_descent_gets_less_far() -> None:
    # Mettes et al.: the mean over the classes of the largest cosine, steps of 0.1 along its gradient, 1000 times.
    points = vectors_of(60, "random", dim=10)
    for _ in range(1000):
        cosines = points @ points.T - 3 * np.eye(60)
        nearest = cosines.argmax(axis=1)
        gradient = points[nearest].copy()
        np.add.at(gradient, nearest, points)
        points = points - 0.1 / 60 * gradient
        points /= np.linalg.norm(points, axis=1, keepdims=True)
    assert largest_cosine(vectors_of(60, "hyperspherical", dim=10)) < largest_cosine(points)


def test_hyperspherical_goes_by_its_seed() -> None:
    first = embed(classes(9), "hyperspherical", dim=4, seed=1)
    assert first == embed(classes(9), "hyperspherical", dim=4, seed=1)
    assert first != embed(classes(9), "hyperspherical", dim=4, seed=2)
    assert (first.recipe.seed, first.axes[-1]) == (1, "dimension 4")


def test_hyperspherical_in_single_precision() -> None:
    vectors = vectors_of(20, "hyperspherical", dim=5, dtype="float32")
    assert vectors.dtype == np.float32
    assert largest_cosine(vectors) < 0.4


def test_the_gradient_is_that_of_the_soft_maximum() -> None:
    points, t, small = uniform(np.random.default_rng(0), 5, 3), 7.0, 1e-6

    def loss(at: NDArray[np.floating]) -> float:
        powers = np.exp(t * (at @ at.T))
        np.fill_diagonal(powers, 0)
        return float(np.log(powers.sum(axis=1)).sum() / t)

    numeric = np.zeros_like(points)
    for where in np.ndindex(points.shape):
        step = np.zeros_like(points)
        step[where] = small
        numeric[where] = (loss(points + step) - loss(points - step)) / (2 * small)
    gradient, nearest = hyperspherical._gradient(points, t)
    np.testing.assert_allclose(gradient, numeric, atol=1e-8)
    np.testing.assert_allclose(nearest, (points @ points.T - 3 * np.eye(5)).max(axis=1))


def test_blocks_of_rows_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    points = uniform(np.random.default_rng(0), 11, 4)
    whole = hyperspherical._gradient(points, 10.0)
    monkeypatch.setattr(hyperspherical, "_CELLS", 33)  # three rows at a time
    parts = hyperspherical._gradient(points, 10.0)
    np.testing.assert_allclose(parts[0], whole[0], atol=1e-14)
    np.testing.assert_allclose(parts[1], whole[1], atol=1e-15)


def test_it_stops_where_nothing_is_gained() -> None:
    start = vectors_of(4, "random", dim=3)
    best, steps = push_apart(start)
    assert largest_cosine(best) == pytest.approx(-1 / 3, abs=1e-4)
    assert steps < 500


def test_many_classes_get_fewer_steps(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(hyperspherical, "_PAIRS", 120 * 400)
    vectors_of(20, "hyperspherical", dim=6)
    assert caplog.messages[0] == "hyperspherical: 20 classes, up to 120 steps, which takes minutes"


def test_the_largest_cosine_is_told(caplog: pytest.LogCaptureFixture) -> None:
    vectors_of(8, "hyperspherical", dim=2)
    vectors_of(2, "hyperspherical", dim=1)
    told = "hyperspherical: the largest cosine between two classes is"
    assert caplog.messages == [f"{told} 0.7071 (evenly on the circle)", f"{told} -1.0000 (opposite)"]
    start = largest_cosine(vectors_of(30, "random", dim=8))
    caplog.clear()
    found = largest_cosine(vectors_of(30, "hyperspherical", dim=8))
    assert caplog.messages[0].startswith(f"{told} {found:.4f} (")
    assert caplog.messages[0].endswith(f" steps from {start:.4f})")


def test_seeds_are_not_negative() -> None:
    with pytest.raises(TaxoError, match=r"^seed=-1: seeds are whole numbers from 0$"):
        embed(classes(5), "random", seed=-1)


def test_numbers_of_dimensions_that_cannot_be() -> None:
    with pytest.raises(TaxoError, match=r"^the method hyperspherical needs the number of dimensions: --dim D, dim=D$"):
        embed(classes(5), "hyperspherical")
    message = (
        r"^dim=5 is more than the 4 dimensions that the method hyperspherical has for 5 classes; none are farther apart "
        r"than those of the methods simplex \(n - 1 dimensions\) and etf \(n - 1 or more\)$"
    )
    with pytest.raises(TaxoError, match=message):
        embed(classes(5), "hyperspherical", dim=5)
    with pytest.raises(TaxoError, match=r"^dim=1: on a line there are two directions, too few for 5 classes; take two"):
        embed(classes(5), "hyperspherical", dim=1)
    for method in ("random", "etf", "hyperspherical"):
        with pytest.raises(TaxoError, match=r"^dim=0: an embedding needs at least one dimension$"):
            embed(classes(5), method, dim=0)
