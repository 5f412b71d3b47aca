"""Jitter: every image by itself as torchvision does it."""

import pytest

torch = pytest.importorskip("torch")
from torchvision.transforms.v2 import functional  # noqa: E402

from taxo.training.jitter import blend_, jitter, mean_grey, random_factors  # noqa: E402

pytestmark = pytest.mark.torch


def test_factors_lie_within_forty_percent() -> None:
    assert random_factors(torch.tensor([[0.0, 0.5, 1.0]])).tolist()[0] == pytest.approx([0.6, 1, 1.4])


def test_by_hand() -> None:
    image = torch.tensor([[51, 153]], dtype=torch.uint8).view(1, 1, 1, 2)
    # .2 and .6, mean .4: contrast 1.4 gives .12 and .68; brightness .5 halves; grey has no saturation.
    out = jitter(image, torch.tensor([[1.4, 0.5, 1.3]]))
    assert out.ravel().tolist() == pytest.approx([0.06, 0.34])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_every_image_is_changed_as_by_torchvision(channels: int, layout: torch.memory_format) -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (40, channels, 9, 7), generator=generator, dtype=torch.uint8)
    factors = random_factors(torch.rand(40, 3, generator=generator))
    for image, (contrast, brightness, saturation), found in zip(
        images, factors.tolist(), jitter(images.contiguous(memory_format=layout), factors), strict=True
    ):
        expected = functional.adjust_contrast(image / 255, contrast)
        expected = functional.adjust_brightness(expected, brightness)
        expected = functional.adjust_saturation(expected, saturation)
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)


def test_factor_one_changes_nothing() -> None:
    images = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).repeat(1, 3, 1, 1)
    torch.testing.assert_close(jitter(images, torch.ones(1, 3)), images / 255, rtol=0, atol=2e-7)


def test_blending_with_itself_is_exact() -> None:
    values = torch.rand(1000, generator=torch.Generator().manual_seed(0))
    assert torch.equal(blend_(values.clone(), values, torch.tensor(1.37)), values)


def test_mean_grey_by_hand() -> None:
    images = torch.tensor([[10, 20], [30, 50], [0, 200]], dtype=torch.uint8).view(1, 3, 1, 2)
    assert float(mean_grey(images)) == pytest.approx(0.2989 * 15 + 0.587 * 40 + 0.114 * 100)
    assert float(mean_grey(images[:, :1])) == 15
