"""`lca`, `similarity`, `find`: what they print, to the letter, and their exit codes."""

import io
import json
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taxo.taxonomy import TaxoError, from_edges
from taxo.taxonomy.pairing import answer_lines, line_blocks

Run = Callable[..., Any]

TREE = (
    "# taxo 1\nbirds\n  owls\tlabel=Owls\n    barn owl\tsynonym=Tyto alba\n    snowy owl\n  gull\tlabel=Gull\n"
    "  tern\tlabel=Gull\nrocks\n"
)


@pytest.fixture
def tree(tmp_path: Path) -> str:
    (tmp_path / "tree.txt").write_text(TREE)
    return "tree.txt"


def test_lca_of_two_and_of_many(taxo: Run, tree: str) -> None:
    assert taxo("lca", tree, "barn owl", "snowy owl") == (0, "barn owl\tsnowy owl\towls\n", "")
    assert taxo("lca", tree, "barn owl", "Owls", "tern").out == "barn owl\towls\ttern\tbirds\n"
    assert taxo("lca", tree, "barn owl", "rocks").out == "barn owl\trocks\t\n"


def test_lca_json(taxo: Run, tree: str) -> None:
    assert json.loads(taxo("lca", tree, "Tyto alba", "gull", "--json").out) == {
        "a": "barn owl",
        "b": "gull",
        "lca": "birds",
        "height": 2,
        "similarity": 0.0,
    }
    assert taxo("lca", tree, "gull", "rocks", "--json").out == (
        '{"a": "gull", "b": "rocks", "lca": null, "height": null, "similarity": 0.0}\n'
    )
    assert json.loads(taxo("lca", tree, "barn owl", "gull", "rocks", "--json").out) == {
        "nodes": ["barn owl", "gull", "rocks"],
        "lca": None,
        "height": None,
    }


def test_similarity(taxo: Run, tree: str) -> None:
    assert taxo("similarity", tree, "barn owl", "snowy owl").out == "barn owl\tsnowy owl\t0.500000\n"
    assert (
        taxo("similarity", tree, "barn owl", "snowy owl", "--measure", "path").out == "barn owl\tsnowy owl\t0.333333\n"
    )
    lin = json.loads(
        taxo("similarity", tree, "barn owl", "snowy owl", "--measure", "lin", "--ic", "sanchez", "--json").out
    )
    assert list(lin) == ["a", "b", "lca", "height", "similarity"]
    # 5 leaves; owls: 2 leaves below, 2 subsumers; a leaf has log(6).
    assert lin["similarity"] == pytest.approx(0.6131, abs=1e-4)


def test_similarity_by_other_heights(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "apes.nwk").write_text("(((Pan:6,Homo:6)Hominini:2,Gorilla:8)Homininae:8,Pongo:16)Hominidae;\n")
    assert taxo("similarity", "apes.nwk", "Pan", "Homo").out == "Pan\tHomo\t0.666667\n"
    assert taxo("similarity", "apes.nwk", "Pan", "Homo", "--heights", "branch-length").out == "Pan\tHomo\t0.625000\n"
    # 7 nodes in all, 3 from Hominini downwards.
    assert taxo("similarity", "apes.nwk", "Pan", "Homo", "--heights", "information").out == "Pan\tHomo\t0.435425\n"
    (tmp_path / "mine.tsv").write_text("Hominini\t1\nHomininae\t3\nHominidae\t4\n")
    out = taxo(
        "similarity", "apes.nwk", "--heights", "mine.tsv", stdin="Pan Homo\nPan Gorilla\nPan Pongo\nPan Pan\n"
    ).out
    assert out == "Pan\tHomo\t0.750000\nPan\tGorilla\t0.250000\nPan\tPongo\t0.000000\nPan\tPan\t1.000000\n"
    found = json.loads(taxo("similarity", "apes.nwk", "Pan", "Gorilla", "--heights", "mine.tsv", "--json").out)
    assert found == {"a": "Pan", "b": "Gorilla", "lca": "Homininae", "height": 3.0, "similarity": 0.25}


