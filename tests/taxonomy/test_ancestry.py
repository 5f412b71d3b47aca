"""Counts of ancestors and descendants, and common ancestors, against networkx."""

from collections.abc import Iterator

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from strategies import dags, trees

from taxo.taxonomy import NO_NUMBER, Taxonomy, ancestry, build, from_edges, segments, to_networkx
from taxo.taxonomy.ancestry import Ancestry


def common(found: Ancestry, a: np.ndarray, b: np.ndarray) -> Iterator[tuple[int, int, int, int]]:
    for block in found.common(a, b):
        yield from zip(*(column.tolist() for column in block), strict=True)


def expected_common(t: Taxonomy, a: np.ndarray, b: np.ndarray) -> Iterator[tuple[int, int, int, int]]:
    """By shortest paths in the graph, pair by pair."""
    paths = dict(nx.all_pairs_shortest_path_length(to_networkx(t)))
    for pair, (i, j) in enumerate(zip(a, b, strict=True)):
        for v, name in enumerate(t.names):
            down = paths[name]
            if t.names[i] in down and t.names[j] in down:
                yield pair, v, down[t.names[i]], down[t.names[j]]


def every_pair(t: Taxonomy) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.indices((t.n_nodes, t.n_nodes)).reshape(2, -1)
    return a, b


@given(dags() | trees(plain=True))
def test_counts_agree_with_networkx(t: Taxonomy) -> None:
    graph = to_networkx(t)
    leaves = {t.names[v] for v in t.leaves}
    below = [nx.descendants(graph, name) for name in t.names]
    assert t.ancestry.descendants.tolist() == [len(nodes) for nodes in below]
    assert t.ancestry.leaves.tolist() == [len(nodes & leaves) for nodes in below]
    assert t.ancestry.subsumers.tolist() == [len(nx.ancestors(graph, name)) + 1 for name in t.names]


@given(dags() | trees(plain=True, max_nodes=12))
def test_common_ancestors_agree_with_networkx(t: Taxonomy) -> None:
    a, b = every_pair(t)
    assert list(common(t.ancestry, a, b)) == list(expected_common(t, a, b))


@given(dags(max_nodes=10))
def test_small_blocks_and_nothing_kept_give_the_same(t: Taxonomy) -> None:
    a, b = every_pair(t)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ancestry, "_KEPT", 0)
        patch.setattr(ancestry, "_BLOCK", 3)
        patch.setattr(segments, "_BLOCK", 2)
        fresh = Ancestry(t.parents, t.depths)
        assert list(common(fresh, a, b)) == list(common(t.ancestry, a, b))
        assert fresh.descendants.tolist() == t.ancestry.descendants.tolist()
        assert [fresh.of(v).tolist() for v in range(t.n_nodes)] == [t.ancestry.of(v).tolist() for v in range(t.n_nodes)]


def test_worked_out_on_the_drawn_dag(diamond: Taxonomy) -> None:
    found = dict(zip(diamond.names, diamond.ancestry.descendants.tolist(), strict=True))
    # cat and dog lie below thing on two ways and count once.
    assert (found["thing"], found["living"], found["owned"], found["pet"]) == (7, 4, 4, 2)
    cat, car = diamond.indices(["cat", "car"])
    above = [diamond.names[v] for v in diamond.ancestry.of(cat)]
    assert above == ["thing", "living", "owned", "pet", "cat"]
    rows = common(diamond.ancestry, np.array([cat]), np.array([car]))
    assert [(diamond.names[v], up, down) for _, v, up, down in rows] == [("thing", 3, 2), ("owned", 2, 1)]


def test_a_long_chain_with_one_second_parent() -> None:
    n = 50_000
    parent, child = np.append(np.arange(n - 1), 0), np.append(np.arange(1, n), n - 1)
    t = build([str(i) for i in range(n)], parent, child, class_numbers=np.full(n, NO_NUMBER))
    assert t.ancestry.descendants.tolist() == list(range(n - 1, -1, -1))
    assert int(t.ancestry.subsumers[n - 1]) == n
    assert t.lcs(np.array([n - 1]), np.array([n // 2])).tolist() == [n // 2]


def test_no_pairs(diamond: Taxonomy) -> None:
    none = np.array([], dtype=np.intp)
    assert list(diamond.ancestry.common(none, none)) == []
    two = from_edges([("a", "b"), ("c", "d")])
    (block,) = two.ancestry.common(np.array([0]), np.array([1]))
    assert block.starts().size == block.pair.size == 0
