"""Class vectors as operators in torch: the same products, gradients and losses as with the matrices."""

import copy
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from strategies import attributed, trees
from torch import Tensor, nn
from torch.autograd import gradcheck, gradgradcheck
from torch.utils._python_dispatch import TorchDispatchMode

from taxo.embeddings import embed
from taxo.embeddings.nodes import node_basis
from taxo.embeddings.operators import ClassOperator, NodeBasis
from taxo.taxonomy import TaxoError, Taxonomy, class_similarity, flat, from_edges
from taxo.training.classifier import build_objective
from taxo.training.config import TrainConfig
from taxo.training.losses import cosine_loss
from taxo.training.objectives import CosineXent, CrossEntropy, Embedded
from taxo.training.operators import ExactOperator, NodeOperator
from taxo.training.vectors import ClassVectors, DenseVectors, SparseVectors, class_vectors

pytestmark = pytest.mark.torch

DOCS = Path(__file__).parents[2] / "docs"


def random_tree(n: int, seed: int = 0, power: float = 1.0) -> Taxonomy:
    parent = (np.random.default_rng(seed).random(n) ** power * np.arange(n)).astype(int)
    return from_edges([(str(p), str(c)) for c, p in enumerate(parent.tolist()) if c], name="random")


SHAPES = {
    "one class": flat(["a"]),
    "flat forest": flat([f"c{i}" for i in range(70)]),
    "star of 300": from_edges([("r", f"c{i}") for i in range(300)]),
    "stars of 8, 9, 10": from_edges([(f"r{k}", f"r{k}c{i}") for k in (8, 9, 10) for i in range(k)]),
    "chain": from_edges([("a", "b"), ("b", "c"), ("c", "d")]),
    "caterpillar": from_edges([(f"n{i}", f"{k}{j}") for i in range(60) for k, j in (("leaf", i), ("n", i + 1))]),
    "bush": random_tree(300, power=2.0),
    "inner classes": random_tree(60).with_classes([str(i) for i in (5, 3, 0, 17, 59, 20, 21, 1)]),
}


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest) -> Taxonomy:
    return SHAPES[request.param]


def written(t: Taxonomy, method: str) -> Tensor:
    return torch.from_numpy(np.array(embed(t, method, dtype="float64").dense()))


def exact_of(t: Taxonomy, dtype: torch.dtype = torch.float64) -> ExactOperator:
    return ExactOperator(ClassOperator.of(t), dtype=dtype)


def nodes_of(t: Taxonomy, dtype: torch.dtype = torch.float64) -> NodeOperator:
    return NodeOperator(NodeBasis.of(t), dtype=dtype)


def sparse_of(t: Taxonomy) -> SparseVectors:
    return SparseVectors(node_basis(NodeBasis.of(t).tree)[0])


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def assert_like(vectors: ClassVectors, phi: Tensor, atol: float) -> None:
    """Every product and its gradient are those of the matrix phi."""
    assert (vectors.n_classes, vectors.dim) == phi.shape
    features, labels = random(5, vectors.dim), torch.arange(5) % vectors.n_classes
    upstream = random(5, vectors.n_classes, seed=1)
    mine, plain = features.clone().requires_grad_(), features.clone().requires_grad_()
    scores = vectors.scores(mine)
    torch.testing.assert_close(scores, features @ phi.T, rtol=0, atol=atol)
    scores.backward(upstream)
    torch.testing.assert_close(mine.grad, upstream @ phi, rtol=0, atol=10 * atol)
    torch.testing.assert_close(vectors.of(labels).double(), phi[labels], rtol=0, atol=atol)
    mine.grad = None
    vectors.dots(mine, labels).sum().backward()
    (plain * phi[labels]).sum().backward()
    torch.testing.assert_close(mine.grad, plain.grad, rtol=0, atol=atol)


