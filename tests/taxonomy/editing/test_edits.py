"""Edits: values worked out by hand, their inverses, and what holds for all of them on trees and DAGs."""

import itertools
from collections.abc import Callable

import networkx as nx
import numpy as np
import pytest
from edit_strategies import NEW, before_and_after
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import attributed, dags, trees

from taxo.taxonomy import CycleError, TaxoError, Taxonomy, UnknownNode, from_edges, rebuild, to_networkx
from taxo.taxonomy.editing import edits
from taxo.taxonomy.editing.apply import apply
from taxo.taxonomy.editing.diff import diff

TREES = attributed(trees(max_nodes=12))
ANY = TREES | attributed(dags(max_nodes=9))


def outline(t: Taxonomy) -> str:
    """`a(b(c) d)`: the names of a tree, siblings in order."""

    def show(v: int) -> str:
        below = " ".join(show(c) for c in t.children_of(v).tolist())
        return f"{t.names[v]}({below})" if below else t.names[v]

    return " ".join(show(r) for r in t.roots.tolist())


def numbers(t: Taxonomy) -> dict[str, int]:
    return dict(zip(t.classes, t.class_numbers.tolist(), strict=True))


def node_of(t: Taxonomy, data: st.DataObject, fits: Callable[[int], bool]) -> int:
    found = [v for v in range(t.n_nodes) if fits(v)]
    assume(found)
    return data.draw(st.sampled_from(found))


# By hand, on the zoo of conftest.py: animal(cat bird(owl(barn snowy) gull)), classes cat, gull, barn, snowy.


def test_add(zoo: Taxonomy) -> None:
    t = edits.add(zoo, "eagle owl", parent="owl", rank="species", label="Bubo", synonyms=["uhu"], after="barn")
    assert outline(t) == "animal(cat bird(owl(barn eagle owl snowy) gull))"
    assert numbers(t) == {"cat": 0, "gull": 1, "barn": 2, "snowy": 3, "eagle owl": 4}
    v = t.index("eagle owl")
    assert (t.ranks[v], t.labels[v], t.synonyms[v]) == ("species", "Bubo", ("uhu",))
    assert outline(edits.add(zoo, "x", parent="bird", before="owl")) == "animal(cat bird(x owl(barn snowy) gull))"
    assert outline(edits.add(zoo, "plant")) == "animal(cat bird(owl(barn snowy) gull)) plant"


def test_add_with_a_class_number(zoo: Taxonomy) -> None:
    t = edits.add(zoo.with_classes(["cat", "gull"], [3, 7]), "x", parent="bird", class_number=5)
    assert numbers(t) == {"cat": 3, "x": 5, "gull": 7}
    assert t.classes == ("cat", "x", "gull")
    with pytest.raises(TaxoError, match="class number 3 is taken by 'snowy'; choose another"):
        edits.add(zoo, "x", parent="bird", class_number=3)
    with pytest.raises(TaxoError, match="-4 is no class number"):
        edits.add(zoo, "x", parent="bird", class_number=-4)


def test_a_class_that_gets_a_child_is_none_any_more(zoo: Taxonomy, caplog: pytest.LogCaptureFixture) -> None:
    t = edits.add(zoo, "kitten", parent="cat")
    assert numbers(t) == {"gull": 1, "barn": 2, "snowy": 3, "kitten": 4}
    assert "'cat' has a child now and is no class any more; its class number was 0" in caplog.text


def test_a_new_leaf_is_no_class_where_the_classes_are_others(zoo: Taxonomy, caplog: pytest.LogCaptureFixture) -> None:
    t = edits.add(zoo.with_classes(["bird", "cat"]), "x", parent="bird")
    assert t.classes == ("bird", "cat")
    assert "'x' is no class, as the classes of this hierarchy are not just its leaves; --class-number" in caplog.text


def test_a_new_number_is_never_one_that_was_in_use(zoo: Taxonomy) -> None:
    # snowy has the largest number, 3, and loses it; what is new must not be taken for a snowy owl.
    assert numbers(edits.add(zoo, "chick", parent="snowy"))["chick"] == 4


def test_remove(zoo: Taxonomy) -> None:
    assert outline(edits.remove(zoo, "owl")) == "animal(cat bird(gull))"
    assert numbers(edits.remove(zoo, "owl")) == {"cat": 0, "gull": 1}
    assert outline(edits.remove(zoo, "owl", keep_children=True)) == "animal(cat bird(barn snowy gull))"
    assert outline(edits.remove(zoo, "animal", keep_children=True)) == "cat bird(owl(barn snowy) gull)"
    with pytest.raises(TaxoError, match="removing 'animal' leaves no class; a hierarchy needs at least one"):
        edits.remove(from_edges([("animal", "cat")]), "animal")


