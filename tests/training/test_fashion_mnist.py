"""Fashion-MNIST from tiny copies of its four files, packed or not, and broken ones."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
from taxo.hierarchies import load as load_hierarchy
from taxo.taxonomy import FormatError, TaxoError, flat
from taxo.training.data import DataConfig, load_splits
from taxo.training.data.fashion_mnist import CLASSES
from taxo.training.data.idx_file import read_idx
from taxo.training.data.listing import Listing
from taxo.training.data.registry import dataset

pytestmark = pytest.mark.torch

LABELS = {"train": [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], "t10k": [3, 0, 3]}


def idx(*shape: int, content: bytes | None = None, kind: int = 8) -> bytes:
    """A file whose numbers count up, with its header written from the format's description."""
    head = bytes([0, 0, kind, len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape)
    return head + (content if content is not None else bytes(i % 251 for i in range(int(np.prod(shape)))))


def images(first: int, n: int) -> bytes:
    """Image i is all first + i, but for its corner, which is 255."""
    rows = [bytes([255] + [first + i] * 783) for i in range(n)]
    return idx(n, 28, 28, content=b"".join(rows))


@pytest.fixture(params=["packed", "plain"])
def fashion(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """fashion-mnist with 10 training and 3 test images."""
    root = tmp_path / "fashion-mnist"
    root.mkdir()
    for part, labels in LABELS.items():
        put(root, f"{part}-images-idx3-ubyte", images(10 if part == "train" else 100, len(labels)), request.param)
        put(root, f"{part}-labels-idx1-ubyte", idx(len(labels), content=bytes(labels)), request.param)
    return root


def put(root: Path, name: str, content: bytes, form: str) -> None:
    path = root / (f"{name}.gz" if form == "packed" else name)
    path.write_bytes(gzip.compress(content, mtime=0) if form == "packed" else content)


def replace(root: Path, name: str, content: bytes) -> None:
    put(root, name, content, "packed" if (root / f"{name}.gz").exists() else "plain")


def config(data: Path | str, **options: Any) -> DataConfig:
    return DataConfig(**{"dataset": "fashion-mnist", "data": str(data), "image_size": 28, **options})


def listing(data: Path | str, **options: Any) -> Listing:
    return dataset("fashion-mnist").load(config(data, **options), None)


def test_official_split_in_grey(fashion: Path) -> None:
    found = listing(fashion, channels=1)
    assert found.test is not None
    assert found.train.classes == found.test.classes == CLASSES
    assert found.train.targets.tolist() == LABELS["train"]
    assert found.test.targets.tolist() == LABELS["t10k"]
    tensor = found.test.source.tensor  # type: ignore[attr-defined]
    assert tensor.shape == (3, 1, 28, 28)
    assert tensor[:, 0, 0, 0].tolist() == [255] * 3
    assert tensor[:, 0, 0, 1].tolist() == tensor[:, 0, 27, 27].tolist() == [100, 101, 102]
    assert found.test.names[2].startswith(f"{fashion / 't10k-images-idx3-ubyte'}")
    assert found.test.names[2].endswith(": image 2")


def test_in_colour_and_another_size(fashion: Path) -> None:
    splits = load_splits(config(fashion, image_size=32))
    assert len(splits.mean) == 3
    assert splits.mean[0] == splits.mean[1] == splits.mean[2]
    assert splits.train.source.tensor.shape == (10, 3, 32, 32)  # type: ignore[attr-defined]


def test_with_its_built_in_hierarchy(fashion: Path) -> None:
    taxonomy = load_hierarchy("fashion-mnist")
    splits = load_splits(config(fashion), taxonomy)
    assert taxonomy.class_numbers[splits.train.targets].tolist() == LABELS["train"]
    assert [splits.classes[t] for t in splits.train.targets] == list(CLASSES)[::-1]


def test_a_hierarchy_that_numbers_its_classes_otherwise_is_matched_by_name(fashion: Path) -> None:
    splits = load_splits(config(fashion), flat(CLASSES[::-1]))
    assert splits.train.targets.tolist() == list(range(10))


@pytest.mark.parametrize("place", ["itself", "above", "TAXO_DATA"])
def test_found_where_it_may_lie(fashion: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAXO_DATA", str(fashion.parent))
    assert len(listing({"itself": fashion, "above": fashion.parent}.get(place, "")).train) == 10


def test_a_file_is_missing(fashion: Path) -> None:
    next(fashion.glob("t10k-labels*")).unlink()
    with pytest.raises(TaxoError) as caught:
        listing(fashion.parent)
    assert str(caught.value) == (
        f"Fashion-MNIST in {fashion} lacks 't10k-labels-idx1-ubyte.gz or t10k-labels-idx1-ubyte': put its four files there "
        "(the data set's page: fashion-mnist, Zalando Research) so that they are there"
    )


def test_absent(tmp_path: Path) -> None:
    with pytest.raises(TaxoError) as caught:
        listing(tmp_path / "else")
    message = str(caught.value)
    assert message.count("\n") == 0
    example = tmp_path / "else" / "fashion-mnist" / "train-images-idx3-ubyte.gz"
    for part in ("Fashion-MNIST is not in", "Zalando", f"{example} is there", "--data", "TAXO_DATA"):
        assert part in message


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "train-images-idx3-ubyte",
            b"",
            "begins with nothing and not with 00 00 08 03, as an IDX file of bytes; download",
        ),
        ("train-images-idx3-ubyte", b"<html>", "begins with 3c 68 74 6d and not with 00 00 08 03"),
        ("train-images-idx3-ubyte", idx(10), "begins with 00 00 08 01 and not with 00 00 08 03"),
        ("train-images-idx3-ubyte", idx(10, 28, 28, kind=13), "begins with 00 00 0d 03 and not"),
        ("train-images-idx3-ubyte", idx(10, 28, 28)[:10], "begins with 00 00 08 03 and not"),
        ("train-images-idx3-ubyte", idx(10, 28, 28)[:-1], "fewer bytes than the 10 x 28 x 28 of its header"),
        ("train-images-idx3-ubyte", idx(10, 28, 28) + b"x", "more bytes than the 10 x 28 x 28 of its header"),
        ("train-images-idx3-ubyte", idx(0, 28, 28), "promises 0 x 28 x 28 bytes; at least 1"),
        ("train-images-idx3-ubyte", idx(10, 32, 28), "images of 32 x 28 pixels; those of Fashion-MNIST have 28 x 28"),
        ("train-labels-idx1-ubyte", idx(9), "9 labels for the 10 images of train-images"),
        (
            "train-labels-idx1-ubyte",
            idx(10, content=bytes([0] * 9 + [10])),
            "image 9 has class 10; the classes are 0 to",
        ),
    ],
)
def test_broken_files(fashion: Path, name: str, content: bytes, message: str) -> None:
    replace(fashion, name, content)
    with pytest.raises(FormatError) as caught:
        listing(fashion)
    assert name in str(caught.value)
    assert message in str(caught.value)


