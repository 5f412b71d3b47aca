"""The network for texts: padding, dropout, given and learnt vectors, and that it learns."""

import copy

import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from taxo.taxonomy import TaxoError
from taxo.training.networks import InputSpec, build, network
from taxo.training.networks.gru import TextGru

pytestmark = pytest.mark.torch

TEXTS = torch.tensor([[2, 3, 4, 5], [6, 2, 0, 0], [1, 0, 0, 0]])


def given(n_words: int = 7, dim: int = 3) -> InputSpec:
    vectors = np.random.default_rng(0).normal(size=(n_words, dim)).astype(np.float32)
    vectors[:2] = 0
    return InputSpec(n_words=n_words, word_dim=dim, word_vectors=vectors)


def tiny(inputs: InputSpec, dropout: float = 0.5) -> TextGru:
    torch.manual_seed(0)
    return TextGru(4, inputs, units=5, dropout=dropout)


def test_its_entry() -> None:
    entry = network("gru")
    assert (entry.kind, entry.features, entry.weight_decay) == ("texts", 300, 0.0)
    model = build("gru", 10, given(dim=50))
    # GRU: 3 gates of 300 units over 50 inputs and 300 states, two biases; batch norm; f. Given vectors do not count.
    assert sum(p.numel() for p in model.parameters()) == 3 * 300 * (50 + 300 + 2) + 2 * 300 + 300 * 10 + 10
    assert isinstance(list(model.modules())[-1], nn.Linear)


def test_longer_padding_changes_nothing() -> None:
    model = tiny(given()).eval()
    longer = torch.cat([TEXTS, torch.zeros(3, 9, dtype=torch.int64)], dim=1)
    torch.testing.assert_close(model(longer), model(TEXTS))
    for row in TEXTS:
        torch.testing.assert_close(model(row[row > 0][None])[0], model(TEXTS)[TEXTS.eq(row).all(dim=1)][0])


def test_gradients_do_not_see_padding_either() -> None:
    models = [tiny(given(), dropout=0.0) for _ in range(2)]
    longer = torch.cat([TEXTS, torch.zeros(3, 9, dtype=torch.int64)], dim=1)
    for model, texts in zip(models, (TEXTS, longer), strict=True):
        model(texts).square().sum().backward()
    for one, other in zip(*(model.parameters() for model in models), strict=True):
        torch.testing.assert_close(one.grad, other.grad)


def test_it_is_the_last_state_of_packed_sequences() -> None:
    model = tiny(given()).eval()
    packed = pack_padded_sequence(model.vectors[TEXTS], torch.tensor([4, 2, 1]), batch_first=True)
    torch.testing.assert_close(model(TEXTS), model.f(model.bn(model.gru(packed)[1][0])))


def test_a_step_of_the_gru_by_hand() -> None:
    model = tiny(given()).eval()
    w = {name: p.detach().chunk(3) for name, p in model.gru.named_parameters()}
    h = torch.zeros(5)
    for number in (2, 3, 4, 5):
        x = model.vectors[number]
        inputs = [w["weight_ih_l0"][k] @ x + w["bias_ih_l0"][k] for k in range(3)]
        states = [w["weight_hh_l0"][k] @ h + w["bias_hh_l0"][k] for k in range(3)]
        reset, update = (torch.sigmoid(inputs[k] + states[k]) for k in range(2))
        h = (1 - update) * torch.tanh(inputs[2] + reset * states[2]) + update * h
    # Batch norm has seen nothing yet: mean 0, variance 1.
    torch.testing.assert_close(model(TEXTS)[0], model.f(h / (1 + 1e-3) ** 0.5))


def test_a_row_of_zeros_counts_as_one_word() -> None:
    assert torch.isfinite(tiny(given()).eval()(torch.zeros(2, 4, dtype=torch.int64))).all()


def test_weights_start_as_in_keras() -> None:
    model = tiny(given())
    recurrent = model.gru.weight_hh_l0.detach()
    torch.testing.assert_close(recurrent.T @ recurrent, torch.eye(5))
    assert model.gru.weight_ih_l0.abs().max() <= (6 / (3 + 15)) ** 0.5
    assert not model.gru.bias_ih_l0.any()
    assert not model.gru.bias_hh_l0.any()
    assert not model.f.bias.any()


def test_dropout_on_inputs_and_outputs_follows_the_global_generator() -> None:
    model = tiny(given()).train()
    seen: list[torch.Tensor] = []
    model.gru.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    model.bn.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    texts = TEXTS[:1].repeat(200, 1)
    outputs = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        outputs.append(model(texts))
    for values in seen[:2]:
        assert 0.4 < (values == 0).float().mean() < 0.6
    # What is left is doubled.
    words = model.vectors[texts]
    assert torch.equal(seen[0], torch.where(seen[0] == 0, 0, 2 * words))
    assert torch.equal(outputs[0], outputs[1])
    assert not torch.equal(outputs[0], outputs[2])


def test_given_vectors_stay_and_learnt_ones_move() -> None:
    learnt = InputSpec(n_words=7, word_dim=3)
    for inputs, moves in ((given(), False), (learnt, True)):
        model = tiny(inputs)
        before = model.vectors.detach().clone()
        assert not before[:2].any()
        torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.9).zero_grad()
        optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
        texts = torch.tensor([[2, 3, 4], [5, 0, 0]])
        model(texts).square().sum().backward()
        optimizer.step()
        changed = (model.vectors.detach() != before).any(dim=1)
        assert changed.tolist() == [False, False, moves, moves, moves, moves, False]


def test_weights_of_either_kind_fill_a_network_made_without_vectors() -> None:
    for inputs in (given(), InputSpec(n_words=7, word_dim=3)):
        trained = tiny(inputs).eval()
        again = TextGru(4, InputSpec(n_words=7, word_dim=3), units=5).eval()
        again.load_state_dict(copy.deepcopy(trained.state_dict()))
        assert torch.equal(again(TEXTS), trained(TEXTS))


def test_the_given_vectors_are_copied() -> None:
    inputs = given()
    model = tiny(inputs)
    assert inputs.word_vectors is not None
    inputs.word_vectors[:] = 0
    assert model.vectors.any()


def test_images_are_refused() -> None:
    with pytest.raises(TaxoError, match="the network 'gru' reads texts, but the data set holds images"):
        build("gru", 4, InputSpec())


def test_it_learns_which_word_came_first() -> None:
    # Words 2 and 3 in either order, others in between: a bag of words cannot tell.
    generator = torch.Generator().manual_seed(0)
    filling = torch.randint(4, 7, (64, 4), generator=generator)
    labels = torch.arange(64) % 2
    ends = torch.stack([labels + 2, 3 - labels], dim=1)
    texts = torch.cat([ends[:, :1], filling, ends[:, 1:], torch.zeros(64, 3, dtype=torch.int64)], dim=1)
    torch.manual_seed(0)
    model = TextGru(2, given(dim=8), units=16, dropout=0.1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    for _ in range(60):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(texts), labels).backward()
        optimizer.step()
    assert (model.eval()(texts).argmax(dim=1) == labels).float().mean() > 0.95
