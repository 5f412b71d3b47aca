"""Embedding files at the command line: every format is written, checked, trained with."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from embedding_strategies import formats, needs

from taxo.cli import embeddings as cli
from taxo.embeddings import load
from taxo.embeddings.formats.registry import FORMATS
from taxo.hierarchies import load as load_hierarchy

Run = Callable[..., Any]


def test_the_help_names_the_formats() -> None:
    named = set(re.findall(r"\.\w+", cli.EMBEDDING_FORMATS))
    assert named == {format.suffixes[0] for format in FORMATS.values() if format.suffixes}


@pytest.mark.parametrize("name", formats([name for name, format in FORMATS.items() if format.suffixes]))
def test_build_and_check(taxo: Run, name: str) -> None:
    needs(name)
    path = f"e{FORMATS[name].suffixes[0]}"
    built = taxo("build-embeddings", "cifar10", "-o", path)
    assert built.out.startswith(f"{path}: 10 classes, 10 dimensions, float64, exact\n")
    assert bool(built.err) == (not FORMATS[name].holds_meta)
    words = taxo("check", path, "cifar10")
    assert words.code == 0
    known = "the same" if FORMATS[name].holds_meta else "none in the file"
    assert words.out.endswith(
        f"class order         the same\nfingerprint         {known}\nverdict             exact to 1e-12\n"
    )
    same = True if FORMATS[name].holds_meta else None
    assert json.loads(taxo("check", path, "cifar10", "--json").out)["same_hierarchy"] is same


def test_a_format_by_name(taxo: Run, tmp_path: Path) -> None:
    assert taxo("build-embeddings", "cifar10", "-o", "e.data", "--to", "json").code == 0
    assert load(tmp_path / "e.data", load_hierarchy("cifar10"), format="json").dim == 10
    assert taxo("build-embeddings", "cifar10", "-o", "e.pkl", "--to", "pickle-names").code == 0
    assert load(tmp_path / "e.pkl").classes == load_hierarchy("cifar10").classes
    refused = taxo("build-embeddings", "cifar10", "-o", "e.data", "--to", "jsn")
    assert (refused.code, "unknown format 'jsn'; did you mean 'json'?" in refused.err) == (2, True)


def test_another_hierarchy_is_told(taxo: Run) -> None:
    taxo("build-embeddings", "cub-deep", "-o", "e.csv")
    fingerprint = load_hierarchy("cub-deep").fingerprint
    words = taxo("check", "e.csv", "cub-flat")
    assert words.code == 1
    assert f"\nfingerprint         another hierarchy (cub-deep, {fingerprint})\n" in words.out


def test_sparse_vectors_that_are_too_many(taxo: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from taxo.embeddings.formats import numerals

    monkeypatch.setattr(numerals, "_MOST_ZEROS", 100)
    refused = taxo("build-embeddings", "cifar10", "-o", "e.csv", "--method", "nodes")
    assert refused.code == 2
    assert refused.err.endswith("more than 100; .npz, .safetensors and .pt keep them sparse\n")


@pytest.mark.torch
@pytest.mark.parametrize("name", ["e.csv", "e.json", "e.pickle", "e.safetensors", "e.pt"])
def test_training_takes_any_format(taxo: Run, name: str) -> None:
    pytest.importorskip("torch")
    from taxo.training.config import TrainConfig
    from taxo.training.targets import wanted_embedding

    taxo("build-embeddings", "cifar10", "-o", name)
    embedding, taxonomy = wanted_embedding(TrainConfig(name, hierarchy="cifar10"))
    assert embedding is not None
    assert embedding.classes == load_hierarchy("cifar10").classes
    assert taxonomy == load_hierarchy("cifar10")


@pytest.mark.torch
@pytest.mark.parametrize("name", ["t.csv", "t.json", "t.tsv"])
def test_training_takes_hierarchies_of_the_same_suffixes(taxo: Run, name: str) -> None:
    pytest.importorskip("torch")
    from taxo.training.config import TrainConfig
    from taxo.training.targets import wanted_embedding

    taxo("convert", "cifar10", name, "--lossy")
    embedding, _ = wanted_embedding(TrainConfig(name))
    assert embedding is not None
    assert embedding.dim == 10


@pytest.mark.parametrize("name", ["e.npz", "e.safetensors", "e.csv", "e.json", "e.vec"])
def test_an_embedding_where_a_hierarchy_is_wanted(taxo: Run, name: str) -> None:
    assert taxo("build-embeddings", "cifar10", "-o", name).code == 0
    refused = taxo("info", name)
    expected = "a file of class embeddings, no hierarchy; taxo check, taxo plot and taxo train --embedding take it"
    assert refused == (2, "", f"taxo: {name}: {expected}\n")
