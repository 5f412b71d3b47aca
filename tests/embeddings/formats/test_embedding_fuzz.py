"""Whatever is thrown at a reader: an embedding or a TaxoError; no other exception, no hang, no gigabyte of memory."""

import logging
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from embedding_strategies import formats, needs
from hypothesis import given, settings
from hypothesis import strategies as st
from mutation import mutate

from taxo.embeddings import embed, load, save
from taxo.embeddings.formats.registry import FORMATS
from taxo.taxonomy import TaxoError, from_edges


def good_files(folder: Path, format: str) -> list[bytes]:
    """What files of a format hold: dense and sparse, both precisions."""
    t = from_edges([("a", "b 1"), ("a", "c"), ("c", "#d"), ("c", 'e"')], name="t")
    out = []
    for method, dtype in (("exact", "float64"), ("nodes", "float32")):
        save(embed(t, method, dtype=dtype), folder / "good", format=format)
        out.append((folder / "good").read_bytes())
        assert load(folder / "good", format=format).dim > 2
    return out


def attempt(data: bytes, format: str, folder: Path) -> None:
    """Read the data; anything but an embedding or a TaxoError raises."""
    file = folder / "fuzzed"
    file.write_bytes(data)
    try:
        e = load(file, format=format)
    except TaxoError as error:
        assert "fuzzed" in str(error)  # noqa: PT017
        assert len(str(error)) < 20_000  # noqa: PT017
    else:
        assert len(e.classes) == e.vectors.shape[0] > 0
        assert np.isfinite(e.vectors.sum() if e.is_sparse else e.vectors.max(initial=0))


@pytest.mark.parametrize("format", formats(list(FORMATS)))
@given(data=st.binary(max_size=300))
@settings(max_examples=30)
def test_random_bytes(format: str, data: bytes) -> None:
    needs(format)
    logging.getLogger("taxo").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        attempt(data, format, Path(folder))


@pytest.mark.parametrize("format", formats(list(FORMATS)))
def test_mutations_of_good_files(format: str, tmp_path: Path) -> None:
    needs(format)
    logging.getLogger("taxo").setLevel(logging.CRITICAL)
    rng = np.random.default_rng(len(format))
    for data in good_files(tmp_path, format):
        for _ in range(60):
            attempt(mutate(data, rng), format, tmp_path)


@pytest.mark.parametrize("format", formats(list(FORMATS)))
def test_every_truncation(format: str, tmp_path: Path) -> None:
    """No file is read that ends too early, wherever it ends; beyond the last line break nothing is missing."""
    needs(format)
    logging.getLogger("taxo").setLevel(logging.CRITICAL)
    data = good_files(tmp_path, format)[0]
    for cut in range(0, len(data.rstrip()), 1 + len(data) // 150):
        (tmp_path / "cut").write_bytes(data[:cut])
        with pytest.raises(TaxoError, match="cut"):
            load(tmp_path / "cut", format=format)


def _too_long(signum: int, frame: object) -> None:
    raise AssertionError("more than ten seconds")


def throw_everything(folder: Path, rounds: int, names: list[str]) -> None:
    """Mutations under limits: 10 seconds a file, 1 GiB more memory than at the start."""
    logging.getLogger("taxo").setLevel(logging.CRITICAL)
    signal.signal(signal.SIGALRM, _too_long)
    seeds = [(name, data) for name in names for data in good_files(folder, name)]
    for name, data in seeds:  # all modules loaded before memory is limited
        attempt(data, name, folder)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 30), used + (1 << 30)))
    rng = np.random.default_rng(0)
    for _ in range(rounds):
        for name, data in seeds:
            format = name if rng.random() < 0.8 else names[int(rng.integers(len(names)))]
            mutated = mutate(data, rng)
            signal.alarm(10)
            try:
                attempt(mutated, format, folder)
            except BaseException:
                (folder / "culprit").write_bytes(mutated)
                print(f"{name} as {format}", file=sys.stderr)
                raise
            signal.alarm(0)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
def test_no_hang_and_no_gigabyte(tmp_path: Path) -> None:
    names = [name for name in FORMATS if name != "pt"]
    path = str(Path(__file__).parents[2])
    code = f"import sys; sys.path.insert(0, {path!r}); sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
    code += (
        f"import pathlib, test_embedding_fuzz as f; f.throw_everything(pathlib.Path({str(tmp_path)!r}), 60, {names})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
