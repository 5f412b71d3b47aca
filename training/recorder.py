"""Writing the run folder while a network is trained."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from taxo import __version__
from taxo.taxonomy import TaxoError, write
from taxo.taxonomy.files import replacing
from taxo.taxonomy.formats.directory import directory_name

from .config import TrainConfig
from .loop import Epoch
from .plan import Plan
from .run import CONFIG, EMBEDDING, FILES, HIERARCHY, INFO, METRICS, RESULT, WEIGHTS

ORACLE_NOTE = "the best test epoch, chosen with the test labels: no estimate for unseen images"
SAME_IMAGES_NOTE = "chosen and measured on the same images: there are no test images"


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
        path: The folder, from `new_folder`; what is left of an older run in it is removed.
        plan: What is trained on.
        classifier: Whose weights are saved.
        device: What is computed on, in words.

    Raises:
        TaxoError: The folder cannot be written to.
    """

    def __init__(self, path: Path, plan: Plan, classifier: nn.Module, device: str) -> None:
        self.path = path
        self.classifier = classifier
        self.epochs: list[Epoch] = []
        self.started = time.perf_counter()
        self.info: dict[str, Any] = {
            "version": __version__,
            "torch": torch.__version__,
            "device": device,
            "parameters": sum(p.numel() for p in classifier.parameters()),
            "images": {k: len(i) for k in ("train", "val", "test") if (i := getattr(plan.splits, k)) is not None},
            "mean": list(plan.splits.mean),
            "std": list(plan.splits.std),
            "fingerprints": {EMBEDDING: plan.embedding.fingerprint, HIERARCHY: plan.taxonomy.fingerprint},
            "classes": list(plan.embedding.classes),
        }
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TaxoError(f"{path}: the run folder cannot be made: {error.strerror}") from error
        for name in FILES:
            (path / name).unlink(missing_ok=True)
        self._text(CONFIG, plan.config.to_toml())
        plan.embedding.save(path / EMBEDDING)
        write(plan.taxonomy, path / HIERARCHY)
        self._info(finished=False)

    def epoch(self, done: Epoch) -> None:
        """Write the weights, metrics and results of a finished epoch."""
        self.epochs.append(done)
        chosen_by, best = choose(self.epochs)
        self._weights("last", done.epoch, "last")
        if best is done:
            self._weights("best", done.epoch, chosen_by)
        self._text(METRICS, "".join(f"{json.dumps(asdict(e))}\n" for e in self.epochs))
        self._text(RESULT, _pretty(results(self.epochs)))
        self._info(finished=False)

    def finish(self) -> None:
        """Say in `run.json` that the training came to its end."""
        self._info(finished=True)

    def state(self) -> str:
        """What an interrupted run left behind, in words."""
        if not self.epochs:
            return f"{self.path}: stopped before the end of the first epoch; there are no weights yet"
        return f"{self.path}: stopped; it holds metrics and weights up to epoch {self.epochs[-1].epoch}"

    def _info(self, *, finished: bool) -> None:
        seconds = round(time.perf_counter() - self.started, 3)
        progress = {"finished": finished, "epochs_done": len(self.epochs), "seconds": seconds}
        self._text(INFO, _pretty(progress | self.info))

    def _text(self, name: str, text: str) -> None:
        with replacing(self.path / name) as temporary:
            temporary.write_text(text, encoding="utf-8")

    def _weights(self, name: str, epoch: int, chosen_by: str) -> None:
        # Channels-last weights are strided; the file holds plain arrays.
        state = {k: v.detach().cpu().contiguous() for k, v in self.classifier.state_dict().items()}
        with replacing(self.path / WEIGHTS[name]) as temporary:
            # One key only: safetensors writes several in a random order, and equal runs should give equal files.
            note = json.dumps({"epoch": epoch, "chosen_by": chosen_by})
            save_file(state, temporary, metadata={"taxo": note})


def choose(epochs: Sequence[Epoch]) -> tuple[str, Epoch]:
    """The best epoch and what it was chosen by; of equally good ones the first.

    By the validation images ("validated"), else by the test images ("oracle"), else it is the last one ("last").
    """
    if epochs[-1].val is not None:
        return "validated", _best(epochs, "val")
    if epochs[-1].test is not None:
        return "oracle", _best(epochs, "test")
    return "last", epochs[-1]


def results(epochs: Sequence[Epoch]) -> dict[str, Any]:
    """The content of `result.json`: scores of the test images at the last, the validated and the best epoch.

    Without test images the scores are those of the validation images; `split` says which. What there are no
    images for is None.
    """
    last = epochs[-1]
    split = "test" if last.test is not None else "val" if last.val is not None else None
    validated = oracle = None
    if last.val is not None:
        validated = _scores(_best(epochs, "val"), split)
        validated |= {"note": SAME_IMAGES_NOTE} if split == "val" else {}
    if last.test is not None:
        oracle = _scores(_best(epochs, "test"), "test") | {"note": ORACLE_NOTE}
    return {
        "last": _scores(last, split) if split else None,
        "validated": validated,
        "oracle": oracle,
        "snapshot_ensemble": None,
        "best_weights": choose(epochs)[0],
    }


def _best(epochs: Sequence[Epoch], split: str) -> Epoch:
    return max(epochs, key=lambda e: float(getattr(e, split)["accuracy"]))


def _scores(epoch: Epoch, split: str | None) -> dict[str, Any]:
    return {"epoch": epoch.epoch, "split": split, **getattr(epoch, split or "test")}


def _pretty(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
