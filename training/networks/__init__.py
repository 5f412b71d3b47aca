"""The networks: images in, the vector f out.

`resnet-20`, `-32`, `-56` and `-110` have the usual 16, 32 and 64 channels and the blocks of [BD20]'s network. The
running means of their batch norm follow the images ten times faster, as is torch's habit. Training is the same, but
with 0.01 these means still remember their start after a few hundred steps: on 20 drawn classes, after 156 steps,
cross-entropy measured 29 % of the test images right with 0.01 and 90 % with 0.1. The networks that the authors
published with their code, `plain-11`, `resnet-110-wfc` and `resnet-50-v1`, have their 0.01.

Beside the networks that are registered here there are all of torchvision and timm, see `network`.
"""

from functools import partial

from .cifar_resnet import CifarResNet
from .gru import UNITS, TextGru
from .plain import FEATURES, PlainNet
from .registry import InputSpec, Network, build, network, networks, register
from .resnet50 import resnet50_v1
from .torchvision_networks import torchvision_made, torchvision_weights

__all__ = ["InputSpec", "Network", "build", "network", "networks", "register"]

register(
    Network(
        "plain-11",
        partial(PlainNet, bn_momentum=0.01),
        "9 convolutions and 2 dense layers without shortcuts, for quick experiments",
        features=FEATURES,
        weight_decay=1e-3,
        decays_last=False,
    )
)
for depth in (20, 32, 56, 110):
    register(
        Network(
            f"resnet-{depth}",
            partial(CifarResNet, blocks=(depth - 2) // 6, width=16, bn_momentum=0.1),
            f"CIFAR ResNet, {depth} layers, 16 to 64 channels",
            features=64,
            weight_decay=4e-4,
        )
    )
register(
    Network(
        "resnet-20-wide",
        partial(CifarResNet, blocks=3, width=64, bn_momentum=0.1),
        "CIFAR ResNet, 20 layers, 64 to 256 channels, for embeddings of up to 256 dimensions",
        features=256,
        weight_decay=4e-4,
    )
)
register(
    Network(
        "resnet-110-wfc",
        partial(CifarResNet, blocks=18, width=32, bn_momentum=0.01),
        "CIFAR ResNet, 110 layers, 32 to 128 channels, the network of [BD20] on CIFAR-100",
        features=128,
        weight_decay=4e-4,
    )
)
# The published baselines on photographs had no weight decay at all.
register(
    Network(
        "resnet-50",
        partial(torchvision_made, "resnet50"),
        "ResNet-50 (torchvision), for photographs of 224 pixels and more",
        features=2048,
        weight_decay=0.0,
        download=partial(torchvision_weights, "resnet50"),
    )
)
register(
    Network(
        "resnet-50-v1",
        resnet50_v1,
        "ResNet-50 with the stride on the first convolution of a block, the network of [BD20] on photographs",
        features=2048,
        weight_decay=0.0,
    )
)
register(
    # The paper gives no weight decay for texts.
    Network(
        "gru",
        TextGru,
        "GRU with 300 units over word vectors, the network of [BD20] on AG News",
        features=UNITS,
        weight_decay=0.0,
        kind="texts",
    )
)
