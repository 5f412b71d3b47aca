"""Writing the run folder while a network is trained."""

import hashlib
import json
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import nn

from taxo import __version__
from taxo.taxonomy import TaxoError, write
from taxo.taxonomy.files import replacing
from taxo.taxonomy.formats.directory import directory_name

from . import logs
from .checkpoints import Checkpoints, storable
from .config import TrainConfig
from .data import Splits
from .logs import Logs
from .plan import Plan
from .results import choose, results
from .run import (
    CHECKPOINTS,
    CONFIG,
    DIVERGED,
    EMBEDDING,
    FILES,
    FORMAT,
    HIERARCHY,
    INFO,
    METRICS,
    RESULT,
    SKIPPED,
    WEIGHTS,
    WORDS,
)
from .state import State
from .tally import Diverged


def new_folder(config: TrainConfig, *, overwrite: bool) -> Path:
    """The folder for a run: `output`, or a new one below `runs` named after the options. It is not made yet.

    Raises:
        TaxoError: It holds a run already, or is a file.
    """
    if not config.output:
        given = Path(config.embedding)
        name = directory_name(given) if given.is_dir() else given.stem
        stem = "-".join((name, config.loss, config.arch, f"seed{config.seed}"))
        names = (stem if i == 1 else f"{stem}-{i}" for i in range(1, 1_000_000))
        return next(path for name in names if not (path := Path("runs", name)).exists())
    path = Path(config.output).expanduser()
    if path.exists() and not path.is_dir():
        raise TaxoError(f"{path}: is a file; the run folder needs another name")
    present = [name for name in FILES if (path / name).exists()]
    if present and not overwrite:
        raise TaxoError(f"{path}: holds a run already ({', '.join(present)}); choose another --output or remove it")
    return path


