"""The classifier: a network whose last layer is f, and what f is trained for."""

import torch
from torch import Tensor, nn

from taxo.embeddings import Embedding

from .config import TrainConfig
from .heads import build_head
from .losses import cosine_loss, squared_error
from .networks import InputSpec, build
from .objectives import CosineXent, CrossEntropy, Embedded, Objective
from .vectors import class_vectors


class Classifier(nn.Module):
    """Items to features to scores of classes.

    Args:
        network: Images `(batch, channels, height, width)` or texts `(batch, length)` to features
            `(batch, objective.n_outputs)`.
        objective: The loss over the features and the scores of the classes; it holds the class embeddings.
    """

    def __init__(self, network: nn.Module, objective: Objective) -> None:
        super().__init__()
        self.network = network
        self.objective = objective

    def forward(self, inputs: Tensor) -> Tensor:
        """The features f, `(batch, dim)`, not normalised."""
        features: Tensor = self.network(inputs)
        return features

    def scores(self, features: Tensor) -> Tensor:
        """`(batch, n_classes)`, by the head g where there is one, else by the nearest embedding."""
        return self.objective.scores(features)

    def nearest(self, features: Tensor) -> Tensor:
        """`(batch, n_classes)`, by the nearest embedding."""
        return self.objective.nearest(features)


def build_classifier(config: TrainConfig, embedding: Embedding, inputs: InputSpec) -> Classifier:
    """A new classifier with random weights, drawn from torch's global generator.

    Args:
        config: Network, loss and head.
        embedding: The class embedding.
        inputs: What the network is fed with.

    Raises:
        TaxoError: An unknown network or head.
    """
    objective = build_objective(config, embedding)
    return Classifier(build(config.arch, objective.n_outputs, inputs), objective)


def build_objective(config: TrainConfig, embedding: Embedding) -> Objective:
    """The objective of a loss by name.

    Raises:
        TaxoError: An unknown head.
    """
    smoothing = config.label_smoothing
    if config.loss == "xent":
        return CrossEntropy(len(embedding.classes), smoothing=smoothing)
    phi = class_vectors(embedding)
    if config.loss == "cosine":
        return Embedded(phi, cosine_loss)
    if config.loss == "mse":
        return Embedded(phi, squared_error)
    head = build_head(config.head, embedding.dim, len(embedding.classes))
    return CosineXent(phi, head, weight=config.xent_weight, smoothing=smoothing)


def predict(scores: Tensor) -> Tensor:
    """The class with the highest score, `(batch,)`; of equal ones the lowest class."""
    return scores.argmax(dim=1)


def in_top(scores: Tensor, labels: Tensor, k: int = 5) -> Tensor:
    """Whether the true class is among the `k` best, boolean `(batch,)`; of equal ones the lowest class is better.

    Args:
        scores: `(batch, n_classes)`.
        labels: int64 `(batch,)`.
        k: How many predictions count.
    """
    own = scores.gather(1, labels[:, None])  # (batch, 1)
    classes = torch.arange(scores.shape[1], device=scores.device)
    better = (scores > own) | ((scores == own) & (classes < labels[:, None]))
    return better.sum(dim=1) < k
