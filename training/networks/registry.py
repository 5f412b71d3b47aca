"""The networks by name: a registry is data, and behind it stand the networks of two libraries."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from taxo.taxonomy.errors import TaxoError, did_you_mean, near_matches

TIMM = "timm:"
"""What the name of a network of timm starts with."""

State = dict[str, Tensor]
"""The weights of a network, by the names of its parameters and buffers."""


@dataclass(frozen=True)
class InputSpec:
    """What a network is fed with.

    Attributes:
        channels: Of images.
        size: Side of images, in pixels.
        n_words: Number of words that texts are made of; 0 for images.
        word_dim: Length of a word's vector.
        word_vectors: float32 `(n_words, word_dim)`; None where the network draws them, or reads them from its weights.
    """

    channels: int = 3
    size: int = 32
    n_words: int = 0
    word_dim: int = 0
    word_vectors: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Network:
    """One entry of the registry.

    Attributes:
        name: What the user types.
        make: From a number of outputs and the kind of input to a new network, images `(batch, channels, height, width)`
            or texts, int64 `(batch, length)` with 0 behind the end, to `(batch, n_outputs)`; its last layer is the
            linear layer f.
        about: One line for a person.
        features: Number of features that f is computed from: f reaches no more dimensions than that.
        weight_decay: What the published recipe takes for the kernels (weights of convolutions and of f), in
            torch's convention: twice the factor of Keras' l2.
        kind: "images" or "texts".
        decays_last: Whether `weight_decay` is meant for the kernel of f, too.
        download: For images of that kind, the weights that others have trained, and what they are called; None
            where nobody has published any. Raises `TaxoError` where they cannot be had.
        fit: From a network and weights of it for images of another size to such that fit, where its parameters
            depend on the size.
    """

    name: str
    make: Callable[[int, InputSpec], nn.Module]
    about: str
    features: int
    weight_decay: float
    kind: str = "images"
    decays_last: bool = True
    download: Callable[[InputSpec], tuple[State, str]] | None = None
    fit: Callable[[nn.Module, State], State] | None = None


_NETWORKS: dict[str, Network] = {}
_OTHER_NAMES = {"resnet50-v1": "resnet-50-v1"}


def register(network: Network) -> None:
    """Add a network.

    Raises:
        TaxoError: The name is taken.
    """
    if network.name in _NETWORKS:
        raise TaxoError(f"a network {network.name!r} is registered already; choose another name")
    _NETWORKS[network.name] = network


def networks() -> tuple[Network, ...]:
    """All networks of this package, in the order of their registration, without those of torchvision and timm."""
    return tuple(_NETWORKS.values())


def network(arch: str) -> Network:
    """The entry of one network: of this package, a classification network of torchvision, or `timm:NAME`.

    Raises:
        TaxoError: There is no such network, near matches are shown; or timm is not installed.
    """
    arch = _OTHER_NAMES.get(arch, arch)
    if arch in _NETWORKS:
        return _NETWORKS[arch]
    # Imported when asked for: the two libraries take seconds.
    if arch.startswith(TIMM):
        from .timm_networks import timm_network

        return timm_network(arch)
    from .torchvision_networks import torchvision_names, torchvision_network

    if arch in torchvision_names():
        return torchvision_network(arch)
    near = near_matches(arch, [*_NETWORKS, *_OTHER_NAMES, *torchvision_names()])
    raise TaxoError(
        f"unknown network {arch!r}{did_you_mean(near)}; known are {', '.join(_NETWORKS)}, "
        f"the classification networks of torchvision by their names, and {TIMM}NAME"
    )


def build(arch: str, n_outputs: int, inputs: InputSpec) -> nn.Module:
    """A new network with random weights, drawn from torch's global generator.

    Args:
        arch: Its name.
        n_outputs: Outputs of its last layer f.
        inputs: What it is fed with.

    Raises:
        TaxoError: There is no such network, or it cannot take such inputs.
    """
    return network(arch).make(n_outputs, inputs)
