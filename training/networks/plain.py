"""Plain-11: a small network without shortcuts, for quick experiments, as in the authors' Keras code.

Barz & Denzler, "Hierarchy-based image embeddings for semantic image retrieval", WACV 2019, section 4.1. Convolutions
and the first dense layer have biases, and batch norm stands behind the activation.
"""

from torch import Tensor, nn
from torch.nn import functional

from .registry import InputSpec
from .start import glorot

POOL = 0
CHANNELS = (64, 64, POOL, 128, 128, 128, POOL, 256, 256, 256, POOL, 512)
"""Outputs of the convolutions in their order; between them the picture is halved."""

FEATURES = 512


class PlainNet(nn.Module):
    """Nine 3x3 convolutions and two dense layers; pictures of 8 pixels and more.

    Args:
        n_outputs: Outputs of the last, linear layer f.
        inputs: What the images are like.
        bn_momentum: Share of the new batch in the running mean and variance of batch norm.
    """

    def __init__(self, n_outputs: int, inputs: InputSpec, *, bn_momentum: float) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        n_inputs = inputs.channels
        for channels in CHANNELS:
            if channels == POOL:
                layers.append(nn.AvgPool2d(2))
                continue
            conv = glorot(nn.Conv2d(n_inputs, channels, kernel_size=3, padding=1))
            layers += [conv, nn.ReLU(), nn.BatchNorm2d(channels, eps=1e-3, momentum=bn_momentum)]
            n_inputs = channels
        self.layers = nn.Sequential(*layers)
        self.dense = glorot(nn.Linear(n_inputs, FEATURES))
        self.bn = nn.BatchNorm1d(FEATURES, eps=1e-3, momentum=bn_momentum)
        self.fc = glorot(nn.Linear(FEATURES, n_outputs))

    def forward(self, images: Tensor) -> Tensor:
        """`(batch, channels, height, width)` to `(batch, n_outputs)`."""
        x = self.layers(images)  # (batch, 512, height / 8, width / 8)
        x = x.mean(dim=(2, 3))  # (batch, 512)
        x = self.bn(functional.relu(self.dense(x)))
        f: Tensor = self.fc(x)
        return f
