"""Whatever is thrown at a reader: a hierarchy or a TaxoError; no other exception, no hang, no gigabyte of memory.

The seeds are the files of `tests/good` (named by their format, as far as the first dot or dash allows) and of
`tests/broken`. Mutations cut, repeat, swap and overwrite pieces, and put in what hurts parsers.
"""

import gzip
import logging
import os
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutation import mutate

from taxo.taxonomy import TaxoError, read
from taxo.taxonomy.formats.registry import READ_FORMATS

TESTS = Path(__file__).parents[1]
SEEDS = sorted([*(TESTS / "good").iterdir(), *(p for p in (TESTS / "broken").rglob("*") if p.is_file())])
FORMATS = [format for format in READ_FORMATS if format != "directory"]


def attempt(data: bytes, name: str, format: str | None, folder: Path) -> None:
    """Read the data as a file of that name; anything but a hierarchy or a TaxoError raises."""
    file = folder / name
    file.write_bytes(data)
    try:
        t = read(file, format=format)
    except TaxoError as error:
        assert name in str(error)  # noqa: PT017
        assert len(str(error)) < 20_000  # noqa: PT017
    else:
        assert t.n_classes > 0


@pytest.mark.parametrize("format", [None, *FORMATS])
@given(st.binary(max_size=300))
@settings(max_examples=40)
def test_random_bytes(format: str | None, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        attempt(data, "x", format, Path(folder))
        attempt(gzip.compress(data), "x.gz", format, Path(folder))


@pytest.mark.parametrize("seed", [p for p in SEEDS if p.parent.name == "good"], ids=lambda p: p.name)
def test_mutations_of_good_files(seed: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(len(seed.name))
    for _ in range(60):
        attempt(mutate(seed.read_bytes(), rng), seed.name, None, tmp_path)


def test_good_files_are_good() -> None:
    for seed in SEEDS:
        if seed.parent.name == "good":
            assert read(seed).n_nodes > 2, seed.name


def _too_long(signum: int, frame: object) -> None:
    raise AssertionError("more than ten seconds")


def throw_everything(folder: Path, rounds: int) -> None:
    """Mutations of all seeds, under limits: 10 seconds an input, 1 GiB more memory than at the start."""
    logging.getLogger("taxo").setLevel(logging.CRITICAL)
    signal.signal(signal.SIGALRM, _too_long)
    for seed in SEEDS:  # all modules loaded before memory is limited
        attempt(seed.read_bytes(), seed.name, None, folder)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 30), used + (1 << 30)))
    rng = np.random.default_rng(0)
    for _ in range(rounds):
        for seed in SEEDS:
            data = mutate(seed.read_bytes(), rng)
            format = None if rng.random() < 0.6 else FORMATS[int(rng.integers(len(FORMATS)))]
            signal.alarm(10)
            try:
                attempt(data, seed.name, format, folder)
            except BaseException:
                (folder / "culprit").write_bytes(data)
                print(f"{seed} as {format}", file=sys.stderr)
                raise
            signal.alarm(0)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
def test_no_hang_and_no_gigabyte(tmp_path: Path) -> None:
    command = [sys.executable, __file__, str(tmp_path), "12"]
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": paths}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]


if __name__ == "__main__":
    throw_everything(Path(sys.argv[1]), int(sys.argv[2]))
