"""Images per second of taxo's pipelines beside the same ones written image by image with torchvision and DataLoader.

python benchmarks/pipelines.py > pipelines.json            everything, a quarter of an hour
python benchmarks/pipelines.py --quick                     fewer images and rounds
python benchmarks/pipelines.py --only 32 --workers 0       one size, one number of worker processes
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any

import numpy as np
import PIL
import torch
import torchvision
from machine import machine, say
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, RandomSampler
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional

from taxo.training import erasing
from taxo.training.augment import SHIFT
from taxo.training.batches import train_batches
from taxo.training.data.files import Files
from taxo.training.data.frames import CROP_ASPECT, CROP_SHARE
from taxo.training.data.memory import Memory
from taxo.training.data.samples import Samples, Source
from taxo.training.jitter import JITTER
from taxo.training.stream import Stream
from taxo.training.views import ImageView

MEAN, STD = (0.49, 0.5, 0.43), (0.23, 0.23, 0.27)
SMALL, LARGE, LARGE_RESIZED = 32, 448, 512


@dataclass(frozen=True)
class Case:
    """One pipeline at one size.

    Attributes:
        size: Side of what the network sees.
        name: Name of the pipeline.
        kinds: As taxo names its parts.
        theirs: The same in torchvision.
    """

    size: int
    name: str
    kinds: tuple[str, ...]
    theirs: Callable[[], nn.Module]


class Shift(nn.Module):
    """Up to 15 % of the side in both directions, bilinear, the edge pixels repeated."""

    def forward(self, image: Tensor) -> Tensor:
        """Shift one image."""
        reach = SHIFT * SMALL
        right, down = ((2 * torch.rand(2) - 1) * reach).tolist()
        padded = functional.pad(image, [5] * 4, padding_mode="edge")
        moved = functional.affine(padded, 0, [right, down], 1, [0, 0], v2.InterpolationMode.BILINEAR)
        cropped: Tensor = functional.center_crop(moved, [SMALL, SMALL])
        return cropped


class Read(nn.Module):
    """An image file, as uint8."""

    def forward(self, path: Path) -> Tensor:
        """Read one image."""
        with Image.open(path) as image:
            tensor: Tensor = functional.pil_to_tensor(image.convert("RGB"))
        return tensor


def _normalized() -> list[nn.Module]:
    return [v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]


def _erasing() -> nn.Module:
    return v2.RandomErasing(erasing.PROBABILITY, erasing.AREA, erasing.ASPECT, value="random")


def _resized_crop(size: int) -> nn.Module:
    return v2.RandomResizedCrop(size, CROP_SHARE, CROP_ASPECT)


def _small_reference() -> nn.Module:
    to_float, normalize = _normalized()
    return v2.Compose([to_float, Shift(), v2.RandomHorizontalFlip(), normalize])


def _large_reference() -> nn.Module:
    crop = v2.RandomCrop(LARGE, pad_if_needed=True, padding_mode="reflect")
    resize = v2.Resize(LARGE_RESIZED, antialias=True)
    return v2.Compose([Read(), resize, *_normalized(), v2.RandomHorizontalFlip(), _erasing(), crop])


def _trivial(size: int) -> list[nn.Module]:
    return [_resized_crop(size), v2.RandomHorizontalFlip(), v2.TrivialAugmentWide(), *_normalized(), _erasing()]


def _jitter(size: int) -> list[nn.Module]:
    color = v2.ColorJitter(JITTER, JITTER, JITTER)
    return [_resized_crop(size), v2.RandomHorizontalFlip(), color, *_normalized()]


TRIVIAL = ("resized-crop", "flip", "trivial", "erase")
COLOR = ("resized-crop", "flip", "jitter")
CASES = (
    Case(SMALL, "reference", ("flip", "shift"), _small_reference),
    Case(SMALL, "modern", TRIVIAL, lambda: v2.Compose(_trivial(SMALL))),
    Case(SMALL, "jitter", COLOR, lambda: v2.Compose(_jitter(SMALL))),
    Case(LARGE, "reference", ("flip", "erase", "crop"), _large_reference),
    Case(LARGE, "modern", TRIVIAL, lambda: v2.Compose([Read(), *_trivial(LARGE)])),
    Case(LARGE, "jitter", COLOR, lambda: v2.Compose([Read(), *_jitter(LARGE)])),
)


class ByImage(Dataset[tuple[Tensor, int]]):
    """What the user of torchvision writes: one image per look-up."""

    def __init__(self, images: Any, change: nn.Module) -> None:
        self.images = images
        self.change = change

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, item: int) -> tuple[Tensor, int]:
        return self.change(self.images[item]), 0


def their_batches(images: Any, case: Case, batch: int, steps: int, workers: int) -> Iterator[Tensor]:
    """Batches of torchvision and DataLoader, ready for the network."""
    data = ByImage(images, case.theirs())
    order = RandomSampler(data, num_samples=batch * steps)
    for inputs, _ in DataLoader(data, batch, sampler=order, num_workers=workers):
        yield inputs.contiguous(memory_format=torch.channels_last)


def our_batches(images: Any, case: Case, batch: int, steps: int, workers: int) -> Iterator[Tensor]:
    """Batches of taxo, ready for the network."""
    source: Source = Memory(images) if isinstance(images, Tensor) else Files(images, LARGE_RESIZED)
    samples = Samples(("all",), torch.zeros(len(images), dtype=torch.int64), [""] * len(images), source)
    view = ImageView(case.size, MEAN, STD, case.kinds)
    stream = Stream(len(images), batch, seed=0)
    for found in train_batches(samples, stream, view, range(steps), slice(None), workers):
        yield view.inputs(found.frames, found.positions)


def measure(batches: Iterator[Tensor], batch: int) -> dict[str, float]:
    """Images per second by the clock after the first batch; processor time of all processes per image."""
    used, steps = _cpu_seconds(), 1
    next(batches)
    began = time.perf_counter()
    for _ in batches:
        steps += 1
    clock = time.perf_counter() - began
    return {
        "images_per_s": (steps - 1) * batch / clock,
        "cpu_ms_per_image": (_cpu_seconds() - used) / steps / batch * 1e3,
    }


def _cpu_seconds() -> float:
    # Those of the workers count when they have ended, as they have at the end of a loader.
    usages = [getrusage(who) for who in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def compare(images: Any, case: Case, batch: int, steps: int, workers: int, rounds: int) -> dict[str, Any]:
    """Both sides in turn, `rounds` times."""
    sides = {"taxo": our_batches, "torchvision": their_batches}
    found: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
    for _ in range(rounds):
        for side, batches in sides.items():
            found[side].append(measure(batches(images, case, batch, steps, workers), batch))
    result: dict[str, Any] = {"size": case.size, "pipeline": case.name, "kinds": case.kinds, "workers": workers}
    for side, runs in found.items():
        result[side] = {key: _summary([run[key] for run in runs]) for key in runs[0]}
    ratios = {
        "images_per_s": [a["images_per_s"] / b["images_per_s"] for a, b in zip(*found.values(), strict=True)],
        "cpu": [b["cpu_ms_per_image"] / a["cpu_ms_per_image"] for a, b in zip(*found.values(), strict=True)],
    }
    result["ratio"] = {key: _summary(values) for key, values in ratios.items()}
    return result


def _line(found: dict[str, Any]) -> str:
    speed, ratio = found["taxo"]["images_per_s"]["median"], found["ratio"]
    title = f"{found['size']} px, {found['pipeline']}, {found['workers']} workers"
    times = f"{ratio['images_per_s']['median']:g} times torchvision's, {ratio['cpu']['median']:g} by processor time"
    return f"{title}: {speed:g} images/s, {times}"


def _summary(values: list[float]) -> dict[str, float]:
    named = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    return {key: float(f"{value:.4g}") for key, value in named.items()}


def photographs(folder: Path, n: int) -> list[Path]:
    """JPEG files of about 500 x 600 pixels and 100 kB: smooth shapes and some noise."""
    rng = np.random.default_rng(0)
    paths = []
    for number in range(n):
        width, height = (500, int(rng.integers(560, 640))) if number % 2 else (int(rng.integers(560, 640)), 500)
        coarse = Image.fromarray(rng.integers(0, 256, (height // 12, width // 12, 3), dtype=np.uint8))
        pixels = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(int)
        noisy = pixels + rng.integers(-8, 9, pixels.shape)
        paths.append(folder / f"{number}.jpg")
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(paths[-1], quality=90)
    return paths


def main() -> None:
    """Measure what the command line asks for and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a third of the images, 2 rounds")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", type=int, choices=(SMALL, LARGE), help="one size")
    parser.add_argument("--pipeline", help="one pipeline")
    parser.add_argument("--workers", type=int, action="append", help="[0 and 2]")
    chosen = parser.parse_args()
    rounds = 2 if chosen.quick else chosen.rounds
    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__, "pillow": PIL.__version__}
    result: dict[str, Any] = {
        "machine": {**machine(), **versions, "threads": torch.get_num_threads()},
        "rounds": rounds,
        "cases": [],
    }
    with tempfile.TemporaryDirectory() as folder:
        small = torch.randint(0, 256, (5000, 3, SMALL, SMALL), dtype=torch.uint8)
        large = photographs(Path(folder), 96) if chosen.only != SMALL else []
        for case in CASES:
            if chosen.only not in (None, case.size) or chosen.pipeline not in (None, case.name):
                continue
            images, batch, steps = (small, 100, 51) if case.size == SMALL else (large, 32, 13)
            for workers in chosen.workers or (0, 2):
                found = compare(images, case, batch, steps // 3 if chosen.quick else steps, workers, rounds)
                say(_line(found))
                result["cases"].append(found)
    result["machine"]["load_average_at_end"] = os.getloadavg()
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
