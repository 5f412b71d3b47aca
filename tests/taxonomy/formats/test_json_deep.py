"""The parser that does not recurse agrees with Python's own."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxo.taxonomy.formats.json_deep import loads_deep
from taxo.taxonomy.formats.json_text import Repeating, as_object

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def number(text: str) -> int | float:
    return float(text) if set(text) & set(".eE") else int(text)


@given(VALUES, st.sampled_from([None, 0, 2]), st.booleans())
def test_valid_texts(value: object, indent: int | None, ascii_: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_)
    assert loads_deep(f" {text}\n", dict, number) == value


@given(VALUES, st.data())
def test_damaged_texts(value: object, data: st.DataObject) -> None:
    text = json.dumps(value)
    at = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(at, len(text)))
    damaged = text[:at] + data.draw(st.text('[]{},:" 01eE.-tn', max_size=3)) + text[end:]
    try:
        expected = json.loads(damaged)
    except json.JSONDecodeError:
        with pytest.raises(json.JSONDecodeError):
            loads_deep(damaged, dict, number)
    else:
        assert loads_deep(damaged, dict, number) == expected


def test_repeated_keys_are_kept_in_mind() -> None:
    found = loads_deep('{"a": 1, "b": {"c": 1, "c": 2, "c": 3}, "a": 4}', as_object, int)
    assert isinstance(found, Repeating)
    assert found.repeated == ("a",)
    assert found == {"a": 4, "b": {"c": 3}}
    assert found["b"].repeated == ("c",)
