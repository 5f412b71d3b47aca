"""ResNet-50 for photographs: torchvision's, without pre-trained weights."""

import torchvision.models
from torch import nn

from .registry import InputSpec


def resnet50(n_outputs: int, inputs: InputSpec) -> nn.Module:
    """The `resnet50` of torchvision from scratch; its last layer is f with `n_outputs` outputs.

    This is version 1.5: the stride stands on the 3x3 convolutions. [BD20] had it on the first 1x1.
    """
    model: nn.Module = torchvision.models.resnet50(weights=None, num_classes=n_outputs)
    if inputs.channels != 3:
        model.conv1 = nn.Conv2d(inputs.channels, 64, kernel_size=7, stride=2, padding=3, bias=False)
    return model
