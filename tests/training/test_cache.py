"""Decoded images kept in memory, on the disk or nowhere: the same pixels, damaged files, full disks, bad images."""

import errno
import os
import pickle
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from PIL import Image  # noqa: E402

from taxo.taxonomy import TaxoError, flat  # noqa: E402
from taxo.training.data import DataConfig, Samples, load_splits  # noqa: E402
from taxo.training.data import cache as cache_module  # noqa: E402
from taxo.training.data.cache import cached  # noqa: E402
from taxo.training.data.cache_file import BLOCK, MAGIC, CacheDamaged, read_index, write_images  # noqa: E402
from taxo.training.data.cache_folder import cache_folder, clear, keys_of, stored  # noqa: E402
from taxo.training.data.files import Files  # noqa: E402
from taxo.training.data.frames import Anywhere, Centre  # noqa: E402
from taxo.training.data.listing import samples_of_files  # noqa: E402
from taxo.training.data.memory import Memory  # noqa: E402
from taxo.training.data.packed import Packed  # noqa: E402
from taxo.training.data.synthetic import Drawings  # noqa: E402

pytestmark = pytest.mark.torch

#: Width and height: decoded with short side 8 they are 8 x 8, 16 x 8, 8 x 12 ...
SHAPES = [(10, 10), (32, 16), (16, 24), (9, 8), (8, 30), (40, 20)]

