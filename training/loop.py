"""The training loop, to be read from top to bottom."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from itertools import islice
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from taxo.taxonomy import TaxoError

from .average import Average
from .batches import Batch, train_batches
from .classifier import Classifier, predict
from .epoch import Epoch
from .job import Job
from .networks import network
from .networks.layers import last_parameters
from .networks.norms import batch_norms, set_bn_momentum
from .networks.sync import synchronised
from .optimizer import decay_and_clip, set_learning_rate, sgd
from .randomness import seed_for
from .schedule import learning_rate
from .scoring import is_scored, score
from .state import State
from .stream import Stream
from .tally import Tally
from .views import View, view_of

log = logging.getLogger("taxo")

LOOK_EVERY = 20
"""Steps between two looks at the loss: each look makes a GPU wait."""


def fit(
    job: Job,
    classifier: Classifier,
    *,
    resume: bool = False,
    on_epoch: Callable[[State], None],
    on_remark: Callable[[str], None] = log.info,
) -> State:
    """Train a classifier in place.

    The same arguments give the same weights, bit for bit, on the CPU of one machine with the same number of threads,
    however often the training was stopped and resumed. On a GPU, or with more threads, sums run in another order.

    Args:
        job: What to train on, and how.
        classifier: With the weights to start from.
        resume: Whether to go on from the newest checkpoint of the run, if there is one.
        on_epoch: Called after every epoch, and once after going back to a checkpoint, in every process.
        on_remark: Is told of damaged checkpoints and of the place where the training goes on.

    Returns:
        The state at the end.

    Raises:
        Diverged: The loss is infinite or no number.
        Interrupted: A signal came; the state is saved.
        TaxoError: There are fewer than two training items.
    """
    job = job.on_device()
    config, accelerator, keeper = job.config, job.accelerator, job.keeper
    stream, steps = job.stream, job.steps_per_epoch
    check_parts(stream.batch_size, accelerator.num_processes, config.accumulate)
    state, model, optimizer = started(job, classifier)
    if resume and keeper.restore(state, on_remark):
        on_remark(f"going on after {len(state.epochs)} epochs and {state.step - len(state.epochs) * steps} steps")
        if state.epochs:
            on_epoch(state)
    view = view_of(config, job.splits)
    momenta = {norm: norm.momentum for norm in batch_norms(classifier)}
    left = range(state.step, config.total_epochs * steps)
    batches = train_batches(job.splits.train, stream, view, left, share_of(stream, accelerator), config.workers)
    job.progress.start(config.total_epochs, steps, done=state.step)
    while len(state.epochs) < config.total_epochs and not out_of_patience(state.epochs, config.patience):
        began = time.perf_counter()
        number = len(state.epochs)
        lr = learning_rate(config, number)
        set_learning_rate(state.optimizer, lr)
        for norm, momentum in momenta.items():
            # In the authors' code the statistics stand still while layers are frozen, those of the head g too.
            norm.momentum = 0.0 if number < config.freeze_epochs else momentum
        loss, accuracy = train_epoch(job, state, model, optimizer, batches, view)
        scores = score(job, state) if is_scored(config, number) else {}
        seconds = time.perf_counter() - began
        state.epochs.append(Epoch(number + 1, lr, loss, accuracy, scores.get("val"), scores.get("test"), seconds))
        state.sums.zero_()
        if number + 1 == config.freeze_epochs:
            state.optimizer.state.clear()  # the velocity of the few layers that have moved so far is of no use to all
        keeper.save(state)
        on_epoch(state)
        job.progress.epoch(number + 1, loss, accuracy, lr, scores)
    return state


def started(job: Job, classifier: Classifier) -> tuple[State, nn.Module, Any]:
    """The state of a training before its first step; the model and the optimizer as the accelerator prepares them.

    Args:
        job: What to train on, and how.
        classifier: With the weights to start from.
    """
    config = job.config
    if config.bn_momentum:
        set_bn_momentum(classifier, config.bn_momentum)
    if config.batch_norm == "sync" and job.accelerator.num_processes > 1:
        synchronised(classifier, job.accelerator.device)
    if config.compile:
        classifier.network.compile()
    # Convolutions on the CPU take a sixth less time with the channels last.
    classifier.to(job.accelerator.device).to(memory_format=torch.channels_last)
    optimizer = sgd(
        classifier.network,
        getattr(classifier.objective, "head", None),
        lr=learning_rate(config, 0),
        momentum=config.momentum,
        weight_decay=config.decay,
        nesterov=config.nesterov,
        exempt=() if network(config.arch).decays_last else last_parameters(classifier.network),
    )
    model, prepared = job.accelerator.prepare(classifier, optimizer)
    # Not earlier: the accelerator may put the weights elsewhere.
    average = Average(classifier, config.ema) if config.ema else None
    return State(classifier, optimizer, average, job.accelerator), model, prepared


def train_epoch(
    job: Job, state: State, model: nn.Module, optimizer: Any, batches: Iterator[Batch], view: View
) -> tuple[float, float]:
    """The steps that are left of one epoch; loss and accuracy, means over all items of the epoch as they came.

    Args:
        job: What to train on, and how.
        state: Where the training stands.
        model: The classifier, prepared by the accelerator.
        optimizer: With the learning rate of this epoch, prepared.
        batches: The batches of all steps to come.
        view: How the network sees the training items.

    Raises:
        Diverged: The loss or the gradient is infinite or no number.
        Interrupted: A signal came; the state is saved.
    """
    number, steps = len(state.epochs), job.steps_per_epoch
    done = state.step - number * steps
    lr = optimizer.param_groups[0]["lr"]
    tally = Tally(number + 1, lr, state.sums, number * steps, done, job.accelerator)
    model.train()
    for batch in islice(batches, steps - done):
        tally.add(*train_step(job, state, model, optimizer, batch.to(job.accelerator.device), view))
        done += 1
        looked = done % LOOK_EVERY == 0 or done == steps or job.keeper.hurries
        if looked:
            job.progress.steps(*tally.look())
        job.keeper.after_step(state, looked=looked)
    return tally.totals()


def train_step(
    job: Job, state: State, model: nn.Module, optimizer: Any, batch: Batch, view: View
) -> tuple[Tensor, Tensor, Tensor]:
    """One step: its loss, the norm of its gradient, and which items were predicted right.

    Args:
        job: What to train on, and how.
        state: Where the training stands; it counts the step.
        model: The classifier, prepared by the accelerator.
        optimizer: Prepared.
        batch: The items of this process, on its device.
        view: How the network sees them.
    """
    config, accelerator = job.config, job.accelerator
    # Dropout draws from the global generator: started anew for every step, it needs no saving.
    torch.manual_seed(seed_for(config.seed, "network", state.step, accelerator.process_index))
    optimizer.zero_grad()
    loss, right = gradients(model, state.classifier, batch, view, config.accumulate, accelerator)
    accelerator.unscale_gradients(optimizer)  # does nothing but with fp16
    if len(state.epochs) < config.freeze_epochs:
        for name, parameter in state.classifier.named_parameters():
            if name in job.frozen:
                parameter.grad = None
    norm = decay_and_clip(optimizer, config.clip)
    optimizer.step()
    if state.average is not None:
        state.average.update(state.step)
    state.step += 1
    return loss, norm, right


def gradients(
    model: nn.Module, classifier: Classifier, batch: Batch, view: View, parts: int, accelerator: Accelerator
) -> tuple[Tensor, Tensor]:
    """Add the gradient of the mean loss over the whole batch; its loss, and which items were predicted right.

    Args:
        model: The classifier, prepared by the accelerator.
        classifier: The classifier itself.
        batch: The items of this process, on its device.
        view: How the network sees them.
        parts: How many parts to compute one after the other.
        accelerator: Averages the gradients over the processes.
    """
    inputs = view.inputs(batch.frames, batch.positions)
    losses, rights = [], []
    pairs = [
        pair for pair in zip(inputs.tensor_split(parts), batch.labels.tensor_split(parts), strict=True) if len(pair[1])
    ]
    for i, (part, labels) in enumerate(pairs, start=1):
        # Processes exchange their gradients once, with the last part.
        with nullcontext() if i == len(pairs) else accelerator.no_sync(model):
            loss, scores = classifier.objective(model(part), labels)
            # The mean over the processes of these is the mean over the items, also where the parts are not equal.
            share = len(labels) * accelerator.num_processes / batch.total
            accelerator.backward(loss * share)
        losses.append(loss.detach() * (len(labels) / len(batch)))
        rights.append(predict(scores) == labels)
    return torch.stack(losses).sum(), torch.cat(rights)


def check_parts(batch_size: int, processes: int, parts: int) -> None:
    """Raise where a batch is too small to be divided.

    Raises:
        TaxoError: Says the batch size that is needed.
    """
    # Batch norm has no variance of a single item.
    if batch_size < 2 * processes * parts:
        raise TaxoError(
            f"a batch of {batch_size} items cannot be divided among {processes} processes with {parts} parts each, for "
            f"every part needs 2 items; take a --batch-size of {2 * processes * parts} or more (and as many training "
            "items), fewer processes, or a smaller --accumulate"
        )


def share_of(stream: Stream, accelerator: Accelerator) -> slice:
    """The part of every batch that this process takes; no part is empty."""
    ends = [i * stream.batch_size // accelerator.num_processes for i in range(accelerator.num_processes + 1)]
    return slice(ends[accelerator.process_index], ends[accelerator.process_index + 1])


def out_of_patience(epochs: list[Epoch], patience: int) -> bool:
    """Whether the accuracy on the validation items has had no new best for `patience` epochs."""
    scores = [(e.val["accuracy"], -e.epoch) for e in epochs if e.val is not None]
    if not patience or not scores:
        return False
    return epochs[-1].epoch + max(scores)[1] >= patience
