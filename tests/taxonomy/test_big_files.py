"""What big files and many names take in place of a step of Python for each: the same answers as the slow way."""

from importlib import import_module

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import NAMES, attributed, dags, trees

from taxo.taxonomy import FormatError, Taxonomy, UnknownNode, from_edges
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.pairs import write as pair_lines
from taxo.taxonomy.formats.regular import parse_regular
from taxo.taxonomy.formats.source import Faults, Source
from taxo.taxonomy.hashing import NameTable, pieces
from taxo.taxonomy.packed import PackedNames, pick

PAIRS = import_module("taxo.taxonomy.formats.pairs")
NODE_INDEX = import_module("taxo.taxonomy.node_index")


def slowly(text: str) -> tuple[list[str], list[int], list[int], list[int], bool]:
    """What the reader that takes line by line finds, and whether it finds faults."""
    source = Source("x", text)
    faults = Faults(source)
    draft = PAIRS._parse(source, faults)
    assert draft.edge_lines is not None
    return [*draft.names], draft.parent.tolist(), draft.child.tolist(), draft.edge_lines.tolist(), bool(faults)


LINES = st.one_of(
    st.tuples(NAMES, st.sampled_from([" ", "\t", "  ", " \t", ""]), NAMES).map("".join),
    st.sampled_from(["a b", "b c", "a\tb c", "# note", "", " ", "a", "a b c", "a\xa0b c", "a\x0bb c", "é ü", "a b\r"]),
    st.tuples(st.text("ab", min_size=7, max_size=20), st.text("ab", min_size=7, max_size=20)).map(" ".join),
)


@given(st.lists(LINES, max_size=6), st.sampled_from(["", "\n", "\n\n"]))
def test_a_regular_text_reads_as_line_by_line(lines: list[str], end: str) -> None:
    text = "\n".join(lines) + end
    quick = parse_regular(text)
    if quick is None:
        return
    assert quick.edge_lines is not None
    found = [*quick.names], quick.parent.tolist(), quick.child.tolist(), quick.edge_lines.tolist(), False
    assert found == slowly(text)


@pytest.mark.parametrize("text", ["a b\nb c\n", "# note\n# more\na b\nb c", "a a\tb b\nb b\tc", "é ü\r\nü ö\r\n"])
def test_what_is_regular(text: str) -> None:
    assert parse_regular(text) is not None


NOT_REGULAR = ["", "\n", "a", "a b\nc", "a b c\nd", "a b\n\nb c\n", "a\tb\nb c\n", 'a "b"\n', "a b\n# note\nb c\n"]
NOT_REGULAR += [
    "a  b\n",
    " b\n",
    "a \tb\n",
    "a\t b\n",
    "a\xa0b c\n",
    "a b\x0b\n",
    "a b \n",
    "\n\na b\n",
    f"{'a' * 300} b\n",
]


@pytest.mark.parametrize("text", NOT_REGULAR)
def test_what_is_left_to_the_slow_reader(text: str) -> None:
    assert parse_regular(text) is None


@given(trees(plain=True) | dags())
def test_big_files_give_the_same_hierarchy(t: Taxonomy) -> None:
    assume(len(t.parents.index))
    text = "".join(f"{line}\n" for line in pair_lines(t))
    slow = parse(Source("x.txt", text), format="pairs", is_a=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PAIRS, "_BIG", 0)
        assert parse(Source("x.txt", text), format="pairs", is_a=False) == slow


def test_faults_of_a_big_file_keep_their_lines() -> None:
    text = "# made by hand\n" + "".join(f"r leaf{i}\n" for i in range(10_000)) + "r r\nr leaf7\n"
    assert len(text) > PAIRS._BIG
    with pytest.raises(FormatError) as caught:
        parse(Source("x.txt", text), is_a=False)
    assert str(caught.value) == (
        "x.txt:10002: node 'r' is its own parent; remove this line\n"
        "x.txt:10003: the edge 'r' -> 'leaf7' is given twice, first in line 9"
    )


def test_names_with_the_same_key_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    hashing = import_module("taxo.taxonomy.hashing")
    monkeypatch.setattr(hashing.Pieces, "keys", lambda self: np.zeros(len(self), dtype=np.uint64))
    assert parse_regular("longer-than-eight longer-than-nine\n") is None
    names = [f"name-number-{i}" for i in range(50)]
    packed = pieces(names)
    wanted = pieces(["name-number-7", "name-number-77", "name-number-49"])
    assert packed is not None
    assert wanted is not None
    assert NameTable(packed).find(wanted).tolist() == [7, -1, 49]


TEXTS = st.text(st.characters(exclude_characters="\n"), max_size=20)


@given(st.lists(TEXTS, unique=True, min_size=1), st.lists(TEXTS))
def test_a_table_finds_what_a_dictionary_finds(names: list[str], others: list[str]) -> None:
    packed, wanted = pieces(names), pieces([*others, *names])
    assert packed is not None
    assert wanted is not None
    index = {name: i for i, name in enumerate(names)}
    assert NameTable(packed).find(wanted).tolist() == [index.get(name, -1) for name in [*others, *names]]


@given(st.lists(TEXTS, min_size=1), st.data())
def test_packed_names_are_the_names(names: list[str], data: st.DataObject) -> None:
    assume(not any("\ud800" <= c <= "\udfff" for name in names for c in name))
    made = pieces(names)
    assert made is not None
    packed = PackedNames(made)
    nodes = data.draw(st.lists(st.integers(0, len(names) - 1)))
    assert [*packed] == packed[:] == names
    assert [packed[i] for i in nodes] == pick(packed, np.array(nodes, dtype=np.intp)) == [names[i] for i in nodes]


def test_a_name_with_a_line_break_has_no_place() -> None:
    assert pieces(["a", "b\nc"]) is None


@given(attributed(dags() | trees()), st.data())
def test_many_names_are_found_as_few_are(t: Taxonomy, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(t.names)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NODE_INDEX, "_MANY", 0)
        assert t.indices(iter(names)).tolist() == [t.index(name) for name in names]


@pytest.mark.parametrize("many", [0, 1000])
@pytest.mark.parametrize("bad", ["oWl", "ow\nl"])
def test_an_unknown_name_among_many(zoo: Taxonomy, monkeypatch: pytest.MonkeyPatch, many: int, bad: str) -> None:
    monkeypatch.setattr(NODE_INDEX, "_MANY", many)
    with pytest.raises(UnknownNode) as caught:
        zoo.indices(["cat", bad, "no-such"])
    assert caught.value.name == bad
    assert caught.value.near[:1] == (["owl"] if bad == "oWl" else caught.value.near[:1])


def test_numbers_as_names_still_order_the_classes() -> None:
    edges = [("r", str(i)) for i in (10, 9, 2)]
    text = "".join(f"{p} {c}\n" for p, c in edges)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PAIRS, "_BIG", 0)
        assert parse(Source("x", text), is_a=False).classes == from_edges(edges).classes == ("2", "9", "10")
