"""CIFAR-10 and CIFAR-100 from tiny copies of their files, written as Python 2 wrote them, and hostile ones."""

import gzip
import io
import os
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

pytest.importorskip("torch")
from taxo.hierarchies import load as load_hierarchy
from taxo.taxonomy import FormatError, TaxoError, flat
from taxo.training.data import DataConfig, Splits, load_splits
from taxo.training.data.listing import Listing
from taxo.training.data.registry import dataset

pytestmark = pytest.mark.torch

NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


class _AsPython2(pickle._Pickler):  # type: ignore[name-defined,misc]
    """Writes bytes as Python 2 wrote its texts."""

    dispatch: ClassVar[dict[type, Any]] = dict(pickle._Pickler.dispatch)  # type: ignore[attr-defined]

    def save_bytes(self, text: bytes) -> None:
        head = b"U" + bytes([len(text)]) if len(text) < 256 else b"T" + len(text).to_bytes(4, "little")
        self.write(head + text)
        self.memoize(text)

    dispatch[bytes] = save_bytes


def official(value: object) -> bytes:
    """A pickle as in the official archives: protocol 2 of Python 2, with the numpy of that time."""
    file = io.BytesIO()
    _AsPython2(file, 2).dump(value)
    return file.getvalue().replace(b"numpy._core", b"numpy.core")


def pixels(first: int, n: int) -> np.ndarray:
    """Rows of a batch: the red plane of image i is all i, green 2 i, blue counts along the row."""
    planes = np.empty((n, 3, 32, 32), dtype=np.uint8)
    for i in range(n):
        planes[i, 0], planes[i, 1], planes[i, 2] = first + i, 2 * (first + i), np.arange(32)
    return planes.reshape(n, 3072)


def batch(first: int, labels: list[int], /, **more: object) -> dict[bytes, Any]:
    items = [b"thing_s_%06d.png" % (first + i) for i in range(len(labels))]
    found = {b"batch_label": b"a batch", b"labels": labels, b"data": pixels(first, len(labels)), b"filenames": items}
    return found | {key.encode(): value for key, value in more.items()}


def fill(root: Path, files: dict[str, Any]) -> Path:
    root.mkdir(parents=True)
    for name, value in files.items():
        (root / name).write_bytes(value if isinstance(value, bytes) else official(value))
    return root


@pytest.fixture
def cifar10(tmp_path: Path) -> Path:
    """cifar-10-batches-py with 10 training and 3 test images."""
    files: dict[str, Any] = {f"data_batch_{k + 1}": batch(2 * k, [9 - 2 * k, 8 - 2 * k]) for k in range(5)}
    files["test_batch"] = batch(50, [3, 0, 3])
    files["batches.meta"] = {
        b"num_cases_per_batch": 10000,
        b"label_names": [name.encode() for name in NAMES],
        b"num_vis": 3072,
    }
    return fill(tmp_path / "cifar-10-batches-py", files)


def cifar100(tmp_path: Path, names: list[str]) -> Path:
    """cifar-100-python with an image of every class to train and three to test."""
    n = len(names)
    return fill(
        tmp_path / "cifar-100-python",
        {
            "train": batch(0, [0] * n, fine_labels=list(range(n))[::-1], coarse_labels=[1] * n),
            "test": batch(0, [0] * 3, fine_labels=[n - 1, 0, 1], coarse_labels=[1] * 3),
            "meta": {b"fine_label_names": [x.encode() for x in names], b"coarse_label_names": [b"fish", b"fruit"]},
        },
    )


def config(data: Path | str, name: str = "cifar10", **options: Any) -> DataConfig:
    return DataConfig(dataset=name, data=str(data), **options)


def listing(data: Path | str, name: str = "cifar10", **options: Any) -> Listing:
    return dataset(name).load(config(data, name, **options), None)


