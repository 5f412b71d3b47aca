"""What a person sees while a network is trained; all of it on stderr."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar


class Progress:
    """A bar in a terminal, one plain line per epoch elsewhere, nothing where asked for quiet.

    Args:
        quiet: Whether to print nothing.
        console: Where to print; stderr by default.
    """

    def __init__(self, *, quiet: bool = False, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True, soft_wrap=True)
        self.quiet = quiet
        self.epochs = 0
        self.now = 1
        self._first = 1
        self._begun = 0.0
        self._bar: Bar | None = None
        self._task = TaskID(0)

    def start(self, epochs: int, steps: int, done: int = 0) -> None:
        """Begin to show.

        Args:
            epochs: Epochs in all.
            steps: Steps per epoch.
            done: Steps that an earlier session has done.
        """
        self.epochs = epochs
        self.now = self._first = done // steps + 1
        self._begun = time.monotonic()
        if self.quiet or not self.console.is_terminal:
            return
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[state]}"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
        )
        self._task = self._bar.add_task(self._heading(self.now), total=epochs * steps, completed=done, state="")
        self._bar.start()

    def steps(self, count: int, loss: float, accuracy: float, lr: float) -> None:
        """Move the bar on by `count` steps; loss and accuracy are means over the epoch so far."""
        if self._bar is not None:
            state = f"loss {loss:.3f}  accuracy {accuracy:6.1%}  lr {lr:.2g}"
            self._bar.update(self._task, description=self._heading(self.now), advance=count, state=state)

    def epoch(
        self, epoch: int, loss: float, accuracy: float, lr: float, scores: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Print the line of a finished epoch.

        Args:
            epoch: From 1.
            loss: Of the training images.
            accuracy: Of the training images.
            lr: Learning rate.
            scores: Of "val" and "test", where there are such images.
        """
        self.now = epoch + 1
        if not self.quiet:
            held_out = "".join(f"  {name} {s['accuracy']:6.1%}" for name, s in scores.items())
            line = f"{self._heading(epoch)}  loss {loss:.3f}  train {accuracy:6.1%}{held_out}  lr {lr:.2g}"
            if self._bar is None:
                line += self._left(epoch)
            self.console.print(line, highlight=False, markup=False)

    def _left(self, epoch: int) -> str:
        """The time that the other epochs will take, where that is minutes; the bar shows it in a terminal."""
        seconds = (time.monotonic() - self._begun) / (epoch - self._first + 1) * (self.epochs - epoch)
        if seconds < 120:
            return ""
        return f"  {seconds / 3600:.1f} h left" if seconds > 5400 else f"  {seconds / 60:.0f} min left"

    def _heading(self, epoch: int) -> str:
        return f"epoch {epoch:{len(str(self.epochs))}d}/{self.epochs}"

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
