"""From images to batches: whole batches at a time, in an order that depends only on the seed and the epoch."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from taxo.taxonomy.errors import TaxoError

from .data import Images

Batch = tuple[Tensor, Tensor]
"""uint8 `(batch, 3, size, size)` and int64 `(batch,)`."""

Loader = DataLoader[Batch]


def train_loader(images: Images, batch_size: int, order: "Shuffled", workers: int) -> Loader:
    """Batches of training images in the order of `order`."""
    return _loader(images, batch_size, order, workers)


def plain_loader(images: Images, batch_size: int, workers: int) -> Loader:
    """Batches of images in their own order."""
    return _loader(images, batch_size, range(len(images)), workers)


def _loader(images: Images, batch_size: int, order: Sequence[int] | Sampler[int], workers: int) -> Loader:
    # `_Whole` hands over finished batches, so there is nothing left to collate.
    return DataLoader(_Whole(images), batch_size, sampler=order, num_workers=workers, collate_fn=_as_it_is)


class _Whole(Dataset[Batch]):
    """Images that torch's DataLoader asks for a batch at a time: one look-up instead of one per image."""

    def __init__(self, images: Images) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def __getitems__(self, items: list[int]) -> Batch:
        return self.images.pixels.pick(items).decode(), self.images.targets[items]


def _as_it_is(batch: Any) -> Any:  # torch's annotation knows lists of images only
    return batch


class Shuffled(Sampler[int]):
    """A new random order of the items for every epoch.

    Where the last batch would hold a single image, that image is left out, another one in every epoch: batch norm
    cannot take the variance of one.

    Args:
        n: Number of items.
        batch_size: Items per batch.
        seed: Seed of the run.

    Attributes:
        epoch: The epoch, from 0; to be set before each one.

    Raises:
        TaxoError: Fewer than two items.
    """

    def __init__(self, n: int, batch_size: int, seed: int) -> None:
        if n < 2:
            raise TaxoError(f"there are {n} training images; at least 2 are needed")
        self.n = n
        self.used = n - 1 if n % batch_size == 1 else n
        self.seed = seed
        self.epoch = 0

    def __len__(self) -> int:
        return self.used

    def __iter__(self) -> Iterator[int]:
        order = torch.randperm(self.n, generator=generator(self.seed, "order", self.epoch))
        return iter(order[: self.used].tolist())


PURPOSES = ("weights", "order", "augmentation")


def seed_for(seed: int, purpose: str, *numbers: int) -> int:
    """A seed of its own for every purpose, epoch and process, so that none shares its random numbers.

    Args:
        seed: Seed of the run.
        purpose: One of `PURPOSES`.
        numbers: Epoch and process, where they matter.
    """
    sequence = np.random.SeedSequence([seed, PURPOSES.index(purpose), *numbers])
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def generator(seed: int, purpose: str, *numbers: int, device: torch.device | str = "cpu") -> Generator:
    """A generator started by `seed_for`."""
    return Generator(device).manual_seed(seed_for(seed, purpose, *numbers))
