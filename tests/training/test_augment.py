"""Augmentation: exact on hand-worked images, right in distribution, repeatable."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import Tensor  # noqa: E402

from taxo.taxonomy import TaxoError  # noqa: E402
from taxo.training.augment import (  # noqa: E402
    KINDS,
    augment,
    erase,
    flip,
    normalize,
    random_boxes,
    shift,
)

pytestmark = pytest.mark.torch


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


def test_erase_by_hand() -> None:
    images, fill = torch.zeros(2, 1, 3, 3), torch.full((2, 1, 3, 3), 9.0)
    out = erase(images, torch.tensor([[1, 0, 3, 2], [0, 0, 0, 0]]), fill)
    assert out[0, 0].tolist() == [[0, 0, 0], [9, 9, 0], [9, 9, 0]]
    assert out[1].sum() == 0


def test_random_boxes_are_those_of_the_recipe() -> None:
    boxes = random_boxes(20_000, 32, 32, generator()).numpy()
    assert boxes.min() >= 0
    assert boxes.max() <= 32
    chosen = boxes[boxes[:, 2] > 0]
    assert len(chosen) / 20_000 == pytest.approx(0.5, abs=0.015)  # 4 standard deviations are 0.014
    height, width = chosen[:, 2] - chosen[:, 0], chosen[:, 3] - chosen[:, 1]
    share = height * width / 32**2
    # U(.02, .3) has mean .16; rounding the sides blurs its ends by up to half a pixel on each side.
    assert share.mean() == pytest.approx(0.16, abs=0.004)
    assert share.min() >= 0.009
    assert share.max() <= 0.33
    # U(.3, 3.33) has mean 1.815 and a tenth of it lies below .603.
    assert (height / width).mean() == pytest.approx(1.815, abs=0.08)
    assert np.quantile(height / width, 0.1) == pytest.approx(0.603, abs=0.05)
    # Every pixel of a corner-to-corner line can be hit, and the middle more often than the corner.
    assert (chosen[:, 0] == 0).any()
    assert (chosen[:, 2] == 32).any()


def test_erased_pixels_are_independent_uniform_noise() -> None:
    black = torch.zeros(400, 3, 32, 32, dtype=torch.uint8)
    erased = augment(black, ["erase"], generator())
    noise = erased[erased > 0]
    assert erased.eq(0).float().mean() == pytest.approx(1 - 0.5 * 0.16, abs=0.02)
    assert noise.mean() == pytest.approx(0.5, abs=0.01)
    assert noise.var() == pytest.approx(1 / 12, abs=0.005)
    assert noise.unique().numel() > 0.9 * noise.numel()


def test_shift_draws_reach_fifteen_percent_of_the_side() -> None:
    ramp = torch.arange(32, dtype=torch.uint8).repeat(2000, 3, 32, 1)
    moved = augment(ramp, ["shift"], generator())[:, 0, 16, 16] * 255 - 16  # minus the shift to the right
    assert moved.abs().max() == pytest.approx(0.15 * 32, abs=0.05)
    assert moved.std() == pytest.approx(2 * 0.15 * 32 / 12**0.5, rel=0.05)


def test_half_of_the_images_are_flipped() -> None:
    images = batch(n=2000, size=4)
    flipped = (augment(images, ["flip"], generator()) != images / 255).flatten(1).any(1)
    assert flipped.float().mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("kinds", [(), ("flip",), ("shift",), ("erase",), KINDS])
def test_same_generator_same_result_in_range(kinds: tuple[str, ...]) -> None:
    out = augment(batch(), kinds, generator(3))
    assert out.dtype == torch.float32
    assert out.shape == batch().shape
    assert 0 <= out.min() <= out.max() <= 1
    assert torch.equal(out, augment(batch(), kinds, generator(3)))
    assert torch.equal(out, augment(batch(), kinds[::-1], generator(3)))
    if kinds:
        assert not torch.equal(out, augment(batch(), kinds, generator(4)))


def test_input_stays_as_it_is() -> None:
    images = batch()
    augment(images, KINDS, generator())
    assert torch.equal(images, batch())


def test_unknown_kind_names_the_near_one() -> None:
    with pytest.raises(TaxoError, match="unknown augmentation 'flips'; did you mean 'flip'"):
        augment(batch(), ["flips"], generator())


def test_normalize_by_hand() -> None:
    image = torch.tensor([0, 51, 255], dtype=torch.uint8).view(1, 3, 1, 1)
    # (0 - .5) / .5 = -1, (.2 - .1) / .2 = .5, (1 - .25) / .5 = 1.5
    out = normalize(image, (0.5, 0.1, 0.25), (0.5, 0.2, 0.5))
    assert out.flatten().tolist() == pytest.approx([-1, 0.5, 1.5])
    torch.testing.assert_close(normalize(image / 255, (0.5, 0.1, 0.25), (0.5, 0.2, 0.5)), out)