def test_emptied_parents(zoo: Taxonomy, caplog: pytest.LogCaptureFixture) -> None:
    t = edits.remove(zoo, "barn")
    kept, made, gone = (edits.remove(t, "snowy", emptied=way) for way in ("leaf", "class", "remove"))
    assert outline(kept) == outline(made) == "animal(cat bird(owl gull))"
    assert numbers(kept) == {"cat": 0, "gull": 1}
    assert numbers(made) == {"cat": 0, "gull": 1, "owl": 4}
    assert outline(gone) == "animal(cat bird(gull))"
    assert [r.getMessage() for r in caplog.records] == [
        "'owl' has no child left; it stays as a leaf that is no class (--emptied class or --emptied remove decides "
        "otherwise)",
        "'owl' has no child left; it is a class now, number 4",
        "no child is left to 'owl': taken out too",
    ]
    with pytest.raises(TaxoError, match="unknown choice for emptied parents 'remov'; did you mean 'remove'"):
        edits.remove(zoo, "snowy", emptied="remov")  # type: ignore[arg-type]


def test_emptied_chains_go_as_a_whole() -> None:
    t = from_edges([("r", "a"), ("a", "b"), ("b", "c"), ("r", "d")])
    assert outline(edits.remove(t, "c", emptied="remove")) == "r(d)"
    assert outline(edits.move(t, "c", "r", emptied="remove")) == "r(d c)"


def test_remove_in_a_dag_keeps_what_has_another_parent(diamond: Taxonomy) -> None:
    t = edits.remove(diamond, "living")
    assert set(t.names) == {"thing", "owned", "pet", "car", "cat", "dog"}
    assert t.names[t.parents_of(t.index("pet"))[0]] == "owned"
    assert set(edits.remove(diamond, "thing", keep_children=True).names) == set(diamond.names) - {"thing"}


def test_move(zoo: Taxonomy) -> None:
    assert outline(edits.move(zoo, "owl", "animal")) == "animal(cat bird(gull) owl(barn snowy))"
    assert outline(edits.move(zoo, "cat", "owl", before="snowy")) == "animal(bird(owl(barn cat snowy) gull))"
    assert outline(edits.move(zoo, "bird", None)) == "animal(cat) bird(owl(barn snowy) gull)"
    assert outline(edits.move(zoo, "gull", "bird", before="owl")) == "animal(cat bird(gull owl(barn snowy)))"
    assert edits.move(zoo, "owl", "bird") == zoo  # below its own parent: it keeps its place
    assert numbers(edits.move(zoo, "owl", "animal")) == numbers(zoo)


def test_move_in_a_dag(diamond: Taxonomy) -> None:
    def parents(t: Taxonomy, name: str) -> list[str]:
        return [t.names[p] for p in t.parents_of(t.index(name))]

    assert parents(edits.move(diamond, "pet", "thing"), "pet") == ["thing"]
    assert parents(edits.move(diamond, "pet", "thing", instead_of=["living"]), "pet") == ["thing", "owned"]
    assert parents(edits.move(diamond, "cat", "wild", instead_of=[]), "cat") == ["wild", "pet"]
    assert parents(edits.move(diamond, "pet", "owned"), "pet") == ["owned"]
    with pytest.raises(TaxoError, match="'wild' is no parent of 'pet', whose parents are: 'living', 'owned'"):
        edits.move(diamond, "pet", "thing", instead_of=["wild"])
    with pytest.raises(TaxoError, match="moving 'pet' to the roots: a root has no parents, and 'owned' would stay"):
        edits.move(diamond, "pet", None, instead_of=["living"])


def test_rename(zoo: Taxonomy) -> None:
    t = edits.rename(zoo, "gull", "Larus", keep_old=True)
    assert outline(t) == "animal(cat bird(owl(barn snowy) Larus))"
    assert (t.labels[t.index("Larus")], t.synonyms[t.index("Larus")]) == ("Larus", ("gull",))
    assert numbers(t) == {"cat": 0, "Larus": 1, "barn": 2, "snowy": 3}


