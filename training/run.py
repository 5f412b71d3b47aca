"""The run folder: what a training leaves behind, and reading it back.

    config.toml          the options, every default filled in
    run.json             format, versions, device, seconds, classes in order, fingerprints, what the network is fed with
    metrics.jsonl        one object per epoch
    result.json          {last, validated, oracle, snapshot_ensemble, best_weights}
    last.safetensors     the weights after the last epoch
    best.safetensors     the weights of the epoch that result.json names in best_weights
    checkpoints/         the training itself at the two last moments at which it was saved
    embedding.npz        the class embedding
    hierarchy.txt        the hierarchy that predictions are scored by
    words.txt            of texts: the words that the network knows
    skipped.txt          images left out because they cannot be read, where --skip-bad was given and there are any
    diverged.json        the items of the batch at which the loss became NaN, where it did

Every file is replaced whole, after every epoch: however a training ends, the folder fits together.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import nn

from taxo import __version__
from taxo.embeddings import Embedding
from taxo.embeddings import load as load_embedding
from taxo.taxonomy import TaxoError, Taxonomy, read

from .classifier import Classifier, build_classifier
from .config import TrainConfig
from .networks import InputSpec

CONFIG = "config.toml"
INFO = "run.json"
METRICS = "metrics.jsonl"
RESULT = "result.json"
EMBEDDING = "embedding.npz"
HIERARCHY = "hierarchy.txt"
CHECKPOINTS = "checkpoints"
WORDS = "words.txt"
SKIPPED = "skipped.txt"
DIVERGED = "diverged.json"
WEIGHTS = {"last": "last.safetensors", "best": "best.safetensors"}
FILES = (CONFIG, INFO, METRICS, RESULT, EMBEDDING, HIERARCHY, *WEIGHTS.values())
"""What every finished run has."""

FORMAT = 2
"""Number of the layout of a run folder and of its weights."""


@dataclass(frozen=True)
class Run:
    """A run folder, read.

    Attributes:
        path: The folder.
        config: The options.
        embedding: The class embedding.
        taxonomy: The hierarchy that predictions are scored by, its classes in the order of the embedding's rows.
        info: What `run.json` says.
        result: What `result.json` says.
    """

    path: Path
    config: TrainConfig
    embedding: Embedding
    taxonomy: Taxonomy
    info: dict[str, Any]
    result: dict[str, Any]

    @property
    def mean(self) -> tuple[float, ...]:
        """Mean of the channels of the training images, `(channels,)`, in 0..1; empty for texts."""
        return tuple(self.info["mean"])

    @property
    def std(self) -> tuple[float, ...]:
        """Standard deviation of the channels of the training images, `(channels,)`, in 0..1; empty for texts."""
        return tuple(self.info["std"])

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in class order."""
        return self.embedding.classes

    def metrics(self) -> list[dict[str, Any]]:
        """One object per epoch.

        Raises:
            TaxoError: The file is missing or damaged.
        """
        path = self.path / METRICS
        return [_json(line, f"{path}:{i}") for i, line in enumerate(_text(path).splitlines(), start=1)]

    def classifier(self, weights: str = "last") -> Classifier:
        """The network with its weights, on the CPU, ready to predict.

        Args:
            weights: "last" or "best".

        Raises:
            TaxoError: Unknown weights; their file is missing, damaged, of another network or of another epoch than
                `result.json` says.
        """
        if weights not in WEIGHTS:
            raise TaxoError(f"unknown weights {weights!r}; known are {', '.join(WEIGHTS)}")
        classifier = build_classifier(self.config, self.embedding, InputSpec(**self.info["inputs"]))
        load_weights(classifier, self.path / WEIGHTS[weights])
        if weights == "best":
            self._check_best()
        return classifier.eval()

    def _check_best(self) -> None:
        """Raise unless the best weights are those of the epoch that was chosen.

        Where a damaged checkpoint makes a training repeat epochs, these come out a little differently on a GPU, and
        another epoch may be the best one than before.
        """
        path = self.path / WEIGHTS["best"]
        with safe_open(path, "pt") as file:
            note = json.loads((file.metadata() or {}).get("taxo", "{}"))
        chosen = self.result.get(self.result["best_weights"])
        if chosen and note.get("epoch") != chosen["epoch"]:
            raise TaxoError(
                f"{path}: the weights of epoch {note.get('epoch')}, but {RESULT} names epoch {chosen['epoch']}; go on "
                "with the training where it was killed (--resume), else take the last weights"
            )


