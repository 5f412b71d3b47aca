"""What the check of a data set finds: each kind of finding on data made to have it, and nothing on clean data."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from PIL import Image  # noqa: E402

from taxo.taxonomy import TaxoError, flat  # noqa: E402
from taxo.training.data import DATASETS, DataConfig, Samples  # noqa: E402
from taxo.training.data.check import check  # noqa: E402
from taxo.training.data.contents import EMPTY, MISSING, contents  # noqa: E402
from taxo.training.data.duplicates import Place, duplicates  # noqa: E402
from taxo.training.data.facts import FACTS, Facts  # noqa: E402
from taxo.training.data.files import Files  # noqa: E402
from taxo.training.data.findings import DataReport  # noqa: E402
from taxo.training.data.listing import Listing  # noqa: E402
from taxo.training.data.memory import Memory  # noqa: E402
from taxo.training.data.registry import DataSet  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Train and test folders of two classes with two images each; all eight differ."""
    for number, (split, name, i) in enumerate((s, c, i) for s in ("train", "test") for c in "ab" for i in range(2)):
        write(tmp_path / "photos" / split / name / f"{i}.png", number)
    return tmp_path / "photos"


def write(path: Path, seed: int, side: int = 9) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def look(photos: Path, **options: Any) -> DataReport:
    return check(DataConfig(dataset="folder", data=str(photos)), **options)


def found(report: DataReport) -> dict[str, tuple[str, str, tuple[tuple[str, ...], ...]]]:
    """Severity, message and items of every finding by its code, each of which may stand once."""
    codes = [finding.code for finding in report.findings]
    assert len(codes) == len(set(codes))
    return {finding.code: (finding.severity, finding.message, finding.items) for finding in report.findings}


def test_clean_data(photos: Path) -> None:
    report = look(photos, taxonomy=flat(["a", "b"]))
    assert report.findings == ()
    assert report.is_clean
    assert report.to_dict() == {
        "name": "folder",
        "kind": "images",
        "classes": 2,
        "train": 4,
        "val": None,
        "test": 4,
        "paper": None,
        "findings": [],
    }


def test_broken_files(photos: Path) -> None:
    path = photos / "train" / "a" / "0.png"
    path.write_bytes(path.read_bytes()[:-40])
    (photos / "test" / "b" / "1.png").write_bytes(b"no image")
    report = look(photos)
    severity, message, items = found(report)["corrupt"]
    assert (severity, message) == ("error", "2 files are damaged; replace or leave out (skip_bad)")
    assert [name for name, _ in items] == [str(path), str(photos / "test" / "b" / "1.png")]
    assert items[0][1].startswith("unreadable image (image file is truncated")
    assert items[1][1].startswith("unreadable image (no image, or of a kind unknown to Pillow)")
    assert not report.is_clean


def test_duplicates(photos: Path, tmp_path: Path) -> None:
    original = photos / "train" / "a" / "0.png"
    in_test = photos / "test" / "a" / "other-format.bmp"
    Image.open(original).save(in_test)
    otherwise = photos / "train" / "b" / "same.png"
    otherwise.write_bytes((photos / "train" / "a" / "1.png").read_bytes())
    within = photos / "train" / "b" / "twice.png"
    within.write_bytes((photos / "train" / "b" / "0.png").read_bytes())
    report = look(photos)
    assert found(report) == {
        "overlap": (
            "warn",
            "1 items of test are in train too; take them out of one of the two",
            ((str(original), str(in_test)),),
        ),
        "contradiction": (
            "warn",
            "1 times items of different classes hold the same; at most one of the classes can be right",
            ((str(photos / "train" / "a" / "1.png"), "a", str(otherwise), "b"),),
        ),
        "repeated": (
            "info",
            "1 items repeat another one of their split; they count twice",
            ((str(photos / "train" / "b" / "0.png"), str(within)),),
        ),
    }
    assert [finding.severity for finding in report.findings] == ["warn", "warn", "info"]