def test_merge(zoo: Taxonomy) -> None:
    t = edits.merge(edits.add(zoo, "hawk", parent="bird", synonyms=["buteo", "gull"]), "hawk", "gull")
    assert (numbers(t), t.synonyms[t.index("gull")]) == (numbers(zoo), ("hawk", "buteo"))
    up = edits.merge(zoo, "owl", "bird")
    assert outline(up) == "animal(cat bird(gull barn snowy))"
    down = edits.merge(zoo, "bird", "owl")
    assert outline(down) == "animal(cat owl(barn snowy gull))"
    assert down.synonyms[down.index("owl")] == ("bird",)
    with pytest.raises(CycleError, match=r"^merging 'animal' into 'owl': a cycle of 2 nodes"):
        edits.merge(zoo, "animal", "owl")
    with pytest.raises(TaxoError, match="merging 'owl' into 'owl': these are the same node"):
        edits.merge(zoo, "owl", "owl")


def test_merged_classes(zoo: Taxonomy, caplog: pytest.LogCaptureFixture) -> None:
    assert numbers(edits.merge(zoo, "gull", "owl")) == {"cat": 0, "barn": 2, "snowy": 3}
    assert caplog.messages == ["class 'gull' drops out, number 1: 'owl' is an inner node and no class"]
    given = zoo.with_classes(["gull", "owl"], [8, 4])
    assert numbers(edits.merge(given, "gull", "owl")) == {"owl": 4}
    taken = edits.merge(given, "gull", "cat")
    assert (numbers(taken), taken.classes) == ({"cat": 8, "owl": 4}, ("cat", "owl"))


def test_collapse(zoo: Taxonomy) -> None:
    assert outline(edits.collapse(zoo, "bird")) == "animal(cat owl(barn snowy) gull)"
    t = from_edges([tuple(e.split()) for e in ["r a", "a b", "b c", "r d", "c e", "c f", "r g", "g h"]])  # type: ignore[misc]
    assert outline(edits.collapse(t)) == "r(c(e f) d h)"
    assert edits.collapse(edits.collapse(t)) == edits.collapse(t)
    with pytest.raises(TaxoError, match="'cat' is a leaf: there is nothing to collapse"):
        edits.collapse(zoo, "cat")
    with pytest.raises(TaxoError, match="'bird' is a class; remove --keep-children"):
        edits.collapse(zoo.with_classes(["bird"]), "bird")
    # A root and a class stay, even with a single child.
    chain = from_edges([("r", "a"), ("a", "b"), ("b", "c")], class_numbers={"a": 0, "c": 1})
    assert outline(edits.collapse(chain)) == "r(a(c))"


def test_collapse_in_a_dag() -> None:
    t = from_edges([("r", "a"), ("r", "b"), ("a", "c"), ("b", "c"), ("c", "d"), ("b", "e"), ("e", "d"), ("e", "f")])
    s = edits.collapse(t)
    assert {(s.names[p], n) for v, n in enumerate(s.names) for p in s.parents_of(v)} == {
        ("r", "d"), ("r", "b"), ("b", "d"), ("b", "e"), ("e", "d"), ("e", "f"),
    }  # fmt: skip


def test_prune(zoo: Taxonomy, caplog: pytest.LogCaptureFixture) -> None:
    t = edits.prune(zoo, ["snowy", "cat", "snowy"])
    assert (outline(t), numbers(t)) == ("animal(cat bird(owl(snowy)))", {"cat": 0, "snowy": 3})
    assert not caplog.messages
    s = edits.prune(zoo, ["owl", "gull"])
    assert (outline(s), numbers(s)) == ("animal(bird(owl gull))", {"gull": 1, "owl": 4})
    assert caplog.messages == ["no classes before, and classes now: 'owl'"]
    both = edits.prune(zoo, ["owl", "barn"])
    assert (outline(both), numbers(both)) == ("animal(bird(owl(barn)))", {"barn": 2, "owl": 4})
    with pytest.raises(TaxoError, match="at least one"):
        edits.prune(zoo, [])


def test_insert_level_and_split(zoo: Taxonomy) -> None:
    t = edits.insert_level(zoo, "bird", "birds that fly", ["gull", "owl"], rank="clade", label="Fliers")
    assert outline(t) == "animal(cat bird(birds that fly(owl(barn snowy) gull)))"
    v = t.index("birds that fly")
    assert (t.ranks[v], t.labels[v]) == ("clade", "Fliers")
    assert numbers(t) == numbers(zoo)
    s = edits.split(zoo, "owl", "Bubo", ["snowy"])
    assert outline(s) == "animal(cat bird(owl(barn) Bubo(snowy) gull))"
    with pytest.raises(TaxoError, match="no children of 'bird': 'cat'; move puts a node below another one"):
        edits.insert_level(zoo, "bird", "x", ["owl", "cat"])
    with pytest.raises(TaxoError, match="all children of 'owl' would go to 'x'; rename does that, or leave some"):
        edits.split(zoo, "owl", "x", ["snowy", "barn"])
    with pytest.raises(TaxoError, match="name at least one child of 'owl' that goes below 'x'"):
        edits.split(zoo, "owl", "x", [])


