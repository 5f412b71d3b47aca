"""Whole pipelines, from the stored image to what the network sees, against the authors' as they describe it.

The oracles are written in NumPy from the authors' description, one image at a time, and take their random numbers from
a generator written in plain Python.
"""

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

torch = pytest.importorskip("torch")
from torch import Tensor  # noqa: E402

from taxo.taxonomy import TaxoError  # noqa: E402
from taxo.training.augment import KINDS  # noqa: E402
from taxo.training.batches import train_batches  # noqa: E402
from taxo.training.data.files import Files  # noqa: E402
from taxo.training.data.memory import Memory  # noqa: E402
from taxo.training.data.samples import Samples, Source  # noqa: E402
from taxo.training.randomness import seed_for  # noqa: E402
from taxo.training.stream import Stream  # noqa: E402
from taxo.training.views import ImageView  # noqa: E402

pytestmark = pytest.mark.torch

SEED = 5
MEAN, STD = (0.486, 0.499, 0.432), (0.232, 0.228, 0.266)
WORD = 2**64

Floats = NDArray[np.float64]


def mixed(z: int) -> int:
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % WORD
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % WORD
    return z ^ (z >> 31)


def hashed(key: int, position: int, number: int) -> int:
    """Number `number` of the SplitMix64 stream that belongs to a position."""
    golden = 0x9E3779B97F4A7C15
    return mixed((mixed((key + position * golden) % WORD) + number * golden) % WORD)


def uniforms(kind: str, position: int, count: int) -> list[float]:
    key = seed_for(SEED, "augmentation", KINDS.index(kind))
    return [(hashed(key, position, number) >> 40) / 2**24 for number in range(1, count + 1)]


def noise(position: int, row: int, column: int, channels: int) -> list[float]:
    """In 0..1: the word's quarters, the lowest first, as two's complement."""
    word = hashed(seed_for(SEED, "augmentation", KINDS.index("erase"), 1), position, row * 2**24 + column + 1)
    quarters = [(word >> 16 * channel) % 2**16 for channel in range(channels)]
    return [((quarter + 2**15) % 2**16) / 2**16 for quarter in quarters]


def files_pipeline(image: NDArray[np.uint8], size: int, position: int, kinds: tuple[str, ...]) -> Floats:
    """Normalise, mirror, erase a box of the whole image, cut out or pad; `(height, width, channels)` all along."""
    channels = image.shape[2]
    mean, std = np.array(MEAN[:channels]), np.array(STD[:channels])
    x = (image / 255 - mean) / std
    height, width = x.shape[:2]
    mirrored = "flip" in kinds and uniforms("flip", position, 1)[0] < 0.5
    if mirrored:
        x = x[:, ::-1]
    if "erase" in kinds:
        chosen, down, right, *rest = uniforms("erase", position, 67)
        attempts = iter(zip(rest[::2], rest[1::2], strict=True))
        while chosen < 0.5:
            a, b = next(attempts, (None, None))
            if a is None or b is None:
                break
            area, aspect = (0.02 + a * 0.28) * height * width, 0.3 + b * (1 / 0.3 - 0.3)
            tall, wide = int(math.sqrt(area * aspect)), int(math.sqrt(area / aspect))
            if tall < height and wide < width:
                top, left = int(down * (height - tall)), int(right * (width - wide))
                for row in range(top, top + tall):
                    for column in range(left, left + wide):
                        x[row, column] = (np.array(noise(position, row, column, channels)) - mean) / std
                break
    cut = uniforms("crop", position, 2) if "crop" in kinds else None
    for axis, length in enumerate((height, width)):
        room = abs(length - size)
        place = room // 2 if cut is None else int(cut[axis] * (room + 1))
        if mirrored and axis == 1:
            place = room - place  # the place is chosen in the image as it is stored
        if length >= size:
            x = x[place : place + size] if axis == 0 else x[:, place : place + size]
        else:
            around = [(0, 0)] * 3
            around[axis] = (place, room - place)
            x = np.pad(x, around, mode="reflect")
    return x


def through(source: Source, view: ImageView, items: list[int], positions: Tensor) -> Tensor:
    return view.inputs(source.fetch(items, view.window(positions)), positions)


