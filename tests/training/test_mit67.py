"""MIT Indoor 67 from a tiny copy of its layout."""

from pathlib import Path

import pytest

pytest.importorskip("torch")
from PIL import Image

from taxo.taxonomy import FormatError, TaxoError, flat
from taxo.training.data import DataConfig, find_splits, load_splits
from taxo.training.data.frames import Centre

pytestmark = pytest.mark.torch

#: As in the real list, names have spaces, points and capitals, and are in no order.
TRAIN = ["mall/shopping mall.jpg", "concert_hall/concert.hall.jpg", "bar/bar_0026.jpg", "mall/West_End_Mall_3.jpg"]
TEST = ["concert_hall/theater.jpg", "bar/bar_0171.jpg", "mall/4984307.jpg"]


@pytest.fixture
def mit(tmp_path: Path) -> Path:
    """Three classes, seven images in the lists and one more in the folder; the grey value is the place."""
    root = tmp_path / "indoorCVPR_09"
    for i, path in enumerate([*TRAIN, *TEST, "bar/unused.jpg"]):
        (root / "Images" / path).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (6, 8), (30 * i,) * 3).save(root / "Images" / path)
    # The last line of the real lists has no end; copies made on Windows have carriage returns.
    (root / "TrainImages.txt").write_bytes("\n".join(TRAIN).encode())
    (root / "TestImages.txt").write_bytes("\r\n".join(TEST).encode())
    return root


def config(root: Path) -> DataConfig:
    return DataConfig(dataset="mit67", data=str(root), image_size=6)


@pytest.mark.parametrize("place", ["itself", "above"])
def test_official_split(mit: Path, place: str) -> None:
    splits = load_splits(config({"itself": mit, "above": mit.parent}[place]))
    assert splits.classes == ("bar", "concert_hall", "mall")
    assert splits.test is not None
    assert splits.val is None
    for images, lines, start in ((splits.train, TRAIN, 0), (splits.test, TEST, len(TRAIN))):
        assert images.names == [str(mit / "Images" / line) for line in lines]
        assert [splits.classes[t] for t in images.targets] == [line.split("/")[0] for line in lines]
        pixels = images.source.fetch(range(len(images)), Centre(6)).inputs.float().mean(dim=(1, 2, 3)).tolist()
        # JPEG keeps a plain grey to within a step or two.
        assert pixels == pytest.approx([30 * (start + i) for i in range(len(lines))], abs=2)


def test_classes_have_no_numbers_and_are_matched_by_name(mit: Path) -> None:
    assert find_splits(config(mit)).numbers == ()
    splits = load_splits(config(mit), flat(["mall", "Concert Hall", "bar"]))
    assert splits.train.targets.tolist() == [0, 1, 2, 0]


def test_no_image_is_touched(mit: Path) -> None:
    for path in (mit / "Images").rglob("*.jpg"):
        path.unlink()
    assert len(find_splits(config(mit)).train) == len(TRAIN)


@pytest.mark.parametrize("name", ["TrainImages.txt", "TestImages.txt", "Images"])
def test_incomplete(mit: Path, name: str) -> None:
    (mit / name).rename(mit / "else")
    with pytest.raises(TaxoError) as caught:
        find_splits(config(mit.parent))
    assert str(caught.value) == (
        f"MIT Indoor 67 in {mit} lacks '{name}': unpack indoorCVPR_09.tar and add TrainImages.txt and TestImages.txt "
        "(the data set's page: Indoor Scene Recognition, MIT CSAIL) so that they are there"
    )


def test_absent(tmp_path: Path) -> None:
    with pytest.raises(TaxoError, match=r"MIT Indoor 67 is not in .*: unpack indoorCVPR_09\.tar .* name its folder"):
        find_splits(config(tmp_path))


@pytest.mark.parametrize(
    ("name", "lines", "message"),
    [
        ("Train", [*TRAIN, TRAIN[0]], r"TrainImages\.txt:5: 'mall/shopping mall\.jpg' is listed twice"),
        ("Train", [*TRAIN, "mall//West_End_Mall_3.jpg"], r"TrainImages\.txt:5: 'mall//West.*' is not CLASS/IMAGE"),
        ("Train", ["bar.jpg", *TRAIN], r"TrainImages\.txt:1: 'bar\.jpg' is not CLASS/IMAGE; download the list again"),
        ("Train", ["bar/", *TRAIN, "/bar.jpg"], r"TrainImages\.txt:1: 'bar/' .*\n.*TrainImages\.txt:6: '/bar\.jpg' is"),
        ("Train", ["../bar.jpg", *TRAIN], r"TrainImages\.txt:1: '\.\./bar\.jpg' is no path within the folder"),
        ("Train", ["bar/a\tb.jpg", *TRAIN], r"TrainImages\.txt:1: 'bar/a\\tb\.jpg' is no path within the folder"),
        ("Train", ["", " "], r"TrainImages\.txt: the file is empty"),
        ("Test", [*TEST, TRAIN[2]], r"TestImages\.txt:4: 'bar/bar_0026\.jpg' is both a training and a test image"),
        ("Test", [*TEST, "zoo/a.jpg"], r"TestImages\.txt:4: 'zoo/a\.jpg' is of a class that TrainImages\.txt does not"),
    ],
)
def test_broken_lists(mit: Path, name: str, lines: list[str], message: str) -> None:
    (mit / f"{name}Images.txt").write_text("\n".join(lines))
    with pytest.raises(FormatError, match=message):
        find_splits(config(mit))


def test_a_list_that_is_no_text(mit: Path) -> None:
    (mit / "TestImages.txt").write_bytes(b"bar/a.jpg\nbar/\xe9.jpg\n")
    with pytest.raises(FormatError, match=r"TestImages\.txt:2: byte 0xe9 at offset 14 \(column 5\) is not UTF-8"):
        find_splits(config(mit))
