"""`taxo validate`: what it prints, to the letter, and its exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

GOOD = "birds\n  owls\n    barn owl\n    snowy owl\n  gull\n"
DOUBTFUL = "birds\n  owls\n    barn owl\n    Barn_Owl\n  gull\n  Gull\n"
BROKEN = "birds\n  owl\n  owl\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        (tmp_path / "x.txt").write_text(text)
        return "x.txt"

    return write


def test_nothing_to_complain_of(taxo: Run, write: Callable[[str], str]) -> None:
    assert taxo("validate", write(GOOD)) == (0, "x.txt: nothing to complain of\n", "")
    assert taxo("validate", "x.txt", "--json") == (0, "[]\n", "")


def test_warnings(taxo: Run, write: Callable[[str], str]) -> None:
    result = taxo("validate", write(DOUBTFUL))
    assert result == (
        0,
        "x.txt:4: warn: 'Barn_Owl' is nearly 'barn owl' (line 3): they differ in case and spacing only [near-duplicate]\n"
        "    hint: give both the same name if they are the same, else names that people can tell apart\n"
        "x.txt:6: warn: 'Gull' is nearly 'gull' (line 5): they differ in case only [near-duplicate]\n"
        "x.txt: 2 warnings\n",
        "",
    )
    assert taxo("validate", "x.txt", "--fail-on", "warn").code == 1


def test_errors(taxo: Run, write: Callable[[str], str]) -> None:
    result = taxo("validate", write(BROKEN))
    assert (result.code, result.err) == (1, "")
    assert result.out.splitlines()[0] == "x.txt:3: error: node 'owl' is given twice, first in line 2 [duplicate-name]"
    assert result.out.splitlines()[-1] == "x.txt: 1 error, 1 remark"


def test_json(taxo: Run, write: Callable[[str], str]) -> None:
    found = json.loads(taxo("validate", write(BROKEN), "--json").out)
    assert [list(f) for f in found] == [["file", "line", "severity", "code", "message", "hint"]] * 2
    assert found[0] == {
        "file": "x.txt",
        "line": 3,
        "severity": "error",
        "code": "duplicate-name",
        "message": "node 'owl' is given twice, first in line 2",
        "hint": "make the names differ (the same in a label= does no harm), or remove one",
    }


def test_a_file_that_is_no_text_is_a_negative_answer(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(b"a\xe9\n")
    result = taxo("validate", "x.txt")
    assert result.code == 1
    assert result.out.startswith("x.txt:1: error: byte 0xe9 at offset 1 (column 2) is not UTF-8")
    (tmp_path / "empty.txt").write_bytes(b"")
    assert taxo("validate", "empty.txt").out.startswith("empty.txt: error: the file holds no nodes [empty]\n")


def test_few_of_each_kind_unless_all_are_asked_for(taxo: Run, write: Callable[[str], str]) -> None:
    file = write("birds\n" + "".join(f"  owl\n  gull {i}\n    mew {i}\n" for i in range(13)))
    lines = taxo("validate", file).out.splitlines()
    assert sum("[duplicate-name]" in line for line in lines) == 11
    assert "x.txt: error: and 2 more like this; --all shows them [duplicate-name]" in lines
    assert "x.txt: info: and 10 more like this; --all shows them [single-child]" in lines
    assert lines[-1] == "x.txt: 12 errors, 13 remarks"
    everything = taxo("validate", file, "--all").out.splitlines()
    assert sum("[duplicate-name]" in line for line in everything) == 12
    assert sum("[single-child]" in line for line in everything) == 13
    assert len(json.loads(taxo("validate", file, "--json").out)) == 25


def test_built_in_hierarchies_and_standard_input(taxo: Run) -> None:
    built_in = taxo("validate", "cifar100", "--fail-on", "warn")
    assert (built_in.code, built_in.out.splitlines()[-1]) == (0, "cifar100: 13 remarks")
    result = taxo("validate", "-", "--is-a", "--json", stdin="b a\nc a\na c\n")
    (cycle,) = [f for f in json.loads(result.out) if f["code"] == "cycle"]
    assert (cycle["file"], cycle["line"], cycle["message"]) == (
        "-",
        2,
        "a cycle of 2 nodes, parent -> child: a -> c -> a; lines 2, 3",
    )
    assert result.code == 1


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["cub-dep"], "'cub-dep' is neither a file nor a built-in hierarchy"),
        (["cub-deep", "--fail-on", "warning"], "unknown severity 'warning'; did you mean 'warn'?"),
        (["x.txt", "--from", "texts"], "unknown format 'texts'; did you mean 'text'?"),
    ],
)
def test_mistakes_have_exit_code_2(taxo: Run, write: Callable[[str], str], args: list[str], message: str) -> None:
    write(GOOD)
    result = taxo("validate", *args)
    assert (result.code, result.out) == (2, "")
    assert message in result.err


def test_help_leads_with_examples(taxo: Run) -> None:
    text = taxo("validate", "--help").out
    assert "taxo validate" in text.split("Options:")[0].split("\n\n", 1)[1]