def pixels(*shape: int) -> Tensor:
    return torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(0), dtype=torch.uint8)


@pytest.mark.parametrize(
    "kinds", [("flip", "erase", "crop"), ("erase", "crop"), ("flip", "erase"), ("flip", "crop"), ()], ids=str
)
@pytest.mark.parametrize(
    ("channels", "height", "width", "size"),
    [(3, 20, 27, 16), (1, 20, 27, 16), (3, 11, 25, 16), (3, 5, 7, 16), (3, 16, 16, 16), (3, 3, 1, 8), (1, 1, 1, 4)],
)
def test_files_pipeline_is_the_authors(
    kinds: tuple[str, ...], channels: int, height: int, width: int, size: int
) -> None:
    n = 12
    images = pixels(n, channels, height, width)
    positions = torch.arange(100, 100 + n)
    view = ImageView(size, MEAN[:channels], STD[:channels], kinds, SEED)
    found = through(Memory(images), view, list(range(n)), positions)
    for image, position, inputs in zip(images, positions.tolist(), found, strict=True):
        expected = files_pipeline(image.permute(1, 2, 0).numpy(), size, position, kinds)
        np.testing.assert_allclose(inputs.permute(1, 2, 0).numpy(), expected, atol=5e-6)


def test_files_pipeline_at_the_size_of_the_paper_is_the_authors(tmp_path: Path) -> None:
    """Two photographs' worth of pixels, which take the path of large images."""
    rng = np.random.default_rng(0)
    stored = [rng.integers(0, 256, shape, dtype=np.uint8) for shape in ((128, 150, 3), (170, 128, 3))]
    paths = [tmp_path / f"{i}.png" for i in range(2)]
    for path, image in zip(paths, stored, strict=True):
        Image.fromarray(image).save(path)
    kinds, positions = ("flip", "erase", "crop"), torch.tensor([3, 8, 11, 40])
    items = [0, 1, 1, 0]
    view = ImageView(112, MEAN, STD, kinds, SEED)
    found = through(Files(paths, 128), view, items, positions)
    expected = [files_pipeline(stored[i], 112, p, kinds) for i, p in zip(items, positions.tolist(), strict=True)]
    np.testing.assert_allclose(found.permute(0, 2, 3, 1).numpy(), np.stack(expected), atol=5e-6)
    assert sum(uniforms("erase", p, 1)[0] < 0.5 for p in positions.tolist()) in (1, 2, 3)


