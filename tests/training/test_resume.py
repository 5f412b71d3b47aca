"""Resuming: after SIGKILL at any moment, after Ctrl-C, after a full disk, the same weights bit for bit."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from taxo.taxonomy import TaxoError
from taxo.training import loop
from taxo.training.config import TrainConfig
from taxo.training.data import DataConfig
from taxo.training.interrupts import Interrupted, Interrupts
from taxo.training.recorder import checkpoints_of
from taxo.training.run import load_run
from taxo.training.train import evaluate, train

HERE = Path(__file__).parent
SAME = ("last.safetensors", "best.safetensors", "result.json", "embedding.npz")


@pytest.fixture
def config(tmp_path: Path) -> TrainConfig:
    (tmp_path / "four.txt").write_text("r\n  g\n    a\n    b\n  h\n    c\n    d\n")
    data = DataConfig(dataset="synthetic", image_size=8, samples=8, test_samples=2, val_fraction=0.25)
    return TrainConfig(
        str(tmp_path / "four.txt"), epochs=4, cycle=1, batch_size=8, device="cpu", ema=0.8, augment=("flip", "shift", "erase"),
        output=str(tmp_path / "run"), data=data,
    )  # fmt: skip


def stop_at(monkeypatch: pytest.MonkeyPatch, step: int, number: int = signal.SIGINT) -> None:
    """A signal comes while that step, counted from 0, is computed."""
    original = loop.gradients
    calls = iter(range(10**6))

    def interrupted(*args: object) -> object:
        if next(calls) == step:
            os.kill(os.getpid(), number)
        return original(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "gradients", interrupted)


def check_same(config: TrainConfig, other: TrainConfig) -> None:
    for name in SAME:
        assert (Path(config.output) / name).read_bytes() == (Path(other.output) / name).read_bytes(), name
    with_seconds = [load_run(c.output).metrics() for c in (config, other)]
    without = [[{k: v for k, v in row.items() if k != "seconds"} for row in rows] for rows in with_seconds]
    assert without[0] == without[1]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [0, 2])
def test_killed_ten_times_at_random_moments(workers: int, tmp_path: Path) -> None:
    program = [
        sys.executable,
        str(HERE / "killed_ten_times.py"),
        str(tmp_path),
        str(workers),
        "10" if workers == 0 else "3",
    ]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    reached = json.loads(done.stdout)
    assert reached == sorted(reached, key=lambda name: (name != "none", name))  # no attempt fell back
    assert len(set(reached)) > 1  # the kills came at different places
    whole, killed = (
        {name: load_file(tmp_path / part / "run" / name) for name in SAME[:2]} for part in ("whole", "killed")
    )
    for name in SAME[:2]:
        for key, value in whole[name].items():
            assert torch.equal(value, killed[name][key]), (name, key)
    results = [json.loads((tmp_path / part / "run" / "result.json").read_text()) for part in ("whole", "killed")]
    assert results[0] == results[1]
    assert not list((tmp_path / "killed" / "run").glob(".*"))  # nothing half written is left


@pytest.mark.parametrize("step", [0, 2, 3, 5, 11])  # 4 steps per epoch: first, last of an epoch, first of another ...
def test_ctrl_c_saves_and_says_how_to_go_on(step: int, config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = replace(config, output=f"{config.output}-whole")
    train(whole, quiet=True)
    remarks: list[str] = []
    with monkeypatch.context() as patch:
        stop_at(patch, step)
        with pytest.raises(Interrupted) as caught:
            train(config, quiet=True, on_remark=remarks.append)
    assert caught.value.signal == signal.SIGINT
    assert remarks == [f"{config.output}: stopped and saved; go on with: taxo train --resume -o {config.output}"]
    assert f"step-{step + 1:09d}.safetensors" in {path.name for path in checkpoints_of(Path(config.output)).paths()}
    remarks.clear()
    run = train(config, resume=True, quiet=True, on_remark=remarks.append)
    # An epoch is done once it is scored: after its last step it is not.
    assert remarks == [f"going on after {step // 4} epochs and {step % 4 + 1} steps"]
    assert run.info["finished"] is True
    check_same(config, whole)


def test_sigterm_is_as_good(config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_at(monkeypatch, 1, signal.SIGTERM)
    with pytest.raises(Interrupted) as caught:
        train(config, quiet=True)
    assert caught.value.signal == signal.SIGTERM


@pytest.fixture
def python_handles_ctrl_c() -> Iterator[None]:
    """As in a terminal: a shell that starts programs in the background lets them ignore it, and so would the tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("python_handles_ctrl_c")
