"""`validate`: each code on the smallest file that has it, against networkx, and against what `read` accepts."""

import ast
import itertools
import random
import re
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import attributed, dags, trees

from taxo.hierarchies import load, names
from taxo.taxonomy import FormatError, TaxoError, Taxonomy, from_edges
from taxo.taxonomy.check_names import difference, ungarbled
from taxo.taxonomy.files import format_lines, parse, read
from taxo.taxonomy.findings import CODES, OWN, SEVERITIES, at_least
from taxo.taxonomy.formats.registry import FORMATS
from taxo.taxonomy.formats.source import Source
from taxo.taxonomy.ranks import ORDER, UNORDERED, normal
from taxo.taxonomy.validation import validate, validate_taxonomy

ROOT = Path(__file__).parents[2]
BROKEN = ROOT / "tests" / "broken"
HEAD = "# taxo 1\n"

Found = tuple[int | None, str, str]


def findings(text: str, *, is_a: bool | None = None, format: str | None = None) -> list[Found]:
    found = validate(Source("x.txt", text), is_a=is_a, format=format)
    assert all(f.file == "x.txt" for f in found)
    return [(f.line, f.code, f.message) for f in found]


def pairs(*lines: str) -> list[Found]:
    return findings("\n".join(lines), format="pairs", is_a=False)


CASES: dict[str, tuple[str, Found]] = {
    "syntax": (
        HEAD + 'a\n  ""\n  b\n',
        (3, "syntax", "a line without a name"),
    ),
    "empty": (HEAD, (None, "empty", "the file holds no nodes")),
    "version": ("# taxo 7\na\n", (1, "version", "unknown version '# taxo 7'; this program reads '# taxo 1'")),
    "indentation": (HEAD + "a\n      b\n", (3, "indentation", "indentation jumps to depth 3 where line 2 has depth 0; a level is missing")),
    "attribute": (HEAD + "a\trank\n", (2, "attribute", "unknown attribute 'rank'; after a tab stand rank=, class=, label=, length= or synonym=")),
    "duplicate-name": (HEAD + "a\n  b\n  b\n", (4, "duplicate-name", "node 'b' is given twice, first in line 3")),
    "class-number": (HEAD + "a\n  b\tclass=1\n  c\tclass=1\n", (4, "class-number", "class number 1 is given twice, first in line 3")),
    "class-missing": (HEAD + "a\n  b\tclass=1\n  c\n", (4, "class-missing", "leaf 'c' has no class number, while 1 nodes have one")),
    "no-class": (HEAD + "a\n  b\tclass=-\n", (None, "no-class", "every leaf is marked as no class, so there are no classes")),
    "near-duplicate": (HEAD + "a\n  Sea Mew\n  sea_mew\n", (4, "near-duplicate", "'sea_mew' is nearly 'Sea Mew' (line 3): they differ in case and spacing only")),
    "inner-class": (
        HEAD + "a\n  b\tclass=1\n    c\tclass=2\n    d\tclass=3\n",
        (3, "inner-class", "class 1, 'b', is an inner node, above 'c', 'd'"),
    ),
    "rank-order": (
        HEAD + "a\trank=family\n  x\n    b\trank=Order\n  c\trank=genus\n",
        (4, "rank-order", "Order 'b' stands below family 'a' (line 2)"),
    ),
    "name-space": (HEAD + 'a\n  "b "\n  c\n', (3, "name-space", "name 'b ' begins or ends with white space")),
    "name-invisible": (HEAD + "a\n  b\u200bc\n  d\n", (3, "name-invisible", "name 'b\\u200bc' holds a character that cannot be seen: U+200B")),
    "name-garbled": (HEAD + "a\n  b\tlabel=KÃ¶hler\n  c\n", (3, "name-garbled", "label 'KÃ¶hler' was decoded wrongly; it may have been 'Köhler'")),
    "name-comment": ("a\n  # note\n  b\n", (2, "name-comment", "'# note' is read as a node, not as a comment")),
    "single-child": (HEAD + "a\n  b\n    c\n    d\n", (2, "single-child", "'a' has one child only, 'b'")),
    "class-gap": (HEAD + "a\n  b\tclass=2\n  c\tclass=5\n", (None, "class-gap", "class numbers run from 2 to 5 and leave out 2: 3, 4")),
    "repeated-label": (HEAD + "a\n  b\tlabel=x\n  c\tlabel=x\n", (4, "repeated-label", "label 'x' is that of 2 nodes: 'b', 'c'")),
    "unknown-rank": (HEAD + "a\trank=gnus\n  b\n  c\n", (2, "unknown-rank", "unknown rank 'gnus', first of 'a'; nodes with it: 1; did you mean 'genus' or 'subgenus'?")),
    "flat": (HEAD + "a\nb\n", (None, "flat", "none of the 2 nodes has a parent: every class stands alone")),
    "several-roots": (
        HEAD + "a\n  b\n  c\nd\n  e\n  f\n  g\n",
        (2, "several-roots", "'a' is another root, of a tree of 3 nodes; the largest tree is that of 'd' (line 5) with 4 nodes"),
    ),
    "lone-node": (HEAD + "a\n  b\n  c\nd\n", (5, "lone-node", "'d' has neither parents nor children; the largest tree is that of 'a' (line 2) with 3 nodes")),
}  # fmt: skip


