"""Logs of the metrics beside `metrics.jsonl`: a table, TensorBoard, Weights & Biases."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Protocol

from accelerate.state import PartialState
from accelerate.tracking import TensorBoardTracker, WandBTracker

from taxo.taxonomy.errors import TaxoError, unknown_choice
from taxo.taxonomy.files import write_text

from .csv_log import EPOCH, CsvLog

TABLE = "metrics.csv"
BOARD = "tensorboard"
WANDB_ID = "wandb-id.txt"
FILES = (TABLE, BOARD, WANDB_ID)
"""What the logs leave in a run folder; `wandb` adds a folder of its own."""

PROJECT = "taxo"
"""The project of Weights & Biases."""


class Tracker(Protocol):
    """One log: those of Accelerate, and `CsvLog`."""

    def log(self, values: Mapping[str, float], step: int) -> None:
        """Write the numbers of an epoch."""

    def finish(self) -> None:
        """Write what is left."""


class Logs:
    """All logs of one run. With several processes the main one writes, the others do nothing.

    After a resume no epoch stands in a log twice: the table is written anew, TensorBoard hides what came after the
    checkpoint, and Weights & Biases goes on with the same run, where it takes no step again.

    Args:
        kinds: Of `KINDS`.
        folder: The run folder.
        config: The options of the run, which TensorBoard and Weights & Biases show.
        resume_step: The last epoch that is done already; 0 starts anew, and what an older run left is hidden.

    Raises:
        TaxoError: An unknown kind, a package that is not installed, a log that cannot be written.
    """

    def __init__(self, kinds: Sequence[str], folder: Path, config: Mapping[str, Any], resume_step: int = 0) -> None:
        self.folder = folder
        self.last = resume_step
        self._trackers: list[Tracker] = []
        for kind in kinds:
            if kind not in KINDS:
                raise TaxoError(unknown_choice("log", kind, KINDS))
            check_installed(kind)
        if PartialState().is_main_process:
            for kind in dict.fromkeys(kinds):
                with self._writing():
                    self._trackers.append(KINDS[kind](folder, config, resume_step))

    def epoch(self, values: Mapping[str, Any], step: int) -> None:
        """Log an epoch; one that is logged already is left as it is.

        Args:
            values: Numbers by name, or more such mappings, as in `flat`.
            step: Number of the epoch, from 1.

        Raises:
            TaxoError: A log cannot be written.
        """
        if step <= self.last:
            return
        self.last = step
        numbers = flat({name: value for name, value in values.items() if name != EPOCH})
        for tracker in self._trackers:
            with self._writing():
                tracker.log(numbers, step=step)

    def close(self) -> None:
        """Finish all logs; further epochs go nowhere.

        Raises:
            TaxoError: A log cannot be written.
        """
        while self._trackers:
            with self._writing():
                self._trackers.pop(0).finish()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or error
            raise TaxoError(
                f"{self.folder}: a log cannot be written: {reason}; free some space, or log less"
            ) from error


def flat(values: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of nested mappings; what is no number, such as a text or None, is left out.

    Example:
        >>> flat({"loss": 0.5, "val": None, "test": {"accuracy": 0.25, "levels": {"genus": 0.75}}})
        {'loss': 0.5, 'test/accuracy': 0.25, 'test/levels/genus': 0.75}
    """
    out: dict[str, float] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            out |= {f"{name}/{below}": number for below, number in flat(value).items()}
        elif isinstance(value, Integral):
            out[name] = int(value)
        elif isinstance(value, Real):
            out[name] = float(value)
    return out


def _table(folder: Path, config: Mapping[str, Any], resume_step: int) -> Tracker:
    return CsvLog(folder / TABLE, resume_step)


def _tensorboard(folder: Path, config: Mapping[str, Any], resume_step: int) -> Tracker:
    # From the purge step on, what stands in older files of this folder is hidden.
    tracker = TensorBoardTracker(BOARD, folder, purge_step=resume_step + 1 if resume_step else 0)
    tracker.start()
    if not resume_step:
        # Accelerate's own way to store the options makes a second run beside this one, and one more with every resume.
        tracker.tracker.add_text("config", f"```\n{json.dumps(config, indent=2, default=str)}\n```", 0)
    return tracker  # type: ignore[no-any-return]


def _wandb(folder: Path, config: Mapping[str, Any], resume_step: int) -> Tracker:
    wandb = import_module("wandb")
    options: dict[str, Any] = {"name": folder.name, "dir": str(folder), "config": dict(config)}
    known = folder / WANDB_ID
    if resume_step and known.exists():
        options |= {"id": known.read_text(encoding="utf-8").strip(), "resume": "allow"}
    tracker = WandBTracker(PROJECT, **options)
    try:
        tracker.start()
    except wandb.Error as error:
        raise TaxoError(
            f"Weights & Biases: {error}; log in with `wandb login`, or set WANDB_MODE=offline to log on this machine"
        ) from error
    write_text(f"{tracker.run.id}\n", known)
    return tracker  # type: ignore[no-any-return]


KINDS: dict[str, Callable[[Path, Mapping[str, Any], int], Tracker]] = {
    "csv": _table,
    "tensorboard": _tensorboard,
    "wandb": _wandb,
}
"""The logs by name, each made from the run folder, the options and the last epoch that is done."""

_EXTRAS = ("tensorboard", "wandb")  # packages, and extras of the same name


def check_installed(kind: str) -> None:
    """Raise where the package of a log is missing; in every process, so that none waits for the others.

    Raises:
        TaxoError: Names the extra.
    """
    if kind not in _EXTRAS:
        return
    try:
        import_module(kind)
    except ModuleNotFoundError as error:
        if error.name != kind:
            raise
        raise TaxoError(
            f"the log {kind!r} needs a package that is not installed; install it with: "
            f"pip install 'taxo-toolkit[{kind}]'"
        ) from None
