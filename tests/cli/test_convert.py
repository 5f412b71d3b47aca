"""`taxo convert`: what it prints, to the letter, and its exit codes."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taxo.hierarchies import load
from taxo.taxonomy import read

Run = Callable[..., Any]

TREE = "# taxo 1\nbirds\n  owls\trank=order\n    barn\n    snowy\n  gull\n"


@pytest.fixture
def tree(tmp_path: Path) -> str:
    (tmp_path / "tree.txt").write_text(TREE)
    return "tree.txt"


def test_to_a_file(taxo: Run, tree: str, tmp_path: Path) -> None:
    result = taxo("convert", tree, "tree.json")
    assert result == (0, "tree.json: 5 nodes, 3 classes, json\n", "")
    assert read(tmp_path / "tree.json") == read(tmp_path / tree)


def test_there_and_back(taxo: Run, tmp_path: Path) -> None:
    assert taxo("convert", "cub-deep", "cub.json.gz").out == "cub.json.gz: 421 nodes, 200 classes, json\n"
    assert gzip.decompress((tmp_path / "cub.json.gz").read_bytes()).startswith(b'{"name": "Aves"')
    assert taxo("convert", "cub.json.gz", "cub.txt").code == 0
    assert read(tmp_path / "cub.txt") == load("cub-deep")


def test_to_standard_output(taxo: Run, tree: str) -> None:
    assert taxo("convert", tree, "-") == (0, TREE, "")
    assert taxo("convert", "-", "-", "--from", "json", stdin='{"name": "a", "children": ["b"]}').out == (
        "# taxo 1\na\n  b\n"
    )
    assert taxo("convert", "-", "-", "--to", "csv", stdin="order,family\nx,y\n") == (0, "order,family\nx,y\n", "")


def test_a_loss_needs_a_word(taxo: Run, tree: str, tmp_path: Path) -> None:
    result = taxo("convert", tree, "tree.nwk")
    assert result == (
        2,
        "",
        "taxo: newick cannot hold ranks; write text, json or json-links, or allow the loss (--lossy, lossy=True)\n",
    )
    assert not (tmp_path / "tree.nwk").exists()
    result = taxo("convert", tree, "tree.nwk", "--lossy")
    assert result == (0, "tree.nwk: 5 nodes, 3 classes, newick\n", "newick cannot hold ranks: left out\n")
    assert (tmp_path / "tree.nwk").read_text() == "((barn,snowy)owls,gull)birds;\n"


def test_options_of_reading(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "edges.txt").write_text("2 1\n3 1\n")
    (tmp_path / "names.txt").write_text("1 Birds\n2 Owl\n3 Gull\n")
    assert taxo("convert", "edges.txt", "-", "--is-a", "--names", "names.txt").out == (
        "# taxo 1\n1\tlabel=Birds\n  2\tlabel=Owl\n  3\tlabel=Gull\n"
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["cub-deep", "x.foo"],
            "taxo: x.foo: no format is known by the suffix '.foo'; say which with --to or format=: ",
        ),
        (["cub-deep", "x.txt", "--to", "jsn"], "taxo: unknown format 'jsn'; did you mean 'json'"),
        (["cub-deep", "x", "--to", "coco"], "taxo: format 'coco' is read, not written; there are text, "),
        (["none.txt", "x.json"], "taxo: 'none.txt' is neither a file nor a built-in hierarchy"),
        (["cub-deep", "no/x.json"], "taxo: no/x.json: cannot be written: No such file or directory"),
        (["cub-deep"], "Missing argument 'OUT'"),
    ],
)
def test_mistakes(taxo: Run, args: list[str], message: str) -> None:
    result = taxo("convert", *args)
    assert result.code == 2
    assert message in result.err
    assert not result.out


def test_a_mistake_in_the_name_is_told_before_anything_is_read(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("a\n\t  b\n \tc\n")
    assert "no format is known by the suffix" in taxo("convert", "bad.txt", "out.xyz").err


def test_a_dag(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "dag.txt").write_text("r a\nr b\na x\nb x\n")
    assert taxo("convert", "dag.txt", "dag.json", "--no-is-a").err.startswith(
        "taxo: json cannot hold several parents (1 of 4 nodes have several parents: 'x' has parents 'a', 'b'); "
        "write pairs, is-a or json-links, or allow the loss"
    )
    assert taxo("convert", "dag.txt", "dag.json", "--no-is-a", "--to", "json-links").code == 0
    assert taxo("convert", "dag.json", "-", "--to", "pairs").out == "r a\nr b\na x\nb x\n"
    assert taxo("convert", "dag.json", "-", "--to", "mermaid").out.count("-->") == 4


def test_help_lists_the_formats(taxo: Run) -> None:
    from taxo.taxonomy.formats.registry import READ_FORMATS, WRITE_FORMATS

    text = " ".join(taxo("convert", "--help").out.split())
    assert f"{', '.join(READ_FORMATS[:-1])} or {READ_FORMATS[-1]}; by default" in text
    assert f"{', '.join(WRITE_FORMATS[:-1])} or {WRITE_FORMATS[-1]}; by default" in text
    assert "taxo convert cub-deep cub.json" in text


def test_the_help_texts_name_every_format() -> None:
    from taxo.cli.options import READ_FORMATS as READ
    from taxo.cli.options import WRITE_FORMATS as WRITE
    from taxo.taxonomy.formats.registry import READ_FORMATS, WRITE_FORMATS

    assert READ.replace(" or ", ", ").split(", ") == list(READ_FORMATS)
    assert WRITE.replace(" or ", ", ").split(", ") == list(WRITE_FORMATS)
