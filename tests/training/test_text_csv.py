"""Data set `text-csv`."""

from pathlib import Path

import pytest

pytest.importorskip("torch")

from taxo.taxonomy import FormatError, TaxoError
from taxo.training.data import DataConfig, Samples
from taxo.training.data.splits import find_splits
from taxo.training.data.texts import RawTexts

pytestmark = pytest.mark.torch


def config(path: Path, content: str = "") -> DataConfig:
    if content:
        path.write_text(content, encoding="utf-8")
    return DataConfig(dataset="text-csv", data=str(path))


def content(samples: Samples | None) -> list[tuple[str, str]]:
    """Text and class of every item."""
    assert samples is not None
    assert isinstance(samples.source, RawTexts)
    return list(zip(samples.source.texts, (samples.classes[t] for t in samples.targets), strict=True))


def test_texts_and_labels(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "t.csv"
    found = find_splits(config(path, 'text,label\n"Hi,\nyou",b\n, a \nlast,b\n'))
    assert found.train.classes == ("a", "b")
    assert content(found.train) == [("Hi,\nyou", "b"), ("", "a"), ("last", "b")]
    assert found.train.names == [f"{path}:2", f"{path}:4", f"{path}:5"]
    assert found.val is found.test is None
    assert caplog.messages == [f"{path} has no test texts (column split): nothing is tested"]


def test_titles_and_splits(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = ["a;One;1;train", "b;Two;2;test", "b;Three;3;train", "a;Four;4;test", "a;Five;5;val"]
    found = find_splits(config(tmp_path / "t.csv", "\n".join(["label;title;text;split", *rows])))
    assert content(found.train) == [("One 1", "a"), ("Three 3", "b")]
    assert content(found.val) == [("Five 5", "a")]
    assert content(found.test) == [("Two 2", "b"), ("Four 4", "a")]
    assert not caplog.messages


def test_all_faults_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [
        "text,label,split",
        "one,a,train",
        "two,,train",
        "three,a",
        "four,a,dev",
        '"five","b\tc",test',
        'six",a,train',
        '"',
    ]
    with pytest.raises(FormatError) as caught:
        find_splits(config(path, "\n".join(rows)))
    label = "it must be the name of a class, without tabs and line breaks"
    assert str(caught.value).replace(str(path), "t").split("\n") == [
        f"t:3: label ''; {label}",
        "t:4: 2 fields, but the header has 3; quote a field that holds a comma",
        "t:5: unknown split 'dev'; it must be train, val or test",
        rf"t:6: label 'b\tc'; {label}",
        "t:8: broken record (unexpected end of data); look for a missing or extra quotation mark",
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no training texts; at least one text of every class must be in 'train'"),
        (["x,a,test"], "no training texts"),
        (["x,a,train", "x,b,test"], "1 classes only in test: 'b'; add training texts of them"),
        (["x,a,train", "x,b,train", "x,a,test"], "1 classes not in test: 'b'; add test texts of them"),
        (["x,a,train", "x,b,val", "x,a,test"], "1 classes only in val: 'b'; add training texts of them"),
    ],
)
def test_splits_that_do_not_fit(tmp_path: Path, rows: list[str], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        find_splits(config(tmp_path / "t.csv", "\n".join(["text,label,split", *rows])))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(TaxoError, match=r"needs a file: --data FILE\.csv with a first line text,label"):
        find_splits(DataConfig(dataset="text-csv"))
    with pytest.raises(TaxoError, match=r"gone\.csv: No such file or directory"):
        find_splits(config(tmp_path / "gone.csv"))