def assert_all(t: Taxonomy) -> None:
    E, M = written(t, "exact"), written(t, "nodes")
    exact = exact_of(t)
    assert_like(exact, E, 1e-12)
    assert_like(nodes_of(t), M, 1e-12)
    assert_like(sparse_of(t), M, 1e-5)  # its values are in single precision
    features = random(5, exact.dim).float()
    torch.testing.assert_close(DenseVectors(E).scores(features), exact.scores(features), rtol=0, atol=1e-5)
    y = random(3, exact.dim)
    S = torch.from_numpy(class_similarity(t))
    torch.testing.assert_close(exact.combine(y), y @ E, rtol=0, atol=1e-12)
    torch.testing.assert_close(nodes_of(t).combine(y), y @ M, rtol=0, atol=1e-12)
    torch.testing.assert_close(exact.solve(y), torch.linalg.solve(S, y.T).T, rtol=1e-8, atol=1e-9)
    assert exact.log_det == pytest.approx(torch.linalg.slogdet(S)[1].item(), abs=1e-10)


def test_products_and_gradients_for_trees_of_all_shapes(shape: Taxonomy) -> None:
    assert_all(shape)


@given(attributed(trees(max_nodes=30, plain=True)))
@settings(max_examples=30)
def test_products_and_gradients_are_those_of_the_matrices(t: Taxonomy) -> None:
    assert_all(t)


def test_first_and_second_derivatives(zoo: Taxonomy) -> None:
    exact, nodes = exact_of(zoo), nodes_of(zoo)
    maps = [(exact.scores, 4), (exact.combine, 4), (exact.solve, 4), (nodes.scores, 6), (nodes.combine, 4)]
    maps += [(sparse_of(zoo).scores, 6), (lambda f: nodes.dots(f, torch.tensor([2, 0])), 6)]
    for product, dim in maps:
        x = random(2, dim).requires_grad_()
        assert gradcheck(product, x)
        assert gradgradcheck(lambda f, product=product: product(f) ** 2, x)


def test_sums_over_siblings_keep_their_digits_in_single_precision() -> None:
    t = from_edges([("r", f"c{i}") for i in range(300)] + [("r", "p"), ("p", "a"), ("p", "b")])
    exact = exact_of(t, torch.float32)
    y = torch.full((1, t.n_classes), 1e6)
    y[0, [t.classes.index("a"), t.classes.index("b")]] = 1e-3
    wanted = ClassOperator.of(t).combine(y[0].double().numpy())
    np.testing.assert_allclose(exact.combine(y)[0].numpy(), wanted, rtol=1e-5)


@pytest.mark.parametrize("kind", [exact_of, nodes_of, sparse_of])
def test_half_precision_and_autocast_sum_in_single_precision(kind: Any) -> None:
    t = random_tree(400)
    vectors: ClassVectors = kind(t).float()
    features = random(3, vectors.dim).bfloat16().requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        scores, dots = vectors.scores(features), vectors.dots(features, torch.arange(3))
    assert scores.dtype == dots.dtype == vectors.of(torch.arange(3)).dtype == torch.float32
    torch.testing.assert_close(scores, vectors.scores(features.detach().float()), rtol=0, atol=0)
    torch.testing.assert_close(dots, scores.diagonal(), rtol=0, atol=1e-5)
    scores.sum().backward()
    assert features.grad is not None
    assert features.grad.dtype == torch.bfloat16


@pytest.mark.parametrize("kind", [exact_of, nodes_of, sparse_of])
def test_they_move_and_are_copied_but_are_no_saved_weights(zoo: Taxonomy, kind: Any) -> None:
    vectors = kind(zoo)
    assert not vectors.state_dict()
    assert not list(vectors.parameters())
    assert {b.device.type for b in vectors.to("meta").buffers()} == {"meta"}
    vectors = kind(zoo)
    features = random(2, vectors.dim)
    torch.testing.assert_close(copy.deepcopy(vectors).scores(features), vectors.scores(features), rtol=0, atol=0)


