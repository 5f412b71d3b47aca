"""Similarity measures: values by hand, nltk's formulas, brute force over networkx, properties."""

import math
from collections.abc import Callable

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import dags, trees

from taxo.taxonomy import TaxoError, Taxonomy, UnknownNode, build, from_edges, to_networkx
from taxo.taxonomy.information import information_content
from taxo.taxonomy.measures import MEASURES, Measure, get_measure, lin, path, resnik, wup
from taxo.taxonomy.queries import compare, lca, lca_of
from taxo.taxonomy.wordnet.snapshot import load

Pair = tuple[str, str]

INFORMED = [(name, ic) for name in ("lin", "resnik") for ic in ("seco", "sanchez")]
EVERY = [(name, None) for name in MEASURES] + INFORMED


def every_pair(t: Taxonomy) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.indices((t.n_nodes, t.n_nodes)).reshape(2, -1)
    return a, b


def values(measure: Measure, t: Taxonomy, pairs: list[Pair]) -> list[float]:
    return measure(t, t.indices(a for a, _ in pairs), t.indices(b for _, b in pairs)).tolist()


PAIRS: list[Pair] = [("barn", "snowy"), ("barn", "gull"), ("snowy", "cat"), ("barn", "owl"), ("cat", "animal")]


def test_wup_and_path_by_hand(zoo: Taxonomy) -> None:
    # dep: animal 1, cat and bird 2, owl and gull 3, barn and snowy 4.
    assert values(wup, zoo, PAIRS) == pytest.approx([6 / 8, 4 / 7, 2 / 6, 6 / 7, 2 / 3])
    assert values(path, zoo, PAIRS) == pytest.approx([1 / 3, 1 / 4, 1 / 5, 1 / 2, 1 / 2])


def test_information_content_by_hand(zoo: Taxonomy) -> None:
    # 7 nodes, 4 leaves; below animal 6 (4 leaves), bird 4 (3), owl 2 (2); above, themselves counted: 1, 2, 3.
    seco = dict(zip(zoo.names, information_content(zoo), strict=True))
    assert seco["animal"] == 0
    assert seco["bird"] == pytest.approx(1 - math.log(5) / math.log(7))
    assert seco["owl"] == pytest.approx(1 - math.log(3) / math.log(7))
    assert seco["cat"] == seco["barn"] == 1
    sanchez = dict(zip(zoo.names, information_content(zoo, ic="sanchez"), strict=True))
    assert sanchez["animal"] == 0
    assert sanchez["bird"] == pytest.approx(-math.log((3 / 2 + 1) / 5))
    assert sanchez["owl"] == pytest.approx(-math.log((2 / 3 + 1) / 5))
    assert sanchez["cat"] == sanchez["barn"] == pytest.approx(math.log(5))


def test_lin_and_resnik_by_hand(zoo: Taxonomy) -> None:
    bird, owl = 1 - math.log(5) / math.log(7), 1 - math.log(3) / math.log(7)
    assert values(resnik, zoo, PAIRS) == pytest.approx([owl, bird, 0, owl, 0])
    assert values(lin, zoo, PAIRS) == pytest.approx([owl, bird, 0, 2 * owl / (1 + owl), 0])


def test_the_shortest_path_need_not_go_through_the_lowest_subsumer() -> None:
    # The lowest common subsumer of x and y is q (height 3); the short way leads over r, their other parent.
    edges = ["r p", "p q", "q a", "a b", "b x", "q c", "c y", "r x", "r y"]
    t = from_edges([tuple(e.split()) for e in edges])  # type: ignore[misc]
    assert lca(t, "x", "y") == "q"
    assert compare(t, "x", "y", measure="path") == pytest.approx(1 / 3)
    # dep(q) = 3, from q to x 3 edges and to y 2.
    assert compare(t, "x", "y", measure="wup") == pytest.approx(6 / 11)


def test_the_most_informative_ancestor_need_not_be_the_lowest() -> None:
    # p has height 1 but five children; q has height 2 and two leaves below: q says more.
    edges = ["r p", "r q", "p x", "p y", "p u", "p v", "p w", "q k", "k x", "q y"]
    t = from_edges([tuple(e.split()) for e in edges])  # type: ignore[misc]
    assert lca(t, "x", "y") == "p"
    of_q = float(information_content(t, t.indices(["q"]))[0])
    assert of_q > float(information_content(t, t.indices(["p"]))[0])
    assert compare(t, "x", "y", measure="resnik") == pytest.approx(of_q)
    assert compare(t, "x", "y", measure="lin") == pytest.approx(of_q)


