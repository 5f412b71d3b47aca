"""JSON as nodes and links."""

import json
from collections.abc import Callable

import networkx as nx
import pytest
from hypothesis import given
from strategies import attributed, dags, trees
from written import again, written

from taxo.taxonomy import CycleError, Taxonomy, from_edges, to_networkx
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.source import Source


def read(text: str, **options: bool) -> Taxonomy:
    return parse(Source("x.json", text), **options)


@given(attributed(trees() | dags()))
def test_round_trip_of_everything(t: Taxonomy) -> None:
    assert again(t, "json-links") == t
    assert read(written(t, "json-links")) == t  # found out from the content


@given(attributed(dags()))
def test_networkx_reads_what_is_written(t: Taxonomy) -> None:
    value = json.loads(written(t, "json-links"))
    value["edges"] = value.pop("links")  # what newer versions of networkx look for
    graph = nx.node_link_graph(value, **_edges_option())
    assert isinstance(graph, nx.DiGraph)
    assert set(graph.edges) == set(to_networkx(t).edges)
    assert list(graph) == list(t.names)


@given(dags())
def test_what_networkx_writes_is_read(t: Taxonomy) -> None:
    value = nx.node_link_data(to_networkx(t), **_edges_option())
    found = read(json.dumps(value))
    assert set(found.names) == set(t.names)
    assert set(to_networkx(found).edges) == set(to_networkx(t).edges)


def _edges_option() -> dict[str, str]:
    """Networkx 3.4 renamed an argument and warns of its default."""
    import inspect

    key = "edges" if "edges" in inspect.signature(nx.node_link_data).parameters else "link"
    return {key: "edges"}


def test_it_looks_like_this(diamond: Taxonomy) -> None:
    t = from_edges([("a", "c"), ("b", "c")], labels={"c": "Sea"}, ranks={"c": "genus"})
    t.meta["title"] = "T"
    assert written(t, "json-links") == (
        '{"directed": true, "multigraph": false, "graph": {"title": "T"}, "nodes": [\n'
        ' {"id": "a"},\n'
        ' {"id": "b"},\n'
        ' {"id": "c", "rank": "genus", "label": "Sea"}\n'
        '], "links": [\n'
        ' {"source": "a", "target": "c"},\n'
        ' {"source": "b", "target": "c"}\n'
        "]}\n"
    )
    assert again(t, "json-links").meta == {"title": "T"}


@pytest.mark.parametrize(
    "text",
    [
        '{"nodes": [{"id": "a"}, {"id": "b"}, {"id": "c"}], "links": [{"source": "a", "target": "b"}, '
        '{"source": "a", "target": "c"}]}',
        '{"nodes": [{"name": "a"}, {"name": "b"}, {"name": "c"}], "links": [{"source": 0, "target": 1}, '
        '{"source": 0, "target": 2, "value": 1}]}',
        '{"nodes": [{"id": 7, "name": "a"}, {"id": 0, "name": "b"}, {"id": 1, "name": "c"}], "edges": [{"from": 7, '
        '"to": 0}, {"from": 7, "to": 1}]}',
        '{"nodes": ["a", "b", "c"], "edges": [["a", "b"], ["a", "c"]]}',
        '{"nodes": ["a", "b", "c"], "links": [[0, 1], [0, 2]]}',
        '[{"id": "a", "parent": null}, {"id": "b", "parent": "a"}, {"id": "c", "parent": "a"}]',
        '[{"id": 1, "name": "a", "parentId": ""}, {"id": 2, "name": "b", "parentId": 1}, '
        '{"id": 3, "name": "c", "parentId": 1}]',
    ],
)
def test_dialects(text: str) -> None:
    t = read(text)
    assert t.names == ("a", "b", "c")
    assert t.parent.tolist() == [-1, 0, 0]


def test_links_may_be_turned_round() -> None:
    text = '{"nodes": ["b", "c", "a"], "links": [["b", "a"], ["c", "a"]]}'
    assert read(text).names == ("b", "c", "a")
    assert read(text, is_a=True).names == ("a", "b", "c")


def test_links_without_a_direction(caplog: pytest.LogCaptureFixture) -> None:
    read('{"directed": false, "nodes": ["a", "b"], "links": [["a", "b"]]}')
    assert caplog.messages == [
        'x.json: its links have no direction ("directed": false); read as from parent to child',
    ]


def test_nodes_without_links() -> None:
    t = read('{"nodes": [{"id": "a"}, {"id": "b"}], "links": []}')
    assert t.names == ("a", "b")
    assert t.height == 0


FAULTY = {
    "unknown": ('{"nodes": ["a"], "links": [["a", "b"], [0, 5]]}', [
        (None, "links[0]: 'b' is no node; the nodes are listed under nodes"),
        (None, "links[1]: '5' is no node; the nodes are listed under nodes"),
    ]),
    "loop and repetition": ('{"nodes": ["a", "b"], "edges": [["a", "b"], ["b", "b"], {"source": 0, "target": 1}]}', [
        (None, "edges[1]: node 'b' is its own parent; remove this link"),
        (None, "edges[2]: the same link as edges[0]; remove one"),
    ]),
    "shape": ('{"nodes": [["a"], "b"], "links": [{"source": "b"}]}', [
        (None, "nodes[0]: a list where a node is expected"),
        (None, "links[0]: an object without source and target"),
    ]),
    "names": ('{"nodes": [{"id": "a"}, {"id": "a"}, {"x": 1}], "links": []}', [
        (None, 'nodes[2]: a node without a name; give it one, as "name"'),
        (None, "nodes[1]: node 'a' is given twice, first at nodes[0]"),
    ]),
    "key twice": ('{"nodes": ["a"], "links": [], "links": [{"source": 0, "source": 0, "target": 0}]}', [
        (None, "top level: the key 'links' is given twice; keep one"),
        (None, "links[0]: the key 'source' is given twice; keep one"),
        (None, "links[0]: node '0' is its own parent; remove this link"),
    ]),
    "parents": ('[{"id": "a", "parent": "b"}, {"id": "c", "parent": "c"}]', [
        (None, "[0].parent: 'b' is no node"),
        (None, "[1].parent: node 'c' is its own parent"),
    ]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FAULTY.values(), ids=FAULTY)
def test_faults(faults: Callable[[str, str], list], text: str, expected: list) -> None:
    assert faults(text, "json") == expected


def test_other_shapes_are_no_links(faults: Callable[[str, str], list]) -> None:
    expected = [(None, 'an object without lists of "nodes" and "links"')]
    assert faults('{"name": "a"}', "json-links") == expected


def test_a_cycle() -> None:
    with pytest.raises(CycleError, match="a -> b -> a"):
        read('{"nodes": ["a", "b"], "links": [["a", "b"], ["b", "a"]]}')
