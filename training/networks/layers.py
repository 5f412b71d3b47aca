"""The first and the last layer of a network that was not built here: how many channels come in, and f."""

import math
from typing import Any

from torch import Tensor, nn


def last_layers(network: nn.Module) -> dict[str, nn.Linear | nn.Conv2d]:
    """The layer f by its name in the network; several ones where f is a sum of them, as in timm's DeiT.

    It is what the network itself calls its classifier, as those of timm do, else the linear layer or convolution that
    was registered last.
    """
    layers = {name: m for name, m in network.named_modules() if isinstance(m, nn.Linear | nn.Conv2d)}
    ask: Any = getattr(network, "get_classifier", None)
    own = ask() if callable(ask) else ()
    named = {id(m) for part in (own if isinstance(own, tuple) else (own,)) for m in part.modules()}
    found = {name: m for name, m in layers.items() if id(m) in named} or dict(list(layers.items())[-1:])
    # A classifier may have layers before f.
    n_outputs = list(found.values())[-1].weight.shape[0]
    return {name: m for name, m in found.items() if m.weight.shape[0] == n_outputs}


def features(network: nn.Module) -> int:
    """Number of features that f is computed from."""
    return sum(m.weight.shape[1] for m in last_layers(network).values())


def last_parameters(network: nn.Module) -> frozenset[str]:
    """Names of the parameters of f."""
    return frozenset(f"{name}.{p}" for name, m in last_layers(network).items() for p, _ in m.named_parameters())


def first_convolution(network: nn.Module) -> tuple[str, nn.Conv2d] | None:
    """The convolution that sees the image, and its name; None where there is no convolution."""
    convolutions = ((name, m) for name, m in network.named_modules() if isinstance(m, nn.Conv2d))
    return next(convolutions, None)


def replace_first_convolution(network: nn.Module, channels: int) -> None:
    """Let a network see images of so many channels, in place.

    Where the number changes, the new convolution is drawn as torch draws convolutions.
    """
    found = first_convolution(network)
    if found is None or found[1].in_channels == channels:
        return
    name, old = found
    new = nn.Conv2d(
        channels,
        old.out_channels,
        kernel_size=old.kernel_size,  # type: ignore[arg-type]
        stride=old.stride,  # type: ignore[arg-type]
        padding=old.padding,  # type: ignore[arg-type]
        bias=old.bias is not None,
    )
    parent, _, child = name.rpartition(".")
    setattr(network.get_submodule(parent), child, new)


def adapt_channels(kernel: Tensor, channels: int) -> Tensor:
    """The kernel of a convolution for images of another number of channels.

    For one channel the kernels of all channels are added up: a grey image gives what its copy in all channels gave.
    Else they are repeated in turn and scaled, which keeps the size of the outputs. This is timm's rule.

    Args:
        kernel: `(n_outputs, n_inputs, height, width)`.
        channels: The new number of inputs.
    """
    n_inputs = kernel.shape[1]
    if channels == 1:
        return kernel.sum(dim=1, keepdim=True)
    repeated = kernel.repeat(1, math.ceil(channels / n_inputs), 1, 1)[:, :channels]
    return repeated * (n_inputs / channels)
