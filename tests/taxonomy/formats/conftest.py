"""Helpers for the tests of the file formats."""

from collections.abc import Callable

import pytest

from taxo.taxonomy import FormatError
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.source import Source

Faults = list[tuple[int | None, str]]


@pytest.fixture
def faults() -> Callable[[str, str], Faults]:
    """`faults(text, format)`: what reading the text finds wrong."""

    def find(text: str, format: str) -> Faults:
        with pytest.raises(FormatError) as error:
            parse(Source("x", text), format=format)
        return list(error.value.faults)

    return find
