"""Newick: brackets in brackets."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import NAMES, trees
from written import again, written

from taxo.taxonomy import LossyWrite, TaxoError, Taxonomy, build, from_edges
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.source import Source


def read(text: str, format: str | None = "newick") -> Taxonomy:
    return parse(Source("x", text), format=format)


@given(trees())
def test_round_trip(t: Taxonomy) -> None:
    try:
        assert again(t, "newick") == t
    except LossyWrite as error:
        assert "the order of the classes" in str(error) or "class numbers" in str(error)  # noqa: PT017
        again_ = read(written(t, "newick", lossy=True))
        assert again_.names == t.names
        assert again_.parent.tolist() == t.parent.tolist()


@given(st.lists(st.text(st.sampled_from("ab_ '\"()[]:;,\\é\u00a0\u2028"), min_size=1), min_size=1, unique=True))
def test_signs_in_names(names: list[str]) -> None:
    t = from_edges([("root", name) for name in names if name != "root"])
    assert again(t, "newick") == t


@given(trees(plain=True))
def test_the_newick_package_reads_what_is_written(t: Taxonomy) -> None:
    newick = pytest.importorskip("newick")

    roots = newick.loads(written(t, "newick", lossy=True).strip())
    assert [root.name for root in roots] == [t.names[r] for r in t.roots]
    nodes = {node.name: node for root in roots for node in root.walk()}
    assert set(nodes) == set(t.names)
    for i, name in enumerate(t.names):
        assert [child.name for child in nodes[name].descendants] == [t.names[c] for c in t.children_of(i)]


def test_it_looks_like_this() -> None:
    edges = [("birds", "owls"), ("owls", "barn owl"), ("owls", "Tyto_alba"), ("birds", "Ross's gull")]
    t = from_edges([*edges, ("d(1)", "12")], nodes=["birds", "d(1)"])
    assert written(t, "newick", lossy=True) == "(('barn owl',Tyto_alba)owls,'Ross''s gull')birds;\n(12)'d(1)';\n"


@pytest.mark.parametrize(
    "text",
    [
        "(b,c)a;",
        " ( b , c ) a ; ",
        "(b,\nc\n)\na\n;\n",
        "('b','c')'a';",
        "(b:0.1,c:1e-3)a:-2;",
        "[&R] (b[one],c[two [nested]]:[three]2)a[&&NHX:S=x];",
    ],
)
def test_ways_of_writing(text: str) -> None:
    t = read(text, None)
    assert t.names == ("a", "b", "c")
    assert t.parent.tolist() == [-1, 0, 0]


def test_names_as_they_stand() -> None:
    t = read("(Homo_sapiens,'it''s [one]; (two)',Larus argentatus)r;")
    assert t.names == ("r", "Homo_sapiens", "it's [one]; (two)", "Larus argentatus")


def test_several_trees_are_several_roots() -> None:
    t = read("(b)a;\n(d)c;\ne;\n")
    assert [t.names[r] for r in t.roots] == ["a", "c", "e"]


def test_what_is_left_out_is_told(caplog: pytest.LogCaptureFixture) -> None:
    read("(b:1,c[note]:2)a;")
    assert caplog.messages == ["x: left out are 1 comments"]


def test_inner_nodes_without_a_name(caplog: pytest.LogCaptureFixture) -> None:
    t = read("((a,b),('unnamed 2',(c,d)e),(f));")
    assert t.names == ("unnamed 1", "unnamed 3", "unnamed 4", "unnamed 5", "a", "b", "unnamed 2", "e", "f", "c", "d")
    assert caplog.messages == [
        "x: 4 inner nodes without a name are called 'unnamed 1', 'unnamed 3', 'unnamed 4' and 1 more"
    ]


def test_support_values_are_no_names(caplog: pytest.LogCaptureFixture) -> None:
    t = read("((a,b)95,(c,d)95,(e,f)62.5);")
    assert t.names[:4] == ("unnamed 1", "unnamed 2", "unnamed 3", "unnamed 4")
    assert caplog.messages[0] == "x: left out are 3 support values"
    assert read("((1,2)95,(3,4)62)100;").names[:3] == ("100", "95", "62")  # each once: names


FAULTY = {
    "cut off in a bracket": ("(a,\n(b,c", [(2, "the file ends within 2 open brackets, the first in line 1; is it cut off?")]),
    "cut off behind": ("(a,\nb)c\n\n", [(2, "the last tree has no semicolon behind it; is the file cut off?")]),
    "cut off in a name": ("(a,'b\n", [(1, "a quote that does not end; names that hold ()[]':;, stand in single quotes")]),
    "cut off in a comment": ("(a,\n[b\n", [(2, "a comment that does not end; close it with ]")]),
    "semicolon within": ("(a,(b,c);\n(d)e;", [(1, "the tree ends within 1 open brackets, the first in line 1")]),
    "too many brackets": ("(a,b))c;", [(1, "a bracket closes that was never opened")]),
    "no comma": ("((a,b)(c,d))e;", [(1, "a bracket opens behind a node; is a comma missing?")]),
    "two names": ("(a,b\nc,'d''e'f)g;", [
        (2, "a second name 'c' for one node; is a comma missing?"),
        (2, "a second name 'f' for one node; is a comma missing?"),
    ]),
    "leaves without names": ("(a,,\n(b,))c;", [
        (1, "a leaf without a name; give it one"), (2, "a leaf without a name; give it one"),
    ]),
    "name twice": ("(a,\nb,\na)b;", [
        (3, "node 'b' is given twice, first in line 2"), (3, "node 'a' is given twice, first in line 1"),
    ]),
    "lengths": ("(a:x,b:1:2,c:)d;", [
        (1, "'x' is no branch length; a number stands behind a colon"),
        (1, "a second branch length for one node"),
        (1, "a colon without a branch length behind it"),
    ]),
    "comma outside": ("a,b;", [(1, "a comma outside of all brackets; trees are separated by semicolons")]),
    "closing comment": ("(a],b);", [(1, "']' is not expected here; names that hold ()[]':;, stand in single quotes")]),
    "line break in a name": ("('a\nb',\nc c)d;", [(1, "the name 'a\\nb' holds a line break")]),
    "nothing": ("\n", [(None, "the file holds no nodes")]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FAULTY.values(), ids=FAULTY)
def test_faults(faults: Callable[[str, str], list], text: str, expected: list) -> None:
    assert faults(text, "newick") == expected


@given(trees(plain=True), st.data())
def test_no_beginning_of_a_file_passes_for_the_whole(t: Taxonomy, data: st.DataObject) -> None:
    text = written(t, "newick", lossy=True).rstrip()
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    if cut.rstrip().endswith(";"):  # a whole tree less
        assert len(read(cut).roots) < len(t.roots)
        return
    with pytest.raises(TaxoError, match=r"cut off|without a name|holds no nodes"):
        read(cut)


def test_a_chain_of_any_length() -> None:
    n = 20_000
    chain = build([f"n{i}" for i in range(n)], np.arange(n - 1), np.arange(1, n))
    assert again(chain, "newick") == chain


def test_what_gets_lost(zoo: Taxonomy, diamond: Taxonomy) -> None:
    with pytest.raises(
        LossyWrite,
        match=r"^newick cannot hold the order of the classes; write text, pairs or is-a, or allow",
    ):
        written(zoo, "newick")
    with pytest.raises(
        LossyWrite, match=r"^newick cannot hold several parents \(1 of 8 nodes .*\); write pairs, is-a or json-links"
    ):
        written(diamond, "newick")


@given(st.text(st.sampled_from("ab(),;:'[] \n1"), max_size=30))
def test_any_text_gives_a_hierarchy_or_a_clear_error(text: str) -> None:
    try:
        assert read(text).n_nodes
    except TaxoError as error:
        assert str(error).startswith("x")  # noqa: PT017


@given(NAMES)
def test_a_single_node(name: str) -> None:
    assert read(written(from_edges([], nodes=[name]), "newick", lossy=True)).names == (name,)
