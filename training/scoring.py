"""Scoring a classifier on held-out images."""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from taxo.taxonomy import Taxonomy

from .augment import normalize
from .batches import Loader
from .classifier import in_top, predict
from .evaluation import evaluate
from .objectives import CosineXent


class PixelStatistics(Protocol):
    """Mean and standard deviation of the channels of the training images, `(3,)` each, in 0..1."""

    @property
    def mean(self) -> Sequence[float]: ...

    @property
    def std(self) -> Sequence[float]: ...


def inputs(images: Tensor, pixels: PixelStatistics) -> Tensor:
    """What the network sees: `(batch, 3, size, size)` by the mean and standard deviation of the training images.

    Args:
        images: uint8, or float in 0..1.
        pixels: Holds both; `Splits` does.
    """
    return normalize(images, pixels.mean, pixels.std).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def score(
    model: nn.Module, batches: Loader, statistics: PixelStatistics, taxonomy: Taxonomy, accelerator: Accelerator
) -> dict[str, Any]:
    """Scores of the predictions for all images: the keys of `taxo evaluate --json`.

    With a head g the predictions are g's, and `nearest_accuracy` is that of the nearest embedding.

    Args:
        model: The classifier, prepared by the accelerator.
        batches: Prepared too; each image counts once, also where the last batch was filled up for the processes.
        statistics: Of the pixels of the images that the model was trained on.
        taxonomy: The hierarchy to score by, its classes in the order of the targets.
        accelerator: Where to compute.
    """
    objective = accelerator.unwrap_model(model).objective
    model.eval()
    found: list[tuple[Tensor, ...]] = []
    for pixels, labels in batches:
        features = model(inputs(pixels, statistics))
        scores = objective.scores(features)
        columns = (predict(scores), labels, in_top(scores, labels), predict(objective.nearest(features)))
        found.append(accelerator.gather_for_metrics(columns))
    predictions, targets, top5, nearest = (torch.cat(column).cpu().numpy() for column in zip(*found, strict=True))
    result = evaluate(predictions, targets, top5, taxonomy).to_dict()
    if isinstance(objective, CosineXent):
        result["nearest_accuracy"] = float((nearest == targets).mean())
    return result
