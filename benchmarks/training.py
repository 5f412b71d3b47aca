"""A training step of taxo's loop beside the same step in bare PyTorch.

python benchmarks/training.py                everything: some minutes; JSON on standard output
python benchmarks/training.py --quick        a few steps: seconds
python benchmarks/training.py --device cuda --arch resnet-110-wfc --images 20000 --block 50
python benchmarks/training.py --device cuda --arch resnet-50 --size 448 --images 1000 --batch-size 96

Both train the same network on the same images in memory, with the same random changes, loss, optimiser and clipping.
They take turns within one process, block of steps by block, so that what disturbs the machine disturbs both. On a GPU
the images of both lie on it. Nothing is installed.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import torch
from machine import machine, say
from torch import Tensor, nn
from torch.nn import functional

from taxo.embeddings import embed
from taxo.hierarchies import load
from taxo.training.augment import SHIFT, flip, normalize, shift
from taxo.training.batches import train_batches
from taxo.training.classifier import build_classifier
from taxo.training.config import TrainConfig
from taxo.training.data import DataConfig, Samples, Splits
from taxo.training.data.memory import Memory
from taxo.training.device import make_accelerator
from taxo.training.epoch import Epoch
from taxo.training.interrupts import Interrupts
from taxo.training.job import Job
from taxo.training.keeper import Keeper
from taxo.training.loop import share_of, started, train_epoch
from taxo.training.networks import InputSpec, build
from taxo.training.plan import Plan
from taxo.training.progress import Progress
from taxo.training.views import view_of

HIERARCHY = "cifar100"
"""Whose exact embedding both sides train for."""

MEAN, STD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
LR, MOMENTUM, DECAY, CLIP = 0.1, 0.9, 4e-4, 10.0

Side = Callable[[], float]
"""Does one block of steps; the seconds that it took."""


@dataclass(frozen=True)
class Work:
    """What both sides train on.

    Attributes:
        arch: Name of the network.
        images: uint8 `(n, 3, size, size)`, noise, on the CPU.
        labels: int64 `(n,)`.
        batch_size: Images per step.
        block: Steps between two looks at the clock.
        device: "cpu" or "cuda".
        precision: Of both sides: "no" or "bf16".
        seed: Of everything.
    """

    arch: str
    images: Tensor
    labels: Tensor
    batch_size: int
    block: int
    device: str = "cpu"
    precision: str = "no"
    seed: int = 0

    @property
    def size(self) -> int:
        """Side of the images in pixels."""
        return int(self.images.shape[-1])


def main() -> None:
    """Measure, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few steps of small batches")
    parser.add_argument("--arch", default="resnet-20", help="the network")
    parser.add_argument("--size", type=int, default=32, help="side of the images in pixels")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="what computes")
    parser.add_argument("--precision", choices=("no", "bf16"), help="bf16 on a GPU, else no")
    parser.add_argument("--images", type=int, default=2000, help="images in memory")
    parser.add_argument("--batch-size", type=int, default=100, help="images per step")
    parser.add_argument("--block", type=int, default=5, help="steps between two looks at the clock")
    parser.add_argument("--repeats", type=int, default=20, help="blocks of each side")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="threads that compute")
    options = parser.parse_args()
    if options.quick:
        options.images, options.batch_size, options.block, options.repeats = 64, 8, 2, 2
    torch.set_num_threads(options.threads)
    precision = options.precision or ("bf16" if options.device == "cuda" else "no")
    images, labels = make_images(options.images, options.size)
    work = Work(options.arch, images, labels, options.batch_size, options.block, options.device, precision)
    print(json.dumps(benchmark(work, options.repeats), indent=1))


