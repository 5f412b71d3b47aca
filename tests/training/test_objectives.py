"""The objectives against loops written from the formulas, gradients included, on every kind of class vectors."""

from collections.abc import Callable
from functools import partial

import loss_formulas as formulas
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import attributed, trees
from torch import Tensor, nn
from torch.autograd import gradcheck

from taxo.embeddings import embed
from taxo.embeddings.operators import ClassOperator, NodeBasis
from taxo.taxonomy import Taxonomy
from taxo.training.heads import build_head
from taxo.training.losses import cosine_loss, squared_error
from taxo.training.objectives import CosineXent, CrossEntropy, Embedded, Objective
from taxo.training.operators import ExactOperator, NodeOperator
from taxo.training.vectors import ClassVectors, DenseVectors, class_vectors

pytestmark = pytest.mark.torch

BATCH = 5
seeds = st.integers(0, 10**6)
smoothings = st.sampled_from([0.0, 0.1, 0.3])
hierarchies = attributed(trees(max_nodes=12, plain=True))

KINDS: dict[str, Callable[[Taxonomy], tuple[ClassVectors, str]]] = {
    "dense": lambda t: (DenseVectors(matrix(t, "exact")), "exact"),
    "operator": lambda t: (ExactOperator(ClassOperator.of(t), dtype=torch.float64), "exact"),
    "dense nodes": lambda t: (DenseVectors(matrix(t, "nodes")), "nodes"),
    "sparse": lambda t: (class_vectors(embed(t, "nodes")), "nodes"),
    "node operator": lambda t: (NodeOperator(NodeBasis.of(t), dtype=torch.float64), "nodes"),
}
"""Class vectors of a hierarchy, and the method whose matrix they stand for."""


def matrix(t: Taxonomy, method: str) -> Tensor:
    return torch.from_numpy(np.array(embed(t, method, dtype="float64").dense()))


def items(dim: int, n_classes: int, seed: int) -> tuple[Tensor, Tensor]:
    """Features of very different lengths, in double precision, and labels."""
    random = torch.Generator().manual_seed(seed)
    lengths = 10 ** torch.randn(BATCH, 1, generator=random, dtype=torch.float64)
    features = torch.randn(BATCH, dim, generator=random, dtype=torch.float64) * lengths
    return features, torch.randint(n_classes, (BATCH,), generator=random)


def new_head(name: str, dim: int, n_classes: int, seed: int) -> nn.Module:
    """A head in double precision with weights that are nowhere 0 or 1, in the mode for training."""
    head = build_head(name, dim, n_classes).double()
    random = torch.Generator().manual_seed(seed)
    for parameter in head.parameters():
        parameter.data.copy_(torch.randn(parameter.shape, generator=random, dtype=torch.float64))
    return head


def found(objective: Objective, features: Tensor, labels: Tensor) -> tuple[float, Tensor]:
    """The loss and its gradient."""
    f = features.clone().requires_grad_()
    loss, scores = objective(f, labels)
    assert scores.shape == (BATCH, scores.shape[1])
    assert not scores.requires_grad
    loss.backward()
    assert f.grad is not None
    return loss.item(), f.grad


def assert_formula(objective: Objective, expected: formulas.Found, features: Tensor, labels: Tensor) -> None:
    loss, gradient = found(objective, features, labels)
    # Matrices and sparse vectors are kept in single precision.
    assert loss == pytest.approx(expected[0], rel=1e-6, abs=1e-6)
    wanted = torch.from_numpy(expected[1])
    # A short feature has a steep gradient: row by row, relative to the pull of a vector of length 1.
    rows = wanted.norm(dim=1, keepdim=True) + 1 / features.norm(dim=1, keepdim=True) + 1
    torch.testing.assert_close(gradient / rows, wanted / rows, rtol=0, atol=2e-6)


def assert_kinds(
    t: Taxonomy, seed: int, build: Callable[[ClassVectors], tuple[Objective, Callable[..., object]]]
) -> None:
    """On each kind of vectors the formula holds, with the rows of the matrix that the kind stands for."""
    for make in KINDS.values():
        vectors, method = make(t)
        objective, formula = build(vectors)
        features, labels = items(vectors.dim, t.n_classes, seed)
        wanted = matrix(t, method).numpy()[labels.numpy()]
        assert_formula(objective, formula(features.numpy(), wanted, labels.tolist()), features, labels)  # type: ignore[arg-type]


