"""The networks: sizes, shortcuts, shapes."""

import pytest
import torch
from torch import nn

from taxo.taxonomy import TaxoError
from taxo.training.networks import Network, build, networks, register
from taxo.training.networks.cifar_resnet import Block


def count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_resnet_110_wfc_has_the_published_number_of_parameters() -> None:
    assert count(build("resnet-110-wfc", 100)) == 6_913_188


def test_resnet_20_counted_by_hand() -> None:
    # Stem: 3*16*9 + 16 + 32 = 480. A conv c -> d with its bias and batch norm: 9cd + d + 2d.
    def conv(c: int, d: int) -> int:
        return 9 * c * d + 3 * d

    blocks = 6 * conv(16, 16) + conv(16, 32) + 5 * conv(32, 32) + conv(32, 64) + 5 * conv(64, 64)
    assert count(build("resnet-20", 10)) == 480 + blocks + 64 * 10 + 10


@pytest.mark.parametrize("depth", [20, 32, 56, 110])
def test_depth_counts_convolutions_and_the_last_layer(depth: int) -> None:
    layers = [m for m in build(f"resnet-{depth}", 5).modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(layers) == depth


def test_shortcut_pools_and_puts_zeros_in_front_and_behind() -> None:
    block = Block(2, 4, stride=2, bn_momentum=0.1)
    x = torch.arange(2 * 4 * 4, dtype=torch.float32).reshape(1, 2, 4, 4)
    y = block.shortcut(x)
    assert y.shape == (1, 4, 2, 2)
    assert y[0, 0].eq(0).all()
    assert y[0, 3].eq(0).all()
    # Channel 0, top left: (0 + 1 + 4 + 5) / 4 = 2.5; channel 1 is 16 more.
    assert y[0, 1].tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert y[0, 2].tolist() == [[18.5, 20.5], [26.5, 28.5]]


def test_a_block_whose_second_batch_norm_is_silent_is_its_shortcut() -> None:
    block = Block(3, 3, stride=1, bn_momentum=0.1)
    nn.init.zeros_(block.bn2.weight)
    x = torch.randn(2, 3, 5, 5)
    assert torch.equal(block(x), x.relu())


@pytest.mark.parametrize("side", [8, 28, 31, 33, 64])
def test_any_picture_size(side: int) -> None:
    network = build("resnet-20", 7)
    assert network(torch.randn(2, 3, side, side)).shape == (2, 7)


def test_convolutions_start_glorot_uniform_with_biases_of_zero() -> None:
    network = build("resnet-110-wfc", 10)
    conv = next(m for m in network.modules() if isinstance(m, nn.Conv2d) and m.in_channels == 128)
    bound = (6 / (128 * 9 + 128 * 9)) ** 0.5  # fan in + fan out
    assert conv.weight.abs().max().item() == pytest.approx(bound, rel=0.01)
    assert conv.weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.02)
    assert conv.bias is not None
    assert conv.bias.eq(0).all()
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    assert {(m.eps, m.momentum) for m in norms} == {(1e-3, 0.01)}


def test_resnet_50_ends_in_as_many_outputs_as_wanted() -> None:
    network = build("resnet-50", 11)
    # torchvision's ResNet-50 has 25,557,032 parameters at 1000 outputs; its last layer has 2048 inputs.
    assert count(network) == 25_557_032 - 2049 * (1000 - 11)


@pytest.mark.parametrize("entry", networks(), ids=lambda entry: entry.name)
def test_features_are_the_inputs_of_the_last_layer(entry: Network) -> None:
    last = [m for m in entry.make(5).modules() if isinstance(m, nn.Linear)][-1]
    assert (last.in_features, last.out_features) == (entry.features, 5)


def test_unknown_network_has_near_matches() -> None:
    with pytest.raises(TaxoError, match=r"unknown network 'resnet20'; did you mean 'resnet-20'"):
        build("resnet20", 3)


def test_a_name_is_registered_once() -> None:
    entry = networks()[0]
    with pytest.raises(TaxoError, match="is registered already"):
        register(Network(entry.name, entry.make, entry.about, 64, 0.0))
