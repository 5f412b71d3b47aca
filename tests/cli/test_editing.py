"""`edit`, `apply`, `undo`, `log`: what they print, to the letter, and their exit codes."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

TREE = "# taxo 1\nbirds\n# by night\n  owls\trank=order\tlabel=Owls\n    barn\n    snowy\n  gull\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    path = tmp_path / "tree.txt"
    path.write_text(TREE)
    return path


def test_to_standard_output(taxo: Run, tree: Path) -> None:
    result = taxo("edit", "add", "tree.txt", "tern", "--parent", "birds", "--label", "Tern", "--synonym", "sea swallow")
    assert result == (0, TREE + "  tern\tlabel=Tern\tsynonym=sea swallow\n", "")
    assert tree.read_text() == TREE


def test_every_verb(taxo: Run, tree: Path) -> None:
    def lines(*args: str) -> list[str]:
        result = taxo("edit", *args, "--to", "newick", "--lossy")
        assert result.code == 0, result.err
        return result.out.splitlines()

    assert lines("add", "tree.txt", "x", "-p", "owls", "--before", "snowy") == ["((barn,x,snowy)owls,gull)birds;"]
    assert lines("add", "tree.txt", "x", "--root") == ["((barn,snowy)owls,gull)birds;", "x;"]
    assert lines("remove", "tree.txt", "owls") == ["(gull)birds;"]
    assert lines("remove", "tree.txt", "owls", "--keep-children") == ["(barn,snowy,gull)birds;"]
    assert lines("move", "tree.txt", "gull", "owls", "--after", "barn") == ["((barn,gull,snowy)owls)birds;"]
    assert lines("move", "tree.txt", "owls", "--root") == ["(gull)birds;", "(barn,snowy)owls;"]
    assert lines("rename", "tree.txt", "owls", "x") == ["((barn,snowy)x,gull)birds;"]
    assert lines("merge", "tree.txt", "barn", "snowy") == ["((snowy)owls,gull)birds;"]
    assert lines("split", "tree.txt", "birds", "x", "owls") == ["(gull)birds;", "((barn,snowy)owls)x;"]
    assert lines("insert-level", "tree.txt", "owls", "x", "snowy") == ["((barn,(snowy)x)owls,gull)birds;"]
    assert lines("collapse", "tree.txt", "owls") == ["(barn,snowy,gull)birds;"]
    (tree.parent / "classes.txt").write_text("snowy\ngull\n")
    assert lines("prune", "tree.txt", "classes.txt") == ["((snowy)owls,gull)birds;"]


def test_collapse_says_how_many(taxo: Run, tree: Path) -> None:
    tree.write_text("a\n  b\n    c\n  d\n")
    assert taxo("edit", "collapse", "tree.txt") == (
        0, "a\n  c\n  d\n", "1 inner node with a single child taken out; similarities may change\n"
    )  # fmt: skip


def test_dags(taxo: Run) -> None:
    pairs = "thing pet\nthing owned\npet cat\nowned car\n"
    result = taxo("edit", "move", "-", "cat", "owned", "--keep-parents", "--no-is-a", stdin=pairs)
    assert (result.code, result.out) == (0, pairs.replace("owned car", "owned cat\nowned car"))
    result = taxo(
        "edit", "move", "-", "cat", "thing", "--instead-of", "pet", "--no-is-a", "--emptied", "class", stdin=result.out
    )
    assert result.out == "thing pet\nthing owned\nowned cat\nowned car\nthing cat\n"


def test_output_file(taxo: Run, tree: Path) -> None:
    result = taxo("edit", "rename", "tree.txt", "gull", "Larus", "-o", "new.json")
    assert result == (0, "new.json: 5 nodes, 3 classes\n", "")
    assert taxo("edit", "rename", "new.json", "Larus", "gull", "--to", "text").out == TREE.replace("# by night\n", "")
    assert taxo("edit", "add", "cub-deep", "Larus x", "-p", "Larus", "-o", "mine.txt.gz").code == 0
    assert taxo("diff", "cub-deep", "mine.txt.gz").out == "+ Larus x (below Larus)\n1 added\n"


def test_a_dry_run_writes_nothing(taxo: Run, tree: Path) -> None:
    result = taxo("edit", "remove", "tree.txt", "owls", "-n", "-i")
    assert result == (0, "- owls (order, below birds), with 2 nodes below\n3 removed\n", "")
    assert [p.name for p in tree.parent.iterdir()] == ["tree.txt"]


def test_in_place(taxo: Run, tree: Path) -> None:
    assert taxo("edit", "add", "tree.txt", "sea eagle", "-p", "birds", "-i") == (
        0, "tree.txt: edit 1: 1 added; taxo undo takes it back\n", ""
    )  # fmt: skip
    assert tree.read_text() == TREE + "  sea eagle\n"
    assert taxo("edit", "move", "tree.txt", "gull", "birds", "-i").out == "tree.txt: nothing changes\n"
    assert taxo("edit", "rename", "tree.txt", "gull", "Larus", "-i").code == 0
    table = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2025-01-31T09:30:00Z", taxo("log", "tree.txt").out)
    assert table == (
        "edit  time                  state  changes    command\n"
        "   1  2025-01-31T09:30:00Z  done   1 added    taxo edit add tree.txt 'sea eagle' -p birds -i\n"
        "   2  2025-01-31T09:30:00Z  done   1 renamed  taxo edit rename tree.txt gull Larus -i\n"
    )
    assert taxo("log", "tree.txt", "1").out == "+ sea eagle (below birds)\n1 added\n"
    assert taxo("undo", "tree.txt") == (
        0, "tree.txt: edit 2 undone: taxo edit rename tree.txt gull Larus -i (1 renamed)\n", ""
    )  # fmt: skip
    entries = [json.loads(line) for line in taxo("log", "tree.txt", "--json").out.splitlines()]
    assert [list(e) for e in entries] == [
        ["number", "state", "time", "command", "taxo", "summary", "before", "after"]
    ] * 2
    assert [(e["number"], e["state"]) for e in entries] == [(1, "done"), (2, "undone")]
    assert taxo("undo", "tree.txt", "--redo").out.startswith("tree.txt: edit 2 done again: taxo edit rename")
    taxo("undo", "tree.txt")
    taxo("undo", "tree.txt")
    assert tree.read_text() == TREE
    assert taxo("undo", "tree.txt") == (
        2, "", "taxo: tree.txt: there is no edit to undo; `taxo edit ... -i` notes them in tree.txt.journal\n"
    )  # fmt: skip


def test_the_log_says_where_other_hands_were(taxo: Run, tree: Path) -> None:
    assert taxo("log", "tree.txt") == (0, "", "")
    taxo("edit", "add", "tree.txt", "x", "-p", "birds", "-i")
    assert taxo("log", "tree.txt").err == ""
    tree.write_text(tree.read_text() + "# by hand\n")
    assert taxo("log", "tree.txt").err == "tree.txt: was changed otherwise since the last edit\n"
    assert taxo("undo", "tree.txt").code == 2
    assert taxo("undo", "tree.txt", "--force").code == 0
    assert tree.read_text() == TREE


def test_change_files(taxo: Run, tree: Path) -> None:
    yours = tree.with_name("yours.txt")
    yours.write_text(TREE + "  tern\n")
    changes = taxo("edit", "move", "tree.txt", "barn", "birds", "--before", "gull", "-n", "--json").out
    assert list(json.loads(changes)) == [
        "same", "added", "removed", "moved", "renamed", "merged", "split", "attributes", "effect",
    ]  # fmt: skip
    assert taxo("apply", "yours.txt", "-", "-n", stdin=changes).out == "> barn moved: owls -> birds\n1 moved\n"
    assert taxo("apply", "yours.txt", "-", "-i", stdin=changes).code == 0
    assert taxo("log", "yours.txt", "1", "--json").out == changes
    moved = [line.split("\t")[0] for line in yours.read_text().splitlines()]
    assert moved == ["# taxo 1", "birds", "# by night", "  owls", "    snowy", "  barn", "  gull", "  tern"]
    taxo("undo", "yours.txt")
    assert yours.read_text() == TREE + "  tern\n"


def test_conflicts_are_listed_and_nothing_is_half_applied(taxo: Run, tree: Path) -> None:
    new = tree.with_name("new.txt")
    new.write_text("# taxo 1\nbirds\n  owls\trank=order\tlabel=Strigiformes\n    snowy\n  barn\n  gull\n  tern\n")
    changes = taxo("diff", "tree.txt", "new.txt", "--json").out
    mine = tree.with_name("mine.txt")
    mine.write_text("# taxo 1\nbirds\n  owls\trank=order\tlabel=Night birds\n    snowy\n    tern\n  gull\n")
    before = mine.read_text()
    result = taxo("apply", "mine.txt", "-", "-i", stdin=changes)
    assert result == (
        2,
        "",
        "taxo: the changes do not fit 'mine' (3 conflicts); nothing was changed\n"
        "  add 'tern' below 'birds': it is there already, below 'owls'\n"
        "  move 'barn': there is no node 'barn'\n"
        "  label of 'owls' 'Owls' -> 'Strigiformes': it is 'Night birds' here\n",
    )
    assert mine.read_text() == before
    assert not mine.with_name("mine.txt.journal").exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["edit", "add", "tree.txt", "x"], "say where the node stands: --parent P, or --root"),
        (["edit", "move", "tree.txt", "owls"], "say where the node goes: a new parent, or --root"),
        (["edit", "move", "tree.txt", "owls", "birds", "--root"], "say where the node goes: a new parent, or --root"),
        (["edit", "remove", "tree.txt", "owl"], "taxo: unknown node 'owl'; did you mean 'owls'"),
        (["edit", "remove", "tree.txt", "owls", "--emptied", "x"], "unknown choice for emptied parents 'x'; known are"),
        (["edit", "move", "tree.txt", "owls", "barn"], "taxo: moving 'owls' below 'barn': a cycle of 2 nodes, parent"),
        (["edit", "rename", "tree.txt", "owls", "gull"], "taxo: node 'gull' is there already, below 'birds'; every"),
        (["edit", "add", "cub-deep", "x", "--root", "-i"], "'cub-deep' is a built-in hierarchy and stays as it is;"),
        (["edit", "add", "cub-deep.txt", "x", "--root", "-i"], "is a built-in hierarchy and stays as it is; write a"),
        (["edit", "add", "-", "x", "--root", "-i"], "standard input cannot be changed in place; leave -i out"),
        (["edit", "add", "tree.txt", "x", "--root", "-i", "-o", "y"], "changes the file itself: without -o and --to"),
        (["edit", "add", "tree.txt", "x", "--root", "--json"], "goes with -n only"),
        (["edit", "add", "tree.txt", "x", "--root", "--to", "nwk"], "unknown format 'nwk'; did you mean 'newick'?"),
        (["edit", "mve", "tree.txt"], "no command 'mve'; did you mean 'move' or 'remove'?"),
        (["edit", "prune", "tree.txt", "none.txt"], "none.txt: cannot be read: No such file or directory"),
        (["undo", "none.txt"], "taxo: none.txt: is not there"),
        (["log", "none.txt"], "taxo: none.txt: is not there"),
        (["log", "tree.txt", "1"], "taxo: tree.txt: there is no edit 1; the journal has 0"),
        (["undo", "tree.txt", "--redo", "--force"], "does not go with --redo"),
        (["apply", "-", "-"], "only one of the two can come from standard input"),
        (["apply", "tree.txt", "tree.txt"], "tree.txt:1: not JSON"),
    ],
)
def test_mistakes_have_exit_code_2_and_one_message(taxo: Run, tree: Path, args: list[str], message: str) -> None:
    result = taxo(*args)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert [p.name for p in tree.parent.iterdir()] == ["tree.txt"]


def test_help_leads_with_examples(taxo: Run) -> None:
    for verb in ("add", "remove", "move", "rename", "merge", "split", "insert-level", "collapse", "prune"):
        assert f"taxo edit {verb} " in taxo("edit", verb, "--help").out.split("Options:")[0].split("\n\n", 1)[1], verb
    for command in ("apply", "undo", "log"):
        assert f"  taxo {command} " in taxo(command, "--help").out.split("Options:")[0].split("\n\n", 1)[1], command


def test_a_leaf_with_the_length_of_its_branch(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "apes.nwk").write_text("((Pan:6.0,Homo:6.0)Hominini:9.0,Pongo:15.0)Hominidae;\n")
    assert (
        taxo("edit", "add", "apes.nwk", "Gorilla", "--parent", "Hominidae", "--length", "15", "-o", "more.nwk").code
        == 0
    )
    assert (tmp_path / "more.nwk").read_text() == "((Pan:6.0,Homo:6.0)Hominini:9.0,Pongo:15.0,Gorilla:15.0)Hominidae;\n"
    refused = taxo("edit", "add", "apes.nwk", "Gorilla", "--parent", "Hominidae", "--length", "inf", "-o", "x.nwk")
    assert refused.code == 2
    assert "inf" in refused.err
