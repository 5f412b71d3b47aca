"""The estimate of a dry run: arithmetic, wording, and the time of a step by a clock of our own."""

import json
from dataclasses import replace

import pytest
import torch

from taxo.training.estimate import Estimate, in_time, time_of
from taxo.training.memory_use import MemoryUse

pytestmark = pytest.mark.torch

MIB = 2**20
USE = MemoryUse(
    parameters=4 * MIB, buffers=2 * MIB, gradients=4 * MIB, states=8 * MIB, fixed=MIB, per_item=3 * MIB, passing=MIB
)


def estimate(seconds_of_scoring: float = 0.0) -> Estimate:
    return Estimate(
        epochs=180,
        steps_per_epoch=1500,
        batch_size=32,
        memory=USE,
        seconds_per_step=0.03,
        seconds_of_scoring=seconds_of_scoring,
    )


def test_the_sums() -> None:
    found = estimate(seconds_of_scoring=10.0)
    assert found.steps == 270_000
    assert found.bytes == (4 + 2 + 4 + 8 + 1 + 32 * (3 + 1)) * MIB
    assert found.seconds == pytest.approx(270_000 * 0.03 + 180 * 10)


def test_what_a_person_reads() -> None:
    assert str(estimate()) == (
        "steps   270,000 (180 epochs of 1,500, 32 items each)\n"
        "memory  about 147 MiB (18.0 MiB for the weights and what goes with each, 129 MiB for a batch)\n"
        "time    about 2 h 15 min (30 ms a step)"
    )
    assert estimate(10.0).rows()[-1] == ("time", "about 2 h 45 min (30 ms a step, and 10 s of scoring an epoch)")


def test_a_batch_in_parts_needs_the_memory_of_one_part() -> None:
    found = replace(estimate(), parts=3)  # 11, 11 and 10 items
    assert found.bytes == (19 + 11 * 4) * MIB
    assert found.rows()[1][1].endswith(", 45.0 MiB for each of 3 parts of a batch)")
    assert replace(found, processes=2).bytes == (19 + 6 * 4) * MIB
    assert replace(estimate(), processes=2).rows()[1][1].endswith(", 65.0 MiB for each of 2 parts of a batch)")


def test_what_a_program_reads() -> None:
    found = json.loads(json.dumps(estimate(10.0).to_dict()))
    assert found.pop("memory")["per_item"] == 3 * MIB
    assert found == {
        "epochs": 180,
        "steps_per_epoch": 1500,
        "steps": 270_000,
        "batch_size": 32,
        "parts": 1,
        "processes": 1,
        "bytes": 147 * MIB,
        "seconds_per_step": 0.03,
        "seconds_of_scoring": 10.0,
        "seconds": pytest.approx(9900.0),
    }


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 ms"),
        (0.00512, "5.1 ms"),
        (0.0996, "100 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (119.6, "2 min"),
        (125.0, "2 min 5 s"),
        (600.0, "10 min"),
        (3599.0, "59 min"),
        (3599.6, "1 h"),
        (7790.0, "2 h 10 min"),
        (36_000.0, "10 h"),
        (86_399.0, "1 d"),
        (100_000.0, "1 d 4 h"),
        (1e9, "11,574 d"),
    ],
)
def test_spans_of_time(seconds: float, text: str) -> None:
    assert in_time(seconds) == text


class Clock:
    """Steps that take what they are told to take, and a clock that shows it."""

    def __init__(self, *durations: float) -> None:
        self.now, self.durations, self.calls = 100.0, durations, 0

    def step(self) -> None:
        self.now += self.durations[min(self.calls, len(self.durations) - 1)]
        self.calls += 1

    def __call__(self) -> float:
        return self.now


def test_the_time_of_a_step_is_the_median_after_the_warm_up() -> None:
    clock = Clock(9.0, 8.0, 1.0, 5.0, 2.0, 1.5, 1.0)  # two to warm up, then five whose median is 1.5
    assert time_of(clock.step, clock=clock) == 1.5
    assert clock.calls == 7


def test_slow_steps_are_measured_once() -> None:
    clock = Clock(60.0, 50.0)
    assert time_of(clock.step, clock=clock, limit=30) == 50.0
    assert clock.calls == 2


def test_no_step_begins_after_the_limit() -> None:
    clock = Clock(4.0)
    assert time_of(clock.step, clock=clock, limit=18, repeats=50) == 4.0
    assert clock.calls == 5  # after 8 s of warming up those that begin at 8, 12 and 16 s


def test_a_gpu_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, waited = Clock(1.0), []

    def synchronize(device: torch.device) -> None:
        waited.append(device)
        clock.now += 2.0

    monkeypatch.setattr("torch.cuda.synchronize", synchronize)
    assert time_of(clock.step, clock=clock, device=torch.device("cuda", 0)) == 3.0
    assert len(waited) == 7
    assert time_of(clock.step, clock=clock, device=torch.device("cpu")) == 1.0
    assert len(waited) == 7