def test_one_pixel_makes_another_image(photos: Path) -> None:
    image = Image.open(photos / "train" / "a" / "0.png")
    pixels = np.array(image)
    pixels[4, 4, 1] ^= 1
    Image.fromarray(pixels).save(photos / "test" / "a" / "near.png")
    assert look(photos).findings == ()


def test_short_classes(photos: Path) -> None:
    (photos / "train" / "b" / "0.png").unlink()
    assert found(look(photos))["short"] == ("warn", "1 class has fewer than 2 items in train", (("b", "1"),))
    many = found(look(photos, per_class=20))["short"]
    assert many == ("warn", "2 classes have fewer than 20 items in train", (("a", "2"), ("b", "1")))
    assert "short" not in found(look(photos, per_class=1))


def test_classes_of_another_hierarchy(photos: Path) -> None:
    severity, message, items = found(look(photos, taxonomy=flat(["a", "c"])))["classes"]
    assert severity == "error"
    assert message.startswith("the classes of the data and of the hierarchy ")
    assert items == (("data", "b"), ("hierarchy", "c"))


def test_remarks_of_the_reader_are_good_to_know(photos: Path) -> None:
    (photos / "train" / "notes.txt").write_text("")
    report = look(photos)
    assert report.is_clean
    (finding,) = report.findings
    assert (finding.severity, finding.code) == ("info", "remark")
    assert finding.message == f"{photos}: 1 files are not images and not used: 'train/notes.txt'"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system here")
def test_a_pipe_is_no_file_and_nobody_waits_for_it(photos: Path) -> None:
    os.mkfifo(photos / "train" / "a" / "pipe.png")
    severity, message, items = found(look(photos))["missing"]
    assert (severity, message) == ("error", "1 file is listed but not there; unpack the archive again")
    assert items == ((str(photos / "train" / "a" / "pipe.png"),),)


def test_absent_data_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(TaxoError, match="does not exist"):
        look(tmp_path / "nowhere")


