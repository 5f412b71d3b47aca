"""Augmentation: exact on hand-worked images, right in distribution, repeatable."""

from collections.abc import Sequence

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import Tensor  # noqa: E402

from taxo.training.augment import KINDS, augment, draws, flip, normalize, shift  # noqa: E402
from taxo.training.data.frames import Frames  # noqa: E402

pytestmark = pytest.mark.torch


DRAWN = [0.322444, 0.201379, 0.902326, 0.776808, 0.692626, 0.914758, 0.248267]


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batch(n: int = 64, size: int = 16) -> Tensor:
    return torch.randint(0, 256, (n, 3, size, size), generator=generator(1), dtype=torch.uint8)


def test_flip_mirrors_the_chosen_images() -> None:
    image = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])
    out = flip(torch.stack([image, image]), torch.tensor([True, False]))
    assert out.tolist() == [[[[2, 1], [4, 3]]], [[[1, 2], [3, 4]]]]


def test_shift_by_hand() -> None:
    image = torch.tensor([[[[0.0, 4.0, 8.0]]]])
    # Half a pixel to the right: pixel i shows the mean of i - 1 and i, the edge pixel itself at the left.
    assert shift(image, torch.tensor([[0.0, 0.5]])).flatten().tolist() == pytest.approx([0, 2, 6])
    # A quarter to the left: 3/4 of i and 1/4 of i + 1.
    assert shift(image, torch.tensor([[0.0, -0.25]])).flatten().tolist() == pytest.approx([1, 5, 8])


@pytest.mark.parametrize(("down", "right"), [(0, 0), (2, 0), (0, -3), (-1, 4), (5, 5)])
def test_whole_shift_is_roll_with_edge_padding(down: int, right: int) -> None:
    images = batch(n=2).float()
    padded = np.pad(images.numpy(), ((0, 0), (0, 0), (5, 5), (5, 5)), mode="edge")
    rolled = np.roll(padded, (down, right), axis=(2, 3))[:, :, 5:-5, 5:-5]
    out = shift(images, torch.tensor([[float(down), float(right)]] * 2))
    np.testing.assert_allclose(out.numpy(), rolled, atol=2e-3)  # of 255; grid_sample works in float32


def test_every_image_has_its_own_shift() -> None:
    images = batch(n=2).float()
    out = shift(images, torch.tensor([[1.0, 0.0], [0.0, -2.0]]))
    torch.testing.assert_close(out[0, :, 1:], images[0, :, :-1], atol=2e-3, rtol=0)
    torch.testing.assert_close(out[1, :, :, :-2], images[1, :, :, 2:], atol=2e-3, rtol=0)


def changed(images: Tensor, kinds: Sequence[str], seed: int = 0, first: int = 0) -> Tensor:
    """What `augment` makes of whole images at the places from `first` on."""
    n, size = len(images), images.shape[-1]
    boxes = torch.tensor([[0, 0, size, size]]).expand(n, 4)
    return augment(Frames(images, boxes[:, 2:], boxes), kinds, torch.arange(first, first + n), seed)


def test_shift_draws_reach_fifteen_percent_of_the_side() -> None:
    ramp = torch.arange(32, dtype=torch.uint8).repeat(2000, 3, 32, 1)
    moved = changed(ramp, ["shift"])[:, 0, 16, 16] * 255 - 16  # minus the shift to the right
    assert moved.abs().max() == pytest.approx(0.15 * 32, abs=0.05)
    assert moved.std() == pytest.approx(2 * 0.15 * 32 / 12**0.5, rel=0.05)


def test_half_of_the_images_are_flipped() -> None:
    images = batch(n=2000, size=4)
    flipped = (changed(images, ["flip"]) != images / 255).flatten(1).any(1)
    assert flipped.float().mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("kinds", [(), ("flip",), ("shift",), ("erase",), ("jitter",), ("trivial",), KINDS])
@pytest.mark.parametrize("channels", [1, 3])
def test_same_place_same_result_in_range(kinds: tuple[str, ...], channels: int) -> None:
    images = batch()[:, :channels]
    out = changed(images, kinds, 3)
    assert out.dtype == torch.float32
    assert out.shape == images.shape
    assert 0 <= out.min() <= out.max() <= 1
    assert torch.equal(out, changed(images, kinds, 3))
    assert torch.equal(out, changed(images, kinds[::-1], 3))
    assert torch.equal(out[7:], changed(images[7:], kinds, 3, first=7))
    if kinds:
        assert not torch.equal(out, changed(images, kinds, 4))
        assert not torch.equal(out, changed(images, kinds, 3, first=len(images)))
    else:
        assert torch.equal(out, images / 255)


def test_kinds_share_no_numbers() -> None:
    positions = torch.arange(50)
    found = [tuple(draws(seed, kind, positions, 1).ravel().tolist()) for kind in KINDS for seed in (0, 1)]
    assert len(set(found)) == 2 * len(KINDS)


def test_order_of_the_kinds_is_part_of_every_result() -> None:
    assert KINDS == ("flip", "shift", "erase", "crop", "resized-crop", "jitter", "trivial")
    # The first image of seed 0 for all time: whoever changes this changes every stored run.
    assert [round(float(draws(0, kind, torch.zeros(1, dtype=torch.int64), 1)), 6) for kind in KINDS] == DRAWN


def test_input_stays_as_it_is() -> None:
    images = batch()
    changed(images, KINDS)
    assert torch.equal(images, batch())


def test_normalize_by_hand() -> None:
    image = torch.tensor([0, 51, 255], dtype=torch.uint8).view(1, 3, 1, 1)
    # (0 - .5) / .5 = -1, (.2 - .1) / .2 = .5, (1 - .25) / .5 = 1.5
    out = normalize(image / 255, (0.5, 0.1, 0.25), (0.5, 0.2, 0.5))
    assert out.flatten().tolist() == pytest.approx([-1, 0.5, 1.5])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_normalized_images_have_their_channels_last(channels: int, layout: torch.memory_format) -> None:
    images = (batch(n=3)[:, :channels] / 255).contiguous(memory_format=layout)
    mean, std = (0.1, 0.2, 0.3)[:channels], (0.4, 0.5, 0.6)[:channels]
    place = torch.empty(3, channels, 16, 16, memory_format=torch.channels_last)
    out = normalize(images, mean, std, place)
    assert out is place
    assert out.is_contiguous(memory_format=torch.channels_last)
    expected = (images - torch.tensor(mean).view(-1, 1, 1)) / torch.tensor(std).view(-1, 1, 1)
    torch.testing.assert_close(out, expected, rtol=0, atol=0)
    assert torch.equal(normalize(images, mean, std), out)