def repack(root: Path, **changes: Callable[[tarfile.TarInfo], None]) -> Path:
    """The archive of a folder; files named in `changes` become other members."""
    path = root.parent / "packed" / "cifar-10-python.tar.gz"
    path.parent.mkdir(exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for file in sorted(root.iterdir()):
            member = archive.gettarinfo(file, f"{root.name}/{file.name}")
            changes.get(file.name, lambda member: None)(member)
            archive.addfile(member, io.BytesIO(file.read_bytes()) if member.isreg() else None)
    return path


def test_cifar10(cifar10: Path) -> None:
    found = listing(cifar10)
    assert found.test is not None
    assert found.train.classes == found.test.classes == tuple(NAMES)
    # The batches stand one after another.
    assert found.train.targets.tolist() == list(range(10))[::-1]
    assert found.test.targets.tolist() == [3, 0, 3]
    assert found.train.names[2] == f"{cifar10 / 'data_batch_2'}: thing_s_000002.png"
    tensor = found.train.source.tensor  # type: ignore[attr-defined]
    assert tensor.shape == (10, 3, 32, 32)
    for i in range(10):
        assert tensor[i, 0].unique().tolist() == [i]
        assert tensor[i, 1].unique().tolist() == [2 * i]
        assert tensor[i, 2, 7].tolist() == list(range(32))
    assert found.remarks == ()


def test_cifar100_has_the_fine_classes(tmp_path: Path) -> None:
    found = listing(cifar100(tmp_path, ["apple", "aquarium_fish", "baby"]), "cifar100")
    assert found.train.classes == ("apple", "aquarium_fish", "baby")
    assert found.train.targets.tolist() == [2, 1, 0]
    assert found.test is not None
    assert found.test.targets.tolist() == [2, 0, 1]


def test_cifar10_with_its_built_in_hierarchy(cifar10: Path) -> None:
    taxonomy = load_hierarchy("cifar10")
    splits = load_splits(config(cifar10), taxonomy)
    # Image i has class 9 - i, and the hierarchy numbers its classes as the set does.
    assert taxonomy.class_numbers[splits.train.targets].tolist() == list(range(10))[::-1]
    assert [splits.classes[t] for t in splits.train.targets] == NAMES[::-1]
    assert splits.mean[0] == pytest.approx(4.5 / 255)


def test_cifar100_with_its_built_in_hierarchy(tmp_path: Path, data: Path) -> None:
    lines = (data / "hierarchies" / "cifar100" / "class_names.txt").read_text().splitlines()
    # The classes are 0 to 99; inner nodes have the numbers above.
    numbered = dict(line.split(maxsplit=1) for line in lines)
    names = [numbered[str(number)] for number in range(100)]
    taxonomy = load_hierarchy("cifar100")
    splits = load_splits(config(cifar100(tmp_path, names), "cifar100"), taxonomy)
    assert taxonomy.class_numbers[splits.train.targets].tolist() == list(range(100))[::-1]


def test_a_hierarchy_that_numbers_its_classes_otherwise_is_matched_by_name(cifar10: Path) -> None:
    splits = load_splits(config(cifar10), flat(NAMES[::-1]))
    assert [splits.classes[t] for t in splits.train.targets] == NAMES[::-1]


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_files_written_anew_by_python_3(cifar10: Path, protocol: int) -> None:
    expected = listing(cifar10)
    for path in cifar10.iterdir():
        value = pickle.loads(path.read_bytes(), encoding="bytes")
        path.write_bytes(pickle.dumps({key.decode(): part for key, part in value.items()}, protocol))
    again = listing(cifar10)
    assert again.train.classes == expected.train.classes
    assert again.train.names == expected.train.names
    assert (again.train.source.tensor == expected.train.source.tensor).all()  # type: ignore[attr-defined]


def test_without_names_of_files_the_images_are_numbered(cifar10: Path) -> None:
    (cifar10 / "test_batch").write_bytes(official(batch(0, [1, 2], filenames=[b"one", [b"two"]])))
    found = listing(cifar10)
    assert found.test is not None
    assert found.test.names == [f"{cifar10 / 'test_batch'}: image {i}" for i in range(2)]


def test_size_and_channels(cifar10: Path) -> None:
    splits: Splits = load_splits(config(cifar10, image_size=16, channels=1))
    assert len(splits.mean) == 1
    found = listing(cifar10, image_size=48)
    assert found.train.source.decode().shape == (10, 3, 48, 48)  # type: ignore[attr-defined]


@pytest.mark.parametrize("place", ["folder", "above", "archive", "archive's folder", "TAXO_DATA"])
def test_found_where_it_may_lie(cifar10: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = repack(cifar10)
    monkeypatch.setenv("TAXO_DATA", str(archive.parent))
    given = {"folder": cifar10, "above": cifar10.parent, "archive": archive, "archive's folder": archive.parent}
    found = listing(given.get(place, ""))
    assert found.train.targets.tolist() == list(range(10))[::-1]
    if "archive" in place:
        assert found.train.names[0] == f"{archive}, cifar-10-batches-py/data_batch_1: thing_s_000000.png"


@pytest.mark.parametrize(
    ("name", "archive", "folder"),
    [
        ("cifar10", "cifar-10-python.tar.gz", "cifar-10-batches-py"),
        ("cifar100", "cifar-100-python.tar.gz", "cifar-100-python"),
    ],
)
def test_absent(tmp_path: Path, name: str, archive: str, folder: str) -> None:
    with pytest.raises(TaxoError) as caught:
        listing(tmp_path, name)
    message = str(caught.value)
    assert message.count("\n") == 0
    for part in (archive, str(tmp_path / folder), "Alex Krizhevsky", "TAXO_DATA", "`--dataset synthetic`"):
        assert part in message


def test_a_missing_batch_is_named(cifar10: Path) -> None:
    (cifar10 / "data_batch_4").unlink()
    with pytest.raises(TaxoError, match=r"data_batch_4: No such file or directory; unpack the archive again"):
        listing(cifar10)
    with pytest.raises(TaxoError, match=r"tar\.gz, cifar-10-batches-py/data_batch_4: not in the archive; download"):
        listing(repack(cifar10))


class _Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch evil",)


@pytest.mark.parametrize("file", ["batches.meta", "data_batch_1", "test_batch"])
@pytest.mark.parametrize("protocol", range(6))
def test_a_hostile_pickle_runs_nothing(
    cifar10: Path, tmp_path: Path, file: str, protocol: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content = pickle.dumps({"data": _Evil(), "labels": [1]}, protocol)
    (cifar10 / file).write_bytes(content)
    with pytest.raises(FormatError, match=rf"{file}: refused: it asks for '(posix|nt)\.system'"):
        listing(cifar10)
    assert not Path("evil").exists()
    # The file is hostile indeed.
    pickle.loads(content)
    assert Path("evil").exists()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1, 2], "the pickle holds no dictionary"),
        ({b"labels": [1]}, "'data' is no array of 3072 bytes a row"),
        (batch(0, [1, 2], data=pixels(0, 2)[:, :100]), "'data' is no array of 3072 bytes a row"),
        (batch(0, [1, 2], data=pixels(0, 2).astype(float)), "'data' is no array of 3072 bytes a row"),
        (batch(0, [1, 2], data=b"x" * 3072), "'data' is no array of 3072 bytes a row"),
        (batch(0, []), "'data' holds no images"),
        (batch(0, [1, 2, 3], data=pixels(0, 2)), "'labels' does not give 2 numbers"),
        (batch(0, [1, 2], labels=[1, b"2"]), "'labels' does not give 2 numbers"),
        (batch(0, [1, 2], labels=[1, True]), "'labels' does not give 2 numbers"),
        (batch(0, [1, 2], labels=None), "'labels' does not give 2 numbers"),
        (batch(0, [1, 10]), "image 1 has class 10; the classes are 0 to 9"),
        (batch(0, [-1, 10]), "image 0 has class -1; the classes are 0 to 9"),
        (b"", "no whole pickle"),
        (b"<html>not found</html>", "no whole pickle"),
    ],
)
def test_broken_batches(cifar10: Path, value: Any, message: str) -> None:
    (cifar10 / "data_batch_2").write_bytes(value if isinstance(value, bytes) else official(value))
    with pytest.raises(FormatError, match=rf"data_batch_2: {message}"):
        listing(cifar10)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (None, "no list 'label_names' of names"),
        ([], "no list 'label_names' of names"),
        ([b"a", [b"b"]], "no list 'label_names' of names"),
        ([b"a", b"b", b"a"], "a name in 'label_names' stands twice"),
    ],
)
def test_broken_names(cifar10: Path, names: Any, message: str) -> None:
    (cifar10 / "batches.meta").write_bytes(official({b"label_names": names}))
    with pytest.raises(FormatError, match=rf"batches\.meta: {message}"):
        listing(cifar10)


