"""The losses of [BD20] as functions: a batch of vectors in, one number out.

[BD20] is Barz & Denzler, "Deep learning on small datasets without pre-training using cosine loss", WACV 2020.

A "CosineLoss" that circulates in public PyTorch code is cross-entropy on normalised logits, with no dense layer
in between. It is not the cosine loss: on the unit sphere it never comes near zero, see `cross_entropy_floor`.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from .products import widened


def unit(features: Tensor) -> Tensor:
    """`psi = f / |f|`, row by row.

    A row of zeros has no direction and stays zeros. Its gradient is then that of the identity, so the cosine
    loss pulls it straight towards the embedding of its class, and nothing becomes NaN.

    Args:
        features: `(batch, dim)`, the output f of the network.
    """
    f = widened(features)
    length = torch.linalg.vector_norm(f, dim=1, keepdim=True)
    return f / torch.where(length > 0, length, 1)


def cosine_loss(features: Tensor, wanted: Tensor) -> Tensor:
    """`mean(1 - <phi(y), psi(x)>)`, in [0, 2]; no temperature, no margin ([BD20]).

    Args:
        features: `(batch, dim)`, f as the network gives it: it is normalised here.
        wanted: `(batch, dim)`, the unit-norm embedding phi of every image's class.
    """
    return from_cosines((unit(features) * widened(wanted)).sum(dim=1))


def from_cosines(cosines: Tensor) -> Tensor:
    """The cosine loss where the cosines are known already: `mean(1 - cosine)`.

    Args:
        cosines: `(batch,)`, `<phi(y), psi(x)>` of every image.
    """
    return (1 - cosines).mean()


def cosine_xent_loss(
    features: Tensor,
    wanted: Tensor,
    logits: Tensor,
    labels: Tensor,
    *,
    weight: float = 0.1,
    smoothing: float = 0.0,
) -> Tensor:
    """`L_cos + lambda L_xent(g(psi), y)` ([BD20]).

    Args:
        features: `(batch, dim)`, f.
        wanted: `(batch, dim)`, phi of every image's class.
        logits: `(batch, n_classes)`, the output of the head g for `unit(features)`.
        labels: `(batch,)`, the class of every image.
        weight: lambda.
        smoothing: As in `cross_entropy`.
    """
    return cosine_loss(features, wanted) + weight * cross_entropy(logits, labels, smoothing=smoothing)


def cross_entropy(logits: Tensor, labels: Tensor, *, smoothing: float = 0.0) -> Tensor:
    """Softmax and cross-entropy, mean over the batch, in nats.

    Label smoothing as in [BD20]: the true class is worth `1 - eps`, each other class `eps / (n - 1)`. torch
    spreads `eps / n` over all classes, the true one included: its eps must be `n / (n - 1)` times as large.

    Args:
        logits: `(batch, n_classes)`.
        labels: `(batch,)`.
        smoothing: eps, in [0, 1).
    """
    n = logits.shape[1]
    return functional.cross_entropy(widened(logits), labels, label_smoothing=smoothing * n / (n - 1) if n > 1 else 0.0)


def squared_error(features: Tensor, wanted: Tensor) -> Tensor:
    """`mean(|f - phi|^2)`: not normalised, summed over the dimensions, mean over the batch.

    Args:
        features: `(batch, dim)`, f.
        wanted: `(batch, dim)`, phi of every image's class.
    """
    return (widened(features) - widened(wanted)).square().sum(dim=1).mean()


def cross_entropy_floor(n_classes: int) -> float:
    """The least cross-entropy that logits of length 1 can reach: 1.42, 3.62, 4.30 for 10, 100, 200 classes.

    With one logit `a` for the true class, the others equal and length 1, `a - b` is at most `sqrt(n / (n - 1))`.

    Args:
        n_classes: Number of classes, at least 2.
    """
    gap = math.sqrt(n_classes / (n_classes - 1))
    return math.log1p((n_classes - 1) * math.exp(-gap))
