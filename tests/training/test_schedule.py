"""The table of learning rates, and torch's SGD against Keras' over a restart."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from taxo.training.optimizer import decay_and_clip, rescale_momentum, set_learning_rate, sgd
from taxo.training.schedule import is_cycle_end, sgdr, total_epochs


def test_first_cycle_by_hand() -> None:
    # L = 12: epoch i > 0 has (1 + cos(pi (i + 1) / 12)) / 2. cos(30 deg) = .8660, cos(60) = .5, cos(90) = 0,
    # cos(120) = -.5, cos(150) = -.8660, cos(180) = -1.
    table = [sgdr(i, lr_max=1.0, lr_min=0.0) for i in range(12)]
    assert table[0] == 1
    assert table[1] == pytest.approx((1 + math.sqrt(3) / 2) / 2)
    assert table[3] == pytest.approx(0.75)
    assert table[5] == pytest.approx(0.5)
    assert table[7] == pytest.approx(0.25)
    assert table[9] == pytest.approx((1 - math.sqrt(3) / 2) / 2)
    assert table[11] == 0
    # i = 2: cos(45 deg) = .7071; i = 0 is lr_max, not the formula's (1 + cos(15 deg)) / 2 = .983.
    assert table[2] == pytest.approx((1 + math.sqrt(0.5)) / 2)


def test_restarts_where_the_cycles_of_12_24_48_96_192_begin() -> None:
    rates = [sgdr(i, lr_max=0.5) for i in range(372)]
    assert [i for i, rate in enumerate(rates) if rate == 0.5] == [0, 12, 36, 84, 180]
    assert [i for i, rate in enumerate(rates) if rate == 1e-6] == [11, 35, 83, 179, 371]
    # The second cycle has L = 24: its epoch 11 is half way, (0.5 + 1e-6) / 2.
    assert rates[12 + 11] == pytest.approx((0.5 + 1e-6) / 2)


def test_totals_of_whole_cycles() -> None:
    assert [total_epochs(k) for k in range(6)] == [0, 12, 36, 84, 180, 372]


@given(st.integers(0, 3000), st.integers(2, 30), st.integers(1, 3))
def test_every_cycle_falls_from_the_highest_to_the_lowest_rate(epoch: int, cycle: int, factor: int) -> None:
    rate, after = (sgdr(e, lr_max=1.0, lr_min=0.01, cycle=cycle, factor=factor) for e in (epoch, epoch + 1))
    if is_cycle_end(epoch, cycle=cycle, factor=factor):
        assert (rate, after) == (pytest.approx(0.01), 1)
    else:
        assert rate > after >= 0.01


def test_torch_sgd_with_rescaled_momentum_is_keras_sgd_over_a_restart() -> None:
    torch.manual_seed(0)
    weight = nn.Parameter(torch.randn(4, 3, dtype=torch.float64))
    start = weight.detach().clone()
    gradients = torch.randn(30, 4, 3, dtype=torch.float64)
    rates = [sgdr(step // 2, lr_max=0.5, cycle=4) for step in range(30)]
    assert rates[7] == 1e-6
    assert rates[8] == 0.5  # the restart is within

    optimizer = torch.optim.SGD([weight], lr=rates[0], momentum=0.9)
    plain = nn.Parameter(start.clone())
    uncorrected = torch.optim.SGD([plain], lr=rates[0], momentum=0.9)
    expected, velocity = start.clone(), torch.zeros(4, 3, dtype=torch.float64)
    for rate, gradient in zip(rates, gradients, strict=True):
        velocity = 0.9 * velocity - rate * gradient  # Keras' SGD
        expected = expected + velocity
        set_learning_rate(optimizer, rate)
        weight.grad = gradient.clone()
        optimizer.step()
        assert torch.allclose(weight, expected, rtol=1e-9, atol=1e-12)
        uncorrected.param_groups[0]["lr"] = rate
        plain.grad = gradient.clone()
        uncorrected.step()
    assert not torch.allclose(plain, expected, atol=0.1)


def test_rescaling_leaves_a_fresh_optimizer_alone() -> None:
    weight = nn.Parameter(torch.ones(2))
    optimizer = torch.optim.SGD([weight], lr=1.0, momentum=0.9)
    rescale_momentum(optimizer, 1.0, 0.1)
    assert not optimizer.state


def test_the_clipped_gradient_holds_the_weight_decay() -> None:
    network = nn.Linear(2, 1)
    with torch.no_grad():
        network.weight.copy_(torch.tensor([[30.0, 0.0]]))
        network.bias.fill_(100.0)
    optimizer = sgd(network, lr=0.5, momentum=0.0, weight_decay=0.1)
    network.weight.grad = torch.tensor([[0.0, 4.0]])
    network.bias.grad = torch.tensor([0.0])
    # Decay adds .1 * 30 = 3 to the first weight, nothing to the bias: (3, 4) has norm 5, clipped to 1 it is (.6, .8).
    assert decay_and_clip(optimizer, 1.0).item() == pytest.approx(5)
    assert network.weight.grad.tolist()[0] == pytest.approx([0.6, 0.8])
    optimizer.step()
    assert network.weight.tolist()[0] == pytest.approx([29.7, -0.4])
    assert network.bias.item() == 100


def test_kernels_decay_biases_and_batch_norm_do_not() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))
    head = nn.Sequential(nn.ReLU(), nn.BatchNorm1d(2), nn.Linear(2, 5))
    optimizer = sgd(network, head, lr=0.1, momentum=0.9, weight_decay=4e-4)
    shapes = {group["decay"]: [tuple(p.shape) for p in group["params"]] for group in optimizer.param_groups}
    # Keras' l2(2e-4) and l2(5e-4): the gradient of l2 * w^2 is 2 * l2 * w.
    assert shapes[2 * 2e-4] == [(4, 3, 3, 3), (2, 4)]
    assert shapes[2 * 5e-4] == [(5, 2)]
    assert shapes[0.0] == [(4,), (4,), (4,), (2,), (2,), (2,), (5,)]