@pytest.mark.parametrize("code", CASES)
def test_each_code_on_a_small_file(code: str) -> None:
    text, expected = CASES[code]
    assert [f for f in findings(text) if f[1] == code] == [expected]


PAIR_CASES: dict[str, tuple[list[str], Found]] = {
    "self-loop": (["a b", "b b"], (2, "self-loop", "node 'b' is its own parent; remove this line")),
    "duplicate-edge": (["a b", "a c", "a b"], (3, "duplicate-edge", "the edge 'a' -> 'b' is given twice, first in line 1")),
    "cycle": (["r a", "a b", "b c", "c a"], (2, "cycle", "a cycle of 3 nodes, parent -> child: a -> b -> c -> a; lines 2, 3, 4")),
    "unreachable": (["a b", "b a", "b c"], (3, "unreachable", "'c' cannot be reached from a root: only a cycle lies above it")),
    "several-parents": (["r a", "r b", "a x", "b x"], (4, "several-parents", "'x' has 2 parents: 'a' (line 3), 'b' (line 4)")),
    "redundant-edge": (
        ["r x", "r a", "a x"],
        (1, "redundant-edge", "the edge 'r' -> 'x' says nothing new: 'r' also lies above its parent 'a'"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", PAIR_CASES)
def test_each_code_on_a_few_pairs(code: str) -> None:
    lines, expected = PAIR_CASES[code]
    assert [f for f in pairs(*lines) if f[1] == code] == [expected]


def test_every_code_of_the_checks_has_a_case() -> None:
    assert {*CASES, *PAIR_CASES, "invalid"} >= OWN
    order = [SEVERITIES.index(code.severity) for code in CODES.values()]
    assert order == sorted(order)
    assert all(code.meaning and code.hint for code in CODES.values())


def codes_of_readers() -> set[str]:
    """The last argument of every `faults.add(line, message, code)` of the formats, where it is written out."""
    used = set()
    for file in sorted((ROOT / "taxonomy").rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and len(call.args) >= 3:
                code = call.args[-1]
                if call.func.attr in ("add", "fault") and isinstance(code, ast.Constant):
                    used.add(code.value)
    return used


def test_every_code_of_a_reader_is_in_the_table() -> None:
    used = codes_of_readers()
    assert {"duplicate-name", "self-loop", "indentation", "class-number", "attribute"} <= used
    assert used <= set(CODES), "add these codes to taxonomy/findings.py and to docs/validation.md"


def test_what_a_reader_finds_is_an_error_whatever_its_code() -> None:
    faults = [("several-parents", "two"), ("brand-new", "other")]

    class Stopped(Source):
        @property
        def text(self) -> str:  # type: ignore[override]
            raise FormatError("x", [(1, m) for _, m in faults], [c for c, _ in faults])

    found = validate(Stopped("x"), format="text")
    assert [(f.severity, f.code, f.message, f.hint) for f in found] == [("error", *fault, "") for fault in faults]


def test_the_page_lists_every_code() -> None:
    page = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", page, flags=re.MULTILINE))
    assert rows == {name: f"{code.severity} | {code.meaning} | {code.hint}" for name, code in CODES.items()}


def test_a_fine_file_has_no_findings() -> None:
    assert findings("birds\n  owls\n    barn owl\n    snowy owl\n  gull\n") == []


def test_all_faults_of_a_broken_file_with_its_other_findings() -> None:
    text = HEAD + "Aves\n  Strix\n      aluco\n  strix\n  Strix\n Larus\n"
    assert [(line, code) for line, code, _ in findings(text)] == [
        (4, "indentation"),
        (6, "duplicate-name"),
        (7, "indentation"),
        (5, "near-duplicate"),
        (3, "single-child"),
    ]


def test_every_cycle_is_named_once() -> None:
    found = pairs("r a", "a b", "b a", "x y", "y z", "z x", "x q", "q y", "z w")
    assert [f for f in found if f[1] in ("cycle", "unreachable")] == [
        (2, "cycle", "a cycle of 2 nodes, parent -> child: a -> b -> a; lines 2, 3"),
        (
            4,
            "cycle",
            "a cycle of 3 nodes, parent -> child: x -> y -> z -> x; lines 4, 5, 6; 1 more nodes lie on cycles with these",
        ),
        (9, "unreachable", "'w' cannot be reached from a root: only a cycle lies above it"),
    ]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=25, unique=True))
def test_cycles_and_reach_agree_with_networkx(edges: list[tuple[int, int]]) -> None:
    graph = nx.DiGraph((p, c) for p, c in edges if p != c)
    graph.add_nodes_from(v for edge in edges for v in edge)
    found = pairs(*(f"n{p} n{c}" for p, c in edges))
    on_cycle = [part for part in nx.strongly_connected_components(graph) if len(part) > 1]
    told = [message for _, code, message in found if code == "cycle"]
    assert len(told) == len(on_cycle)
    for message in told:
        cycle = re.findall(r"n\d", message.split(": ")[1].split(";")[0])
        assert all(graph.has_edge(int(a[1]), int(b[1])) for a, b in itertools.pairwise(cycle))
        assert cycle[0] == cycle[-1]
    roots = [v for v in graph if not graph.in_degree(v)]
    reached = set(roots).union(*(nx.descendants(graph, root) for root in roots))
    lost = {f"n{v}" for v in set(graph) - reached - set().union(*on_cycle)}
    assert {message.split("'")[1] for _, code, message in found if code == "unreachable"} == lost


@given(st.text(st.sampled_from('ab \n\t-#"=1{'), max_size=40))
def test_there_is_an_error_where_and_only_where_the_file_cannot_be_read(text: str) -> None:
    source = Source("x.txt", text)
    try:
        parse(source)
    except TaxoError:
        readable = False
    else:
        readable = True
    assert (not at_least(validate(Source("x.txt", text)), "error")) == readable


@pytest.mark.parametrize("file", sorted(BROKEN.rglob("*.*")), ids=lambda file: f"{file.parent.name}/{file.name}")
def test_the_corpus_of_broken_files(file: Path) -> None:
    """Errors for the files that `read` refuses, of known codes; none for those that are only odd."""
    try:
        read(file)
    except TaxoError:
        readable = False
    else:
        readable = True
    found = validate(file)
    assert (not at_least(found, "error")) == readable
    assert {f.code for f in found} <= set(CODES)


@given(attributed(trees() | dags()))
def test_a_written_hierarchy_has_the_findings_of_the_value(t: Taxonomy) -> None:
    if not t.is_tree:
        return
    written = "".join(f"{line}\n" for line in format_lines(t, "text"))
    ours = {(f.code, f.severity) for f in validate_taxonomy(t)}
    assert {(f.code, f.severity) for f in validate(Source("x.txt", written), format="text")} == ours
    assert not at_least(validate_taxonomy(t), "error")


def test_what_only_the_builder_refuses_is_an_error_too() -> None:
    assert findings('"a\\nb"\n"c"\n', format="pairs") == [
        (None, "invalid", "node name 'a\\nb' is empty or holds a tab or a line break; take these out"),
        (None, "name-space", "name 'a\\nb' holds the white space character U+000A"),
        (None, "flat", "none of the 2 nodes has a parent: every class stands alone"),
    ]


def test_files_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes(b"birds\n  Ents\xe9\n")
    (finding,) = validate(tmp_path / "latin.txt")
    assert (finding.line, finding.severity, finding.code) == (2, "error", "syntax")
    assert finding.message.startswith("byte 0xe9 at offset 12 (column 7) is not UTF-8")
    with pytest.raises(TaxoError, match="cannot be read"):
        validate(tmp_path / "none.txt")
    with pytest.raises(TaxoError, match="unknown format 'txt'"):
        validate(Source("x.txt", "a b\n"), format="txt")


def test_folders(tmp_path: Path) -> None:
    for name in ("owls/barn", "owls/Barn", "gulls/mew"):
        (tmp_path / "photos" / name).mkdir(parents=True)
    assert [(f.line, f.code) for f in validate(tmp_path / "photos")] == [
        (None, "near-duplicate"),
        (None, "single-child"),
    ]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Larus", "LARUS", "case"),
        ("caf\u00e9", "cafe\u0301", "Unicode form"),
        ("owl", "ow\u00adl", "invisible characters"),
        ("sea mew", "sea-mew", "spacing, underscores or dashes"),
        ("Sea mew", "sea_mew", "case and spacing"),
    ],
)
def test_differences_are_named(one: str, other: str, expected: str) -> None:
    assert difference(one, other) == expected
    assert [f.message for f in validate_taxonomy(from_edges([("r", one), ("r", other)])) if f.code == "near-duplicate"]


