"""ResNet-50 for photographs, two versions of it.

`resnet-50` is torchvision's `resnet50`, version 1.5: where the picture shrinks, the stride stands on the 3x3
convolution. `resnet-50-v1` is the network of [BD20], ResNet-50 of keras-applications: the stride on the first 1x1
convolution (He et al., "Deep residual learning for image recognition", CVPR 2016), convolutions with biases that start
as Keras' `he_normal`, batch norm with eps 1e-3 and a momentum of 0.99, in torch's convention 0.01. With 1000 outputs it
has 25,583,592 parameters, torchvision's 25,557,032: the biases are the difference, which batch norm takes out again.
"""

from functools import partial
from typing import Any

import torch
from torch import nn

from .layers import replace_first_convolution
from .registry import InputSpec
from .start import glorot, he


def resnet50_v1(n_outputs: int, inputs: InputSpec) -> nn.Module:
    """ResNet-50 as in the authors' Keras code. The names of its parameters are those of torchvision's."""
    # Imported when asked for: it takes seconds.
    from torchvision.models.resnet import Bottleneck, ResNet

    class FirstStrides(Bottleneck):  # type: ignore[misc]
        """The stride on the first convolution."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.conv1.stride, self.conv2.stride = self.conv2.stride, self.conv1.stride

    norm = partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01)
    network: nn.Module = ResNet(FirstStrides, [3, 4, 6, 3], norm_layer=norm)
    replace_first_convolution(network, inputs.channels)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            layer.bias = nn.Parameter(torch.empty(layer.out_channels))
            he(layer)
    network.fc = glorot(nn.Linear(2048, n_outputs))
    return network
