"""Kinds of heights: what they have in common, columns by name, and that embeddings reproduce the similarities."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import dags, trees

from taxo.embeddings import embed
from taxo.hierarchies import load
from taxo.taxonomy import NotEmbeddable, TaxoError, Taxonomy, class_similarity, compare
from taxo.taxonomy.heights import HEIGHTS, node_heights
from taxo.taxonomy.ranks import ORDER

PLACED = list({place: rank for rank, place in ORDER.items()}.values())[::-1]
"""One rank for each place in the order, from the lowest to the highest."""


@st.composite
def complete(draw: st.DrawFn, hierarchies: st.SearchStrategy[Taxonomy]) -> Taxonomy:
    """Hierarchies that have what every kind of heights needs; branch lengths where they are trees."""
    t = draw(hierarchies)
    given_rank = draw(st.lists(st.booleans(), min_size=t.n_nodes, max_size=t.n_nodes))
    given_rank[int(t.leaves[0])] = True
    ranks = tuple(PLACED[h] if g else "clade" for h, g in zip(t.heights.tolist(), given_rank, strict=True))
    lengths = np.array(draw(st.lists(st.floats(0.01, 1), min_size=t.n_nodes, max_size=t.n_nodes)))
    return replace(t, ranks=ranks, lengths=lengths if t.is_tree else None)


KINDS = st.sampled_from(list(HEIGHTS))


@given(complete(trees(plain=True) | dags()), KINDS)
def test_heights_never_shrink_upwards(t: Taxonomy, kind: str) -> None:
    if kind == "branch-length" and not t.is_tree:
        return
    heights = node_heights(t, kind)
    assert heights.shape == (t.n_nodes,)
    assert heights.min() >= 0
    for v in range(t.n_nodes):
        assert all(heights[p] >= heights[v] for p in t.parents_of(v))


@settings(max_examples=60)
@given(complete(trees(max_nodes=18, plain=True)), KINDS, st.sampled_from(["exact", "cholesky", "nodes"]))
def test_dot_products_are_the_similarities(t: Taxonomy, kind: str, method: str) -> None:
    e = embed(t, method, heights=kind)
    products = e.vectors @ e.vectors.T
    products = products if isinstance(products, np.ndarray) else products.toarray()
    np.testing.assert_allclose(products, class_similarity(t, heights=node_heights(t, kind)), atol=1e-9)
    assert e.recipe.heights == kind


@given(complete(trees(max_nodes=12, plain=True) | dags(max_nodes=8)), KINDS, st.data())
def test_similarity_of_a_pair_is_that_of_the_matrix(t: Taxonomy, kind: str, data: st.DataObject) -> None:
    if kind == "branch-length" and not t.is_tree:
        return
    a, b = (data.draw(st.integers(0, t.n_classes - 1)) for _ in range(2))
    found = compare(t, t.classes[a], t.classes[b], heights=kind)
    assert found == pytest.approx(class_similarity(t, heights=node_heights(t, kind))[a, b], abs=1e-15)


@pytest.mark.parametrize("method", ["exact", "cholesky"])
@pytest.mark.parametrize("name", ["cub-deep", "cifar100"])
def test_levels_as_a_column_are_bit_for_bit_the_published_ones(name: str, method: str) -> None:
    t = load(name)
    column = dict(zip(t.names, t.heights.tolist(), strict=True))
    assert embed(t, method, heights=column).vectors.tobytes() == embed(t, method).vectors.tobytes()
    assert embed(t, method, heights="levels").vectors.tobytes() == embed(t, method).vectors.tobytes()


def test_only_the_proportions_of_a_column_count(zoo: Taxonomy) -> None:
    small = embed(zoo, heights={"animal": 4, "bird": 1, "owl": 0.5})
    large = embed(zoo, heights={"animal": 4096, "bird": 1024, "owl": 512, "cat": 0, "no node": 7})
    np.testing.assert_array_equal(small.vectors, large.vectors)
    wanted = [[1, 0, 0, 0], [0, 1, 0.75, 0.75], [0, 0.75, 1, 0.875], [0, 0.75, 0.875, 1]]
    np.testing.assert_allclose(small.vectors @ small.vectors.T, wanted, atol=1e-15)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"animal": 3, "bird": 2}, "no height is given for 1 inner node of 'zoo': 'owl'; only leaves may be left out"),
        ({}, "no height is given for 3 inner nodes of 'zoo': 'animal', 'bird', 'owl'; only leaves may be left out"),
        (
            {"animal": 3, "bird": 5, "owl": 6},
            "the heights given: 'bird' has the height 5, more than its parent 'animal' with 3 (and 1 more edges); heights "
            "must not shrink from child to parent",
        ),
        (
            {"animal": 3, "bird": 2, "owl": -1},
            "the heights given: 'owl' has the height -1.0; heights are numbers from 0",
        ),
        (
            {"animal": float("inf"), "bird": 2, "owl": 1},
            "the heights given: 'animal' has the height inf; heights are numbers from 0",
        ),
    ],
)
def test_columns_that_are_no_heights(zoo: Taxonomy, column: dict[str, float], message: str) -> None:
    with pytest.raises(NotEmbeddable, match=f"^{re.escape(message)}$"):
        node_heights(zoo, column)


def test_unknown_kinds_and_other_measures(zoo: Taxonomy) -> None:
    message = r"unknown heights 'rank'; did you mean 'ranks'\?; known are levels, ranks, information, branch-length"
    with pytest.raises(TaxoError, match=message):
        node_heights(zoo, "rank")
    with pytest.raises(TaxoError, match="heights are for the measure lcs-height only, not for 'wup'"):
        compare(zoo, "cat", "gull", measure="wup", heights="information")
    with pytest.raises(TaxoError, match="uses no information content"):
        compare(zoo, "cat", "gull", ic="seco", heights="information")


def test_compare_by_hand(zoo: Taxonomy) -> None:
    # Below bird lie 5 of the 7 nodes, bird included; below owl 3.
    assert compare(zoo, "barn", "gull", heights="information") == pytest.approx(1 - np.log(5) / np.log(7))
    assert compare(zoo, "barn", "snowy", heights={"animal": 8, "bird": 2, "owl": 1}) == 1 - 1 / 8
    assert compare(zoo, "barn", "snowy", heights="levels") == compare(zoo, "barn", "snowy") == 1 - 1 / 3


def test_the_figures_of_the_page() -> None:
    """Those of docs/heights.md."""
    for name, kind, changed, mean, most in (
        ("cub-deep", "ranks", 11_218, 0.051, 0.159),
        ("cub-deep", "information", 11_218, 0.148, 0.390),
        ("nab", "ranks", 3_895, 0.006, 0.250),
        ("nab", "information", 39_405, 0.036, 0.267),
    ):
        t = load(name)
        pairs = np.triu_indices(t.n_classes, 1)
        change = np.abs(class_similarity(t, heights=node_heights(t, kind))[pairs] - class_similarity(t)[pairs])
        assert np.count_nonzero(change > 1e-9) == changed
        assert (round(change.mean(), 3), round(change.max(), 3)) == (mean, most)
    cub = load("cub-deep")
    below = cub.ancestry.descendants
    assert [int(below[cub.index(name)]) for name in ("Icteridae", "Laridae")] == [21, 26]
