"""Branch lengths: part of the value, kept by files, edits, differences and reductions."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import attributed, lengths_of, trees
from written import again, written

from taxo.taxonomy import (
    LossyWrite,
    TaxoError,
    Taxonomy,
    apply,
    diff,
    from_edges,
    from_networkx,
    rebuild,
    reduce,
    to_networkx,
)
from taxo.taxonomy.editing import edits
from taxo.taxonomy.editing.changes import Diff
from taxo.taxonomy.editing.conflicts import ChangeConflict
from taxo.taxonomy.editing.diff_text import diff_lines
from taxo.taxonomy.editing.document import read_document, render
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.registry import FORMATS, WRITE_FORMATS
from taxo.taxonomy.formats.source import Source


@pytest.fixture
def owls() -> Taxonomy:
    r"""Lengths at the branches; the root has a stem of 10.

              birds
          3 /       \ 8
         owls       gull
      1 /    \ 5
     strix   barn
    4 |
    tawny
    """
    edges = [("birds", "owls"), ("birds", "gull"), ("owls", "strix"), ("owls", "barn"), ("strix", "tawny")]
    lengths = {"birds": 10.0, "owls": 3.0, "gull": 8.0, "strix": 1.0, "barn": 5.0, "tawny": 4.0}
    return from_edges(edges, lengths=lengths, name="owls")


def lengths(t: Taxonomy) -> dict[str, float | None]:
    """The lengths of the nodes that have one."""
    assert t.lengths is not None
    return {name: x for name, x in zip(t.names, t.lengths.tolist(), strict=True) if x == x}


def to_root(t: Taxonomy, name: str) -> float:
    """Distance of a node from its root."""
    assert t.lengths is not None
    v, total = t.index(name), 0.0
    while t.parent[v] >= 0:
        v, total = int(t.parent[v]), total + float(t.lengths[v])
    return total


def test_they_are_part_of_the_value_and_not_of_the_fingerprint(owls: Taxonomy) -> None:
    bare = replace(owls, lengths=None)
    assert owls != bare
    assert owls == replace(owls, lengths=owls.lengths.copy())  # type: ignore[union-attr]
    assert owls.fingerprint == bare.fingerprint == "2eb16841d3430305"  # as before there were any lengths
    assert hash(owls) == hash(bare)
    partly = replace(owls, lengths=np.array([np.nan, 1, 2, np.nan, 3, 4]))
    assert partly == replace(owls, lengths=np.array([np.nan, 1, 2, np.nan, 3, 4]))
    assert partly != replace(owls, lengths=np.array([0, 1, 2, np.nan, 3, 4]))
    with pytest.raises(ValueError, match="read-only"):
        owls.lengths[0] = 1  # type: ignore[index]


def test_none_at_all_is_none() -> None:
    assert from_edges([("a", "b")]).lengths is None
    assert from_edges([("a", "b")], lengths={}).lengths is None
    assert from_edges([("a", "b")], lengths={"b": float("nan")}).lengths is None
    assert from_edges([("a", "b")], lengths={"b": 0}).lengths is not None


def test_what_is_refused() -> None:
    with pytest.raises(TaxoError, match="the branch above 'b' has the length inf; give a finite number or none"):
        from_edges([("a", "b")], lengths={"b": float("inf")})
    with pytest.raises(TaxoError, match="unknown node 'owk'; did you mean 'owl'"):
        from_edges([("a", "owl")], lengths={"owk": 1})
    message = "branch lengths are for trees, and 'c' has several parents; leave the lengths out, or make a tree first"
    with pytest.raises(TaxoError, match=f"^{message}$"):
        from_edges([("a", "c"), ("b", "c")], lengths={"a": 1})


def test_other_classes_names_and_edges_leave_them(owls: Taxonomy) -> None:
    assert lengths(owls.renamed("x")) == lengths(owls.with_classes(["gull", "owls"])) == lengths(owls)
    child = np.flatnonzero(owls.parent >= 0)
    assert rebuild(owls, owls.parent[child], child) == owls
    kept = owls.indices(["birds", "gull", "owls"])
    assert lengths(rebuild(owls, np.array([0, 0]), np.array([1, 2]), kept=np.sort(kept))) == {
        "birds": 10, "gull": 8, "owls": 3
    }  # fmt: skip


@given(attributed(trees()))
def test_files_give_back_the_identical_numbers(t: Taxonomy) -> None:
    for format in ("text", "json", "json-links"):
        found = again(t, format)
        assert found == t
        assert (found.lengths is None) == (t.lengths is None)
        if t.lengths is not None and found.lengths is not None:
            assert found.lengths.tobytes() == np.where(np.isnan(t.lengths), np.nan, t.lengths).tobytes()


@given(trees(), st.data())
def test_newick_gives_back_the_identical_numbers(t: Taxonomy, data: st.DataObject) -> None:
    t = replace(t, lengths=data.draw(lengths_of(t)))
    found = parse(Source("x", written(t, "newick", lossy=True)), format="newick")
    assert found.names == t.names
    assert repr(found.lengths) == repr(t.lengths)


@given(trees().flatmap(lambda t: lengths_of(t).map(lambda lengths: replace(t, lengths=lengths))))
def test_networkx(t: Taxonomy) -> None:
    found = from_networkx(to_networkx(t))
    assert (found.lengths is None) == (t.lengths is None)
    if t.lengths is not None:
        assert lengths(found) == lengths(t)


def test_they_look_like_this(owls: Taxonomy) -> None:
    assert written(owls, "newick", lossy=True) == "(((tawny:4.0)strix:1.0,barn:5.0)owls:3.0,gull:8.0)birds:10.0;\n"
    t = from_edges([("a", "b")], lengths={"b": 1e-7}, ranks={"b": "genus"}, labels={"b": "B"}, synonyms={"b": ["c"]})
    assert written(t, "text") == "# taxo 1\na\n  b\trank=genus\tlabel=B\tlength=1e-07\tsynonym=c\n"
    assert '{"name": "b", "rank": "genus", "label": "B", "length": 1e-07, "synonyms": ["c"]}' in written(t, "json")


def test_newick_of_other_programs(caplog: pytest.LogCaptureFixture) -> None:
    t = parse(Source("x", "((a:1.,b:.5)c:+2E-1[note],(d:nan,e:'3')f:NaN)r:-0;"), format="newick")
    assert lengths(t) == {"r": 0, "c": 0.2, "a": 1, "b": 0.5, "e": 3}
    assert caplog.messages == ["x: left out are 1 comments"]


@pytest.mark.parametrize("format", [f for f in WRITE_FORMATS if "branch lengths" not in (FORMATS[f].holds or ())])
def test_other_formats_lose_them_and_say_so(owls: Taxonomy, format: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(LossyWrite, match=f"^{format} cannot hold .*branch lengths.*; write .*, or allow the loss"):
        written(owls, format)
    written(owls, format, lossy=True)
    assert re.fullmatch(f"{format} cannot hold .*branch lengths.*: left out", caplog.messages[-1])
    written(replace(owls, lengths=None), format, lossy=True)
    assert "branch lengths" not in caplog.messages[-1] or len(caplog.messages) == 1


def test_the_formats_that_hold_them() -> None:
    assert [f for f in WRITE_FORMATS if "branch lengths" in (FORMATS[f].holds or ())] == [
        "text", "json", "json-links", "newick"
    ]  # fmt: skip


def test_in_a_dag_they_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    text = '{"nodes": [{"id": "a", "length": 1}, {"id": "b"}, {"id": "c"}], "links": [["a", "c"], ["b", "c"]]}'
    assert parse(Source("x.json", text), format="json-links").lengths is None
    assert caplog.messages == [
        "x.json: left out are the branch lengths: nodes have several parents, and these are for trees"
    ]


def test_collapsing_adds_them(owls: Taxonomy) -> None:
    assert lengths(edits.collapse(owls)) == {"birds": 10, "owls": 3, "gull": 8, "tawny": 5, "barn": 5}
    assert lengths(edits.collapse(owls, "owls")) == {"birds": 10, "gull": 8, "strix": 4, "barn": 8, "tawny": 4}
    assert lengths(edits.remove(owls, "owls", keep_children=True)) == lengths(edits.collapse(owls, "owls"))
    assert lengths(reduce(owls, collapse=True).taxonomy) == lengths(edits.collapse(owls))


def test_a_sum_with_an_unknown_length_is_unknown(owls: Taxonomy) -> None:
    t = from_edges([("r", "a"), ("a", "b"), ("b", "c"), ("r", "d")], lengths={"a": 1, "c": 3, "d": 9})
    assert lengths(edits.collapse(t)) == {"d": 9}  # how far c is from r nobody knows
    assert lengths(edits.collapse(t, "a")) == {"c": 3, "d": 9}


def test_roots_that_go_hand_their_stem_down() -> None:
    edges = [("r", "a"), ("a", "b"), ("a", "c")]
    with_stem = from_edges(edges, lengths={"r": 7, "a": 1, "b": 2, "c": 3})
    without = from_edges(edges, lengths={"a": 1, "b": 2, "c": 3})
    assert lengths(reduce(with_stem, collapse=True).taxonomy) == {"a": 8, "b": 2, "c": 3}
    assert lengths(reduce(without, collapse=True).taxonomy) == {"a": 1, "b": 2, "c": 3}


def test_edits_of_one_node_keep_them(owls: Taxonomy) -> None:
    before = lengths(owls)
    assert lengths(edits.move(owls, "strix", "birds")) == before
    assert lengths(edits.move(owls, "gull", None)) == before
    renamed = lengths(edits.rename(owls, "owls", "Strigiformes"))
    assert renamed == {"Strigiformes" if k == "owls" else k: x for k, x in before.items()}
    assert lengths(edits.add(owls, "tern", parent="birds")) == before
    assert lengths(edits.add(owls, "tern", parent="birds", length=8)) == before | {"tern": 8}
    assert lengths(edits.add(replace(owls, lengths=None), "tern", parent="birds", length=8)) == {"tern": 8}
    assert edits.add(replace(owls, lengths=None), "tern", parent="birds").lengths is None
    assert lengths(edits.remove(owls, "strix", emptied="remove")) == {
        k: before[k] for k in ("birds", "owls", "gull", "barn")
    }
    assert lengths(edits.prune(owls, ["gull", "barn"])) == {k: before[k] for k in ("birds", "owls", "gull", "barn")}


def test_edits_of_several_nodes(owls: Taxonomy) -> None:
    before = lengths(owls)
    new_level = edits.insert_level(owls, "birds", "all", ["owls", "gull"])
    assert lengths(new_level) == before | {"all": 0}
    parted = edits.split(owls, "owls", "barn owls", ["barn"])
    assert lengths(parted) == before | {"barn owls": 3}
    for t in (new_level, parted):
        assert [to_root(t, name) for name in owls.classes] == [to_root(owls, name) for name in owls.classes]
    merged = edits.merge(owls, "strix", "barn")  # barn keeps its own, and so does tawny
    assert lengths(merged) == {"birds": 10, "owls": 3, "gull": 8, "barn": 5, "tawny": 4}
    taken_over = edits.merge(owls, "owls", "strix")  # strix takes the place of owls
    assert lengths(taken_over) == {"birds": 10, "gull": 8, "strix": 4, "barn": 5, "tawny": 4}


def test_a_second_parent_takes_them_off(owls: Taxonomy, caplog: pytest.LogCaptureFixture) -> None:
    made = edits.move(owls, "tawny", "birds", instead_of=[])
    assert not made.is_tree
    assert made.lengths is None
    assert caplog.messages == [
        "moving 'tawny' below 'birds' makes a DAG, which has no branch lengths: they are left out"
    ]


@given(trees(max_nodes=12, plain=True), st.data())
def test_taking_nodes_out_leaves_the_distances(t: Taxonomy, data: st.DataObject) -> None:
    numbers = st.integers(0, 1000)
    t = replace(t, lengths=np.array([data.draw(numbers) for _ in t.names], dtype=np.float64))
    inner = [v for v in range(t.n_nodes) if t.children_of(v).size and t.parent[v] >= 0]
    made = [edits.collapse(t)]
    if inner:
        name = t.names[data.draw(st.sampled_from(inner))]
        children = [t.names[c] for c in t.children_of(t.index(name))]
        made += [edits.collapse(t, name), edits.insert_level(t, name, "new", children[:1])]
    for after in made:
        assert [to_root(after, c) for c in t.classes] == [to_root(t, c) for c in t.classes]


def test_differences(owls: Taxonomy) -> None:
    longer = replace(owls, lengths=np.array([np.nan, 3, 0, 1.5, 5, 4]))
    changes = diff(owls, longer)
    assert [line.split(": ", 1) for line in diff_lines(changes)][:-1] == [
        ["* branch length of birds", "10.0 -> none"],
        ["* branch length of gull", "8.0 -> 0.0"],
        ["* branch length of strix", "1.0 -> 1.5"],
    ]
    assert apply(owls, changes) == longer
    assert apply(longer, changes) == longer
    assert apply(longer, diff(longer, replace(owls, lengths=None))).lengths is None
    assert apply(replace(owls, lengths=None), diff(replace(owls, lengths=None), longer)) == longer
    with pytest.raises(ChangeConflict, match=r"branch length of 'gull' 8\.0 -> 0\.0: it is none here"):
        apply(replace(owls, lengths=None), changes)


def test_differences_as_documents(owls: Taxonomy) -> None:
    more = edits.add(owls, "tern", parent="birds", length=0.1)
    document = json.loads(json.dumps(diff(owls, more).to_json()))
    assert document["added"][0]["length"] == 0.1
    assert apply(owls, Diff.from_json(document)) == more
    assert "length" not in diff(owls, edits.add(owls, "tern", parent="birds")).to_json()["added"][0]
    document["added"][0]["length"] = "long"
    with pytest.raises(TaxoError, match=r"added\[0\]\.length: a finite number is expected, not text"):
        Diff.from_json(document)
    document["added"][0]["length"] = float("inf")
    with pytest.raises(TaxoError, match=r"added\[0\]\.length: a finite number is expected"):
        Diff.from_json(document)


def test_changes_that_make_a_dag_of_another_version(owls: Taxonomy, caplog: pytest.LogCaptureFixture) -> None:
    bare = replace(owls, lengths=None)
    changes = diff(bare, edits.move(bare, "tawny", "birds", instead_of=[]))
    made = apply(owls, changes)
    assert not made.is_tree
    assert made.lengths is None
    assert caplog.messages == ["the changes make a DAG, which has no branch lengths: they are left out"]


def test_an_edited_text_file_keeps_the_other_lines() -> None:
    old = "# taxo 1\nbirds\n  # owls first\n  owls\tlength=3\n    barn\tlength=5.50\n    tawny\tlength=5\n  gull\tlength=8e0\n"
    document = read_document(Source("x.txt", old))
    made = render(document, edits.add(document.taxonomy, "tern", parent="birds", length=0.5), {})
    assert made == old + "  tern\tlength=0.5\n"
    assert render(document, edits.collapse(document.taxonomy, "owls"), {}) == (
        "# taxo 1\nbirds\n  # owls first\n  barn\tlength=8.5\n  tawny\tlength=8.0\n  gull\tlength=8e0\n"
    )
