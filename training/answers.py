"""What a classifier answers for held-out items, before anything is counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import gather_object
from numpy.typing import NDArray
from torch import Tensor

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.arrays import Ints

from .batches import Batch, plain_loader
from .classifier import Classifier, in_top, predict
from .data.samples import Samples
from .evaluation import evaluate
from .objectives import CosineXent
from .products import widened
from .views import View


@dataclass(frozen=True)
class Answers:
    """Answers for some items.

    Attributes:
        items: int64 `(n,)`, their places in the set.
        predictions: int64 `(n,)`, predicted classes: by the head g where there is one.
        nearest: int64 `(n,)`, predicted classes by the nearest embedding.
        top5: boolean `(n,)`, whether the true class is among the five best.
        votes: float32 `(n, n_classes)`, what an ensemble adds up, see `Objective.votes`; `(n, 0)` where nobody asked.
    """

    items: Ints
    predictions: Ints
    nearest: Ints
    top5: NDArray[np.bool_]
    votes: NDArray[np.float32]

    @classmethod
    def joined(cls, parts: Sequence["Answers"]) -> "Answers":
        """The answers of several batches, in the order of the items."""
        order = np.argsort(np.concatenate([part.items for part in parts]))
        columns = (np.concatenate([getattr(part, f.name) for part in parts])[order] for f in fields(cls))
        return cls(*columns)


@torch.no_grad()
def answer(
    classifier: Classifier,
    samples: Samples,
    view: View,
    accelerator: Accelerator,
    *,
    batch_size: int,
    workers: int = 0,
    votes: bool = False,
) -> Answers:
    """The answers for all items, the same in every process.

    Several processes share the batches; no item is counted twice, also where the batches do not divide evenly.

    Args:
        classifier: On the accelerator's device; it is left in the mode for evaluation.
        samples: The items.
        view: How the network sees them.
        accelerator: Where to compute.
        batch_size: Items at a time.
        workers: Processes that read ahead.
        votes: Whether the votes are wanted too.
    """
    classifier.eval()
    share = (accelerator.process_index, accelerator.num_processes)
    parts = [
        _of_batch(classifier, view, batch.to(accelerator.device), accelerator, votes)
        for batch in plain_loader(samples, view, batch_size, workers, share)
    ]
    return Answers.joined(gather_object(parts))


def _of_batch(classifier: Classifier, view: View, batch: Batch, accelerator: Accelerator, votes: bool) -> Answers:
    with accelerator.autocast():
        features = classifier(view.inputs(batch.frames, batch.positions))
    # In half precision many classes would have equal scores.
    features = widened(features)
    scores = classifier.scores(features)
    # Without a head g the nearest embedding is what predicts: its scores are there already.
    nearest = classifier.nearest(features) if isinstance(classifier.objective, CosineXent) else scores
    columns: Iterable[Tensor] = (
        batch.items,
        predict(scores),
        predict(nearest),
        in_top(scores, batch.labels),
        classifier.objective.votes(scores) if votes else scores.new_zeros(len(scores), 0, dtype=torch.float32),
    )
    return Answers(*(column.cpu().numpy() for column in columns))


def scored(answers: Answers, samples: Samples, classifier: Classifier, taxonomy: Taxonomy) -> dict[str, Any]:
    """The scores of answers: the keys of `taxo evaluate --json`.

    With a head g the predictions are g's, and `nearest_accuracy` is that of the nearest embedding.

    Args:
        answers: For all items.
        samples: The items.
        classifier: Who answered.
        taxonomy: The hierarchy to score by, its classes in the order of the targets.
    """
    targets = samples.targets.numpy()
    result = evaluate(answers.predictions, targets, answers.top5, taxonomy).to_dict()
    if isinstance(classifier.objective, CosineXent):
        result["nearest_accuracy"] = float((answers.nearest == targets).mean())
    return result


def ensemble_scores(votes: Tensor, samples: Samples, taxonomy: Taxonomy) -> dict[str, Any]:
    """The scores of votes, under the keys of `scored`.

    Args:
        votes: Sums over the members, `(n, n_classes)`.
        samples: The items.
        taxonomy: The hierarchy to score by.
    """
    predictions, top5 = predict(votes).numpy(), in_top(votes, samples.targets).numpy()
    return evaluate(predictions, samples.targets.numpy(), top5, taxonomy).to_dict()