def test_other_shapes_are_refused(zoo: Taxonomy) -> None:
    with pytest.raises(TaxoError, match=r"features of shape \(2, 5\) do not fit: \(batch, 4\) is needed"):
        exact_of(zoo).scores(torch.ones(2, 5))
    with pytest.raises(TaxoError, match=r"\(batch, 6\) is needed"):
        nodes_of(zoo).scores(torch.ones(6))
    with pytest.raises(TaxoError, match=r"need the shape \(n_classes, dim\), not \(3,\)"):
        class_vectors(torch.ones(3))


# --- In training


def test_what_a_loss_is_built_on(zoo: Taxonomy, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = embed(zoo, "nodes")
    dense = build_objective(TrainConfig("zoo", loss="cosine"), embed(zoo))
    assert isinstance(dense, Embedded)
    assert isinstance(dense.vectors, DenseVectors)
    monkeypatch.setattr("taxo.embeddings.Embedding.dense", None)  # the sparse ones are never written down
    for loss, kind in (("cosine", Embedded), ("mse", Embedded), ("cosine+xent", CosineXent)):
        objective = build_objective(TrainConfig("zoo", loss=loss), nodes)
        assert isinstance(objective, kind)
        assert isinstance(objective.vectors, SparseVectors)
        assert objective.n_outputs == nodes.dim == 6
        assert not any("vectors" in name for name in objective.state_dict())
    assert isinstance(build_objective(TrainConfig("zoo", loss="xent"), nodes), CrossEntropy)


class Largest(TorchDispatchMode):
    """Remembers the size of the largest tensor that any operation gives."""

    numbers = 0

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = function(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else [result]:
            if isinstance(tensor, Tensor):
                self.numbers = max(self.numbers, tensor.numel())
        return result


def losses_of(vectors: ClassVectors, weight: Tensor, steps: int = 8) -> tuple[list[float], int]:
    """Train a linear network with the cosine loss; the losses, and the numbers in the largest tensor on the way."""
    network = nn.Linear(weight.shape[1], vectors.dim, bias=False)
    network.weight.data.copy_(weight)
    objective = Embedded(vectors, cosine_loss)
    optimizer = torch.optim.SGD(network.parameters(), lr=200.0, momentum=0.9)
    inputs, labels = random(32, weight.shape[1], seed=5).float(), torch.arange(32) * 7
    losses = []
    with Largest() as largest:
        for _ in range(steps):
            loss, scores = objective(network(inputs), labels)
            assert scores.shape == (32, vectors.n_classes)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses, largest.numbers


def test_training_on_2000_classes_is_the_same_with_and_without_the_matrix() -> None:
    t = random_tree(3600, power=1.5)
    n = t.n_classes
    assert 1900 < n < 2400
    E, M = written(t, "exact"), written(t, "nodes")
    # M = E Q, with Q Q' = I as both have the Gram matrix S. Features Q' f for M then have the scores and length of f
    # for E, and gradient descent keeps them so: all losses must be the same.
    weight = random(n, 8).float()
    for_nodes = (torch.linalg.solve(E, M).T @ weight.double()).float()
    dense, wide = losses_of(DenseVectors(E), weight)
    assert dense[-1] < dense[0] - 0.02
    assert wide == n * n  # so `Largest` does see the matrix
    exact, largest = losses_of(exact_of(t, torch.float32), weight)
    assert exact == pytest.approx(dense, abs=1e-5)
    nodes, more = losses_of(nodes_of(t, torch.float32), for_nodes)
    assert nodes == pytest.approx(dense, abs=1e-5)
    sparse, _ = losses_of(sparse_of(t), for_nodes)
    assert sparse == pytest.approx(dense, abs=1e-5)
    assert max(largest, more) < 40 * 3700  # batch x nodes, far from the n x n numbers of the matrix
    for vectors in (exact_of(t), nodes_of(t), sparse_of(t)):
        assert sum(b.numel() for b in vectors.buffers()) < 40 * 3700 < n * n / 20


@pytest.mark.parametrize("block", re.findall(r"```py\n(.*?)```", (DOCS / "operators.md").read_text("utf-8"), re.DOTALL))
def test_examples_with_torch_in_the_documentation_run(block: str) -> None:
    exec(compile(block, "operators.md", "exec"), {})
