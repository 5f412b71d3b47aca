"""New classes: the old vectors stay, all dot products are right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import trees

from taxo.embeddings import Embedding, embed, extend
from taxo.hierarchies import load
from taxo.taxonomy import (
    NotEmbeddable,
    TaxoError,
    Taxonomy,
    UnknownNode,
    add,
    class_similarity,
    from_edges,
)

METHODS = ["exact", "cholesky", "nodes"]


def gram(e: Embedding) -> np.ndarray:
    vectors = e.dense()
    return vectors @ vectors.T


def old_rows(before: Embedding, after: Embedding) -> tuple[np.ndarray, np.ndarray]:
    """The old vectors before and after, as far as there were columns, and the new columns of the old rows."""
    rows = [after.classes.index(name) for name in before.classes]
    vectors = after.dense()[rows]
    np.testing.assert_array_equal(vectors[:, : before.dim], before.dense())
    return vectors[:, : before.dim], vectors[:, before.dim :]


def test_worked_out_by_hand(zoo: Taxonomy) -> None:
    # A third owl: similar 2/3 to barn and snowy, 1/3 to gull, 0 to cat. Node basis: weights bird 1/3, owl 1/3, leaves 1/3
    # (gull: 2/3). The new vector shares bird and owl and has sqrt(1/3) of its own.
    before = embed(zoo, "nodes")
    after = extend(before, add(zoo, "elf", parent="owl"))
    assert after.axes == (*before.axes, "elf (new)")
    row = dict(zip(after.axes, after.dense()[after.classes.index("elf")].tolist(), strict=True))
    third = np.sqrt(1 / 3)
    assert {k: v for k, v in row.items() if v} == {
        "bird": pytest.approx(third),
        "owl": pytest.approx(third),
        "elf (new)": pytest.approx(third),
    }
    assert (after.hierarchy, after.recipe.extended, after.method) == ("zoo", 1, "nodes")


@pytest.mark.parametrize("method", METHODS)
@given(data=st.data())
def test_old_vectors_stay_and_all_dot_products_are_right(method: str, data: st.DataObject) -> None:
    """The proof of `extend` as a property: any leaves are taken away and placed again, where that moves no old height."""
    whole = data.draw(trees(max_nodes=25))
    kept = data.draw(st.lists(st.sampled_from(whole.classes), min_size=1, unique=True))
    small = whole.with_classes(kept)
    before = embed(small, method)
    new = [name for name in whole.classes if name not in kept]
    if not new:
        return
    after = extend(before, whole)
    assert after.classes == whole.classes
    np.testing.assert_allclose(gram(after), class_similarity(whole), atol=1e-9)
    _, added = old_rows(before, after)
    assert added.shape[1] == len(new)
    assert not added.any()
    assert after.max_deviation < 1e-9
    assert after.fingerprint == whole.fingerprint


@pytest.mark.parametrize("method", METHODS)
def test_one_after_another_is_the_same_as_together(zoo: Taxonomy, method: str) -> None:
    grown = add(add(zoo, "elf", parent="owl"), "tern", parent="bird")
    before = embed(zoo, method)
    one = extend(extend(before, add(zoo, "elf", parent="owl")), grown)
    both = extend(before, grown)
    np.testing.assert_allclose(gram(one), gram(both), atol=1e-14)
    assert one.recipe.extended == both.recipe.extended == 2
    only = extend(before, grown, "tern")
    assert set(only.classes) == {*zoo.classes, "tern"}
    np.testing.assert_allclose(gram(only), class_similarity(grown.with_classes(only.classes)), atol=1e-14)


@pytest.mark.parametrize("method", METHODS)
def test_new_inner_nodes_with_several_new_classes(method: str) -> None:
    # A new family with two genera beside an old one, all below the levels that are there.
    edges = ["r a", "r b", "a a1", "a1 x", "a1 y", "b b1", "b1 z"]
    t = from_edges([tuple(e.split()) for e in edges])  # type: ignore[misc]
    more = from_edges([tuple(e.split()) for e in [*edges, "a a2", "a2 p", "a2 q", "b b2", "b2 s"]])  # type: ignore[misc]
    after = extend(embed(t, method), more)
    np.testing.assert_allclose(gram(after), class_similarity(more), atol=1e-14)


def test_float32_and_sparse_stay_what_they_are(zoo: Taxonomy) -> None:
    grown = add(zoo, "elf", parent="owl")
    dense = extend(embed(zoo, dtype="float32"), grown)
    sparse = extend(embed(zoo, "nodes", dtype="float32"), grown)
    assert (dense.vectors.dtype, sparse.vectors.dtype) == (np.float32, np.float32)
    assert sparse.is_sparse
    assert max(dense.max_deviation, sparse.max_deviation) < 1e-6


def test_other_heights_and_measures(zoo: Taxonomy) -> None:
    heights = {"animal": 3.0, "bird": 2.0, "owl": 0.5}
    after = extend(embed(zoo, heights=heights), add(zoo, "elf", parent="owl"), heights=heights)
    assert after.max_deviation < 1e-14
    with pytest.raises(TaxoError, match="made for heights of your own; give them again"):
        extend(embed(zoo, heights=heights), add(zoo, "elf", parent="owl"))
    with pytest.raises(NotEmbeddable, match="similarities of old classes change"):  # every count below grows
        extend(embed(zoo, heights="information"), add(zoo, "elf", parent="owl"))
    assert extend(embed(zoo, measure="wup"), add(zoo, "elf", parent="owl")).max_deviation < 1e-14


def test_a_bird_that_cub_lacks() -> None:
    t = load("cub-deep")
    before = embed(t)
    after = extend(before, add(t, "Larus fuscus", parent="Larus"))
    assert after.dim == 201
    assert after.max_deviation < 1e-12
    sparse = extend(embed(t, "nodes"), add(t, "Larus fuscus", parent="Larus"))
    assert sparse.max_deviation < 1e-15
    np.testing.assert_allclose(gram(after), gram(sparse), atol=1e-12)


def test_the_class_order_is_that_of_the_hierarchy() -> None:
    t = from_edges([("r", "1"), ("r", "3")])
    after = extend(embed(t), from_edges([("r", "3"), ("r", "2"), ("r", "1")]))
    assert after.classes == ("1", "2", "3")
    assert after.labels.tolist() == [1, 2, 3]
    np.testing.assert_array_equal(after.vectors, [[1, 0, 0], [0, 0, 1], [0, 1, 0]])


def test_refusals(zoo: Taxonomy) -> None:
    e = embed(zoo)
    with pytest.raises(TaxoError, match="'zoo' has no class that the embedding lacks"):
        extend(e, zoo)
    with pytest.raises(TaxoError, match="'gull' has a vector already"):
        extend(e, zoo, "gull")
    with pytest.raises(UnknownNode, match=r"unknown node 'guls'; did you mean 'gull'\?"):
        extend(e, zoo, ["guls"])
    with pytest.raises(UnknownNode, match="unknown class 'owl'"):
        extend(e, zoo, ["owl"])
    with pytest.raises(TaxoError, match="'barn' of the embedding are no classes of 'zoo'; classes can only be added"):
        extend(e, zoo.with_classes(["cat", "gull", "snowy"]))
    # Two more levels: owl is at 2 of 4 instead of 1 of 3, so that s(barn, snowy) = 1/2 instead of 2/3.
    with pytest.raises(NotEmbeddable, match=r"similarities of old classes change by up to 0\.167"):
        extend(e, add(add(zoo, "nest", parent="owl"), "chick", parent="nest"))
    with pytest.raises(NotEmbeddable, match=r"vectors do not reproduce the similarities \(deviation 6\.7e-01\)"):
        extend(embed(zoo, "onehot"), add(zoo, "elf", parent="owl"))


def test_an_inner_node_as_a_new_class(zoo: Taxonomy) -> None:
    grown = zoo.with_classes([*zoo.classes, "owl"])
    for method in METHODS:
        after = extend(embed(zoo, method), grown)
        np.testing.assert_allclose(gram(after), class_similarity(grown), atol=1e-14)