def make_images(n: int, size: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Images of noise, on which a step takes as long as on others, and labels."""
    random = torch.Generator().manual_seed(seed)
    images = torch.randint(256, (n, 3, size, size), generator=random, dtype=torch.uint8)
    return images, torch.randint(load(HIERARCHY).n_classes, (n,), generator=random)


def benchmark(work: Work, repeats: int) -> dict[str, Any]:
    """Everything: seconds per step of both sides, and how much longer taxo's loop takes."""
    result: dict[str, Any] = {
        "machine": machine() | {"torch": torch.__version__, "threads": torch.get_num_threads()},
        "settings": {
            "arch": work.arch,
            "device": torch.cuda.get_device_name() if work.device == "cuda" else "cpu",
            "precision": work.precision,
            "size": work.size,
            "images": len(work.images),
            "batch_size": work.batch_size,
            "block": work.block,
            "repeats": repeats,
            "seed": work.seed,
        },
        "failed": {},
    }
    sides: dict[str, Side] = {"bare": bare_steps(work), "taxo": taxo_steps(work)}
    blocks = in_turn(sides, repeats)
    result["step"] = {name: per_step(found, work.block) for name, found in blocks.items()}
    result["images_per_s"] = {name: round(work.batch_size / step["s"], 1) for name, step in result["step"].items()}
    result["taxo_over_bare"] = compared(blocks["bare"], blocks["taxo"])
    result["load_average_at_end"] = os.getloadavg()
    return result


def in_turn(sides: dict[str, Side], repeats: int) -> dict[str, list[float]]:
    """Seconds of every block but the first of each side, which warms up; each round begins with another side."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(repeats + 1):
        say(f"round {number} of {repeats}" if number else "warming up")
        order = list(sides)
        for name in order if number % 2 else reversed(order):
            seconds = sides[name]()
            if number:
                found[name].append(seconds)
    return found


def per_step(blocks: list[float], block: int) -> dict[str, float]:
    """Median, least and largest seconds of a step."""
    steps = [seconds / block for seconds in blocks]
    return {name: round(of(steps), 6) for name, of in (("s", median), ("least_s", min), ("most_s", max))}


def compared(bare: list[float], taxo: list[float]) -> dict[str, float]:
    """How many times as long taxo takes: by the medians, by the quickest blocks, and the median ratio of a round."""
    return {
        "medians": round(median(taxo) / median(bare), 4),
        "least": round(min(taxo) / min(bare), 4),
        "rounds": round(median(ours / theirs for ours, theirs in zip(taxo, bare, strict=True)), 4),
    }


# --- Bare PyTorch


def bare_steps(work: Work) -> Side:
    """The loop that one would write by hand: no library, no metrics, one look at the loss a block."""
    torch.manual_seed(work.seed)
    phi = torch.from_numpy(embed(load(HIERARCHY)).dense(np.float32)).to(work.device)
    images, labels = work.images.to(work.device), work.labels.to(work.device)
    network = build(work.arch, phi.shape[1], InputSpec(size=work.size)).to(work.device)
    network.to(memory_format=torch.channels_last)
    kernels = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": kernels, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.SGD(groups, lr=LR, momentum=MOMENTUM)
    items = bare_items(len(images), work.batch_size, work.device)
    network.train()

    def block() -> float:
        began = time.perf_counter()
        for _ in range(work.block):
            chosen = next(items)
            wanted = phi[labels[chosen]]
            loss = bare_step(network, optimizer, bare_inputs(images[chosen]), wanted, work.precision)
        if not loss.isfinite():
            raise RuntimeError("the loss of the bare loop is infinite or NaN")
        return time.perf_counter() - began

    return block


def bare_step(
    network: nn.Module, optimizer: torch.optim.Optimizer, images: Tensor, wanted: Tensor, precision: str = "no"
) -> Tensor:
    """One step with the cosine loss."""
    optimizer.zero_grad()
    with torch.autocast(images.device.type, torch.bfloat16) if precision == "bf16" else nullcontext():
        features = network(images)
    psi = functional.normalize(features.float())
    loss = (1 - (psi * wanted).sum(dim=1)).mean()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), CLIP)
    optimizer.step()
    return loss.detach()


def bare_inputs(pixels: Tensor) -> Tensor:
    """Flipped and shifted at random, normalised; by taxo's functions, so that only what drives them differs."""
    n, device = len(pixels), pixels.device
    images = pixels.float() / 255
    images = flip(images, torch.rand(n, device=device) < 0.5)
    images = shift(images, (2 * torch.rand(n, 2, device=device) - 1) * SHIFT * pixels.shape[-1])
    return normalize(images, MEAN, STD).contiguous(memory_format=torch.channels_last)


def bare_items(n: int, batch_size: int, device: str = "cpu") -> Iterator[Tensor]:
    """Items of one full batch after another, of one shuffle of the set after another."""
    while True:
        yield from torch.randperm(n, device=device)[: n - n % batch_size].split(batch_size)


# --- taxo


def taxo_steps(work: Work) -> Side:
    """The same with taxo's loop: prepared as `fit` does it, one call of `train_epoch` a block.

    An epoch of the job has `work.block` steps; nothing is scored and nothing saved within a block. Mean and standard
    deviation are `MEAN` and `STD`, the random changes "flip" and "shift", the loss "cosine", without a learning rate
    schedule, without workers.
    """
    taxonomy = load(HIERARCHY)
    names = [str(i) for i in range(len(work.images))]
    train = Samples(taxonomy.classes, work.labels, names, Memory(work.images))
    splits = Splits(train, None, None, taxonomy.classes, MEAN, STD, len(train))
    config = TrainConfig(
        HIERARCHY,
        loss="cosine",
        arch=work.arch,
        steps_per_epoch=work.block,
        batch_size=work.batch_size,
        lr=LR,
        weight_decay=DECAY,
        momentum=MOMENTUM,
        clip=CLIP,
        augment=("flip", "shift"),
        seed=work.seed,
        device=work.device,
        data=DataConfig(dataset="folder", image_size=work.size),
    )
    accelerator = make_accelerator(work.device, work.precision)
    plan = Plan(config, embed(taxonomy), taxonomy, splits)
    keeper = Keeper(None, Interrupts(), accelerator, minutes=1e9)
    job = Job(plan, accelerator, Progress(quiet=True), keeper).on_device()
    torch.manual_seed(work.seed)
    state, model, optimizer = started(job, build_classifier(config, plan.embedding, plan.inputs))
    view = view_of(config, splits)
    batches = train_batches(job.splits.train, job.stream, view, range(10**9), share_of(job.stream, accelerator), 0)

    def block() -> float:
        began = time.perf_counter()
        loss, accuracy = train_epoch(job, state, model, optimizer, batches, view)
        state.epochs.append(Epoch(len(state.epochs) + 1, LR, loss, accuracy, None, None, 0.0))
        state.sums.zero_()
        return time.perf_counter() - began

    return block


if __name__ == "__main__":
    main()
