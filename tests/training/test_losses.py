"""The losses against loops written from the formulas, in double precision."""

import math

import loss_formulas as formulas
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from taxo.training.heads import build_head
from taxo.training.losses import (
    cosine_loss,
    cosine_xent_loss,
    cross_entropy,
    cross_entropy_floor,
    from_cosines,
    squared_error,
    unit,
)

seeds = st.integers(0, 10**6)


def batch(seed: int, n: int = 5, dim: int = 7) -> tuple[Tensor, Tensor, Tensor]:
    """Features, wanted unit vectors and labels, in double precision."""
    random = torch.Generator().manual_seed(seed)
    features = torch.randn(n, dim, generator=random, dtype=torch.float64) * 10 ** torch.randn(n, 1, generator=random)
    wanted = torch.randn(n, dim, generator=random, dtype=torch.float64)
    wanted /= wanted.norm(dim=1, keepdim=True)
    return features, wanted, torch.randint(dim, (n,), generator=random)


def log_softmax_at(logits: list[float], label: int) -> float:
    return logits[label] - max(logits) - math.log(sum(math.exp(v - max(logits)) for v in logits))


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_cosine_loss_is_its_formula_and_stays_between_0_and_2(seed: int) -> None:
    features, wanted, _ = batch(seed)
    total = 0.0
    for f, phi in zip(features.tolist(), wanted.tolist(), strict=True):
        length = math.sqrt(sum(v * v for v in f))
        total += 1 - sum(a * b / length for a, b in zip(f, phi, strict=True))
    loss = cosine_loss(features, wanted).item()
    assert loss == pytest.approx(total / len(features), abs=1e-12)
    assert 0 <= loss <= 2


def test_cosine_loss_of_same_right_angled_and_opposite_vectors() -> None:
    # (3, 4) has length 5: psi = (.6, .8). <psi, (1, 0)> = .6, so the loss is .4.
    assert cosine_loss(torch.tensor([[3.0, 4.0]]), torch.tensor([[1.0, 0.0]])).item() == pytest.approx(0.4)
    e = torch.eye(3)
    assert cosine_loss(9 * e, e).item() == 0
    assert cosine_loss(e, e.roll(1, 0)).item() == 1
    assert cosine_loss(-e, e).item() == 2


@given(seeds, st.sampled_from([0.0, 0.1, 0.5]))
@settings(max_examples=30, deadline=None)
def test_cross_entropy_smooths_as_the_paper_does(seed: int, eps: float) -> None:
    logits, _, labels = batch(seed)
    n = logits.shape[1]
    total = 0.0
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        total -= (1 - eps) * log_softmax_at(row, label)
        total -= sum(eps / (n - 1) * log_softmax_at(row, c) for c in range(n) if c != label)
    assert cross_entropy(logits, labels, smoothing=eps).item() == pytest.approx(total / len(labels), rel=1e-10)


def test_smoothing_by_hand() -> None:
    # Two classes, logits (ln 3, 0): softmax (3/4, 1/4). eps = .1: -(.9 ln 3/4 + .1 ln 1/4) = .2589 + .1386.
    logits = torch.tensor([[math.log(3.0), 0.0]], dtype=torch.float64)
    expected = -(0.9 * math.log(3 / 4) + 0.1 * math.log(1 / 4))
    assert cross_entropy(logits, torch.tensor([0]), smoothing=0.1).item() == pytest.approx(expected, abs=1e-12)


def test_cosine_xent_loss_is_the_weighted_sum() -> None:
    features, wanted, labels = batch(3)
    logits = batch(4)[0]
    total = cosine_xent_loss(features, wanted, logits, labels, weight=0.25, smoothing=0.1)
    parts = cosine_loss(features, wanted) + 0.25 * cross_entropy(logits, labels, smoothing=0.1)
    assert total.item() == pytest.approx(parts.item(), abs=1e-12)


