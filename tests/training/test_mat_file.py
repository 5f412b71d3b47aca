"""MATLAB files: SciPy writes and reads the same, files from MATLAB itself, and what damaged files end with."""

import io
import random
import struct
import warnings
import zlib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")
from scipy.io import loadmat, savemat

from taxo.taxonomy import FormatError, TaxoError
from taxo.training.data.mat_file import read_mat
from taxo.training.data.mat_format import MAX_BYTES, BrokenMat, variables

pytestmark = pytest.mark.torch


def written(compressed: bool = False, **content: object) -> bytes:
    file = io.BytesIO()
    savemat(file, content, do_compression=compressed)
    return file.getvalue()


def cells(values: list[Any]) -> np.ndarray[Any, Any]:
    array = np.empty((1, len(values)), dtype=object)
    array[0] = values
    return array


def records(**fields: list[Any]) -> np.ndarray[Any, Any]:
    array = np.empty((1, len(next(iter(fields.values())))), dtype=[(name, object) for name in fields])
    for name, values in fields.items():
        array[name][0] = values
    return array


ALL = {
    "labels": np.array([[3, 1, 2]], dtype=np.uint8),
    "class_names": cells(["Audi A4", "Ram C/V", "Škoda"]),
    "annotations": records(fname=["1.jpg", "2.jpg"], **{"class": [np.uint8(1), np.uint16(300)]}),
}
FIELDS = ("fname", "class")


@pytest.mark.parametrize("compressed", [False, True])
def test_numbers_texts_and_records(tmp_path: Path, compressed: bool) -> None:
    path = tmp_path / "x.mat"
    path.write_bytes(written(compressed, **ALL))
    file = read_mat(path, *ALL, fields=FIELDS)
    assert file.numbers("labels") == [3, 1, 2]
    assert file.texts("class_names") == ["Audi A4", "Ram C/V", "Škoda"]
    assert file.field_texts("annotations", "fname") == ["1.jpg", "2.jpg"]
    assert file.field_numbers("annotations", "class") == [1, 300]


def test_bytes_by_hand() -> None:
    # labels = uint8([7 9]), written after the format's description; the data stand within their tag.
    body = struct.pack("<IIIIIIii", 6, 8, 9, 0, 5, 8, 1, 2) + struct.pack("<II8s", 1, 6, b"labels")
    body += struct.pack("<HHBB2x", 2, 2, 7, 9)
    head = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H2s", 0x0100, b"IM")
    assert variables(head + struct.pack("<II", 14, len(body)) + body, ["labels"]) == ({"labels": (7, 9)}, ["labels"])


NUMBERS = st.sampled_from([np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]).flatmap(
    lambda kind: st.lists(st.integers(np.iinfo(kind).min, np.iinfo(kind).max), max_size=9).map(
        lambda values: np.array([values], dtype=kind)
    )
)
# Not the empty text, which SciPy writes as an array of numbers, nor a NUL, which NumPy drops at an end.
TEXTS = st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), min_size=1, max_size=9)


@given(st.booleans(), NUMBERS, st.lists(TEXTS, max_size=5))
def test_what_scipy_writes_is_read(compressed: bool, numbers: np.ndarray[Any, Any], texts: list[str]) -> None:
    found, there = variables(written(compressed, n=numbers, t=cells(texts)), ["n", "t"])
    assert there == ["n", "t"]
    assert found["n"] == tuple(numbers[0].tolist())
    assert found["t"] == texts


def attempt(data: bytes, names: Iterable[str], fields: Iterable[str] = FIELDS) -> dict[str, Any] | str:
    """The variables of a file, or why it is refused."""
    try:
        return dict(variables(data, list(names), list(fields))[0])
    except BrokenMat as error:
        return str(error)


def field_names(value: Any) -> set[str]:
    """Names of all fields in a value of SciPy's."""
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "OV":
        return set()
    inner = [v for item in value.ravel() for v in (item if value.dtype.names else [item])]
    return set(value.dtype.names or ()).union(*map(field_names, inner))


