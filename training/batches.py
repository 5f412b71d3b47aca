"""From items to batches, read ahead by worker processes where the content is not in memory."""

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from .data.frames import Frames
from .data.memory import Memory
from .data.samples import Samples
from .data.texts import Texts
from .stream import Stream
from .views import View


@dataclass(frozen=True)
class Batch:
    """Some items.

    Attributes:
        frames: Their content.
        labels: int64 `(n,)`, their classes.
        items: int64 `(n,)`, their places in the set.
        positions: int64 `(n,)`, their places in the stream of training items.
        total: Number of items in the parts of this batch that all processes have together.
    """

    frames: Frames
    labels: Tensor
    items: Tensor
    positions: Tensor
    total: int

    def __len__(self) -> int:
        return len(self.labels)

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        labels, items, positions = (t.to(device, non_blocking=True) for t in (self.labels, self.items, self.positions))
        return Batch(self.frames.to(device), labels, items, positions, self.total)

    def pin_memory(self) -> "Batch":
        """The content in memory that a GPU reads directly; called by torch's DataLoader."""
        return replace(self, frames=self.frames.pin())


def train_batches(
    samples: Samples, stream: Stream, view: View, steps: Sequence[int], share: slice, workers: int
) -> Iterator[Batch]:
    """Training batches, one per step.

    Args:
        samples: The training items.
        stream: Says which items belong to a step.
        view: Says which part of an image is shown.
        steps: Numbers of the steps, from the start of the training.
        share: The part of every batch that this process takes.
        workers: Processes that read ahead; 0 reads in this one.
    """
    return _read_ahead(_Read(samples, view, stream.batch_size), _Steps(stream, steps, share), workers)


def plain_loader(
    samples: Samples, view: View, batch_size: int, workers: int = 0, share: tuple[int, int] = (0, 1)
) -> Iterator[Batch]:
    """Batches of items in their own order.

    Args:
        samples: The items.
        view: Says which part of an image is shown.
        batch_size: Items per batch; the last one may hold fewer.
        workers: Processes that read ahead.
        share: Number of this process, and how many there are: each takes every so-manieth batch.
    """
    process, processes = share
    starts = range(process * batch_size, len(samples), processes * batch_size)
    return _read_ahead(_Read(samples, view), _InOrder(len(samples), starts, batch_size), workers)


def _read_ahead(data: "_Read", places: Sampler[tuple[Tensor, Tensor]], workers: int) -> Iterator[Batch]:
    # What is in memory is there at once: handing it from process to process would only cost time.
    if workers == 0 or isinstance(data.samples.source, (Memory, Texts)):
        return (data[place] for place in places)
    return iter(
        DataLoader(
            data,
            None,
            sampler=places,
            num_workers=workers,
            collate_fn=_as_it_is,  # `_Read` hands over finished batches
            pin_memory=torch.cuda.is_available(),
            worker_init_fn=_ignore_interrupts,
        )
    )


def _ignore_interrupts(worker: int) -> None:
    # Ctrl-C in a terminal, and a scheduler's SIGTERM, go to all processes. The training ends its step and then stops
    # its workers.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


class _Read(Dataset[Batch]):
    """A whole batch per look-up, by the items and their positions."""

    def __init__(self, samples: Samples, view: View, total: int = 0) -> None:
        self.samples = samples
        self.view = view
        self.total = total

    def __getitem__(self, places: tuple[Tensor, Tensor]) -> Batch:
        items, positions = places
        frames = self.samples.source.fetch(items.tolist(), self.view.window(positions))
        return Batch(frames, self.samples.targets[items], items, positions, self.total or len(items))


class _Steps(Sampler[tuple[Tensor, Tensor]]):
    """Items and positions of every step."""

    def __init__(self, stream: Stream, steps: Sequence[int], share: slice) -> None:
        self.stream = stream
        self.steps = steps
        self.share = share

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for step in self.steps:
            positions = self.stream.positions(step)[self.share]
            yield self.stream.items(positions), positions


class _InOrder(Sampler[tuple[Tensor, Tensor]]):
    """All items, one run after the other."""

    def __init__(self, n: int, starts: Sequence[int], batch_size: int) -> None:
        self.n = n
        self.starts = starts
        self.batch_size = batch_size

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for start in self.starts:
            items = torch.arange(start, min(start + self.batch_size, self.n))
            yield items, items


def _as_it_is(batch: Any) -> Any:  # torch's annotation knows lists of items only
    return batch