GB = 10**9


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    monkeypatch.setenv("TAXO_DATA", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """Six JPEG and PNG images of different sizes."""
    return [image(tmp_path / f"{i}.{'png' if i % 2 else 'jpg'}", *shape, seed=i) for i, shape in enumerate(SHAPES)]


def image(path: Path, width: int, height: int, seed: int = 0) -> Path:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def config(cache: str, **options: Any) -> DataConfig:
    return DataConfig(**{"dataset": "folder", "image_size": 8, "cache": cache, **options})


def samples(paths: list[Path], options: DataConfig) -> Samples:
    """Two classes by turns."""
    return samples_of_files(("a", "b"), [i % 2 for i in range(len(paths))], paths, options)


def keep(paths: list[Path], cache: str, **options: Any) -> Samples:
    chosen = config(cache, **options)
    return cached(samples(paths, chosen), chosen).samples


def on_disk(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def limit(monkeypatch: pytest.MonkeyPatch, memory: int = 100 * GB, disk: int = 100 * GB) -> None:
    monkeypatch.setattr("taxo.training.data.room.free_memory", lambda: memory)
    monkeypatch.setattr("taxo.training.data.room.free_disk", lambda folder: disk)


def forbid_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("decoded again")

    monkeypatch.setattr("taxo.training.data.files.read_image", refuse)


@pytest.mark.parametrize("cache", ["memory", "disk"])
@pytest.mark.parametrize("channels", [3, 1])
@pytest.mark.parametrize("one_size", [True, False])
def test_what_is_fetched_is_the_same_wherever_it_is_kept(
    tmp_path: Path, paths: list[Path], cache: str, channels: int, one_size: bool
) -> None:
    if one_size:
        paths = [image(tmp_path / f"same{i}.png", 16, 12, seed=i) for i in range(6)]
    plain, kept = (keep(paths, kind, channels=channels) for kind in ("none", cache))
    assert isinstance(plain.source, Files)
    assert isinstance(kept.source, Memory if one_size and cache == "memory" else Packed)
    again = keep(paths, cache, channels=channels)
    draws = torch.rand(4, 2, generator=torch.Generator().manual_seed(0))
    for window in (Centre(8), Centre(5), Centre(20), Anywhere(6, draws)):
        for items in ([3, 0, 5, 1], [4, 4, 2, 4]):
            expected = plain.source.fetch(items, window)
            picked = kept.source.pick(items).fetch(range(4), window)
            copied = pickle.loads(pickle.dumps(kept.source)).fetch(items, window)
            for found in (kept.source.fetch(items, window), again.source.fetch(items, window), picked, copied):
                assert torch.equal(found.inputs, expected.inputs)
                assert torch.equal(found.sizes, expected.sizes)
                assert torch.equal(found.boxes, expected.boxes)
    assert kept.names == plain.names
    assert torch.equal(kept.targets, plain.targets)


def test_a_mapped_file_is_pickled_by_its_name(paths: list[Path]) -> None:
    source = keep(paths, "disk", image_size=64).source
    assert isinstance(source, Packed)
    assert isinstance(source.pixels, np.memmap)
    assert len(pickle.dumps(source)) < 2000 < source.nbytes


def test_the_second_time_nothing_is_decoded(paths: list[Path], root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = keep(paths, "disk").source
    file = on_disk(root)
    assert len(file) == 1
    assert file[0].parent == cache_folder("folder") == root / "decoded" / "folder"
    forbid_decoding(monkeypatch)
    for cache in ("disk", "auto", "memory"):  # also into memory it is read from the file
        second = keep(paths, cache).source
        assert isinstance(second, Packed)
        assert isinstance(second.pixels, np.memmap) == (cache == "disk")
        for item in range(len(paths)):
            assert torch.equal(first.fetch([item], Centre(8)).inputs, second.fetch([item], Centre(8)).inputs)
    assert on_disk(root) == file


def test_one_file_serves_every_subset(paths: list[Path], root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = keep(paths, "disk").source
    forbid_decoding(monkeypatch)
    part = keep([paths[4], paths[1]], "disk").source
    assert torch.equal(part.fetch([0, 1], Centre(8)).inputs, whole.fetch([4, 1], Centre(8)).inputs)
    loaded = keep([paths[4], paths[1]], "memory").source
    assert torch.equal(loaded.fetch([0, 1], Centre(8)).inputs, whole.fetch([4, 1], Centre(8)).inputs)
    assert len(on_disk(root)) == 1


@pytest.mark.parametrize("change", ["content", "time", "size", "channels", "more", "pillow"])
def test_what_changes_is_decoded_again(
    tmp_path: Path, paths: list[Path], root: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(paths, "disk")
    options = {"size": {"image_size": 16}, "channels": {"channels": 1}}.get(change, {})
    if change == "content":
        image(paths[0], 30, 10, seed=9)
    elif change == "time":
        os.utime(paths[0], ns=(0, 1))
    elif change == "more":
        paths.append(image(tmp_path / "more.png", 8, 8))
    elif change == "pillow":
        monkeypatch.setattr("PIL.__version__", "0.0.0")
    found = keep(paths, "disk", **options).source
    side = options.get("image_size", 8)
    expected = Files(paths, side, options.get("channels", 3)).fetch(range(len(paths)), Centre(side))
    assert torch.equal(found.fetch(range(len(paths)), Centre(side)).inputs, expected.inputs)
    assert len(on_disk(root)) == 2


def damaged(whole: bytes) -> dict[str, bytes]:
    flipped = bytearray(whole)
    flipped[len(MAGIC) + 100] ^= 1
    index = bytearray(whole)
    index[-100] ^= 1
    return {
        "empty": b"",
        "short": whole[:10],
        "half": whole[: len(whole) // 2],
        "one byte less": whole[:-1],
        "one byte more": whole + b"\0",
        "no such file": b"NOTADEC1" + whole[8:],
        "pixel": bytes(flipped),
        "index": bytes(index),
        "zeros": bytes(len(whole)),
    }


@pytest.mark.parametrize("kind", damaged(bytes(200)))
def test_a_damaged_file_is_said_and_made_again(
    paths: list[Path], root: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    expected = keep(paths, "disk").source.fetch(range(6), Centre(8)).inputs.clone()
    (file,) = on_disk(root)
    whole = file.read_bytes()
    for wanted in (paths, paths[1:4]):  # also where a part of it is asked for
        file.write_bytes(damaged(whole)[kind])
        caplog.clear()
        found = keep(wanted, "disk").source.fetch(range(len(wanted)), Centre(8)).inputs
        assert torch.equal(found, expected if wanted is paths else expected[1:4])
        assert caplog.messages[0].startswith(f"{file}: ")
        assert caplog.messages[0].endswith("; it is removed, and the images are decoded again")
        assert len(on_disk(root)) == 1
        if wanted is paths:
            assert file.read_bytes() == whole


def test_any_single_bit_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "x.decoded-1"
    write_images(path, np.zeros((2, 16), dtype=np.uint8), [torch.full((1, 2, 3), 7, dtype=torch.uint8), "broken"])
    whole = path.read_bytes()
    assert read_index(path).images().image(0).tolist() == [[[7] * 3] * 2]
    for place in {*range(30), *range(30, len(whole), 7), *range(len(whole) - 20, len(whole))}:
        broken = bytearray(whole)
        broken[place] ^= 1 << (place % 8)
        path.write_bytes(broken)
        with pytest.raises(CacheDamaged, match=r"x\.decoded-1: "):
            read_index(path).images()


def test_pixels_of_several_blocks(tmp_path: Path) -> None:
    images = [torch.randint(0, 256, (3, 1000, 700 + i), dtype=torch.uint8) for i in range(5)]
    path = tmp_path / "x.decoded-1"
    write_images(path, np.zeros((5, 16), dtype=np.uint8), images)
    index = read_index(path)
    assert len(index.checks) == -(-sum(i.numel() for i in images) // BLOCK) == 3
    assert all(torch.equal(index.images().image(i), images[i]) for i in range(5))


def test_a_full_disk_leaves_nothing_behind(paths: list[Path], root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("taxo.training.data.cache_file.np.savez", full)  # all pixels are written by then
    with pytest.raises(TaxoError) as caught:
        keep(paths, "disk")
    message = str(caught.value)
    assert message.startswith(f"{cache_folder('folder')}")
    assert message.endswith(
        "decoded images cannot be kept there (No space left on device); free some space, name another folder in "
        "TAXO_DATA, or do without (cache = none)"
    )
    assert on_disk(root) == []


def test_a_really_full_disk(paths: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
    try:
        with pytest.raises(TaxoError, match=r"decoded images cannot be kept there \(File too large\)"):
            keep(paths, "disk")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert on_disk(tmp_path / "store") == []


def test_auto_goes_on_where_the_folder_cannot_be_made(
    paths: list[Path], root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    root.write_text("a file stands where the folder would be")
    limit(monkeypatch, memory=1000)
    assert isinstance(keep(paths, "auto").source, Files)
    assert "the images are decoded anew in every epoch" in caplog.text
    with pytest.raises(TaxoError, match="decoded images cannot be kept there"):
        keep(paths, "disk")


def test_auto_takes_the_first_place_with_room(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    # 8 x 8, 16 x 8, 8 x 12, 9 x 8, 8 x 30, 16 x 8 pixels of three bytes.
    size = 3 * (64 + 128 + 96 + 72 + 240 + 128)
    limit(monkeypatch, memory=4 * size - 1, disk=2 * size - 1)
    assert isinstance(keep(paths, "auto").source, Files)
    limit(monkeypatch, memory=4 * size, disk=0)
    source = keep(paths, "auto").source
    assert isinstance(source, Packed)
    assert not isinstance(source.pixels, np.memmap)
    limit(monkeypatch, memory=4 * size - 1, disk=2 * size)
    source = keep(paths, "auto").source
    assert isinstance(source, Packed)
    assert isinstance(source.pixels, np.memmap)
    limit(monkeypatch, memory=4 * size - 1, disk=0)  # what is stored needs no more room
    assert isinstance(keep(paths, "auto").source, Packed)


def test_what_does_not_fit_is_refused_where_it_was_asked_for(
    paths: list[Path], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(monkeypatch, memory=2000, disk=1500)
    with pytest.raises(TaxoError) as caught:
        keep(paths, "memory")
    assert str(caught.value) == (
        "the decoded images take about 2.1 KiB, but 2.0 KiB of memory are free; keep them on the disk (cache = disk), "
        "or make them smaller (resize)"
    )
    with pytest.raises(TaxoError) as caught:
        keep(paths, "disk")
    assert str(caught.value) == (
        f"the decoded images take about 2.1 KiB, but 1.5 KiB of the disk are free at {root / 'decoded'}; free some "
        "space, name another folder in TAXO_DATA, or do without (cache = none)"
    )


def test_two_at_once_do_no_harm(paths: list[Path], root: Path) -> None:
    expected = Files(paths, 8).fetch(range(6), Centre(8)).inputs
    barrier = threading.Barrier(4)
    found: list[Any] = []

    def work() -> None:
        barrier.wait()
        found.append(keep(paths, "disk").source.fetch(range(6), Centre(8)).inputs)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(torch.equal(inputs, expected) for inputs in found)
    assert len(on_disk(root)) == 1


def test_an_error_while_decoding_leaves_nothing_behind(paths: list[Path], root: Path) -> None:
    paths[3].write_bytes(b"no image")
    for cache in ("memory", "disk"):
        with pytest.raises(TaxoError) as caught:
            keep(paths, cache)
        assert str(caught.value).splitlines() == [
            f"{paths[3]}: unreadable image (no image, or of a kind unknown to Pillow); replace the file or take it out",
            "`taxo data check` finds all of them; skip_bad leaves them out",
        ]
        assert on_disk(root) == []


@pytest.mark.parametrize("cache", ["none", "memory", "disk", "auto"])
def test_bad_images_are_left_out_counted_and_listed(
    paths: list[Path], cache: str, caplog: pytest.LogCaptureFixture
) -> None:
    good = Files([paths[i] for i in (0, 2, 3, 5)], 8).fetch(range(4), Centre(8)).inputs
    paths[1].write_bytes(b"no image")
    paths[4].unlink()
    for _ in range(2):  # made, and found again
        caplog.clear()
        chosen = config(cache, skip_bad=True)
        found = cached(samples(paths, chosen), chosen)
        assert torch.equal(found.samples.source.fetch(range(4), Centre(8)).inputs, good)
        assert found.samples.targets.tolist() == [0, 0, 1, 1]
        assert found.samples.names == [str(paths[i]) for i in (0, 2, 3, 5)]
        assert [sentence.split(": ")[0] for sentence in found.skipped] == [str(paths[1]), str(paths[4])]
        assert caplog.messages[-1] == (
            f"2 of 6 images cannot be read and are left out: {str(paths[1])!r}, {str(paths[4])!r}"
        )
    if cache == "disk":
        with pytest.raises(TaxoError, match=r"1\.png: unreadable image"):  # also from the file that knows it
            keep(paths, cache)


def test_bad_images_of_one_size_still_become_one_tensor(tmp_path: Path) -> None:
    paths = [image(tmp_path / f"{i}.png", 8, 8, seed=i) for i in range(4)]
    paths[1].write_bytes(b"")
    source = keep(paths, "memory", skip_bad=True).source
    assert isinstance(source, Memory)
    assert torch.equal(source.tensor, torch.stack(Files(paths, 8).decode([0, 2, 3])))


def test_a_class_without_any_good_image_is_an_error(paths: list[Path]) -> None:
    for path in paths[1::2]:
        path.write_bytes(b"")
    with pytest.raises(TaxoError, match="no image can be read of 'b'; replace the files or take these classes out"):
        keep(paths, "memory", skip_bad=True)


def test_of_many_bad_images_ten_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "AT_ONCE", 4)
    paths = [tmp_path / f"{i:02}.png" for i in range(30)]
    with pytest.raises(TaxoError) as caught:
        keep(paths, "disk")
    lines = str(caught.value).splitlines()
    assert len(lines) == 12
    assert lines[9].startswith(f"{paths[9]}: unreadable image")
    assert lines[10] == "and 2 more images"  # of the first twelve: then it stops
    assert len(cached(samples([*paths, image(tmp_path / "a.png", 8, 8), image(tmp_path / "b.png", 8, 8)],
                              config("none")), config("none", skip_bad=False)).samples) == 32  # fmt: skip


def test_splits_say_what_was_left_out(tmp_path: Path) -> None:
    for split in ("train", "test"):
        for name in ("a", "b"):
            (tmp_path / "set" / split / name).mkdir(parents=True)
            for i in range(2):
                image(tmp_path / "set" / split / name / f"{i}.png", 8, 8, seed=i)
    bad = [tmp_path / "set" / "train" / "a" / "1.png", tmp_path / "set" / "test" / "b" / "0.png"]
    for path in bad:
        path.write_bytes(b"no image")
    splits = load_splits(config("memory", data=str(tmp_path / "set"), skip_bad=True))
    assert splits.train.counts.tolist() == [1, 2]
    assert splits.test is not None
    assert splits.test.counts.tolist() == [2, 1]
    assert [sentence.split(": ")[0] for sentence in splits.skipped] == [str(path) for path in bad]
    assert splits.full_size == 4


def test_drawings_stay_where_they_fit(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    size = 2 * 3 * 3 * 8 * 8  # two classes, three drawings each
    options = {"dataset": "synthetic", "samples": 3, "test_samples": 1}
    sources = {}
    for cache, memory in (("auto", 4 * size), ("none", GB), ("memory", 0), ("disk", 4 * size - 1)):
        limit(monkeypatch, memory=memory)
        sources[cache] = load_splits(config(cache, **options), flat(["a", "b"])).train.source
    kinds = {cache: type(source) for cache, source in sources.items()}
    assert kinds == {"auto": Memory, "none": Drawings, "memory": Memory, "disk": Drawings}
    first = sources["auto"].fetch(range(6), Centre(8)).inputs
    assert all(torch.equal(source.fetch(range(6), Centre(8)).inputs, first) for source in sources.values())
    assert on_disk(root) == []


def test_progress_is_reported_or_remarked(
    paths: list[Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(cache_module, "AT_ONCE", 4)
    chosen = config("memory")
    counts: list[tuple[int, int]] = []
    cached(samples(paths, chosen), chosen, lambda done, total: counts.append((done, total)))
    assert counts == [(4, 6), (6, 6)]
    assert caplog.messages == []
    monkeypatch.setattr(cache_module, "REMARK_SECONDS", 0.0)
    cached(samples(paths, chosen), chosen)
    assert caplog.messages == ["4 of 6 images are decoded", "6 of 6 images are decoded"]


def test_clear_removes_what_is_there(paths: list[Path], root: Path) -> None:
    keep(paths, "disk")
    keep(paths, "disk", image_size=16)
    keep(paths, "disk", dataset="cub")
    (file, *_) = on_disk(cache_folder("folder"))
    left = file.with_name(f".{file.name}.killed")  # as a killed process leaves it
    left.write_bytes(b"x" * 5)
    (root / "mine.txt").write_text("not ours")
    sizes = [path.stat().st_size for path in on_disk(root / "decoded" / "folder")]
    assert clear("folder") == (3, sum(sizes))
    assert [path.parent.name for path in on_disk(root / "decoded")] == ["cub"]
    assert clear()[0] == 1
    assert [path.name for path in on_disk(root)] == ["mine.txt"]
    assert clear() == (0, 0)


def test_an_unreadable_file_is_left_alone(paths: list[Path], root: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = cache_folder("folder")
    (folder / "aa.decoded-1").mkdir(parents=True)  # cannot be opened as a file, whoever asks
    assert stored(Files(paths, 8), "folder") is None
    assert caplog.messages == [f"{folder / 'aa.decoded-1'}: Is a directory; these decoded images are not used"]
    assert (folder / "aa.decoded-1").is_dir()


def test_keys_tell_images_apart(paths: list[Path], tmp_path: Path) -> None:
    keys = keys_of(Files([*paths, tmp_path / "gone.png"], 8))
    assert keys.shape == (7, 16)
    assert len({key.tobytes() for key in keys}) == 7
    assert np.array_equal(keys[[2, 0]], keys_of(Files([paths[2], paths[0]], 8)))