def plain(value: Any) -> Any:
    """A value of SciPy's as this project has it."""
    if value.dtype.names:
        return {name: [plain(v) for v in value[name].ravel("F")] for name in value.dtype.names}
    if value.dtype == object:
        return [plain(v) for v in value.ravel("F")]
    return "".join(value.ravel()) if value.dtype.kind == "U" else tuple(value.ravel("F").tolist())


def test_files_from_matlab_are_read_as_scipy_reads_them() -> None:
    """SciPy's tests bring files of many versions of MATLAB; each variable is the same or of a kind refused here."""
    try:
        folder = resources.files("scipy.io.matlab.tests") / "data"
    except ModuleNotFoundError:
        pytest.skip("this SciPy is without its tests")
    same = 0
    for file in folder.iterdir():
        # Written by versions 4.2 to 7.4; the others are made to be broken.
        if not file.name.endswith(("_GLNX86.mat", "_SOL2.mat")):
            continue
        data = file.read_bytes()
        if isinstance(refused := attempt(data, []), str):
            assert "is no MATLAB 5 file" in refused
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = loadmat(io.BytesIO(data))
        for name in (name for name in expected if not name.startswith("__")):
            found = attempt(data, [name], field_names(expected[name]))
            if isinstance(found, str):
                assert "of shape" in found or "which none has" in found
            else:
                assert found == {name: plain(expected[name])}
                same += 1
    assert same >= 20


@pytest.mark.parametrize("compressed", [False, True])
def test_a_file_cut_off_anywhere_is_refused(compressed: bool) -> None:
    data = written(compressed, **ALL)
    found = [attempt(data[:size], ALL) for size in range(len(data))]
    refused = {value for value in found if isinstance(value, str)}
    assert all("it ends in the middle of an array" in text or "no MATLAB 5 file" in text for text in refused)
    # Behind the head and behind each variable a shorter file is whole.
    assert {len(value) for value in found if isinstance(value, dict)} == {0, 1, 2}


@pytest.mark.parametrize("compressed", [False, True])
def test_wrong_bytes_end_in_an_error_or_in_values(compressed: bool) -> None:
    """SciPy's own reader ends the process with a segmentation fault for some of these, or runs on and on."""
    data, rng, refused = written(compressed, **ALL), random.Random(0), 0
    for place in range(124, len(data)):
        for value in {0, 255, data[place] ^ 1, data[place] ^ 128, rng.randrange(256)}:
            refused += isinstance(attempt(data[:place] + bytes([value]) + data[place + 1 :], ALL), str)
    assert refused > len(data)


HEAD = written()[:128]


def element(kind: int, content: bytes) -> bytes:
    return struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)


def array(kind: int, shape: tuple[int, ...], rest: bytes, flags: int = 0) -> bytes:
    """A variable named x."""
    head = element(6, struct.pack("<II", kind | flags, 0)) + element(5, struct.pack(f"<{len(shape)}i", *shape))
    return element(14, head + element(1, b"x") + rest)