def test_garbled_text_is_told_from_foreign_text() -> None:
    assert ungarbled("É".encode().decode("cp1252")) == "É"
    assert ungarbled("Á".encode().decode("latin-1")) == "Á"
    for text in ("Köhler", "Été", "日本", "Ménétriés", "plain", "Å", "naïve Ã"):
        assert ungarbled(text) is None


def test_a_label_below_its_like_is_not_repeated() -> None:
    edges = [("Aves", "Gaviiformes"), ("Gaviiformes", "Gaviidae"), ("Aves", "Grus"), ("Aves", "Machina")]
    labels = {"Gaviiformes": "Loons", "Gaviidae": "Loons", "Grus": "Cranes", "Machina": "Cranes"}
    found = [f.message for f in validate_taxonomy(from_edges(edges, labels=labels)) if f.code == "repeated-label"]
    assert found == ["label 'Cranes' is that of 2 nodes: 'Grus', 'Machina'"]


def test_ranks_skip_nodes_without_one_and_take_the_lowest_of_several_parents() -> None:
    edges = [("k", "x"), ("x", "f"), ("f", "g"), ("k", "o"), ("o", "g2"), ("f", "g2"), ("g", "s"), ("s", "s2")]
    ranks = {
        "k": "kingdom",
        "f": "family",
        "g": "clade",
        "o": "order",
        "g2": "superfamily",
        "s": "species",
        "s2": "species",
    }
    t = from_edges(edges, ranks=ranks)
    assert [f.message for f in validate_taxonomy(t) if f.code == "rank-order"] == [
        "superfamily 'g2' stands below family 'f'",
        "species 's2' stands below species 's'",
    ]


