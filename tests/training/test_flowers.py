"""Oxford Flowers-102 from a tiny copy of its layout, beside torchvision's own reader."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
from PIL import Image
from scipy.io import savemat
from torchvision.datasets import Flowers102

from taxo.taxonomy import FormatError, TaxoError
from taxo.training.data import DataConfig, find_splits, load_splits
from taxo.training.data.flower_names import FLOWER_NAMES
from taxo.training.data.frames import Centre

pytestmark = pytest.mark.torch

# Four images of every class, in no order; of each class one in trnid and in valid, and two in tstid.
LABELS = np.random.default_rng(0).permutation(np.repeat(np.arange(1, 103), 4))
BY_CLASS = np.argsort(LABELS, kind="stable").reshape(102, 4) + 1
SPLITS = {"trnid": BY_CLASS[::-1, 0], "valid": BY_CLASS[:, 1], "tstid": BY_CLASS[:, 2:].ravel()}


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    """Folder `flowers-102` with the files of 408 images, which are not there."""
    root = tmp_path / "flowers-102"
    (root / "jpg").mkdir(parents=True)
    # As MATLAB writes them: numbers of type double in as few bytes as they need, compressed.
    savemat(root / "imagelabels.mat", {"labels": LABELS[None].astype(np.uint8)}, do_compression=True)
    savemat(root / "setid.mat", {name: ids[None].astype(np.uint16) for name, ids in SPLITS.items()})
    return root


def config(root: Path) -> DataConfig:
    return DataConfig(dataset="flowers", data=str(root), image_size=5)


def test_training_images_are_those_of_two_official_splits(flowers: Path) -> None:
    listing = find_splits(config(flowers))
    assert listing.train.classes == FLOWER_NAMES
    assert listing.numbers == tuple(range(1, 103))
    assert listing.val is None
    assert listing.test is not None
    for images, ids in ((listing.train, [*SPLITS["trnid"], *SPLITS["valid"]]), (listing.test, SPLITS["tstid"])):
        assert images.names == [str(flowers / "jpg" / f"image_{i:05d}.jpg") for i in ids]
        assert images.targets.tolist() == [LABELS[i - 1] - 1 for i in ids]
    assert listing.train.counts.tolist() == [2] * 102


def test_the_split_is_said(flowers: Path, caplog: pytest.LogCaptureFixture) -> None:
    find_splits(config(flowers.parent))
    assert caplog.messages == [
        "the 204 training images are the official training and validation images (trnid and valid), the test images "
        "are the official ones (tstid)"
    ]


def test_as_torchvision_reads_it(flowers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(1, len(LABELS) + 1):
        Image.new("RGB", (6, 5), (i % 250, i // 250, 7)).save(flowers / "jpg" / f"image_{i:05d}.jpg")
    # It knows the checksums of the real files.
    monkeypatch.setattr(Flowers102, "_check_integrity", lambda self: True)
    theirs = {split: list(Flowers102(flowers.parent, split=split)) for split in ("train", "val", "test")}
    splits = load_splits(config(flowers))
    assert splits.test is not None
    for images, expected in ((splits.train, theirs["train"] + theirs["val"]), (splits.test, theirs["test"])):
        assert images.targets.tolist() == [target for _, target in expected]
        pixels = images.source.fetch(range(len(images)), Centre(5)).inputs
        for ours, (image, _) in zip(pixels, expected, strict=True):
            np.testing.assert_array_equal(ours.permute(1, 2, 0).numpy(), np.asarray(image)[:, :5])


def test_the_names_are_those_of_torchvision() -> None:
    if not hasattr(Flowers102, "classes"):
        pytest.skip("this torchvision does not know the names")
    assert tuple(Flowers102.classes) == FLOWER_NAMES
    assert len(set(FLOWER_NAMES)) == 102


def test_columns_are_as_good_as_rows(flowers: Path) -> None:
    before = find_splits(config(flowers)).train.names
    savemat(flowers / "setid.mat", {name: ids[:, None].astype(float) for name, ids in SPLITS.items()})
    assert find_splits(config(flowers)).train.names == before


def test_absent_and_incomplete(flowers: Path, tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    with pytest.raises(TaxoError, match=r"Oxford Flowers-102 is not in .*else: unpack 102flowers\.tgz and add .*setid"):
        find_splits(config(tmp_path / "else"))
    (flowers / "setid.mat").unlink()
    with pytest.raises(TaxoError) as caught:
        find_splits(config(flowers))
    assert str(caught.value) == (
        f"Oxford Flowers-102 in {flowers} lacks 'setid.mat': unpack 102flowers.tgz and add imagelabels.mat and "
        "setid.mat (the data set's page: 102 Category Flower Dataset, Visual Geometry Group, Oxford) so that they "
        "are there"
    )


def labels_with(value: int) -> dict[str, np.ndarray]:
    labels = LABELS.astype(np.int16)
    labels[6] = value
    return {"labels": labels[None]}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "imagelabels",
            labels_with(103),
            r"1 images have a class that has no name \(first: image 7, class 103\); .*102",
        ),
        ("imagelabels", labels_with(0), r"a class that has no name \(first: image 7, class 0\)"),
        ("imagelabels", {"labels": LABELS[None] / 2}, "variable 'labels' is no row of whole numbers"),
        ("imagelabels", {"labels": LABELS.reshape(2, 204)}, "shape 2 x 204 where a row or a column should be"),
        ("imagelabels", {"label": LABELS}, "no variable 'labels' in it, only 'label'"),
        ("imagelabels", {"labels": LABELS[:100]}, r"setid\.mat: 'trnid' has \d+ images without a label .* has 100"),
        ("setid", {**SPLITS, "valid": SPLITS["trnid"]}, r"setid\.mat: 'image_\d{5}\.jpg' is listed twice"),
        ("setid", {**SPLITS, "tstid": SPLITS["trnid"]}, r"'image_\d{5}\.jpg' is both a training and a test image"),
        (
            "setid",
            {**SPLITS, "tstid": np.array([0, 409, 1])},
            r"'tstid' has 2 images without a label \(first: 0\); .*408",
        ),
        ("setid", {"trnid": SPLITS["trnid"], "tstid": 1}, "no variable 'valid' in it, only 'trnid', 'tstid'"),
    ],
)
def test_broken_files(flowers: Path, name: str, content: dict[str, np.ndarray], message: str) -> None:
    savemat(flowers / f"{name}.mat", content)
    with pytest.raises(FormatError, match=message):
        find_splits(config(flowers))


def test_a_class_without_training_images(flowers: Path) -> None:
    keep = [i for i in SPLITS["trnid"] if LABELS[i - 1] != 5]
    savemat(flowers / "setid.mat", {"trnid": keep, "valid": keep[:0], "tstid": SPLITS["tstid"]})
    with pytest.raises(TaxoError, match="1 of 102 classes have no training images: 'english marigold'"):
        find_splits(config(flowers))


def test_a_file_cut_off(flowers: Path) -> None:
    path = flowers / "imagelabels.mat"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(FormatError, match=r"imagelabels\.mat: unreadable MATLAB file: it ends in the middle"):
        find_splits(config(flowers))
