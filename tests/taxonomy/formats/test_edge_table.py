"""Tables of edges: with titles in any order, without titles, and what is told to be none."""

from pathlib import Path

import pytest

from taxo.taxonomy import FormatError, Taxonomy, from_edges, read

EDGES = [("bird", "owl"), ("bird", "gull"), ("owl", "barn owl"), ("owl", "snowy owl")]
TREE = from_edges(EDGES)

SAME_TREE = {
    "parent first": ("x.csv", "parent,child\nbird,owl\nbird,gull\nowl,barn owl\nowl,snowy owl\n"),
    "child first": ("x.csv", "Child;Parent\nowl;bird\ngull;bird\nbarn owl;owl\nsnowy owl;owl\n"),
    "links": ("x.tsv", "source\ttarget\nbird\towl\nbird\tgull\nowl\tbarn owl\nowl\tsnowy owl\n"),
    "a row per node": ("x.csv", "node,parent\nbird,\nowl,bird\ngull,bird\nbarn owl,owl\nsnowy owl,owl\n"),
    "no suffix": ("x", "node,parent\nbird,\nowl,bird\ngull,bird\nbarn owl,owl\nsnowy owl,owl\n"),
    "other columns": ("x.csv", "url,child,parent\nu,owl,bird\n,gull,bird\n,barn owl,owl\n,snowy owl,owl\n"),
    "no titles": ("x.tsv", "bird\towl\nbird\tgull\nowl\tbarn owl\nowl\tsnowy owl\n"),
    "no titles, commas": ("x.csv", "bird,owl\nbird,gull\nowl,barn owl\nowl,snowy owl\n"),
}


def saved(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


@pytest.mark.parametrize(("name", "text"), SAME_TREE.values(), ids=SAME_TREE)
def test_the_same_tree(tmp_path: Path, name: str, text: str) -> None:
    assert read(saved(tmp_path, name, text), is_a=None) == TREE


def test_attributes(tmp_path: Path) -> None:
    text = "id,parentId,name,rank,class\n1,,Aves,class,\n7,1,Owls,order,2\n9,1,Gulls,family,0\n"
    t = read(saved(tmp_path, "x.csv", text))
    assert t.names == ("1", "7", "9")
    assert t.labels == ("Aves", "Owls", "Gulls")
    assert t.ranks == ("class", "order", "family")
    assert (t.classes, t.class_numbers.tolist()) == (("9", "7"), [0, 2])


def test_several_parents(tmp_path: Path) -> None:
    t = read(saved(tmp_path, "x.csv", "child,parent\nowl,bird\nowl,night\n"))
    assert [t.names[p] for p in t.parents_of(t.index("owl"))] == ["bird", "night"]


def test_pairs_with_blanks_in_a_file_called_a_table(tmp_path: Path) -> None:
    assert read(saved(tmp_path, "x.tsv", "bird owl\nowl barn\nowl snowy\n"), is_a=False).names[0] == "bird"


@pytest.mark.parametrize(
    "text",
    ["species\nLarus argentatus\nLarus marinus\n", "continent,country\nEurope,France\nEurope,Spain\n"],
)
def test_tables_of_ranks_are_none(tmp_path: Path, text: str) -> None:
    t: Taxonomy = read(saved(tmp_path, "x.csv", text))
    assert t.n_classes == 2
    assert t.ranks[-1] in ("species", "country")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("child,parent\nowl\n", [(2, "1 cells where 2 are needed")]),
        ("child,parent\nowl,bird\n,bird\n", [(3, "a row without a node; fill its cell, or remove the row")]),
        ("child,parent\nowl,owl\n", [(2, "node 'owl' is its own parent; remove this line")]),
        (
            "child,parent\nowl,bird\ngull,bird\nowl,bird\n",
            [(4, "the edge 'bird' -> 'owl' is given twice, first in line 2")],
        ),
        (
            "child,parent,class\nowl,bird,one\n",
            [(2, "class number 'one' is none; give a whole number from 0, or - for no class")],
        ),
        ("child,parent\n", [(None, "the file holds no nodes")]),
    ],
)
def test_faults(tmp_path: Path, text: str, faults: list[tuple[int | None, str]]) -> None:
    with pytest.raises(FormatError) as error:
        read(saved(tmp_path, "x.csv", text))
    assert list(error.value.faults) == faults


def test_a_cycle_names_its_lines(tmp_path: Path) -> None:
    from taxo.taxonomy import CycleError

    with pytest.raises(CycleError, match=r"x\.csv:2,3: a cycle of 2 nodes"):
        read(saved(tmp_path, "x.csv", "child,parent\na,b\nb,a\n"))
