"""What a training would take, found out by a few steps that nothing is kept of."""

import time
from dataclasses import replace

import torch

from .batches import train_batches
from .classifier import build_classifier
from .config import TrainConfig
from .device import make_accelerator
from .estimate import Estimate, time_of
from .interrupts import Interrupts
from .job import Job
from .keeper import Keeper
from .loop import share_of, started, train_step
from .out_of_memory import check_room
from .plan import Remark, log, prepare
from .progress import Progress
from .randomness import seed_for
from .views import view_of


def dry_run(config: TrainConfig, *, on_remark: Remark = log.info) -> Estimate:
    """Load everything, do a few steps, and say what the whole training would take.

    Nothing is decoded ahead and nothing is written. The steps are those of this process alone.

    Args:
        config: The options.
        on_remark: Is told what was assumed, one sentence each.

    Raises:
        TaxoError: As `prepare`; or a step needs more memory than there is.
    """
    accelerator = make_accelerator(config.device, config.precision)
    kept = config.data.cache != "none"
    plan = prepare(replace(config, data=replace(config.data, cache="none")), on_remark=on_remark)
    job = Job(plan, accelerator, Progress(quiet=True), Keeper(None, Interrupts(), accelerator, minutes=1e9))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for(config.seed, "weights"))
        classifier = build_classifier(plan.config, plan.embedding, plan.inputs)
        state, model, optimizer = started(job, classifier)
        view = view_of(plan.config, plan.splits)
        share = share_of(job.stream, accelerator)
        # What does not fit is not tried.
        use = check_room(plan, classifier, accelerator)
        began = time.perf_counter()
        batch = next(train_batches(plan.splits.train, job.stream, view, range(1), share, 0))
        reading = time.perf_counter() - began
        here = batch.to(accelerator.device)
        model.train()
        step = time_of(
            lambda: _discard(train_step(job, state, model, optimizer, here, view)), device=accelerator.device
        )
        classifier.eval()
        inputs = view.inputs(here.frames, here.positions)
        with torch.no_grad(), accelerator.autocast():
            scoring = time_of(lambda: _discard(classifier(inputs)), device=accelerator.device)
    items = sum(len(samples) for samples in (plan.splits.val, plan.splits.test) if samples is not None)
    scored = -(-items // (len(batch) * accelerator.num_processes)) / config.eval_every
    # What is decoded once, or by other processes, costs a step nothing more.
    waiting = 0.0 if kept else reading / max(config.workers, 1)
    return Estimate(
        epochs=config.total_epochs,
        steps_per_epoch=plan.steps_per_epoch,
        batch_size=job.stream.batch_size,
        parts=config.accumulate,
        processes=accelerator.num_processes,
        memory=use,
        seconds_per_step=step + waiting,
        seconds_of_scoring=scored * (scoring + waiting),
    )


def _discard(value: object) -> None:
    """Nothing is kept of a step that only the clock wants."""
