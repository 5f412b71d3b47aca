"""Few dimensions: against the eigenvectors of S itself, by hand, and where clusters of eigenvalues are cut."""

import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import attributed, trees

from taxo.embeddings import embed, load
from taxo.embeddings.class_tree import ClassTree
from taxo.embeddings.spectral import from_eigenpairs, leading
from taxo.embeddings.spectral_count import TIE, choose, counts, eigenvalue
from taxo.embeddings.spectral_iteration import TOLERANCE, iterate
from taxo.embeddings.spectral_pairs import Pairs, descending, eigenpairs
from taxo.embeddings.spectral_quotient import Merged, Quotient, merge
from taxo.embeddings.target import Target
from taxo.taxonomy import NotEmbeddable, TaxoError, Taxonomy, class_similarity, flat, from_edges


def tree_of(t: Taxonomy) -> ClassTree:
    return Target(t).tree


def components(t: Taxonomy) -> int:
    """Groups of classes that have nothing in common, by the matrix: an independent count."""
    label = np.arange(t.n_classes)
    near = class_similarity(t) > 0
    for _ in label:
        label = np.array([label[row].min() for row in near])
    return len(set(label.tolist()))


def vectors_of(pairs: Pairs, t: Taxonomy) -> np.ndarray:
    return pairs.rows(0, t.n_classes)


def test_worked_out_by_hand() -> None:
    # Classes a, b, c below p (height 1), e below the root (height 2): S is 1 on the diagonal and 1/2 among a, b, c.
    # Eigenvalues 2 for (1, 1, 1, 0)/sqrt(3), 1 for e, 1/2 twice for the contrasts of a, b, c.
    t = from_edges([("r", "p"), ("p", "a"), ("p", "b"), ("p", "c"), ("r", "e")])
    pairs = eigenpairs(tree_of(t), 4)
    np.testing.assert_allclose(pairs.values, [2, 1, 0.5, 0.5], atol=1e-15)
    third, half, sixth = np.sqrt([1 / 3, 1 / 2, 1 / 6])
    expected = [[third, 0, half, sixth], [third, 0, 0, -2 * sixth], [third, 0, -half, sixth], [0, 1, 0, 0]]
    np.testing.assert_allclose(vectors_of(pairs, t), expected, atol=1e-15)
    e = embed(t, "spectral", dim=2)
    np.testing.assert_allclose(e.vectors, [[1, 0], [1, 0], [1, 0], [0, 1]], atol=1e-15)
    assert e.axes == ("eigenvector 1 (eigenvalue 2)", "eigenvector 2 (eigenvalue 1)")
    # Among a, b, c dot products are 1 where 1/2 is wanted: 6 of 16 entries.
    assert e.max_deviation == pytest.approx(1 / 2)
    assert e.mean_deviation == pytest.approx(6 / 2 / 16)


@settings(max_examples=40)
@given(attributed(trees(max_nodes=20)), st.data())
def test_eigenpairs_of_the_similarities(t: Taxonomy, data: st.DataObject) -> None:
    s = class_similarity(t)
    d = data.draw(st.integers(components(t), t.n_classes))
    pairs = eigenpairs(tree_of(t), d)
    v = vectors_of(pairs, t)
    np.testing.assert_allclose(v.T @ v, np.eye(d), atol=1e-12)
    np.testing.assert_allclose(s @ v, v * pairs.values, atol=1e-12)
    values, _ = leading(s, d)  # from S itself, by the same rule
    np.testing.assert_allclose(pairs.values, values, atol=1e-12)


@settings(max_examples=40)
@given(trees(max_nodes=20), st.data())
def test_no_matrix_of_this_rank_is_nearer(t: Taxonomy, data: st.DataObject) -> None:
    # Eckart & Young: the error of the best is the sum of squares of the eigenvalues that are left out.
    s = class_similarity(t)
    every = np.linalg.eigvalsh(s)[::-1]
    d = data.draw(st.integers(components(t), t.n_classes))
    pairs = eigenpairs(tree_of(t), d)
    v = vectors_of(pairs, t)
    error = ((v * pairs.values @ v.T - s) ** 2).sum()
    np.testing.assert_allclose(error, (s**2).sum() - (pairs.values**2).sum(), atol=1e-10)
    best = (every[d:] ** 2).sum()
    completed = not np.allclose(pairs.values, every[:d], rtol=0, atol=1e-9)  # components that need one come first
    assert error > best if completed else error == pytest.approx(best, abs=1e-10)
    other = np.random.default_rng(0).standard_normal((t.n_classes, d))
    projector = other @ np.linalg.pinv(other)
    assert ((projector @ s @ projector - s) ** 2).sum() >= best - 1e-10


