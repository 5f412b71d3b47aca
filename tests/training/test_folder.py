"""Data set `folder`: layouts, the split file, what is refused, and the draws of training images."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from PIL import Image

from taxo.taxonomy import FormatError, TaxoError, flat, read
from taxo.training.data import ClassMismatch, DataConfig, Samples, load_splits
from taxo.training.data.files import Files
from taxo.training.data.folder import load as load_listing
from taxo.training.data.frames import Centre

pytestmark = pytest.mark.torch


def fill(root: Path, *names: str) -> Path:
    """Tiny images under these names; the grey value is the place in the list."""
    for value, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4), value).save(root / name)
    return root


def config(root: Path, **options: object) -> DataConfig:
    return DataConfig(dataset="folder", data=str(root), **{"image_size": 4, **options})  # type: ignore[arg-type]


def pixels(images: Samples, size: int = 4) -> torch.Tensor:
    return images.source.fetch(range(len(images)), Centre(size)).inputs


def content(images: Samples | None, root: Path) -> list[tuple[str, str]]:
    """Path relative to the data folder, and class, of every image."""
    assert images is not None
    places = [Path(name).relative_to(root).as_posix() for name in images.names]
    return list(zip(places, (images.classes[t] for t in images.targets), strict=True))


def test_train_and_test_folders(tmp_path: Path) -> None:
    fill(tmp_path, "train/b/2.png", "train/b/1.PNG", "train/a/x.jpg", "test/a/1.png", "test/b/1.png")
    splits = load_splits(config(tmp_path))
    assert splits.classes == ("a", "b")
    assert content(splits.train, tmp_path) == [
        ("train/a/x.jpg", "a"),
        ("train/b/1.PNG", "b"),
        ("train/b/2.png", "b"),
    ]
    assert content(splits.test, tmp_path) == [("test/a/1.png", "a"), ("test/b/1.png", "b")]
    assert splits.val is None
    # The grey values are those of the files: image 2 is x.jpg, 1 and 0 the others.
    assert pixels(splits.train)[:, 0, 0, 0].tolist() == [2, 1, 0]
    assert splits.mean == pytest.approx([1 / 255] * 3)


def test_listing_decodes_nothing_and_images_keep_their_proportions(tmp_path: Path) -> None:
    fill(tmp_path, "train/a/1.png")
    (tmp_path / "train/a/2.png").write_bytes(b"no image")
    Image.new("L", (16, 8)).save(tmp_path / "train/a/1.png")
    listing = load_listing(config(tmp_path), None)
    assert isinstance(listing.train.source, Files)
    frames = listing.train.source.fetch([0], Centre(4))
    assert frames.inputs.shape == (1, 3, 4, 4)
    assert frames.sizes.tolist() == [[4, 8]]
    assert frames.boxes.tolist() == [[0, 2, 4, 4]]


def test_val_beside_test_is_validation(tmp_path: Path) -> None:
    fill(tmp_path, "train/a/1.png", "train/b/1.png", "val/a/1.png", "test/a/1.png", "test/b/1.png")
    splits = load_splits(config(tmp_path))
    # A few validation images need not show every class.
    assert content(splits.val, tmp_path) == [("val/a/1.png", "a")]
    with pytest.raises(TaxoError, match="validation split of their own"):
        load_splits(config(tmp_path, val_fraction=0.5))


def test_val_alone_is_the_test_split_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    fill(tmp_path, "train/a/1.png", "val/a/1.png")
    splits = load_splits(config(tmp_path))
    assert content(splits.test, tmp_path) == [("val/a/1.png", "a")]
    assert splits.val is None
    assert caplog.messages == [f"{tmp_path} has no folder 'test': 'val' is taken as the test images"]


def test_nested_classes_are_named_by_their_path(tmp_path: Path) -> None:
    fill(tmp_path, "train/Latin/c01/1.png", "train/Latin/c02/1.png", "train/Greek/c01/1.png")
    assert load_splits(config(tmp_path)).classes == ("Greek/c01", "Latin/c01", "Latin/c02")


def test_targets_follow_the_class_order_of_the_hierarchy(tmp_path: Path) -> None:
    fill(tmp_path, "train/a/1.png", "train/b/1.png", "test/b/1.png", "test/a/1.png")
    splits = load_splits(config(tmp_path), flat(["b", "a"]))
    assert splits.classes == splits.train.classes == ("b", "a")
    assert splits.train.targets.tolist() == [1, 0]
    assert content(splits.test, tmp_path) == [("test/a/1.png", "a"), ("test/b/1.png", "b")]
    with pytest.raises(ClassMismatch):
        load_splits(config(tmp_path), flat(["b", "c"]))


def test_other_files_are_said_and_hidden_ones_are_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    fill(tmp_path, "train/a/1.png", "train/a/.hidden.png", "train/.cache/2.png", "test/a/1.png")
    (tmp_path / "train/a/notes.txt").write_text("")
    (tmp_path / "train/list.csv").write_text("")
    assert len(load_splits(config(tmp_path)).train) == 1
    assert caplog.messages == [
        f"{tmp_path}: 2 files are not images and not used: 'train/list.csv', 'train/a/notes.txt'"
    ]


def test_order_does_not_depend_on_the_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, *(f"train/{c}/{i}.png" for c in "cab" for i in (3, 1, 2)))
    expected = content(load_splits(config(tmp_path)).train, tmp_path)
    assert expected == sorted(expected)
    scandir = os.scandir

    class Backwards(list):  # type: ignore[type-arg]
        def __enter__(self) -> "Backwards":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def __next__(self) -> os.DirEntry[str]:
            if not self:
                raise StopIteration
            return self.pop(0)  # type: ignore[no-any-return]

    monkeypatch.setattr(os, "scandir", lambda p: Backwards(sorted(scandir(p), key=lambda e: e.name)[::-1]))
    assert content(load_splits(config(tmp_path)).train, tmp_path) == expected


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "no folder 'train' in it"),
        (["a/1.png"], "no folder 'train' in it"),
        (["train/1.png", "train/a/1.png"], "1 images outside class folders"),
        (["train/a/1.png", "train/a/b/1.png"], "'a' hold.* both images and folders"),
        (["train/a/1.png", "train/b/"], "no images in 'b'; fill or remove"),
        (["train/a/1.png", "train/b/c/"], "no images in 'b/c'"),
        (["train/a/"], "no images in it"),
        (["train/a/1.png", "test/b/1.png"], "1 only in test: 'b'; 1 only in train: 'a'"),
        (["train/a/1.png", "train/b/1.png", "test/b/1.png"], "1 only in train: 'a'"),
        (["train/a/1.png", "val/c/1.png", "test/a/1.png"], "1 only in val: 'c'"),
    ],
)
def test_refused_layouts(tmp_path: Path, names: list[str], message: str) -> None:
    fill(tmp_path, *(name for name in names if not name.endswith("/")))
    for name in names:
        if name.endswith("/"):
            (tmp_path / name).mkdir(parents=True)
    with pytest.raises(TaxoError, match=message) as caught:
        load_splits(config(tmp_path))
    assert str(tmp_path) in str(caught.value)


def test_missing_folders(tmp_path: Path) -> None:
    with pytest.raises(TaxoError, match="does not exist"):
        load_splits(config(tmp_path / "gone"))
    (tmp_path / "file").write_text("")
    with pytest.raises(TaxoError, match="is not a folder"):
        load_splits(config(tmp_path / "file"))
    with pytest.raises(TaxoError, match="--data DIR"):
        load_splits(DataConfig(dataset="folder"))


def test_broken_image_is_named(tmp_path: Path) -> None:
    fill(tmp_path, "train/a/1.png")
    (tmp_path / "train/a/2.png").write_bytes((tmp_path / "train/a/1.png").read_bytes()[:40])
    with pytest.raises(TaxoError, match=r"train/a/2\.png: unreadable image"):
        load_splits(config(tmp_path))


def test_split_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = fill(tmp_path / "d", "a/1.png", "a/2.png", "a/3.png", "b/1.png", "b/2.png", "b/3.png")
    (root / "split.tsv").write_text("b/2.png\ttrain\n\na/1.png\ttrain\na/3.png\tval\na/2.png\ttest\nb/1.png\ttest\n")
    splits = load_splits(config(root, split=str(root / "split.tsv")))
    assert content(splits.train, root) == [("a/1.png", "a"), ("b/2.png", "b")]
    assert content(splits.val, root) == [("a/3.png", "a")]
    assert content(splits.test, root) == [("a/2.png", "a"), ("b/1.png", "b")]
    assert caplog.messages == [f"{root}: 1 images are not in {root / 'split.tsv'} and not used"]


def test_all_faults_of_a_split_file_are_reported_together(tmp_path: Path) -> None:
    root = fill(tmp_path / "d", "a/1.png", "a/2.png")
    path = tmp_path / "split.tsv"
    path.write_text("a/1.png\ttrain\na/9.png\ttest\na/2.png\tvalid\na/2.png test\na/1.png\ttest\n")
    with pytest.raises(FormatError) as caught:
        load_splits(config(root, split=str(path)))
    assert [(line, text.split(";")[0]) for line, text in caught.value.faults] == [
        (2, "no image 'a/9.png' in the data folder"),
        (3, "unknown split 'valid'"),
        (4, "no tab in 'a/2.png test'"),
        (5, "image 'a/1.png' is given twice"),
    ]


def test_split_files_that_cannot_be_used(tmp_path: Path) -> None:
    root = fill(tmp_path / "d", "a/1.png")
    path = tmp_path / "split.tsv"
    with pytest.raises(TaxoError, match="No such file"):
        load_splits(config(root, split=str(path)))
    path.write_bytes(b"a/1.png\ttr\xff")
    with pytest.raises(TaxoError, match="byte 10 is not UTF-8"):
        load_splits(config(root, split=str(path)))
    path.write_text("a/1.png\ttest\n")
    with pytest.raises(TaxoError, match="no training images"):
        load_splits(config(root, split=str(path)))


def names_by_class(images: Samples | None) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, target in zip(images.names, images.targets, strict=True) if images else []:
        found.setdefault(images.classes[target], set()).add(name)  # type: ignore[union-attr]
    return found


def test_draws_are_nested_repeatable_and_stratified(tmp_path: Path) -> None:
    fill(tmp_path, *(f"train/{c}/{i:02d}.png" for c in "ab" for i in range(12)))
    smaller: dict[str, set[str]] = {"a": set(), "b": set()}
    for count in range(1, 13):
        images = load_splits(config(tmp_path, per_class=count)).train
        assert images.counts.tolist() == [count, count]
        drawn = names_by_class(images)
        assert all(smaller[c] < drawn[c] for c in "ab")
        smaller = drawn
    once, again, other = (load_splits(config(tmp_path, per_class=6, subset_seed=s)).train.names for s in (1, 1, 2))
    assert once == again != other


def test_a_draw_does_not_depend_on_other_classes(tmp_path: Path) -> None:
    fill(tmp_path, *(f"train/b/{i:02d}.png" for i in range(12)))
    before = names_by_class(load_splits(config(tmp_path, per_class=4)).train)["b"]
    fill(tmp_path, *(f"train/a/{i:02d}.png" for i in range(7)))
    assert names_by_class(load_splits(config(tmp_path, per_class=4)).train)["b"] == before


def test_held_out_images(tmp_path: Path) -> None:
    sizes = {"one": 1, "two": 2, "ten": 10, "big": 40}
    fill(tmp_path, *(f"train/{c}/{i:02d}.png" for c, n in sizes.items() for i in range(n)))
    splits = load_splits(config(tmp_path, val_fraction=0.1))
    train, val = names_by_class(splits.train), names_by_class(splits.val)
    # A tenth, at least one, but a class of one keeps its image.
    assert {c: len(n) for c, n in val.items()} == {"two": 1, "ten": 1, "big": 4}
    for c, n in sizes.items():
        assert len(train[c] | val.get(c, set())) == n
        assert not train[c] & val.get(c, set())


def test_held_out_images_are_part_of_the_budget(tmp_path: Path) -> None:
    fill(tmp_path, *(f"train/a/{i:02d}.png" for i in range(20)))
    drawn = set(load_splits(config(tmp_path, per_class=10)).train.names)
    splits = load_splits(config(tmp_path, per_class=10, val_fraction=0.3))
    assert splits.val is not None
    assert (len(splits.train), len(splits.val)) == (7, 3)
    assert {*splits.train.names, *splits.val.names} == drawn


def test_too_few_images_are_listed(tmp_path: Path) -> None:
    fill(tmp_path, "train/a/1.png", "train/b/1.png", "train/b/2.png", "train/c/1.png")
    with pytest.raises(TaxoError, match=r"2 classes have fewer training images: 'a \(1\)', 'c \(1\)'"):
        load_splits(config(tmp_path, per_class=2))


def test_unknown_data_set() -> None:
    with pytest.raises(TaxoError, match="unknown data set 'folders'; did you mean 'folder'"):
        load_splits(DataConfig(dataset="folders"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image_size": 3}, "image_size is 3; it must be at least 4"),
        ({"per_class": -1}, "per_class is -1"),
        ({"samples": 0}, "samples is 0"),
        ({"val_fraction": 1.0}, r"val_fraction is 1.0; it must be in \[0, 1\)"),
        ({"noise": float("nan")}, "noise is nan"),
        ({"subset_seed": -1}, "subset_seed is -1"),
    ],
)
def test_options_out_of_range(options: dict[str, float], message: str) -> None:
    with pytest.raises(TaxoError, match=message):
        DataConfig(**options)  # type: ignore[arg-type]


def test_tiny_imagenet(tmp_path: Path, data: Path, caplog: pytest.LogCaptureFixture) -> None:
    archive = zipfile.ZipFile(data / "tiny-imagenet-32" / "tiny-imagenet-32-100classes.zip")
    wanted = ("train/n01443537/", "train/n01629819/", "val/n01443537/", "val/n01629819/", "classes.txt")
    archive.extractall(tmp_path, [name for name in archive.namelist() if name.startswith(wanted)])
    splits = load_splits(config(tmp_path, image_size=32, per_class=20))
    assert splits.train.counts.tolist() == [20, 20]
    assert splits.test is not None
    assert splits.test.counts.tolist() == [50, 50]
    # Nothing is resized: the pixels are those of the file.
    np.testing.assert_array_equal(
        pixels(splits.train.subset([0]), 32)[0].permute(1, 2, 0).numpy(),
        np.asarray(Image.open(splits.train.names[0]).convert("RGB")),
    )
    assert caplog.messages == [f"{tmp_path} has no folder 'test': 'val' is taken as the test images"]


def test_omniglot_with_the_tree_of_its_folders(tmp_path: Path, data: Path) -> None:
    example = Path(__file__).parents[2] / "examples" / "omniglot.py"
    archive = data / "omniglot" / "images_background_small1.zip"
    out = subprocess.run(
        [sys.executable, example, archive, tmp_path], capture_output=True, text=True, check=True
    ).stdout
    assert out == f"1360 drawings to train, 1360 to test, in {tmp_path}\n"
    splits = load_splits(config(tmp_path, image_size=32), read(tmp_path / "train"))
    assert splits.classes[0] == "Balinese/character01"
    assert splits.test is not None
    for images, last in ((splits.train, range(1, 11)), (splits.test, range(11, 21))):
        assert images.counts.tolist() == [10] * 136
        assert {int(Path(name).stem[-2:]) for name in images.names} == set(last)
    # Black ink on white paper.
    assert min(splits.mean) > 0.8
