"""Scores of predictions: by hand on a drawn tree, against scikit-learn, and by their properties."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxo.taxonomy import TaxoError, Taxonomy, flat, from_edges, read
from taxo.training.evaluation import Evaluation, balanced_accuracy, evaluate

Pairs = list[tuple[str, str]]


def score(taxonomy: Taxonomy, pairs: Pairs, top5: list[bool] | None = None) -> Evaluation:
    """Evaluate `(prediction, truth)` pairs of class names."""
    place = {name: c for c, name in enumerate(taxonomy.classes)}
    predictions, targets = np.array([(place[p], place[t]) for p, t in pairs]).T
    return evaluate(predictions, targets, np.array(top5 or [True] * len(pairs)), taxonomy)


def test_by_hand(zoo: Taxonomy) -> None:
    """`zoo`: animal [3] -> bird [2], cat; bird -> owl [1], gull; owl -> barn, snowy."""
    pairs = [("barn", "barn"), ("snowy", "barn"), ("gull", "barn"), ("cat", "gull"), ("cat", "cat")]
    found = score(zoo, pairs, top5=[True, True, False, False, True])
    # Heights of the lcs: barn 0, owl 1, bird 2, animal 3, cat 0: sum 6, over two of five right.
    assert found.n == 5
    assert found.accuracy == pytest.approx(2 / 5)
    assert found.top5 == pytest.approx(3 / 5)
    assert found.mean_height == pytest.approx(6 / 5)
    assert found.mistake_height == pytest.approx(6 / 3)
    assert found.hierarchical_accuracy == pytest.approx(1 - 6 / 5 / 3)
    # Of barn 1/3 is right, of gull none, of cat all; snowy does not occur.
    assert found.balanced_accuracy == pytest.approx((1 / 3 + 0 + 1) / 3)
    # Depth 1, bird or cat: wrong only for gull. Depth 2, owl, gull, or cat for itself: right for the first two
    # and the last. Depth 3: right for the first and the last.
    assert found.levels == {"depth 1": 4 / 5, "depth 2": 3 / 5, "depth 3": 2 / 5}
    assert list(found.to_dict()) == [
        "n",
        "accuracy",
        "top5",
        "balanced_accuracy",
        "hierarchical_accuracy",
        "mistake_height",
        "mean_height",
        "levels",
    ]


def test_no_mistakes_have_no_height(zoo: Taxonomy) -> None:
    found = score(zoo, [("cat", "cat")])
    assert found.mistake_height is None
    assert (found.accuracy, found.hierarchical_accuracy, found.mean_height) == (1, 1, 0)


def test_ranks_name_the_levels_where_all_nodes_have_them(tmp_path: Path) -> None:
    r"""Classes that end above a level do not matter to its name.

            life
           /    \
       birds    cats      rank family on both
        /  \       \
      owls  gulls  cat    rank genus on all
      /
    barn                  rank species
    """
    text = (
        "# taxo 1\nlife\n  birds\trank=family\n    owls\trank=genus\n      barn\trank=species\n"
        "    gulls\trank=genus\n  cats\trank=family\n    cat\trank=genus\n"
    )
    file = tmp_path / "life.txt"
    file.write_text(text)
    found = score(read(file), [("gulls", "barn"), ("barn", "barn")])
    assert found.levels == {"family": 1.0, "genus": 0.5, "species": 0.5}
    # One node of another rank, or of none, takes the level's name away.
    for change in ("cat\trank=tribe", "cat"):
        file.write_text(text.replace("cat\trank=genus", change))
        assert list(score(read(file), [("barn", "barn")]).levels) == ["family", "depth 2", "species"]


def test_a_rank_on_two_levels_names_neither() -> None:
    t = from_edges([("r", "a"), ("r", "b"), ("a", "x"), ("b", "y")])
    t = replace(t, ranks=("", *["clade"] * 4))
    assert list(score(t, [("x", "y")]).levels) == ["depth 1", "depth 2"]


def test_roots_of_a_forest_are_a_level() -> None:
    """Two roots: birds -> owl, gull; cats -> lion, cat. Nothing is above them, so H = 1."""
    t = from_edges([("birds", "owl"), ("birds", "gull"), ("cats", "lion"), ("cats", "cat")])
    found = score(t, [("owl", "gull"), ("owl", "cat"), ("lion", "lion")])
    assert found.levels == {"depth 0": 2 / 3, "depth 1": 1 / 3}
    # Under one root height 1, under two roots H = 1 as well.
    assert (found.mean_height, found.hierarchical_accuracy) == (2 / 3, pytest.approx(1 / 3))


def test_without_a_hierarchy_hierarchical_accuracy_is_accuracy() -> None:
    found = score(flat(["a", "b", "c"]), [("a", "b"), ("c", "c")])
    assert found.hierarchical_accuracy == found.accuracy == 0.5


def test_inner_node_as_class(zoo: Taxonomy) -> None:
    t = zoo.with_classes(["bird", "barn", "cat"])
    found = score(t, [("bird", "barn"), ("barn", "barn")])
    # lcs(bird, barn) = bird, height 2. At depth 1 both lie under bird; deeper, bird stands for itself.
    assert found.mistake_height == 2
    assert found.levels == {"depth 1": 1.0, "depth 2": 0.5, "depth 3": 0.5}


def test_dag_one_common_node_of_a_level_is_enough(diamond: Taxonomy) -> None:
    """`diamond`: pet is both living and owned; wild is living, car is owned; cat and dog are pets."""
    found = score(diamond, [("wild", "cat"), ("car", "cat"), ("dog", "cat"), ("car", "wild")])
    # Depth 1: living, owned, both, nothing in common. Depth 2: only dog and cat share pet.
    assert found.levels == {"depth 1": 3 / 4, "depth 2": 1 / 4, "depth 3": 0.0}


items = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30)


@given(items)
def test_balanced_accuracy_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    # scikit-learn warns of predicted classes that do not occur; each class occurs once here.
    predictions, targets = np.array(pairs + [(0, c) for c in range(6)]).T
    assert balanced_accuracy(predictions, targets) == pytest.approx(
        metrics.balanced_accuracy_score(targets, predictions)
    )


@given(st.integers(0, 2**32), items)
def test_properties_on_random_trees(seed: int, pairs: list[tuple[int, int]]) -> None:
    rng = np.random.default_rng(seed)
    t = from_edges([(f"n{rng.integers(child)}", f"n{child}") for child in range(1, 12)])
    t = t.with_classes([t.names[v] for v in rng.permutation(12)[:6]])
    predictions, targets = np.array(pairs).T
    found = evaluate(predictions, targets, predictions == targets, t)
    assert (found.hierarchical_accuracy == 1) == (found.accuracy == 1)
    assert found.mean_height == pytest.approx((1 - found.accuracy) * (found.mistake_height or 0))
    shares = list(found.levels.values())
    assert shares == sorted(shares, reverse=True)
    assert not shares or shares[-1] == found.accuracy


@pytest.mark.parametrize(
    ("predictions", "targets", "hits", "message"),
    [
        ([], [], [], "no items"),
        ([0, 1], [0], [True], "equally long"),
        ([0], [4], [True], "target 4 is no class; there are 4, counted from 0"),
        ([-1], [0], [True], "prediction -1 is no class"),
    ],
)
def test_bad_input(zoo: Taxonomy, predictions: list[int], targets: list[int], hits: list[bool], message: str) -> None:
    with pytest.raises(TaxoError, match=message):
        evaluate(np.array(predictions), np.array(targets), np.array(hits), zoo)