def test_a_header_that_promises_too_much_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_bytes(bytes([0, 0, 8, 1]) + b"\xff" * 4)
    with pytest.raises(FormatError, match="promises 4294967295 bytes; at least 1 and at most 268435456 are read"):
        read_idx(path, 1)


def test_no_more_is_unpacked_than_the_header_promises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(idx(10) + bytes(1 << 24), 1))
    asked = []
    read = gzip.GzipFile.read
    monkeypatch.setattr(gzip.GzipFile, "read", lambda self, size=-1: asked.append(size) or read(self, size))
    with pytest.raises(FormatError, match="more bytes than the 10 of its header"):
        read_idx(path, 1)
    assert asked == [8, 11]


def test_damaged_gzip_data(tmp_path: Path) -> None:
    path = tmp_path / "labels.gz"
    whole = gzip.compress(idx(5000), mtime=0)
    for length in range(2, len(whole), 9):
        path.write_bytes(whole[:length])
        with pytest.raises(FormatError, match=r"labels\.gz: broken gzip data"):
            read_idx(path, 1)
    for place in range(10, len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        # The checksum at the end finds what the decompression does not.
        with pytest.raises(FormatError):
            read_idx(path, 1)


def test_any_shape_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cube"
    path.write_bytes(idx(2, 3, 4))
    found = read_idx(path, 3)
    assert found.shape == (2, 3, 4)
    assert found.ravel().tolist() == list(range(24))
    found[0, 0, 0] = 7  # torch warns about memory that it may not write to
    with pytest.raises(TaxoError, match="gone: No such file"):
        read_idx(tmp_path / "gone", 3)
