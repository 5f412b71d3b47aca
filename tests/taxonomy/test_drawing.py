"""Drawings, character by character."""

from taxo.taxonomy import Taxonomy, draw, from_edges, read
from taxo.taxonomy.summary import branching, summary


def test_tree(zoo: Taxonomy) -> None:
    assert list(draw(zoo)) == [
        "animal",
        "├── cat",
        "└── bird",
        "    ├── owl",
        "    │   ├── barn",
        "    │   └── snowy",
        "    └── gull",
    ]


def test_part_and_depth(zoo: Taxonomy) -> None:
    assert list(draw(zoo, "owl")) == ["owl", "├── barn", "└── snowy"]
    assert list(draw(zoo, depth=1)) == ["animal", "├── cat", "└── bird (4 below)"]
    assert list(draw(zoo, depth=0)) == ["animal (6 below)"]


def test_a_node_with_two_parents_is_drawn_out_once(diamond: Taxonomy) -> None:
    assert list(draw(diamond)) == [
        "thing",
        "├── living",
        "│   ├── wild",
        "│   └── pet",
        "│       ├── cat",
        "│       └── dog",
        "└── owned",
        "    ├── pet ^",
        "    └── car",
    ]


def test_labels_and_several_roots() -> None:
    t = from_edges([("Aves", "Larus")], nodes=["x", "Aves"], labels={"Larus": "Gulls"})
    assert list(draw(t, labels=True)) == ["x", "Aves", "└── Larus (Gulls)"]


def test_a_drawing_is_read_back(zoo: Taxonomy, tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "drawing.txt"
    file.write_text("\n".join(draw(zoo)))
    assert read(file).names == zoo.names


def test_summary(zoo: Taxonomy, diamond: Taxonomy) -> None:
    assert summary(zoo) == {
        "name": "zoo",
        "kind": "tree",
        "nodes": 7,
        "classes": 4,
        "height": 3,
        "roots": 1,
        "multi_parent": 0,
        "single_child": 0,
        "leaf_depths": {"1": 1, "2": 1, "3": 2},
        "fingerprint": zoo.fingerprint,
    }
    assert branching(zoo) == (2, 2.0, 2)
    assert summary(diamond)["kind"] == "dag"
    assert summary(diamond)["multi_parent"] == 1
