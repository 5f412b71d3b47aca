"""`taxo build-embeddings` and `taxo check` on a DAG, and with other measures: what they print, to the letter."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from taxo.embeddings import load

Run = Callable[..., Any]

DIAMOND = "thing living\nthing owned\nliving wild\nliving pet\nowned pet\nowned car\npet cat\npet dog\n"
TOMATO = """\
thing plant
thing food
plant organ
food dish
organ fruit
dish vegetable
fruit apple
fruit tomato
vegetable tomato
vegetable carrot
"""
WAYS_OUT = (
    "make a tree of it (taxo reduce, or at once with build-embeddings --dag reduce), or take the nearest similarities "
    "that are dot products (build-embeddings --dag nearest-psd)"
)


@pytest.fixture(autouse=True)
def _files(tmp_path: Path) -> None:
    (tmp_path / "diamond.pairs").write_text(DIAMOND)
    (tmp_path / "tomato.pairs").write_text(TOMATO)
    (tmp_path / "zoo.txt").write_text("animal\n  cat\n  bird\n    gull\n    owl\n      barn\n      snowy\n")


def test_refused_with_the_lines_of_the_file(taxo: Run, tmp_path: Path) -> None:
    result = taxo("build-embeddings", "diamond.pairs", "--no-is-a")
    assert result == (
        2,
        "",
        "taxo: diamond.pairs:5: second parent 'owned' of 'pet', whose parent is 'living' (line 4); a tree is required "
        f"here (taxo reduce makes one)\ndiamond.pairs: {WAYS_OUT}\n",
    )
    assert not (tmp_path / "diamond.npz").exists()


def test_refused_without_lines(taxo: Run, tmp_path: Path) -> None:
    nodes = [{"id": "r"}, {"id": "a"}, {"id": "b"}, {"id": "x"}]
    links = [{"source": s, "target": t} for s, t in ("ra", "rb", "ax", "bx")]
    (tmp_path / "graph.json").write_text(json.dumps({"directed": True, "nodes": nodes, "links": links}))
    result = taxo("build-embeddings", "graph.json")
    assert (result.code, result.out) == (2, "")
    assert "second parent 'b' of 'x', whose parent is 'a'" in result.err
    assert result.err.endswith(f"\ngraph.json: {WAYS_OUT}\n")


def test_reduce(taxo: Run) -> None:
    result = taxo("build-embeddings", "diamond.pairs", "--no-is-a", "--dag", "reduce:longest")
    assert result.code == 0
    assert result.err == (
        "reduce:longest: 1 parent dropped: 'owned' of 'pet'\n"
        "2 of 6 pairs of classes (33.3%) change their similarity; by 0.1111 in the mean over all, by 0.3333 at most\n"
    )
    lines = result.out.splitlines()
    assert lines[0] == "diamond.npz: 4 classes, 4 dimensions, float64, exact, reduce:longest"
    assert lines[1] == (
        "deviation from the similarities of the DAG: largest 3.3e-01, mean 8.3e-02 (all pairs of classes)"
    )
    assert lines[2].endswith(", least eigenvalue of the similarities of the DAG 0.333")


def test_nearest_psd_and_check(taxo: Run) -> None:
    result = taxo("build-embeddings", "tomato.pairs", "--no-is-a", "--dag", "nearest-psd", "-o", "t.npz")
    assert result.code == 0
    assert result.err == (
        "nearest-psd: the similarities are no dot products, the least eigenvalue of their matrix is -0.0607; the nearest "
        "that are differ by 0.031 in the mean over all pairs of classes, by 0.034 at most (0.0768 in the Frobenius "
        "norm)\n"
    )
    lines = result.out.splitlines()
    assert lines[0] == "t.npz: 3 classes, 2 dimensions, float64, exact, nearest-psd"
    assert lines[1] == (
        "deviation from the similarities of the DAG: largest 3.4e-02, mean 2.1e-02 (all pairs of classes)"
    )
    assert lines[2].endswith(", least eigenvalue of the similarities of the DAG -0.0607")
    checked = taxo("check", "t.npz", "tomato.pairs", "--no-is-a")
    assert (checked.code, checked.err) == (1, "")
    assert "largest deviation   3.4e-02\nmean deviation      2.1e-02\n" in checked.out
    assert checked.out.endswith("way with the DAG    nearest-psd\nverdict             NOT exact to 1e-12\n")
    found = json.loads(taxo("check", "t.npz", "tomato.pairs", "--no-is-a", "--json").out)
    stored = load("t.npz")
    assert (found["max_deviation"], found["mean_deviation"]) == (stored.max_deviation, stored.mean_deviation)
    assert taxo("check", "t.npz", "tomato.pairs", "--no-is-a", "--tolerance", "0.05").code == 0


def test_json(taxo: Run) -> None:
    result = taxo("build-embeddings", "tomato.pairs", "--no-is-a", "--dag", "nearest-psd", "--json")
    found = json.loads(result.out)
    assert (found["dag"], found["dim"], found["method"]) == ("nearest-psd", 2, "exact")
    assert found["least_eigenvalue"] == pytest.approx(1 - 3 / 4 * np.sqrt(2))


def test_measures(taxo: Run) -> None:
    result = taxo("build-embeddings", "zoo.txt", "--measure", "lin", "--ic", "sanchez")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("zoo.npz: 4 classes, 4 dimensions, float64, exact, lin sanchez\n")
    assert load("zoo.npz").recipe.ic == "sanchez"
    assert taxo("check", "zoo.npz", "zoo.txt").code == 0
    result = taxo("build-embeddings", "zoo.txt", "--measure", "wup", "-o", "w.npz")
    assert result.out.startswith("w.npz: 4 classes, 4 dimensions, float64, exact, wup\n")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["diamond.pairs", "--no-is-a", "--dag", "nearest"],
            "unknown way with a DAG 'nearest'; did you mean 'nearest-psd'?",
        ),
        (
            ["zoo.txt", "--dag", "reduce:short"],
            "unknown strategy 'short'; did you mean 'shortest'?; known are min-change",
        ),
        (
            ["tomato.pairs", "--no-is-a", "--dag", "nearest-psd", "--method", "cholesky"],
            "hierarchy 'tomato': the matrix of similarities is singular and has no Cholesky factor; take exact, which "
            "then gives eigenvectors with the same dot products, or spectral",
        ),
        (
            ["tomato.pairs", "--no-is-a", "--dag", "nearest-psd", "--method", "nodes"],
            "the method nodes needs a tree and the measure lcs-height, since its axes are the nodes of the tree",
        ),
        (["zoo.txt", "--measure", "wop"], "unknown measure 'wop'; did you mean 'wup'?"),
        (
            ["zoo.txt", "--ic", "seco"],
            "measure 'lcs-height' uses no information content; ic is for lin and resnik only",
        ),
        (["zoo.txt", "--measure", "lin", "--ic", "x"], "unknown information content 'x'; known are seco, sanchez"),
        (
            ["zoo.txt", "--measure", "lin", "--heights", "information"],
            "heights are for the measure lcs-height only; 'lin' uses none",
        ),
        (
            ["zoo.txt", "--measure", "wup", "--method", "nodes"],
            "the method nodes needs a tree and the measure lcs-height",
        ),
    ],
)
def test_mistakes(taxo: Run, tmp_path: Path, args: list[str], message: str) -> None:
    result = taxo("build-embeddings", *args)
    assert (result.code, result.out) == (2, "")
    assert result.err.splitlines()[-1].startswith(f"taxo: {message}")
    assert not list(tmp_path.glob("*.npz"))
