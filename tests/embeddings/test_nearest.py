"""The nearest correlation matrix: published answers, the optimality conditions, and alternating projections."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from taxo.embeddings.nearest import Nearest, nearest_psd
from taxo.taxonomy import NotEmbeddable

Floats = NDArray[np.float64]


@st.composite
def symmetric(draw: st.DrawFn, low: float = -1, high: float = 1) -> Floats:
    """Symmetric matrices with unit diagonal; many entries are the same, or 0, or 1."""
    n = draw(st.integers(1, 7))
    value = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(low, high, width=32))
    s = np.eye(n)
    for i in range(n):
        for j in range(i):
            s[i, j] = s[j, i] = draw(value)
    return s


def fork(s: float) -> Floats:
    """Two neighbours of one class, at similarity s, that have nothing in common."""
    return np.array([[1, s, 0], [s, 1, s], [0, s, 1]])


def optimality_error(s: Floats, x: Floats) -> float:
    """How far X is from the conditions that hold for the nearest matrix and for no other.

    X - S has to be Diag(y) + Z with Z positive semi-definite and ZX = 0. On the diagonal of (X - S) X = Diag(y) X + ZX
    that says what y is.
    """
    y = ((x - s) @ x).diagonal()
    z = x - s - np.diag(y)
    return float(max(-np.linalg.eigvalsh(z)[0], np.abs(z @ x).max()))


def by_projections(s: Floats, steps: int = 2000) -> Floats:
    """Higham's algorithm 3.3: project on the semi-definite matrices with Dykstra's correction, then on the diagonal."""
    y, correction = s.copy(), np.zeros_like(s)
    for _ in range(steps):
        r = y - correction
        values, vectors = np.linalg.eigh(r)
        x = (vectors * np.maximum(values, 0)) @ vectors.T
        correction = x - r
        y = x.copy()
        np.fill_diagonal(y, 1)
    return y


def clipped(s: Floats) -> Floats:
    """What is often done instead: negative eigenvalues to 0, then rows to length 1."""
    values, vectors = np.linalg.eigh(s)
    root = vectors * np.sqrt(np.maximum(values, 0))
    root /= np.linalg.norm(root, axis=1, keepdims=True)
    return root @ root.T


def test_the_example_of_the_paper_with_three_variables() -> None:
    # By symmetry X = [[1, a, b], [a, 1, a], [b, a, 1]]. It is singular: det X = (1 - b)(1 + b - 2a^2) = 0, so
    # b = 2a^2 - 1. The distance 4(1 - a)^2 + 2b^2 is least where 4a^3 - a - 1 = 0.
    a = np.roots([4, 0, -1, -1]).real.max()
    found = nearest_psd(fork(1))
    np.testing.assert_allclose(found.matrix, [[1, a, 2 * a**2 - 1], [a, 1, a], [2 * a**2 - 1, a, 1]], atol=1e-10)
    assert found.matrix.round(4)[0].tolist() == [1, 0.7607, 0.1573]  # Higham 2002, section 1
    assert found.largest == pytest.approx(1 - a)
    assert found.mean == pytest.approx((4 * (1 - a) + 2 * (2 * a**2 - 1)) / 6)
    assert found.distance == pytest.approx(np.sqrt(4 * (1 - a) ** 2 + 2 * (2 * a**2 - 1) ** 2))
    assert found.least_eigenvalue == pytest.approx(1 - np.sqrt(2))


def test_the_example_of_the_paper_with_another_diagonal() -> None:
    a = np.array([[2.0, -1, 0, 0], [-1, 2, -1, 0], [0, -1, 2, -1], [0, 0, -1, 2]])
    expected = [  # Higham 2002, section 4
        [1.0, -0.8084, 0.1916, 0.1068],
        [-0.8084, 1.0, -0.6562, 0.1916],
        [0.1916, -0.6562, 1.0, -0.8084],
        [0.1068, 0.1916, -0.8084, 1.0],
    ]
    found = nearest_psd(a)
    assert found.matrix.round(4).tolist() == expected
    assert found.changed  # positive definite, but its diagonal is not 1


@given(symmetric())
def test_dot_products_of_unit_vectors_and_none_nearer(s: Floats) -> None:
    found = nearest_psd(s)
    assert np.isfinite(found.matrix).all()
    assert (found.matrix.diagonal() == 1).all()
    np.testing.assert_array_equal(found.matrix, found.matrix.T)
    assert np.linalg.eigvalsh(found.matrix)[0] > -1e-10
    assert optimality_error(s, found.matrix) < 1e-8
    assert found.distance <= np.linalg.norm(clipped(s) - s) + 1e-9


@given(symmetric())
def test_the_account(s: Floats) -> None:
    found = nearest_psd(s)
    change = np.abs(found.matrix - s)
    assert found.distance == pytest.approx(np.linalg.norm(change))
    assert found.largest == change.max()
    assert found.mean == pytest.approx(change[~np.eye(len(s), dtype=bool)].mean() if len(s) > 1 else 0)
    assert found.least_eigenvalue == pytest.approx(np.linalg.eigvalsh(s)[0], abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_alternating_projections_come_to_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    s = rng.random((8, 8)).round(1)
    s = np.triu(s, 1) + np.triu(s, 1).T + np.eye(8)
    np.testing.assert_allclose(nearest_psd(s).matrix, by_projections(s), atol=1e-7)


def test_the_optimality_conditions_can_fail() -> None:
    assert optimality_error(fork(1), clipped(fork(1))) > 0.01
    assert optimality_error(fork(1), np.eye(3)) > 0.1


def test_a_matrix_of_dot_products_is_given_back_untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise AssertionError("an eigendecomposition with vectors is not needed")

    monkeypatch.setattr(np.linalg, "eigh", none)
    for s in (np.eye(3), fork(0.5), np.ones((4, 4))):  # the last is singular
        found = nearest_psd(s)
        assert found.matrix is s
        assert (found.distance, found.largest, found.mean, found.iterations) == (0, 0, 0, 0)
        assert not found.changed
    assert nearest_psd(fork(0.5)).least_eigenvalue == pytest.approx(1 - np.sqrt(0.5))


def test_twice_is_once() -> None:
    once = nearest_psd(fork(0.9))
    assert once.changed
    assert not nearest_psd(once.matrix).changed


def test_different_classes_may_fall_together() -> None:
    # Two classes alike to 0.98 have both 0.95 in common with a third, and nothing with a fourth, with which that third
    # has 0.95 in common. The conflict costs more than the 0.02 that keeps the two apart.
    s = np.array([[1, 0.98, 0.95, 0], [0.98, 1, 0.95, 0], [0.95, 0.95, 1, 0.95], [0, 0, 0.95, 1]])
    found = nearest_psd(s)
    assert optimality_error(s, found.matrix) < 1e-8
    np.testing.assert_allclose(found.matrix[0], found.matrix[1], atol=1e-12)
    assert found.matrix.max() == 1


def test_a_large_indefinite_matrix_takes_few_steps() -> None:
    rng = np.random.default_rng(5)
    s = np.clip(rng.standard_normal((150, 150)), -1, 1)
    s = np.triu(s, 1) + np.triu(s, 1).T + np.eye(150)
    found = nearest_psd(s)
    assert 1 <= found.iterations <= 10
    assert optimality_error(s, found.matrix) < 1e-8


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.ones((2, 3)), r"shape \(2, 3\) are no square matrix"),
        (np.ones((0, 0)), r"shape \(0, 0\) are no square matrix"),
        (np.array([[1, np.nan], [np.nan, 1]]), "holds NaN or infinity"),
        (np.array([[1, 0.5], [0.4, 1]]), "is not symmetric"),
    ],
)
def test_what_is_no_matrix_of_similarities(matrix: Floats, message: str) -> None:
    with pytest.raises(NotEmbeddable, match=message):
        nearest_psd(matrix)


def test_too_few_steps_end_in_a_clear_error() -> None:
    with pytest.raises(NotEmbeddable, match=r"not found in 1 steps: the diagonal is still \d\.\de-\d\d away from 1"):
        nearest_psd(fork(1), limit=1)


def test_a_loose_tolerance_still_gives_a_unit_diagonal() -> None:
    found: Nearest = nearest_psd(fork(1), tolerance=0.1)
    assert (found.matrix.diagonal() == 1).all()
    assert found.iterations < nearest_psd(fork(1)).iterations
