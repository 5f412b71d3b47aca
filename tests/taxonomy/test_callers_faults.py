"""Faults that only the library's callers can make, and those of class lists."""

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from taxo.embeddings import embed
from taxo.taxonomy import (
    FormatError,
    NotEmbeddable,
    TaxoError,
    Taxonomy,
    build,
    from_edges,
    from_networkx,
    read,
    read_class_list,
)
from taxo.taxonomy.errors import near_matches
from taxo.taxonomy.files import replacing
from taxo.taxonomy.formats.classlist import select_classes


def save(folder: Path, text: str) -> Path:
    file = folder / "list.txt"
    file.write_text(text)
    return file


def test_names_and_numbers_given_twice() -> None:
    none = np.array([], dtype=np.intp)
    with pytest.raises(TaxoError, match="node 'b' is given twice"):
        build(["a", "b", "b"], none, none)
    with pytest.raises(TaxoError, match="class number 3 is given twice: to 'b' and to 'c'"):
        from_edges([("a", "b"), ("a", "c")], class_numbers={"b": 3, "c": 3})


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (nx.Graph([("a", "b")]), r"made from a networkx\.DiGraph"),
        (nx.MultiDiGraph([("a", "b"), ("a", "b")]), r"made from a networkx\.DiGraph"),
        (nx.DiGraph([(1, 2), (1, "2")]), "two nodes of the graph have the same name"),
    ],
)
def test_graphs_that_are_no_hierarchies(graph: nx.Graph, message: str) -> None:
    with pytest.raises(TaxoError, match=message):
        from_networkx(graph)


def test_nodes_of_a_graph_need_not_be_text() -> None:
    assert from_networkx(nx.DiGraph([(0, 2), (0, 1)])).classes == ("1", "2")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the class list is empty"),
        ("1 a\n1 b\n", "list.txt:2: '1' is given twice, first in line 1"),
        ("1 a\n2\n", "list.txt:2: id 2 has no name"),
    ],
)
def test_faulty_class_lists(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FormatError) as error:
        read_class_list(save(tmp_path, text))
    assert message in str(error.value)


def test_a_class_list_of_names_only(tmp_path: Path, zoo: Taxonomy) -> None:
    file = save(tmp_path, "snowy\ncat\n")
    assert read_class_list(file) == {"snowy": "snowy", "cat": "cat"}
    chosen = select_classes(zoo, file)
    assert chosen.classes == ("snowy", "cat")
    assert chosen.class_numbers.tolist() == [0, 1]
    assert read(file, format="classes").classes == ("snowy", "cat")


def test_classes_that_are_no_nodes_are_listed_with_near_matches(tmp_path: Path, zoo: Taxonomy) -> None:
    with pytest.raises(FormatError) as error:
        select_classes(zoo, save(tmp_path, "snowi\ncat\ndogs\n"))
    assert error.value.faults == (
        (1, "unknown node 'snowi'; did you mean 'snowy'?"),
        (3, "unknown node 'dogs'"),
    )


def test_near_matches_among_very_many_names() -> None:
    names = [f"node{i}" for i in range(60_000)] + ["Larus argentatus"]
    assert near_matches("larus argentatu", names) == ["Larus argentatus"]


def test_a_write_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("old")

    def fill_the_disk() -> None:
        with replacing(tmp_path / "x") as temporary:
            temporary.write_text("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(TaxoError, match="cannot be written: No space left"):
        fill_the_disk()
    assert (tmp_path / "x").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_similarities_that_are_too_close_for_a_factorisation() -> None:
    # 40 nested pairs below a root of enormous height would do; a matrix of ones stands in for them.
    tree = from_edges([("r", "a"), ("r", "b")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("taxo.embeddings.target.Target.matrix", lambda target: np.ones((2, 2)))
        with pytest.raises(NotEmbeddable, match="use the method exact, which needs no factorisation"):
            embed(tree, "cholesky")


def test_values_of_other_kinds_are_never_equal(zoo: Taxonomy) -> None:
    assert embed(zoo) != "zoo"
    assert embed(zoo) == embed(zoo)
    assert hash(embed(zoo)) == hash(embed(zoo))
    assert embed(zoo) != embed(zoo, "onehot")


def test_half_a_surrogate_pair() -> None:
    with pytest.raises(TaxoError, match=r"node name 'b\\ud800' holds half of a surrogate pair"):
        from_edges([("a", "b\ud800")])


def test_a_name_of_a_thousand_letters_does_not_flood_the_message() -> None:
    error = FormatError("x.json", [(3, f"node {'n' * 5000!r} is given twice, first in line 1")])
    assert len(str(error)) < 700
    assert str(error).startswith("x.json:3: node 'nnn")
    assert str(error).endswith("nnn' is given twice, first in line 1")
    assert len(error.faults[0][1]) > 5000
