"""What is written is read back as it was: all formats, with the nastiest names."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import NAMES, attributed, dags, trees

from taxo.taxonomy import LossyWrite, TaxoError, Taxonomy, from_edges, from_networkx, read, to_networkx, write
from taxo.taxonomy.files import format_lines, parse
from taxo.taxonomy.formats.quoting import quote, unquote
from taxo.taxonomy.formats.source import Source


def text_of(t: Taxonomy, kind: str) -> Source:
    return Source("x.txt", "".join(f"{line}\n" for line in format_lines(t, kind)))


@given(NAMES)
def test_quoting(name: str) -> None:
    assert unquote(quote(name)) == name
    assert quote(name).strip() == quote(name)


@given(attributed(trees()))
def test_text(t: Taxonomy) -> None:
    assert parse(text_of(t, "text")) == t


@given(trees() | dags())
def test_pairs(t: Taxonomy) -> None:
    try:
        source = text_of(t, "pairs")
    except LossyWrite as error:
        assert "the order of the classes" in str(error) or "class numbers" in str(error)  # noqa: PT017
    else:
        assert parse(source, format="pairs", is_a=False) == t


@given(attributed(trees() | dags()))
def test_networkx(t: Taxonomy) -> None:
    again = from_networkx(to_networkx(t))
    assert set(again.names) == set(t.names)
    assert again.classes == t.classes
    assert again.class_numbers.tolist() == t.class_numbers.tolist()
    for name in t.names:
        i, j = t.index(name), again.index(name)
        assert (t.ranks[i], t.labels[i]) == (again.ranks[j], again.labels[j])
        assert {t.names[p] for p in t.parents_of(i)} == {again.names[p] for p in again.parents_of(j)}


@pytest.mark.parametrize("name", ["t.txt", "t.txt.gz"])
def test_files(tmp_path: Path, zoo: Taxonomy, name: str) -> None:
    write(zoo, tmp_path / name)
    assert read(tmp_path / name) == zoo
    assert read(tmp_path / name).name == "t"
    assert list(tmp_path.iterdir()) == [tmp_path / name]  # no temporary file is left


def test_gzip_is_reproducible(tmp_path: Path, zoo: Taxonomy) -> None:
    write(zoo, tmp_path / "a.gz")
    write(zoo, tmp_path / "b.gz")
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()).startswith(b"# taxo 1\n")


def test_text_looks_like_this(zoo: Taxonomy) -> None:
    lines = ["# taxo 1", "animal", "  cat", "  bird", "    owl", "      barn", "      snowy", "    gull"]
    # Classes were cat, gull, barn, snowy; the lines alone would give cat, barn, snowy, gull.
    numbers = {"cat": 0, "gull": 1, "barn": 2, "snowy": 3}
    expected = [line + (f"\tclass={numbers[line.strip()]}" if line.strip() in numbers else "") for line in lines]
    assert list(format_lines(zoo)) == expected


def test_pairs_look_like_this(diamond: Taxonomy) -> None:
    lines = list(format_lines(diamond, "pairs", lossy=True))
    assert lines == [
        "thing living", "thing owned", "living wild", "living pet", "owned pet", "owned car", "pet cat", "pet dog",
    ]  # fmt: skip


def test_pairs_with_a_space_are_tabbed() -> None:
    assert list(format_lines(from_edges([("a b", "c")]), "pairs")) == ["a b\tc"]


def test_a_node_without_edges_stands_in_quotes() -> None:
    t = from_edges([("a", "b")], nodes=["lone one", "a"])
    assert list(format_lines(t, "pairs", lossy=True)) == ['"lone one"', '"a"', "a\tb"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ranks": {"b": "genus"}}, "pairs cannot hold ranks;"),
        ({"labels": {"b": "B"}}, "pairs cannot hold labels;"),
        ({"class_numbers": {"b": 4, "c": 9}}, "pairs cannot hold class numbers;"),
        ({"class_numbers": {"b": 1, "c": 0}}, "pairs cannot hold the order of the classes;"),
    ],
)
def test_nothing_is_lost_silently(tmp_path: Path, change: dict[str, dict[str, int]], message: str) -> None:
    t = from_edges([("a", "b"), ("a", "c")], **change)  # type: ignore[arg-type]
    with pytest.raises(LossyWrite, match=message):
        write(t, tmp_path / "x.txt", format="pairs")
    assert not list(tmp_path.iterdir())
    write(t, tmp_path / "x.txt", format="pairs", lossy=True)
    assert read(tmp_path / "x.txt", is_a=False).names == t.names


def test_text_refuses_a_dag(tmp_path: Path, diamond: Taxonomy) -> None:
    with pytest.raises(LossyWrite, match="1 of 8 nodes have several parents: 'pet'"):
        write(diamond, tmp_path / "x.txt")


def test_a_chain_too_deep_for_indentation(tmp_path: Path) -> None:
    chain = from_edges([(str(i), str(i + 1)) for i in range(40_000)])
    with pytest.raises(TaxoError, match=r"text would hold 1 GiB of indentation, as the hierarchy is 40000 levels deep"):
        write(chain, tmp_path / "x.txt")
    write(chain, tmp_path / "x.json")
    assert read(tmp_path / "x.json") == chain


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, zoo: Taxonomy, diamond: Taxonomy) -> None:
    write(zoo, tmp_path / "x.txt")
    with pytest.raises(LossyWrite):
        write(diamond, tmp_path / "x.txt")
    assert read(tmp_path / "x.txt") == zoo


def test_unknown_folders_and_formats(tmp_path: Path, zoo: Taxonomy) -> None:
    with pytest.raises(TaxoError, match="cannot be written: No such file or directory"):
        write(zoo, tmp_path / "nowhere" / "x.txt")
    with pytest.raises(TaxoError, match=r"unknown format 'pair'; did you mean 'pairs'\?; known are text, pairs"):
        write(zoo, tmp_path / "x.txt", format="pair")


@given(st.binary(max_size=400))
def test_random_bytes_give_a_hierarchy_or_a_clear_error(raw: bytes) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(raw)
        file.flush()
        try:
            t = read(file.name)
        except TaxoError as error:
            assert file.name in str(error)  # noqa: PT017
        else:
            assert t.n_classes > 0


@given(attributed(trees(max_nodes=8)), st.data())
def test_mutated_files_give_a_hierarchy_or_a_clear_error(t: Taxonomy, data: st.DataObject) -> None:
    text = text_of(t, "text").text
    at = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(at, len(text)))
    changed = text[:at] + data.draw(st.text(' \t\n#=-"class0a', max_size=4)) + text[end:]
    try:
        parse(Source("x.txt", changed), format="text")
    except TaxoError as error:
        assert "x.txt" in str(error)  # noqa: PT017
