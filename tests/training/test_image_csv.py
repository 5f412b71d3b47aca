"""Data set `image-csv`: columns, splits, quoting, and all faults with their lines."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from taxo.taxonomy import FormatError, TaxoError, flat
from taxo.training.data import DataConfig, load_splits
from taxo.training.data.image_csv import read_image_csv
from taxo.training.data.listing import Listing
from taxo.training.data.registry import dataset

pytestmark = pytest.mark.torch


def config(path: Path | str, **options: Any) -> DataConfig:
    return DataConfig(**{"dataset": "image-csv", "data": str(path), "image_size": 4, **options})


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "images.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def listing(path: Path) -> Listing:
    return dataset("image-csv").load(config(path), None)


def content(path: Path) -> dict[str, list[tuple[str, str]]]:
    """Path relative to the file's folder, and class, of every image, by split."""
    found = listing(path)
    parts = {"train": found.train, "val": found.val, "test": found.test}
    return {
        split: [
            (Path(name).relative_to(path.parent).as_posix(), samples.classes[target])
            for name, target in zip(samples.names, samples.targets, strict=True)
        ]
        for split, samples in parts.items()
        if samples is not None
    }


def faults(path: Path) -> list[tuple[int | None, str]]:
    """Line and cause of every fault; the remedy stands behind the semicolon."""
    with pytest.raises(FormatError) as caught:
        listing(path)
    assert all(";" in text for _, text in caught.value.faults)
    return [(line, text.split(";")[0]) for line, text in caught.value.faults]


EXPECTED = {
    "train": [("a/1.png", "owl"), ("b/1.png", "gull")],
    "val": [("a/2.png", "owl")],
    "test": [("a/3.png", "owl"), ("b/3.png", "gull")],
}


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_three_splits(tmp_path: Path, delimiter: str, start: str, line_end: str) -> None:
    rows = [("path", "label", "split"), *((p, c, s) for s, found in EXPECTED.items() for p, c in found)]
    path = write(tmp_path, start + "".join(delimiter.join(row) + line_end for row in rows))
    assert content(path) == EXPECTED
    assert listing(path).train.classes == ("gull", "owl")
    assert listing(path).remarks == ()


def test_columns_in_any_order_and_case_and_others_remarked(tmp_path: Path) -> None:
    path = write(tmp_path, " Split ,photographer,LABEL,size,Path\ntrain,me,owl,3,1.png\ntest,me,owl,3,2.png\n")
    assert content(path) == {"train": [("1.png", "owl")], "test": [("2.png", "owl")]}
    assert listing(path).remarks == (f"{path}: unknown columns are not used: 'photographer', 'size'",)


def test_without_a_split_everything_trains_and_it_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, "path,label\n1.png,owl\n2.png,gull\n")
    assert content(path) == {"train": [("1.png", "owl"), ("2.png", "gull")]}
    assert listing(path).remarks == (
        f"{path} has no column 'split': all images train and nothing is tested; add the column with train, val or "
        "test in every line",
    )


def test_a_split_column_without_test_is_remarked(tmp_path: Path) -> None:
    path = write(tmp_path, "path,label,split\n1.png,owl,train\n2.png,owl,val\n")
    assert listing(path).remarks == (f"{path} has no image with the split 'test': nothing is tested",)


def test_quoted_fields(tmp_path: Path) -> None:
    path = write(tmp_path, 'path,label\n"a, b/1.png","great, ""grey"" owl"\n\n , \n2.png, gull \n')
    assert content(path)["train"] == [("a, b/1.png", 'great, "grey" owl'), ("2.png", "gull")]


@given(
    st.dictionaries(
        st.text("abcxyz äé,;\t\"'", min_size=1).map(str.strip).filter(bool),
        st.text("mno ß,;\t\"'", min_size=1).map(str.strip).filter(bool),
        min_size=1,
    )
)
def test_what_the_csv_module_writes_is_read(tmp_path_factory: pytest.TempPathFactory, labels: dict[str, str]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("path", "label"), *labels.items()])
    folder = tmp_path_factory.mktemp("csv")
    path = write(folder, text.getvalue())
    items = read_image_csv(path).items
    assert items == {"train": [(label, folder / name) for name, label in labels.items()]}