@given(hierarchies, seeds)
@settings(max_examples=8)
def test_cosine_on_every_kind_of_vectors(t: Taxonomy, seed: int) -> None:
    assert_kinds(t, seed, lambda v: (Embedded(v, cosine_loss), lambda f, phi, y: formulas.cosine(f, phi)))


@given(hierarchies, seeds)
@settings(max_examples=8)
def test_squared_error_on_every_kind_of_vectors(t: Taxonomy, seed: int) -> None:
    assert_kinds(t, seed, lambda v: (Embedded(v, squared_error), lambda f, phi, y: formulas.squared(f, phi)))


@given(hierarchies, seeds, smoothings, st.sampled_from([0.1, 1.0]))
@settings(max_examples=8)
def test_cosine_xent_with_the_head_of_the_paper(t: Taxonomy, seed: int, eps: float, weight: float) -> None:
    def build(vectors: ClassVectors) -> tuple[Objective, Callable[..., object]]:
        head = new_head("paper", vectors.dim, t.n_classes, seed)
        parts = {name: p.detach().numpy() for name, p in zip(("kernel", "bias"), head.parameters(), strict=True)}
        return CosineXent(vectors, head, weight=weight, smoothing=eps), partial(
            formulas.cosine_xent_paper, weight=weight, eps=eps, **parts
        )

    assert_kinds(t, seed, build)


@given(hierarchies, seeds, smoothings, st.sampled_from([0.1, 1.0]))
@settings(max_examples=8)
def test_cosine_xent_with_the_head_of_the_reference_in_training(
    t: Taxonomy, seed: int, eps: float, weight: float
) -> None:
    def build(vectors: ClassVectors) -> tuple[Objective, Callable[..., object]]:
        head = new_head("reference", vectors.dim, t.n_classes, seed)
        names = ("scale", "shift", "kernel", "bias")
        parts = {name: p.detach().numpy() for name, p in zip(names, head.parameters(), strict=True)}
        return CosineXent(vectors, head, weight=weight, smoothing=eps), partial(
            formulas.cosine_xent_reference, weight=weight, eps=eps, **parts
        )

    assert_kinds(t, seed, build)


@given(seeds, smoothings, st.integers(1, 9))
@settings(max_examples=30)
def test_cross_entropy_with_and_without_smoothing(seed: int, eps: float, n_classes: int) -> None:
    logits, labels = items(n_classes, n_classes, seed)
    expected = formulas.xent(logits.numpy(), labels.tolist(), eps)
    loss, gradient = found(CrossEntropy(n_classes, smoothing=eps), logits, labels)
    assert loss == pytest.approx(expected[0], rel=1e-10, abs=1e-12)
    torch.testing.assert_close(gradient, torch.from_numpy(expected[1]), rtol=1e-9, atol=1e-12)


