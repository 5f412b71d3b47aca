"""The two calls of the command line: `train` a network, and `evaluate` a run."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from taxo.taxonomy import TaxoError

from .batches import plain_loader, seed_for
from .classifier import build_classifier
from .config import TrainConfig
from .data import DataConfig, find_splits
from .data.listing import Listing
from .device import make_accelerator
from .loop import fit
from .plan import Remark, prepare
from .progress import Progress
from .recorder import Recorder, new_folder
from .run import Run, load_run
from .scoring import score

log = logging.getLogger("taxo")


def train(config: TrainConfig, *, on_remark: Remark = log.info, overwrite: bool = False, quiet: bool = False) -> Run:
    """Train a network and leave a run folder.

    Args:
        config: The options.
        on_remark: Is told what was assumed, and of an interruption, one sentence each.
        overwrite: Whether a run in the output folder may be replaced.
        quiet: Whether to show no progress on stderr.

    Raises:
        TaxoError: As `prepare` and `fit`; the output folder holds a run.
        KeyboardInterrupt: As it came; the folder then holds all finished epochs.
    """
    folder = new_folder(config, overwrite=overwrite)
    accelerator = make_accelerator(config.device, config.precision)
    plan = prepare(replace(config, output=str(folder)), on_remark=on_remark)
    # The global generator draws the weights; the caller's is left as it was.
    with torch.random.fork_rng(devices=[]), Progress(quiet=quiet or not accelerator.is_main_process) as progress:
        torch.manual_seed(seed_for(config.seed, "weights"))
        classifier = build_classifier(plan.config, plan.embedding)
        recorder = None
        if accelerator.is_main_process:
            recorder = Recorder(folder, plan, classifier, _device_name(accelerator.device))
        on_epoch = recorder.epoch if recorder else lambda _: None
        try:
            fit(
                classifier,
                plan.splits,
                plan.taxonomy,
                plan.config,
                accelerator,
                progress=progress,
                on_epoch=on_epoch,
            )
        except KeyboardInterrupt:
            if recorder:
                on_remark(recorder.state())
            raise
    if recorder:
        recorder.finish()
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
    images = getattr(found, split)
    if images is None:
        raise TaxoError(f"the data have no {split} images; they have {', '.join(_present(found))}")
    accelerator = make_accelerator(device, run.config.precision)
    loader = plain_loader(images.loaded(source.image_size), run.config.batch_size, run.config.workers)
    model, batches = accelerator.prepare(classifier, loader)
    # The network saw pixels by the statistics of the images that it was trained on: the run's.
    return score(model, batches, run, run.taxonomy, accelerator)


def _present(found: Listing) -> list[str]:
    return [name for name in ("train", "val", "test") if getattr(found, name) is not None]


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
