"""Every example in a docstring runs and prints what it says."""

import doctest
import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import taxo


def modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(taxo.__path__, "taxo.", onerror=lambda name: None):
        if not found.name.endswith("__main__"):
            yield found.name


@pytest.mark.parametrize("name", list(modules()))
def test_examples(name: str) -> None:
    if name.startswith("taxo.training"):
        pytest.importorskip("torch")
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert not result.failed


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    names = ["taxo.taxonomy.taxonomy", "taxo.taxonomy.build", "taxo.embeddings.making", "taxo.hierarchies.catalogue"]
    for name in names:
        assert any(test.examples for test in finder.find(importlib.import_module(name))), name
