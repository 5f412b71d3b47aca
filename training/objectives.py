"""What a classifier is trained for: a loss, and the scores of the classes that go with it."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor, nn

from .losses import cosine_loss, cross_entropy, from_cosines, unit
from .products import in_single, widened
from .vectors import ClassVectors, class_vectors

VectorLoss = Callable[[Tensor, Tensor], Tensor]
"""From features `(batch, dim)` and wanted embeddings `(batch, dim)` to a scalar."""


class Objective(nn.Module, ABC):
    """A loss over the features f, and how the classes are scored.

    Attributes:
        n_outputs: Number of outputs that the network needs.
    """

    n_outputs: int

    @abstractmethod
    def forward(self, features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """The loss of a batch, a scalar, and its scores `(batch, n_classes)`, which carry no gradient.

        Both at once, because the batch norm of a head may count every batch only once.

        Args:
            features: `(batch, n_outputs)`, f.
            labels: int64 `(batch,)`, the class of every image.
        """

    @abstractmethod
    def scores(self, features: Tensor) -> Tensor:
        """`(batch, n_classes)`; the class with the highest score is predicted."""

    def votes(self, scores: Tensor) -> Tensor:
        """What the members of an ensemble add up, float32 `(batch, n_classes)`: the probabilities of the classes.

        Args:
            scores: From `scores`.
        """
        return widened(scores).softmax(dim=1).to(torch.float32)

    @abstractmethod
    def nearest(self, features: Tensor) -> Tensor:
        """`(batch, n_classes)`; the class with the nearest embedding scores highest."""


class Embedded(Objective):
    """Features that are to come to lie where the embedding of their class lies; the nearest one is predicted.

    All embeddings have length 1, so the one with the largest cosine is also the one at the least distance.

    Args:
        phi: Unit-norm class embeddings, `(n_classes, dim)` or as `ClassVectors`. They are no part of the saved weights.
        loss: `cosine_loss` or `squared_error`.
    """

    def __init__(self, phi: Tensor | ClassVectors, loss: VectorLoss) -> None:
        super().__init__()
        self.vectors = class_vectors(phi)
        self.n_outputs = self.vectors.dim
        self.loss = loss

    def forward(self, features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """See `Objective`."""
        return self._loss(features, labels), self.nearest(features.detach())

    def _loss(self, features: Tensor, labels: Tensor) -> Tensor:
        if self.loss is cosine_loss:
            # Sparse vectors and those of the node basis have their dot products without being written down.
            return from_cosines(self.vectors.dots(unit(features), labels))
        return self.loss(features, self.vectors.of(labels))

    def scores(self, features: Tensor) -> Tensor:
        """See `Objective`."""
        return self.nearest(features)

    def nearest(self, features: Tensor) -> Tensor:
        """`<psi(x), phi(c)>` of every class c, `(batch, n_classes)`."""
        return self.vectors.scores(unit(features))

    def votes(self, scores: Tensor) -> Tensor:
        """The cosines themselves: their sum is the cosine with the sum of the members' psi, but for a factor."""
        return scores.to(torch.float32)


class CosineXent(Objective):
    """The cosine loss plus `weight` times the cross-entropy of a head g; g predicts, as in [BD20].

    Args:
        phi: Unit-norm class embeddings, `(n_classes, dim)` or as `ClassVectors`. They are no part of the saved weights.
        head: g, from `unit(features)` to logits.
        weight: lambda.
        smoothing: Label smoothing of the cross-entropy.
    """

    def __init__(self, phi: Tensor | ClassVectors, head: nn.Module, *, weight: float, smoothing: float) -> None:
        super().__init__()
        self.vectors = class_vectors(phi)
        self.n_outputs = self.vectors.dim
        self.head = head
        self.weight = weight
        self.smoothing = smoothing

    def forward(self, features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """See `Objective`."""
        features = widened(features)  # once: the gradients of both terms add up before they are rounded to half
        logits = self.scores(features)
        cosine = from_cosines(self.vectors.dots(unit(features), labels))
        return cosine + self.weight * cross_entropy(logits, labels, smoothing=self.smoothing), logits.detach()

    def scores(self, features: Tensor) -> Tensor:
        """The logits of g, `(batch, n_classes)`; in single precision at least, as g is a part of the loss."""
        psi = unit(features)
        with in_single(psi):
            logits: Tensor = self.head(psi)
        return logits

    def nearest(self, features: Tensor) -> Tensor:
        """`<psi(x), phi(c)>` of every class c, `(batch, n_classes)`."""
        return self.vectors.scores(unit(features))


class CrossEntropy(Objective):
    """Softmax and cross-entropy on f itself, which has one output per class.

    No class embedding is used. One-hot vectors would change nothing: the nearest is that of the largest output.

    Args:
        n_classes: Number of classes.
        smoothing: Label smoothing.
    """

    def __init__(self, n_classes: int, *, smoothing: float) -> None:
        super().__init__()
        self.n_outputs = n_classes
        self.smoothing = smoothing

    def forward(self, features: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """See `Objective`."""
        return cross_entropy(features, labels, smoothing=self.smoothing), features.detach()

    def scores(self, features: Tensor) -> Tensor:
        """The outputs themselves."""
        return features

    def nearest(self, features: Tensor) -> Tensor:
        """The outputs themselves."""
        return features
