"""Batch norm over two real processes against one process with the joined batch."""

import copy
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import Tensor, nn

from taxo.taxonomy import TaxoError
from taxo.training.networks import InputSpec, build
from taxo.training.networks.sync import SyncedNorm, joined_moments, synchronised

SPLIT = 5
"""Items of the first of the two processes; the second has the rest."""


def small_network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4, eps=1e-3, momentum=0.3),
        nn.ReLU(inplace=True),
        nn.Conv2d(4, 6, 3),
        nn.BatchNorm2d(6, affine=False, momentum=None),
        nn.ReLU(inplace=True),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.BatchNorm1d(6),
        nn.Linear(6, 3),
    )


def images(dtype: torch.dtype = torch.float64) -> Tensor:
    torch.manual_seed(1)
    return torch.randn(8, 3, 9, 9, dtype=dtype) + torch.tensor([0.0, 3.0, -3.0]).to(dtype)[:, None, None]


def steps(network: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """Two steps of training, the loss summed over the items; what came out of the second."""
    for _ in range(2):
        network.zero_grad()
        x = x.detach().requires_grad_()
        y = network(x)
        (y**3).sum().backward()
    assert x.grad is not None
    gradients = {f"gradient of {name}": p.grad for name, p in network.named_parameters() if p.grad is not None}
    return {"outputs": y.detach(), "gradient of the images": x.grad, **network.state_dict(), **gradients}


# What runs in the two processes; each case returns what it found.


def network_case(rank: int) -> dict[str, Tensor]:
    part = images()[:SPLIT] if rank == 0 else images()[SPLIT:]
    return steps(synchronised(small_network().double()), part)


def layer_case(rank: int) -> dict[str, Tensor]:
    part = images(torch.float32)[:SPLIT] if rank == 0 else images(torch.float32)[SPLIT:]
    return steps(synchronised(nn.BatchNorm2d(3)), part)


def empty_case(rank: int) -> dict[str, Tensor]:
    norm = SyncedNorm(nn.BatchNorm1d(3).double())
    x = torch.arange(12.0, dtype=torch.float64).reshape(4, 3)[: 0 if rank else 4].requires_grad_()
    y = norm(x)
    (y**3).sum().backward()
    assert x.grad is not None
    return {"outputs": y.detach(), "gradient": x.grad, "mean": norm.running_mean}  # type: ignore[dict-item]


def moments_case(rank: int) -> dict[str, Tensor]:
    # 10^8 + 0, 1, 2, 3: in float32 no two of these numbers differ; here they come as float64.
    values = torch.tensor([[0.0], [1.0]] if rank else [[2.0], [3.0]], dtype=torch.float64) + 1e8
    mean, variance, count = joined_moments(values)
    return {"mean": mean, "variance": variance, "count": count}


def too_few_case(rank: int) -> dict[str, Tensor]:
    norm = SyncedNorm(nn.BatchNorm1d(3))
    with pytest.raises(TaxoError) as error:
        norm(torch.zeros(1 - rank, 3))
    assert str(error.value) == "batch norm needs two values per channel in training; take a larger batch size"
    return {"outputs of one item each": norm(torch.full((1, 3), float(rank))).detach()}


def half_case(rank: int) -> dict[str, Tensor]:
    norm = SyncedNorm(nn.BatchNorm2d(3))
    part = images(torch.float32)[:SPLIT] if rank == 0 else images(torch.float32)[SPLIT:]
    x = part.bfloat16().requires_grad_()
    y = norm(x)
    y.float().square().sum().backward()
    assert x.grad is not None
    return {"outputs": y.detach(), "mean": norm.running_mean, "gradient": x.grad}  # type: ignore[dict-item]


def eval_case(rank: int) -> dict[str, Tensor]:
    network = synchronised(small_network()).eval()
    return {"outputs": network(images(torch.float32)[:2] * (1 + rank)).detach()}


def data_parallel_case(rank: int) -> dict[str, Tensor]:
    """Two steps of SGD as a training in two processes does them."""
    network = nn.parallel.DistributedDataParallel(synchronised(small_network().double()))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for step in range(2):
        optimizer.zero_grad()
        x = (images() * (1 + step))[4 * rank : 4 * rank + 4]
        network(x).square().mean().backward()
        optimizer.step()
    return dict(network.module.state_dict())


CASES: dict[str, Callable[[int], dict[str, Tensor]]] = {
    "network": network_case,
    "layer": layer_case,
    "empty": empty_case,
    "moments": moments_case,
    "too few": too_few_case,
    "half": half_case,
    "eval": eval_case,
    "data parallel": data_parallel_case,
}


def process(rank: int, folder: str) -> None:
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2, timeout=timedelta(seconds=60)
    )
    torch.save({name: case(rank) for name, case in CASES.items()}, f"{folder}/{rank}.pt")
    dist.destroy_process_group()


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, dict[str, Tensor]]]:
    """What the cases found in the two processes, which are started once for all tests."""
    folder = str(tmp_path_factory.mktemp("processes"))
    mp.spawn(process, args=(folder,), nprocs=2)  # type: ignore[attr-defined]
    return [torch.load(Path(folder, f"{rank}.pt")) for rank in range(2)]