def test_images_are_read_from_beside_the_file_or_by_absolute_path(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "far.png"
    (tmp_path / "list" / "in").mkdir(parents=True)
    elsewhere.parent.mkdir()
    Image.new("L", (4, 4), 50).save(elsewhere)
    Image.new("L", (4, 4), 150).save(tmp_path / "list" / "in" / "near.png")
    path = write(tmp_path / "list", f"path,label\n{elsewhere},b\n./in/near.png,a\n")
    splits = load_splits(config(path), flat(["b", "a"]))
    assert splits.train.source.tensor[:, 0, 0, 0].tolist() == [50, 150]  # type: ignore[attr-defined]
    assert splits.train.targets.tolist() == [0, 1]


def test_a_missing_image_is_named_when_it_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "path,label\ngone.png,a\n")
    assert len(listing(path).train) == 1
    with pytest.raises(TaxoError, match=r"gone\.png: unreadable image"):
        load_splits(config(path))


def test_all_faults_are_reported_together_with_their_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'path,label,split\n1.png,owl,train\n"2\n.png",owl,test\n\n3.png,owl,valid\n,owl,train\n4.png,,train\n'
        "5.png,owl\n6.png,owl,train,more\na/../1.png,owl,test\n",
    )
    assert faults(path) == [
        (6, "unknown split 'valid'"),
        (7, "no path"),
        (8, "no label"),
        (9, "2 fields, but the header has 3"),
        (10, "4 fields, but the header has 3"),
        (11, "image 'a/../1.png' stands in line 2 already"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(None, "the file is empty")]),
        ("1.png,owl\n2.png,gull\n", [(1, "the header lacks 'path' and 'label'")]),
        ("path,class\n1.png,owl\n", [(1, "the header lacks 'label'")]),
        ("path,label,path\n1.png,owl,2.png\n", [(1, "the header names 'path' twice")]),
        ("path,label\n", [(None, "no images in it")]),
        (
            'path,label\n1.png,owl\n"2.png,gull\n3.png,owl\n',
            [(3, "broken record (unexpected end of data)")],
        ),
        (
            'path,label\n"1.png"x,owl\n',
            [(2, "broken record (',' expected after '\"')")],
        ),
        (
            "path,label\n" + "x" * 200_000 + ",owl\n",
            [(2, "broken record (field larger than field limit (131072))")],
        ),
    ],
)
def test_broken_files(tmp_path: Path, text: str, expected: list[tuple[int | None, str]]) -> None:
    assert sorted(faults(write(tmp_path, text)), key=str) == sorted(expected, key=str)


def test_what_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"images\.csv:2: not UTF-8; save the file as UTF-8"):
        listing(write(tmp_path, b"path,label\n1\xff.png,owl\n"))
    with pytest.raises(FormatError, match=r"images\.csv:1: not UTF-8; save the file as UTF-8"):
        listing(write(tmp_path, "path,label\n".encode("utf-16")))
    with pytest.raises(FormatError, match=r"images\.csv:2: a NUL byte"):
        listing(write(tmp_path, "path,label\n\0.png,owl\n"))


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(TaxoError, match=r"needs a file: --data FILE\.csv with the columns path,label"):
        load_splits(config(""))
    with pytest.raises(TaxoError, match=r"gone\.csv: does not exist; --data must name a CSV file"):
        listing(tmp_path / "gone.csv")
    for place in (tmp_path, Path("/dev/zero")):
        with pytest.raises(TaxoError, match=f"{place}: is no file; --data must name a CSV file"):
            listing(place)


def test_classes_that_only_one_split_has(tmp_path: Path) -> None:
    path = write(tmp_path, "path,label,split\n1.png,owl,train\n2.png,gull,test\n")
    with pytest.raises(
        TaxoError, match=r"images\.csv: train and test must have the same classes, but 1 only in test: 'gull'"
    ):
        listing(path)
    path = write(tmp_path, "path,label,split\n1.png,owl,test\n")
    with pytest.raises(TaxoError, match=r"images\.csv: no training images"):
        listing(path)
