"""What a training will take, said before it is started: steps, memory and time."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import torch

from .data.room import in_bytes
from .memory_use import MemoryUse


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The measure of a training.

    Attributes:
        epochs: Epochs in all.
        steps_per_epoch: Steps of each.
        batch_size: Items per step, over all processes.
        parts: Parts that a batch is computed in, one after the other.
        processes: Processes that share it.
        memory: Of the model and its training steps, in each process.
        seconds_per_step: For reading, forward, backward and the step of the optimiser.
        seconds_of_scoring: For scoring the held-out items after an epoch.
    """

    epochs: int
    steps_per_epoch: int
    batch_size: int
    memory: MemoryUse
    seconds_per_step: float
    seconds_of_scoring: float = 0.0
    parts: int = 1
    processes: int = 1

    @property
    def steps(self) -> int:
        """Steps in all."""
        return self.epochs * self.steps_per_epoch

    @property
    def bytes(self) -> int:
        """The largest use of memory during a step, in each process."""
        return self.memory.bytes(self.batch_size, self.parts * self.processes)

    @property
    def seconds(self) -> float:
        """For everything."""
        return self.steps * self.seconds_per_step + self.epochs * self.seconds_of_scoring

    def to_dict(self) -> dict[str, Any]:
        """The keys of `taxo train --dry-run --json`."""
        return {
            "epochs": self.epochs,
            "steps_per_epoch": self.steps_per_epoch,
            "steps": self.steps,
            "batch_size": self.batch_size,
            "parts": self.parts,
            "processes": self.processes,
            "bytes": self.bytes,
            "memory": self.memory.to_dict(),
            "seconds_per_step": self.seconds_per_step,
            "seconds_of_scoring": self.seconds_of_scoring,
            "seconds": self.seconds,
        }

    def rows(self) -> list[tuple[str, str]]:
        """What to show a person, a name and a text a line."""
        use, batch = self.memory, self.batch_size
        model = use.parameters + use.buffers + use.gradients + use.states
        pieces = self.parts * self.processes
        at_once = "a batch" if pieces == 1 else f"each of {pieces} parts of a batch"
        scoring = f", and {in_time(self.seconds_of_scoring)} of scoring an epoch" if self.seconds_of_scoring else ""
        return [
            ("steps", f"{self.steps:,} ({self.epochs:,} epochs of {self.steps_per_epoch:,}, {batch:,} items each)"),
            (
                "memory",
                f"about {in_bytes(self.bytes)} ({in_bytes(model)} for the weights and what goes with each, "
                f"{in_bytes(self.bytes - model)} for {at_once})",
            ),
            ("time", f"about {in_time(self.seconds)} ({in_time(self.seconds_per_step)} a step{scoring})"),
        ]

    def __str__(self) -> str:
        """The rows as lines."""
        return "\n".join(f"{name:<8}{text}" for name, text in self.rows())


def time_of(
    step: Callable[[], None],
    *,
    warm_up: int = 2,
    repeats: int = 5,
    limit: float = 30.0,
    device: torch.device | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Seconds that a step takes, the median of some; what the first ones prepare does not count.

    Args:
        step: Does one step.
        warm_up: Steps before the clock starts.
        repeats: Steps by the clock, at least one.
        limit: Seconds after which no further step is begun once one has been measured; a slow step is warmed up once.
        device: What the step computes on: a GPU is waited for.
        clock: Gives seconds.
    """
    started = clock()
    for _ in range(warm_up):
        _seconds(step, device, clock)
        if clock() - started > limit / 2:
            break
    found = [_seconds(step, device, clock)]
    while len(found) < repeats and clock() - started < limit:
        found.append(_seconds(step, device, clock))
    return median(found)


def _seconds(step: Callable[[], None], device: torch.device | None, clock: Callable[[], float]) -> float:
    began = clock()
    step()
    if device is not None and device.type == "cuda":
        torch.cuda.synchronize(device)
    return clock() - began


def in_time(seconds: float) -> str:
    """A span of time for a person: two units where the larger one alone would be coarse.

    Example:
        >>> in_time(0.0123), in_time(7.44), in_time(100), in_time(7790), in_time(200_000)
        ('12 ms', '7.4 s', '1 min 40 s', '2 h 10 min', '2 d 8 h')
    """
    if seconds < 0.9995:
        return f"{1000 * seconds:.2g} ms" if seconds < 0.0995 else f"{1000 * seconds:.0f} ms"
    if seconds < 59.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    small, large, (first, second) = next(s[:3] for s in _SCALES if round(seconds / s[0]) * s[0] < s[3])
    whole, rest = divmod(round(seconds / small), large // small)
    return f"{whole:,} {first}" + (f" {rest} {second}" if rest and whole < 10 else "")


_SCALES = (
    (1, 60, ("min", "s"), 3600.0),
    (60, 3600, ("h", "min"), 86400.0),
    (3600, 86400, ("d", "h"), math.inf),
)
"""Seconds of a smaller and of a larger unit, their names (larger first), and the seconds up to which they serve."""
