"""The benchmark runs, with taxo alone and tiny trees."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.skipif(sys.platform != "linux", reason="the benchmark reads /proc")
def test_the_benchmark_of_hierarchies(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / "hierarchies.py"), "--tools", "taxo"]
    command += ["--inner", "20", "--leaves", "100", "--pairs", "50", "--big", "600", "--repeats", "2", "--starts", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["sizes"] == {
        "nodes": 120, "leaves": 100, "edges": 119, "pairs": 50, "pairs_of_slow_tools": 20_000, "repeats": 2,
    }  # fmt: skip
    assert (found["failed"], found["same_answers"], found["ratios"]) == ({}, True, {})
    ours = found["tools"]["taxo"]
    assert (ours["runs"], ours["pairs_answered"], ours["scaled"]) == (2, 50, False)
    assert ours["load"]["s"] > 0
    assert 0 < ours["peak_mb"]["start"] <= ours["peak_mb"]["load"] <= ours["peak_mb"]["end"]
    assert found["big"]["nodes"] == 600
    assert found["start"]["s"] >= found["start"]["least_s"] > 0
    assert not list(tmp_path.iterdir())


def test_the_trees_are_what_they_should_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import trees

    from taxo.taxonomy import read

    edges, pairs = trees.with_pairs(tmp_path / "edges.txt", 30, 100, 40)
    tree = read(edges, format="pairs", is_a=False, tree=True)
    assert (tree.n_nodes, len(tree.leaves), len(tree.roots)) == (130, 100, 1)
    named = [line.split() for line in pairs.read_text().splitlines()]
    assert len(named) == 40
    assert all(name in tree for pair in named for name in pair)
    text = edges.read_text()
    trees.with_pairs(edges, 30, 100, 40)
    assert edges.read_text() == text


def test_a_tool_that_fails_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import hierarchies

    with pytest.raises(RuntimeError, match=r"failed: .*none\.txt: cannot be read"):
        hierarchies.one_run(sys.executable, "taxo", tmp_path / "none.txt", tmp_path / "none.pairs", 1, 60)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the benchmark reads /proc")
def test_the_benchmark_of_embeddings(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / "embeddings.py"), "--quick", "--repeats", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["failed"] == {}
    assert list(found["thousand"]["times_as_long_cpu_s"]) == ["published", "lapack", "verified"]
    for method in ("published", "lapack", "exact"):
        assert found["thousand"]["methods"][method]["max_deviation"] < 1e-12
        assert [run["classes"] for run in found["growth"][method]] == [125, 250, 500]
    assert found["files"]["dense"]["max_deviation"] < 1e-6
    assert found["files"]["nodes"]["max_deviation"] < 1e-6
    assert found["files"]["spectral"]["dim"] == 128
    assert not list(tmp_path.iterdir())


def test_the_published_algorithm_is_the_cholesky_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import published

    from taxo.embeddings import embed
    from taxo.hierarchies import load
    from taxo.taxonomy import class_similarity

    t = load("cifar100")
    np.testing.assert_allclose(published.unit_sphere(class_similarity(t)), embed(t, "cholesky").vectors, atol=1e-13)


def test_trees_of_a_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import trees

    parent, child = trees.by_levels(trees.INATURALIST)
    assert len(child) + 1 == 14_036
    from taxo.taxonomy import from_edges

    tree = from_edges([(str(p), str(c)) for p, c in zip(parent.tolist(), child.tolist(), strict=True)])
    assert (tree.n_nodes, tree.n_classes, tree.height) == (14_036, 8142, 7)
    assert np.bincount(tree.depths).tolist() == list(trees.INATURALIST)
    assert trees.shrunk(1000) == (1, 1, 3, 7, 33, 137, 542, 1000)


@pytest.mark.torch
@pytest.mark.skipif(sys.platform != "linux", reason="the benchmark reads /proc")
def test_the_benchmark_of_training(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    command = [sys.executable, str(BENCHMARKS / "training.py"), "--quick", "--threads", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["settings"] == {
        "arch": "resnet-20", "device": "cpu", "precision": "no", "size": 32, "images": 64, "batch_size": 8, "block": 2,
        "repeats": 2, "seed": 0,
    }  # fmt: skip
    assert set(found["images_per_s"]) == {"bare", "taxo"}
    for side in set(found["step"]) | {"bare"}:
        step = found["step"][side]
        assert 0 < step["least_s"] <= step["s"] <= step["most_s"]
    assert ("taxo_over_bare" in found) == (not found["failed"])
    assert not list(tmp_path.iterdir())


@pytest.mark.torch
def test_the_loops_of_the_benchmark_of_training_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import training

    calls: list[str] = []

    def side(name: str, seconds: list[float]) -> training.Side:
        def block() -> float:
            calls.append(name)
            return seconds[calls.count(name) - 1]

        return block

    blocks = training.in_turn({"bare": side("bare", [9, 1, 2, 4]), "taxo": side("taxo", [9, 1.5, 2.1, 3])}, 3)
    assert calls == ["taxo", "bare", "bare", "taxo", "taxo", "bare", "bare", "taxo"]
    assert blocks == {"bare": [1, 2, 4], "taxo": [1.5, 2.1, 3]}  # without the first ones
    assert training.per_step(blocks["bare"], 10) == {"s": 0.2, "least_s": 0.1, "most_s": 0.4}
    assert training.compared(**blocks) == {"medians": 1.05, "least": 1.5, "rounds": 1.05}


@pytest.mark.torch
def test_the_bare_loop_sees_every_image_once_a_pass_and_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import training

    items = training.bare_items(10, 5)
    assert sorted(torch.cat([next(items), next(items)]).tolist()) == list(range(10))
    assert len(next(training.bare_items(11, 4))) == 4
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 32 * 32, 6))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    images, wanted = training.make_images(6, 32)[0], torch.eye(6)
    losses = [training.bare_step(network, optimizer, training.bare_inputs(images), wanted).item() for _ in range(60)]
    assert sum(losses[-10:]) < 0.7 * sum(losses[:10])
