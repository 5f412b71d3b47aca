"""Training from weights: two phases, and a run that is resumed within the first."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from taxo.taxonomy import TaxoError
from taxo.training import loop
from taxo.training.config import TrainConfig
from taxo.training.data import DataConfig
from taxo.training.interrupts import Interrupted
from taxo.training.recorder import checkpoints_of
from taxo.training.train import train

DATA = DataConfig(dataset="synthetic", image_size=8, samples=8, test_samples=2)


@pytest.fixture
def first(tmp_path: Path) -> TrainConfig:
    """A run whose weights the others start from, with other classes."""
    (tmp_path / "two.txt").write_text("r\n  x\n  y\n")
    (tmp_path / "four.txt").write_text("r\n  g\n    a\n    b\n  h\n    c\n    d\n")
    config = TrainConfig(
        str(tmp_path / "two.txt"), epochs=1, batch_size=8, device="cpu", data=DATA, output=str(tmp_path / "one")
    )
    train(config, quiet=True)
    return config


def second(first: TrainConfig, **options: object) -> TrainConfig:
    folder = Path(first.output).parent
    return replace(
        first, embedding=str(folder / "four.txt"), weights=f"{first.output}/last.safetensors", freeze_epochs=2,
        output=str(folder / "two"), **options,  # type: ignore[arg-type]
    )  # fmt: skip


def test_in_the_first_phase_only_new_layers_and_the_head_move(first: TrainConfig) -> None:
    remarks: list[str] = []
    config = second(first, epochs=1)
    train(config, quiet=True, on_remark=remarks.append)
    assert any("parameters taken from" in remark and "new: 'fc.bias', 'fc.weight'" in remark for remark in remarks)
    start = load_file(Path(first.output) / "last.safetensors")
    after = [load_file(path) for path in reversed(checkpoints_of(Path(config.output)).paths())]  # epochs 2 and 3
    for name, value in start.items():
        if name.startswith("network.") and "fc" not in name and "num_batches" not in name:
            assert torch.equal(after[0][f"model.{name}"], value), name  # weights, and statistics of batch norm
            moved = not torch.equal(after[1][f"model.{name}"], value)
            assert moved or name.endswith(".bias"), name
    assert not torch.equal(after[0]["model.network.fc.weight"], after[1]["model.network.fc.weight"])
    # Of the head the dense layer moves, scale and shift of its batch norm do not.
    assert torch.equal(after[0]["model.objective.head.1.weight"], torch.ones(4))
    assert not torch.equal(after[1]["model.objective.head.1.weight"], torch.ones(4))
    assert not torch.equal(after[0]["model.objective.head.2.bias"], torch.zeros(4))
    # The velocity of the first phase is gone with it.
    assert not [name for name in after[0] if name.startswith("momentum.")]


def test_a_run_resumed_in_the_first_phase_is_the_same(first: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = second(first, epochs=1)
    train(whole, quiet=True)
    config = replace(whole, output=f"{whole.output}-stopped")
    original, calls = loop.gradients, iter(range(10**6))

    def interrupted(*args: object) -> object:
        if next(calls) == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return original(*args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(loop, "gradients", interrupted)
        with pytest.raises(Interrupted):
            train(config, quiet=True)
    train(config, resume=True, quiet=True)
    for name in ("last.safetensors", "result.json"):
        assert (Path(whole.output) / name).read_bytes() == (Path(config.output) / name).read_bytes()


def test_frozen_epochs_need_weights(first: TrainConfig) -> None:
    with pytest.raises(TaxoError, match="freeze_epochs is 2, but training starts from no weights"):
        replace(second(first), weights="")


def test_weights_of_another_network_are_refused(first: TrainConfig) -> None:
    config = second(first, arch="resnet-20-wide")
    with pytest.raises(TaxoError, match=r"last\.safetensors"):
        train(config, quiet=True)
    assert not Path(config.output).exists()
