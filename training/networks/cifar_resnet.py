"""Residual networks for small images, as in the authors' Keras code.

He et al., "Deep residual learning for image recognition", CVPR 2016, section 4.2, with the differences of [BD20]:
convolutions have biases, and where the picture shrinks the shortcut is a 2x2 average pool whose new channels are
zeros, half in front and half behind. `resnet-110-wfc` is the network of [BD20] on CIFAR-100: twice the channels.

One thing is torch's way: a 3x3 convolution with stride 2 is padded on both sides, in Keras only behind.
"""

from torch import Tensor, nn
from torch.nn import functional

from .registry import InputSpec
from .start import glorot

STAGES = 3


class Block(nn.Module):
    """`relu(x + BN(conv(relu(BN(conv(x))))))`.

    Args:
        n_inputs: Channels in.
        n_outputs: Channels out.
        stride: 1, or 2 to halve the picture.
        bn_momentum: Share of the new batch in the running mean and variance of batch norm.
    """

    def __init__(self, n_inputs: int, n_outputs: int, stride: int, bn_momentum: float) -> None:
        super().__init__()
        self.stride = stride
        self.new_channels = n_outputs - n_inputs
        self.conv1 = conv3x3(n_inputs, n_outputs, stride)
        self.bn1 = nn.BatchNorm2d(n_outputs, eps=1e-3, momentum=bn_momentum)
        self.conv2 = conv3x3(n_outputs, n_outputs, 1)
        self.bn2 = nn.BatchNorm2d(n_outputs, eps=1e-3, momentum=bn_momentum)

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, n_inputs, h, w)` to `(batch, n_outputs, ceil(h / stride), ceil(w / stride))`."""
        y = functional.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return functional.relu(y + self.shortcut(x))

    def shortcut(self, x: Tensor) -> Tensor:
        """`x` in the shape of the block's output."""
        if self.stride > 1:
            # Rounded up, as the convolution does on pictures with an odd side.
            x = functional.avg_pool2d(x, self.stride, ceil_mode=True)
        if self.new_channels:
            front = self.new_channels // 2
            x = functional.pad(x, (0, 0, 0, 0, front, self.new_channels - front))
        return x


class CifarResNet(nn.Module):
    """Three stages of blocks; any picture size.

    Args:
        n_outputs: Outputs of the last, linear layer f.
        inputs: What the images are like.
        blocks: Blocks per stage; the depth is `6 * blocks + 2`.
        width: Channels of the first stage; the next have two and four times as many.
        bn_momentum: Share of the new batch in the running mean and variance of batch norm.
    """

    def __init__(self, n_outputs: int, inputs: InputSpec, *, blocks: int, width: int, bn_momentum: float) -> None:
        super().__init__()
        self.conv = conv3x3(inputs.channels, width, 1)
        self.bn = nn.BatchNorm2d(width, eps=1e-3, momentum=bn_momentum)
        stages = []
        for stage in range(STAGES):
            channels = width * 2**stage
            for i in range(blocks):
                first = i == 0 and stage > 0
                n_inputs = channels // 2 if first else channels
                stages.append(Block(n_inputs, channels, 2 if first else 1, bn_momentum))
        self.blocks = nn.Sequential(*stages)
        self.fc = glorot(nn.Linear(channels, n_outputs))

    def forward(self, images: Tensor) -> Tensor:
        """`(batch, channels, height, width)` to `(batch, n_outputs)`."""
        x = functional.relu(self.bn(self.conv(images)))  # (batch, width, height, width)
        x = self.blocks(x)  # (batch, 4 * width, height / 4, width / 4)
        x = x.mean(dim=(2, 3))  # (batch, 4 * width)
        f: Tensor = self.fc(x)
        return f


def conv3x3(n_inputs: int, n_outputs: int, stride: int) -> nn.Conv2d:
    """A 3x3 convolution with biases."""
    return glorot(nn.Conv2d(n_inputs, n_outputs, kernel_size=3, stride=stride, padding=1))
