"""Images given as arrays: channels and sizes."""

import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from PIL import Image

from taxo.training.data import DataConfig
from taxo.training.data.arrays import Resized, samples_of_arrays, with_channels
from taxo.training.data.frames import Anywhere, Centre
from taxo.training.data.memory import Memory

pytestmark = pytest.mark.torch


def noise(n: int, channels: int, side: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, channels, side, side), dtype=np.uint8)


def test_grey_is_pillows() -> None:
    pixels = noise(3, 3, 40)
    # The corners of the colour cube are where rounding could differ.
    pixels[0].reshape(3, -1)[:, :8] = np.array(np.meshgrid([0, 255], [0, 255], [0, 255])).reshape(3, 8)
    grey = with_channels(torch.from_numpy(pixels), 1)
    for image, result in zip(pixels, grey, strict=True):
        expected = np.asarray(Image.fromarray(image.transpose(1, 2, 0)).convert("L"))
        np.testing.assert_array_equal(result[0].numpy(), expected)


def test_grey_of_more_images_than_a_block() -> None:
    pixels = np.repeat(np.arange(2500, dtype=np.int64) % 256, 3).astype(np.uint8).reshape(2500, 3, 1, 1)
    assert with_channels(torch.from_numpy(pixels), 1).flatten().tolist() == [i % 256 for i in range(2500)]


def test_grey_in_colour_is_repeated() -> None:
    pixels = torch.from_numpy(noise(2, 1, 5))
    coloured = with_channels(pixels, 3)
    assert coloured.shape == (2, 3, 5, 5)
    for channel in range(3):
        assert torch.equal(coloured[:, channel], pixels[:, 0])


@pytest.mark.parametrize("channels", [1, 3])
def test_channels_that_fit_are_left_alone(channels: int) -> None:
    pixels = torch.from_numpy(noise(2, channels, 5))
    assert with_channels(pixels, channels) is pixels


@pytest.mark.parametrize("side", [20, 32, 50])
@pytest.mark.parametrize("channels", [1, 3])
def test_resized_as_image_files_are(side: int, channels: int) -> None:
    pixels = noise(3, channels, 28)
    resized = Resized(torch.from_numpy(pixels), side).decode()
    assert resized.shape == (3, channels, side, side)
    for image, result in zip(pixels, resized, strict=True):
        picture = Image.fromarray(image[0] if channels == 1 else image.transpose(1, 2, 0))
        expected = np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR)).reshape(side, side, channels)
        difference = result.permute(1, 2, 0).numpy().astype(int) - expected
        assert np.abs(difference).max() <= 1


@pytest.mark.parametrize(("channels", "wanted"), [(1, 1), (1, 3), (3, 3)])
def test_what_is_fetched_is_what_all_at_once_gives(channels: int, wanted: int) -> None:
    source = Resized(with_channels(torch.from_numpy(noise(7, channels, 8)), wanted), 12)
    everything = source.decode()
    for item in range(7):
        assert torch.equal(source.fetch([item], Centre(12)).inputs[0], everything[item])
    frames = source.fetch([5, 0, 5], Centre(12))
    assert torch.equal(frames.inputs, everything[[5, 0, 5]])
    assert frames.sizes.tolist() == [[12, 12]] * 3
    assert frames.boxes.tolist() == [[0, 0, 12, 12]] * 3
    # A window smaller than the image: cut from the resized one.
    window = Anywhere(4, torch.tensor([[0.99, 0.0]]))
    assert torch.equal(source.fetch([3], window).inputs[0], everything[3, :, 8:12, 0:4])
    picked = source.pick([6, 2])
    assert len(picked) == 2
    assert torch.equal(picked.decode(), everything[[6, 2]])


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Resized(torch.from_numpy(noise(7, 3, 8)), 6)
    at_once = source.decode()
    monkeypatch.setattr("taxo.training.data.arrays._BLOCK", 3)
    assert torch.equal(source.decode(), at_once)


@pytest.mark.parametrize(
    ("options", "kind", "side"),
    [
        ({"image_size": 28}, Memory, 28),
        ({"image_size": 32}, Resized, 32),
        ({"image_size": 24, "resize": 28}, Memory, 28),
        ({"image_size": 70}, Resized, 80),
    ],
)
def test_the_short_side_decides(options: dict[str, int], kind: type, side: int) -> None:
    config = DataConfig(channels=1, **options)  # type: ignore[arg-type]
    targets = np.array([1, 0], dtype=np.int64)
    samples = samples_of_arrays(("a", "b"), targets, ["first", "second"], noise(2, 1, 28), config)
    assert isinstance(samples.source, kind)
    assert samples.targets.tolist() == [1, 0]
    frames = samples.source.fetch([0], Centre(config.image_size))
    assert frames.inputs.shape == (1, 1, config.image_size, config.image_size)
    assert frames.sizes.tolist() == [[side, side]]