CELL, STRUCT, CHAR, DOUBLE = 1, 2, 4, 6
BOMB = zlib.compress(element(14, bytes(MAX_BYTES)), 9)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"no MATLAB 5 file, as the official one is \(it begins with b''\)"),
        (b"<!DOCTYPE html>\n" + b" " * 200, r"no MATLAB 5 file, .* \(it begins with b'<!DOCTYPE html>"),
        (HEAD[:124] + b"\0\2IM" + HEAD[128:], "no MATLAB 5 file"),
        (HEAD + bytes(8), "element of kind 0 where a variable should be"),
        (HEAD + element(15, b"no zlib"), "damaged compressed data"),
        (HEAD + struct.pack("<II", 15, len(BOMB)) + BOMB, "it unfolds to more than 32 MiB"),
        (HEAD + array(DOUBLE, (2, 3), element(9, bytes(48))), "shape 2 x 3 where a row or a column should be"),
        (HEAD + array(DOUBLE, (1, 3), element(9, bytes(16))), "2 numbers in an array of 3"),
        (HEAD + array(DOUBLE, (1, 1), element(9, bytes(9))), "a number is cut off"),
        (HEAD + array(DOUBLE, (1, 1), element(16, bytes(8))), "element of kind 16 where numbers should be"),
        (HEAD + array(DOUBLE, (1, 1), element(9, bytes(8)), 0x800), "class 6 with complex numbers"),
        (HEAD + array(5, (1, 1), b""), "class 5, which none has"),
        (HEAD + array(DOUBLE, (1, -1), b""), "impossible shape"),
        (HEAD + array(DOUBLE, (1,), b""), "impossible shape"),
        (HEAD + array(DOUBLE, (2,) * 9, b""), "impossible shape"),
        (HEAD + array(CELL, (2**31 - 1, 2**31 - 1), bytes(64)), "ends in the middle of an array"),
        (HEAD + array(CELL, (1, 1), element(9, bytes(8))), "kind 9 where an array should be"),
        (HEAD + array(STRUCT, (2**31 - 1, 1), element(5, bytes(4)) + element(1, b"")), "without proper names"),
        (HEAD + array(STRUCT, (2**31 - 1, 1), element(5, b"\2\0\0\0") + element(1, b"a\0")), "ends in the middle"),
        (HEAD + array(STRUCT, (1, 1), element(5, b"\2\0\0\0") + element(1, b"a\0a\0")), "two fields of one name"),
        (HEAD + array(CHAR, (1, 1), element(9, bytes(8))), "element of kind 9 where text should be"),
        (HEAD + array(CHAR, (1, 1), element(16, b"\xff")), "a text with impossible characters"),
        (HEAD + struct.pack("<II", 5 << 16 | 14, 0), "an element larger than its tag says"),
    ],
    ids=lambda value: value[-30:] if isinstance(value, str) else "",
)
def test_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "x.mat"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=rf"x\.mat: unreadable MATLAB file: .*{message}.*; download it again$"):
        read_mat(path, "x")


def test_arrays_within_arrays(tmp_path: Path) -> None:
    nested = array(DOUBLE, (1, 1), element(9, bytes(8)))
    for depth in range(6):
        (tmp_path / "x.mat").write_bytes(HEAD + nested)
        if depth == 5:
            with pytest.raises(FormatError, match="more than 4 deep"):
                read_mat(tmp_path / "x.mat", "x")
        else:
            read_mat(tmp_path / "x.mat", "x")
        nested = array(CELL, (1, 1), nested)


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(TaxoError, match=r"gone\.mat: cannot be read: No such file or directory; download the file"):
        read_mat(tmp_path / "gone.mat", "x")
    with pytest.raises(TaxoError, match="cannot be read: Is a directory"):
        read_mat(tmp_path, "x")
    path = tmp_path / "x.mat"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(FormatError, match="it has more than 32 MiB, far more than the official file"):
        read_mat(path, "x")
    path.write_bytes(written(a=np.zeros(1), b=np.zeros((2, 2))))
    with pytest.raises(FormatError, match="no variable 'x' in it, only 'a', 'b'; download the official file again"):
        read_mat(path, "a", "x")
    path.write_bytes(HEAD)
    with pytest.raises(FormatError, match="no variable 'x' in it, only none"):
        read_mat(path, "x")


def test_values_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "x.mat"
    path.write_bytes(
        written(
            half=np.array([1, 2.5]),
            nothing=np.array([np.nan]),
            name="a",
            mixed=cells(["a", 1]),
            rows=records(c=[np.ones(2), 1, "1"], t=["a", 2, "c"]),
        )
    )
    file = read_mat(path, "half", "nothing", "name", "mixed", "rows", fields=("c", "t"))
    for name in ("half", "nothing", "name", "mixed", "rows"):
        with pytest.raises(FormatError, match=f"'{name}' is no row of whole numbers; download the file again"):
            file.numbers(name)
    for name in ("half", "name", "mixed"):
        with pytest.raises(FormatError, match=f"'{name}' is no list of texts"):
            file.texts(name)
    with pytest.raises(FormatError, match=r"field 'c' of 'rows' is no whole number in 2 records \(first: 1\)"):
        file.field_numbers("rows", "c")
    with pytest.raises(FormatError, match=r"field 't' of 'rows' is no text in 1 records \(first: 2\)"):
        file.field_texts("rows", "t")
    with pytest.raises(FormatError, match="'rows' has no field 'd'"):
        file.field_texts("rows", "d")
    with pytest.raises(FormatError, match="'half' is no struct array"):
        file.field_texts("half", "t")