def test_files_are_resized_as_by_pillow(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    Image.fromarray(image).save(tmp_path / "a.png")
    resized = np.asarray(Image.fromarray(image).resize((64, 48), Image.Resampling.BILINEAR)).astype(int)
    [found] = Files([tmp_path / "a.png"], 48).decode([0])
    difference = np.abs(found.permute(1, 2, 0).numpy().astype(int) - resized)
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.02


@pytest.mark.parametrize("channels", [1, 3])
def test_cifar_pipeline_is_the_authors(channels: int) -> None:
    """Keras moves the image by up to 15 % with SciPy, linear interpolation, edge pixels repeated."""
    n, size = 12, 32
    images = pixels(n, channels, size, size)
    view = ImageView(size, MEAN[:channels], STD[:channels], ("flip", "shift"), SEED)
    positions = torch.arange(7, 7 + n)
    found = through(Memory(images), view, list(range(n)), positions)
    for image, position, inputs in zip(images.numpy(), positions.tolist(), found, strict=True):
        x = image[:, :, ::-1] if uniforms("flip", position, 1)[0] < 0.5 else image
        offset = [-(2 * u - 1) * 4.8 for u in uniforms("shift", position, 2)]
        moved = [ndimage.affine_transform(c.astype(float), np.eye(2), offset, order=1, mode="nearest") for c in x]
        expected = (np.stack(moved, axis=-1) / 255 - MEAN[:channels]) / STD[:channels]
        np.testing.assert_allclose(inputs.permute(1, 2, 0).numpy(), expected, atol=1e-4)


MODERN = ("resized-crop", "flip", "trivial", "jitter", "shift", "erase")
REFERENCE = ("flip", "shift", "erase", "crop")


@pytest.mark.parametrize("kinds", [*((kind,) for kind in KINDS), MODERN, REFERENCE], ids=str)
@pytest.mark.parametrize("shape", [(3, 16, 16), (1, 16, 16), (3, 21, 30), (3, 5, 9)], ids=str)
def test_an_image_comes_out_alike_in_every_batch(kinds: tuple[str, ...], shape: tuple[int, int, int]) -> None:
    n, source = 10, Memory(pixels(10, *shape))
    view = ImageView(16, MEAN[: shape[0]], STD[: shape[0]], kinds, SEED)
    positions = torch.arange(n) + 1000
    whole = through(source, view, list(range(n)), positions)
    assert whole.is_contiguous(memory_format=torch.channels_last)
    for part in (range(1), range(1, 4), range(4, 10), [8, 2]):
        assert torch.equal(through(source, view, list(part), positions[list(part)]), whole[list(part)])


def test_large_images_are_changed_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    source, positions = Memory(pixels(10, 3, 16, 16)), torch.arange(10)
    view = ImageView(16, MEAN, STD, MODERN, SEED)
    whole = through(source, view, list(range(10)), positions)
    for size in (1, 3 * 16 * 16 * 3, 10**9):
        monkeypatch.setattr("taxo.training.views.PIECE_BYTES", size)
        assert torch.equal(through(source, view, list(range(10)), positions), whole)


@pytest.mark.parametrize("kinds", [MODERN, REFERENCE], ids=str)
def test_files_and_memory_give_the_same(kinds: tuple[str, ...], tmp_path: Path) -> None:
    """Channels last, as decoded, and channels first, as kept."""
    paths = [tmp_path / f"{i}.png" for i in range(6)]
    for i, path in enumerate(paths):
        Image.fromarray(np.random.default_rng(i).integers(0, 256, (40, 50, 3), dtype=np.uint8)).save(path)
    files, positions = Files(paths, 20), torch.arange(6)
    memory = Memory(torch.stack(files.decode(range(6))))
    for size in (16, 20, 26):
        view = ImageView(size, MEAN, STD, kinds, SEED)
        a, b = (through(source, view, list(range(6)), positions) for source in (files, memory))
        assert torch.equal(a, b)


@pytest.mark.parametrize("kinds", [MODERN, REFERENCE], ids=str)
def test_worker_processes_change_nothing(kinds: tuple[str, ...]) -> None:
    source = Memory(pixels(10, 3, 20, 18))
    samples = Samples(("a",), torch.zeros(10, dtype=torch.int64), ["x"] * 10, source)
    view = ImageView(16, MEAN, STD, kinds, SEED)

    def run(batch: int, steps: range, workers: int) -> Tensor:
        batches = train_batches(samples, Stream(10, 6, SEED), view, steps, slice(0, batch), workers)
        return torch.cat([view.inputs(found.frames, found.positions) for found in batches])

    plain = run(6, range(4), 0)
    assert torch.equal(run(6, range(4), 2), plain)
    # One of two processes, and a run that goes on with its third step.
    assert torch.equal(run(3, range(2, 4), 0), torch.cat([plain[12:15], plain[18:21]]))


def test_view_without_kinds_shows_the_middle() -> None:
    images = pixels(1, 3, 9, 12)
    found = through(Memory(images), ImageView(8, (0.0,) * 3, (1.0,) * 3), [0], torch.tensor([0]))
    assert torch.equal(found[0], images[0, :, :8, 2:10] / 255)


def test_unknown_kind_names_the_near_one() -> None:
    with pytest.raises(TaxoError, match="unknown augmentation 'flips'; did you mean 'flip'"):
        ImageView(8, MEAN, STD, ("flips",))


def test_two_windows_are_one_too_many() -> None:
    with pytest.raises(TaxoError) as error:
        ImageView(8, MEAN, STD, ("crop", "flip", "resized-crop"))
    assert str(error.value) == "augmentations 'crop' and 'resized-crop' both choose what is cut out; take one of them"
