"""What pictures are made of, without drawing: groups, matrices, maps, branches, places of labels, loss surfaces."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import dags, trees

from taxo.embeddings import embed
from taxo.embeddings.class_tree import class_tree
from taxo.embeddings.plots import of_embedding, of_hierarchy, principal, values
from taxo.embeddings.plots.branches import branches, rows_at
from taxo.embeddings.plots.levels import default_levels, find_level, names_of
from taxo.embeddings.plots.losses import TARGET, panels
from taxo.embeddings.plots.packing import Box, apart, legible, place_labels, rim, spread
from taxo.embeddings.plots.principal import principal_coordinates
from taxo.embeddings.plots.surfaces import cosine, cross_entropy, plane, squared_error
from taxo.hierarchies import load
from taxo.taxonomy import NotEmbeddable, TaxoError, Taxonomy, class_similarity, flat, from_edges

# Levels


def test_groups_of_a_level_by_hand(zoo: Taxonomy) -> None:
    # Depth-first: cat, barn, snowy, gull.
    tree = class_tree(zoo)
    level = find_level(tree, zoo, "1")
    assert [(g.first, g.count, g.is_class, g.centre) for g in level.groups] == [(0, 1, True, 0.5), (1, 3, False, 2.5)]
    assert names_of(level.groups, tree, zoo, labels=False) == ["cat", "bird"]
    assert level.group_of(4).tolist() == [0, 1, 1, 1]
    assert level.numbers() == [-1, 0]  # a class by itself has no colour of its own
    deeper = find_level(tree, zoo, "2")
    assert deeper.group_of(4).tolist() == [-1, 0, 0, 1]  # cat ends above this level
    assert find_level(tree, zoo, "3").numbers() == [0, 1]  # unless all are classes


def test_groups_of_a_rank() -> None:
    birds = load("cub-deep")
    level = find_level(class_tree(birds), birds, "Order")
    assert len(level.groups) == sum(rank == "order" for rank in birds.ranks)
    assert sum(g.count for g in level.groups) == 200
    assert (np.diff([g.first for g in level.groups]) > 0).all()


def test_of_a_rank_above_itself_the_uppermost_counts() -> None:
    from dataclasses import replace

    t = from_edges([("r", "a"), ("a", "b"), ("b", "x"), ("b", "y"), ("r", "z")])
    t = replace(t, ranks=tuple("clade" if name in "ab" else "" for name in t.names))
    (group,) = find_level(class_tree(t), t, "clade").groups
    assert names_of([group], class_tree(t), t, labels=False) == ["a"]


def test_a_level_that_is_not_there(zoo: Taxonomy) -> None:
    with pytest.raises(TaxoError) as error:
        find_level(class_tree(zoo), zoo, "7")
    assert str(error.value) == "no level '7'; zoo has the levels 0 to 3, no ranks"
    flat_birds = load("cub-flat")
    with pytest.raises(TaxoError) as error:
        find_level(class_tree(flat_birds), flat_birds, "famly")
    assert str(error.value) == (
        "no level 'famly'; did you mean 'family'?; cub-flat has the levels 0 to 4 and the ranks class, order, family, "
        "genus, species"
    )


@pytest.mark.parametrize(
    ("name", "titles"),
    [("cifar100", ["level 1", "level 3"]), ("nab", ["level 1"]), ("ilsvrc", ["level 4", "level 5"])],
)
def test_levels_that_are_chosen(name: str, titles: list[str]) -> None:
    assert [level.title for level in default_levels(class_tree(load(name)), 40, count=2)] == titles


def test_no_level_is_chosen_where_there_is_none() -> None:
    assert default_levels(class_tree(flat(["a", "b", "c"])), 40) == ()
    assert default_levels(class_tree(from_edges([], nodes=["a"])), 40) == ()


@settings(max_examples=40)
@given(trees())
def test_groups_are_disjoint(t: Taxonomy) -> None:
    tree = class_tree(t)
    for depth in range(int(tree.level[-1])):
        groups = find_level(tree, t, str(depth)).groups
        ends = [g.first + g.count for g in groups]
        assert all(end <= g.first for end, g in zip(ends, groups[1:], strict=False))
        assert ends[-1] <= t.n_classes


# Matrices


@settings(max_examples=40)
@given(trees(max_nodes=20), st.data())
def test_blocks_have_the_mean_of_their_pairs(t: Taxonomy, data: st.DataObject) -> None:
    bins = data.draw(st.integers(1, t.n_classes))
    order = class_tree(t).class_at
    whole = class_similarity(t)[np.ix_(order, order)]
    starts = [*values.bin_starts(t.n_classes, bins).tolist(), t.n_classes]
    parts = [slice(a, b) for a, b in pairwise(starts)]
    expected = np.array([[whole[a, b].mean() for b in parts] for a in parts])
    for subject in (of_hierarchy(t), of_embedding(embed(t), t)):
        np.testing.assert_allclose(subject.values.binned(order, bins), expected, atol=1e-12)
        np.testing.assert_allclose(subject.values.ordered(order), whole, atol=1e-12)


@settings(max_examples=40)
@given(dags())
def test_blocks_of_a_dag(t: Taxonomy) -> None:
    found = of_hierarchy(t).values
    assert found.vectors is None or t.is_tree
    order = np.arange(t.n_classes)
    np.testing.assert_allclose(found.binned(order, t.n_classes), class_similarity(t), atol=1e-12)


def test_difference(zoo: Taxonomy) -> None:
    subject = of_embedding(embed(zoo, "onehot"), zoo, minus=True)
    np.testing.assert_allclose(subject.values.rows(slice(None)), np.eye(4) - class_similarity(zoo))
    with pytest.raises(TaxoError, match="a difference needs the hierarchy"):
        of_embedding(embed(zoo), minus=True)


def test_sparse_and_dense_embeddings_show_the_same(zoo: Taxonomy) -> None:
    dense, sparse = (of_embedding(embed(zoo, method), zoo).values for method in ("exact", "nodes"))
    np.testing.assert_allclose(dense.rows(slice(1, 3)), sparse.rows(slice(1, 3)), atol=1e-15)
    np.testing.assert_allclose(dense.binned(np.arange(4), 2), sparse.binned(np.arange(4), 2), atol=1e-15)


def test_an_embedding_in_an_order_of_its_own(zoo: Taxonomy) -> None:
    e = embed(zoo.with_classes(["snowy", "cat", "gull"]))
    subject = of_embedding(e, zoo)
    assert subject.class_texts(labels=False) == ["cat", "snowy", "gull"]
    assert of_embedding(e).class_texts(labels=False) == ["snowy", "cat", "gull"]
    with pytest.raises(TaxoError, match="the hierarchy 'other' lacks a class of the embedding: unknown node 'snowy'"):
        of_embedding(e, flat(["cat", "gull"], "other"))


# Maps


def test_three_classes_lie_at_their_distances() -> None:
    # s(a, b) = 1/2, c has nothing in common with them: squared distances 1, 2, 2, which fit into a plane.
    t = from_edges([("r", "p"), ("p", "a"), ("p", "b"), ("r", "c")])
    found = principal_coordinates(of_hierarchy(t).values)
    apart_by = ((found.points[:, None] - found.points) ** 2).sum(axis=2)
    np.testing.assert_allclose(apart_by, [[0, 1, 2], [1, 0, 2], [2, 2, 0]], atol=1e-12)
    np.testing.assert_allclose(found.points.sum(axis=0), 0, atol=1e-12)
    assert found.shares.sum() == pytest.approx(1)
    # The sum of the squared distances over all ordered pairs, 10, over 2n is the trace of B.
    assert (found.points**2).sum() == pytest.approx(10 / 6)
    assert not found.arbitrary


def test_equal_distances_make_any_plane_as_good() -> None:
    found = principal_coordinates(of_hierarchy(flat("abcde")).values)
    assert found.arbitrary
    np.testing.assert_allclose(found.shares, 0.25)


def test_one_and_two_classes() -> None:
    assert principal_coordinates(of_hierarchy(flat("a")).values).points.tolist() == [[0, 0]]
    two = principal_coordinates(of_hierarchy(flat("ab")).values)
    np.testing.assert_allclose(np.abs(two.points), [[np.sqrt(0.5), 0], [np.sqrt(0.5), 0]], atol=1e-12)
    assert two.shares.tolist() == [pytest.approx(1), 0]


@settings(max_examples=40)
@given(trees(max_nodes=20))
def test_vectors_and_matrix_give_the_same_map(t: Taxonomy) -> None:
    by_vectors = of_hierarchy(t).values
    by_matrix = values.Values(by_vectors.n, "", by_vectors.rows)
    a, b = principal_coordinates(by_vectors), principal_coordinates(by_matrix)
    np.testing.assert_allclose(a.shares, b.shares, atol=1e-9)
    assume(a.shares[0] > a.shares[1] + 1e-3 and not a.arbitrary and not b.arbitrary)
    np.testing.assert_allclose(a.points[:, 0] ** 2, b.points[:, 0] ** 2, atol=1e-6)


@pytest.mark.parametrize("method", ["exact", "nodes"])
def test_few_eigenvectors_as_all(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = of_embedding(embed(load("cifar100"), method)).values
    whole = principal_coordinates(found)
    monkeypatch.setattr(principal, "_SMALL", 10)
    few = principal_coordinates(found)
    np.testing.assert_allclose(few.points, whole.points, atol=1e-7)
    np.testing.assert_allclose(few.shares, whole.shares, atol=1e-9)


def test_many_classes_need_vectors(monkeypatch: pytest.MonkeyPatch, diamond: Taxonomy) -> None:
    monkeypatch.setattr(principal, "MOST_CLASSES", 3)
    with pytest.raises(NotEmbeddable, match="a map of 4 classes needs their matrix, which is formed for at most 3"):
        principal_coordinates(of_hierarchy(diamond).values)


# Branches


def test_branches_by_hand(zoo: Taxonomy) -> None:
    tree = class_tree(zoo)
    laid = branches(tree, 3)
    where = {zoo.names[tree.node[v]]: i for i, v in enumerate(laid.shown)}
    rows = {name: float(laid.row[i]) for name, i in where.items()}
    # Rows: cat, barn, snowy, gull; owl between barn and snowy, bird between owl and gull, animal between cat and bird.
    assert rows == {
        "cat": 0.5, "barn": 1.5, "snowy": 2.5, "gull": 3.5, "owl": 2.0, "bird": 2.75, "animal": 1.625
    }  # fmt: skip
    heights = {name: float(laid.height[i]) for name, i in where.items()}
    assert heights == pytest.approx({"animal": 3, "bird": 2, "owl": 1, "cat": 0, "barn": 0, "snowy": 0, "gull": 0})
    assert laid.spans[laid.spans[:, 0] == where["bird"]].tolist() == [[where["bird"], 2.0, 3.5]]
    assert laid.below.tolist() == [1, 1, 1, 1]


def test_a_cut_counts_what_it_hides(zoo: Taxonomy) -> None:
    tree = class_tree(zoo)
    laid = branches(tree, 3, depth=1)
    assert [zoo.names[v] for v in tree.node[laid.shown[laid.tips]]] == ["cat", "bird"]
    assert laid.below.tolist() == [1, 3]
    assert rows_at(tree).tolist() == [1, 2, 3, 4]


@settings(max_examples=40)
@given(trees(), st.data())
def test_branches_do_not_cross(t: Taxonomy, data: st.DataObject) -> None:
    tree = class_tree(t)
    depth = data.draw(st.integers(0, int(tree.level[-1]) - 1))
    laid = branches(tree, 1.0, depth)
    assert laid.n_rows == rows_at(tree)[depth]
    assert laid.below.sum() == t.n_classes
    assert sorted(laid.row[laid.tips].tolist()) == [i + 0.5 for i in range(laid.n_rows)]
    spans = {int(v): (top, bottom) for v, top, bottom in laid.spans}
    for v, parent in enumerate(laid.parent.tolist()):
        if parent >= 0:
            top, bottom = spans[parent]
            assert top <= laid.row[v] <= bottom
            assert laid.height[v] <= laid.height[parent] + 1e-12


def test_a_deep_chain() -> None:
    n = 3000
    t = from_edges([(f"n{i}", f"n{i + 1}") for i in range(n)] + [("n0", "x")])
    laid = branches(class_tree(t), n)
    assert laid.n_rows == 2
    assert len(laid.shown) == n + 2


# Places of labels


@given(st.lists(st.floats(0, 100), min_size=1, max_size=20).map(sorted), st.floats(0.1, 5))
def test_spread(wanted: list[float], gap: float) -> None:
    places = spread(wanted, gap, 0, 100)
    assert (np.diff(places) >= gap - 1e-9).all()
    assert places[0] >= -1e-9
    assert places[-1] <= 100 + 1e-9
    if len(wanted) == 1 or np.diff(wanted).min() >= gap:
        np.testing.assert_allclose(places, wanted, atol=1e-9)


def test_labels_that_would_be_moved_too_far_are_left_out() -> None:
    wanted = [50.0, 51, 52, 53, 54]
    assert legible(wanted, [1, 5, 3, 4, 2], 10, 0, 100, 10) == [1, 2, 3]
    assert legible(wanted, [1, 1, 1, 1, 1], 10, 0, 100, 100) == [0, 1, 2, 3, 4]
    assert legible([5.0], [1], 10, 5, 5, 1) == [0]


def test_of_equal_labels_those_that_stay_are_spread_evenly() -> None:
    wanted = np.linspace(0, 100, 101)
    kept = legible(wanted.tolist(), [1.0] * 101, 5, 0, 100, 4)
    assert len(kept) >= 15
    assert np.diff(kept).max() <= 13


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=60), st.floats(0.2, 3))
def test_dots_are_set_apart(places: list[tuple[int, int]], step: float) -> None:
    points = np.array(places, dtype=np.float64)
    moved = apart(points, step)
    far = np.hypot(*(moved[:, None] - moved).transpose(2, 0, 1)) + 2 * step * np.eye(len(points))
    assert far.min() >= step * (1 - 1e-5)
    if len(set(places)) == len(places) and step <= 1:
        np.testing.assert_array_equal(moved, points)


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 60)), min_size=1, max_size=15))
def test_labels_do_not_overlap(places: list[tuple[float, float]]) -> None:
    anchors, frame = np.array(places), Box(0, 0, 100, 60)
    sizes = np.tile([20.0, 6.0], (len(places), 1))
    boxes = [
        box
        for box in place_labels(anchors, sizes, frame, anchors, radius=1, reaches=[40.0] * len(places))
        if box is not None
    ]
    assert boxes
    for i, box in enumerate(boxes):
        assert box.within(frame)
        assert not any(box.meets(other) for other in boxes[:i])


def test_a_label_leaves_its_dot_free() -> None:
    anchor = np.array([[50.0, 30.0]])
    (box,) = place_labels(anchor, np.array([[20.0, 6.0]]), Box(0, 0, 100, 60), anchor, radius=2, reaches=[40])
    assert box is not None
    assert not box.meets(Box(48, 28, 52, 32))
    assert rim(box, 50, 30) != (50, 30)


# Loss surfaces


def test_losses_by_hand() -> None:
    points = np.array([[0.0, 0], [1, 0], [0, 1], [-1, 0], [3, 0]])
    np.testing.assert_allclose(
        cross_entropy(points, TARGET), np.log([2, 1 + np.exp(-1), 1 + np.e, 1 + np.e, 1 + np.exp(-3)])
    )
    np.testing.assert_allclose(squared_error(points, TARGET), [1, 0, 2, 4, 4])
    np.testing.assert_allclose(cosine(points, TARGET), [1, 0, 1, 2, 0])  # at the origin, 1 by convention


def test_large_features_do_not_overflow() -> None:
    np.testing.assert_allclose(cross_entropy(np.array([[-900.0, 900], [900, -900]]), TARGET), [1800, 0])


def test_marks_lie_on_their_lines() -> None:
    for panel in panels():
        np.testing.assert_allclose(panel.loss(panel.marks, TARGET), panel.levels, rtol=1e-9)
        assert np.abs(panel.marks).max() < 2


@pytest.mark.torch
def test_losses_as_in_training() -> None:
    torch = pytest.importorskip("torch")
    from taxo.training.losses import cosine_loss
    from taxo.training.losses import cross_entropy as xent
    from taxo.training.losses import squared_error as mse

    points = plane(3, 6).reshape(-1, 2)
    label, wanted = torch.tensor([0]), torch.tensor([[1.0, 0]], dtype=torch.float64)
    rows = [torch.tensor(point[None]) for point in points]
    for ours, theirs in (
        (cross_entropy, [xent(row, label) for row in rows]),
        (squared_error, [mse(row, wanted) for row in rows]),
        (cosine, [cosine_loss(row, wanted) for row in rows]),
    ):
        np.testing.assert_allclose(ours(points, TARGET), [float(value) for value in theirs], rtol=1e-12)
