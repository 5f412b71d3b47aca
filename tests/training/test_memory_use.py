"""The memory of a training step: counted by hand, and against what the allocator did."""

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

from taxo.taxonomy import TaxoError
from taxo.training.classifier import Classifier
from taxo.training.heads import build_head
from taxo.training.losses import cosine_loss
from taxo.training.memory_use import memory_of
from taxo.training.networks import InputSpec, build
from taxo.training.objectives import CosineXent, CrossEntropy, Embedded

pytestmark = pytest.mark.torch


def phi(n: int, dim: int) -> Tensor:
    vectors = torch.randn(n, dim, generator=torch.Generator().manual_seed(0))
    return vectors / vectors.norm(dim=1, keepdim=True)


def resnet(blocks_head: str = "reference") -> Classifier:
    objective = CosineXent(phi(10, 10), build_head(blocks_head, 10, 10), weight=0.1, smoothing=0.0)
    return Classifier(build("resnet-20", 10, InputSpec(size=32)), objective)


def items(n: int, size: int = 32) -> tuple[Tensor, Tensor]:
    return torch.randn(n, 3, size, size), torch.arange(n) % 10


def peak_of_a_step(classifier: Classifier, inputs: Tensor, labels: Tensor) -> int:
    """The largest use of memory in a step of SGD, from every allocation that torch makes."""
    optimizer = torch.optim.SGD(classifier.parameters(), lr=0.1, momentum=0.9)

    def step() -> None:
        loss, _ = classifier.objective(classifier(inputs), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

    step()  # makes the momentum
    weights = [t for group in (classifier.parameters(), classifier.buffers()) for t in group]
    momenta = [state["momentum_buffer"] for state in optimizer.state.values()]
    used = peak = sum(t.nbytes for t in (*weights, *momenta, inputs))
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as found:
        step()
    events = [e for e in found.profiler.kineto_results.events() if e.name() == "[memory]"]  # type: ignore[union-attr]
    assert len(events) > 100
    for event in sorted(events, key=lambda e: e.start_ns()):
        used += event.nbytes()
        peak = max(peak, used)
    return peak


@pytest.mark.parametrize(("n", "channels_last"), [(6, False), (24, True)])
def test_it_is_at_most_a_tenth_below_and_a_fifth_above_what_the_allocator_did(n: int, channels_last: bool) -> None:
    classifier, (inputs, labels) = resnet(), items(n)
    if channels_last:
        classifier.to(memory_format=torch.channels_last)
        inputs = inputs.contiguous(memory_format=torch.channels_last)
    estimated = memory_of(classifier, inputs, labels).bytes(n)
    assert 0.9 < estimated / peak_of_a_step(classifier, inputs, labels) < 1.2


def test_a_small_network_by_hand() -> None:
    # 5 inputs, a layer of 7, ReLU, a layer of 3; the loss is the cross-entropy.
    network = nn.Sequential(nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 3))
    use = memory_of(Classifier(network, CrossEntropy(3, smoothing=0.0)), torch.randn(6, 5), torch.arange(6) % 3)
    weights = 5 * 7 + 7 + 7 * 3 + 3
    assert (use.parameters, use.gradients, use.states, use.buffers) == (4 * weights, 4 * weights, 4 * weights, 0)
    # Saved for each item: the input, the output of the ReLU (which the next layer saves too), the log of the softmax,
    # all float32, and the label, int64. The weight of the whole cross-entropy is a scalar.
    assert use.per_item == 4 * (5 + 7 + 3) + 8
    assert use.passing == 4 * 7
    assert 0 <= use.fixed <= 8
    assert use.bytes(100) == 3 * 4 * weights + use.fixed + 100 * (use.per_item + use.passing)


def test_states_are_kept_for_learned_weights_only() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 1000), nn.Linear(1000, 4))
    network[1].requires_grad_(False)
    classifier = Classifier(network, Embedded(phi(10, 4), cosine_loss))
    use = memory_of(classifier, torch.randn(4, 3, 2, 2), torch.zeros(4, dtype=torch.int64), n_states=2)
    learned = 4 * (1000 * 4 + 4)
    assert use.parameters == learned + 4 * (12 * 1000 + 1000)
    assert (use.gradients, use.states) == (learned, 2 * learned)
    assert use.buffers == 4 * 10 * 4  # the class vectors


def test_shared_weights_count_once() -> None:
    layer = nn.Linear(6, 6, bias=False)
    twice = nn.Sequential(layer, nn.Sigmoid(), nn.Linear(6, 6, bias=False))
    twice[2].weight = layer.weight
    use = memory_of(Classifier(twice, CrossEntropy(6, smoothing=0.0)), torch.randn(4, 6), torch.zeros(4).long())
    assert use.parameters == use.gradients == 4 * 36


def test_what_is_measured_depends_neither_on_the_batch_nor_on_its_storage() -> None:
    classifier = resnet("paper")
    inputs, labels = items(9)
    whole = memory_of(classifier, inputs, labels)
    assert whole == memory_of(classifier, inputs[:1], labels[:1]) == memory_of(classifier, inputs[3:7], labels[3:7])
    larger, big_labels = items(4, size=64)
    # Four times the pixels, but as many features and labels.
    assert 3.9 * whole.per_item < memory_of(classifier, larger, big_labels).per_item < 4 * whole.per_item


def test_half_precision_saves_less_for_every_item() -> None:
    classifier, (inputs, labels) = resnet("paper"), items(4)
    full = memory_of(classifier, inputs, labels)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = memory_of(classifier, inputs, labels)
    assert half.per_item < 0.7 * full.per_item
    assert half.fixed > 0.4 * half.parameters  # the kernels once more, in half precision
    assert half.parameters == full.parameters


def test_nothing_is_changed() -> None:
    classifier, (inputs, labels) = resnet(), items(5)
    network = nn.Sequential(classifier.network, nn.Dropout(0.5))
    classifier = Classifier(network, classifier.objective)
    classifier.eval()
    network[0].train()
    before = copy.deepcopy(classifier)
    modes = [m.training for m in classifier.modules()]
    state = torch.random.get_rng_state()
    memory_of(classifier, inputs, labels)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert [m.training for m in classifier.modules()] == modes
    for name, tensor in before.state_dict().items():
        assert torch.equal(classifier.state_dict()[name], tensor), name
    assert all(p.grad is None for p in classifier.parameters())


def test_there_must_be_an_item() -> None:
    with pytest.raises(TaxoError) as error:
        memory_of(resnet(), *items(0))
    assert str(error.value) == "the memory of a step is measured on real items, and there are none; give at least one"