class Recorder:
    """Writes one run folder; every file is replaced whole, so that it is consistent at any time.

    Args:
        path: The folder, from `new_folder`.
        plan: What is trained on.
        classifier: Whose weights are saved.
        device: What is computed on, in words.
        frozen: Names of the parameters that stand still at first.
        fresh: Whether the run begins: then what is left of an older run in the folder is removed.

    Raises:
        TaxoError: The folder cannot be written to.
    """

    def __init__(
        self,
        path: Path,
        plan: Plan,
        classifier: nn.Module,
        device: str,
        *,
        frozen: Collection[str] = (),
        fresh: bool = True,
    ) -> None:
        self.path = path
        self.plan = plan
        self._logs: Logs | None = None
        self.info: dict[str, Any] = {
            "format": FORMAT,
            "version": __version__,
            "torch": torch.__version__,
            "device": device,
            "parameters": sum(p.numel() for p in classifier.parameters()),
            "images": {k: len(i) for k in ("train", "val", "test") if (i := getattr(plan.splits, k)) is not None},
            "skipped": len(plan.splits.skipped),
            "steps_per_epoch": plan.steps_per_epoch,
            "inputs": {k: v for k, v in asdict(plan.inputs).items() if k != "word_vectors"},
            "mean": list(plan.splits.mean),
            "std": list(plan.splits.std),
            "fingerprints": {EMBEDDING: plan.embedding.fingerprint, HIERARCHY: plan.taxonomy.fingerprint},
            "frozen": sorted(frozen),
            "data": digest(plan.splits),
            "classes": list(plan.embedding.classes),
        }
        with self._room():
            self._begin() if fresh else self._tidy()

    def _begin(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TaxoError(f"{self.path}: the run folder cannot be made: {error.strerror}") from error
        for name in (*FILES, WORDS, SKIPPED, DIVERGED, *logs.FILES):
            if (self.path / name).is_dir():
                shutil.rmtree(self.path / name)
            (self.path / name).unlink(missing_ok=True)
        self.checkpoints.clear()
        self._tidy()
        self._text(CONFIG, self.plan.config.to_toml())
        self.plan.embedding.save(self.path / EMBEDDING)
        write(self.plan.taxonomy, self.path / HIERARCHY)
        if self.plan.splits.skipped:
            self._text(SKIPPED, "".join(f"{fault}\n" for fault in self.plan.splits.skipped))
        if self.plan.splits.vocabulary is not None:
            with replacing(self.path / WORDS) as temporary:
                self.plan.splits.vocabulary.write(temporary)
        self._info(0, 0.0, finished=False)

    @property
    def checkpoints(self) -> Checkpoints:
        """The run's checkpoints."""
        return checkpoints_of(self.path)

    def _log(self, state: State) -> None:
        """Log the last epoch. The first one of a session may be in the logs already, where it ended with a crash."""
        done = state.epochs[-1]
        if self._logs is None:
            self._logs = Logs(self.plan.config.logs, self.path, asdict(self.plan.config), resume_step=done.epoch - 1)
        self._logs.epoch(asdict(done), done.epoch)

    def close(self) -> None:
        """Finish the logs, however the training ended."""
        if self._logs is not None:
            self._logs.close()

    def epoch(self, state: State) -> None:
        """Write the weights, metrics and results of the last finished epoch."""
        with self._room():
            chosen_by, best = choose(state.epochs)
            done = state.epochs[-1]
            if not self._in_between(state):
                self._weights("last", state, done.epoch, "last")
                if best is done:
                    self._weights("best", state, done.epoch, chosen_by)
            self._text(METRICS, "".join(f"{json.dumps(asdict(e))}\n" for e in state.epochs))
            self._text(RESULT, _pretty(results(state.epochs, state.ensemble)))
            self._info(len(state.epochs), state.seconds, finished=False)
            self._log(state)

    def finish(self, state: State) -> None:
        """Say in `run.json` that the training came to its end."""
        with self._room():
            self._info(len(state.epochs), state.seconds, finished=True)

    def diverged(self, error: Diverged) -> TaxoError:
        """Write down which items were in the batch at which the loss became infinite or NaN; the error to raise."""
        stream, train = self.plan.stream, self.plan.splits.train
        items = stream.items(stream.positions(error.step)).tolist()
        rows = [{"item": i, "name": train.names[i], "class": train.classes[int(train.targets[i])]} for i in items]
        found = {"epoch": error.epoch, "step": error.step, "lr": error.lr, "items": rows}
        with self._room():
            self._text(DIVERGED, _pretty(found))
        return TaxoError(f"{error}; the items of that batch are listed in {self.path / DIVERGED}")

    def stopped(self, *, saved: bool) -> str:
        """What an interrupted run left behind, in words.

        Args:
            saved: Whether it was saved when it stopped.
        """
        paths = self.checkpoints.paths()
        if not saved and not paths:
            return f"{self.path}: stopped before anything was saved; train again"
        state = "stopped and saved" if saved else f"stopped at once; the last checkpoint is {paths[0].name}"
        return f"{self.path}: {state}; go on with: taxo train --resume -o {self.path}"

    def _in_between(self, state: State) -> bool:
        """Whether the weights of the state are those of a moment after its last epoch."""
        return state.step > len(state.epochs) * self.plan.steps_per_epoch

    def _tidy(self) -> None:
        """Remove what a training that was killed while it wrote has left."""
        self.checkpoints.tidy()
        for name in FILES:
            for path in self.path.glob(f".{name}.*"):
                path.unlink(missing_ok=True)

    def _info(self, epochs: int, seconds: float, *, finished: bool) -> None:
        progress = {"finished": finished, "epochs_done": epochs, "seconds": round(seconds, 3)}
        self._text(INFO, _pretty(progress | self.info))

    def _text(self, name: str, text: str) -> None:
        with replacing(self.path / name) as temporary:
            temporary.write_text(text, encoding="utf-8")

    def _weights(self, name: str, state: State, epoch: int, chosen_by: str) -> None:
        with replacing(self.path / WEIGHTS[name]) as temporary:
            # One key only: safetensors writes several in a random order, and equal runs should give equal files.
            note = json.dumps({"epoch": epoch, "chosen_by": chosen_by})
            save_file(storable(state.weights()), temporary, metadata={"taxo": note})

    @contextmanager
    def _room(self) -> Iterator[None]:
        """Says what is left where something cannot be written: on a full disk, say."""
        try:
            yield
        except (TaxoError, OSError, SafetensorError) as error:
            raise TaxoError(f"{self.path}: cannot be written ({error}){self.checkpoints.last_good()}") from error


def checkpoints_of(folder: Path) -> Checkpoints:
    """The checkpoints of a run."""
    return Checkpoints(folder / CHECKPOINTS, f"taxo train --resume -o {folder}")


def digest(splits: Splits) -> str:
    """A number for the items of all splits and their classes, to tell other data by; hexadecimal."""
    found = hashlib.sha256()
    for name in ("train", "val", "test"):
        samples = getattr(splits, name)
        if samples is not None:
            found.update(json.dumps([name, list(samples.names), samples.targets.tolist()]).encode())
    if splits.vocabulary is not None:
        found.update(json.dumps(splits.vocabulary.words).encode())
    return found.hexdigest()[:16]


def _pretty(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
