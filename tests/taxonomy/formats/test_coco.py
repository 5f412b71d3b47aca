"""COCO's categories."""

import gzip
import json
from pathlib import Path

import pytest

from taxo.taxonomy import FormatError, Taxonomy, read
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats import categories
from taxo.taxonomy.formats.source import Source

CATEGORIES = [
    {"supercategory": "person", "id": 1, "name": "person"},
    {"supercategory": "vehicle", "id": 3, "name": "car"},
    {"supercategory": "vehicle", "id": 2, "name": "bicycle"},
]


def coco(value: object) -> Taxonomy:
    return parse(Source("x.json", json.dumps(value)), format="coco")


def test_two_levels_below_a_root(caplog: pytest.LogCaptureFixture) -> None:
    t = coco({"info": {}, "images": [{"id": 7}], "annotations": [], "categories": CATEGORIES})
    assert t.names == ("categories", "person (supercategory)", "vehicle", "person", "car", "bicycle")
    assert t.parent.tolist() == [-1, 0, 0, 1, 2, 2]
    assert t.labels == ("categories", "person", "vehicle", "person", "car", "bicycle")
    assert t.classes == ("person", "bicycle", "car")  # by their ids
    assert t.class_numbers.tolist() == [1, 2, 3]
    assert (
        "x.json: 1 nodes have the name of a category and are called otherwise: 'person (supercategory)'" in caplog.text
    )


def test_the_bare_list_packed(tmp_path: Path) -> None:
    file = tmp_path / "classes.json.gz"
    file.write_bytes(gzip.compress(json.dumps(CATEGORIES).encode()))
    assert read(file, format="coco") == coco({"categories": CATEGORIES})


def test_a_category_may_have_any_name(caplog: pytest.LogCaptureFixture) -> None:
    names = ["categories", "a (supercategory)", "a"]
    t = coco([{"id": i, "name": name, "supercategory": "a"} for i, name in enumerate(names)])
    assert t.classes == ("categories", "a (supercategory)", "a")
    assert t.names[:2] == ("categories (root)", "a (supercategory) (2)")


def test_supercategories_that_are_categories_as_roboflow_writes_them() -> None:
    t = coco(
        [
            {"id": 0, "name": "birds", "supercategory": "none"},
            {"id": 1, "name": "owl", "supercategory": "birds"},
        ]
    )
    assert t.classes == ("birds", "owl")
    assert t.names[t.parent[t.index("owl")]] == "birds (supercategory)"


def test_no_supercategories_as_lvis_has_none() -> None:
    t = coco([{"id": 1, "name": "aerosol_can", "synonyms": ["aerosol_can", "spray_can"]}, {"id": 2, "name": "ax"}])
    assert t.names == ("categories", "aerosol_can", "ax")
    assert t.synonyms == ((), ("spray_can",), ())
    assert t.height == 1


def test_only_the_categories_of_a_big_file_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(categories, "WHOLE", 100)
    text = json.dumps({"x": {"categories": [1]}, "annotations": list(range(99)), "categories": CATEGORIES, "y": 1})
    whole = coco({"categories": CATEGORIES})
    assert parse(Source("x.json", text), format="coco") == whole
    # What stands before is not even looked at.
    assert parse(Source("x.json", text.replace("[0, 1", "[0, ?")), format="coco") == whole


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "x.json: the list of categories is empty"),
        ({"images": []}, 'x.json: no list of categories; expected is {"categories": [...]} or the list by itself'),
        (
            [{"id": 1, "supercategory": "a"}, {"name": "b"}, 7, {"id": "4", "name": "c"}, {"id": True, "name": "c"}],
            "x.json: entry 0: no 'name'; give a text\n"
            "x.json: entry 1: no 'id'; give a whole number from 0\n"
            "x.json: entry 2 is no object but 7; each is to have 'id' and 'name'\n"
            "x.json: entry 3: 'id' is \"4\", not a whole number from 0\n"
            "x.json: entry 4: 'id' is true, not a whole number from 0",
        ),
        (
            [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}, {"id": 2, "name": "a"}, {"id": 3, "name": " \n"}],
            "x.json: entry 1: id 1 is given twice, first in entry 0\n"
            "x.json: entry 3: 'name' is \" \\n\", not a text\n"
            "x.json: entry 2: the name 'a' is given twice, first in entry 0",
        ),
        (
            [{"id": 1, "name": "a", "supercategory": "g"}, {"id": 2, "name": "b"}],
            "x.json: entry 1 ('b') has no 'supercategory', as others have",
        ),
        (
            [{"id": 1, "name": "a", "supercategory": {"g": 1}}],
            "x.json: entry 0: 'supercategory' is dict, not a text",
        ),
    ],
)
def test_faults(value: object, message: str) -> None:
    with pytest.raises(FormatError) as error:
        coco(value)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[\n{"id": 1,', "x.json:2: no valid JSON in column 10: "),
        ("[" * 100_000, "x.json: no list of categories: nested too deep"),
        ('[{"id": ' + "9" * 5000 + "}]", "x.json: no list of categories: Exceeds the limit"),
    ],
)
def test_no_json(text: str, message: str) -> None:
    with pytest.raises(FormatError) as error:
        parse(Source("x.json", text), format="coco")
    assert str(error.value).startswith(message)


def test_half_a_surrogate_pair_is_replaced() -> None:
    t = parse(Source("x.json", '[{"id": 1, "name": "a\\ud800b"}, {"id": 2, "name": "c\\td"}]'), format="coco")
    assert t.classes == ("a\ufffdb", "c d")
