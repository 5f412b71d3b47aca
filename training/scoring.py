"""Scoring the held-out items after an epoch, and the votes of the snapshot ensemble."""

from contextlib import nullcontext
from typing import Any

import torch
from accelerate import Accelerator
from torch.nn.modules.batchnorm import _BatchNorm

from taxo.taxonomy import Taxonomy

from .answers import Answers, answer, ensemble_scores, scored
from .classifier import Classifier
from .config import TrainConfig
from .data import Samples
from .job import Job
from .schedule import ends_cycle
from .state import State
from .views import view_of


def score(job: Job, state: State) -> dict[str, dict[str, Any]]:
    """The scores of the validation and the test items; at the end of a cycle their votes too."""
    config, accelerator, splits = job.config, job.accelerator, job.splits
    share_statistics(state.classifier, accelerator)
    view = view_of(config, splits, training=False)
    held_out = {name: samples for name in ("val", "test") if (samples := getattr(splits, name)) is not None}
    voting = list(held_out)[-1] if held_out and ends_cycle(config, len(state.epochs)) else None
    found = {}
    with state.average.applied() if state.average is not None else nullcontext():
        for name, samples in held_out.items():
            answers = answer(
                state.classifier,
                samples,
                view,
                accelerator,
                batch_size=config.batch_size,
                workers=config.workers,
                votes=name == voting,
            )
            found[name] = scored(answers, samples, state.classifier, job.taxonomy)
            if name == voting:
                add_votes(state, answers, samples, name, job.taxonomy)
    return found


def add_votes(state: State, answers: Answers, samples: Samples, split: str, taxonomy: Taxonomy) -> None:
    """Make the network of this epoch a member of the snapshot ensemble.

    Huang et al., "Snapshot ensembles: train 1, get M for free", ICLR 2017.
    """
    votes = torch.from_numpy(answers.votes)
    state.votes = votes if state.votes is None else state.votes + votes
    state.members.append(len(state.epochs) + 1)
    if len(state.members) > 1:
        scores = ensemble_scores(state.votes, samples, taxonomy)
        state.ensemble = {"members": list(state.members), "split": split, **scores}


@torch.no_grad()
def share_statistics(classifier: Classifier, accelerator: Accelerator) -> None:
    """Give all processes the mean of their running statistics of batch norm; those of "sync" are equal already."""
    if accelerator.num_processes == 1:
        return
    for module in classifier.modules():
        if isinstance(module, _BatchNorm) and module.running_mean is not None and module.running_var is not None:
            module.running_mean.copy_(accelerator.reduce(module.running_mean, "mean"))
            module.running_var.copy_(accelerator.reduce(module.running_var, "mean"))


def is_scored(config: TrainConfig, epoch: int) -> bool:
    """Whether the held-out items are scored after an epoch, counted from 0."""
    return (epoch + 1) % config.eval_every == 0 or epoch + 1 == config.total_epochs or ends_cycle(config, epoch)