@settings(max_examples=40)
@given(attributed(trees(max_nodes=20)))
def test_all_dimensions_are_exact(t: Taxonomy) -> None:
    e = embed(t, "spectral", dim=t.n_classes)
    np.testing.assert_allclose(e.vectors @ e.vectors.T, class_similarity(t), atol=1e-13)


@settings(max_examples=40)
@given(trees(max_nodes=20), st.data())
def test_every_class_has_a_unit_vector_or_it_is_said_how_many_are_needed(t: Taxonomy, data: st.DataObject) -> None:
    d = data.draw(st.integers(1, t.n_classes))
    needed = components(t)
    if d < needed:
        with pytest.raises(NotEmbeddable, match=rf"dim={d}: there are {needed} .* take dim={needed} or more"):
            embed(t, dim=d)
    else:
        e = embed(t, dim=d)
        assert e.max_deviation <= 2
        np.testing.assert_allclose(np.linalg.norm(e.vectors, axis=1), 1, atol=1e-14)


def test_a_small_branch_gets_a_dimension_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    # The two leading eigenvectors lie in the branches of 5 and 4 classes; "alone" has eigenvalue 1.
    edges = [("r", "p"), ("r", "q"), ("r", "alone"), *(("p", f"p{i}") for i in range(5))]
    t = from_edges([*edges, *(("q", f"q{i}") for i in range(4))])
    every = np.linalg.eigvalsh(class_similarity(t))[::-1]
    np.testing.assert_allclose(every[:4], [3, 2.5, 1, 0.5])
    with pytest.raises(NotEmbeddable, match=r"dim=2: there are 3 classes or groups"):
        embed(t, dim=2)
    assert eigenpairs(tree_of(t), 3).values.tolist() == pytest.approx([3, 2.5, 1])
    assert not caplog.records
    edges += [("p", "pp"), ("q", "qq"), *((v, f"{v}{i}") for v in ("pp", "qq") for i in range(6))]
    t = from_edges([*edges, *(("q", f"q{i}") for i in range(4))])
    assert np.linalg.eigvalsh(class_similarity(t))[-4] > 1
    assert eigenpairs(tree_of(t), 4).values[-1] == 1
    assert caplog.messages == [
        "1 of 4 dimensions are not those of the leading eigenvectors: classes would have no part in these"
    ]
    assert embed(t, dim=4).max_deviation < 1
    assert embed(t, dim=t.n_classes).max_deviation < 1e-14
    assert len(caplog.messages) == 2


@pytest.mark.parametrize("t", [flat(["a"]), from_edges([("r", "a")]), from_edges([("r", "p"), ("p", "a")])])
def test_one_class(t: Taxonomy) -> None:
    assert embed(t, dim=1).vectors.tolist() == [[1]]


def test_a_star_has_nothing_to_leave_out() -> None:
    t = from_edges([("r", f"c{i}") for i in range(9)])
    np.testing.assert_array_equal(embed(t, dim=9).vectors, np.eye(9))
    with pytest.raises(NotEmbeddable, match="dim=8: there are 9"):
        embed(t, dim=8)


def test_a_caterpillar_of_300_levels() -> None:
    t = from_edges([(f"n{i}", f"n{i + 1}") for i in range(300)] + [(f"n{i}", f"leaf{i}") for i in range(300)])
    s = class_similarity(t)
    values = eigenpairs(tree_of(t), 40).values
    np.testing.assert_allclose(values, np.linalg.eigvalsh(s)[: -40 - 1 : -1], rtol=1e-12)


@pytest.mark.parametrize("dim", [0, -1, 5])
def test_impossible_numbers_of_dimensions(zoo: Taxonomy, dim: int) -> None:
    with pytest.raises(TaxoError, match=f"dim={dim}"):
        embed(zoo, dim=dim)
    with pytest.raises(TaxoError, match="needs the number of dimensions"):
        embed(zoo, "spectral")


# -- the steps ---------------------------------------------------------------------------------------------------------


def merging(merged: Merged) -> np.ndarray:
    """Orthonormal indicators of the groups, `(n_classes, n_groups)`."""
    groups = merged.quotient.groups.tolist()
    out = np.zeros((len(merged.group_of), len(groups)))
    for c, group in enumerate(merged.group_of.tolist()):
        if group >= 0:
            out[c, groups.index(group)] = 1 / np.sqrt(merged.quotient.size[group])
    return out


@settings(max_examples=40)
@given(attributed(trees(max_nodes=20)))
def test_merging_siblings_projects_the_similarities(t: Taxonomy) -> None:
    merged = merge(tree_of(t))
    g = merging(merged)
    s = class_similarity(t)
    matrix = merged.quotient.matrix()
    np.testing.assert_allclose(matrix, g.T @ s @ g, atol=1e-13)
    np.testing.assert_allclose(s @ g, g @ matrix, atol=1e-13)  # the span of the indicators is invariant
    assert merged.quotient.n_components + len(merged.singles) == components(t)


