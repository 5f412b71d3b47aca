"""Stanford Cars from tiny copies of both its layouts, beside torchvision's own reader."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
from PIL import Image
from scipy.io import savemat
from torchvision.datasets import StanfordCars

from taxo.taxonomy import FormatError, TaxoError, flat
from taxo.training.data import DataConfig, find_splits, load_splits
from taxo.training.data.frames import Centre

pytestmark = pytest.mark.torch

NAMES = ["AM General Hummer SUV 2000", "Ram C/V Cargo Van Minivan 2012", "smart fortwo Convertible 2012"]
#: Class, is test image; the grey value is the place.
IMAGES = [(1, 0), (3, 1), (2, 0), (3, 0), (1, 1), (2, 1), (1, 0)]
BOXES = ("bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2")


def cells(values: list[str]) -> np.ndarray[Any, Any]:
    array = np.empty((1, len(values)), dtype=object)
    array[0] = values
    return array


def annotations(**fields: list[Any]) -> np.ndarray[Any, Any]:
    """A struct array as in the official files: with the corners of a box around each car."""
    count = len(next(iter(fields.values())))
    array = np.empty((1, count), dtype=[(name, object) for name in (*BOXES, *fields)])
    for name in BOXES:
        array[name][0] = [np.uint16(300)] * count
    for name, values in fields.items():
        array[name][0] = values
    return array


def save_image(path: Path, place: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6), (30 * place,) * 3).save(path)


def of_split(test: int) -> list[int]:
    return [i for i, (_, is_test) in enumerate(IMAGES) if is_test == test]


def kit_annotations(test: int, **changed: list[Any]) -> dict[str, Any]:
    places = of_split(test)
    fields: dict[str, list[Any]] = {
        "class": [np.uint8(IMAGES[i][0]) for i in places],
        "fname": [f"{n:05d}.jpg" for n in range(1, len(places) + 1)],
    }
    return {"annotations": annotations(**{**fields, **changed})}


def one_file(**changed: list[Any]) -> dict[str, Any]:
    fields: dict[str, list[Any]] = {
        "relative_im_path": [f"car_ims/{i + 1:06d}.jpg" for i in range(len(IMAGES))],
        "class": [np.uint8(number) for number, _ in IMAGES],
        "test": [np.uint8(test) for _, test in IMAGES],
    }
    return {"annotations": annotations(**{**fields, **changed}), "class_names": cells(NAMES)}


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    """The layout of the development kit, as torchvision wants it too."""
    root = tmp_path / "stanford_cars"
    (root / "devkit").mkdir(parents=True)
    savemat(root / "devkit" / "cars_meta.mat", {"class_names": cells(NAMES)})
    savemat(root / "devkit" / "cars_train_annos.mat", kit_annotations(0), do_compression=True)
    savemat(root / "cars_test_annos_withlabels.mat", kit_annotations(1), do_compression=True)
    for test, folder in enumerate(("cars_train", "cars_test")):
        for n, place in enumerate(of_split(test), start=1):
            save_image(root / folder / f"{n:05d}.jpg", place)
    return root


@pytest.fixture
def single(tmp_path: Path) -> Path:
    """The layout with one folder and one file."""
    root = tmp_path / "stanford_cars"
    for i in range(len(IMAGES)):
        save_image(root / "car_ims" / f"{i + 1:06d}.jpg", i)
    savemat(root / "cars_annos.mat", one_file())
    return root


def config(root: Path) -> DataConfig:
    return DataConfig(dataset="cars", data=str(root), image_size=6)


@pytest.mark.parametrize("layout", ["kit", "single"])
def test_official_split(layout: str, request: pytest.FixtureRequest) -> None:
    root: Path = request.getfixturevalue(layout)
    listing = find_splits(config(root))
    assert listing.train.classes == tuple(NAMES)
    assert listing.numbers == (1, 2, 3)
    splits = load_splits(config(root.parent))
    assert splits.classes == tuple(NAMES)
    assert splits.test is not None
    assert splits.val is None
    for images, test in ((splits.train, 0), (splits.test, 1)):
        places = of_split(test)
        assert images.targets.tolist() == [IMAGES[i][0] - 1 for i in places]
        pixels = images.source.fetch(range(len(images)), Centre(6)).inputs.float().mean(dim=(1, 2, 3)).tolist()
        # JPEG keeps a plain grey to within a step or two.
        assert pixels == pytest.approx([30 * i for i in places], abs=2)


def test_as_torchvision_reads_it(kit: Path) -> None:
    listing = find_splits(config(kit))
    assert listing.test is not None
    for images, split in ((listing.train, "train"), (listing.test, "test")):
        theirs = StanfordCars(kit.parent, split=split)
        assert list(images.classes) == theirs.classes
        assert images.targets.tolist() == [target for _, target in theirs]
        for name, (image, _) in zip(images.names, theirs, strict=True):
            np.testing.assert_array_equal(np.asarray(Image.open(name)), np.asarray(image))


def test_a_hierarchy_without_class_numbers_is_matched_by_name(kit: Path) -> None:
    splits = load_splits(config(kit), flat(NAMES[::-1]))
    assert splits.train.targets.tolist() == [3 - IMAGES[i][0] for i in of_split(0)]


def test_no_image_is_touched(kit: Path) -> None:
    for path in kit.rglob("*.jpg"):
        path.unlink()
    assert len(find_splits(config(kit)).train) == 4


def test_labels_of_the_test_images_may_lie_in_the_kit(kit: Path) -> None:
    labels = "cars_test_annos_withlabels.mat"
    (kit / labels).rename(kit / "devkit" / labels)
    listing = find_splits(config(kit))
    assert listing.test is not None
    assert len(listing.test) == 3
    (kit / "devkit" / labels).rename(kit / "devkit" / "cars_test_annos.mat")
    with pytest.raises(TaxoError) as caught:
        find_splits(config(kit))
    assert str(caught.value) == (
        f"{kit}: no {labels} in it; the development kit's own cars_test_annos.mat has no labels: download that file "
        "(the data set's page: Cars Dataset, Stanford AI Lab) into this folder"
    )


def test_one_image_and_one_class(tmp_path: Path) -> None:
    (tmp_path / "car_ims").mkdir()
    content = annotations(relative_im_path=["car_ims/1.jpg"], test=[0], **{"class": [1]})
    savemat(tmp_path / "cars_annos.mat", {"annotations": content, "class_names": cells(["Audi"])})
    listing = find_splits(config(tmp_path))
    assert (listing.train.names, listing.test) == ([str(tmp_path / "car_ims" / "1.jpg")], None)
    assert listing.remarks == (f"{tmp_path}: no test images are listed: nothing is tested",)


def test_absent_and_incomplete(kit: Path, tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    with pytest.raises(TaxoError) as caught:
        find_splits(config(tmp_path / "else"))
    assert str(caught.value) == (
        f"Stanford Cars is not in {tmp_path / 'else'}: unpack car_devkit.tgz, cars_train.tgz and cars_test.tgz and add "
        "cars_test_annos_withlabels.mat (the data set's page: Cars Dataset, Stanford AI Lab) so that "
        f"{tmp_path / 'else' / 'stanford_cars' / 'devkit' / 'cars_train_annos.mat'} is there, or name its folder with "
        "--data or TAXO_DATA; without it, type `--dataset synthetic`"
    )
    (kit / "devkit" / "cars_meta.mat").unlink()
    with pytest.raises(
        TaxoError, match=r"Stanford Cars in .*stanford_cars lacks 'devkit/cars_meta\.mat': unpack car_dev"
    ):
        find_splits(config(kit))


def test_of_the_one_file_only_a_part(single: Path) -> None:
    (single / "car_ims").rename(single / "images")
    with pytest.raises(TaxoError, match=r"stanford_cars lacks 'car_ims': unpack car_ims\.tgz and add cars_annos\.mat"):
        find_splits(config(single))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"class": [1, 2, 3, 4, 1, 2, 3]}, "image 'car_ims/000004.jpg' has class 4, which has no name: there are 3"),
        ({"class": [1, 0, 2, 3, 1, 2, 3]}, "image 'car_ims/000002.jpg' has class 0, which has no name"),
        (
            {"class": [1, 2.5, 2, 3, 1, 2, "3"]},
            r"'class' of 'annotations' is no whole number in 2 records \(first: 2\)",
        ),
        ({"test": [0, 1, 0, 0, 1, 1, 2]}, "field 'test' of 'annotations' must be 0 or 1 everywhere"),
        ({"relative_im_path": ["car_ims/1.jpg"] * 7}, "'car_ims/1.jpg' is both a training and a test image"),
        ({"relative_im_path": ["a", "b", "a", "c", "d", "e", "f"]}, "'a' is listed twice; every image may stand only"),
        (
            {"relative_im_path": ["/a", "b", "../c", "d", "", "f", "g"]},
            r"'/a' is no path.*\n.*'\.\./c' is .*\n.*'' is no",
        ),
        ({"relative_im_path": [1, "b", "c", "d", "e", "f", "g"]}, r"'relative_im_path' .* is no text in 1 records"),
    ],
)
def test_broken_annotations(single: Path, changed: dict[str, list[Any]], message: str) -> None:
    savemat(single / "cars_annos.mat", one_file(**changed))
    with pytest.raises(FormatError, match=rf"cars_annos\.mat: .*{message}"):
        find_splits(config(single))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"class_names": cells(NAMES)}, "no variable 'annotations' in it, only 'class_names'"),
        ({"annotations": np.zeros(3), "class_names": cells(NAMES)}, "'annotations' is no struct array"),
        ({**one_file(), "class_names": np.zeros(3)}, "'class_names' is no list of texts"),
        ({**one_file(), "class_names": cells(["a", "a", "b"])}, "'class_names' must be different names, none of them"),
        ({**one_file(), "class_names": cells(["a", " ", "b"])}, "'class_names' must be different names, none of them"),
    ],
)
def test_other_content(single: Path, content: dict[str, Any], message: str) -> None:
    savemat(single / "cars_annos.mat", content)
    with pytest.raises(FormatError, match=message):
        find_splits(config(single))


def test_test_annotations_without_labels(kit: Path) -> None:
    savemat(kit / "cars_test_annos_withlabels.mat", {"annotations": annotations(fname=["1.jpg"])})
    with pytest.raises(FormatError, match=r"withlabels\.mat: variable 'annotations' has no field 'class'; download"):
        find_splits(config(kit))


def test_names_of_the_kit_stay_in_the_folder_of_their_split(kit: Path) -> None:
    names = ["00001.jpg", "../cars_train/00001.jpg", "00003.jpg"]
    savemat(kit / "cars_test_annos_withlabels.mat", kit_annotations(1, fname=names))
    with pytest.raises(FormatError, match=r"withlabels\.mat: 'cars_test/\.\./cars_train/00001\.jpg' is no path within"):
        find_splits(config(kit))


def test_a_class_without_training_images(single: Path) -> None:
    savemat(single / "cars_annos.mat", one_file(**{"class": [1, 2, 3, 3, 1, 2, 3]}))
    with pytest.raises(TaxoError, match="1 of 3 classes have no training images: 'Ram C/V Cargo Van Minivan 2012'"):
        find_splits(config(single))


@pytest.mark.parametrize(
    "name", ["devkit/cars_train_annos.mat", "devkit/cars_meta.mat", "cars_test_annos_withlabels.mat"]
)
def test_files_cut_off(kit: Path, name: str) -> None:
    (kit / name).write_bytes((kit / name).read_bytes()[:-20])
    with pytest.raises(FormatError, match=rf"{Path(name).name}: unreadable MATLAB file: it ends in the middle"):
        find_splits(config(kit))