def test_the_second_signal_interrupts_at_once() -> None:
    with Interrupts() as interrupts:
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupts.wanted == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (1, "stopped before anything was saved; train again"),
        (6, "stopped at once; the last checkpoint is step-000000004.safetensors; go on with: taxo train --resume -o "),
    ],
)
def test_what_is_left_after_an_interrupt_at_once(
    step: int, told: str, config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, calls = loop.gradients, iter(range(10**6))

    def interrupted(*args: object) -> object:
        if next(calls) == step:
            raise KeyboardInterrupt
        return original(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "gradients", interrupted)
    remarks: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        train(config, quiet=True, on_remark=remarks.append)
    assert remarks[0].startswith(f"{config.output}: {told}")


def test_between_two_sessions_the_folder_is_that_of_the_last_finished_epoch(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_at(monkeypatch, 6)
    with pytest.raises(Interrupted):
        train(config, quiet=True)
    run = load_run(config.output)
    assert (run.info["finished"], run.info["epochs_done"]) == (False, 1)
    assert evaluate(run, device="cpu") == run.metrics()[-1]["test"]


def test_a_damaged_checkpoint_costs_an_epoch_and_no_more(config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = replace(config, output=f"{config.output}-whole")
    train(whole, quiet=True)
    with monkeypatch.context() as patch:
        stop_at(patch, 9)
        with pytest.raises(Interrupted):
            train(config, quiet=True)
    newest = checkpoints_of(Path(config.output)).paths()[0]
    newest.write_bytes(newest.read_bytes()[:-10])
    remarks: list[str] = []
    train(config, resume=True, quiet=True, on_remark=remarks.append)
    assert "step-000000010.safetensors: a damaged checkpoint" in remarks[0]
    assert remarks[1] == "going on after 2 epochs and 0 steps"
    check_same(config, whole)


def test_a_finished_run_has_nothing_left_to_do(config: TrainConfig) -> None:
    train(config, quiet=True)
    before = {path: path.read_bytes() for path in Path(config.output).iterdir() if path.is_file()}
    remarks: list[str] = []
    train(config, resume=True, quiet=True, on_remark=remarks.append)
    assert remarks == [f"{config.output}: this training is finished; nothing is left to do"]
    assert before == {path: path.read_bytes() for path in Path(config.output).iterdir() if path.is_file()}


def test_other_data_are_refused(config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        stop_at(patch, 1)
        with pytest.raises(Interrupted):
            train(config, quiet=True)
    other = replace(config, data=replace(config.data, samples=9))
    with pytest.raises(TaxoError, match="the data are not those that this training began with"):
        train(other, resume=True, quiet=True)


def test_another_network_is_refused(config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        stop_at(patch, 1)
        with pytest.raises(Interrupted):
            train(config, quiet=True)
    with pytest.raises(TaxoError, match=r"the checkpoint is of another network than config\.toml says"):
        train(replace(config, arch="resnet-32"), resume=True, quiet=True)


def limited(size: int) -> Callable[[], None]:
    """Files of this process may have no more than `size` bytes: what a full disk looks like."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def test_a_full_disk_leaves_the_last_good_checkpoint(config: TrainConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        stop_at(patch, 5)
        with pytest.raises(Interrupted):
            train(config, quiet=True)
    good = checkpoints_of(Path(config.output)).paths()[0]
    before = good.read_bytes()
    program = [sys.executable, "-m", "taxo", "train", "--resume", "-q", "-o", config.output]
    done = subprocess.run(
        program,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limited(len(before) // 2),
    )
    assert done.returncode == 2, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert "the last good checkpoint is" in last
    assert f"go on with: taxo train --resume -o {config.output}" in last
    assert "Traceback" not in done.stderr
    assert good.read_bytes() == before
    whole = replace(config, output=f"{config.output}-whole")
    train(whole, quiet=True)
    train(config, resume=True, quiet=True)
    check_same(config, whole)


@pytest.mark.filterwarnings("ignore:This DataLoader will create")  # more than there are processors
def test_the_number_of_workers_changes_nothing(config: TrainConfig) -> None:
    drawn = replace(config, epochs=2, data=replace(config.data, cache="none"))
    runs = [replace(drawn, workers=n, output=f"{config.output}-{n}") for n in (0, 2, 4)]
    for each in runs:
        train(each, quiet=True)
    check_same(runs[0], runs[1])
    check_same(runs[0], runs[2])
    kept = replace(config, epochs=2, output=f"{config.output}-kept")
    train(kept, quiet=True)  # nor does it matter whether the images are kept in memory
    check_same(runs[0], kept)
