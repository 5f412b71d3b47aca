"""The heads g."""

import pytest
import torch

from taxo.taxonomy import TaxoError
from taxo.training.heads import build_head


def test_paper_head_is_a_dense_layer() -> None:
    head = build_head("paper", 3, 5)
    weight, bias = head.parameters()
    psi = torch.randn(4, 3)
    assert torch.allclose(head(psi), psi @ weight.T + bias)


def test_reference_head_is_dense_of_batch_norm_of_relu() -> None:
    head = build_head("reference", 3, 5)
    psi = torch.randn(64, 3)
    x = psi.relu()
    x = (x - x.mean(0)) / (x.var(0, unbiased=False) + 1e-3).sqrt()
    weight, bias = list(head.parameters())[-2:]
    assert torch.allclose(head(psi), x @ weight.T + bias, atol=1e-5)


def test_unknown_head() -> None:
    with pytest.raises(TaxoError, match="unknown head 'papers'; did you mean 'paper'"):
        build_head("papers", 3, 5)
