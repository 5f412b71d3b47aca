"""CUB-200-2011 from a tiny copy of its layout, and where it is looked for."""

from pathlib import Path

import pytest

pytest.importorskip("torch")
from cub_folder import write_cub
from PIL import Image

from taxo.taxonomy import FormatError, TaxoError, Taxonomy, read
from taxo.training.data import ClassMismatch, DataConfig, Splits, data_root, load_splits
from taxo.training.data.cub import load as load_listing
from taxo.training.data.files import Files
from taxo.training.data.frames import Centre

pytestmark = pytest.mark.torch

#: Folder, file, is training image; the grey value is the place. Not sorted, as nothing says that it must be.
IMAGES = [
    ("002.Laysan_Albatross", "Laysan_0001.jpg", 1),
    ("001.Black_footed_Albatross", "Black_0046.jpg", 0),
    ("001.Black_footed_Albatross", "Black_0009.jpg", 1),
    ("002.Laysan_Albatross", "Laysan_0002.jpg", 0),
    ("010.Red_winged_Blackbird", "Red_0001.jpg", 1),
    ("010.Red_winged_Blackbird", "Red_0002.jpg", 0),
]


@pytest.fixture
def cub(tmp_path: Path) -> Path:
    """CUB_200_2011 with three classes and six images."""
    return write_cub(tmp_path / "CUB_200_2011", IMAGES, lambda i: Image.new("RGB", (6, 5), (40 * i,) * 3))


@pytest.fixture
def birds(tmp_path: Path) -> Taxonomy:
    """A hierarchy of the same three classes, by scientific name, in another order."""
    path = tmp_path / "birds.txt"
    path.write_text(
        "# taxo 1\nAves\n  Agelaius phoeniceus\tclass=10\n  Phoebastria\n"
        "    Phoebastria immutabilis\tclass=2\n    Phoebastria nigripes\tclass=1\n"
    )
    return read(path)


def load(data: Path | str, taxonomy: Taxonomy | None = None) -> Splits:
    return load_splits(DataConfig(dataset="cub", data=str(data), image_size=5), taxonomy)


def test_official_split_and_classes_by_number(cub: Path, birds: Taxonomy) -> None:
    splits = load(cub, birds)
    assert splits.classes == birds.classes
    for images, is_train in ((splits.train, 1), (splits.test, 0)):
        assert images is not None
        assert len(images) == 3
        pixels = images.source.fetch(range(3), Centre(5)).inputs
        assert pixels.shape == (3, 3, 5, 5)
        for i, name in enumerate(images.names):
            place = IMAGES.index((Path(name).parent.name, Path(name).name, is_train))
            # JPEG keeps a plain grey to within a step or two.
            assert pixels[i].float().mean() == pytest.approx(40 * place, abs=2)
            assert birds.class_numbers[images.targets[i]] == int(IMAGES[place][0][:3])
    assert splits.val is None


def test_images_keep_their_proportions(cub: Path) -> None:
    frames = load(cub).train.source.fetch([0, 1], Centre(5))
    assert frames.sizes.tolist() == [[5, 6], [5, 6]]
    # The image of 6 x 5 pixels has a spare column, on the right of the middle.
    assert frames.boxes.tolist() == [[0, 0, 5, 5]] * 2


def test_listing_decodes_nothing(cub: Path) -> None:
    for path in (cub / "images").rglob("*.jpg"):
        path.unlink()
    listing = load_listing(DataConfig(dataset="cub", data=str(cub), image_size=448), None)
    assert isinstance(listing.train.source, Files)
    assert listing.train.source.short_side == 512
    assert listing.train.names == [str(cub / "images" / f / n) for f, n, is_train in IMAGES if is_train]
    assert listing.numbers == (1, 2, 10)
    assert listing.remarks == ()


def test_without_a_hierarchy_the_folders_are_the_classes(cub: Path) -> None:
    splits = load(cub)
    assert splits.classes == tuple(sorted({folder for folder, _, _ in IMAGES}))
    assert splits.train.counts.tolist() == [1, 1, 1]


