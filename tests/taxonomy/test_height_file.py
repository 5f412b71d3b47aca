"""A column of heights from a file: what is read, and what is said of bad ones."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import NAMES

from taxo.taxonomy import FormatError, TaxoError, Taxonomy
from taxo.taxonomy.formats.quoting import quote
from taxo.taxonomy.heights import read_heights


@pytest.mark.parametrize(
    "text",
    [
        "animal\t3\nbird\t2.5\nowl\t1e-3\n",
        "\ufeff# mine\r\n\r\nnode\theight\r\nanimal\t3.0\r\n\tbird\t+2.5\r\n owl \t .001 \r\n",
        "animal,3\nbird,2.5\nowl,0.001",
        'node,Height\n"animal", 3\n\nbird,2.5\nowl,1e-3\n',
        '"animal"\t3\n"b\\u0069rd"\t2.5\nowl\t0.001\n',
    ],
)
def test_ways_of_writing(tmp_path: Path, zoo: Taxonomy, text: str) -> None:
    file = tmp_path / "h.tsv"
    file.write_bytes(text.encode())
    assert read_heights(file, zoo) == {"animal": 3, "bird": 2.5, "owl": 0.001}


def test_names_with_commas_and_quotes(tmp_path: Path) -> None:
    file = tmp_path / "h.csv"
    file.write_text('"Bubo, the owl",1\n"the ""gull""",2\n')
    assert read_heights(file) == {"Bubo, the owl": 1, 'the "gull"': 2}
    file.write_text("Bubo, the owl\t1\n")
    assert read_heights(file) == {"Bubo, the owl": 1}


@given(st.dictionaries(NAMES, st.floats(0, allow_infinity=False, allow_nan=False), min_size=1))
def test_all_names_and_numbers(heights: dict[str, float]) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".tsv") as file:
        file.write("".join(f"{quote(name)}\t{height!r}\n" for name, height in heights.items()))
        file.flush()
        assert read_heights(file.name) == heights


FAULTY = {
    "all together": (
        "# mine\nnode\theight\nanimal\t2O\nBird\t10\nowl\t1\nowl\t2\ngull\t-3\nbarn 4\n\t5\nsnowy\tnan\ncat\t1e999\nbird\t\n",
        [
            (3, "'2O' is no height of 'animal'; give a number such as 1.5"),
            (4, "unknown node 'Bird'; did you mean 'bird'?"),
            (6, "node 'owl' is given twice, first in line 5"),
            (7, "the height -3 of 'gull' is negative; heights are numbers from 0"),
            (8, "'barn 4' is no name and height; a line is a node's name, a tab and a number"),
            (9, "'\\t5' is no name and height; a line is a node's name, a tab and a number"),
            (10, "'nan' is no height of 'snowy'; give a number such as 1.5"),
            (11, "'1e999' is no height of 'cat'; give a number such as 1.5"),
            (12, "'bird\\t' is no name and height; a line is a node's name, a tab and a number"),
        ],
    ),
    "a table": (
        "node,height,colour\nowl,1,red\n",
        [
            (1, "'node,height,colour' is no name and height; a line is a node's name, a tab and a number"),
            (2, "'owl,1,red' is no name and height; a line is a node's name, a tab and a number"),
        ],
    ),
    "a long line": ("x" * 70, [(1, f"'{'x' * 57}...' is no name and height; a line is a node's name, a tab and a number")]),
    "a second header": ("owl\t1\nnode\theight\n", [(2, "'height' is no height of 'node'; give a number such as 1.5")]),
    "nothing": ("# no\n", [(None, "the file holds no heights; a line is a node's name, a tab and a number")]),
    "open quote": ('"owl,1\n', [(1, "'\"owl,1' is no name and height; a line is a node's name, a tab and a number")]),
    "not UTF-8": ("é".encode("latin-1"), [(1, "byte 0xe9 at offset 0 (column 1) is not UTF-8; save the file as UTF-8")]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "faults"), FAULTY.values(), ids=FAULTY)
def test_faults(tmp_path: Path, zoo: Taxonomy, text: str | bytes, faults: list[tuple[int | None, str]]) -> None:
    file = tmp_path / "h.tsv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(FormatError) as error:
        read_heights(file, zoo)
    assert list(error.value.faults) == faults


def test_without_a_hierarchy_any_name_is_taken(tmp_path: Path) -> None:
    (tmp_path / "h.tsv").write_text("Bird\t10\n")
    assert read_heights(tmp_path / "h.tsv") == {"Bird": 10}


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(TaxoError, match=r"h\.tsv: cannot be read: No such file or directory"):
        read_heights(tmp_path / "h.tsv")