def test_truncated_files_are_refused(cifar10: Path) -> None:
    path = cifar10 / "data_batch_3"
    whole = path.read_bytes()
    for length in [*range(0, 200, 7), len(whole) // 2, *range(len(whole) - 60, len(whole), 5)]:
        path.write_bytes(whole[:length])
        with pytest.raises(FormatError, match=r"data_batch_3: no whole pickle"):
            listing(cifar10)


def test_a_file_beyond_measure_is_not_read(cifar10: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = repack(cifar10)
    monkeypatch.setattr("taxo.training.data.whole_files.MOST_BYTES", 5000)
    for place in (cifar10, archive):
        with pytest.raises(FormatError, match="more than 0 MiB; replace it by the official file"):
            listing(place)


def test_broken_archives(cifar10: Path) -> None:
    path = repack(cifar10)
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1, max(1, len(whole) // 25)):
        path.write_bytes(whole[:length])
        with pytest.raises(TaxoError, match=r"cifar-10-python\.tar\.gz"):
            listing(path)
    tar = gzip.decompress(whole)
    rng = np.random.default_rng(1)
    outcomes = set()
    for _ in range(60):
        damaged = bytearray(tar)
        # In the headers, where it hurts: each begins at a multiple of 512.
        for _ in range(4):
            damaged[int(rng.integers(0, len(tar) // 512)) * 512 + int(rng.integers(0, 512))] = int(rng.integers(0, 256))
        path.write_bytes(gzip.compress(bytes(damaged), 1, mtime=0))
        try:
            listing(path)
            outcomes.add("read")
        except TaxoError:
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}


def test_links_and_sparse_files_in_an_archive_are_not_followed(cifar10: Path) -> None:
    def link(member: tarfile.TarInfo) -> None:
        member.type, member.linkname, member.size = tarfile.SYMTYPE, member.name, 0

    def sparse(member: tarfile.TarInfo) -> None:
        member.type = tarfile.GNUTYPE_SPARSE

    for change in (link, sparse):
        with pytest.raises(FormatError, match=r"test_batch: no plain file; download the archive again"):
            listing(repack(cifar10, test_batch=change))