def by_hand(t: Taxonomy) -> dict[str, Callable[[int, int], float]]:
    """The definitions, from networkx's ancestors and paths, one pair at a time."""
    graph = to_networkx(t)
    n, leaves = t.n_nodes, {v for v in graph if not graph.out_degree(v)}
    above = {v: nx.ancestors(graph, v) | {v} for v in graph}
    steps = dict(nx.all_pairs_shortest_path_length(graph))
    seco = {v: 1 - math.log(len(nx.descendants(graph, v)) + 1) / math.log(n) if n > 1 else 0.0 for v in graph}
    sanchez = {
        v: -math.log((len(nx.descendants(graph, v) & leaves) / len(above[v]) + 1) / (len(leaves) + 1)) for v in graph
    }
    if n == 1:
        sanchez = seco
    place = {v: i for i, v in enumerate(t.names)}

    def shared(a: int, b: int) -> set[str]:
        return above[t.names[a]] & above[t.names[b]]

    def by_wup(a: int, b: int) -> float:
        u, v = t.names[a], t.names[b]
        low = min(shared(a, b), key=lambda x: (t.heights[place[x]], -t.depths[place[x]], place[x]), default=None)
        if low is None:
            return 0.0
        dep = int(t.depths[place[low]]) + 1
        return 2 * dep / (dep + steps[low][u] + dep + steps[low][v])

    def by_path(a: int, b: int) -> float:
        ways = [steps[x][t.names[a]] + steps[x][t.names[b]] for x in shared(a, b)]
        return 1 / (1 + min(ways)) if ways else 0.0

    def informed(content: dict[str, float], normalised: bool) -> Callable[[int, int], float]:
        def value(a: int, b: int) -> float:
            best = max((content[x] for x in shared(a, b)), default=0.0)
            total = content[t.names[a]] + content[t.names[b]]
            return best if not normalised else 1.0 if a == b else 2 * best / total if total else 0.0

        return value

    return {
        "wup": by_wup,
        "path": by_path,
        "lin seco": informed(seco, True),
        "lin sanchez": informed(sanchez, True),
        "resnik seco": informed(seco, False),
        "resnik sanchez": informed(sanchez, False),
    }


@given(dags(max_nodes=10) | trees(plain=True, max_nodes=12))
def test_every_measure_agrees_with_its_definition(t: Taxonomy) -> None:
    a, b = every_pair(t)
    for name, expected in by_hand(t).items():
        measure, _, ic = name.partition(" ")
        found = get_measure(measure, ic=ic or None)(t, a, b)
        np.testing.assert_allclose(found, [expected(i, j) for i, j in zip(a, b, strict=True)], atol=1e-12, err_msg=name)


@given(dags() | trees(), st.sampled_from(EVERY))
def test_symmetric_in_range_and_one_on_the_diagonal(t: Taxonomy, which: tuple[str, str | None]) -> None:
    name, ic = which
    a, b = every_pair(t)
    s = get_measure(name, ic=ic)(t, a, b).reshape(t.n_nodes, t.n_nodes)
    np.testing.assert_array_equal(s, s.T)
    assert (s >= 0).all()
    if name != "resnik":
        assert (s <= 1 + 1e-12).all()
        np.testing.assert_array_equal(np.diag(s), 1)
        others = s[~np.eye(t.n_nodes, dtype=bool)]
        assert (others < 1).all() or name == "lcs-height"  # there a root of another tree may be a leaf
    else:
        np.testing.assert_allclose(np.diag(s), information_content(t, ic=ic or "seco"))
        assert (s <= np.minimum(np.diag(s)[:, None], np.diag(s)) + 1e-12).all()


@pytest.mark.parametrize(("name", "ic"), EVERY)
def test_different_roots_have_nothing_in_common(name: str, ic: str | None) -> None:
    t = from_edges([("a", "a1"), ("a", "a2"), ("b", "b1"), ("b", "b2")])
    assert compare(t, "a1", "b1", measure=name, ic=ic) == 0
    assert compare(t, "a1", "a2", measure=name, ic=ic) > 0 or name == "lcs-height"
    none = np.array([], dtype=np.intp)
    assert get_measure(name, ic=ic)(t, none, none).shape == (0,)


@pytest.mark.parametrize(("name", "ic"), EVERY)
def test_one_node(name: str, ic: str | None) -> None:
    t = from_edges([], nodes=["a"])
    assert compare(t, "a", "a", measure=name, ic=ic) == (0 if name == "resnik" else 1)


