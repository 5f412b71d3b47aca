"""The regular simplex, in its own coordinates and turned at random: Gram matrices by hand and by another construction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from taxo.embeddings import Embedding, embed
from taxo.embeddings.etf import orthonormal
from taxo.embeddings.simplex import simplex_rows
from taxo.taxonomy import NotEmbeddable, TaxoError, Taxonomy, flat

SIZES = range(1, 41)


def classes(n: int) -> Taxonomy:
    return flat([f"c{i}" for i in range(n)])


def dense(e: Embedding) -> NDArray[np.floating]:
    assert isinstance(e.vectors, np.ndarray)
    return e.vectors


def equiangular(n: int) -> NDArray[np.float64]:
    """1 on the diagonal, -1/(n - 1) elsewhere."""
    return np.eye(n) if n == 1 else (n * np.eye(n) - 1) / (n - 1)


def recursive(n: int) -> NDArray[np.float64]:
    """The recursion of Kasarla et al., as they write it: one column per class."""
    k = n - 1
    if k == 1:
        return np.array([[1.0, -1.0]])
    below = np.hstack([np.zeros((k - 1, 1)), np.sqrt(1 - 1 / k**2) * recursive(n - 1)])
    return np.vstack([np.hstack([[1.0], np.full(k, -1 / k)]), below])


@pytest.mark.parametrize(
    ("n", "rows"),
    [
        (1, [[1]]),
        (2, [[1], [-1]]),
        # The corners of an equilateral triangle, at 0, 120 and 240 degrees.
        (3, [[1, 0], [-1 / 2, 3**0.5 / 2], [-1 / 2, -(3**0.5) / 2]]),
        # Of a tetrahedron: below the first corner a triangle at height -1/3, with radius sqrt(8)/3.
        (
            4,
            [
                [1, 0, 0],
                [-1 / 3, 8**0.5 / 3, 0],
                [-1 / 3, -(2**0.5) / 3, (2 / 3) ** 0.5],
                [-1 / 3, -(2**0.5) / 3, -((2 / 3) ** 0.5)],
            ],
        ),
    ],
)
def test_simplex_by_hand(n: int, rows: list[list[float]]) -> None:
    np.testing.assert_allclose(dense(embed(classes(n), "simplex")), rows, atol=1e-15)


@pytest.mark.parametrize("n", range(2, 41))
def test_simplex_is_the_published_matrix(n: int) -> None:
    np.testing.assert_allclose(simplex_rows(n), recursive(n).T, atol=1e-14)


@pytest.mark.parametrize("n", SIZES)
def test_simplex_is_equiangular(n: int) -> None:
    vectors = dense(embed(classes(n), "simplex"))
    assert vectors.shape == (n, max(1, n - 1))
    np.testing.assert_allclose(vectors @ vectors.T, equiangular(n), atol=1e-14)


def test_simplex_of_many_classes() -> None:
    vectors = simplex_rows(3000, np.float32)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors[:50] @ vectors.T, equiangular(3000)[:50], atol=1e-6)


def test_simplex_axes_are_the_classes_that_they_were_made_for(zoo: Taxonomy) -> None:
    assert embed(zoo, "simplex").axes == ("cat", "gull", "barn")
    assert embed(classes(1), "simplex").axes == ("c0",)


def test_simplex_says_what_the_hierarchy_would_add(zoo: Taxonomy) -> None:
    # S holds 2 x (1/3, 1/3, 2/3) and 6 zeros off the diagonal; all dot products are -1/3.
    e = embed(zoo, "simplex")
    assert e.max_deviation == pytest.approx(1)
    assert e.mean_deviation == pytest.approx((2 * (2 / 3 + 2 / 3 + 1) + 6 * (1 / 3)) / 16)


def test_simplex_has_a_fixed_number_of_dimensions(zoo: Taxonomy) -> None:
    with pytest.raises(TaxoError, match=r"the method simplex has as many dimensions as it needs, dim=3 cannot be met"):
        embed(zoo, "simplex", dim=3)


def test_a_dag_is_no_matter(diamond: Taxonomy) -> None:
    vectors = dense(embed(diamond, "simplex"))
    np.testing.assert_allclose(vectors @ vectors.T, equiangular(4), atol=1e-15)


@given(st.sampled_from(SIZES), st.integers(0, 30), st.integers(0, 2**32))
def test_etf_is_equiangular_in_any_number_of_dimensions_that_hold_it(n: int, more: int, seed: int) -> None:
    dim = max(1, n - 1) + more
    vectors = dense(embed(classes(n), "etf", dim=dim, seed=seed))
    assert vectors.shape == (n, dim)
    np.testing.assert_allclose(vectors @ vectors.T, equiangular(n), atol=1e-13)


@given(st.integers(2, 20), st.integers(0, 100))
def test_etf_is_a_tight_frame_centred_at_the_origin(n: int, seed: int) -> None:
    vectors = dense(embed(classes(n), "etf", dim=n - 1, seed=seed))
    np.testing.assert_allclose(vectors.sum(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose(vectors.T @ vectors, n / (n - 1) * np.eye(n - 1), atol=1e-13)


def test_etf_is_of_the_form_that_the_papers_give() -> None:
    # M = sqrt(n/(n-1)) U (I - 11'/n) with one column per class: M M' / (n/(n-1)) projects onto n - 1 dimensions.
    m = dense(embed(classes(5), "etf", dim=7)).T * (4 / 5) ** 0.5
    np.testing.assert_allclose(m.T @ m, np.eye(5) - 1 / 5, atol=1e-14)
    np.testing.assert_allclose((m @ m.T) @ (m @ m.T), m @ m.T, atol=1e-14)
    assert np.linalg.matrix_rank(m) == 4


def test_etf_by_default_has_as_many_dimensions_as_classes_and_nameless_axes(zoo: Taxonomy) -> None:
    e = embed(zoo, "etf")
    assert e.axes == ("dimension 1", "dimension 2", "dimension 3", "dimension 4")
    assert (e.recipe.seed, embed(zoo, "etf", seed=3).recipe.seed) == (0, 3)


def test_etf_goes_by_its_seed(zoo: Taxonomy) -> None:
    assert embed(zoo, "etf", seed=1) == embed(zoo, "etf", seed=1)
    assert not np.allclose(dense(embed(zoo, "etf", seed=1)), dense(embed(zoo, "etf", seed=2)))


def test_etf_in_either_dtype_is_the_same(zoo: Taxonomy) -> None:
    single = dense(embed(zoo, "etf", dtype="float32"))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, dense(embed(zoo, "etf")), atol=1e-7)


def test_etf_in_too_few_dimensions() -> None:
    message = (
        r"^dim=3: the 5 vectors of the method etf, all at the same angle, span 4 dimensions and fit in no fewer; "
        r"take dim=4 or more, or the method hyperspherical for 3 dimensions$"
    )
    with pytest.raises(TaxoError, match=message):
        embed(classes(5), "etf", dim=3)


def test_etf_needs_memory_for_its_rotation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sysconf", lambda name: {"SC_PHYS_PAGES": 1, "SC_PAGE_SIZE": 40 * 40 * 8 * 2}[name])
    with pytest.raises(
        NotEmbeddable, match=r"40 classes turned at random in 40 dimensions need about .*method simplex"
    ):
        embed(classes(40), "etf")


def test_the_rotation_is_uniform() -> None:
    # Of a uniform orthonormal matrix every entry has mean 0, also the diagonal, which QR alone makes one-sided.
    rng = np.random.default_rng(0)
    drawn = np.stack([orthonormal(rng, 3, 2) for _ in range(2000)])
    np.testing.assert_allclose(drawn.mean(axis=0), 0, atol=4 / np.sqrt(3 * 2000))
    np.testing.assert_allclose((drawn**2).mean(axis=0), 1 / 3, atol=0.03)
