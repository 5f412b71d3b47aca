"""`taxo reduce`: what it prints, to the letter, and where."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taxo.taxonomy import read

Run = Callable[..., Any]

DIAMOND = "thing living\nthing owned\nliving wild\nliving pet\nowned pet\nowned car\npet cat\npet dog\n"
TREE = """\
# taxo 1
thing
  living
    wild\tclass=0
    pet
      cat\tclass=2
      dog\tclass=3
  owned
    car\tclass=1
"""
REPORT = """\
min-change: 8 nodes became a tree of 8, 4 classes
dropped parents (1):
  pet: owned
2 of 6 pairs of classes (33.3%) change their similarity; by 0.1111 in the mean over all, by 0.3333 at most
  0.3333 -> 0.0000  car | cat
  0.3333 -> 0.0000  car | dog
"""


@pytest.fixture
def diamond_file(tmp_path: Path) -> str:
    (tmp_path / "diamond.pairs").write_text(DIAMOND)
    return "diamond.pairs"


def test_the_tree_to_stdout_the_report_to_stderr(taxo: Run, diamond_file: str) -> None:
    result = taxo("reduce", diamond_file, "--no-is-a", "--to", "pairs", "--lossy")
    tree = "thing living\nthing owned\nliving wild\nliving pet\nowned car\npet cat\npet dog\n"
    assert result == (0, tree, REPORT)


def test_the_text_format_keeps_the_order_of_the_classes(taxo: Run, diamond_file: str, tmp_path: Path) -> None:
    result = taxo("reduce", diamond_file, "--no-is-a")
    assert result.out == TREE
    (tmp_path / "tree.txt").write_text(result.out)
    assert read("tree.txt").classes == read(diamond_file, is_a=False).classes == ("wild", "car", "cat", "dog")


def test_files(taxo: Run, diamond_file: str, tmp_path: Path) -> None:
    result = taxo("reduce", diamond_file, "--no-is-a", "-o", "tree.txt", "--report", "report.txt")
    assert result == (0, "", "")
    assert (tmp_path / "report.txt").read_text() == REPORT
    assert read("tree.txt").is_tree
    piped = taxo("reduce", "-", "--is-a", "-o", "same.txt", stdin="b a\nc a\n")
    assert piped == (0, "", "stdin is a tree already; nothing was changed\n")


def test_json(taxo: Run, diamond_file: str, tmp_path: Path) -> None:
    words = ["reduce", diamond_file, "--no-is-a", "--strategy", "longest", "--collapse", "--json"]
    result = taxo(*words)
    found = json.loads(result.out)
    assert result[::2] == (0, "")
    assert list(found) == [
        *("strategy", "nodes_before", "nodes", "classes", "dropped", "removed", "collapsed", "effect"),
    ]
    assert (found["strategy"], found["nodes_before"], found["nodes"], found["classes"]) == ("longest", 8, 7, 4)
    assert found["dropped"] == [{"node": "pet", "parent": "owned"}]
    assert (found["removed"], found["collapsed"]) == ([], ["owned"])
    assert found["effect"]["pairs"] == 6
    assert list(found["effect"]["largest"][0]) == ["a", "b", "before", "after"]
    assert taxo(*words, "-o", "tree.txt").out == result.out
    assert read("tree.txt").n_nodes == 7
    tree = taxo(*words, "--report", "report.json").out
    assert tree.startswith("# taxo 1\n")
    assert json.loads((tmp_path / "report.json").read_text()) == found


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["--strategy", "short"],
            "taxo: unknown strategy 'short'; did you mean 'shortest'?; known are min-change, short",
        ),
        (["--to", "txet"], "taxo: unknown format 'txet'; did you mean 'text'?"),
        (["-o", "none/tree.txt"], "taxo: none/tree.txt: cannot be written: No such file or directory"),
        (["--report", "none/report.txt"], "taxo: none/report.txt: cannot be written: No such file or directory"),
    ],
)
def test_mistakes(taxo: Run, diamond_file: str, args: list[str], message: str) -> None:
    result = taxo("reduce", diamond_file, "--no-is-a", *args)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(message)


def test_help_leads_with_examples(taxo: Run) -> None:
    assert "taxo reduce my-graph.txt -o" in taxo("reduce", "--help").out.split("Options:")[0]
