"""Decoding files of every kind, sets in memory and on demand, statistics of the channels."""

import contextlib
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from PIL import Image  # noqa: E402

from taxo.taxonomy import TaxoError  # noqa: E402
from taxo.training.data.files import Files, read_image  # noqa: E402
from taxo.training.data.images import Images, Memory, channel_statistics  # noqa: E402
from taxo.training.data.listing import images_of_files  # noqa: E402

pytestmark = pytest.mark.torch

RED, GREEN = (255, 0, 0), (0, 255, 0)


def save(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)  # type: ignore[arg-type]
    return path


def halves(size: int = 8) -> Image.Image:
    """Left half red, right half green."""
    image = Image.new("RGB", (size, size), RED)
    image.paste(GREEN, (size // 2, 0, size, size))
    return image


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


def test_same_size_is_untouched(tmp_path: Path) -> None:
    image = noise(32, 32)
    np.testing.assert_array_equal(read_image(save(tmp_path / "a.png", image), 32), np.asarray(image))


def test_centre_of_the_longer_side_is_taken(tmp_path: Path) -> None:
    # 16 x 8 resized to short side 8: columns 4 to 11 stay.
    image = noise(16, 8)
    found = read_image(save(tmp_path / "a.png", image), 8)
    np.testing.assert_array_equal(found, np.asarray(image)[:, 4:12])


def test_above_64_pixels_an_eighth_is_cropped(tmp_path: Path) -> None:
    # 70 * 8 / 7 = 80: the short side becomes 80, then five pixels go on every side.
    image = noise(560, 560)
    resized = image.resize((80, 80), Image.Resampling.BILINEAR).crop((5, 5, 75, 75))
    found = read_image(save(tmp_path / "a.png", image), 70)
    # One step instead of two: only the border, where the filter sees over the edge of the crop, may differ.
    np.testing.assert_allclose(found[1:-1, 1:-1].astype(int), np.asarray(resized)[1:-1, 1:-1], atol=1)


@pytest.mark.parametrize("suffix", ["png", "jpg", "JPEG", "bmp", "gif", "tif", "TIFF", "webp", "ppm"])
def test_every_kind_of_file(tmp_path: Path, suffix: str) -> None:
    found = read_image(save(tmp_path / f"a.{suffix}", halves(16)), 16)
    # Lossy kinds stay within a few grey steps away from the seam.
    np.testing.assert_allclose(found[:, 2].astype(int), [RED] * 16, atol=8)
    np.testing.assert_allclose(found[:, -2].astype(int), [GREEN] * 16, atol=8)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    image = Image.new("L", (8, 8), 255)
    image.paste(0, (0, 0, 8, 4))
    deep = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    image = deep if mode == "I;16" else image.convert(mode)
    found = read_image(save(tmp_path / ("a.tif" if mode == "CMYK" else "a.png"), image), 8)
    assert found.shape == (8, 8, 3)
    assert found[0].tolist() == [[0, 0, 0]] * 8
    assert found[-1].tolist() == [[255, 255, 255]] * 8


def test_transparent_becomes_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    image.paste((255, 0, 0, 128), (0, 0, 4, 2))
    found = read_image(save(tmp_path / "a.png", image), 4)
    # Half red over white: 255, 255 * (1 - 128/255) = 127.
    assert found[0, 0].tolist() == [255, 127, 127]
    assert found[3, 0].tolist() == [255, 255, 255]


def test_palette_with_a_transparent_colour(tmp_path: Path) -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    assert read_image(save(tmp_path / "a.gif", image, transparency=1), 4)[0, 0].tolist() == [255, 255, 255]


def test_exif_orientation_is_respected(tmp_path: Path) -> None:
    # Orientation 3: the camera was upside down, so what is stored left belongs to the right.
    exif = Image.Exif()
    exif[0x0112] = 3
    found = read_image(save(tmp_path / "a.png", halves(), exif=exif), 8)
    assert found[0, 0].tolist() == list(GREEN)
    assert found[0, -1].tolist() == list(RED)


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "gif", "tif", "webp", "ppm"])
@pytest.mark.parametrize("kept", [0.0, 0.02, 0.5])
def test_truncated_files_are_named(tmp_path: Path, suffix: str, kept: float) -> None:
    path = save(tmp_path / f"broken.{suffix}", noise(64, 64))
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    with pytest.raises(TaxoError, match=rf"broken\.{suffix}: unreadable image"):
        read_image(path, 16)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow remarks on broken tags