def test_heights_that_cannot_be_had(taxo: Run, tmp_path: Path, tree: str) -> None:
    def said(heights: str, *more: str) -> str:
        done = taxo("similarity", tree, "gull", "tern", "--heights", heights, *more)
        assert (done.code, done.out) == (2, "")
        return str(done.err)

    kinds = "known are levels, ranks, information, branch-length"
    assert said("rank") == f"taxo: unknown heights 'rank'; did you mean 'ranks'?; {kinds}\n"
    assert said("mine.tsv") == "taxo: mine.tsv: cannot be read: No such file or directory\n"
    assert said("information", "--measure", "path") == (
        "taxo: heights are for the measure lcs-height only, not for 'path'\n"
    )
    (tmp_path / "mine.tsv").write_text("birds\t1\nowl\t1\n")
    assert said("mine.tsv") == "taxo: mine.tsv:2: unknown node 'owl'; did you mean 'owls'?\n"


def test_in_a_dag_the_lowest_by_these_heights_counts(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "dag.txt").write_text("r a\nr b\na x\nb x\na y\nb y\nb z\n")
    (tmp_path / "mine.tsv").write_text("r\t4\na\t3\nb\t1\n")
    facts = [
        json.loads(taxo("similarity", "dag.txt", "x", "y", "--no-is-a", "--json", *more).out)
        for more in ([], ["--heights", "mine.tsv"])
    ]
    assert [(f["lca"], f["height"], f["similarity"]) for f in facts] == [("a", 1, 0.5), ("b", 1.0, 0.75)]


def test_one_line_out_per_line_in(taxo: Run, tree: str) -> None:
    pairs = 'barn owl\tsnowy owl\ngull birds\r\n"barn owl"\tTyto alba\nOwls gull'
    assert taxo("lca", tree, stdin=pairs).out == (
        "barn owl\tsnowy owl\towls\ngull\tbirds\tbirds\nbarn owl\tbarn owl\tbarn owl\nowls\tgull\tbirds\n"
    )
    assert taxo("similarity", tree, stdin=pairs).out == (
        "barn owl\tsnowy owl\t0.500000\ngull\tbirds\t0.000000\nbarn owl\tbarn owl\t1.000000\nowls\tgull\t0.000000\n"
    )
    lines = taxo("similarity", tree, "--json", stdin=pairs).out.splitlines()
    assert [json.loads(line)["lca"] for line in lines] == ["owls", "birds", "barn owl", "birds"]
    assert taxo("lca", tree, stdin="") == (0, "", "")


@pytest.mark.parametrize(
    ("pairs", "out", "message"),
    [
        ("gull tern\ngull gul\ntern gull\n", 1, "-:2: unknown node 'gul'; did you mean 'gull'?"),
        (
            "gull tern\n\ngull tern\n",
            1,
            "-:2: 0 names where two are expected: ''; put a tab between names that hold spaces",
        ),
        (
            "barn owl gull\n",
            0,
            "-:1: 3 names where two are expected: 'barn owl gull'; put a tab between names that hold",
        ),
        ("gull\ttern\trocks\n", 0, "-:1: 3 names where two are expected"),
        ("gull\t\n", 0, "-:1: 1 name where two are expected"),
        (
            "gull tern\nGull owls\n",
            1,
            "-:2: 'Gull' is a label or synonym of 2 nodes; give the name of one: 'gull', 'tern'",
        ),
    ],
)
def test_a_bad_line_stops_with_its_number_after_the_lines_before(
    taxo: Run, tree: str, pairs: str, out: int, message: str
) -> None:
    result = taxo("lca", tree, stdin=pairs)
    assert result.code == 2
    assert result.err.startswith(f"taxo: {message}")
    assert result.out == "gull\ttern\tbirds\n" * out


