"""The benchmark runs, with taxo alone and tiny trees."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.skipif(sys.platform != "linux", reason="the benchmark reads /proc")
def test_the_benchmark_of_hierarchies(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / "hierarchies.py"), "--tools", "taxo"]
    command += ["--inner", "20", "--leaves", "100", "--pairs", "50", "--big", "600", "--repeats", "2", "--starts", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["sizes"] == {
        "nodes": 120, "leaves": 100, "edges": 119, "pairs": 50, "pairs_of_slow_tools": 20_000, "repeats": 2,
    }  # fmt: skip
    assert (found["failed"], found["same_answers"], found["ratios"]) == ({}, True, {})
    ours = found["tools"]["taxo"]
    assert (ours["runs"], ours["pairs_answered"], ours["scaled"]) == (2, 50, False)
    assert ours["load"]["s"] > 0
    assert 0 < ours["peak_mb"]["start"] <= ours["peak_mb"]["load"] <= ours["peak_mb"]["end"]
    assert found["big"]["nodes"] == 600
    assert found["start"]["s"] >= found["start"]["least_s"] > 0
    assert not list(tmp_path.iterdir())


def test_the_trees_are_what_they_should_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import hierarchies

    from taxo.taxonomy import read

    edges, pairs = hierarchies.make_tree(tmp_path / "edges.txt", 30, 100, 40)
    tree = read(edges, format="pairs", is_a=False, tree=True)
    assert (tree.n_nodes, len(tree.leaves), len(tree.roots)) == (130, 100, 1)
    named = [line.split() for line in pairs.read_text().splitlines()]
    assert len(named) == 40
    assert all(name in tree for pair in named for name in pair)
    text = edges.read_text()
    hierarchies.make_tree(edges, 30, 100, 40)
    assert edges.read_text() == text


def test_a_tool_that_fails_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import hierarchies

    with pytest.raises(RuntimeError, match=r"failed: .*none\.txt: cannot be read"):
        hierarchies.one_run(sys.executable, "taxo", tmp_path / "none.txt", tmp_path / "none.pairs", 1, 60)
