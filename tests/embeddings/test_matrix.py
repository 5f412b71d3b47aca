"""Embeddings from the matrix of similarities alone."""

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray
from strategies import attributed, dags, trees

from taxo.embeddings.matrix import from_matrix
from taxo.embeddings.nearest import nearest_psd
from taxo.embeddings.target import Target
from taxo.embeddings.work import Made, Work
from taxo.taxonomy import NotEmbeddable, TaxoError, Taxonomy, from_edges

Floats = NDArray[np.float64]


def made(name: str, t: Taxonomy, s: Floats | None = None, *, dim: int | None = None, dtype: str = "float64") -> Made:
    target = Target(t)
    work = Work(target=target, dtype=np.dtype(dtype), dim=dim)
    return from_matrix(name, target.matrix() if s is None else s, work)


def gram(found: Made) -> Floats:
    return np.asarray(found.vectors @ found.vectors.T)


SINGULAR = np.array([[1, 1, 0.5, 0], [1, 1, 0.5, 0], [0.5, 0.5, 1, 0], [0, 0, 0, 1]])  # of rank 3


def test_exact_has_the_columns_of_a_tree_in_depth_first_order(zoo: Taxonomy) -> None:
    found = made("exact", zoo)
    assert found.axes == ("cat", "barn", "snowy", "gull")
    rows = [zoo.classes.index(c) for c in found.axes]
    assert isinstance(found.vectors, np.ndarray)
    np.testing.assert_array_equal(found.vectors[rows], np.tril(found.vectors[rows]))
    np.testing.assert_allclose(gram(found), Target(zoo).matrix(), atol=1e-15)


@given(attributed(trees()))
def test_the_same_as_the_closed_form(t: Taxonomy) -> None:
    from taxo.embeddings import embed

    closed, found = embed(t), made("exact", t)
    assert found.axes == closed.axes
    np.testing.assert_allclose(found.vectors, closed.vectors, atol=1e-9)


def test_exact_and_cholesky_have_the_columns_of_a_dag_in_class_order(diamond: Taxonomy) -> None:
    for name in ("exact", "cholesky"):
        found = made(name, diamond)
        assert found.axes == diamond.classes
        np.testing.assert_array_equal(found.vectors, np.linalg.cholesky(Target(diamond).matrix()))


def test_a_singular_matrix_gets_eigenvectors(zoo: Taxonomy) -> None:
    found = made("exact", zoo, SINGULAR)
    assert found.vectors.shape == (4, 3)
    assert found.axes == ("eigenvector 1", "eigenvector 2", "eigenvector 3")
    np.testing.assert_allclose(gram(found), SINGULAR, atol=1e-15)
    # Largest eigenvalue first; the largest entry of every axis is positive.
    squares = np.square(found.vectors).sum(axis=0)
    np.testing.assert_allclose(squares, np.linalg.eigvalsh(SINGULAR)[:0:-1])
    assert (found.vectors.max(axis=0) >= -found.vectors.min(axis=0) - 1e-12).all()


def test_a_singular_matrix_has_no_cholesky_factor(zoo: Taxonomy) -> None:
    with pytest.raises(NotEmbeddable, match=r"'zoo'.*is singular.*take exact, .* or spectral"):
        made("cholesky", zoo, SINGULAR)


@given(dags())
def test_the_nearest_matrix_of_any_dag_is_embedded_exactly(t: Taxonomy) -> None:
    s = nearest_psd(Target(t).matrix()).matrix
    found = made("exact", t, s)
    assert np.isfinite(found.vectors).all()
    np.testing.assert_allclose(gram(found), s, atol=1e-12)
    assert len(found.axes) == found.vectors.shape[1] <= t.n_classes


def test_an_indefinite_matrix_is_refused(zoo: Taxonomy) -> None:
    s = np.eye(4)
    s[0, 1] = s[1, 0] = s[1, 2] = s[2, 1] = 1
    message = r"no dot products, the least eigenvalue of their matrix is -0\.414; take --dag nearest-psd"
    with pytest.raises(NotEmbeddable, match=message):
        made("exact", zoo, s)


def test_spectral_is_the_best_approximation_with_rows_of_length_1(zoo: Taxonomy) -> None:
    s = Target(zoo).matrix()
    values, vectors = np.linalg.eigh(s)
    low_rank = (vectors[:, -2:] * values[-2:]) @ vectors[:, -2:].T
    lengths = np.sqrt(low_rank.diagonal())
    found = made("spectral", zoo, dim=2)
    assert found.axes == ("eigenvector 1", "eigenvector 2")
    np.testing.assert_allclose(gram(found), low_rank / np.outer(lengths, lengths), atol=1e-14)
    np.testing.assert_allclose(gram(made("spectral", zoo, dim=4)), s, atol=1e-14)


def test_spectral_with_more_dimensions_than_the_rank(zoo: Taxonomy) -> None:
    found = made("spectral", zoo, SINGULAR, dim=4)
    assert found.vectors.shape == (4, 4)
    np.testing.assert_allclose(gram(found), SINGULAR, atol=1e-14)


def test_a_class_without_part_in_the_leading_eigenvectors_is_named() -> None:
    t = from_edges([("r", "a"), ("r", "p"), ("p", "b"), ("p", "c")])
    with pytest.raises(
        NotEmbeddable, match="the leading 1 eigenvectors say nothing of 1 classes, the first of them 'a'"
    ):
        made("spectral", t, dim=1)


def test_float32_and_a_given_array(zoo: Taxonomy) -> None:
    assert made("exact", zoo, dtype="float32").vectors.dtype == np.float32
    target, out = Target(zoo), np.zeros((4, 4), dtype=np.float32)
    work = Work(target=target, dtype=out.dtype, out=out)
    assert from_matrix("exact", target.matrix(), work).vectors is out
    np.testing.assert_allclose(out @ out.T, target.matrix(), atol=1e-6)
    with pytest.raises(TaxoError, match=r"out has the shape \(4, 4\), the vectors have \(4, 3\)"):
        from_matrix("exact", SINGULAR, work)


@pytest.mark.parametrize("name", ["nodes", "mds"])
def test_methods_that_need_a_tree(zoo: Taxonomy, name: str) -> None:
    work = Work(target=Target(zoo, "wup"), dtype=np.dtype("float64"))
    reason = ", since its axes are the nodes of the tree" if name == "nodes" else ""
    with pytest.raises(NotEmbeddable) as refused:
        from_matrix(name, np.eye(4), work)
    assert str(refused.value) == (
        f"the method {name} needs a tree and the measure lcs-height{reason}; with the measure wup take exact, cholesky "
        "or spectral"
    )
