"""Decoding files of every kind, subsets of samples, statistics of the channels."""

import contextlib
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from PIL import Image  # noqa: E402

from taxo.taxonomy import TaxoError  # noqa: E402
from taxo.training.data.config import DataConfig  # noqa: E402
from taxo.training.data.files import Files, read_image, resized_bytes  # noqa: E402
from taxo.training.data.frames import Centre  # noqa: E402
from taxo.training.data.listing import samples_of_files  # noqa: E402
from taxo.training.data.memory import Memory  # noqa: E402
from taxo.training.data.samples import Samples, channel_statistics  # noqa: E402

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


def read(path: Path, short_side: int, channels: int = 3) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The image as Pillow lays it out, `(height, width, channels)`."""
    return read_image(path, short_side, channels).permute(1, 2, 0).numpy()


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


def test_same_size_is_untouched(tmp_path: Path) -> None:
    image = noise(40, 32)
    path = save(tmp_path / "a.png", image)
    np.testing.assert_array_equal(read(path, 32), np.asarray(image))
    np.testing.assert_array_equal(read(path, 0), np.asarray(image))  # 0 asks for no size


@pytest.mark.parametrize(("width", "height", "expected"), [(30, 20, (15, 10)), (20, 30, (10, 15)), (31, 20, (16, 10))])
def test_the_short_side_is_resized_and_nothing_cut_off(
    tmp_path: Path, width: int, height: int, expected: tuple[int, int]
) -> None:
    image = noise(width, height)
    found = read(save(tmp_path / "a.png", image), 10)
    assert found.shape[1::-1] == expected
    # torch's resizing may be one grey step from Pillow's, in a few of these pixels of noise.
    apart = np.abs(found.astype(int) - np.asarray(image.resize(expected, Image.Resampling.BILINEAR)).astype(int))
    assert apart.max() <= 1
    assert (apart > 0).mean() < 0.02


def test_the_centre_is_fetched(tmp_path: Path) -> None:
    # 16 x 8 resized to short side 8: columns 4 to 11 stay.
    image = noise(16, 8)
    frames = Files([save(tmp_path / "a.png", image)], 8).fetch([0], Centre(8))
    np.testing.assert_array_equal(frames.inputs[0].permute(1, 2, 0), np.asarray(image)[:, 4:12])
    assert frames.sizes.tolist() == [[8, 16]]
    assert frames.boxes.tolist() == [[0, 4, 8, 8]]


@pytest.mark.parametrize(("image_size", "short_side"), [(32, 32), (64, 64), (70, 80), (224, 256), (448, 512)])
def test_above_64_pixels_an_eighth_is_cropped(image_size: int, short_side: int) -> None:
    assert DataConfig(image_size=image_size).short_side == short_side


def test_a_big_jpeg_is_decoded_small_and_looks_the_same(tmp_path: Path) -> None:
    smooth = noise(8, 6).resize((1600, 1200), Image.Resampling.BICUBIC)
    found = read(save(tmp_path / "a.jpg", smooth, quality=95), 60)
    expected = np.asarray(smooth.resize((80, 60), Image.Resampling.BILINEAR)).astype(int)
    assert np.abs(found - expected).max() <= 6


def test_grey_images_have_one_channel(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", halves())
    # ITU-R 601: 0.299 of red, 0.587 of green.
    assert read(path, 8, channels=1)[0, :, 0].tolist() == [76] * 4 + [150] * 4
    assert Files([path], 8, channels=1).fetch([0], Centre(8)).inputs.shape == (1, 1, 8, 8)


def test_a_line_of_pixels_is_refused_before_it_is_blown_up(tmp_path: Path) -> None:
    path = save(tmp_path / "line.png", Image.new("L", (1, 3000)))
    message = (
        r"line\.png: unreadable image \(1 x 3000 pixels would become 512 x 1536000\); replace the file or take it out"
    )
    with pytest.raises(TaxoError, match=message):
        read_image(path, 512)
    assert read_image(path, 8).shape == (3, 24000, 8)


def test_room_for_decoded_images_is_told_from_their_headers(tmp_path: Path) -> None:
    # Short side 8: 8 x 8, 16 x 8 and 8 x 12; one that cannot be read does not count, three stand for four.
    shapes = [(20, 20), (32, 16), (16, 24)]
    paths = [save(tmp_path / f"{i}.png", noise(*shape)) for i, shape in enumerate(shapes)]
    assert resized_bytes(Files(paths, 8)) == 3 * (64 + 128 + 96)
    assert resized_bytes(Files([*paths, tmp_path / "gone.png"], 8, channels=1)) == round(4 / 3 * (64 + 128 + 96))
    assert resized_bytes(Files([tmp_path / "gone.png"], 8)) == 0


@pytest.mark.parametrize("suffix", ["png", "jpg", "JPEG", "bmp", "gif", "tif", "TIFF", "webp", "ppm"])
def test_every_kind_of_file(tmp_path: Path, suffix: str) -> None:
    found = read(save(tmp_path / f"a.{suffix}", halves(16)), 16)
    # Lossy kinds stay within a few grey steps away from the seam.
    np.testing.assert_allclose(found[:, 2].astype(int), [RED] * 16, atol=8)
    np.testing.assert_allclose(found[:, -2].astype(int), [GREEN] * 16, atol=8)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16"])
def test_every_mode_becomes_rgb(tmp_path: Path, mode: str) -> None:
    image = Image.new("L", (8, 8), 255)
    image.paste(0, (0, 0, 8, 4))
    deep = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    image = deep if mode == "I;16" else image.convert(mode)
    found = read(save(tmp_path / ("a.tif" if mode == "CMYK" else "a.png"), image), 8)
    assert found.shape == (8, 8, 3)
    assert found[0].tolist() == [[0, 0, 0]] * 8
    assert found[-1].tolist() == [[255, 255, 255]] * 8


def test_transparent_becomes_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    image.paste((255, 0, 0, 128), (0, 0, 4, 2))
    found = read(save(tmp_path / "a.png", image), 4)
    # Half red over white: 255, 255 * (1 - 128/255) = 127.
    assert found[0, 0].tolist() == [255, 127, 127]
    assert found[3, 0].tolist() == [255, 255, 255]


def test_palette_with_a_transparent_colour(tmp_path: Path) -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    assert read(save(tmp_path / "a.gif", image, transparency=1), 4)[0, 0].tolist() == [255, 255, 255]


def test_exif_orientation_is_respected(tmp_path: Path) -> None:
    # Orientation 3: the camera was upside down, so what is stored left belongs to the right.
    exif = Image.Exif()
    exif[0x0112] = 3
    found = read(save(tmp_path / "a.png", halves(), exif=exif), 8)
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
            assert min(read_image(path, 16).shape[1:]) == 16


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaxoError, match=r"gone\.png: unreadable image .*No such file"):
        read_image(tmp_path / "gone.png", 16)


def test_all_broken_files_are_reported_together(tmp_path: Path) -> None:
    paths = [save(tmp_path / "good.png", noise(8, 8))]
    for i in range(12):
        paths.append(tmp_path / f"bad{i}.png")
        paths[-1].write_bytes(b"no image")
    with pytest.raises(TaxoError, match=r"(?s)bad0\.png.*bad9\.png.*and 2 more images"):
        Files(paths, 8).decode(range(len(paths)))
    found = Files(paths, 8).attempt([12, 0])
    assert isinstance(found[0], str)
    assert found[0].startswith(f"{tmp_path / 'bad11.png'}: unreadable image")
    assert isinstance(found[1], torch.Tensor)


def test_files_decode_alike_together_and_one_by_one(tmp_path: Path) -> None:
    paths = [save(tmp_path / f"{i}.png", noise(20 + i, 20)) for i in range(5)]
    samples = samples_of_files(("a", "b"), [0, 1, 0, 1, 1], paths, DataConfig(image_size=16))
    together = samples.source.fetch(range(5), Centre(16)).inputs
    assert together.shape == (5, 3, 16, 16)
    for i in range(5):
        assert torch.equal(samples.source.fetch([i], Centre(16)).inputs[0], together[i])
        assert torch.equal(samples.source.pick([i]).fetch([0], Centre(16)).inputs[0], together[i])
    assert samples.counts.tolist() == [2, 3]


def test_subset_and_renamed_classes_keep_images_and_targets_together() -> None:
    pixels = torch.arange(4, dtype=torch.uint8).view(4, 1, 1, 1).expand(4, 3, 2, 2)
    samples = Samples(("a", "b"), torch.tensor([0, 1, 1, 0]), ["i0", "i1", "i2", "i3"], Memory(pixels))
    part = samples.subset([3, 1]).with_classes(("x", "b", "a"), [2, 1])
    assert part.names == ["i3", "i1"]
    assert [part.classes[t] for t in part.targets] == ["a", "b"]
    assert part.source.fetch([0, 1], Centre(2)).inputs[:, 0, 0, 0].tolist() == [3, 1]


def test_statistics_are_those_of_all_pixels() -> None:
    pixels = torch.randint(0, 256, (1500, 3, 4, 4), dtype=torch.uint8)
    pixels[:, 2] = 51
    mean, std = channel_statistics(Memory(pixels), 4)
    expected = pixels.double() / 255
    assert mean == pytest.approx(expected.mean((0, 2, 3)).tolist())
    assert std[:2] == pytest.approx(expected.std((0, 2, 3), correction=0).tolist()[:2])
    assert std[2] == 1 / 255  # constant: one grey step


def test_statistics_of_a_set_on_disk(tmp_path: Path) -> None:
    paths = [save(tmp_path / f"{i}.png", noise(8, 8)) for i in range(3)]
    files = Files(paths, 8)
    decoded = torch.stack(files.decode(range(3)))
    assert channel_statistics(files, 8) == channel_statistics(Memory(decoded), 8)
    # Of a smaller centre only that is looked at.
    assert channel_statistics(files, 4) == channel_statistics(Memory(decoded[:, :, 2:6, 2:6]), 4)
