"""Graphviz: what is written, and that Graphviz itself reads it so."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from strategies import dags, trees
from written import written

from taxo.taxonomy import LossyWrite, TaxoError, Taxonomy, from_edges, read


def test_it_looks_like_this() -> None:
    t = from_edges([("a", 'b "2"'), ("x", 'b "2"')], labels={"a": "A & B\\n\nc"}, name='my "dag"')
    assert written(t, "dot") == (
        'digraph "my \\"dag\\"" {\n'
        "  rankdir=LR\n"
        '  node [shape=box, style=rounded, fontname="sans-serif"]\n'
        '  "a" [label="A &amp; B\\\\n\\nc"]\n'
        '  "x" [label="x"]\n'
        '  "b \\"2\\"" [label="b \\"2\\""]\n'
        '  "a" -> "b \\"2\\""\n'
        '  "x" -> "b \\"2\\""\n'
        "}\n"
    )


@given(trees(max_nodes=8) | dags(max_nodes=6))
@settings(max_examples=15)
def test_graphviz_draws_the_same_graph(t: Taxonomy) -> None:
    program = shutil.which("dot")
    if program is None:
        pytest.skip("Graphviz is not installed")
    labels = tuple(name.translate(dict.fromkeys(range(32), " ")) for name in t.names)
    t = replace(t, labels=labels)
    run = subprocess.run(
        [program, "-Tjson"], input=written(t, "dot", lossy=True), capture_output=True, encoding="utf-8", check=True
    )
    # Control characters and the like stand raw in Graphviz's own JSON.
    drawn = json.loads(run.stdout, strict=False)
    shown = [["".join(d["text"] for d in o.get("_ldraw_", []) if d["op"] == "T")][0] for o in drawn["objects"]]
    assert [text.strip() for text in shown] == [label.strip() for label in labels]
    edges = {(e["tail"], e["head"]) for e in drawn.get("edges", [])}
    assert edges == {(int(p), c) for c in range(t.n_nodes) for p in t.parents_of(c)}


def test_it_is_not_read(tmp_path: Path) -> None:
    t = from_edges([("a", "b")], ranks={"b": "genus"})
    with pytest.raises(LossyWrite, match=r"^dot cannot hold ranks; write text, json or json-links"):
        written(t, "dot")
    with pytest.raises(TaxoError, match="format 'dot' is written, not read"):
        read("x.dot", format="dot")
    (tmp_path / "x.gv").write_text("digraph {}")
    with pytest.raises(
        TaxoError, match=r"x\.gv:1: this looks like dot by its name, a format that is written, not read; read"
    ):
        read(tmp_path / "x.gv")