@given(hierarchies, seeds)
@settings(max_examples=8)
def test_an_embedding_and_its_node_basis_give_the_same_loss_for_the_same_features(t: Taxonomy, seed: int) -> None:
    # M = E Q, with Q Q' = I as both have the Gram matrix S: features f for E are features f Q for M.
    E, M = matrix(t, "exact"), matrix(t, "nodes")
    Q = torch.linalg.solve(E, M)
    features, labels = items(t.n_classes, t.n_classes, seed)
    for loss in (cosine_loss, squared_error):
        results = []
        for make in KINDS.values():
            vectors, method = make(t)
            f = features if method == "exact" else features @ Q
            value, gradient = found(Embedded(vectors, loss), f, labels)
            results.append((value, gradient if method == "exact" else gradient @ Q.T))
        for value, gradient in results[1:]:
            assert value == pytest.approx(results[0][0], rel=1e-5, abs=1e-5)
            lengths = features.norm(dim=1, keepdim=True).clamp(max=1)
            torch.testing.assert_close(gradient * lengths, results[0][1] * lengths, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("head", ["paper", "reference"])
@pytest.mark.parametrize("kind", KINDS)
def test_numeric_derivatives_in_double_precision(zoo: Taxonomy, kind: str, head: str) -> None:
    vectors = KINDS[kind](zoo)[0].double()
    features, labels = items(vectors.dim, 4, seed=7)
    objective = CosineXent(vectors, new_head(head, vectors.dim, 4, seed=8), weight=0.1, smoothing=0.1)
    for tested in (objective, Embedded(vectors, cosine_loss), Embedded(vectors, squared_error)):
        assert gradcheck(lambda f, tested=tested: tested(f, labels)[0], features.requires_grad_())


# --- What is computed on the way


@pytest.mark.parametrize("kind", ["sparse", "node operator"])
def test_the_cosine_of_sparse_vectors_is_found_without_writing_them_down(
    zoo: Taxonomy, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors, _ = KINDS[kind](zoo)
    monkeypatch.setattr(type(vectors), "of", None)
    features, labels = items(vectors.dim, 4, seed=3)
    for objective in (
        Embedded(vectors, cosine_loss),
        CosineXent(vectors, new_head("paper", vectors.dim, 4, seed=3), weight=0.1, smoothing=0.0),
    ):
        assert objective(features, labels)[0] > 0


def test_on_a_matrix_the_cosine_loss_is_that_of_the_function_bit_for_bit(zoo: Taxonomy) -> None:
    phi = matrix(zoo, "exact").float()
    features, labels = items(4, 4, seed=11)
    loss, gradient = found(Embedded(phi, cosine_loss), features.float(), labels)
    f = features.float().requires_grad_()
    expected = cosine_loss(f, phi[labels])
    expected.backward()
    assert loss == expected.item()
    assert torch.equal(gradient, f.grad)  # type: ignore[arg-type]


def test_the_rows_of_sparse_vectors_are_filled_up_with_nothing(zoo: Taxonomy) -> None:
    # cat hangs below the root, which has weight 0; snowy stands below bird and owl.
    vectors = class_vectors(embed(zoo, "nodes"))
    axes, values = vectors.entries(torch.tensor([0, 3]))  # type: ignore[operator]
    assert axes.shape == values.shape == (2, 3)
    assert values[0].tolist() == [1, 0, 0]
    # w = differences of the similarities 1/3, 2/3, 1 on the way down.
    assert values[1].tolist() == pytest.approx([3**-0.5] * 3)


def test_the_batch_norm_of_the_head_counts_every_batch_once(zoo: Taxonomy) -> None:
    head = build_head("reference", 4, 4)
    objective = CosineXent(matrix(zoo, "exact"), head, weight=0.1, smoothing=0.0)
    features, labels = items(4, 4, seed=1)
    for _ in range(3):
        objective(features.float(), labels)
    assert head[1].num_batches_tracked.item() == 3  # type: ignore[index]


# --- Half precision


def objectives(t: Taxonomy) -> dict[str, Objective]:
    """Every loss, on a matrix and on an operator."""
    out: dict[str, Objective] = {"xent": CrossEntropy(t.n_classes, smoothing=0.1)}
    for kind in ("dense", "operator", "sparse", "node operator"):
        vectors = KINDS[kind](t)[0].float()
        out[f"cosine, {kind}"] = Embedded(vectors, cosine_loss)
        out[f"mse, {kind}"] = Embedded(vectors, squared_error)
        for name in ("paper", "reference"):
            head = new_head(name, vectors.dim, t.n_classes, seed=2).float()
            out[f"cosine+xent, {name}, {kind}"] = CosineXent(vectors, head, weight=0.1, smoothing=0.1)
    return out


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_losses_and_scores_are_computed_in_single_precision_also_under_autocast(
    zoo: Taxonomy, dtype: torch.dtype
) -> None:
    for name, objective in objectives(zoo).items():
        features, labels = items(objective.n_outputs, 4, seed=5)
        half = features.clamp(-100, 100).to(dtype).requires_grad_()
        with torch.autocast("cpu", dtype=dtype):
            loss, scores = objective(half, labels)
            objective.eval()
            nearest = objective.nearest(half.detach())
            objective.train()
        loss.backward()
        same = half.detach().float().requires_grad_()
        expected, plain_scores = objective(same, labels)
        expected.backward()
        assert loss.dtype == torch.float32, name
        # The same numbers from the same features: only they, and their gradient, were ever in half precision.
        assert loss.item() == expected.item(), name
        torch.testing.assert_close(scores.float(), plain_scores, rtol=0, atol=0)
        assert half.grad is not None
        assert torch.equal(half.grad, same.grad.to(dtype)), name  # type: ignore[union-attr]
        assert nearest.dtype == (dtype if name == "xent" else torch.float32), name


def test_close_classes_are_told_apart_under_autocast() -> None:
    # Both cosines are 1 in bfloat16, so the lower class would win.
    phi = torch.tensor([[0.9995**0.5, 0.0005**0.5], [1.0, 0.0]])
    objective = Embedded(phi, cosine_loss)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scores = objective.scores(torch.tensor([[1.0, 0.0]]))
    assert scores.argmax().item() == 1
