"""JSON as objects in objects."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from strategies import trees
from written import again, written

from taxo.taxonomy import LossyWrite, Taxonomy, from_edges
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.source import Source


@given(trees())
def test_round_trip(t: Taxonomy) -> None:
    try:
        assert again(t, "json-dict") == t
    except LossyWrite as error:
        assert "the order of the classes" in str(error) or "class numbers" in str(error)  # noqa: PT017


@given(trees())
def test_python_reads_what_is_written(t: Taxonomy) -> None:
    def nested(node: int) -> dict[str, object]:
        return {t.names[c]: nested(c) for c in t.children_of(node)}

    value = json.loads(written(t, "json-dict", lossy=True))
    assert value == {t.names[r]: nested(r) for r in t.roots}


@given(trees())
def test_the_shape_is_found_out_from_the_content(t: Taxonomy) -> None:
    source = Source("x", written(t, "json-dict", lossy=True))
    assert parse(source).names == parse(source, format="json-dict").names == t.names


def test_it_looks_like_this() -> None:
    t = from_edges([("birds", "owls"), ("owls", "barn owl"), ("birds", "gull")], nodes=["x"])
    lines = ["{", ' "x": {},', ' "birds": {', '  "owls": {', '   "barn owl": {}', "  },", '  "gull": {}', " }", "}"]
    assert written(t, "json-dict", lossy=True).splitlines() == lines


@pytest.mark.parametrize("name", ["name", "children", "id", "nodes", "links", "categories"])
def test_nodes_called_as_the_keys_of_other_shapes(name: str) -> None:
    t = from_edges([(name, "links"), (name, "edges")] if name == "nodes" else [(name, "a"), ("a", "b")])
    assert parse(Source("x.json", written(t, "json-dict"))) == t


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": {}, "c": {"d": {}}}}',
        '{"a": {"b": null, "c": ["d"]}}',
        '{"a": {"b": [], "c": {"d": null}}}',
        '{"a": ["b", {"c": ["d"]}]}',
    ],
)
def test_dialects(text: str) -> None:
    t = parse(Source("x", text))
    assert t.names == ("a", "b", "c", "d")
    assert t.parent.tolist() == [-1, 0, 0, 2]


FAULTY = {
    "value": ('{"a": {"b": {"c": "d"}}}', [(None, "a.b.c: a text where an object or a list of names is expected")]),
    "number": ('{"a": 1}', [(None, "a: a number where an object or a list of names is expected")]),
    "name twice": ('{"a": {"x": {}}, "b": {"x": {}}}', [(None, "b.x: node 'x' is given twice, first at a.x")]),
    "key twice": ('{"a": {"b": {}, "c": {}, "b": {}}}', [(None, "a: the key 'b' is given twice; keep one")]),
    "list": ('{"a": ["b", ["c"], null]}', [
        (None, "a[1]: a list where a name is expected"),
        (None, "a[2]: null where a name is expected"),
    ]),
    "empty name": ('{"a": {"": {}}}', [(None, "a: the name '' is empty")]),
    "nothing": ("{}", [(None, "the file holds no nodes")]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FAULTY.values(), ids=FAULTY)
def test_faults(faults: Callable[[str, str], list], text: str, expected: list) -> None:
    assert faults(text, "json") == expected


def test_what_gets_lost() -> None:
    t = from_edges([("a", "b")], ranks={"b": "genus"}, labels={"b": "B"}, synonyms={"b": ["c"]})
    with pytest.raises(LossyWrite, match=r"^json-dict cannot hold ranks, labels and synonyms; write text, json or "):
        written(t, "json-dict")