@settings(max_examples=40)
@given(attributed(trees(max_nodes=20)))
def test_components_by_themselves(t: Taxonomy) -> None:
    quotient = merge(tree_of(t)).quotient
    whole = quotient.matrix()
    for component in range(quotient.n_components):
        part, nodes = quotient.part(component)
        rows = np.searchsorted(quotient.groups, nodes[part.groups])
        np.testing.assert_array_equal(part.matrix(), whole[np.ix_(rows, rows)])
        whole[np.ix_(rows, rows)] = 0
    assert not whole.any()


@settings(max_examples=40)
@given(attributed(trees(max_nodes=20)), st.lists(st.floats(0.01, 30), min_size=1, max_size=4))
def test_counts_are_those_of_the_eigenvalues(t: Taxonomy, shifts: list[float]) -> None:
    quotient = merge(tree_of(t)).quotient
    values = np.linalg.eigvalsh(quotient.matrix()) if len(quotient.groups) else np.zeros(0)
    x = np.array([x for x in shifts if np.abs(values - x).min(initial=1) > 1e-9] or [29.7])
    found = counts(quotient, x).sum(axis=0)
    assert found.tolist() == [(values > y).sum() for y in x]


@settings(max_examples=40)
@given(attributed(trees(max_nodes=20)), st.data())
def test_eigenvalues_by_counting(t: Taxonomy, data: st.DataObject) -> None:
    merged = merge(tree_of(t))
    number = data.draw(st.integers(1, t.n_classes))
    expected = np.linalg.eigvalsh(class_similarity(t))[-number]
    found = eigenvalue(merged.quotient, number, len(merged.singles))
    below = np.linalg.eigvalsh(class_similarity(t))[-number - 1] if number < t.n_classes else 0
    assert below - 1e-12 <= found <= expected + 1e-12


def test_equal_contrasts_are_spread_over_the_groups() -> None:
    # Three groups of 9, 5 and 5 classes: 8 + 4 + 4 contrasts of eigenvalue 1/2, of which 8 are taken.
    edges = [("r", v) for v in "pqs"] + [
        (v, f"{v}{i}") for v, m in zip("pqs", (9, 5, 5), strict=True) for i in range(m)
    ]
    quotient = merge(tree_of(from_edges(edges))).quotient
    chosen = choose(quotient, 3 + 8)
    assert (chosen.pairs.tolist(), chosen.contrasts.tolist()) == ([1, 1, 1], [4, 2, 2])
    lengths = np.linalg.norm(eigenpairs(tree_of(from_edges(edges)), 11).rows(0, 19)[:, 3:], axis=1)
    assert lengths.min() > 0.4  # every class has a part; all alike they would be sqrt(8 / 16)


def test_equal_eigenvalues_keep_their_order() -> None:
    assert descending(np.array([1, 2, 1 + TIE / 4, 3, 2 - TIE])).tolist() == [3, 1, 4, 0, 2]


# -- big matrices ------------------------------------------------------------------------------------------------------


def largest(t: Taxonomy) -> Quotient:
    """The component with the most groups."""
    quotient = merge(tree_of(t)).quotient
    return max((quotient.part(c)[0] for c in range(quotient.n_components)), key=lambda part: len(part.groups))


def random_tree(n: int, seed: int = 0) -> Taxonomy:
    rng = np.random.default_rng(seed)
    parent = (rng.random(n) * np.arange(n)).astype(int).tolist()
    return from_edges([(f"n{p}", f"n{c}") for c, p in enumerate(parent) if c])


def balanced(branches: int, levels: int) -> Taxonomy:
    n = (branches**levels - 1) // (branches - 1)
    return from_edges([(f"n{(c - 1) // branches}", f"n{c}") for c in range(1, n)])


@pytest.mark.parametrize(
    ("t", "wanted"),
    [
        (random_tree(2000), 10),
        (balanced(2, 10), 6),  # the sixth of eight equal eigenvalues
        (balanced(3, 7), 27),  # more equal eigenvalues than the block is wide
        (from_edges([(f"n{i}", f"n{i + 1}") for i in range(150)] + [(f"n{i}", f"m{i}") for i in range(150)]), 5),
    ],
    ids=["random", "cut in a cluster", "wide cluster", "caterpillar"],
)
def test_iteration_finds_what_the_decomposition_finds(t: Taxonomy, wanted: int) -> None:
    part = largest(t)
    s = part.matrix()
    found = iterate(part, wanted, seed=1)
    assert found.residual <= TOLERANCE
    np.testing.assert_allclose(found.values, np.linalg.eigvalsh(s)[: -wanted - 1 : -1], rtol=1e-12)
    v = found.vectors
    np.testing.assert_allclose(v.T @ v, np.eye(wanted), atol=1e-12)
    assert (np.linalg.norm(s @ v - v * found.values, axis=0) <= 2 * TOLERANCE * found.values).all()


