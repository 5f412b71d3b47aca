"""iNaturalist's categories."""

import json

import pytest

from taxo.taxonomy import FormatError, Taxonomy
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.source import Source

RANKS = ("kingdom", "phylum", "class", "order", "family", "genus")


def entry(number: int, lineage: str, common: str = "", **more: object) -> dict[str, object]:
    *ranks, name = lineage.split("/")
    return {"id": number, "name": name, "common_name": common, **dict(zip(RANKS, ranks, strict=True)), **more}


MULBERRY = entry(0, "Plantae/Tracheophyta/Magnoliopsida/Rosales/Moraceae/Morus/Morus alba", "White Mulberry")
GANNET = entry(4, "Animalia/Chordata/Aves/Suliformes/Sulidae/Morus/Morus bassanus", "Northern Gannet")
BOOBY = entry(2, "Animalia/Chordata/Aves/Suliformes/Sulidae/Sula/Sula sula", "Red-footed Booby")


def inaturalist(value: object) -> Taxonomy:
    return parse(Source("x.json", json.dumps(value)), format="inaturalist")


def test_the_whole_taxonomy(caplog: pytest.LogCaptureFixture) -> None:
    t = inaturalist([MULBERRY, GANNET, BOOBY])
    assert t.classes == ("Morus alba", "Sula sula", "Morus bassanus")
    assert t.class_numbers.tolist() == [0, 2, 4]
    assert t.class_labels == ("White Mulberry", "Red-footed Booby", "Northern Gannet")
    assert t.height == 7
    assert [t.names[i] for i in t.roots] == ["Life"]
    bird = "Animalia/Chordata/Aves/Suliformes/Sulidae/Morus"
    plant = "Plantae/Tracheophyta/Magnoliopsida/Rosales/Moraceae/Morus"
    assert t.names[t.parent[t.index("Morus bassanus")]] == bird
    assert t.labels[t.index(bird)] == t.labels[t.index(plant)] == "Morus"
    assert t.ranks[t.index(bird)] == "genus"
    assert t.ranks[t.index("Sula sula")] == "species"
    assert "x.json: 2 nodes share a name and are called by their paths: " in caplog.text


def test_two_classes_and_their_ancestor() -> None:
    t = inaturalist({"images": [], "categories": [MULBERRY, GANNET, BOOBY]})
    pair = t.indices(["Morus bassanus", "Sula sula"])
    assert t.names[t.lcs(pair[:1], pair[1:])[0]] == "Sulidae"


def test_the_layout_of_2017() -> None:
    names = [("Plantae", "Abies alba"), ("Plantae", "Acer rubrum"), ("Aves", "Accipiter nisus")]
    t = inaturalist([{"id": i, "name": name, "supercategory": group} for i, (group, name) in enumerate(names)])
    assert t.names == ("Life", "Plantae", "Aves", "Abies alba", "Acer rubrum", "Accipiter nisus")
    assert t.ranks == ("",) * 6
    assert t.classes == ("Abies alba", "Acer rubrum", "Accipiter nisus")


def test_a_class_that_is_a_genus_keeps_its_name() -> None:
    t = inaturalist([MULBERRY, entry(1, "Plantae/T/M/R/Moraceae/Ficus/Ficus")])
    assert "Ficus" in t.classes
    assert t.names[t.parent[t.index("Ficus")]] == "Plantae/T/M/R/Moraceae/Ficus"
    assert t.ranks[t.index("Ficus")] == ""


def test_an_empty_rank_is_passed_over() -> None:
    t = inaturalist([BOOBY, {**GANNET, "order": "", "family": None}])
    assert t.names[t.parent[t.index("Morus")]] == "Aves"


def test_two_species_of_one_name_are_two() -> None:
    t = inaturalist([MULBERRY, entry(9, "Animalia/C/A/S/S/Morus/Morus alba")])
    assert sorted(t.classes) == [
        "Animalia/C/A/S/S/Morus/Morus alba",
        "Plantae/Tracheophyta/Magnoliopsida/Rosales/Moraceae/Morus/Morus alba",
    ]
    assert t.class_numbers.tolist() == [0, 9]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            [MULBERRY, {**MULBERRY, "id": 8}],
            "x.json: entry 1: 'Plantae/Tracheophyta/Magnoliopsida/Rosales/Moraceae/Morus/Morus alba' is given twice",
        ),
        (
            [MULBERRY, {"id": 1, "name": "b", "kingdom": "Plantae", "genus": "B"}],
            "x.json: entry 1 ('b') has no 'phylum', 'class', 'order', 'family', as others have",
        ),
        (
            [{"id": 1, "name": "b"}],
            "x.json: entry 0 ('b') has neither ranks nor a 'supercategory'",
        ),
        ([{**GANNET, "family": 7}], "x.json: entry 0: 'family' is 7, not a text"),
        ([{**GANNET, "id": -1}], "x.json: entry 0: 'id' is -1, not a whole number from 0"),
    ],
)
def test_faults(value: object, message: str) -> None:
    with pytest.raises(FormatError) as error:
        inaturalist(value)
    assert str(error.value) == message
