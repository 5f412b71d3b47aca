"""How the weights of a new layer are drawn."""

from typing import TypeVar

from torch import nn
from torch.nn import init

Layer = TypeVar("Layer", nn.Linear, nn.Conv2d)


def glorot(layer: Layer) -> Layer:
    """The layer, its weights drawn as Keras draws them: Glorot-uniform, biases of zero."""
    init.xavier_uniform_(layer.weight)
    if layer.bias is not None:
        init.zeros_(layer.bias)
    return layer