@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "gif", "tif", "webp", "ppm"])
def test_corrupted_files_give_an_image_or_a_named_fault(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"a.{suffix}", noise(24, 24))
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    for _ in range(60):
        broken = np.frombuffer(whole, dtype=np.uint8).copy()
        broken[rng.integers(min(len(broken), 200), size=3)] = rng.integers(256, size=3)
        path.write_bytes(broken.tobytes())
        with contextlib.suppress(TaxoError):  # any other exception fails
            assert read_image(path, 16).shape == (16, 16, 3)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaxoError, match=r"gone\.png: unreadable image .*No such file"):
        read_image(tmp_path / "gone.png", 16)


def test_all_broken_files_are_reported_together(tmp_path: Path) -> None:
    paths = [save(tmp_path / "good.png", noise(8, 8))]
    for i in range(12):
        paths.append(tmp_path / f"bad{i}.png")
        paths[-1].write_bytes(b"no image")
    with pytest.raises(TaxoError, match=r"(?s)bad0\.png.*bad9\.png.*and 2 more images"):
        Files(paths, 8).decode()


def test_files_decode_alike_together_and_one_by_one(tmp_path: Path) -> None:
    paths = [save(tmp_path / f"{i}.png", noise(20 + i, 20)) for i in range(5)]
    images = images_of_files(("a", "b"), [0, 1, 0, 1, 1], paths, 16)
    loaded = images.loaded(16)
    assert isinstance(loaded.pixels, Memory)
    for i in range(5):
        assert torch.equal(images[i][0], loaded[i][0])
        assert images[i][1] == loaded[i][1]
        assert images[i][0].shape == (3, 16, 16)
    assert images.counts.tolist() == [2, 3]


def test_big_sets_stay_on_disk(tmp_path: Path) -> None:
    images = images_of_files(("a",), [0, 0], [save(tmp_path / "a.png", noise(8, 8))] * 2, 8)
    assert images.loaded(8, limit=2 * 3 * 8 * 8 - 1) is images
    assert isinstance(images.loaded(8, limit=2 * 3 * 8 * 8).pixels, Memory)


def test_subset_and_renamed_classes_keep_images_and_targets_together() -> None:
    pixels = torch.arange(4, dtype=torch.uint8).view(4, 1, 1, 1).expand(4, 3, 2, 2)
    images = Images(("a", "b"), torch.tensor([0, 1, 1, 0]), ["i0", "i1", "i2", "i3"], Memory(pixels))
    part = images.subset([3, 1]).with_classes(("x", "b", "a"), [2, 1])
    assert part.names == ["i3", "i1"]
    assert [part.classes[t] for t in part.targets] == ["a", "b"]
    assert [int(part[i][0][0, 0, 0]) for i in range(2)] == [3, 1]


def test_a_loader_makes_batches() -> None:
    images = Images(("a",), torch.zeros(3, dtype=torch.int64), ["x"] * 3, Memory(torch.zeros(3, 3, 4, 4)))
    batch, targets = next(iter(torch.utils.data.DataLoader(images, batch_size=2)))
    assert batch.shape == (2, 3, 4, 4)
    assert targets.tolist() == [0, 0]


def test_statistics_are_those_of_all_pixels() -> None:
    pixels = torch.randint(0, 256, (1500, 3, 4, 4), dtype=torch.uint8)
    pixels[:, 2] = 51
    mean, std = channel_statistics(Memory(pixels))
    expected = pixels.double() / 255
    assert mean == pytest.approx(expected.mean((0, 2, 3)).tolist())
    assert std[:2] == pytest.approx(expected.std((0, 2, 3), correction=0).tolist()[:2])
    assert std[2] == 1 / 255  # constant: one grey step


def test_statistics_of_a_set_on_disk(tmp_path: Path) -> None:
    paths = [save(tmp_path / f"{i}.png", noise(8, 8)) for i in range(3)]
    files = Files(paths, 8)
    assert channel_statistics(files) == channel_statistics(Memory(files.decode()))