def test_iterated_embeddings_are_those_of_the_decomposition(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    t = random_tree(1000)
    whole = embed(t, dim=30)
    monkeypatch.setattr("taxo.embeddings.spectral_pairs._DENSE", 50)
    caplog.set_level(logging.INFO, "taxo")
    iterated = embed(t, dim=30)
    assert "eigenvectors by iteration: " in caplog.text
    np.testing.assert_allclose(iterated.vectors, whole.vectors, atol=1e-8)  # signs and all: there is no cluster
    np.testing.assert_array_equal(embed(t, dim=30).vectors, iterated.vectors)  # the same bytes again
    assert embed(t, dim=30, dtype="float32").vectors.dtype == np.float32
    np.testing.assert_allclose(embed(t, dim=30, dtype="float32").vectors, whole.vectors, atol=1e-6)


def test_what_does_not_converge_is_said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("taxo.embeddings.spectral_iteration._ROUNDS", 1)
    part = largest(random_tree(2000))
    assert iterate(part, 10, seed=0).residual > TOLERANCE
    assert "after 1 rounds the largest relative residual is still" in caplog.text


def test_rows_are_written_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    t = random_tree(500)
    at_once = embed(t, dim=200).vectors
    monkeypatch.setattr("taxo.embeddings.spectral._BLOCK", 1000)
    np.testing.assert_array_equal(embed(t, dim=200).vectors, at_once)


# -- matrices ----------------------------------------------------------------------------------------------------------


def test_vectors_of_a_matrix() -> None:
    s = np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]])
    values, vectors = leading(s, 2)
    np.testing.assert_allclose(values, [1.5, 1])
    np.testing.assert_allclose(from_eigenpairs(values, vectors), [[1, 0], [1, 0], [0, 1]], atol=1e-15)
    with pytest.raises(NotEmbeddable, match="dim=1: there are 2 classes"):
        leading(s, 1)


def test_a_matrix_that_is_only_nearly_positive_semi_definite() -> None:
    values, vectors = leading(np.ones((3, 3)) - 1e-12 * np.eye(3), 3)
    assert values[-1] < 0
    np.testing.assert_allclose(np.abs(from_eigenpairs(values, vectors)).sum(axis=1), 1)


def test_a_class_without_a_part() -> None:
    with pytest.raises(NotEmbeddable, match=r"class 1 \(counted from 0\) has no part in the 1 leading eigenvectors"):
        from_eigenpairs(np.array([1.0]), np.array([[1.0], [0.0]]))


# -- real hierarchies --------------------------------------------------------------------------------------------------


def test_cub_deep_in_64_dimensions(tmp_path: Path) -> None:
    from taxo.hierarchies import load as hierarchy

    t = hierarchy("cub-deep")
    e = embed(t, dim=64)
    values, vectors = np.linalg.eigh(class_similarity(t))
    # The published construction: numpy's eigenvectors, the largest 64, rows to length 1.
    published = vectors[:, -64:] * np.sqrt(values[-64:])
    published /= np.linalg.norm(published, axis=1, keepdims=True)
    if values[-64] - values[-65] > 1e-9:
        np.testing.assert_allclose(e.vectors @ e.vectors.T, published @ published.T, atol=1e-10)
    assert e.mean_deviation < 0.05
    e.save(tmp_path / "e.npz")
    assert load(tmp_path / "e.npz") == e
    assert embed(t, dim=t.n_classes).max_deviation < 1e-13


def test_a_component_that_takes_the_place_of_a_greater_eigenvalue(caplog: pytest.LogCaptureFixture) -> None:
    # One component of six classes with the eigenvalues 2.457 and 1.043, and five classes by themselves: of six
    # dimensions one goes to each component, so the second eigenvalue of all makes room for one that is 1, as others are.
    edges = ["0 1", "0 4", "0 5", "0 6", "0 7", "0 8", "1 2", "1 a", "1 b", "1 c", "1 d", "2 3", "3 e", "3 f"]
    t = from_edges([tuple(e.split()) for e in edges])  # type: ignore[misc]
    every = np.linalg.eigvalsh(class_similarity(t))[::-1]
    assert every[:3].round(3).tolist() == [2.457, 1.043, 1]
    for pairs in (eigenpairs(tree_of(t), 6).values, leading(class_similarity(t), 6)[0]):
        np.testing.assert_allclose(pairs, [every[0], 1, 1, 1, 1, 1])
    said = [m for m in caplog.messages if "1 of 6 dimensions are not those of the leading eigenvectors" in m]
    assert len(said) == 2
    caplog.clear()
    np.testing.assert_allclose(eigenpairs(tree_of(t), 7).values, every[:7])
    assert not caplog.messages
