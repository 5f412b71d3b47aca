"""`taxo build-embeddings` at the edges: few classes, several roots, dimensions, classes by list."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from taxo.embeddings import load

Run = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "classes", "gram"),
    [
        ("a\n", ["a"], [[1]]),  # one class
        ("a\nb\n", ["a", "b"], [[1, 0], [0, 1]]),  # height 0: nothing in common
        ("r\n  a\ns\n  b\n  c\n", ["a", "b", "c"], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]),  # two roots
        ("r\n  p\n    a\n    b\ns\n  c\n", ["a", "b", "c"], [[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]]),
        ("r\n  p\n    q\n      a\n", ["a"], [[1]]),  # a chain
    ],
)
@pytest.mark.parametrize("method", ["exact", "cholesky", "nodes"])
def test_small_hierarchies(taxo: Run, tmp_path: Path, text: str, classes: list[str], gram: object, method: str) -> None:
    (tmp_path / "t.txt").write_text(text)
    built = taxo("build-embeddings", "t.txt", "--method", method)
    assert built.code == 0, built.err
    e = load(tmp_path / "t.npz")
    assert list(e.classes) == classes
    np.testing.assert_allclose(e.dense() @ e.dense().T, gram, atol=1e-15)


def test_an_inner_node_as_a_class(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("# taxo 1\nr\n  p\tclass=7\n    a\tclass=0\n    b\tclass=3\n  c\tclass=-\n")
    assert taxo("build-embeddings", "t.txt").code == 0
    e = load(tmp_path / "t.npz")
    assert (e.classes, e.labels.tolist()) == (("a", "b", "p"), [0, 3, 7])
    # p lies above a and b, at half the height: similarity 1/2 to each, 1 to itself.
    np.testing.assert_allclose(e.vectors @ e.vectors.T, [[1, 0.5, 0.5], [0.5, 1, 0.5], [0.5, 0.5, 1]], atol=1e-15)


def test_classes_by_list(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("r\n  p\n    a\n    b\n  c\n")
    (tmp_path / "some.txt").write_text("c\na\n")
    assert taxo("build-embeddings", "t.txt", "--classes", "some.txt").code == 0
    assert load(tmp_path / "t.npz").classes == ("c", "a")
    (tmp_path / "wrong.txt").write_text("c\nz\n")
    refused = taxo("build-embeddings", "t.txt", "--classes", "wrong.txt", "-o", "w.npz")
    assert (refused.code, refused.out) == (2, "")
    assert "wrong.txt:2: " in refused.err
    assert "'z'" in refused.err
    assert not (tmp_path / "w.npz").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--dim", "201"], "dim=201 is more than the 200 dimensions that the method spectral has for 200 classes"),
        (["--dim", "0"], "dim=0: an embedding needs at least one dimension"),
        (["--dim", "-3"], "dim=-3: an embedding needs at least one dimension"),
        (["--method", "spectral"], "the method spectral needs the number of dimensions: --dim D, dim=D"),
        (
            ["--method", "exact", "--dim", "8"],
            "the method exact has as many dimensions as it needs, dim=8 cannot be met",
        ),
        (["--heights", "rank"], "unknown heights 'rank'"),
        (["--measure", "wub"], "unknown measure 'wub'; did you mean 'wup'?"),
        (["--measure", "wup", "--heights", "information"], "heights are for the measure lcs-height only"),
        (["--dag", "cut"], "unknown way with a DAG 'cut'"),
        (["--pairs", "some"], "--pairs some: give a whole number from 1, or all"),
        (["--pairs", "0"], "--pairs 0: give a whole number from 1, or all"),
        (["--dtype", "int8"], "dtype int8 is not offered; take float64 or float32"),
        (["--dtype", "half-ish"], "dtype half-ish is not offered; take float64 or float32"),
        (["--measure", "lin", "--ic", "sekko"], "unknown information content 'sekko'"),
    ],
)
def test_refusals(taxo: Run, tmp_path: Path, options: list[str], message: str) -> None:
    refused = taxo("build-embeddings", "cub-deep", *options)
    assert (refused.code, refused.out) == (2, "")
    assert message in refused.err
    assert refused.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_what_json_says(taxo: Run) -> None:
    found = json.loads(taxo("build-embeddings", "cub-deep", "--json", "--pairs", "1000").out)
    assert list(found) == [
        "output", "classes", "dim", "dtype", "method", "measure", "heights", "ic", "dag", "seed", "extended", "hierarchy",
        "fingerprint", "max_deviation", "mean_deviation", "max_norm_error", "least_eigenvalue", "pairs", "version",
    ]  # fmt: skip
    assert (found["output"], found["classes"], found["dim"], found["dtype"]) == ("cub-deep.npz", 200, 200, "float64")
    assert found["least_eigenvalue"] == pytest.approx(1 / 7)
    assert 0 < found["pairs"] <= 1035  # all pairs of at most 46 classes


def test_heights_from_a_file(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("r\n  p\n    a\n    b\n  c\n")
    (tmp_path / "h.tsv").write_text("r\t4\np\t1\n")
    built = taxo("build-embeddings", "t.txt", "--heights", "h.tsv")
    assert built.out.startswith("t.npz: 3 classes, 3 dimensions, float64, exact, heights given\n")
    e = load(tmp_path / "t.npz")
    np.testing.assert_allclose(e.vectors @ e.vectors.T, [[1, 0.75, 0], [0.75, 1, 0], [0, 0, 1]], atol=1e-15)
    assert taxo("check", "t.npz", "t.txt").code == 2
    assert taxo("check", "t.npz", "t.txt", "--heights", "h.tsv").code == 0
    (tmp_path / "low.tsv").write_text("r\t4\np\t5\n")
    refused = taxo("build-embeddings", "t.txt", "--heights", "low.tsv")
    assert refused.code == 2
    assert "'p' has the height 5, more than its parent 'r' with 4" in refused.err
