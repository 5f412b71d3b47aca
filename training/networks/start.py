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


def he(layer: Layer) -> Layer:
    """The layer, its weights drawn as Keras' `he_normal` does, biases of zero.

    A normal distribution of deviation sqrt(2 / fan in), cut off at two deviations and scaled up for what that takes
    away (He et al., "Delving deep into rectifiers", ICCV 2015).
    """
    fan_in = layer.weight[0].numel()
    deviation = (2 / fan_in) ** 0.5 / NORMAL_CUT_AT_2
    init.trunc_normal_(layer.weight, std=deviation, a=-2 * deviation, b=2 * deviation)
    if layer.bias is not None:
        init.zeros_(layer.bias)
    return layer


NORMAL_CUT_AT_2 = 0.87962566103423978
"""Deviation of the standard normal distribution that is cut off at -2 and 2."""