@pytest.mark.parametrize(
    ("edit", "error", "message"),
    [
        (lambda t: edits.add(t, "x", parent="brid"), UnknownNode, "unknown node 'brid'; did you mean 'bird'?"),
        (lambda t: edits.add(t, "owl", parent="cat"), TaxoError, "node 'owl' is there already, below 'bird'; every"),
        (lambda t: edits.rename(t, "owl", "animal"), TaxoError, "node 'animal' is there already, as a root"),
        (lambda t: edits.add(t, "a\tb"), TaxoError, "holds a tab or a line break"),
        (lambda t: edits.add(t, "x", parent="bird", before="cat"), TaxoError, "'cat' is no sibling of 'x' there"),
        (lambda t: edits.add(t, "x", before="cat"), TaxoError, r"'cat' is no sibling of 'x' there \(below the top\)"),
        (lambda t: edits.add(t, "x", before="cat", after="cat"), TaxoError, "name one of the two"),
        (lambda t: edits.move(t, "bird", "bird"), TaxoError, "moving 'bird' below 'bird': a node cannot be its own"),
        (lambda t: edits.move(t, "bird", "snowy"), CycleError, "moving 'bird' below 'snowy': a cycle of 3 nodes"),
        (lambda t: edits.prune(t, ["owls"]), UnknownNode, "unknown node 'owls'; did you mean 'owl'"),
    ],
)
def test_mistakes(zoo: Taxonomy, edit: Callable[[Taxonomy], Taxonomy], error: type[TaxoError], message: str) -> None:
    with pytest.raises(error, match=message):
        edit(zoo)