Found = list[dict[str, dict[str, Tensor]]]


@pytest.mark.parametrize(
    ("case", "network", "dtype", "tolerance"),
    [("network", small_network(), torch.float64, 1e-12), ("layer", nn.BatchNorm2d(3), torch.float32, 1e-6)],
)
def test_two_processes_are_one_with_the_joined_batch(
    found: Found, case: str, network: nn.Module, dtype: torch.dtype, tolerance: float
) -> None:
    wanted = steps(copy.deepcopy(network).to(dtype), images(dtype))
    first, second = found[0][case], found[1][case]
    assert list(first) == list(wanted)
    for name in wanted:
        if name in ("outputs", "gradient of the images"):
            got = torch.cat([first[name], second[name]])
        elif name.startswith("gradient"):
            got = first[name] + second[name]
        else:
            # Parameters, running means and counts: the same bits in both.
            assert torch.equal(first[name], second[name]), name
            got = first[name]
        size = wanted[name].double().abs().max().item()
        assert torch.allclose(got.double(), wanted[name].double(), rtol=0, atol=tolerance * max(size, 1)), name


def test_a_process_without_items(found: Found) -> None:
    x = torch.arange(12.0, dtype=torch.float64).reshape(4, 3).requires_grad_()
    norm = nn.BatchNorm1d(3).double()
    y = norm(x)
    (y**3).sum().backward()
    assert x.grad is not None
    assert torch.allclose(found[0]["empty"]["outputs"], y.detach(), atol=1e-12)
    assert torch.allclose(found[0]["empty"]["gradient"], x.grad, atol=1e-12)
    assert found[1]["empty"]["outputs"].shape == found[1]["empty"]["gradient"].shape == (0, 3)
    for rank in range(2):
        assert torch.allclose(found[rank]["empty"]["mean"], norm.running_mean)  # type: ignore[arg-type]


def test_moments_of_numbers_far_from_zero(found: Found) -> None:
    # 0, 1, 2, 3 above 10^8: mean 1.5, mean square about it (2.25 + 0.25) * 2 / 4 = 1.25.
    for rank in range(2):
        assert {k: v.item() for k, v in found[rank]["moments"].items()} == {
            "mean": 1e8 + 1.5,
            "variance": 1.25,
            "count": 4,
        }


def test_one_item_in_all_is_an_error_one_in_each_is_none(found: Found) -> None:
    # 0 and 1: mean 0.5, variance 0.25.
    for rank, value in enumerate((-0.5, 0.5)):
        wanted = torch.full((1, 3), value / (0.25 + 1e-5) ** 0.5)
        assert torch.allclose(found[rank]["too few"]["outputs of one item each"], wanted, atol=1e-6)


