"""Windows: places worked out by hand, mirror images against NumPy, resized crops against torchvision."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import Tensor  # noqa: E402
from torchvision.transforms import v2  # noqa: E402
from torchvision.transforms.v2 import functional  # noqa: E402

from taxo.training.data.frames import (  # noqa: E402
    CROP_ASPECT,
    CROP_SHARE,
    Anywhere,
    Centre,
    Resized,
    Window,
    channels_first,
    cut,
    cut_one,
    enlarged,
    reflected,
)
from taxo.training.data.memory import Memory, gathered  # noqa: E402

pytestmark = pytest.mark.torch


def pixels(*shape: int, seed: int = 0) -> Tensor:
    return torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)


def uniform(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def test_centre_by_hand() -> None:
    sizes = torch.tensor([[8, 13], [5, 4]])
    # 13 - 8 = 5: two pixels go on the left, three on the right. Of 8 - 5 = 3 pixels that are missing one stands above.
    assert Centre(8).boxes(sizes).tolist() == [[0, 2, 8, 8], [-1, -2, 8, 8]]


def test_anywhere_by_hand() -> None:
    sizes = torch.tensor([[10, 8], [10, 8], [5, 8], [5, 8], [5, 10]])
    draws = torch.tensor([[0.0, 0.9], [1 - 2**-24, 0.5], [0.0, 0.0], [1 - 2**-24, 0.0], [0.5, 0.34]])
    # Places 0, 1, 2 of three; -3 ... 0 of four where the image is short: what is missing goes to both ends.
    expected = [[0, 0], [2, 0], [0, 0], [-3, 0], [-2, 1]]
    assert Anywhere(8, draws).boxes(sizes).tolist() == [[*place, 8, 8] for place in expected]


@pytest.mark.parametrize(("length", "ends"), [(12, (0, 4)), (5, (-3, 0)), (8, (0, 0)), (1, (-7, 0))])
def test_anywhere_is_uniform(length: int, ends: tuple[int, int]) -> None:
    sizes = torch.full((20_000, 2), length)
    place = Anywhere(8, uniform(20_000, 2)).boxes(sizes)[:, :2]
    counts = torch.bincount(place.ravel() - ends[0])
    assert len(counts) == ends[1] - ends[0] + 1
    expected = 40_000 / len(counts)
    # Five standard deviations.
    assert (counts - expected).abs().max() <= 5 * math.sqrt(expected)


@pytest.mark.parametrize("length", [1, 2, 3, 5, 9])
@pytest.mark.parametrize("before", [0, 1, 7, 20])
def test_mirror_image_is_numpys(length: int, before: int) -> None:
    line = np.arange(length)
    places = torch.arange(-before, length + 11)
    np.testing.assert_array_equal(reflected(places, length), np.pad(line, (before, 11), mode="reflect"))


@pytest.mark.parametrize("shape", [(3, 12, 9), (1, 12, 9), (3, 4, 9), (3, 2, 1), (1, 1, 1)])
def test_cut_sticks_out_into_the_mirror_image(shape: tuple[int, int, int]) -> None:
    image, size = pixels(*shape), 8
    padded = np.pad(image.numpy(), ((0, 0), (size, size), (size, size)), mode="reflect")
    for top in range(min(shape[1] - size, 0), max(shape[1] - size, 0) + 1):
        for left in range(min(shape[2] - size, 0), max(shape[2] - size, 0) + 1):
            expected = padded[:, top + size : top + 2 * size, left + size : left + 2 * size]
            for layout in (image, image.permute(1, 2, 0).contiguous().permute(2, 0, 1)):
                np.testing.assert_array_equal(cut_one(layout, (top, left, size, size), size), expected)


@pytest.mark.parametrize("channels", [1, 3])
def test_cut_puts_the_channels_last_whatever_the_layout(channels: int) -> None:
    images = [pixels(channels, 11, 9), pixels(channels, 9, 14, seed=1).permute(1, 2, 0).contiguous().permute(2, 0, 1)]
    frames = cut(images, Centre(8))
    assert frames.inputs.is_contiguous(memory_format=torch.channels_last)
    assert frames.sizes.tolist() == [[11, 9], [9, 14]]
    assert frames.boxes.tolist() == [[1, 0, 8, 8], [0, 3, 8, 8]]
    assert torch.equal(frames.inputs[0], images[0][:, 1:9, :8])
    assert torch.equal(frames.inputs[1], images[1][:, :8, 3:11])
    turned = channels_first(frames.inputs)
    assert turned.is_contiguous()
    assert torch.equal(turned, frames.inputs)


def test_resized_boxes_are_torchvisions() -> None:
    """The same numbers in the place of torch's generator give the same boxes."""
    sizes = torch.tensor([[60, 80], [100, 20], [20, 100], [7, 5], [1, 1], [300, 299]]).repeat(40, 1)
    draws = uniform(len(sizes), Resized.DRAWS)
    theirs = v2.RandomResizedCrop(32, CROP_SHARE, CROP_ASPECT)
    for box, size, own in zip(Resized(32, draws).boxes(sizes).tolist(), sizes.tolist(), draws, strict=True):
        with pytest.MonkeyPatch.context() as patch:
            numbers = iter(own[2:].double().tolist())

            def uniform_(tensor: Tensor, low: float, high: float, numbers=numbers) -> Tensor:  # type: ignore[no-untyped-def]
                return tensor.fill_(low + next(numbers) * (float(high) - low))

            places = iter(own[:2].double().tolist())

            def randint(low: int, high: int, size: tuple[int], places=places) -> Tensor:  # type: ignore[no-untyped-def]
                return torch.tensor([int(low + next(places) * (high - low))])

            patch.setattr(Tensor, "uniform_", uniform_)
            patch.setattr(torch, "randint", randint)
            params = theirs.make_params([torch.empty(3, *size)])
        assert box == [params[key] for key in ("top", "left", "height", "width")]