def test_a_failed_edit_makes_no_remarks(zoo: Taxonomy, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(CycleError):
        edits.move(zoo, "bird", "snowy")  # snowy would no longer be a class
    assert not caplog.messages


# What holds for all.


@given(ANY, st.data())
def test_adding_and_removing(t: Taxonomy, data: st.DataObject) -> None:
    v = node_of(t, data, lambda v: bool(t.children_of(v).size))
    assume(NEW not in t)
    assert edits.remove(edits.add(t, NEW, parent=t.names[v]), NEW) == t
    assert edits.remove(edits.add(t, NEW), NEW) == t


@given(ANY, st.data())
def test_renaming_there_and_back(t: Taxonomy, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(t.names))
    assume(NEW not in t and NEW not in t.labels)
    assert edits.rename(edits.rename(t, name, NEW), NEW, name) == t


@given(TREES, st.data())
def test_moving_there_and_back(t: Taxonomy, data: st.DataObject) -> None:
    v = node_of(t, data, lambda v: t.parent[v] >= 0 and len(t.children_of(int(t.parent[v]))) > 1)
    old = int(t.parent[v])
    inside = {v, *(c for c in range(t.n_nodes) if v in _ancestors(t, c))}
    to = node_of(t, data, lambda p: p not in inside and bool(t.children_of(p).size))
    siblings = t.children_of(old).tolist()
    at = siblings.index(v)
    following = t.names[siblings[at + 1]] if at + 1 < len(siblings) else None
    moved = edits.move(t, t.names[v], t.names[to])
    back = edits.move(moved, t.names[v], t.names[old], before=following)
    if to == old and following is None:
        back = moved
    assert back == t


def _ancestors(t: Taxonomy, v: int) -> list[int]:
    above = []
    while t.parent[v] >= 0:
        v = int(t.parent[v])
        above.append(v)
    return above


@given(TREES, st.data())
def test_a_level_put_in_and_collapsed(t: Taxonomy, data: st.DataObject) -> None:
    v = node_of(t, data, lambda v: bool(t.children_of(v).size))
    children = [t.names[c] for c in t.children_of(v)]
    low = data.draw(st.integers(0, len(children) - 1))
    some = children[low : data.draw(st.integers(low + 1, len(children)))]
    assume(NEW not in t)
    assert edits.collapse(edits.insert_level(t, t.names[v], NEW, some), NEW) == t


@given(TREES, st.data())
def test_splitting_and_merging(t: Taxonomy, data: st.DataObject) -> None:
    v = node_of(t, data, lambda v: len(t.children_of(v)) > 1)
    children = [t.names[c] for c in t.children_of(v)]
    last = children[data.draw(st.integers(1, len(children) - 1)) :]
    assume(NEW not in t and NEW not in t.synonyms[v])
    merged = edits.merge(edits.split(t, t.names[v], NEW, last), NEW, t.names[v])
    assert merged.synonyms[v] == tuple(
        dict.fromkeys(s for s in (*t.synonyms[v], NEW) if s not in (t.names[v], t.labels[v]))
    )
    assert (merged.fingerprint, merged.ranks, merged.labels) == (t.fingerprint, t.ranks, t.labels)


@given(TREES, st.data())
def test_edits_of_different_places_commute(t: Taxonomy, data: st.DataObject) -> None:
    a, b = data.draw(st.sampled_from(t.names)), data.draw(st.sampled_from(t.names))
    assume(a != b and not {"x", "y"} & set(t.names))
    assert edits.rename(edits.rename(t, a, "x"), b, "y") == edits.rename(edits.rename(t, b, "y"), a, "x")
    below_a, below_b = (
        {v, *(c for c in range(t.n_nodes) if v in _ancestors(t, c))} for v in t.indices([a, b]).tolist()
    )
    if below_a & below_b:
        return
    try:
        one = edits.remove(edits.remove(t, a), b)
        other = edits.remove(edits.remove(t, b), a)
    except TaxoError:
        return  # no class would be left
    assert one == other
    assert edits.rename(edits.remove(t, a), b, "x") == edits.remove(edits.rename(t, b, "x"), a)


@given(before_and_after(ANY))
def test_the_result_is_a_valid_hierarchy(case: tuple[Taxonomy, str, Taxonomy]) -> None:
    _, _, t = case
    child = np.repeat(np.arange(t.n_nodes), t.parents.counts())
    assert rebuild(t, t.parents.index, child) == t  # checks everything, and orders nodes as readers do
    assert t.n_classes == len(set(t.classes)) == len(set(t.class_numbers.tolist())) > 0
    assert nx.is_directed_acyclic_graph(to_networkx(t))


@given(before_and_after(ANY))
def test_classes_that_stay_keep_order_and_numbers(case: tuple[Taxonomy, str, Taxonomy]) -> None:
    before, verb, after = case
    old, new = numbers(before), numbers(after)
    both = [name for name in before.classes if name in new]
    assert [name for name in after.classes if name in old] == both
    assert all(new[name] == old[name] for name in both)
    if set(before.class_nodes.tolist()) == set(before.leaves.tolist()) and verb in ("add", "rename", "insert_level"):
        assert set(after.class_nodes.tolist()) == set(after.leaves.tolist())


@given(before_and_after(TREES))
def test_siblings_that_stay_keep_their_order(case: tuple[Taxonomy, str, Taxonomy]) -> None:
    before, _, after = case
    place = {name: v for v, name in enumerate(before.names)}
    for v in range(after.n_nodes):
        name = after.names[v]
        if name not in place:
            continue
        was = {before.names[c] for c in before.children_of(place[name])}
        stayed = [place[after.names[c]] for c in after.children_of(v) if after.names[c] in was]
        assert stayed == sorted(stayed)


@given(before_and_after(ANY))
def test_the_difference_replays_every_edit(case: tuple[Taxonomy, str, Taxonomy]) -> None:
    before, _, after = case
    assert apply(before, diff(before, after)) == after


@given(attributed(dags(max_nodes=9)), st.data())
def test_removing_with_children_agrees_with_a_graph_library(t: Taxonomy, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(t.names))
    graph = nx.DiGraph(to_networkx(t).edges)
    graph.add_nodes_from(t.names)
    roots = [v for v in graph if not graph.in_degree(v)]
    graph.remove_node(name)
    # Gone is what no other root leads to.
    reached = {v for r in roots if r in graph for v in (r, *nx.descendants(graph, r))}
    try:
        assert set(edits.remove(t, name).names) == reached
    except TaxoError:
        assert not reached & set(t.classes)


@given(ANY, st.data())
def test_pruning_agrees_with_a_graph_library(t: Taxonomy, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(t.names), min_size=1))
    graph = to_networkx(t)
    kept = {v for name in names for v in (name, *nx.ancestors(graph, name))}
    pruned = edits.prune(t, names)
    assert set(pruned.names) == kept
    assert set(to_networkx(pruned).edges) == set(graph.subgraph(kept).edges)
    assert set(pruned.classes) == set(names)


def test_a_long_chain() -> None:
    n = 20_000
    names = [f"n{i}" for i in range(n)]
    chain = from_edges(itertools.pairwise(names))
    assert edits.collapse(chain).names == ("n0", f"n{n - 1}")
    assert edits.remove(edits.add(chain, "x", parent="n1"), "n5", emptied="remove").n_nodes == 3
    with pytest.raises(CycleError):
        edits.move(chain, "n1", "n19990")
