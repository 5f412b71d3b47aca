"""`taxo build-embeddings` with the methods that the literature compares with."""

import json
import re
from collections.abc import Callable

import pytest

from taxo.cli.embeddings import METHOD_NAMES
from taxo.embeddings import METHODS

ROUNDING = re.compile(r"\d\.\de-1\d")


@pytest.mark.parametrize(
    ("words", "first", "second"),
    [
        ("onehot", "200 dimensions, float64, onehot", "from the similarities: largest 8.6e-01, mean 2.4e-01"),
        ("simplex", "199 dimensions, float64, simplex", "from the similarities: largest 8.6e-01, mean 2.4e-01"),
        ("etf --dim 512", "512 dimensions, float64, etf", "from the similarities: largest 8.6e-01, mean 2.4e-01"),
        ("random", "200 dimensions, float64, random", "from the similarities: largest 1.0e+00, mean 2.6e-01"),
        ("mds", "199 dimensions, float64, mds", "of the distances from 1 - similarity: largest TINY, mean TINY"),
        (
            "spheres",
            "199 dimensions, float64, spheres",
            "of the distances from 1 - similarity: largest TINY, mean TINY",
        ),
    ],
)
def test_what_is_printed(taxo: Callable[..., tuple[int, str, str]], words: str, first: str, second: str) -> None:
    code, out, err = taxo("build-embeddings", "cub-deep", "--method", *words.split())
    assert (code, err) == (0, "")
    lines = ROUNDING.sub("TINY", out).splitlines()
    assert lines[:2] == [f"cub-deep.npz: 200 classes, {first}", f"deviation {second} (all pairs of classes)"]
    norms = "" if words in ("mds", "spheres") else "largest norm error (TINY|0.0e\\+00), "
    assert re.fullmatch(f"{norms}least eigenvalue of the similarities 0.143", lines[2])


def test_check_of_distances(taxo: Callable[..., tuple[int, str, str]]) -> None:
    taxo("build-embeddings", "cub-deep", "--method", "mds")
    code, out, _ = taxo("check", "cub-deep.npz", "cub-deep")
    assert code == 0
    assert "norm" not in out
    assert out.endswith("verdict            exact to 1e-12\n")
    found = json.loads(taxo("check", "cub-deep.npz", "cub-deep", "--json")[1])
    assert found["max_norm_error"] is None
    assert taxo("check", "cub-deep.npz", "cub-flat")[0] == 1


def test_a_remark_on_the_largest_cosine(taxo: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = taxo("build-embeddings", "cub-deep", "--method", "hyperspherical", "--dim", "2", "--json")
    assert code == 0
    assert err == "hyperspherical: the largest cosine between two classes is 0.9995 (evenly on the circle)\n"
    assert (json.loads(out)["method"], json.loads(out)["dim"]) == ("hyperspherical", 2)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("hyperspherical", "the method hyperspherical needs the number of dimensions: --dim D, dim=D"),
        (
            "hyperspherical --dim 200",
            "dim=200 is more than the 199 dimensions that the method hyperspherical has for 200 classes; none are farther "
            "apart than those of the methods simplex (n - 1 dimensions) and etf (n - 1 or more)",
        ),
        (
            "etf --dim 64",
            "dim=64: the 200 vectors of the method etf, all at the same angle, span 199 dimensions and fit in no fewer; "
            "take dim=199 or more, or the method hyperspherical for 64 dimensions",
        ),
        ("mds --dim 200", "dim=200 is more than the 199 dimensions that the method mds has for 200 classes"),
    ],
)
def test_refusals(taxo: Callable[..., tuple[int, str, str]], words: str, message: str) -> None:
    assert taxo("build-embeddings", "cub-deep", "--method", *words.split()) == (2, "", f"taxo: {message}\n")


def test_the_help_names_all_methods() -> None:
    assert set(re.findall(r"[a-z]+", METHOD_NAMES)) >= set(METHODS)
