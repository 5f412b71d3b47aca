"""TrivialAugment: every operation at every strength as torchvision does it."""

import pytest

torch = pytest.importorskip("torch")
from torch import Tensor  # noqa: E402
from torch.nn.functional import interpolate  # noqa: E402
from torchvision.transforms import v2  # noqa: E402

from taxo.training.trivial import BINS, DRAWS, OPERATIONS, Operation, trivial_augment  # noqa: E402

pytestmark = pytest.mark.torch

THEIRS = v2.TrivialAugmentWide()
SPACE = THEIRS._AUGMENTATION_SPACE
NAMES = [operation.name for operation in OPERATIONS]


def pictures(n: int, channels: int, height: int, width: int) -> Tensor:
    """Smooth, with noise, and with pixels at both ends."""
    generator = torch.Generator().manual_seed(0)
    smooth = interpolate(torch.rand(n, channels, 4, 4, generator=generator), size=(height, width), mode="bicubic")
    noisy = smooth * 300 - 20 + 8 * torch.randn(smooth.shape, generator=generator)
    return noisy.clamp(0, 255).to(torch.uint8)


def theirs(image: Tensor, name: str, strength: float) -> Tensor:
    changed: Tensor = THEIRS._apply_image_or_video_transform(image, name, strength, THEIRS.interpolation, THEIRS._fill)
    return changed


def test_operations_are_torchvisions() -> None:
    assert list(SPACE) == NAMES
    assert [operation.signed for operation in OPERATIONS] == [signed for _, signed in SPACE.values()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
@pytest.mark.parametrize("shape", [(3, 16, 16), (1, 16, 16), (3, 15, 20)], ids=str)
def test_operation_is_torchvisions_at_every_strength(operation: Operation, shape: tuple[int, int, int]) -> None:
    table = SPACE[operation.name][0](BINS, *shape[1:])
    bins = torch.arange(BINS).repeat(2)
    negative = torch.arange(2 * BINS) >= BINS
    images = pictures(1, *shape).expand(2 * BINS, *shape).contiguous()
    # All strengths at once.
    found = operation.apply(images, operation.strengths(bins, negative))
    assert found.dtype == torch.uint8
    for b, minus, image in zip(bins.tolist(), negative.tolist(), found, strict=True):
        strength = 0.0 if table is None else float(table[b]) * (-1 if minus and operation.signed else 1)
        difference = (image.int() - theirs(images[0], operation.name, strength).int()).abs()
        if operation.name == "Rotate" and strength % 90 == 0 and shape[1] != shape[2]:
            continue  # every place lies halfway between two pixels
        if operation.name in ("Rotate", "ShearX", "ShearY"):
            # Places halfway between two pixels may fall to either.
            assert (difference > 0).float().mean() <= 0.02
        else:
            assert difference.max() <= (operation.name == "Color")  # one step, where rounding differs
            assert (difference > 0).float().mean() <= 0.02


def test_small_movements_by_hand() -> None:
    image = torch.tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]], dtype=torch.uint8).view(1, 1, 3, 3)
    by_name = {operation.name: operation.apply for operation in OPERATIONS}
    assert by_name["TranslateX"](image, torch.tensor([1.9])).tolist() == [[[[0, 1, 2], [0, 4, 5], [0, 7, 8]]]]
    assert by_name["TranslateY"](image, torch.tensor([-1.9])).tolist() == [[[[4, 5, 6], [7, 8, 9], [0, 0, 0]]]]
    assert by_name["Rotate"](image, torch.tensor([90.0])).tolist() == [[[[3, 6, 9], [2, 5, 8], [1, 4, 7]]]]


@pytest.mark.parametrize("side", [1, 2])
def test_tiny_images(side: int) -> None:
    images = pictures(200, 3, side, side)
    draws = torch.rand(200, DRAWS, generator=torch.Generator().manual_seed(0))
    assert trivial_augment(images, draws).shape == images.shape


def test_operation_bin_and_sign_are_what_is_drawn() -> None:
    image = pictures(1, 3, 12, 12)
    for number, operation in enumerate(OPERATIONS):
        for b in (0, 17, 30):
            for sign in (0.25, 0.5):
                draws = torch.tensor([[(number + 0.5) / 14, (b + 0.5) / 31, sign]])
                strengths = operation.strengths(torch.tensor([b]), torch.tensor([sign < 0.5]))
                assert torch.equal(trivial_augment(image, draws), operation.apply(image, strengths))


def test_largest_draw_is_the_last_operation() -> None:
    images = pictures(1, 3, 12, 12)
    draws = torch.full((1, DRAWS), 1 - 2**-24)
    assert torch.equal(trivial_augment(images, draws), OPERATIONS[-1].apply(images, torch.zeros(1)))


def test_an_image_changes_alike_in_every_batch() -> None:
    images, draws = pictures(60, 3, 12, 12), torch.rand(60, DRAWS, generator=torch.Generator().manual_seed(0))
    kept = images.clone()
    whole = trivial_augment(images, draws)
    for i in range(60):
        assert torch.equal(trivial_augment(images[i : i + 1], draws[i : i + 1])[0], whole[i])
    turned = trivial_augment(images.contiguous(memory_format=torch.channels_last), draws)
    assert torch.equal(turned, whole)
    assert torch.equal(images, kept)
