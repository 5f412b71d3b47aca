"""The value: node order, class order, equality, fingerprint, immutability."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from strategies import dags, trees

from taxo.taxonomy import CycleError, NotATree, TaxoError, Taxonomy, UnknownNode, arrays, flat, from_edges


def test_nodes_stand_level_by_level_and_siblings_together(zoo: Taxonomy) -> None:
    assert zoo.names == ("animal", "cat", "bird", "owl", "gull", "barn", "snowy")
    assert zoo.parent.tolist() == [-1, 0, 0, 2, 2, 3, 3]
    assert zoo.heights.tolist() == [3, 0, 2, 1, 0, 0, 0]
    assert zoo.depths.tolist() == [0, 1, 1, 2, 2, 3, 3]
    assert (zoo.n_nodes, zoo.n_classes, zoo.height, zoo.is_tree) == (7, 4, 3, True)


def test_file_order_does_not_change_siblings_of_different_parents() -> None:
    mixed = from_edges([("r", "a"), ("r", "b"), ("a", "a1"), ("b", "b1"), ("a", "a2")])
    assert mixed.names == ("r", "a", "b", "a1", "a2", "b1")
    assert mixed.classes == ("a1", "b1", "a2")  # the classes keep the order of the file


def test_dag(diamond: Taxonomy) -> None:
    assert not diamond.is_tree
    pet = diamond.index("pet")
    assert [diamond.names[p] for p in diamond.parents_of(pet)] == ["living", "owned"]
    assert [diamond.names[v] for v in diamond.multi_parent_nodes] == ["pet"]
    assert diamond.heights[pet] == 1
    assert diamond.height == 3
    with pytest.raises(NotATree, match=r"1 of 8 nodes have several parents: 'pet' has parents 'living', 'owned'"):
        _ = diamond.parent


def test_depth_is_the_longest_way_from_a_root() -> None:
    t = from_edges([("r", "x"), ("r", "a"), ("a", "x")])
    assert dict(zip(t.names, t.depths.tolist(), strict=True)) == {"r": 0, "a": 1, "x": 2}


@pytest.mark.parametrize(
    ("leaves", "classes", "numbers"),
    [
        (["b", "a", "c"], ("b", "a", "c"), [0, 1, 2]),
        (["10", "9", "2"], ("2", "9", "10"), [2, 9, 10]),  # ascending where every name is an integer
        (["10", "9", "x"], ("10", "9", "x"), [0, 1, 2]),
        (["01", "1", "2"], ("01", "1", "2"), [0, 1, 2]),  # the same integer twice orders nothing
        (["²", "1"], ("²", "1"), [0, 1]),  # a digit to Python, but no integer
    ],
)
def test_class_order(leaves: list[str], classes: tuple[str, ...], numbers: list[int]) -> None:
    t = from_edges([("root", leaf) for leaf in leaves])
    assert t.classes == classes
    assert t.class_numbers.tolist() == numbers


def test_class_numbers_decide_the_classes() -> None:
    t = from_edges([("r", "a"), ("r", "b"), ("a", "c")], class_numbers={"c": 7, "a": 3})
    assert t.classes == ("a", "c")
    assert t.class_numbers.tolist() == [3, 7]


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([("a", "b"), ("a", "b")], "the edge 'a' -> 'b' is given twice"),
        ([("a", "a")], "'a' is its own parent"),
        ([("a", "b\tc")], "holds a tab or a line break"),
        ([("a", "")], "is empty or holds"),
        ([], "there is no node"),
    ],
)
def test_faulty_edges(edges: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(TaxoError, match=message):
        from_edges(edges)


@given(trees(max_nodes=40))
def test_depths_of_forests(t: Taxonomy) -> None:
    assert t.depths.tolist() == arrays.levels(t.parents, t.children).tolist()


def test_cycle_is_shown_parent_before_child() -> None:
    with pytest.raises(CycleError, match="cycle of 3 nodes") as error:
        from_edges([("r", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")])
    cycle = error.value.cycle
    edges = set(itertools.pairwise(cycle))
    assert edges == {("a", "b"), ("b", "c"), ("c", "a")}
    assert cycle[0] == cycle[-1]


def test_cycle_without_any_root() -> None:
    with pytest.raises(CycleError, match=r"a -> b -> a|b -> a -> b"):
        from_edges([("a", "b"), ("b", "a")])


def test_attributes_of_unknown_nodes_are_refused() -> None:
    with pytest.raises(UnknownNode, match="did you mean 'gull'"):
        from_edges([("bird", "gull")], ranks={"gul": "species"})


def test_unknown_node_shows_names_and_labels(zoo: Taxonomy) -> None:
    with pytest.raises(UnknownNode, match=r"unknown node 'snowi'; did you mean 'snowy'\?"):
        zoo.index("snowi")
    labelled = from_edges([("Aves", "Larus")], labels={"Larus": "Gull"})
    with pytest.raises(UnknownNode, match="did you mean 'Gull'"):
        labelled.index("gull")


def test_with_classes(zoo: Taxonomy) -> None:
    t = zoo.with_classes(["snowy", "bird"], [5, 2])
    assert t.classes == ("snowy", "bird")
    assert t.class_numbers.tolist() == [5, 2]
    assert t != zoo
    assert t.fingerprint != zoo.fingerprint
    for classes, numbers, message in [
        ([], None, "at least one class"),
        (["cat", "cat"], None, "class cat is given twice"),
        (["cat", "gull"], [1, 1], "class number 1 is given twice"),
        (["dog"], None, "unknown node 'dog'"),
    ]:
        with pytest.raises(TaxoError, match=message):
            zoo.with_classes(classes, numbers)


def test_flat_is_a_forest_of_classes() -> None:
    t = flat(["3", "1", "2"])
    assert t.classes == ("3", "1", "2")  # the order given, not that of the integers
    assert (t.height, len(t.roots)) == (0, 3)


def test_equality_and_hash(zoo: Taxonomy) -> None:
    edges = [
        ("animal", "cat"),
        ("animal", "bird"),
        ("bird", "owl"),
        ("bird", "gull"),
        ("owl", "barn"),
        ("owl", "snowy"),
    ]
    same = from_edges(edges, name="another name")
    assert same == zoo
    assert hash(same) == hash(zoo)
    assert from_edges(edges, labels={"cat": "Cat"}) != zoo
    assert from_edges(edges, labels={"cat": "Cat"}).fingerprint == zoo.fingerprint
    assert from_edges(edges[:-1]) != zoo
    assert zoo != "zoo"


def test_arrays_cannot_be_changed(zoo: Taxonomy) -> None:
    for array in (zoo.parent, zoo.heights, zoo.depths, zoo.class_nodes, zoo.class_numbers, zoo.parents.index):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@given(dags() | trees())
def test_order_heights_and_depths(t: Taxonomy) -> None:
    for v in range(t.n_nodes):
        parents, children = t.parents_of(v), t.children_of(v)
        assert (parents < v).all()
        assert t.depths[v] == (1 + t.depths[parents].max() if parents.size else 0)
        assert t.heights[v] == (1 + t.heights[children].max() if children.size else 0)
        assert all(v in t.parents_of(c) for c in children)
    assert (np.diff(t.depths) >= 0).all()
    assert set(t.leaves.tolist()) == set(t.class_nodes.tolist())


@pytest.mark.parametrize("extra", [0, 1])
def test_a_chain_of_100_000_nodes(extra: int) -> None:
    n = 100_000
    edges = [(f"{i}", f"{i + 1}") for i in range(n)] + [("0", f"{n}")] * extra  # a tree, then a DAG
    t = from_edges(edges)
    assert t.height == n
    assert t.depths[-1] == n
    assert t.lcs(np.array([n]), np.array([n // 2])).tolist() == [n // 2]