def load_run(path: str | Path) -> Run:
    """Read a run folder; the weights are read when `Run.classifier` asks for them.

    Raises:
        TaxoError: No run folder, or files in it are missing, damaged or do not fit together.
    """
    folder = Path(path)
    config = load_config(folder)
    missing = [name for name in (INFO, RESULT, EMBEDDING, HIERARCHY) if not (folder / name).is_file()]
    if missing:
        raise TaxoError(
            f"{path}: {', '.join(missing)} missing; the training ended before its first epoch, or files were removed"
        )
    info = load_info(folder)
    run = Run(
        path=folder,
        config=config,
        embedding=load_embedding(folder / EMBEDDING),
        taxonomy=read(folder / HIERARCHY, format="text"),
        info=info,
        result=_json(_text(folder / RESULT), str(folder / RESULT)),
    )
    _check_fit(run)
    return run


def load_config(folder: Path) -> TrainConfig:
    """The options of a run.

    Raises:
        TaxoError: There is no run in the folder, or its options are damaged.
    """
    if not (folder / CONFIG).is_file():
        what = "holds no run" if folder.is_dir() else "is no folder"
        raise TaxoError(f"{folder}: {what} ({CONFIG} is missing); `taxo train` makes run folders")
    return TrainConfig.from_toml(_text(folder / CONFIG), str(folder / CONFIG))


def load_info(folder: Path) -> dict[str, Any]:
    """What `run.json` says.

    Raises:
        TaxoError: It is missing or damaged, or the run folder is one of another version.
    """
    info = _json(_text(folder / INFO), str(folder / INFO))
    found = info.get("format", 1)
    if found != FORMAT:
        raise TaxoError(
            f"{folder}: a run folder of another version (format {found}, made by taxo {info.get('version')}; this is "
            f"taxo {__version__}, format {FORMAT}); use that version, or train again: "
            f"taxo train --config {folder / CONFIG} -o NEW"
        )
    return info


def load_weights(module: nn.Module, path: Path) -> None:
    """Put the weights of a file into a module.

    Raises:
        TaxoError: The file is missing, damaged, or of another network.
    """
    if not path.is_file():
        raise TaxoError(f"{path}: no such file; the training ended before its first epoch, or it was removed")
    try:
        module.load_state_dict(load_file(path))
    except (SafetensorError, OSError) as error:
        raise TaxoError(f"{path}: damaged ({error}); train again") from error
    except RuntimeError as error:
        first = str(error).split("\n")[1].strip()
        raise TaxoError(f"{path}: these are not the weights of the network in {CONFIG}: {first}") from error


def _check_fit(run: Run) -> None:
    """Raise unless embedding and hierarchy are those that the run was trained with.

    Raises:
        TaxoError: Names the file that is another one.
    """
    found = {EMBEDDING: run.embedding.fingerprint, HIERARCHY: run.taxonomy.fingerprint}
    wanted = run.info.get("fingerprints", {})
    for name, fingerprint in found.items():
        if wanted.get(name) != fingerprint:
            raise TaxoError(
                f"{run.path / name}: its fingerprint is {fingerprint}, the run was trained with {wanted.get(name)}; "
                "put the original file back"
            )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise TaxoError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TaxoError(f"{path}: damaged: byte {error.start} is not UTF-8") from error


def _json(text: str, source: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise TaxoError(f"{source}: damaged: {error}") from error
    if not isinstance(value, dict):
        raise TaxoError(f"{source}: damaged: it holds no JSON object")
    return value
