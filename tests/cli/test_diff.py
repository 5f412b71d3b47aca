"""`taxo diff`: what it prints, to the letter, and its exit codes."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

PAGE = (Path(__file__).parents[2] / "docs" / "diff.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"<!-- ([^\n]+) -->\n```\w*\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    for name in ("old.txt", "new.txt"):
        (tmp_path / name).write_text(BLOCKS[name])


def test_as_in_the_documentation(taxo: Run) -> None:
    result = taxo("diff", "old.txt", "new.txt", "--effect")
    assert (result.code, result.out, result.err) == (1, BLOCKS["taxo diff old.txt new.txt --effect"], "")
    shown = re.search(r"\$ taxo diff cub-flat cub-deep\n(.*?)\n\.\.\.\n(.*?)\n```", PAGE, re.DOTALL)
    lines = taxo("diff", "cub-flat", "cub-deep").out.splitlines()
    assert shown
    assert shown[1].splitlines() == lines[:3]
    assert shown[2] == lines[-1]


def test_no_difference(taxo: Run) -> None:
    assert taxo("diff", "old.txt", "old.txt") == (0, "no difference\n", "")
    assert taxo("diff", "cub-deep", "cub-deep.txt").code == 0
    document = json.loads(taxo("diff", "old.txt", "old.txt", "--json").out)
    assert document == {
        "same": True,
        "added": [],
        "removed": [],
        "moved": [],
        "renamed": [],
        "merged": [],
        "split": [],
        "attributes": {"changed": [], "order": [], "class_order": [], "numbered": "leaves", "shifted": 0},
        "effect": None,
    }


def test_json(taxo: Run) -> None:
    result = taxo("diff", "old.txt", "new.txt", "--json", "--effect")
    document = json.loads(result.out)
    assert result.code == 1
    effect = document.pop("effect")
    assert document | {"effect": None} == json.loads(BLOCKS["changes.json"])
    assert {key: effect[key] for key in ("classes", "only_before", "only_after", "pairs", "changed")} == {
        "classes": 4,
        "only_before": [],
        "only_after": ["puffin"],
        "pairs": 6,
        "changed": 2,
    }
    assert effect["largest"][0] == {"a": "herring gull", "b": "teal", "before": 0.0, "after": pytest.approx(2 / 3)}


def test_json_is_what_apply_takes(taxo: Run, tmp_path: Path) -> None:
    from taxo.hierarchies import load
    from taxo.taxonomy.editing.apply import apply
    from taxo.taxonomy.editing.change_files import read_changes

    result = taxo("diff", "cub-wikispecies", "cub-deep", "--json", "--effect")
    (tmp_path / "changes.json").write_text(result.out)
    assert apply(load("cub-wikispecies"), read_changes("changes.json")) == load("cub-deep")


def test_renamed_classes_are_the_same_in_the_effect(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("top\n  x\n    chair\n    couch\n  y\n    bed\n")
    (tmp_path / "b.txt").write_text("top\n  x\n    chair\n    sofa\n  y\n    bed\n")
    assert taxo("diff", "a.txt", "b.txt", "--effect").out == (
        "~ couch renamed to sofa (same place, and alike)\n"
        "1 renamed\n"
        "\n"
        "0 of 3 pairs of classes (0.0%) change their similarity; by 0.0000 in the mean over all, by 0.0000 at most\n"
    )


def test_labels_and_all(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("n1\n  n2\tlabel=seat\n    n4\tlabel=chair\n    n5\n  n3\tlabel=bed\n    n6\n")
    (tmp_path / "b.txt").write_text("n1\n  n2\tlabel=seats\n    n5\n  n3\tlabel=bed\n    n6\n    n4\tlabel=chair\n")
    assert taxo("diff", "a.txt", "b.txt", "--labels").out.splitlines() == [
        "> n4 (chair) moved: n2 (seats) -> n3 (bed)",
        "* label of n2 (seats): seat -> seats",
        "* 2 classes have another number: others came, went or moved before",
        "1 moved, 1 attribute changed",
    ]
    short, whole = (taxo("diff", "cub-flat", "cub-deep", *option).out.splitlines() for option in ((), ("--all",)))
    assert len(short) == 22
    assert len(whole) == 54
    assert short[20] == "+ ... and 33 more such lines (--all shows them)"
    assert short[:2] != whole[:2]
    assert whole[0].endswith("Podicipediformes, Procellariiformes and Suliformes")


def test_standard_input(taxo: Run) -> None:
    assert taxo("diff", "old.txt", "-", stdin=BLOCKS["new.txt"]).out == taxo("diff", "old.txt", "new.txt").out
    result = taxo("diff", "-", "-")
    assert result.code == 2
    assert "only one of the two can come from standard input" in result.err


def test_formats_differ_in_nothing_that_they_hold(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("bird owl\nowl barn\nowl snowy\nbird gull\n")
    (tmp_path / "b.txt").write_text("bird\n  owl\n    barn\n    snowy\n  gull\n")
    result = taxo("diff", "a.tsv", "b.txt", "--no-is-a")
    assert (result.code, result.out) == (0, "no difference\n")


def test_what_is_no_hierarchy(taxo: Run) -> None:
    result = taxo("diff", "old.txt", "newer.txt")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("taxo: 'newer.txt' is neither a file nor a built-in hierarchy")
