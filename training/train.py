"""The calls of the command line: `train` a network, and `evaluate` a run."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list

from taxo.embeddings import load as load_embedding
from taxo.taxonomy import TaxoError, read

from .answers import answer, scored
from .classifier import Classifier, build_classifier
from .config import TrainConfig
from .data import DataConfig, find_splits
from .data.cache import cached
from .data.encoding import encoded
from .data.listing import Listing
from .data.vocabulary import read_vocabulary
from .device import make_accelerator
from .interrupts import Interrupted, Interrupts
from .job import Job
from .keeper import Keeper
from .loop import fit
from .networks.norms import batch_norms
from .networks.weights import pretrain
from .out_of_memory import check_room, is_out_of_memory, out_of_memory
from .plan import Plan, Remark, prepare
from .progress import Progress
from .randomness import seed_for
from .recorder import Recorder, checkpoints_of, digest, new_folder
from .run import EMBEDDING, HIERARCHY, WORDS, Run, load_info, load_run
from .state import State
from .tally import Diverged
from .views import view_of

log = logging.getLogger("taxo")


def train(
    config: TrainConfig,
    *,
    resume: bool = False,
    overwrite: bool = False,
    quiet: bool = False,
    on_remark: Remark = log.info,
) -> Run:
    """Train a network and leave a run folder.

    Args:
        config: The options.
        resume: Whether to go on with the run in the output folder, from its newest checkpoint.
        overwrite: Whether a run in the output folder may be replaced.
        quiet: Whether to show no progress on stderr.
        on_remark: Is told what was assumed, and of an interruption, one sentence each.

    Raises:
        TaxoError: As `prepare` and `fit`; the output folder holds a run, or with `resume` none that fits the data.
        Interrupted: A signal came; the folder holds everything to go on.
    """
    accelerator = make_accelerator(config.device, config.precision)
    config = replace(config, precision=accelerator.mixed_precision)
    said: Remark = on_remark if accelerator.is_main_process else lambda _: None
    folder, going_on = _folder(config, accelerator, resume=resume, overwrite=overwrite)
    begun = load_info(folder) if going_on else None
    if begun and begun["finished"]:
        said(f"{folder}: this training is finished; nothing is left to do")
        return load_run(folder)
    # The first process may decode images and keep them on the disk; the others then find them there.
    with accelerator.main_process_first():
        new = replace(config, output=str(folder))
        plan = _resumed(new, begun, said) if begun else prepare(new, on_remark=said)
    # The global generator draws the weights; the caller's is left as it was.
    with torch.random.fork_rng(devices=[]), Progress(quiet=quiet or not accelerator.is_main_process) as progress:
        torch.manual_seed(seed_for(config.seed, "weights"))
        classifier = build_classifier(plan.config, plan.embedding, plan.inputs)
        frozen = frozenset(begun["frozen"]) if begun else _start_from_weights(plan, classifier, said)
        if accelerator.device.type == "cpu":
            check_room(plan, classifier, accelerator)
        recorder = None
        if accelerator.is_main_process:
            device = _device_name(accelerator.device)
            recorder = Recorder(folder, plan, classifier, device, frozen=frozen, fresh=not going_on)
        accelerator.wait_for_everyone()
        with Interrupts() as interrupts, _explained(plan, classifier, accelerator, recorder, said):
            keeper = Keeper(checkpoints_of(folder), interrupts, accelerator, plan.config.checkpoint_minutes)
            state = fit(
                Job(plan, accelerator, progress, keeper, frozen),
                classifier,
                resume=going_on,
                on_epoch=recorder.epoch if recorder else _nothing,
                on_remark=said,
            )
    if recorder:
        recorder.finish(state)
    accelerator.wait_for_everyone()
    return load_run(folder)


def evaluate(
    run: Run | str | Path,
    *,
    weights: str = "last",
    split: str = "test",
    data: DataConfig | None = None,
    device: str = "auto",
) -> dict[str, Any]:
    """Score a trained network: the keys of `taxo evaluate --json`.

    Args:
        run: A run or its folder.
        weights: "last" or "best".
        split: "train", "val" or "test".
        data: Other data with the same classes; by default those of the run.
        device: "auto", "cpu" or "cuda".

    Raises:
        TaxoError: Files of the run or the data are missing or damaged, or the data have no such split.
    """
    run = run if isinstance(run, Run) else load_run(run)
    if split not in ("train", "val", "test"):
        raise TaxoError(f"unknown split {split!r}; known are train, val, test")
    classifier = run.classifier(weights)
    source = data or run.config.data
    found = find_splits(source, run.taxonomy)
    if run.info["inputs"]["n_words"]:
        found = encoded(found, source, read_vocabulary(run.path / WORDS))
    samples = getattr(found, split)
    if samples is None:
        raise TaxoError(f"the data have no {split} items; they have {', '.join(_present(found))}")
    accelerator = make_accelerator(device, run.config.precision)
    classifier.to(accelerator.device).to(memory_format=torch.channels_last)
    # The network saw pixels by the statistics of the images that it was trained on: the run's.
    answers = answer(
        classifier,
        cached(samples, source).samples,
        view_of(run.config, run, training=False),
        accelerator,
        batch_size=run.config.batch_size,
        workers=run.config.workers,
    )
    return scored(answers, samples, classifier, run.taxonomy)


def _start_from_weights(plan: Plan, classifier: Classifier, on_remark: Remark) -> frozenset[str]:
    """Put weights of another training into the network where that is wanted; the parameters that stand still at first.

    Raises:
        TaxoError: The weights cannot be had, or belong to another network.
    """
    config = plan.config
    if not (config.pretrained or config.weights):
        return frozenset()
    loaded = pretrain(classifier.network, config.arch, plan.inputs, config.weights or None)
    on_remark(loaded.remark())
    first_phase = {f"network.{name}" for name in loaded.first_phase}
    # Of the head g, which is new in any case, the authors' code trains the dense layer only.
    norms = {p for norm in batch_norms(classifier.objective) for p in norm.parameters()}
    first_phase |= {f"objective.{name}" for name, p in classifier.objective.named_parameters() if p not in norms}
    return frozenset(name for name, _ in classifier.named_parameters()) - first_phase


def _folder(config: TrainConfig, accelerator: Accelerator, *, resume: bool, overwrite: bool) -> tuple[Path, bool]:
    """The run folder, and whether a training goes on in it: the same in all processes.

    Raises:
        TaxoError: It holds a run already.
    """
    found: list[Any] = ["", False]
    # Only one process looks at what is there: the next would see what this one has made.
    if accelerator.is_main_process:
        folder = Path(config.output) if resume else new_folder(config, overwrite=overwrite)
        found = [str(folder), resume and bool(checkpoints_of(folder).paths())]
    broadcast_object_list(found)
    return Path(found[0]), found[1]


def _resumed(config: TrainConfig, begun: dict[str, Any], on_remark: Remark) -> Plan:
    """The plan of a run that goes on: its own embedding and hierarchy, and the data, which must be the same.

    Args:
        config: The options; `output` is the run folder.
        begun: What its `run.json` says.
        on_remark: Is told what was assumed.

    Raises:
        TaxoError: The data are others, or something is missing.
    """
    folder = Path(config.output)
    targets = load_embedding(folder / EMBEDDING), read(folder / HIERARCHY, format="text")
    plan = prepare(config, targets=targets, on_remark=on_remark)
    if digest(plan.splits) != begun["data"]:
        raise TaxoError(
            f"{folder}: the data are not those that this training began with (other items, or other classes of them); "
            "put them back, or train into a new folder"
        )
    return plan


@contextmanager
def _explained(
    plan: Plan, classifier: Classifier, accelerator: Accelerator, recorder: Recorder | None, on_remark: Remark
) -> Iterator[None]:
    """What a training ends with before its end, in words that help."""
    try:
        yield
    except Diverged as error:
        raise (recorder.diverged(error) if recorder else error) from error
    except KeyboardInterrupt as stop:
        if recorder:
            on_remark(recorder.stopped(saved=isinstance(stop, Interrupted)))
        raise
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise out_of_memory(error, plan, classifier, accelerator) from error
    finally:
        if recorder:
            recorder.close()


def _nothing(state: State) -> None:
    """What processes other than the first write."""


def _present(found: Listing) -> list[str]:
    return [name for name in ("train", "val", "test") if getattr(found, name) is not None]


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
