"""Heights by branch lengths."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import trees

from taxo.embeddings import embed
from taxo.taxonomy import NotEmbeddable, Taxonomy, class_similarity
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.source import Source
from taxo.taxonomy.heights import node_heights


def newick(text: str) -> Taxonomy:
    return parse(Source("x.nwk", text), format="newick")


APES = "(((Pan:6,Homo:6)Hominini:2,Gorilla:8)Homininae:8,Pongo:16)Hominidae:4;"
"""Ages made up to be easy to work out: 6, 8, 16; all leaves are 16 from the root, which has a stem of 4."""


def test_similarities_by_hand() -> None:
    t = newick(APES)
    heights = dict(zip(t.names, node_heights(t, "branch-length").tolist(), strict=True))
    inner = {"Hominidae": 16, "Homininae": 8, "Hominini": 6}
    assert heights == inner | dict.fromkeys(("Pan", "Homo", "Gorilla", "Pongo"), 0)
    wanted = {  # 1 - age of the common ancestor / 16
        "Pongo": [1, 0, 0, 0],
        "Gorilla": [0, 1, 0.5, 0.5],
        "Pan": [0, 0.5, 1, 0.625],
        "Homo": [0, 0.5, 0.625, 1],
    }
    t = t.with_classes(list(wanted))
    assert class_similarity(t, heights=node_heights(t, "branch-length")).tolist() == list(wanted.values())
    e = embed(t, heights="branch-length")
    np.testing.assert_allclose(e.vectors @ e.vectors.T, list(wanted.values()), atol=1e-15)


def test_an_ultrametric_tree_is_nothing_to_remark(caplog: pytest.LogCaptureFixture) -> None:
    node_heights(newick(APES), "branch-length")
    node_heights(newick("((a:0.1,b:0.1)c:0.2,d:0.3)r;(e:7,f:7.001)s;x;"), "branch-length")  # rounded, and a bare root
    assert not caplog.messages


def test_the_farthest_leaf_counts_and_that_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    t = newick("(a:1,b:1)q;((a2:1,b2:3)c:2,d:1)r;")
    heights = dict(zip(t.names, node_heights(t, "branch-length").tolist(), strict=True))
    assert (heights["q"], heights["r"], heights["c"]) == (1, 5, 3)
    assert caplog.messages == [
        "x: not ultrametric: leaves below the root 'r' are between 1 and 5 from it (80 % apart); heights by branch "
        "lengths are meant for time-calibrated trees, the farthest leaf counts"
    ]
    caplog.clear()
    embed(t, heights="branch-length")
    assert len(caplog.messages) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "((a,b)c,d)r;",
            "heights 'branch-length': 'x' has no branch lengths; Newick files of time-calibrated trees have them "
            "('(a:1.5,b:1.5)c;'), and so may text (length=1.5) and json",
        ),
        (
            "((a:1,b)c,d:1)r;",
            "heights 'branch-length': 'x' has no branch length above 'c', 'b'; give every branch one but those above the "
            "roots",
        ),
        (
            "((a:1,b:-1)c:-0.25,d:1)r:-7;",
            "heights 'branch-length': the branch above 'c' in 'x' has the negative length -0.25 (the first of 2); a node "
            "cannot be older than its parent: correct it",
        ),
    ],
)
def test_lengths_that_give_no_heights(text: str, message: str) -> None:
    with pytest.raises(NotEmbeddable, match=f"^{re.escape(message)}$"):
        node_heights(newick(text), "branch-length")


def test_branches_of_length_0() -> None:
    t = newick("((a:0,b:0)c:1,(d:0.5,e:0.5)f:0.5,((g:0.5)h:0.5)i:0)r;")
    message = (
        "the classes 'a' and 'b' meet at 'c', whose height is 0: they would have the "
        "same vector; merge them, or give it a height"
    )
    with pytest.raises(NotEmbeddable, match=f"^{re.escape(message)}$"):
        embed(t, heights="branch-length")
    t = t.with_classes(["a", "d", "e", "g"])  # now no two classes meet there
    wanted = [[1, 0, 0, 0], [0, 1, 0.5, 0], [0, 0.5, 1, 0], [0, 0, 0, 1]]
    for method in ("exact", "cholesky", "nodes"):
        e = embed(t, method, heights="branch-length")
        products = e.vectors @ e.vectors.T
        products = products if isinstance(products, np.ndarray) else products.toarray()
        np.testing.assert_allclose(products, wanted, atol=1e-15)


def test_a_chain_of_branches_of_length_0_above_a_class() -> None:
    t = newick("((((a:0)b:0)c:0)d:1,((e:1)f:0,(g:1,h:1)i:0)j:0)r;")
    heights = node_heights(t, "branch-length")
    e = embed(t, heights="branch-length")
    np.testing.assert_allclose(e.vectors @ e.vectors.T, class_similarity(t, heights=heights), atol=1e-15)


@st.composite
def measured(draw: st.DrawFn) -> Taxonomy:
    t = draw(trees(plain=True))
    lengths = draw(st.lists(st.floats(0, 1e6), min_size=t.n_nodes, max_size=t.n_nodes))
    return replace(t, lengths=np.array(lengths))


@given(measured())
def test_the_farthest_leaf(t: Taxonomy) -> None:
    assert t.lengths is not None
    heights = node_heights(t, "branch-length")
    wanted = np.zeros(t.n_nodes)
    for leaf in t.leaves.tolist():
        v, distance = leaf, 0.0
        while (p := int(t.parent[v])) >= 0:
            distance += t.lengths[v]
            wanted[p] = max(wanted[p], distance)
            v = p
    np.testing.assert_allclose(heights, wanted)


@given(measured())
def test_levels_are_branches_of_length_1_where_all_leaves_are_as_deep(t: Taxonomy) -> None:
    even = replace(t, lengths=(t.heights[np.maximum(t.parent, 0)] - t.heights).astype(np.float64))
    assert node_heights(even, "branch-length").tolist() == t.heights.tolist()