def test_progress_counts_all_splits(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taxo.training.data.check.REPORT_EVERY", 3)
    told: list[tuple[int, int]] = []
    look(photos, report=lambda done, total: told.append((done, total)))
    assert told == [(3, 8), (6, 8), (8, 8)]


@dataclass
class Sentences:
    """Stands in for a source of texts."""

    texts: list[str]

    def __len__(self) -> int:
        return len(self.texts)

    def pick(self, items: Any) -> "Sentences":
        return Sentences([self.texts[i] for i in items])

    def fetch(self, items: Any, window: Any) -> Any:
        raise AssertionError("texts are compared as they are written")


def written(*texts: str) -> Samples:
    return Samples(("x", "y"), torch.tensor([i % 2 for i in range(len(texts))]), texts, Sentences(list(texts)))


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """`registered(listing, facts)` puts a listing under the name `made`."""

    def register(listing: Listing, facts: Facts | None = None) -> DataConfig:
        monkeypatch.setitem(DATASETS, "made", DataSet("made", "folder", "made for a test", "texts"))
        monkeypatch.setattr(DataSet, "load", lambda self, config, taxonomy: listing)
        if facts:
            monkeypatch.setitem(FACTS, "made", facts)
        return DataConfig(dataset="made")

    return register


def test_texts(registered: Any) -> None:
    train, test = written("one", "two", " \n", "four", "one", "two"), written("five", "two", "six", "four.")
    report = check(registered(Listing(train, test=test)))
    assert report.kind == "texts"
    assert found(report) == {
        "empty": ("warn", "1 texts hold nothing; take them out", ((" \n",),)),
        "overlap": ("warn", "1 items of test are in train too; take them out of one of the two", (("two",) * 3,)),
        "repeated": (
            "info",
            "2 items repeat another one of their split; they count twice",
            (("one", "one"), ("two", "two")),
        ),
    }


def test_the_numbers_of_the_paper(registered: Any) -> None:
    listing = Listing(written("one", "two", "three", "four"), test=written("five", "six"))
    assert check(registered(listing, Facts(2, 4, 2, 1))).findings == ()
    report = check(registered(listing, Facts(2, 4000, 3, 1)))
    assert report.paper == {"classes": 2, "train": 4000, "test": 3}
    text = "not the numbers of Table 1 of the paper: 4 train instead of 4,000, 2 test instead of 3"
    assert found(report) == {"counts": ("info", text, (("train", "4", "4000"), ("test", "2", "3")))}
    assert report.is_clean


def test_a_class_without_test_items(registered: Any) -> None:
    listing = Listing(written("one", "two", "three", "four"), test=written("five"))
    report = check(registered(listing))
    assert found(report) == {"untested": ("warn", "1 class has no item in test", (("y", "0"),))}


def test_validation_items_are_compared_with_both(registered: Any) -> None:
    listing = Listing(written("a", "b", "c", "d"), val=written("a", "f"), test=written("g", "f", "a", "h"))
    messages = [finding.message for finding in check(registered(listing)).findings]
    assert messages == [
        "1 items of val are in train too; take them out of one of the two",
        "1 items of test are in train too; take them out of one of the two",
        "2 items of test are in val too; take them out of one of the two",
    ]


def test_contents_of_every_kind_of_source(tmp_path: Path) -> None:
    tensor = torch.randint(0, 256, (3, 3, 5, 5), dtype=torch.uint8)
    tensor[2] = tensor[0]
    paths = [tmp_path / f"{i}.png" for i in range(3)]
    for path, image in zip(paths, tensor, strict=True):
        Image.fromarray(image.permute(1, 2, 0).numpy()).save(path)
    (tmp_path / "bad.png").write_bytes(b"")
    targets = torch.zeros(3, dtype=torch.int64)
    in_memory = list(contents(Samples(("x",), targets, ["0", "1", "2"], Memory(tensor)), 5))
    files = Files([*paths, tmp_path / "gone.png", tmp_path / "bad.png"], 4, channels=1)
    in_files = list(contents(Samples(("x",), torch.zeros(5, dtype=torch.int64), [""] * 5, files), 5))
    assert in_files[:3] == in_memory  # in full size and colour, whatever is trained on
    assert in_memory[0] == in_memory[2] != in_memory[1]
    assert in_files[3] == MISSING
    assert str(in_files[4]).startswith("unreadable image (")
    assert list(contents(written("a", "", "a"), 5))[1] == EMPTY
    by_window = DATASETS["synthetic"].load(DataConfig(dataset="synthetic", image_size=8, samples=3), flat(["a", "b"]))
    assert len(set(contents(by_window.train, 8))) == 6


def test_no_groups_no_findings() -> None:
    assert list(duplicates({"train": written("a", "b")}, [])) == []
    group = [Place("train", 0), Place("train", 2)]
    (finding,) = duplicates({"train": written("a", "b", "a")}, [group])
    assert finding.code == "repeated"


def test_every_data_set_that_has_a_place_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAXO_DATA", str(tmp_path))
    for entry in DATASETS.values():
        with contextlib.suppress(TaxoError):  # any other exception fails
            assert entry.find() is None
    assert DATASETS["folder"].find() is None
    with pytest.raises(TaxoError, match="CUB-200-2011 is not in"):
        DATASETS["cub"].find()


def test_a_module_of_several_data_sets_is_told_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taxo.training.data.folder.find", lambda data, name: Path(data) / name, raising=False)
    assert DataSet("made", "folder", "").find("there") == Path("there") / "made"
    monkeypatch.setattr("taxo.training.data.folder.find", lambda data: Path(data), raising=False)
    assert DataSet("made", "folder", "").find("there") == Path("there")


def test_a_library_that_a_data_set_lacks_is_no_data_set_that_is_not_there() -> None:
    with pytest.raises(ModuleNotFoundError):
        DataSet("made", "not_there", "").load(DataConfig(), None)
