"""Tiny ImageNet from a tiny copy of its layout, and its 32 x 32 subset."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
import torch
from PIL import Image

from taxo.hierarchies import load as load_hierarchy
from taxo.taxonomy import FormatError, TaxoError, flat
from taxo.training.data import ClassMismatch, DataConfig, load_splits
from taxo.training.data.listing import Listing
from taxo.training.data.registry import dataset
from taxo.training.data.samples import Samples

pytestmark = pytest.mark.torch

#: Not sorted, as the official list is not.
IDS = ["n02124075", "n01443537", "n04067472"]
REMARK = "the validation images of Tiny ImageNet are the test images: those of its test have no labels"


def picture(path: Path, grey: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (grey,) * 3).save(path)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """tiny-imagenet-200 with three classes, two training images and one validation image each."""
    root = tmp_path / "tiny-imagenet-200"
    root.mkdir()
    for c, name in enumerate(IDS):
        for i in range(2):
            picture(root / "train" / name / "images" / f"{name}_{i}.JPEG", 80 * c + 20 * i)
        (root / "train" / name / f"{name}_boxes.txt").write_text(f"{name}_0.JPEG\t0\t10\t63\t58\n")
        picture(root / "val" / "images" / f"val_{c}.JPEG", 80 * c)
    picture(root / "test" / "images" / "test_0.JPEG", 0)
    (root / "wnids.txt").write_text("\n".join(IDS) + "\n")
    (root / "words.txt").write_text("n00001740\tentity\n" + "".join(f"{name}\tword\n" for name in IDS))
    (root / "val" / "val_annotations.txt").write_text(
        "".join(f"val_{c}.JPEG\t{IDS[c]}\t0\t32\t44\t62\n" for c in (2, 0, 1))
    )
    return root


def config(data: Path | str, **options: Any) -> DataConfig:
    return DataConfig(**{"dataset": "tiny-imagenet", "data": str(data), "image_size": 8, **options})


def listing(data: Path | str) -> Listing:
    return dataset("tiny-imagenet").load(config(data), None)


def content(samples: Samples | None) -> list[tuple[str, str]]:
    assert samples is not None
    return [(Path(n).name, samples.classes[t]) for n, t in zip(samples.names, samples.targets, strict=True)]


def test_official_layout(tiny: Path) -> None:
    found = listing(tiny)
    assert found.train.classes == tuple(IDS)
    assert content(found.train) == [(f"{name}_{i}.JPEG", name) for name in IDS for i in range(2)]
    assert content(found.test) == [(f"val_{c}.JPEG", IDS[c]) for c in (2, 0, 1)]
    assert found.val is None
    assert found.remarks == (REMARK,)


def test_pixels_are_those_of_the_classes(tiny: Path) -> None:
    splits = load_splits(config(tiny), flat(sorted(IDS)))
    assert splits.test is not None
    for target, image in zip(splits.test.targets, splits.test.source.tensor, strict=True):  # type: ignore[attr-defined]
        # JPEG keeps a plain grey to within a step or two.
        assert image.float().mean() == pytest.approx(80 * IDS.index(splits.classes[target]), abs=2)


def test_without_decoding(tiny: Path) -> None:
    for path in tiny.rglob("*.JPEG"):
        path.write_bytes(b"")
    assert len(listing(tiny).train) == 6


def subset(tiny: Path) -> Path:
    """The other layout of the same images: classes.txt, and class folders in train and val."""
    root = tiny.parent / "subset"
    for c, name in enumerate(IDS):
        for i in range(2):
            picture(root / "train" / name / f"{name}_{i}.JPEG", 80 * c)
        picture(root / "val" / name / f"val_{c}.JPEG", 80 * c)
    (root / "classes.txt").write_text("".join(f"{name}\tsome words, more words\n" for name in IDS))
    return root


def test_subset_in_class_folders(tiny: Path) -> None:
    root = subset(tiny)
    found = listing(root)
    assert found.train.classes == tuple(IDS)
    assert content(found.train) == [(f"{name}_{i}.JPEG", name) for name in IDS for i in range(2)]
    assert content(found.test) == [(f"val_{c}.JPEG", IDS[c]) for c in range(3)]
    picture(root / "val" / "n00000001" / "1.JPEG", 0)
    assert listing(root).remarks == (f"{root / 'val'}: 1 folders are no classes and not used: 'n00000001'", REMARK)


@pytest.mark.parametrize("place", ["itself", "above", "TAXO_DATA"])
def test_found_where_it_may_lie(tiny: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAXO_DATA", str(tiny.parent))
    assert len(listing({"itself": tiny, "above": tiny.parent}.get(place, "")).train) == 6


def test_absent(tmp_path: Path) -> None:
    with pytest.raises(TaxoError) as caught:
        listing(tmp_path)
    message = str(caught.value)
    assert message.count("\n") == 0
    for part in ("tiny-imagenet-200.zip", "CS 231N", str(tmp_path / "tiny-imagenet-200" / "wnids.txt"), "TAXO_DATA"):
        assert part in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "wnids.txt: no classes in it; unpack the archive again"),
        ("n02124075\ngoldfish\n../n1\n", "wnids.txt:2: 'goldfish' is no WordNet id such as n01443537"),
        ("n02124075\nn01443537\n\nn02124075\n", "wnids.txt:4: class n02124075 is given twice"),
        (
            "n02124075\nn01443537\nn04067472\nn00000001\n",
            "no images of 1 classes: 'n00000001'; unpack the archive again",
        ),
    ],
)
def test_broken_lists(tiny: Path, text: str, message: str) -> None:
    (tiny / "wnids.txt").write_text(text)
    with pytest.raises(TaxoError) as caught:
        listing(tiny)
    assert message in str(caught.value)


def test_all_faults_of_the_annotations_are_reported_together(tiny: Path) -> None:
    path = tiny / "val" / "val_annotations.txt"
    path.write_text(
        "val_0.JPEG\tn02124075\nval_1.JPEG\tn00000001\n../train/x.JPEG\tn02124075\nval_2.JPEG\n\nval_0.JPEG\tn01443537\n"
    )
    with pytest.raises(FormatError) as caught:
        listing(tiny)
    assert [(line, text.split(";")[0]) for line, text in caught.value.faults] == [
        (2, "'n00000001' is no class of this data set"),
        (3, f"'../train/x.JPEG' is no name of a file in {tiny / 'val' / 'images'}"),
        (4, "'' is no class of this data set"),
        (6, "image val_0.JPEG is given twice"),
    ]
    path.write_text("\n")
    with pytest.raises(FormatError, match=r"val_annotations\.txt: no images in it"):
        listing(tiny)


def test_empty_class_folder(tiny: Path) -> None:
    for path in (tiny / "train" / IDS[1] / "images").iterdir():
        path.unlink()
    with pytest.raises(TaxoError, match=f"no images in '{IDS[1]}/images'; fill or remove"):
        listing(tiny)


def test_the_subset_of_32_pixels(tmp_path: Path, data: Path) -> None:
    archive = zipfile.ZipFile(data / "tiny-imagenet-32" / "tiny-imagenet-32-100classes.zip")
    few = [n for n in archive.namelist() if n.endswith(("_0.JPEG", ".txt")) or (n.startswith("val/") and "0.J" in n)]
    archive.extractall(tmp_path, few)
    found = listing(tmp_path)
    ids = found.train.classes
    assert len(ids) == 100
    assert [path.name for path in sorted((tmp_path / "train").iterdir())] == list(ids)
    taxonomy = load_hierarchy("tiny-imagenet")
    with pytest.raises(ClassMismatch) as caught:
        load_splits(config(tmp_path, image_size=32), taxonomy)
    # Every class is known; the hierarchy has 100 more.
    assert caught.value.only_data == ()
    assert len(caught.value.only_hierarchy) == 100
    splits = load_splits(config(tmp_path, image_size=32, per_class=1), flat(ids[::-1]))
    assert torch.equal(splits.train.counts, torch.ones(100, dtype=torch.int64))
    assert [Path(name).parent.name for name in splits.train.names] == [c for _, c in content(splits.train)]


def test_all_classes_of_the_built_in_hierarchy(tmp_path: Path) -> None:
    taxonomy = load_hierarchy("tiny-imagenet")
    names = sorted(taxonomy.classes)
    for split in ("train", "val"):
        for name in names:
            picture(tmp_path / split / name / "1.JPEG", 0)
    (tmp_path / "classes.txt").write_text("\n".join(names))
    splits = load_splits(config(tmp_path), taxonomy)
    assert taxonomy.class_numbers[splits.train.targets].tolist() == list(range(200))
