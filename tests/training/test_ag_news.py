"""Data set `ag-news`: the files as downloaded, a single file, and what is refused."""

from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("torch")

from taxo.taxonomy import FormatError, TaxoError, flat
from taxo.training.data import DataConfig, Samples
from taxo.training.data.ag_news import CLASSES, clean
from taxo.training.data.splits import find_splits
from taxo.training.data.texts import RawTexts

pytestmark = pytest.mark.torch


def config(data: Path | str, **options: int) -> DataConfig:
    return DataConfig(dataset="ag-news", data=str(data), **options)  # type: ignore[arg-type]


def table(path: Path, classes: str, header: str = "") -> Path:
    """A file of AG News with these classes, its titles counted up."""
    lines = [f'"{c}","Title {i}","Some text, ""{c}""."' for i, c in enumerate(classes)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *lines] if header else lines))
    return path


def titles(samples: Samples | None) -> list[str]:
    """Number in the title and class of every text."""
    assert samples is not None
    assert isinstance(samples.source, RawTexts)
    pairs = zip(samples.source.texts, samples.targets.tolist(), strict=True)
    return [f"{text.split()[1]}{CLASSES[target][0]}" for text, target in pairs]


@pytest.mark.parametrize("folder", ["", "ag_news_csv", "ag_news"])
def test_as_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    path = table(tmp_path / folder / "train.csv", "341213")
    table(tmp_path / folder / "test.csv", "1234", header="Class Index,Title,Description")
    for data in (str(tmp_path), ""):
        monkeypatch.setenv("TAXO_DATA", "" if data else str(tmp_path))
        found = find_splits(config(data))
        assert found.train.classes == ("World", "Sports", "Business", "Sci/Tech")
        assert titles(found.train) == ["0B", "1S", "2W", "3S", "4W", "5B"]
        assert titles(found.test) == ["0W", "1S", "2B", "3S"]
        assert found.train.targets.tolist() == [2, 3, 0, 1, 0, 2]
        assert found.train.names[1] == f"{path}:2"
        assert isinstance(found.train.source, RawTexts)
        assert found.train.source.texts[0] == 'Title 0 Some text, "3".'
        assert found.full_size == 6


def test_classes_are_found_in_a_hierarchy_by_their_names(tmp_path: Path) -> None:
    for name in ("train.csv", "test.csv"):
        table(tmp_path / name, "1234")
    found = find_splits(config(tmp_path), flat(["sci/tech", "Business", "Sports", "World"]))
    assert found.train.targets.tolist() == [3, 2, 1, 0]


def test_a_single_file_is_divided_in_its_order(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = table(tmp_path / "some.csv", "1111122222333334444412341")
    found = find_splits(config(path))
    # Of the seven texts of class 1 the first four, of six 3.6, rounded.
    assert titles(found.train) == [
        "0W",
        "1W",
        "2W",
        "3W",
        "5S",
        "6S",
        "7S",
        "8S",
        "10B",
        "11B",
        "12B",
        "13B",
        "15S",
        "16S",
        "17S",
        "18S",
    ]
    assert titles(found.test) == ["4W", "9S", "14B", "19S", "20W", "21S", "22B", "23S", "24W"]
    remark = "of every class the first 60 % are training texts, 16, the others test texts, 9"
    assert caplog.messages == [f"{path}: {remark}"]


def test_a_draw_leaves_the_size_of_the_whole(tmp_path: Path) -> None:
    found = find_splits(config(table(tmp_path / "some.csv", "1234" * 10), per_class=2, subset_seed=3))
    assert found.train.counts.tolist() == [2, 2, 2, 2]
    assert found.full_size == 24


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (r"A second\team of rocketeers\\", "A second team of rocketeers"),
        ("Putin #39;s #36;10 million", "Putin's$10 million"),
        ("rivals #151; for #8212;", "rivals\N{EM DASH} for\N{EM DASH}"),
        ("&lt;A HREF=&quot;http://a.b/c?d&quot;&gt;EBAY.O&lt;/A&gt; rose", "EBAY.O rose"),
        ("&lt;b&gt;...&lt;/b&gt;", "..."),
        ("1 &lt; 2 and <3 #1 #", "1 < 2 and <3 #1 #"),
        ("#99999999; #1114112;", "#99999999;\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_traces_of_html(raw: str, text: str) -> None:
    assert " ".join(clean(raw).split()) == text


def test_all_faults_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text('"1","a","b"\n"5","a","b"\n"x","a","b"\n"2","a"\n"3","a","b","c"\n0,a,b\n"4","a\n')
    with pytest.raises(FormatError) as caught:
        find_splits(config(path))
    fields = "fields; a record is class,title,description, a field with commas in quotes"
    assert str(caught.value).replace(str(path), "t").split("\n") == [
        "t:2: class '5'; it must be 1, 2, 3 or 4",
        "t:3: class 'x'; it must be 1, 2, 3 or 4",
        f"t:4: 2 {fields}",
        f"t:5: 4 {fields}",
        "t:6: class '0'; it must be 1, 2, 3 or 4",
        "t:7: broken record (unexpected end of data); look for a missing or extra quotation mark",
    ]


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ("", "no texts of class 1, 2, 3, 4; a file of AG News has texts of all four"),
        ("1133", "no texts of class 2, 4"),
        ("1234", "too few texts to keep some of every class for testing"),
    ],
)
def test_files_that_lack_texts(tmp_path: Path, classes: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        find_splits(config(table(tmp_path / "some.csv", classes)))


def test_missing_files(tmp_path: Path) -> None:
    table(tmp_path / "train.csv", "1234")
    with pytest.raises(TaxoError, match=r"AG News is not in .*: unpack ag_news_csv\.tar\.gz") as caught:
        find_splits(config(tmp_path))
    assert str(tmp_path / "ag_news_csv" / "train.csv") in str(caught.value)


def test_the_6000_documents(data: Path) -> None:
    found = find_splits(config(data / "ag_news" / "ag_news_6000.csv"))
    assert found.test is not None
    assert found.train.counts.tolist() == [900] * 4
    assert found.test.counts.tolist() == [600] * 4
    assert isinstance(found.train.source, RawTexts)
    text = found.train.source.texts[1]
    assert "A second team of rocketeers competing for the$10 million" in text.replace(" $", "$")
    left = Counter(mark for text in found.train.source.texts for mark in ("\\", "&lt;", "#39;", "<b>") if mark in text)
    assert not left
