"""Two real processes, joined by gloo: the same training as one process with the same batches, every item counted once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import load_file

from taxo.training.loop import share_of
from taxo.training.run import load_run
from taxo.training.stream import Stream
from taxo.training.train import evaluate

PROGRAM = Path(__file__).parent / "two_processes.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("distributed")
    (path / "tree.txt").write_text("r\n  g\n    a\n    b\n  h\n    c\n    d\n    e\n")
    return path


def launch(folder: Path, processes: int, *args: str) -> Path:
    program = [sys.executable, str(PROGRAM), str(folder), *args]
    if processes > 1:
        torchrun = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
        program = [sys.executable, *torchrun, *program[1:]]
    done = subprocess.run(
        program, capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    assert done.returncode == 0, done.stderr
    return folder / f"run-{processes}-{args[0]}{'-stopped' if len(args) > 1 else ''}"


def furthest(one: Path, other: Path) -> float:
    """The largest difference between the weights of two runs."""
    left, right = load_file(one / "last.safetensors"), load_file(other / "last.safetensors")
    assert left.keys() == right.keys()
    return max(float((left[name].double() - right[name].double()).abs().max()) for name in left)


@pytest.mark.slow
def test_two_processes_train_as_one(folder: Path) -> None:
    one, two = launch(folder, 1, "sync"), launch(folder, 2, "sync")
    # 45 items in batches of 12: 4 steps an epoch, 12 in all. Sums run in another order, nothing else differs.
    assert furthest(one, two) < 1e-4
    runs = [load_run(path) for path in (one, two)]
    assert [run.info["steps_per_epoch"] for run in runs] == [4, 4]
    losses = [[epoch["loss"] for epoch in run.metrics()] for run in runs]
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)
    # Every test item is counted once, by whatever process: 25 items in batches of 12, of which one gets two.
    assert runs[1].result["last"]["n"] == 25
    assert evaluate(runs[1], device="cpu") == runs[1].metrics()[-1]["test"]
    # Cycles of 1 and 2 epochs: two members.
    assert [run.result["snapshot_ensemble"]["members"] for run in runs] == [[1, 3], [1, 3]]
    assert json.loads((two / "run.json").read_text())["finished"] is True


@pytest.mark.slow
def test_local_batch_norm_is_that_of_one_process_with_the_batch_in_parts(folder: Path) -> None:
    whole, local = launch(folder, 1, "local"), launch(folder, 2, "local")
    assert furthest(whole, local) > 1e-3  # batches of 6 have other statistics than batches of 12
    # What stays the same is what does not depend on batch norm: which items stand in which step, and how many.
    runs = [load_run(path) for path in (whole, local)]
    assert [len(run.metrics()) for run in runs] == [3, 3]
    # The processes agree on the running statistics, so what was scored can be repeated by one of them.
    assert evaluate(runs[1], device="cpu") == runs[1].metrics()[-1]["test"]


@pytest.mark.slow
def test_processes_stop_together_and_go_on(folder: Path) -> None:
    whole = folder / "run-2-sync"
    if not whole.exists():  # where this test runs alone
        launch(folder, 2, "sync")
    stopped = launch(folder, 2, "sync", "5")
    assert furthest(whole, stopped) == 0


class Some(Accelerator):
    """One of several processes, for `share_of` only."""

    def __init__(self, index: int, count: int) -> None:
        self.index, self.count = index, count

    @property
    def process_index(self) -> int:
        return self.index

    @property
    def num_processes(self) -> int:
        return self.count


@pytest.mark.parametrize(("batch", "processes"), [(12, 1), (12, 2), (12, 5), (7, 3), (96, 4)])
def test_the_shares_of_the_processes_are_the_batch(batch: int, processes: int) -> None:
    stream = Stream(1000, batch, seed=0)
    parts = [stream.positions(3)[share_of(stream, Some(i, processes))] for i in range(processes)]
    assert torch.cat(parts).tolist() == list(range(3 * batch, 4 * batch))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
