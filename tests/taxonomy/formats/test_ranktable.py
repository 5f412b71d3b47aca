"""Tables with a column per rank."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import NAMES, attributed, trees
from written import again, written

from taxo.taxonomy import LossyWrite, TaxoError, Taxonomy, from_edges
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.ranks import RANKS
from taxo.taxonomy.formats.source import Source

FORMATS = st.sampled_from(["csv", "tsv"])
WITHOUT_LENGTHS = attributed(trees()).map(lambda t: replace(t, lengths=None))
"""Hierarchies of which a table holds everything, ranks in no order aside."""


def read(text: str, format: str = "csv") -> Taxonomy:
    return parse(Source("x", text), format=format)


@st.composite
def ranked(draw: st.DrawFn) -> Taxonomy:
    """Trees in which every node has a rank, the ranks descend, and some are skipped."""
    t = draw(WITHOUT_LENGTHS)
    ranks = draw(st.permutations(RANKS[:40])) + draw(st.lists(NAMES, min_size=25, max_size=25, unique=True))
    ranks = list(dict.fromkeys(draw(st.permutations(ranks))))
    level = []
    for i in range(t.n_nodes):
        above = level[t.parent[i]] if t.parent[i] >= 0 else -1
        level.append(above + draw(st.integers(1, 2)))
    return replace(t, ranks=tuple(ranks[k] for k in level))


@given(ranked(), FORMATS)
def test_round_trip_with_ranks(t: Taxonomy, format: str) -> None:
    assert again(t, format) == t


@given(WITHOUT_LENGTHS, FORMATS)
def test_round_trip_without_ranks(t: Taxonomy, format: str) -> None:
    t = replace(t, ranks=("",) * t.n_nodes)
    assert again(t, format) == t


@given(WITHOUT_LENGTHS, FORMATS)
def test_only_ranks_ever_get_lost(t: Taxonomy, format: str) -> None:
    try:
        assert again(t, format) == t
    except LossyWrite as error:
        assert str(error).startswith(f"{format} cannot hold ranks (")  # noqa: PT017
        found = parse(Source("x", written(t, format, lossy=True)), format=format)
        assert found == replace(t, ranks=("",) * t.n_nodes)


@given(ranked())
def test_the_csv_module_reads_what_is_written(t: Taxonomy) -> None:
    rows = list(csv.reader(io.StringIO(written(t, "csv"), newline=""), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}


def test_it_looks_like_this() -> None:
    t = from_edges(
        [("Aves", "Laridae"), ("Laridae", "Larus"), ("Larus", "Larus argentatus"), ("Aves", "Bubo, the owl")],
        ranks={"Aves": "class", "Laridae": "family", "Larus": "genus", "Larus argentatus": "species", "Bubo, the owl": "genus"},
        labels={"Laridae": "Gulls"},
        synonyms={"Larus argentatus": ["Herring Gull", "Silver Gull"]},
    )  # fmt: skip
    assert written(t, "csv") == (
        "class,family,genus,species,label,synonym,synonym\n"
        "Aves,Laridae,,,Gulls,,\n"
        "Aves,Laridae,Larus,Larus argentatus,,Herring Gull,Silver Gull\n"
        'Aves,,"Bubo, the owl",,,,\n'
    )
    assert written(t, "tsv").splitlines()[3] == "Aves\t\tBubo, the owl\t\t\t\t"
    assert again(t, "csv") == t


def test_without_ranks_it_looks_like_this(zoo: Taxonomy) -> None:
    assert written(zoo, "csv") == (
        "level0,level1,level2,level3,class_number\n"
        "animal,cat,,,0\n"
        "animal,bird,owl,barn,2\n"
        "animal,bird,owl,snowy,3\n"
        "animal,bird,gull,,1\n"
    )
    assert read(written(zoo, "csv")).ranks == ("",) * 7


def test_what_a_table_of_ranks_says() -> None:
    t = read("Kingdom,Phylum,Species\nAnimalia,Chordata,Bubo bubo\nAnimalia,,Sponge\nPlantae,,\n")
    assert t.names == ("Animalia", "Plantae", "Chordata", "Sponge", "Bubo bubo")
    assert t.ranks == ("kingdom", "kingdom", "phylum", "species", "species")
    assert t.parent.tolist() == [-1, -1, 0, 0, 2]
    assert t.classes == ("Bubo bubo", "Sponge", "Plantae")


@pytest.mark.parametrize("separator", [",", ";", "|", "\t"])
def test_separators_and_blanks(separator: str) -> None:
    text = "order,family\n\nx, y \n,\nx,'z/w'\n".replace(",", separator).replace("'", '"')
    inside = separator if separator != "\t" else ","  # a name holds no tab
    t = read(text.replace("/", inside).replace("\n", "\r\n"))
    assert t.names == ("x", "y", f"z{inside}w")


def test_excel_says_its_separator_in_a_line_of_its_own() -> None:
    assert read("sep=;\norder;family\nx;y\n").names == ("x", "y")


def test_columns_that_are_no_ranks(caplog: pytest.LogCaptureFixture) -> None:
    t = read("order,family,url,count\nx,y,http,3\nx,z,http,4\n")
    assert t.names == ("x", "y", "z")
    assert caplog.messages == ["x: left out are the columns 'url', 'count', which are no ranks"]


def test_without_a_known_rank_every_column_is_one() -> None:
    t = read("continent,country,label\nEurope,Norway,Norge\nEurope,Spain,España\n")
    assert t.ranks == ("continent", "country", "country")
    assert t.labels == ("Europe", "Norge", "España")
    assert again(t, "csv") == t
    assert written(t, "csv").startswith("continent,country,label\n")


def test_ranks_that_would_be_taken_for_something_else() -> None:
    t = from_edges([("a", "1"), ("1", "c")], ranks={"a": "label", "1": "class", "c": "Genus"})
    assert written(t, "csv") == "rank:label,rank:class,rank:Genus\na,1,c\n"
    assert again(t, "csv") == t


def test_class_is_a_rank_or_a_number() -> None:
    rank = read("class,family\nAves,Laridae\n")
    assert (rank.ranks, rank.classes) == (("class", "family"), ("Laridae",))
    number = read("order,family,class\nx,y,5\nx,z,2\nx,w,-\nx,,\n")
    assert number.classes == ("z", "y")
    assert number.class_numbers.tolist() == [2, 5]


def test_homonyms_are_named_by_what_they_lie_below(caplog: pytest.LogCaptureFixture) -> None:
    t = read("family,genus,species\nFabaceae,Oenanthe,a\nApiaceae,Oenanthe,b\nMuscicapidae,Ficedula,c\n,Oenanthe,a\n")
    expected = ["Oenanthe", "Fabaceae", "Apiaceae", "Muscicapidae", "Ficedula", "b", "c"]
    expected += ["Oenanthe (Fabaceae)", "Oenanthe (Apiaceae)", "a (Oenanthe)", "a (Fabaceae/Oenanthe)"]
    assert sorted(t.names) == sorted(expected)
    assert {t.labels[t.index(n)] for n in t.names if n.startswith("Oenanthe")} == {"Oenanthe"}
    assert caplog.messages == [
        "x: 2 names stand in several places and are told apart by what they lie below, as "
        "'Oenanthe (Fabaceae)', 'Oenanthe (Apiaceae)', 'Oenanthe'"
    ]
    assert again(t, "csv") == t


CELLS = st.sampled_from(["", "a", "b", "a (b)", "a (a)", "a (a/a)", "b (a) [level 1]"])


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=12))
def test_every_path_is_one_node_whatever_the_names(rows: list[tuple[str, str, str]]) -> None:
    paths = set()
    for row in rows:
        cells = [(k, cell) for k, cell in enumerate(row) if cell]
        paths |= {tuple(cells[: i + 1]) for i in range(len(cells))}
    text = "level0,level1,level2\n" + "".join(",".join(row) + "\n" for row in rows)
    if not paths:
        with pytest.raises(TaxoError, match="the file holds no nodes"):
            read(text)
        return
    t = read(text)
    assert t.n_nodes == len(paths)
    assert sorted(t.depths.tolist()) == sorted(len(path) - 1 for path in paths)
    assert sorted(t.labels) == sorted(path[-1][1] for path in paths)


@given(st.permutations(["x,a,a,1", "y,a,b,2", "y,c,a,3", "x,b,,4"]))
def test_names_do_not_depend_on_the_order_of_the_rows(rows: list[str]) -> None:
    t = read("order,family,genus,class_number\n" + "\n".join(rows))
    assert t.classes == ("a (a)", "b (a)", "a (c)", "b (x)")


def test_ids_are_names() -> None:
    t = read("id,genus,species,synonym\n7,Larus,argentatus,gull\n3,Larus,canus,\n1,Larus,,\n")
    assert t.names == ("1", "7", "3")
    assert t.labels == ("Larus", "argentatus", "canus")
    assert t.synonyms == ((), ("gull",), ())
    assert t.classes == ("3", "7")


def test_rows_may_repeat(caplog: pytest.LogCaptureFixture) -> None:
    t = read("genus,species,synonym\na,b,x\na,b,y\na,c,\na,b,x\n")
    assert t.names == ("a", "b", "c")
    assert t.synonyms[1] == ("x", "y")
    assert caplog.messages == ["x: 2 rows name a node that an earlier row has named"]


FAULTY = {
    "column twice": ("family,Family,label,label,synonym,synonym\na,b,,,,\n", [
        (1, "two columns are called 'family'; rename or remove one"),
        (1, "two columns are called 'label'; rename or remove one"),
    ]),
    "cells": ("order,family\na,b,c\nd\ne,f\n", [
        (2, "3 cells where the first line has 2 titles"),
        (3, "1 cells where the first line has 2 titles"),
    ]),
    "quotes": ('order,family\na,"b\n', [
        (2, "no table of cells: unexpected end of data; a quote within a cell is doubled"),
    ]),
    "text behind a quote": ('order,family\na,b\na,"b"c\n', [
        (3, "no table of cells: ',' expected after '\"'; a quote within a cell is doubled"),
    ]),
    "no name": ("order,family,label\n,,x\n", [(2, "a row without a name; fill one of its cells")]),
    "labels": ("order,label\na,x\na,y\n", [(3, "label 'y' of 'a', whose label is 'x' in line 2")]),
    "class numbers": ("order,class_number\na,1\nb,1\nc,x\n", [
        (3, "class number 1 is given twice, first in line 2"),
        (4, "class number 'x' is none; give a whole number from 0, or - for no class"),
    ]),
    "ids": ("order,id\na,1\nb,1\n", [(3, "id '1' is given to two nodes, first in line 2")]),
    "line break": ('order,family\na,"b\nc"\n', [(3, "the name 'b\\nc' holds a line break")]),
    "header only": ("order,family\n", [(None, "the file holds no nodes")]),
    "empty": ("", [(1, "no column of names; titles are ranks such as genus, or level0, level1 ...")]),
    "attributes only": ("id,label\n1,x\n", [
        (1, "no column of names; titles are ranks such as genus, or level0, level1 ..."),
    ]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FAULTY.values(), ids=FAULTY)
def test_faults(faults: Callable[[str, str], list], text: str, expected: list) -> None:
    assert faults(text, "csv") == expected


@pytest.mark.parametrize(
    ("ranks", "words"),
    [
        ({"a": "order"}, "2 of 3 nodes have none, the first 'b'"),
        ({"a": "order", "b": "genus", "c": "genus"}, "genus 'c' lies below another, 'b'"),
        (
            {"a": "x", "b": "y", "c": "x"},
            "they do not descend: x stands above and below the same rank",
        ),
    ],
)
def test_why_ranks_get_lost(ranks: dict[str, str], words: str) -> None:
    t = from_edges([("a", "b"), ("b", "c")], ranks=ranks)
    with pytest.raises(LossyWrite) as error:
        written(t, "csv")
    assert str(error.value).startswith(f"csv cannot hold ranks ({words}); write text, json or json-links, or allow")


def test_ranks_stand_in_their_usual_order_where_the_tree_leaves_it_open() -> None:
    t = from_edges([("a", "b"), ("c", "d")], ranks={"a": "genus", "b": "species", "c": "order", "d": "family"})
    assert written(t, "csv").startswith("order,family,genus,species\n")


def test_a_table_of_empty_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taxo.taxonomy.formats.ranktable._MOST_CELLS", 5)
    t = from_edges([("a", "b"), ("a", "c")])
    with pytest.raises(TaxoError, match="a table of 3 rows and 2 columns is too big; write text or json"):
        written(from_edges([("a", "b"), ("a", "c"), ("a", "d")]), "csv")
    assert written(t, "csv")


@given(st.text(st.sampled_from('ab,;\t"\n\r |'), max_size=40), FORMATS)
def test_any_text_gives_a_hierarchy_or_a_clear_error(text: str, format: str) -> None:
    try:
        assert read("order,family,label\n" + text, format).n_nodes
    except TaxoError as error:
        assert str(error).startswith("x")  # noqa: PT017
