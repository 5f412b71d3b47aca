"""The networks by name: a registry is data."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

from taxo.taxonomy.errors import TaxoError, unknown_choice


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
    """

    name: str
    make: Callable[[int, InputSpec], nn.Module]
    about: str
    features: int
    weight_decay: float
    kind: str = "images"


_NETWORKS: dict[str, Network] = {}


def register(network: Network) -> None:
    """Add a network.

    Raises:
        TaxoError: The name is taken.
    """
    if network.name in _NETWORKS:
        raise TaxoError(f"a network {network.name!r} is registered already; choose another name")
    _NETWORKS[network.name] = network


def networks() -> tuple[Network, ...]:
    """All networks, in the order of their registration."""
    return tuple(_NETWORKS.values())


def network(arch: str) -> Network:
    """The entry of one network.

    Raises:
        TaxoError: There is no such network; near matches are shown.
    """
    if arch not in _NETWORKS:
        raise TaxoError(unknown_choice("network", arch, _NETWORKS))
    return _NETWORKS[arch]


def build(arch: str, n_outputs: int, inputs: InputSpec) -> nn.Module:
    """A new network with random weights, drawn from torch's global generator.

    Args:
        arch: Its name.
        n_outputs: Outputs of its last layer f.
        inputs: What it is fed with.

    Raises:
        TaxoError: There is no such network.
    """
    return network(arch).make(n_outputs, inputs)
