"""JSON with names and children: what is written, what people have, and what is wrong with it."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from strategies import attributed, trees
from written import again, written

from taxo.taxonomy import LossyWrite, Taxonomy, build, from_edges
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.source import Source
from taxo.taxonomy.lengths import known_one


def read(text: str, format: str | None = "json") -> Taxonomy:
    return parse(Source("x", text), format=format)


@given(attributed(trees()))
def test_round_trip(t: Taxonomy) -> None:
    assert again(t, "json") == t


@given(attributed(trees()))
def test_python_reads_what_is_written(t: Taxonomy) -> None:
    value = json.loads(written(t, "json"))
    tops = value if isinstance(value, list) else [value]
    assert [top["name"] for top in tops] == [t.names[r] for r in t.roots]
    pending, edges = list(tops), set()
    while pending:
        node = pending.pop()
        i = t.index(node["name"])
        assert node.get("rank", "") == t.ranks[i]
        assert node.get("label", node["name"]) == t.labels[i]
        assert tuple(node.get("synonyms", [])) == t.synonyms[i]
        assert node.get("length") == known_one(t.lengths, i)
        assert set(node) <= {"name", "rank", "label", "class", "length", "synonyms", "children"}
        edges |= {(node["name"], child["name"]) for child in node.get("children", [])}
        pending += node.get("children", [])
    assert edges == {(t.names[p], t.names[c]) for c in range(t.n_nodes) for p in t.parents_of(c)}


def test_it_looks_like_this(zoo: Taxonomy) -> None:
    t = from_edges(
        [("birds", "owls"), ("owls", "barn owl"), ("birds", "gull")],
        ranks={"owls": "order"},
        labels={"owls": 'The "owls"'},
        synonyms={"gull": ["mew", "möwe"]},
        class_numbers={"barn owl": 7, "gull": 3},
    )
    assert written(t, "json") == (
        '{"name": "birds", "children": [\n'
        ' {"name": "owls", "rank": "order", "label": "The \\"owls\\"", "children": [\n'
        '  {"name": "barn owl", "class": 7}\n'
        " ]},\n"
        ' {"name": "gull", "class": 3, "synonyms": ["mew", "möwe"]}\n'
        "]}\n"
    )


def test_a_forest_is_a_list_and_a_leaf_may_be_no_class() -> None:
    t = from_edges([("a", "b")], nodes=["x", "a", "b"]).with_classes(["a"])
    assert written(t, "json") == (
        "[\n"
        ' {"name": "x", "class": "-"},\n'
        ' {"name": "a", "class": 0, "children": [\n'
        '  {"name": "b", "class": "-"}\n'
        " ]}\n"
        "]\n"
    )
    assert again(t, "json") == t


def test_facts_about_the_hierarchy_survive(zoo: Taxonomy) -> None:
    zoo.meta.update(title="A zoo", licence="MIT")
    assert again(zoo, "json").meta == {"title": "A zoo", "licence": "MIT"}


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "a", "children": [{"name": "b", "children": []}, {"name": "c", "children": null}]}',
        '{"id": "a", "children": [{"id": "b"}, {"id": "c"}]}',
        '{"label": "a", "children": [{"label": "b", "value": 12}, {"label": "c", "value": 3}]}',
        '{"value": "a", "children": [{"value": "b"}, {"value": "c"}]}',
        '{"name": "a", "children": ["b", "c"]}',
        '[{"name": "a", "children": ["b", {"name": "c"}]}]',
        '\n{"children": [{"name": "b"}, {"name": "c"}], "name": "a"}\n\n',
    ],
)
def test_dialects(text: str) -> None:
    t = read(text, None)
    assert t.names == ("a", "b", "c")
    assert t.parent.tolist() == [-1, 0, 0]


def test_numbers_are_names_as_they_stand() -> None:
    t = read('{"id": 3, "children": [{"id": 10}, {"id": 2}, {"id": 1.0}, {"id": 1e3}]}')
    assert t.names == ("3", "10", "2", "1.0", "1e3")
    long = "9" * 5000  # Python refuses to make a number of so many digits
    assert read(f'{{"id": {long}}}').names == (long,)


def test_name_and_label() -> None:
    t = read('{"id": "n1", "label": "Bird", "children": [{"id": "n2", "title": "Owl"}]}')
    assert t.names == ("n1", "n2")
    assert t.labels == ("Bird", "Owl")


def test_ids_stand_in_for_names_that_repeat(caplog: pytest.LogCaptureFixture) -> None:
    t = read('{"id": 1, "name": "Larus", "children": [{"id": 2, "name": "Larus"}, {"id": 3, "name": "Rissa"}]}')
    assert t.names == ("1", "2", "3")
    assert t.labels == ("Larus", "Larus", "Rissa")
    assert caplog.messages == ["x: the name 'Larus' is there twice, so the ids are taken as names"]


def test_keys_that_nobody_reads_are_told(caplog: pytest.LogCaptureFixture) -> None:
    read('{"name": "a", "size": 3, "children": [{"name": "b", "id": 7, "size": 4, "colour": "red"}]}')
    assert caplog.messages == ["x: left out are the keys 'colour', 'id', 'size'"]


FAULTY = {
    "syntax": (
        '{"name": "a",\n "children": [{"name" "b"}]}',
        [(2, "no valid JSON in column 23: Expecting ':' delimiter; is the file whole?")],
    ),
    "no name": (
        '{"name": "a", "children": [{"name": "b"}, {"rank": "genus", "children": [{"nom": "c"}]}]}',
        [
            (None, 'children[1]: a node without a name; give it one, as "name"'),
            (None, 'children[1].children[0]: a node without a name; give it one, as "name"'),
        ],
    ),
    "name twice": (
        '[{"name": "a", "children": [{"name": "b"}]}, {"name": "b"}]',
        [(None, "[1]: node 'b' is given twice, first at [0].children[0]")],
    ),
    "ids twice as well": (
        '{"name": "a", "id": 1, "children": [{"name": "a", "id": 1}]}',
        [(None, "children[0]: node 'a' is given twice, first at top level")],
    ),
    "key twice": (
        '{"name": "a", "children": [{"name": "b"}], "children": [{"name": "c"}]}',
        [(None, "top level: the key 'children' is given twice; keep one")],
    ),
    "children": (
        '{"name": "a", "children": [{"name": "b", "children": "c"}, 7.5, true]}',
        [
            (None, "children[0].children: a text where a list is expected"),
            (None, "children[2]: true or false where a node is expected"),
        ],
    ),
    "bad names": (
        '{"name": "a\\tb", "children": ["c\\n", "\\ud800", "\\u0000"]}',
        [
            (None, "top level: the name 'a\\tb' holds a tab"),
            (None, "children[0]: the name 'c\\n' holds a line break"),
            (None, "children[1]: the name '\\ud800' holds half of a surrogate pair"),
            (None, "children[2]: the name '\\x00' holds a NUL"),
        ],
    ),
    "class": (
        '{"name": "a", "children": [{"name": "b", "class": "x"}, {"name": "c", "class": 1}, {"name": "d", "class": 1},'
        ' {"name": "e", "class": [2]}]}',
        [
            (None, "children[0].class: 'x' is no class number; give a whole number from 0, or \"-\" for no class"),
            (None, 'children[3].class: a list is no class number; give a whole number from 0, or "-" for no class'),
            (None, "children[2].class: class number 1 is given twice, first at children[1]"),
        ],
    ),
    "attributes": (
        '{"name": "a", "rank": ["x"], "synonyms": [1, null], "label": "\\ud800"}',
        [
            (None, "top level.label: the text '\\ud800' holds half of a surrogate pair"),
            (None, "top level.rank: a list where a text is expected"),
            (None, "top level.synonyms: give a list of texts"),
        ],
    ),
    "no object": ("12", [(None, "a number where an object or a list is expected")]),
    "no nodes": ("[]", [(None, "the file holds no nodes")]),
}


@pytest.mark.parametrize(("text", "expected"), FAULTY.values(), ids=FAULTY)
def test_faults(faults: Callable[[str, str], list], text: str, expected: list) -> None:
    assert faults(text, "json") == expected


def test_a_dag_needs_another_shape(diamond: Taxonomy) -> None:
    with pytest.raises(
        LossyWrite, match=r"^json cannot hold several parents .*; write pairs, is-a or json-links, or allow"
    ):
        written(diamond, "json")
    assert parse(Source("x", written(diamond, "json", lossy=True)), format="json").is_tree


@pytest.mark.parametrize("format", ["json", "json-dict"])
def test_a_chain_of_any_length(format: str) -> None:
    n = 20_000  # Python itself gives up at a thousand
    chain = build([f"n{i}" for i in range(n)], np.arange(n - 1), np.arange(1, n))
    text = written(chain, format)
    assert len(text) < 150 * n
    assert parse(Source("x", text), format=format) == chain


@pytest.mark.parametrize("cut", [1, 500_000, 1_200_000])
def test_a_chain_that_is_cut_off(faults: Callable[[str, str], list], cut: int) -> None:
    text = '{"name": "a", "children": [' * 50_000
    (fault,) = faults(text[:cut], "json")
    assert fault[0] == 1
    assert "is the file whole?" in fault[1]


def test_the_end_of_a_long_way_is_told(faults: Callable[[str, str], list]) -> None:
    text = "".join(f'{{"name": {i}, "children": [' for i in range(5000)) + "null" + "]}" * 5000
    ((line, message),) = faults(text, "json")
    assert line is None
    assert message.startswith("....children[0].children[0]")
    assert len(message) < 1000


def test_bad_meta_is_no_error() -> None:
    assert read('{"name": "a", "meta": {"title": "T", "size": [3]}}').meta == {"title": "T"}
    assert read('{"name": "a", "meta": "none"}').meta == {}


@pytest.mark.parametrize("text", ["", "{", "[1,]", '{"a": 1e}', "nul", '"\\x"', "{}[]", '{"name": NaN}', "[Infinity]"])
def test_damaged_json(faults: Callable[[str, str], list], text: str) -> None:
    ((_, message),) = faults(text, "json")
    assert "no valid JSON" in message