def test_long_images_give_their_middle() -> None:
    # Ten draws of at least 35 % within 3:4 never fit into 100 x 20: the middle 27 x 20 pixels, as 20 / .75 = 26.7.
    boxes = Resized(8, uniform(50, Resized.DRAWS)).boxes(torch.tensor([[100, 20]]).expand(50, 2))
    assert boxes.tolist() == [[36, 0, 27, 20]] * 50


def test_resized_parts_have_the_stated_shares_and_shapes() -> None:
    boxes = Resized(8, uniform(5000, Resized.DRAWS)).boxes(torch.tensor([[400, 400]]).expand(5000, 2)).double()
    share, aspect = boxes[:, 2] * boxes[:, 3] / 400**2, boxes[:, 3] / boxes[:, 2]
    assert share.min() >= 0.345
    assert share.max() <= 1
    assert aspect.min() >= 0.745
    assert aspect.max() <= 1.345
    assert float(aspect.log().mean()) == pytest.approx(0, abs=0.02)
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, :2] + boxes[:, 2:] <= 400).all()


@pytest.mark.parametrize("size", [28, 32])
@pytest.mark.parametrize("channels", [1, 3])
def test_enlarged_parts_are_those_that_were_cut_and_resized(size: int, channels: int) -> None:
    images = pixels(60, channels, 28, 24)
    boxes = Resized(size, uniform(60, Resized.DRAWS)).boxes(torch.tensor([[28, 24]]).expand(60, 2))
    for image, box, found in zip(images, boxes.tolist(), enlarged(images, boxes, size), strict=True):
        top, left, height, width = box
        part = image[:, top : top + height, left : left + width].double()
        expected = functional.resize(part, [size, size], antialias=True)
        # Half a grey step of rounding, and what float32 adds to it.
        torch.testing.assert_close(found.double(), expected, rtol=0, atol=0.501)


def test_a_whole_image_is_left_alone() -> None:
    for side in range(2, 40):
        images = pixels(2, 3, side, side)
        assert torch.equal(enlarged(images, torch.tensor([[0, 0, side, side]] * 2), side), images)


def test_smaller_parts_of_large_images_are_torchvisions() -> None:
    image, box = pixels(3, 60, 80), (5, 11, 40, 44)
    part = image[:, 5:45, 11:55]
    expected = functional.resize(part.float(), [32, 32], antialias=True)
    torch.testing.assert_close(cut_one(image, box, 32).float(), expected, rtol=0, atol=1.01)


def windows(n: int, size: int) -> list[Window]:
    return [Centre(size), Anywhere(size, uniform(n, 2)), Resized(size, uniform(n, Resized.DRAWS))]


@pytest.mark.parametrize("shape", [(3, 16, 16), (1, 16, 16), (3, 12, 9), (3, 30, 20), (1, 2, 1)])
def test_memory_gives_what_cutting_one_by_one_gives(shape: tuple[int, int, int]) -> None:
    images = pixels(12, *shape)
    items = [3, 3, 0, 11]
    for window in windows(4, 16):
        found = Memory(images).fetch(items, window)
        expected = cut([images[i] for i in items], window)
        for a, b in ((found.inputs, expected.inputs), (found.sizes, expected.sizes), (found.boxes, expected.boxes)):
            assert torch.equal(a, b)


def test_memory_shows_different_parts_of_images_of_the_windows_size() -> None:
    images = pixels(1, 3, 16, 16).expand(6, 3, 16, 16).contiguous()
    found = Memory(images).fetch(range(6), Resized(16, uniform(6, Resized.DRAWS))).inputs
    assert len({image.numpy().tobytes() for image in found}) == 6


@pytest.mark.parametrize("shape", [(3, 30, 20), (1, 9, 30), (3, 1, 2)])
def test_gathering_is_cutting(shape: tuple[int, int, int]) -> None:
    images, chosen = pixels(5, *shape), torch.tensor([4, 0, 4])
    for window in windows(3, 16)[:2]:
        expected = cut([images[i] for i in chosen], window)
        assert torch.equal(gathered(images, chosen, expected.boxes, 16), expected.inputs)
