"""`taxo derive`: what it prints, to the letter, and its exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taxo.hierarchies import load
from taxo.taxonomy import read

Run = Callable[..., Any]

TREE = """\
# taxo 1
# source: derived from WordNet 3.0
# licence: WordNet (Princeton University)
instrumentality	synonym=n03575240	synonym=instrumentation
  crane	class=0	synonym=n03126707
  self-propelled vehicle	synonym=n04170037
    truck	class=2	synonym=n04490091	synonym=motortruck
    bulldozer	class=1	synonym=n02916179	synonym=dozer
"""


def test_names_on_the_command_line(taxo: Run) -> None:
    assert taxo("derive", "crane", "bulldozer", "truck", "--collapse") == (
        0,
        TREE,
        "3 classes: 3 by name\n"
        "2 names have several senses; the one closest to the other classes was taken (--report, --choices)\n",
    )


def test_a_file_and_an_output_file(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("7 crane\n3 bulldozer\n")
    result = taxo("derive", "list.txt", "-o", "tree.txt")
    assert (result.code, result.out) == (0, "")
    t = read(tmp_path / "tree.txt")
    assert t.class_numbers.tolist() == [3, 7]
    assert set(t.classes) == {"crane", "bulldozer"}


def test_standard_input(taxo: Run) -> None:
    assert taxo("derive", "-", "--collapse", stdin="crane\nbulldozer\ntruck\n").out == TREE


def test_the_report_is_a_file_of_choices(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("crane\nheron\n")
    assert taxo("derive", "list.txt", "-o", "a.txt", "--report", "c.tsv").code == 0
    report = (tmp_path / "c.tsv").read_text()
    assert "crane\tn02012849\tname\t" in report
    assert "#\tn03126707\t\t" in report
    (tmp_path / "c.tsv").write_text(report.replace("crane\tn02012849", "crane\tn03126707"))
    again = taxo("derive", "list.txt", "-o", "b.txt", "--choices", "c.tsv")
    assert again.err == "2 classes: 2 by choice\n"
    assert "n03126707" in (tmp_path / "b.txt").read_text()
    assert "n02012849" not in (tmp_path / "b.txt").read_text()


def test_the_report_on_stdout(taxo: Run) -> None:
    lines = taxo("derive", "crane", "stork", "--report", "-").out.splitlines()
    assert lines[3] == "# class\tnoun\thow\tscore\tmeaning"
    assert lines[4].startswith("crane\tn02012849\tname\t")
    assert lines[4].endswith("\tcrane: large long-necked wading bird of marshes and plains in many parts of the world")


def test_json(taxo: Run, tmp_path: Path) -> None:
    result = taxo("derive", "crane", "heron", "--json", "-o", "tree.txt")
    found = json.loads(result.out)
    assert list(found) == ["wordnet", "strategy", "classes", "nodes", "height", "dropped", "collapsed", "decisions"]
    assert found["decisions"][0]["noun"] == "n02012849"
    assert list(found["decisions"][0]) == ["class", "noun", "how", "lemma", "own_leaf", "senses"]
    assert read(tmp_path / "tree.txt").n_nodes == found["nodes"]


def test_missing_names(taxo: Run) -> None:
    result = taxo("derive", "cat", "elephnt")
    assert result == (
        2,
        "",
        "taxo: no noun of WordNet 3.0 found for 'elephnt'; did you mean 'elephant' or 'elephas' or 'element'?\n"
        "say what they mean in a file with lines `class<TAB>id` (--choices FILE), or hang them below the root "
        "(--allow-missing)\n",
    )
    allowed = taxo("derive", "cat", "elephnt", "--allow-missing")
    assert allowed.code == 0
    assert allowed.out.endswith("cat\tsynonym=n02121620\tsynonym=true cat\n  elephnt\n")
    assert allowed.err.endswith("not in WordNet, so below the root: 'elephnt'\n")


def test_a_wordnet_that_is_not_there(taxo: Run) -> None:
    result = taxo("derive", "cat", "dog", "--wordnet", "nowhere")
    assert result.code == 2
    assert result.err.startswith(
        "taxo: nowhere: neither a folder with WordNet nor a corpus in nltk's data path; get it with"
    )


def test_a_format_that_cannot_hold_it(taxo: Run, tmp_path: Path) -> None:
    result = taxo("derive", "cat", "dog", "--to", "pairs")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("taxo: pairs cannot hold synonyms")
    assert taxo("derive", "cat", "dog", "--to", "pairs", "--lossy").out.startswith("entity\tphysical entity\n")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["derive", "cat"], "cat: no such file or folder; names on the command line must be two at least"),
        (["derive", "cat", "dog", "--strategy", "longst"], "unknown strategy 'longst'; did you mean 'longest'?"),
        (["derive", "cat", "dog", "--choices", "none.tsv"], "none.tsv: cannot be read"),
        (["derive", "cat", "cat"], "class 'cat' is given twice"),
    ],
)
def test_mistakes(taxo: Run, args: list[str], message: str) -> None:
    result = taxo(*args)
    assert (result.code, result.out) == (2, "")
    assert message in result.err


@pytest.mark.parametrize("name", ["cifar10", "fashion-mnist", "tiny-imagenet", "ilsvrc"])
def test_the_command_in_a_built_in_file_makes_it(taxo: Run, tmp_path: Path, name: str) -> None:
    root = Path(__file__).parents[2]
    text = (root / "hierarchies" / f"{name}.txt").read_text()
    (command,) = (line for line in text.splitlines() if line.startswith("# Made by: taxo "))
    words = command.removeprefix("# Made by: taxo ").split()
    words = [str(root / w) if w.startswith("examples/") else w for w in words]
    assert taxo(*words, "-o", f"{name}.txt").code == 0
    assert read(tmp_path / f"{name}.txt") == load(name)
