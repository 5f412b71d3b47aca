"""SGD as the recipe has it: which weights decay, and clipping of what is left."""

from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import SGD, Optimizer

HEAD_DECAY = 1e-3
"""Weight decay of the kernel of the head g: Keras' l2(5e-4), whose gradient is 2 * 5e-4 * w."""


def sgd(
    network: nn.Module,
    head: nn.Module | None = None,
    *,
    lr: float,
    momentum: float,
    weight_decay: float,
    nesterov: bool = False,
    exempt: Collection[str] = (),
) -> SGD:
    """SGD whose groups say in `decay` how fast their weights decay; `decay_and_clip` does it.

    Kernels decay, biases and batch norm do not.

    Args:
        network: Its kernels decay at `weight_decay`.
        head: The head g, if any; its kernel decays at `HEAD_DECAY`.
        lr: Learning rate.
        momentum: Share of the velocity that is kept.
        weight_decay: In torch's convention: the gradient of w gets `weight_decay * w` added.
        nesterov: Whether the step looks ahead; the published recipe does not.
        exempt: Names of parameters of the network that do not decay either.
    """
    in_head = list(head.parameters()) if head is not None else []
    # Biases, and the scales and shifts of batch norm, are vectors.
    decays = {name: p.ndim > 1 and name not in exempt for name, p in network.named_parameters()}
    own = dict(network.named_parameters())
    groups: list[dict[str, Any]] = [
        {"params": [p for name, p in own.items() if decays[name]], "decay": weight_decay},
        {"params": [p for p in in_head if p.ndim > 1], "decay": HEAD_DECAY},
        {
            "params": [*(p for name, p in own.items() if not decays[name]), *(p for p in in_head if p.ndim <= 1)],
            "decay": 0.0,
        },
    ]
    return SGD([g for g in groups if g["params"]], lr=lr, momentum=momentum, nesterov=nesterov)


def decay_and_clip(optimizer: Optimizer, max_norm: float) -> Tensor:
    """Add the weight decay to the gradients, then scale them to a global norm of `max_norm` at most.

    Keras' weight decay is a part of the loss, so that the clipped gradient holds it. torch's SGD would add it
    after the clipping.

    Args:
        optimizer: From `sgd`, after the backward pass.
        max_norm: Largest Euclidean norm of all gradients together.

    Returns:
        The norm before clipping, a scalar.
    """
    clipped = []
    for group in optimizer.param_groups:
        for p in group["params"]:
            if p.grad is None:
                continue
            if group["decay"]:
                p.grad.add_(p.detach(), alpha=group["decay"])
            clipped.append(p)
    return clip_grad_norm_(clipped, max_norm)


def set_learning_rate(optimizer: Optimizer, lr: float) -> None:
    """Give every group the learning rate `lr` and keep the velocity, as Keras' SGD does.

    Keras keeps the learning rate inside the velocity, `v = m v - lr g`, torch outside: `b = m b + g`, step `lr b`.
    So v is `-lr b`. When the learning rate jumps from 1e-6 to 0.5 at a restart, torch's step would apply half a
    million times the old velocity; multiplying b by old / new leaves v as it was.

    Args:
        optimizer: torch's SGD; all groups have the same learning rate.
        lr: The new learning rate, above 0.
    """
    rescale_momentum(optimizer, optimizer.param_groups[0]["lr"], lr)
    for group in optimizer.param_groups:
        group["lr"] = lr


@torch.no_grad()
def rescale_momentum(optimizer: Optimizer, old: float, new: float) -> None:
    """Multiply all momentum buffers by `old / new`; see `set_learning_rate`."""
    for state in optimizer.state.values():
        buffer = state.get("momentum_buffer")
        if buffer is not None:
            buffer.mul_(old / new)