@pytest.mark.parametrize("place", ["itself", "above", "TAXO_DATA", "cache"])
def test_found_where_it_may_lie(
    cub: Path, birds: Taxonomy, place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TAXO_DATA", raising=False)
    if place == "TAXO_DATA":
        monkeypatch.setenv("TAXO_DATA", str(cub.parent))
    if place == "cache":
        monkeypatch.setattr("sys.platform", "linux")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        (tmp_path / "cache").mkdir()
        (tmp_path / "cache" / "taxo").symlink_to(cub.parent)
    assert len(load({"itself": cub, "above": cub.parent}.get(place, ""), birds).train) == 3


def test_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAXO_DATA", str(tmp_path))
    with pytest.raises(TaxoError) as caught:
        load("")
    message = str(caught.value)
    assert message.count("\n") == 0
    for part in ("CUB_200_2011.tgz", str(tmp_path / "CUB_200_2011"), "TAXO_DATA", "`--dataset synthetic`"):
        assert part in message


def test_other_classes(cub: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text("# taxo 1\nAves\n  a\tclass=1\n  b\tclass=2\n  c\tclass=3\n")
    with pytest.raises(ClassMismatch, match=r"(?s)only in the data: '010\.Red.*only in the hierarchy: 'c'"):
        load(cub, read(path))


@pytest.mark.parametrize(
    ("table", "text", "message"),
    [
        ("images", "1 a/b.jpg\nx\n", "images.txt:2: 'x' is no image number followed by a value"),
        ("images", "1 a/b.jpg\n1 a/c.jpg\n", "images.txt:2: image 1 is given twice"),
        ("images", "", "images.txt: the file is empty"),
        ("train_test_split", "1 1\n2 0\n", "4 images stand in only one of this file and images.txt"),
        ("image_class_labels", "\n".join(f"{i} one" for i in range(1, 7)), "image 1 has 'one', not a number"),
        (
            "image_class_labels",
            "\n".join(f"{i} {10**9}" for i in range(1, 7)),
            "image 1 has '1000000000', not a number",
        ),
        (
            "image_class_labels",
            "\n".join(f"{i} {i}" for i in range(1, 7)),
            "images.txt:3: .* has class 3 by image_class",
        ),
        (
            "image_class_labels",
            "\n".join(f"{i} 1" for i in range(1, 7)),
            "images.txt:2: .* its folder is that of another",
        ),
        (
            "train_test_split",
            "1 1\n2 0\n3 1\n4 0\n5 1\n6 2\n",
            "split.txt:6: image 6 has 2, which is neither 1 .* nor 0",
        ),
    ],
)
def test_broken_tables(cub: Path, table: str, text: str, message: str) -> None:
    (cub / f"{table}.txt").write_text(text)
    with pytest.raises(FormatError, match=message):
        load(cub)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Black_0009", "Black_0046", "images.txt:3: '001.*Black_0046.jpg' is both a training and a test image"),
        ("Laysan_0002.jpg", "../Laysan_0001.jpg", "images.txt:4: '002.*Laysan_0001.jpg' is no path within the folder"),
        (
            "010.Red_winged_Blackbird/Red_0001.jpg",
            "Red_0001.jpg",
            "images.txt:5: 'Red_0001.jpg' is in no folder of a class",
        ),
    ],
)
def test_broken_paths(cub: Path, old: str, new: str, message: str) -> None:
    table = cub / "images.txt"
    table.write_text(table.read_text().replace(old, new))
    with pytest.raises(FormatError, match=message):
        load(cub)


def test_all_faults_of_a_table_are_reported_together(cub: Path) -> None:
    (cub / "images.txt").write_text("1\n2 a/b.jpg\n2 a/c.jpg\n\n x\n")
    with pytest.raises(FormatError) as caught:
        load(cub)
    assert caught.value.faults == (
        (1, "'1' is no image number followed by a value; unpack the archive again"),
        (3, "image 2 is given twice; every image may stand only once"),
        (5, "' x' is no image number followed by a value; unpack the archive again"),
    )


def test_tables_that_cannot_be_read(cub: Path) -> None:
    (cub / "train_test_split.txt").write_bytes(b"1 1\n2 \xff\n")
    with pytest.raises(FormatError, match=r"train_test_split\.txt:2: byte 0xff at offset 6 .* is not UTF-8"):
        load(cub)
    (cub / "train_test_split.txt").unlink()
    (cub / "train_test_split.txt").mkdir()
    with pytest.raises(TaxoError, match=r"train_test_split\.txt: cannot be read: Is a directory"):
        load(cub)


def test_a_class_without_training_images(cub: Path) -> None:
    table = cub / "train_test_split.txt"
    table.write_text("1 1\n2 0\n3 1\n4 0\n5 0\n6 0\n")
    with pytest.raises(TaxoError, match=r"1 of 3 classes have no training images: '010\.Red_winged_Blackbird'"):
        load(cub)


def test_no_test_images_are_said(cub: Path, caplog: pytest.LogCaptureFixture) -> None:
    (cub / "train_test_split.txt").write_text("".join(f"{i} 1\n" for i in range(1, 7)))
    splits = load(cub)
    assert (len(splits.train), splits.test) == (6, None)
    assert caplog.messages == [f"{cub / 'images'}: no test images are listed: nothing is tested"]


def test_a_missing_table_is_named(cub: Path) -> None:
    (cub / "images.txt").unlink()
    with pytest.raises(
        TaxoError, match=r"CUB-200-2011 in .*CUB_200_2011 lacks 'images\.txt': unpack CUB_200_2011\.tgz"
    ):
        load(cub.parent)


def test_missing_image_is_named(cub: Path) -> None:
    (cub / "images" / IMAGES[0][0] / IMAGES[0][1]).unlink()
    with pytest.raises(TaxoError, match=r"Laysan_0001\.jpg: unreadable image"):
        load(cub)


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/c"}, "/c/taxo"),
        ("linux", {}, "/home/me/.cache/taxo"),
        ("darwin", {}, "/home/me/Library/Caches/taxo"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/taxo/Cache"),
        ("linux", {"TAXO_DATA": "/data", "XDG_CACHE_HOME": "/c"}, "/data"),
        ("linux", {"TAXO_DATA": "~/data"}, "/home/me/data"),
    ],
)
def test_data_root(platform: str, variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TAXO_DATA", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/me", **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", platform)
    assert data_root() == Path(expected)
    assert data_root("/given") == Path("/given")