def test_the_table_of_ranks() -> None:
    assert not set(ORDER) & UNORDERED
    assert all(rank == normal(rank) for rank in {*ORDER, *UNORDERED})
    common = [
        "kingdom",
        "phylum",
        "class",
        "order",
        "suborder",
        "superfamily",
        "family",
        "subfamily",
        "tribe",
        "genus",
        "species",
        "subspecies",
        "form",
    ]
    assert [ORDER[rank] for rank in common] == sorted(ORDER[rank] for rank in common)


@pytest.mark.parametrize("name", names())
def test_built_in_hierarchies_have_remarks_only(name: str) -> None:
    found = validate_taxonomy(load(name))
    assert all(f.file == name and f.line is None for f in found)
    doubtful = [f.message for f in at_least(found, "warn")]
    # Fashion-MNIST's class Shirt stands below WordNet's shirt.
    true = ["'Shirt' is nearly 'shirt': they differ in case only"] if name == "fashion-mnist" else []
    assert doubtful == true


def test_published_files(data: Path) -> None:
    for file in sorted((data / "hierarchies").rglob("*.txt")):
        found = validate(file)
        assert not at_least(found, "warn"), file
    labels = [f for f in validate(data / "hierarchies/nabirds/classes.txt") if f.code == "repeated-label"]
    assert (labels[0].line, labels[0].message) == (434, "label 'Verdin' is that of 3 nodes: '80', '433', '821'")


def test_long_chains_and_big_files_take_no_recursion() -> None:
    chain = "\n".join(f"n{i} n{i + 1}" for i in range(100_000))
    ((line, code, message),) = pairs(chain)
    assert (line, code) == (1, "single-child")
    assert message.startswith("a chain of 100000 single children: 'n0' -> 'n1' -> ")
    looped = pairs(chain, "n100000 n0")
    assert [f[:2] for f in looped] == [(1, "cycle")]
    rng = random.Random(0)
    wide = "\n".join(f"n{rng.randrange(i)} n{i}" for i in range(1, 50_000))
    assert {code for _, code, _ in pairs(wide)} <= {"single-child"}


def test_more_faults_than_a_message_would_hold_are_all_found() -> None:
    lines = [f"a{i}" for i in range(3000)]
    found = findings("\n".join(["r s", *lines]), format="pairs")
    assert sum(code == "syntax" for _, code, _ in found) == 3000


def test_formats_without_lines_still_give_findings() -> None:
    assert "directory" in FORMATS
    t = from_edges([("a", "b"), ("a", "c")], class_numbers={"b": 1, "c": 4})
    assert [(f.line, f.code) for f in validate_taxonomy(t)] == [(None, "class-gap")]
    np.testing.assert_array_equal(t.class_numbers, [1, 4])