def test_squared_error_sums_over_dimensions_and_does_not_normalise() -> None:
    # |(3, 4) - (1, 0)|^2 = 4 + 16 = 20 and |(0, 1) - (0, 1)|^2 = 0; their mean is 10.
    loss = squared_error(torch.tensor([[3.0, 4.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    assert loss.item() == 10


def assert_found(loss: Tensor, features: Tensor, expected: formulas.Found) -> None:
    """Loss and gradient are those of a loop, to the last digits but a few."""
    (gradient,) = torch.autograd.grad(loss, features)
    assert loss.item() == pytest.approx(expected[0], rel=1e-10, abs=1e-12)
    lengths = features.detach().norm(dim=1, keepdim=True).clamp(max=1)  # the gradient of a short f is steep
    torch.testing.assert_close(gradient * lengths, torch.from_numpy(expected[1]) * lengths, rtol=1e-9, atol=1e-11)


@given(seeds)
@settings(max_examples=20)
def test_gradients_of_vector_losses_are_those_of_the_formulas(seed: int) -> None:
    features, wanted, _ = batch(seed)
    plain, phi = features.numpy().copy(), wanted.numpy()
    features.requires_grad_()
    assert_found(cosine_loss(features, wanted), features, formulas.cosine(plain, phi))
    assert_found(squared_error(features, wanted), features, formulas.squared(plain, phi))
    cosines = (unit(features) * wanted).sum(dim=1)
    assert from_cosines(cosines).item() == cosine_loss(features, wanted).item()


@given(seeds, st.sampled_from([0.0, 0.1, 0.5]))
@settings(max_examples=20)
def test_gradients_of_cross_entropy_are_softmax_minus_target(seed: int, eps: float) -> None:
    logits, _, labels = batch(seed)
    expected = formulas.xent(logits.numpy().copy(), labels.tolist(), eps)
    logits.requires_grad_()
    assert_found(cross_entropy(logits, labels, smoothing=eps), logits, expected)


@given(seeds, st.sampled_from(["paper", "reference"]), st.sampled_from([0.0, 0.1]))
@settings(max_examples=30)
def test_gradients_of_cosine_xent_with_both_heads(seed: int, head: str, eps: float) -> None:
    features, wanted, labels = batch(seed)
    g = build_head(head, 7, 7).double()
    random = torch.Generator().manual_seed(seed)
    for p in g.parameters():
        p.data.copy_(torch.randn(p.shape, generator=random, dtype=torch.float64))
    parts = [p.detach().numpy() for p in g.parameters()]  # of the reference: scale, shift, kernel, bias
    plain, phi, classes = features.numpy().copy(), wanted.numpy(), labels.tolist()
    if head == "paper":
        expected = formulas.cosine_xent_paper(plain, phi, classes, *parts, weight=0.1, eps=eps)
    else:
        scale, shift, *dense = parts
        expected = formulas.cosine_xent_reference(plain, phi, classes, *dense, scale, shift, weight=0.1, eps=eps)
    features.requires_grad_()
    loss = cosine_xent_loss(features, wanted, g(unit(features)), labels, weight=0.1, smoothing=eps)
    assert_found(loss, features, expected)


@pytest.mark.parametrize("head", ["paper", "reference"])
def test_the_formulas_are_their_own_numeric_derivatives(head: str) -> None:
    # The oracle is written by hand, so it is checked too: central differences of the loops.
    features, wanted, labels = batch(2)
    random = torch.Generator().manual_seed(3)
    kernel, bias, scale, shift = (
        torch.randn(*shape, generator=random, dtype=torch.float64).numpy() for shape in ((7, 7), (7,), (7,), (7,))
    )
    f, phi, classes = features.numpy(), wanted.numpy(), labels.tolist()
    f /= torch.linalg.vector_norm(features, dim=1, keepdim=True).numpy()

    def loop() -> formulas.Found:
        if head == "paper":
            return formulas.cosine_xent_paper(f, phi, classes, kernel, bias, weight=0.5, eps=0.1)
        return formulas.cosine_xent_reference(f, phi, classes, kernel, bias, scale, shift, weight=0.5, eps=0.1)

    gradient = loop()[1]
    for place in [(0, 0), (1, 3), (4, 6), (2, 5)]:
        middle, step = f[place], 1e-6
        f[place] = middle + step
        above = loop()[0]
        f[place] = middle - step
        below = loop()[0]
        f[place] = middle
        assert gradient[place] == pytest.approx((above - below) / (2 * step), abs=1e-7)


def test_features_of_zero_stay_zero_and_are_pulled_towards_their_embedding() -> None:
    features = torch.zeros(1, 3, requires_grad=True)
    wanted = torch.tensor([[0.0, 1.0, 0.0]])
    loss = cosine_loss(features, wanted)
    loss.backward()
    assert loss.item() == 1
    # d(1 - <phi, f>) / df = -phi: the next step leads towards phi.
    assert torch.equal(features.grad, -wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_widened(dtype: torch.dtype) -> None:
    features, wanted, labels = batch(5, dim=300)
    half = features.clamp(-100, 100).to(dtype)
    for loss in (
        cosine_loss(half, wanted.to(dtype)),
        squared_error(half, wanted.to(dtype)),
        cross_entropy(half, labels),
    ):
        assert loss.dtype == torch.float32
        assert loss.isfinite()
    assert cosine_loss(half, wanted.float()).item() == pytest.approx(
        cosine_loss(half.double(), wanted.float()).item(), abs=1e-6
    )


@pytest.mark.parametrize(("n", "floor"), [(10, 1.42), (100, 3.62), (200, 4.30)])
def test_cross_entropy_on_normalised_logits_cannot_fall_below_its_floor(n: int, floor: float) -> None:
    assert cross_entropy_floor(n) == pytest.approx(floor, abs=0.005)
    # Minimised by hand of a solver: free logits for one image of class 0, normalised before the softmax.
    logits = torch.randn(1, n, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    solver = torch.optim.LBFGS([logits], max_iter=500, tolerance_grad=1e-12, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        solver.zero_grad()
        loss = functional.cross_entropy(unit(logits), torch.tensor([0]))
        loss.backward()
        return loss

    solver.step(closure)  # type: ignore[arg-type]
    assert closure().item() == pytest.approx(cross_entropy_floor(n), abs=1e-6)
    # The cosine loss, for the same freedom, reaches zero.
    assert cosine_loss(torch.eye(n)[:1], torch.eye(n)[:1]).item() == 0
