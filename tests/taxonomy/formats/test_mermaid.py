"""Mermaid flowcharts."""

import re

import pytest
from hypothesis import given
from strategies import attributed, dags, trees
from written import written

from taxo.taxonomy import LossyWrite, Taxonomy, flat, from_edges

NODE = re.compile(r'  n(\d+)\["([^"]*)"\]')
EDGE = re.compile(r"  n(\d+) --> n(\d+)")


def test_it_looks_like_this() -> None:
    t = from_edges([("a", 'the "b"'), ("x", 'the "b"')], labels={"a": "A <i> & #1 *b*", "x": "1. x_y (z)"})
    assert written(t, "mermaid") == (
        "flowchart LR\n"
        '  n0["A #60;i#62; #38; #35;1 #42;b#42;"]\n'
        '  n1["1#46; x_y (z)"]\n'
        '  n2["the #34;b#34;"]\n'
        "  n0 --> n2\n"
        "  n1 --> n2\n"
    )


@given(attributed(trees() | dags()))
def test_every_node_and_edge_is_there(t: Taxonomy) -> None:
    first, *lines = written(t, "mermaid", lossy=True).split("\n")[:-1]
    assert first == "flowchart LR"
    nodes = [found for line in lines[: t.n_nodes] if (found := NODE.fullmatch(line))]
    edges = [found for line in lines[t.n_nodes :] if (found := EDGE.fullmatch(line))]
    assert len(nodes) + len(edges) == len(lines)
    shown = [re.sub(r"#(\d+);", lambda m: chr(int(m[1])), found[2]) for found in nodes]
    assert shown == [" ".join(label.splitlines()) for label in t.labels]
    assert {(int(p), int(c)) for p, c in (found.groups() for found in edges)} == {
        (int(p), c) for c in range(t.n_nodes) for p in t.parents_of(c)
    }


def test_big_charts_are_remarked_upon(caplog: pytest.LogCaptureFixture) -> None:
    written(from_edges([("a", f"n{i}") for i in range(500)]), "mermaid")
    assert not caplog.messages
    written(from_edges([("a", f"n{i}") for i in range(501)]), "mermaid")
    assert caplog.messages == ["mermaid: 501 edges; programs draw 500 unless maxEdges is set to more"]


def test_what_gets_lost() -> None:
    t = from_edges([("a", "b")], synonyms={"b": ["c"]})
    with pytest.raises(LossyWrite, match=r"^mermaid cannot hold synonyms; write text, json or json-links"):
        written(t, "mermaid")
    assert written(flat(["a", "b"]), "mermaid").count("\n") == 3
