"""What is said where memory ran out: the batch that fits, by hand, and after a real allocation that failed."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from taxo.training.memory_use import MemoryUse
from taxo.training.out_of_memory import available, half, is_out_of_memory, largest_batch, too_large

pytestmark = pytest.mark.torch

GIB = 2**30


def use(without_items: int = GIB, with_each_item: int = 100 * 2**20) -> MemoryUse:
    return MemoryUse(without_items, 0, 0, 0, 0, with_each_item, 0)


def test_the_largest_batch_fits_with_a_tenth_to_spare() -> None:
    # 0.9 * 16 GiB - 1 GiB = 13.4 GiB = 13,721.6 MiB: 137 items, in eights 136.
    assert largest_batch(16 * GIB, use()) == 136
    assert use().bytes(136) < 0.9 * 16 * GIB < use().bytes(138)
    # 0.9 * 2 GiB - 1 GiB = 819 MiB.
    assert largest_batch(2 * GIB, use()) == 8
    assert largest_batch(GIB, use()) == 0
    # One item alone would fit.
    assert largest_batch(int(1.3 * GIB), use()) == 0


def test_what_is_said_when_memory_ran_out() -> None:
    text = (
        "out of memory: a batch of 256 needs about 26.0 GiB, 16.0 GiB are free; try --batch-size 136, or --accumulate 2 "
        "for the same batch in parts"
    )
    assert too_large(256, 16 * GIB, use()) == text
    nothing = (
        "out of memory: a batch of 8 needs about 1.8 GiB, 1.0 GiB are free, and no smaller batch fits; take a smaller "
        "network or smaller images"
    )
    assert too_large(8, GIB, use()) == nothing


def test_a_batch_that_did_not_fit_is_never_proposed_again() -> None:
    for tried in (100, 136):
        assert f"; try --batch-size {tried // 2}, or --accumulate 2 for" in too_large(tried, 16 * GIB, use())
    assert "no smaller batch fits" in too_large(2, 16 * GIB, use())


def test_a_batch_in_parts_is_proposed_in_smaller_ones() -> None:
    # 136 items fit at a time: 200 in each of two parts do not.
    assert too_large(400, 16 * GIB, use(), parts=2) == (
        "out of memory: a batch of 400 in 2 parts needs about 20.5 GiB, 16.0 GiB are free; try --batch-size 272, or "
        "--accumulate 3 for the same batch in parts"
    )
    # Three parts of five items would leave one alone, which has no variance.
    assert too_large(5, 2 * GIB, use(GIB, 350 * 2**20)).endswith("; try --batch-size 2")


def test_a_batch_on_several_processes_is_named_as_a_whole() -> None:
    # 136 items fit into each of four processes: 200 do not.
    assert too_large(800, 16 * GIB, use(), processes=4) == (
        "out of memory: a batch of 800 on 4 processes needs about 20.5 GiB, 16.0 GiB are free; try --batch-size 544, or "
        "--accumulate 2 for the same batch in parts"
    )


def test_half_of_it_is_proposed_where_nothing_is_measured() -> None:
    assert half(96) == (
        "out of memory: a batch of 96 does not fit; try --batch-size 48, or --accumulate 2 for the same batch in parts"
    )
    assert half(64, parts=4, processes=2).endswith(
        "; try --batch-size 32, or --accumulate 8 for the same batch in parts"
    )
    assert half(3).endswith("and no smaller batch fits; take a smaller network or smaller images")


def test_what_is_there_to_be_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taxo.training.out_of_memory.free_memory", lambda: 7 * GIB)
    assert available(torch.device("cpu"), use()) == 7 * GIB
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda device: (5 * GIB, 80 * GIB))
    monkeypatch.setattr("torch.cuda.memory_reserved", lambda device: 3 * GIB)
    # Of two allocated, one is the model's and the other a training set.
    monkeypatch.setattr("torch.cuda.memory_allocated", lambda device: 2 * GIB)
    assert available(torch.device("cuda", 0), use(GIB)) == 7 * GIB
    assert available(torch.device("cuda", 0), use(4 * GIB)) == 8 * GIB


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), True),
        (MemoryError(), True),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
            True,
        ),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
    ],
)
def test_what_an_error_says(error: Exception, expected: bool) -> None:
    assert is_out_of_memory(error) is expected


SCRIPT = """
import resource, sys
import torch
from taxo.training import loop
from taxo.cli import main

real = loop.gradients

def limited(*arguments):
    # All libraries are loaded: half a GiB more, and the allocator gives nothing.
    pages = int(open("/proc/self/statm").read().split()[0])
    limit = pages * resource.getpagesize() + 2**29
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    return real(*arguments)

loop.gradients = limited
sys.argv = ["taxo", *sys.argv[1:]]
main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_real_allocation_that_fails(tmp_path: Path) -> None:
    tree = tmp_path / "tree.txt"
    tree.write_text("animal\n  bird\n    robin\n    wren\n  fish\n    eel\n    cod\n")
    options = ("train", "--embedding", tree, "--dataset", "synthetic", "--samples", "60", "--batch-size", "240")
    options += ("--device", "cpu", "--image-size", "64", "--epochs", "1", "-o", tmp_path / "run", "-q")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, options)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("taxo: out of memory: a batch of 240 needs about "), done.stderr
    assert last.endswith("; try --batch-size 120, or --accumulate 2 for the same batch in parts")
