"""The losses of recipe and paper as plain loops in double precision, with their gradients worked out by hand.

Each function gives the loss and its derivative with respect to the features, `(batch, dim)`. Nothing here knows torch.
"""

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Found = tuple[float, Array]


def normalised(features: Array) -> Array:
    """`psi_i = f_i / |f_i|`."""
    psi = np.empty_like(features)
    for i, f in enumerate(features):
        length = math.sqrt(sum(v * v for v in f))
        for j, v in enumerate(f):
            psi[i, j] = v / length
    return psi


def through_norm(features: Array, upstream: Array) -> Array:
    """From the derivative u for psi to that for f: `(u - <u, psi> psi) / |f|`, as psi does not change along itself."""
    psi, out = normalised(features), np.empty_like(features)
    for i, f in enumerate(features):
        along = sum(u * p for u, p in zip(upstream[i], psi[i], strict=True))
        length = math.sqrt(sum(v * v for v in f))
        for j in range(len(f)):
            out[i, j] = (upstream[i, j] - along * psi[i, j]) / length
    return out


def cosine(features: Array, wanted: Array) -> Found:
    """`mean(1 - <phi, psi>)`; the derivative for psi is `-phi / batch`."""
    psi = normalised(features)
    loss = sum(1 - sum(a * b for a, b in zip(p, phi, strict=True)) for p, phi in zip(psi, wanted, strict=True))
    return loss / len(features), through_norm(features, -wanted / len(features))


def squared(features: Array, wanted: Array) -> Found:
    """`mean(|f - phi|^2)`; the derivative is `2 (f - phi) / batch`."""
    loss, gradient = 0.0, np.empty_like(features)
    for i, (f, phi) in enumerate(zip(features, wanted, strict=True)):
        for j in range(len(f)):
            loss += (f[j] - phi[j]) ** 2
            gradient[i, j] = 2 * (f[j] - phi[j]) / len(features)
    return loss / len(features), gradient


def xent(logits: Array, labels: list[int], eps: float = 0.0) -> Found:
    """`-mean(sum_c t_c log p_c)`, t being 1 - eps for the true class and eps / (n - 1) for each other.

    The derivative is `(p - t) / batch`: the sum of t is 1.
    """
    n = logits.shape[1]
    loss, gradient = 0.0, np.empty_like(logits)
    for i, (row, label) in enumerate(zip(logits, labels, strict=True)):
        top = max(row)
        log_sum = top + math.log(sum(math.exp(v - top) for v in row))
        for c in range(n):
            wanted = (1 - eps if n > 1 else 1.0) if c == label else eps / (n - 1)
            loss -= wanted * (row[c] - log_sum)
            gradient[i, c] = (math.exp(row[c] - log_sum) - wanted) / len(logits)
    return loss / len(logits), gradient


def cosine_xent_paper(
    features: Array, wanted: Array, labels: list[int], kernel: Array, bias: Array, weight: float, eps: float = 0.0
) -> Found:
    """`L_cos + lambda xent(W psi + b)`; W is `(n_classes, dim)`."""
    psi = normalised(features)
    first, gradient = cosine(features, wanted)
    second, for_logits = xent(psi @ kernel.T + bias, labels, eps)
    return first + weight * second, gradient + weight * through_norm(features, for_logits @ kernel)


def cosine_xent_reference(
    features: Array,
    wanted: Array,
    labels: list[int],
    kernel: Array,
    bias: Array,
    scale: Array,
    shift: Array,
    weight: float,
    eps: float = 0.0,
) -> Found:
    """`L_cos + lambda xent(W BN(ReLU(psi)) + b)`, the batch norm with the batch's own mean and variance."""
    psi = normalised(features)
    first, gradient = cosine(features, wanted)
    positive = np.maximum(psi, 0)
    normed, spread = np.empty_like(psi), np.empty(psi.shape[1])
    for j in range(psi.shape[1]):
        column = positive[:, j]
        mean = sum(column) / len(column)
        spread[j] = math.sqrt(sum((v - mean) ** 2 for v in column) / len(column) + 1e-3)
        normed[:, j] = [(v - mean) / spread[j] for v in column]
    second, for_logits = xent((scale * normed + shift) @ kernel.T + bias, labels, eps)
    upstream, for_psi = (for_logits @ kernel) * scale, np.zeros_like(psi)
    for j in range(psi.shape[1]):
        # Mean and variance depend on every item: what the gradient has in common with them drops out.
        u, x = upstream[:, j], normed[:, j]
        mean, along = sum(u) / len(u), sum(u * x) / len(u)
        for i in range(len(u)):
            if psi[i, j] > 0:
                for_psi[i, j] = (u[i] - mean - x[i] * along) / spread[j]
    return first + weight * second, gradient + weight * through_norm(features, for_psi)