def test_answers_come_as_the_lines_do() -> None:
    t = from_edges([("r", "a"), ("r", "b")])
    arriving = [b"a b\nb", b" r\n", b"a a", b""]
    events: list[str | None] = []

    class Talk(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            events.append("asked for more")
            return arriving.pop(0)

    for found in answer_lines(t, Talk()):
        events += found.lca
    more = "asked for more"
    assert events == [more, "r", more, "r", more, more, "a"]


def test_lines_of_every_length_of_chunk() -> None:
    text = "ä b\nc\n\nlast ö".encode()

    class Slow(io.BytesIO):
        step = 1

        def read1(self, size: int | None = -1, /) -> bytes:
            return self.read(self.step)

    for step in range(1, len(text) + 2):
        stream = Slow(text)
        stream.step = step
        blocks = list(line_blocks(stream))
        assert [line for _, lines in blocks for line in lines] == ["ä b", "c", "", "last ö"]
        assert [first for first, _ in blocks] == [1 + sum(len(b) for _, b in blocks[:i]) for i in range(len(blocks))]
    with pytest.raises(TaxoError, match="-:2: byte 0xff is not UTF-8"):
        list(line_blocks(io.BytesIO(b"a b\nc\xff d\n")))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["lca", "tree.txt", "gull"],
            "one node, 'gull', where two are needed; give another, or none to read pairs from",
        ),
        (["lca", "-"], "standard input holds the hierarchy, so no pairs can come from there; name the nodes"),
        (
            ["similarity", "tree.txt", "a", "b", "c"],
            "3 nodes where two are compared; put names that hold spaces in quotes",
        ),
        (["similarity", "tree.txt", "gull", "tern", "--measure", "wub"], "unknown measure 'wub'; did you mean 'wup'?"),
        (
            ["similarity", "tree.txt", "gull", "tern", "--ic", "seco"],
            "measure 'lcs-height' uses no information content",
        ),
        (["lca", "tree.txt", "gull", "rock"], "unknown node 'rock'; did you mean 'rocks'"),
        (["find", "tree.txt", "-"], "there is nothing to look for in '-'"),
        (["find", "tree.txt", "x", "--kind", "any"], "unknown kind of search 'any'"),
    ],
)
def test_mistakes_have_exit_code_2(taxo: Run, tree: str, args: list[str], message: str) -> None:
    result = taxo(*args, stdin=TREE)
    assert (result.code, result.out) == (2, "")
    assert message in result.err


def test_the_hierarchy_from_standard_input(taxo: Run) -> None:
    assert taxo("lca", "-", "gull", "tern", stdin=TREE).out == "gull\ttern\tbirds\n"


def test_find(taxo: Run, tree: str) -> None:
    assert taxo("find", tree, "owl") == (
        0,
        "name       match      field  how\n"
        "owls       owls       name   prefix\n"
        "barn owl   barn owl   name   word\n"
        "snowy owl  snowy owl  name   word\n",
        "",
    )
    assert taxo("find", tree, "tito alba", "--limit", "1").out.splitlines()[1] == "barn owl  Tyto alba  synonym  fuzzy"
    assert taxo("find", tree, "gull", "--kind", "exact", "--json").out == (
        '{"name": "gull", "label": "Gull", "text": "gull", "field": "name", "how": "exact", "score": 1.0}\n'
        '{"name": "tern", "label": "Gull", "text": "Gull", "field": "label", "how": "folded", "score": 0.95}\n'
    )


def test_nothing_found_has_exit_code_1(taxo: Run, tree: str) -> None:
    assert taxo("find", tree, "qqqq") == (1, "", "")
    assert taxo("find", tree, "qqqq", "--json") == (1, "", "")


def test_help_leads_with_examples(taxo: Run) -> None:
    for command in ("lca", "similarity", "find"):
        text = taxo(command, "--help").out
        assert f"taxo {command}" in text.split("Options:")[0].split("\n\n", 1)[1], command
    assert "taxo" in sys.argv


def test_the_page_shows_what_the_commands_print(taxo: Run) -> None:
    page = (Path(__file__).parents[2] / "docs" / "queries.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```\n(.*?)```", page, flags=re.DOTALL)
    pairs = next(block for block in blocks if block.startswith("Herring Gull\t"))
    shown = [part for block in blocks for part in re.split(r"^\$ taxo ", block, flags=re.MULTILINE)[1:]]
    assert len(shown) == 8
    for part in shown:
        command, _, expected = part.partition("\n")
        words = shlex.split(command.removesuffix("< pairs.tsv"))
        assert taxo(*words, stdin=pairs).out == expected, command
