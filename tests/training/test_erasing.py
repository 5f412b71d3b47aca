"""Random erasing: boxes drawn as by the authors, noise that belongs to the pixels of the whole image."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import Tensor  # noqa: E402

from taxo.training import erasing  # noqa: E402
from taxo.training.erasing import DRAWS, Erasure, erase_, noise, random_boxes, shown  # noqa: E402

pytestmark = pytest.mark.torch


def uniform(*shape: int, seed: int = 0) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def boxes_of(n: int, height: int, width: int) -> Tensor:
    return random_boxes(torch.tensor([[height, width]]).expand(n, 2), uniform(n, DRAWS))


def test_box_by_hand() -> None:
    draws = torch.full((2, DRAWS), 0.5)
    draws[1, 0] = 0.25
    # Area (.02 + .3) / 2 = .16 of 20 x 10 = 32, aspect (.3 + 1 / .3) / 2 = 1.8167: sqrt(58.1) = 7.6, sqrt(17.6) = 4.2.
    # Drawn is .25 < .5; the corner is half of 20 - 7 = 13 and of 10 - 4 = 6, cut to whole numbers.
    boxes = random_boxes(torch.tensor([[20, 10]] * 2), draws)
    assert boxes[1].tolist() == [6, 3, 13, 7]
    assert boxes[0, :2].tolist() == boxes[0, 2:].tolist()  # .5 is not below .5: an empty box


def test_box_that_does_not_fit_is_drawn_again() -> None:
    draws = torch.zeros(1, DRAWS)
    # First .3 of the area at aspect 3.33: sqrt(.3 * 200 * 3.33) = 14.1, not below 10. Then .02 at .3: 1 x 3 pixels.
    draws[0, 3:5] = 1 - 2**-24
    assert random_boxes(torch.tensor([[10, 20]]), draws).tolist() == [[0, 0, 1, 3]]


def test_hopeless_image_is_left_alone() -> None:
    # One row: every box of it would be as high as the image or have no pixel at all.
    boxes = boxes_of(500, 1, 2000)
    assert (boxes[:, 2] == boxes[:, 0]).all()


@pytest.mark.parametrize(("height", "width"), [(448, 448), (512, 683), (300, 100)])
def test_boxes_follow_the_authors_loop(height: int, width: int) -> None:
    """Against draws of a loop: same chance, and the same distribution of shapes and places (Kolmogorov-Smirnov)."""
    n, rng = 6000, np.random.default_rng(0)
    boxes = boxes_of(2 * n, height, width).numpy()
    chosen = boxes[boxes[:, 2] > boxes[:, 0]]
    assert len(chosen) / (2 * n) == pytest.approx(0.5, abs=4 * 0.5 / math.sqrt(2 * n))
    expected = np.array([loop(rng, height, width) for _ in range(n)])
    for column in range(4):
        a, b = np.sort(chosen[:, column]), np.sort(expected[:, column])
        places = np.concatenate([a, b])
        distance = np.abs(np.searchsorted(a, places, "right") / len(a) - np.searchsorted(b, places, "right") / len(b))
        assert distance.max() < 1.95 * math.sqrt((len(a) + len(b)) / len(a) / len(b))  # exceeded once in 1,000 draws


def loop(rng: np.random.Generator, height: int, width: int) -> tuple[int, int, int, int]:
    while True:
        area, aspect = rng.uniform(0.02, 0.3) * height * width, rng.uniform(0.3, 1 / 0.3)
        tall, wide = int(math.sqrt(area * aspect)), int(math.sqrt(area / aspect))
        if tall < height and wide < width:
            top, left = rng.integers(height - tall), rng.integers(width - wide)
            return top, left, top + tall, left + wide


def test_shown_by_hand() -> None:
    sizes, boxes = torch.tensor([[6, 8]] * 4), torch.tensor([[1, 2, 4, 4]] * 2 + [[-1, -2, 4, 4], [0, 0, 6, 8]])
    rows, columns = shown(sizes, boxes, torch.tensor([False, True, False, False]), 4)
    assert rows[:3].tolist() == [[1, 2, 3, 4], [1, 2, 3, 4], [1, 0, 1, 2]]
    # Columns 2 to 5 of eight are columns 2 to 5 from the right as well: mirrored, 7 - 5 ... 7 - 2.
    assert columns[:3].tolist() == [[2, 3, 4, 5], [2, 3, 4, 5], [2, 1, 0, 1]]
    # Six rows on four: middles at .75, 2.25, 3.75, 5.25; eight columns: 1, 3, 5, 7.
    assert (rows[3].tolist(), columns[3].tolist()) == ([0, 2, 3, 5], [1, 3, 5, 7])


def test_shown_of_a_mirrored_image() -> None:
    sizes = torch.tensor([[4, 10]])
    for left in range(-3, 9):
        boxes = torch.tensor([[0, left, 4, 4]])
        _, plain = shown(sizes, boxes, torch.tensor([False]), 4)
        _, mirrored = shown(sizes, boxes, torch.tensor([True]), 4)
        # What stands in the picture after mirroring is the other end of the row, in the other order.
        assert mirrored.flip(1).tolist() == (9 - plain).tolist()


def erasure_of(n: int, height: int, width: int, size: int, box: tuple[int, int, int, int] | None = None) -> Erasure:
    sizes = torch.tensor([[height, width]]).expand(n, 2)
    parts = torch.tensor([[(height - size) // 2, (width - size) // 2, size, size]]).expand(n, 4)
    boxes = boxes_of(n, height, width) if box is None else torch.tensor([box]).expand(n, 4)
    return Erasure(boxes, *shown(sizes, parts, torch.arange(n) % 2 == 0, size), torch.arange(n) * 7919)


def test_erase_by_hand() -> None:
    images = torch.full((1, 1, 3, 3), 9.0)
    erasure = Erasure(
        torch.tensor([[1, 0, 3, 2]]), torch.tensor([[0, 1, 2]]), torch.tensor([[1, 0, 1]]), torch.zeros(1).long()
    )
    erase_(images, erasure)
    assert (images[0, 0] < 1).tolist() == [[False] * 3, [True] * 3, [True] * 3]
    # The outer columns are the same column of the whole image, so they get the same noise.
    assert images[0, 0, 1:, 0].tolist() == images[0, 0, 1:, 2].tolist()


@pytest.mark.parametrize(("height", "width", "size"), [(40, 50, 32), (20, 24, 32), (7, 3, 32), (32, 32, 32)])
@pytest.mark.parametrize("channels", [1, 3])
def test_small_and_large_images_are_erased_alike(
    height: int, width: int, size: int, channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasure, images = erasure_of(30, height, width, size), uniform(30, channels, size, size)
    gathered, by_box = images.clone(), images.clone()
    erase_(gathered, erasure)
    monkeypatch.setattr(erasing, "SMALL", 0)
    erase_(by_box, erasure)
    assert torch.equal(gathered, by_box)
    assert not torch.equal(gathered, images)


def test_pieces_of_a_batch_are_erased_alike() -> None:
    erasure, images = erasure_of(20, 40, 50, 32), uniform(20, 3, 32, 32)
    whole, pieces = images.clone(), images.clone()
    erase_(whole, erasure)
    for items in (slice(0, 3), slice(3, 4), slice(4, 20)):
        erase_(pieces[items], erasure[items])
    assert torch.equal(whole, pieces)


def test_noise_is_uniform_and_independent() -> None:
    rows, columns = torch.arange(200)[:, None], torch.arange(200)
    found = torch.stack([noise(torch.tensor(s * 2**40), rows, columns, 3) for s in (1, 2)]).permute(0, 3, 1, 2)
    assert found.min() >= 0
    assert found.max() < 1
    # 240,000 numbers: mean and variance within five standard deviations, ten bins within five of theirs.
    assert float(found.mean()) == pytest.approx(0.5, abs=5 * 12**-0.5 / 240_000**0.5)
    assert float(found.var()) == pytest.approx(1 / 12, abs=5 * 180**-0.5 / 240_000**0.5)
    counts = torch.bincount((found * 10).long().ravel())
    assert (counts - 24_000).abs().max() < 5 * 24_000**0.5
    centred = found - 0.5
    images = centred.flatten(0, 1).flatten(1)
    pairs = [(images[i], images[j]) for i in range(6) for j in range(i)]  # between channels and between images
    pairs += [(centred[..., 1:, :], centred[..., :-1, :]), (centred[..., 1:], centred[..., :-1])]  # between neighbours
    for a, b in pairs:
        assert float((a * b).mean()) * 12 == pytest.approx(0, abs=5 / a.numel() ** 0.5)


def test_large_images_are_noise_in_every_pixel_of_their_box() -> None:
    images = torch.full((2, 3, 100, 100), 2.0)
    erase_(images, erasure_of(2, 100, 100, 100, (10, 20, 60, 90)))
    assert (images < 2).sum() == 2 * 3 * 50 * 70
    assert (images[:, :, 10:60, 20:90] < 2).all()  # of the first image too: the box is one of its mirror image
