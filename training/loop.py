"""The training loop, to be read from top to bottom."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from accelerate import Accelerator
from torch import nn
from torch.optim import Optimizer

from taxo.taxonomy import Taxonomy

from .augment import augment
from .batches import Loader, Shuffled, generator, plain_loader, train_loader
from .classifier import Classifier, predict
from .config import TrainConfig
from .data import Splits
from .optimizer import decay_and_clip, set_learning_rate, sgd
from .progress import Progress
from .schedule import sgdr
from .scoring import inputs, score
from .tally import Tally

LOOK_EVERY = 20
"""Steps between two looks at the loss: each look makes a GPU wait."""


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to.

    Attributes:
        epoch: From 1.
        lr: Its learning rate.
        loss: Mean loss over the training images, as they came.
        accuracy: Share of the training images that was predicted right, as they came.
        val: Scores of the validation images; None without any.
        test: Scores of the test images; None without any.
        seconds: How long it took, scoring included.
    """

    epoch: int
    lr: float
    loss: float
    accuracy: float
    val: dict[str, Any] | None
    test: dict[str, Any] | None
    seconds: float


def fit(
    classifier: Classifier,
    splits: Splits,
    taxonomy: Taxonomy,
    config: TrainConfig,
    accelerator: Accelerator,
    *,
    progress: Progress,
    on_epoch: Callable[[Epoch], None],
) -> None:
    """Train a classifier in place.

    The same arguments give the same weights, bit for bit, on the CPU of one machine with the same number of threads.
    On a GPU, or with more threads, sums run in another order.

    Args:
        classifier: With fresh weights.
        splits: The images.
        taxonomy: The hierarchy that predictions are scored by, its classes in the order of the targets.
        config: The options.
        accelerator: Where to compute.
        progress: Is told of the steps and epochs.
        on_epoch: Called after every epoch, in every process.

    Raises:
        TaxoError: The loss is infinite or no number; there are fewer than two training images.
    """
    order = Shuffled(len(splits.train), config.batch_size, config.seed)
    head = getattr(classifier.objective, "head", None)
    optimizer: Optimizer = sgd(
        classifier.network, head, lr=config.lr_max, momentum=config.momentum, weight_decay=config.decay
    )
    batches = train_loader(splits.train, config.batch_size, order, config.workers)
    held_out = {
        name: accelerator.prepare(plain_loader(images, config.batch_size, config.workers))
        for name, images in (("val", splits.val), ("test", splits.test))
        if images is not None
    }
    # Convolutions on the CPU take a sixth less time with the channels last.
    classifier.to(memory_format=torch.channels_last)
    model, optimizer, batches = accelerator.prepare(classifier, optimizer, batches)
    progress.start(config.epochs, len(batches))
    for epoch in range(config.epochs):
        started = time.perf_counter()
        order.epoch = epoch
        lr = sgdr(epoch, lr_max=config.lr_max, cycle=config.cycle)
        set_learning_rate(optimizer, lr)
        loss, accuracy = train_epoch(model, batches, optimizer, splits, config, accelerator, epoch, progress)
        scores = {name: score(model, loader, splits, taxonomy, accelerator) for name, loader in held_out.items()}
        seconds = time.perf_counter() - started
        done = Epoch(epoch + 1, lr, loss, accuracy, scores.get("val"), scores.get("test"), seconds)
        on_epoch(done)
        progress.epoch(done.epoch, loss, accuracy, lr, scores)


def train_epoch(
    model: nn.Module,
    batches: Loader,
    optimizer: Optimizer,
    splits: Splits,
    config: TrainConfig,
    accelerator: Accelerator,
    epoch: int,
    progress: Progress,
) -> tuple[float, float]:
    """One pass over the training images; loss and accuracy, means over the images as they came.

    Args:
        model: The classifier, prepared by the accelerator.
        batches: Training images, prepared.
        optimizer: With the learning rate of this epoch, prepared.
        splits: For the mean and standard deviation of the pixels.
        config: The options.
        accelerator: Where to compute.
        epoch: From 0.
        progress: Is told of the steps.

    Raises:
        TaxoError: The loss or the gradient is infinite or no number.
    """
    objective = accelerator.unwrap_model(model).objective
    random = generator(config.seed, "augmentation", epoch, accelerator.process_index, device=accelerator.device)
    tally = Tally(epoch + 1, optimizer.param_groups[0]["lr"], accelerator)
    model.train()
    for step, (pixels, labels) in enumerate(batches, start=1):
        images = inputs(augment(pixels, config.augment, random), splits)
        loss, scores = objective(model(images), labels)
        optimizer.zero_grad()
        accelerator.backward(loss)
        accelerator.unscale_gradients(optimizer)  # does nothing but with fp16
        norm = decay_and_clip(optimizer, config.clip)
        optimizer.step()
        tally.add(loss.detach(), norm, predict(scores) == labels)
        if step % LOOK_EVERY == 0 or step == len(batches):
            progress.steps(*tally.look())
    return tally.totals()