def test_half_precision_keeps_its_means_in_full(found: Found) -> None:
    norm = nn.BatchNorm2d(3).double()
    x = images(torch.float32).bfloat16().double().requires_grad_()
    y = norm(x)
    y.square().sum().backward()
    outputs = torch.cat([found[rank]["half"]["outputs"] for rank in range(2)])
    assert outputs.dtype == torch.bfloat16
    # Two units in the last place of numbers up to 4.
    assert torch.allclose(outputs.double(), y, atol=2**-6)
    assert torch.allclose(found[0]["half"]["mean"].double(), norm.running_mean, rtol=1e-6)  # type: ignore[arg-type]
    assert found[0]["half"]["gradient"].dtype == torch.bfloat16


def test_eval_mode_is_torchs_own(found: Found) -> None:
    network = small_network().eval()
    for rank in range(2):
        assert torch.equal(found[rank]["eval"]["outputs"], network(images(torch.float32)[:2] * (1 + rank)))


def test_data_parallel_training_is_training_on_the_joined_batch(found: Found) -> None:
    network = small_network().double()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for step in range(2):
        optimizer.zero_grad()
        network(images() * (1 + step)).square().mean().backward()
        optimizer.step()
    for name, value in network.state_dict().items():
        for rank in range(2):
            assert torch.allclose(found[rank]["data parallel"][name].double(), value.double(), atol=1e-10), name


# In one process.


def test_names_and_values_stay() -> None:
    network = build("resnet-20", 4, InputSpec())
    before = {k: v.clone() for k, v in network.state_dict().items()}
    parameters = [id(p) for p in network.parameters()]
    result = synchronised(network)
    assert result is network
    after = network.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[k], before[k]) for k in before)
    assert [id(p) for p in network.parameters()] == parameters
    norms = [m for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    assert {type(m) for m in norms} == {SyncedNorm}
    assert {(m.eps, m.momentum) for m in norms} == {(1e-3, 0.1)}


def test_one_process_gets_torchs_own_bits() -> None:
    network = small_network()
    wanted = steps(copy.deepcopy(network), images(torch.float32))
    got = steps(synchronised(network), images(torch.float32))
    assert all(torch.equal(got[name], wanted[name]) for name in wanted)


def test_a_lone_layer_is_replaced() -> None:
    norm = nn.BatchNorm1d(3).eval()
    result = synchronised(norm)
    assert isinstance(result, SyncedNorm)
    assert not result.training
    assert synchronised(result) is result


def test_a_layer_that_stands_twice_is_replaced_by_one() -> None:
    norm = nn.BatchNorm1d(3)
    network = synchronised(nn.Sequential(norm, nn.Linear(3, 3), norm))
    assert isinstance(network[0], SyncedNorm)
    assert network[0] is network[2]


def test_timms_batch_norm_keeps_its_activation() -> None:
    timm = pytest.importorskip("timm")
    network = timm.create_model("mobilenetv3_small_050", num_classes=4)
    x = torch.randn(4, 3, 32, 32)
    names = list(network.state_dict())
    wanted = copy.deepcopy(network)(x)
    synced = synchronised(network)
    assert list(synced.state_dict()) == names
    torch.manual_seed(0)
    assert torch.equal(synced.eval()(x), copy.deepcopy(network).eval()(x))
    assert wanted.shape == (4, 4)


def test_on_cuda_it_is_torchs() -> None:
    network = synchronised(small_network(), "cuda")
    assert [type(network[i]) for i in (1, 4, 8)] == [nn.SyncBatchNorm] * 3  # type: ignore[index]


def test_an_unknown_kind_is_refused() -> None:
    class Strange(nn.BatchNorm2d):
        pass

    with pytest.raises(TaxoError, match=r"^batch norm of kind Strange cannot be synchronised; take one process$"):
        synchronised(nn.Sequential(Strange(3)))
