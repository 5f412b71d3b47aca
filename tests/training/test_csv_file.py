"""CSV files: records, headers, and every fault with its line."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch")

from taxo.taxonomy import FormatError, TaxoError
from taxo.training.data.csv_file import LONGEST_LINE, MOST_FAULTS, Fault, read_table, records

pytestmark = pytest.mark.torch

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=9)


def csv_file(folder: Path, content: str | bytes) -> Path:
    path = folder / "t.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def cells(path: Path, faults: list[Fault] | None = None) -> list[tuple[int, list[str]]]:
    return [(record.line, record.cells) for record in records(path, [] if faults is None else faults)]


def test_records_begin_on_lines(tmp_path: Path) -> None:
    path = csv_file(tmp_path, '\ufeffa,"b ""c"""\r\n\r\n"d\ne,",f\nlast,')
    assert cells(path) == [(1, ["a", 'b "c"']), (3, ["d\ne,", "f"]), (5, ["last", ""])]
    assert cells(csv_file(tmp_path, "")) == []


@given(st.lists(st.lists(CELLS, min_size=2, max_size=3), max_size=5))
@settings(max_examples=50)
def test_reading_what_python_wrote(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    path = tmp_path_factory.getbasetemp() / "t.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    assert [row for _, row in cells(path)] == rows


@pytest.mark.parametrize(
    ("content", "rows", "faults"),
    [
        (b"a,b\ncaf\xe9,c\nd,e", [(1, ["a", "b"]), (3, ["d", "e"])], [(2, "not UTF-8; save the file as UTF-8")]),
        (b"a,b\nc\0,d\ne,f", [(1, ["a", "b"]), (3, ["e", "f"])], [(2, "a NUL byte; save the file as plain text")]),
        (b'a,b\n"c,d\ne,f\n', [(1, ["a", "b"])], [(2, "broken record (unexpected end of data); look for a missing")]),
        (b'a,"b"c\nd,e\n', [], [(1, "broken record (',' expected after '\"'); look for a missing or extra quot")]),
        (b"a\n" + b"x" * 200_000, [(1, ["a"])], [(2, "broken record (field larger than field limit (131072))")]),
        (b"," * LONGEST_LINE + b",", [], [(1, f"broken record (a line longer than {LONGEST_LINE} characters)")]),
    ],
    ids=["bytes", "NUL", "open quote", "stray quote", "long field", "long line"],
)
def test_faults_of_records(
    tmp_path: Path, content: bytes, rows: list[tuple[int, list[str]]], faults: list[tuple[int, str]]
) -> None:
    found: list[Fault] = []
    assert cells(csv_file(tmp_path, content), found) == rows
    assert [line for line, _ in found] == [line for line, _ in faults]
    for (_, text), (_, expected) in zip(found, faults, strict=True):
        assert text.startswith(expected)


def test_a_file_of_faults_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = csv_file(tmp_path, b"\xe9\n" * (2 * MOST_FAULTS))
    with pytest.raises(FormatError) as caught:
        cells(path)
    assert len(caught.value.faults) == MOST_FAULTS


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(TaxoError, match=r"gone\.csv: No such file or directory; name a CSV file that can be read"):
        cells(tmp_path / "gone.csv")
    with pytest.raises(TaxoError, match="Is a directory; name a CSV file"):
        cells(tmp_path)


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_columns_by_name(tmp_path: Path, delimiter: str) -> None:
    rows = [["Label ", "id", "TEXT"], ["x", "1", "one, two; three"], ["y", "2", "a\tb"]]
    with (tmp_path / "t.csv").open("w", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    table = read_table(tmp_path / "t.csv", ("text", "label"), ("split",), [])
    assert table.columns == {"text": ["one, two; three", "a\tb"], "label": ["x", "y"]}
    assert table.lines == [2, 3]
    assert table.others == ("id",)


def test_rows_of_empty_cells_are_passed_over(tmp_path: Path) -> None:
    faults: list[Fault] = []
    table = read_table(csv_file(tmp_path, "text,label\n,\na,x\n\n , ,\nb,y\n"), ("text", "label"), (), faults)
    assert (table.columns, table.lines, faults) == ({"text": ["a", "b"], "label": ["x", "y"]}, [3, 6], [])


def test_rows_of_another_length(tmp_path: Path) -> None:
    faults: list[Fault] = []
    table = read_table(csv_file(tmp_path, "text;label\na;x\nb\nc;d;y\ne;x\n"), ("text", "label"), (), faults)
    assert table.columns["text"] == ["a", "e"]
    text = "but the header has 2; quote a field that holds a semicolon"
    assert faults == [(3, f"1 fields, {text}"), (4, f"3 fields, {text}")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "t.csv: the file is empty; the first line must name text,label"),
        (
            b"a;b\n",
            "t.csv:1: the header lacks 'text' and 'label'; its columns are 'a', 'b'; the first line must name text,",
        ),
        (
            b"text,Etikett\n",
            "t.csv:1: the header lacks 'label'; its columns are 'text', 'etikett'; the first line must",
        ),
        (b"text,label,text\n", "t.csv:1: the header names 'text' twice; every column may stand only once"),
        ("text,label\n".encode("utf-16"), "t.csv:1: not UTF-8; save the file as UTF-8"),
        (
            b'"text,label\n',
            "t.csv:1: broken record (unexpected end of data); look for a missing or extra quotation mark",
        ),
    ],
)
def test_broken_headers(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_table(csv_file(tmp_path, content), ("text", "label"), (), [])
    assert str(caught.value).startswith(f"{tmp_path}/{message}")