@given(trees(plain=True, max_roots=1, max_nodes=12) | dags(max_nodes=9))
def test_agrees_with_nltk(t: Taxonomy) -> None:
    """The formulas of nltk over synsets whose hypernyms are the parents here: no WordNet files are read."""
    wordnet = pytest.importorskip("nltk.corpus.reader.wordnet")

    class Node(wordnet.Synset):  # type: ignore[misc, name-defined]
        def __init__(self, v: int) -> None:
            super().__init__(None)
            self._name, self._pos, self._offset, self._all_hypernyms = t.names[v], "n", v + 1, None

        def _related(self, symbol: str) -> list["Node"]:
            return [nodes[p] for p in t.parents_of(self._offset - 1).tolist()] if symbol == "@" else []

        def _needs_root(self) -> bool:
            return False

    nodes = [Node(v) for v in range(t.n_nodes)]
    a, b = every_pair(t)
    content = information_content(t)
    # nltk wants counts: IC = -log(count / total), total under key 0; a node without information counts as all.
    counts = {"n": {0: 1.0, **{v + 1: math.exp(-float(c)) for v, c in enumerate(content)}}}
    found = {name: MEASURES[name](t, a, b) for name in ("wup", "path", "resnik", "lin")}
    for k, (u, v) in enumerate(zip([nodes[i] for i in a], [nodes[j] for j in b], strict=True)):
        assert found["path"][k] == pytest.approx(u.path_similarity(v, simulate_root=False) or 0.0)
        assert found["resnik"][k] == pytest.approx(u.res_similarity(v, counts), abs=1e-12)
        if u is not v and content[a[k]] + content[b[k]] > 0:
            assert found["lin"][k] == pytest.approx(u.lin_similarity(v, counts), abs=1e-12)
        if t.is_tree and len(t.roots) == 1:  # on a DAG nltk takes any of several subsumers
            assert found["wup"][k] == pytest.approx(u.wup_similarity(v, simulate_root=False))


def test_lca_by_name(diamond: Taxonomy, zoo: Taxonomy) -> None:
    assert lca(zoo, "barn", "snowy", "gull") == "bird"
    assert lca(zoo, "barn") == "barn"
    assert lca(diamond, "cat", "dog") == "pet"
    assert lca(diamond, "cat", "dog", "car") == "owned"
    assert lca(diamond, "cat", "wild", "car") == "thing"
    two = from_edges([("a", "a1"), ("b", "b1")])
    assert lca(two, "a1", "b1") is None
    assert lca(two, "a1", "a", "b1", "b") is None


@given(dags() | trees(plain=True), st.data())
def test_lca_of_many_agrees_with_the_rule(t: Taxonomy, data: st.DataObject) -> None:
    nodes = data.draw(st.lists(st.integers(0, t.n_nodes - 1), min_size=1, max_size=6))
    graph = to_networkx(t)
    shared = set.intersection(*(nx.ancestors(graph, t.names[v]) | {t.names[v]} for v in nodes))
    common = [v for v in range(t.n_nodes) if t.names[v] in shared]
    assert lca_of(t, nodes) == min(common, key=lambda v: (t.heights[v], -t.depths[v], v), default=-1)


def test_nodes_may_be_called_by_a_label_or_synonym_that_is_unique() -> None:
    t = from_edges(
        [("birds", "crane bird"), ("machines", "crane machine"), ("birds", "owl")],
        labels={"crane bird": "crane", "crane machine": "crane", "owl": "birds"},
        synonyms={"owl": ["Strix", "owl"], "crane bird": ["Grus", "Grus"]},
    )
    assert lca(t, "Strix", "Grus") == "birds"
    assert lca(t, "birds") == "birds"  # a name before the label of another node
    with pytest.raises(TaxoError, match="'crane' is a label or synonym of 2 nodes; give the name of one: 'crane bird'"):
        lca(t, "crane")
    with pytest.raises(UnknownNode, match="unknown node 'owls'; did you mean 'owl'"):
        compare(t, "owls", "birds")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: get_measure("wub"), "unknown measure 'wub'; did you mean 'wup'?"),
        (
            lambda t: get_measure("wup", ic="seco"),
            "measure 'wup' uses no information content; ic is for lin and resnik",
        ),
        (
            lambda t: compare(t, "cat", "gull", measure="lin", ic="secco"),
            "unknown information content 'secco'; did you",
        ),
        (lambda t: lca(t), "the lowest common subsumer of no nodes at all"),
    ],
)
def test_mistakes_are_named(zoo: Taxonomy, call: Callable[[Taxonomy], object], message: str) -> None:
    with pytest.raises(TaxoError, match=message):
        call(zoo)


def test_wordnet_has_the_values_that_are_printed_everywhere() -> None:
    """Dog and cat in WordNet 3.0: path 0.2 and Wu-Palmer 0.857 in nltk's own examples."""
    nouns = load()
    n = nouns.n_synsets
    t = build([nouns.id(i) for i in range(n)], nouns.hypernyms.index, np.repeat(np.arange(n), nouns.hypernyms.counts()))
    assert not t.is_tree
    dog, cat = "n02084071", "n02121620"
    assert lca(t, dog, cat) == "n02075296"  # carnivore
    assert compare(t, dog, cat, measure="path") == 0.2
    assert compare(t, dog, cat, measure="wup") == pytest.approx(0.8571428571428571)
