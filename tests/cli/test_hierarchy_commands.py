"""`list`, `info`, `show`, `build-embeddings`, `check`: what they print, to the letter, and their exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Run = Callable[..., Any]


TREE = "# taxo 1\nbirds\n  owls\trank=order\tlabel=Owls\n    barn\n    snowy\n  gull\n"


@pytest.fixture
def tree(tmp_path: Path) -> str:
    (tmp_path / "tree.txt").write_text(TREE)
    return "tree.txt"


def test_list(taxo: Run) -> None:
    lines = taxo("list").out.splitlines()
    assert lines[0] == "name             classes  nodes  height  licence  title"
    assert lines[3] == "cub-deep             200    421       7  MIT      CUB-200-2011, deep (seven levels)"
    assert len(lines) == 10


def test_list_json(taxo: Run) -> None:
    entries = json.loads(taxo("list", "--json").out)
    assert [list(e) for e in entries] == [["name", "title", "classes", "nodes", "height", "source", "licence"]] * 9


def test_info(taxo: Run, tree: str) -> None:
    result = taxo("info", tree)
    assert result.out.splitlines()[:-1] == [
        "name             tree",
        "kind             tree",
        "nodes            5",
        "classes          3",
        "height           2",
        "roots            1",
        "several parents  0 nodes",
        "single child     0 nodes",
        "leaves by depth  1 at 1, 2 at 2",
        "children         2 to 2 per inner node, 2.0 in the mean",
    ]
    assert (result.code, result.err) == (0, "")


def test_info_json(taxo: Run) -> None:
    assert json.loads(taxo("info", "cub-deep", "--json").out) == {
        "name": "cub-deep",
        "kind": "tree",
        "nodes": 421,
        "classes": 200,
        "height": 7,
        "roots": 1,
        "multi_parent": 0,
        "single_child": 142,
        "leaf_depths": {"6": 4, "7": 196},
        "fingerprint": "6e17aa3f32d76a11",
    }


def test_standard_input_and_pairs(taxo: Run) -> None:
    result = taxo("info", "-", "--json", stdin="b a\nc a\nd a\n")
    assert json.loads(result.out)["classes"] == 3
    assert result.err == (
        "-: read as pairs 'child parent' (inferred from the number of roots; --is-a or --no-is-a decides otherwise)\n"
    )
    assert json.loads(taxo("info", "-", "--json", "--no-is-a", stdin="b a\nc a\nd a\n").out)["roots"] == 3


def test_show(taxo: Run, tree: str) -> None:
    assert taxo("show", tree, "--labels").out == ("birds\n├── owls (Owls)\n│   ├── barn\n│   └── snowy\n└── gull\n")
    assert taxo("show", tree, "owls").out == "owls\n├── barn\n└── snowy\n"
    assert taxo("show", tree, "--depth", "1").out == "birds\n├── owls (2 below)\n└── gull\n"


def test_names_of_a_hierarchy_of_ids(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "edges.txt").write_text("1 2\n1 3\n")
    (tmp_path / "names.txt").write_text("1 Birds\n2 Barn Owl\n3 Gull\n")
    result = taxo("show", "edges.txt", "--no-is-a", "--names", "names.txt", "--labels")
    assert result.out == "1 (Birds)\n├── 2 (Barn Owl)\n└── 3 (Gull)\n"


def test_build_and_check(taxo: Run, tmp_path: Path) -> None:
    built = taxo("build-embeddings", "cub-deep.txt")
    assert built.code == 0
    assert built.err == "cub-deep.txt: no such file; the built-in hierarchy cub-deep is used\n"
    assert built.out.startswith(
        "cub-deep.npz: 200 classes, 200 dimensions, float64, exact\ndeviation from the similarities: largest "
    )
    assert [p.name for p in tmp_path.iterdir()] == ["cub-deep.npz"]
    checked = taxo("check", "cub-deep.npz", "cub-deep", "--json")
    found = json.loads(checked.out)
    keys = [
        "classes",
        "dim",
        "max_deviation",
        "mean_deviation",
        "max_norm_error",
        "same_order",
        "pairs",
        "same_hierarchy",
    ]
    assert list(found) == keys
    assert found["max_deviation"] < 1e-12
    assert checked.code == 0
    words = taxo("check", "cub-deep.npz", "cub-deep").out
    assert words.endswith(
        "class order         the same\nfingerprint         the same\nverdict             exact to 1e-12\n"
    )


def test_a_negative_answer_has_exit_code_1(taxo: Run) -> None:
    taxo("build-embeddings", "cub-deep")
    result = taxo("check", "cub-deep.npz", "cub-flat")
    assert result.code == 1
    assert "NOT exact to 1e-12" in result.out
    assert taxo("check", "cub-deep.npz", "cub-flat", "--tolerance", "1").code == 0


def test_build_options(taxo: Run, tree: str, tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text("5 gull\n2 owls\n")
    result = taxo(
        "build-embeddings", tree, "-o", "out.npz", "--method", "cholesky", "--dtype", "float32",
        "--classes", "classes.txt", "--json",
    )  # fmt: skip
    found = json.loads(result.out)
    assert (found["output"], found["classes"], found["dim"], found["method"]) == ("out.npz", 2, 2, "cholesky")
    with np.load("out.npz") as file:
        assert file["classes"].tolist() == ["gull", "owls"]
        assert file["labels"].tolist() == [5, 2]
        assert file["vectors"].dtype == np.float32


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["info", "cub-dep"], "neither a file nor a built-in hierarchy"),
        (["show", "cub-deep", "Larida"], "unknown node 'Larida'; did you mean 'Laridae'"),
        (["build-embeddings", "cub-deep", "--method", "exakt"], "unknown method 'exakt'; did you mean 'exact'?"),
        (
            ["build-embeddings", "cub-deep", "-o", "x.txt"],
            "x.txt: no format of embeddings has the suffix '.txt'; known are .npz",
        ),
        (["check", "none.npz", "cub-deep"], "none.npz: cannot be read: No such file or directory"),
        (["info", "cub-deep", "extra"], "Got unexpected extra argument"),
        (["buld", "cub-deep"], "no command 'buld'; did you mean 'build-embeddings'?"),
        (["embeddings"], "no command 'embeddings'; did you mean 'build-embeddings'?"),
    ],
)
def test_mistakes_have_exit_code_2_and_one_message(taxo: Run, args: list[str], message: str) -> None:
    result = taxo(*args)
    assert result.code == 2
    assert message in result.err
    assert not result.out


def test_standard_input_needs_an_output_name(taxo: Run) -> None:
    result = taxo("build-embeddings", "-", stdin=TREE)
    assert (result.code, result.err) == (
        2,
        "taxo: a hierarchy from standard input has no name; say where to write with -o FILE\n",
    )


def test_a_bug_keeps_its_traceback(taxo: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taxo.hierarchies.names", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        taxo("list")


def test_help_leads_with_examples(taxo: Run) -> None:
    for command in ("list", "info", "show", "build-embeddings", "check"):
        text = taxo(command, "--help").out
        assert f"taxo {command}" in text.split("Options:")[0].split("\n\n", 1)[1], command


def test_a_class_placed_later(taxo: Run, tmp_path: Path) -> None:
    taxo("convert", "cub-deep", "birds.txt")
    taxo("build-embeddings", "birds.txt")
    taxo("edit", "add", "birds.txt", "Larus fuscus", "--parent", "Larus", "-o", "more.txt")
    built = taxo("build-embeddings", "more.txt", "--extend", "birds.npz")
    assert built.code == 0
    assert built.out.startswith("more.npz: 201 classes, 201 dimensions, float64, exact, 1 placed later\n")
    assert taxo("check", "more.npz", "more.txt").code == 0
    refused = taxo("build-embeddings", "more.txt", "--extend", "birds.npz", "--dim", "3")
    assert refused == (2, "", "taxo: --dim does not go with --extend: the new vectors are made as the old ones were\n")
