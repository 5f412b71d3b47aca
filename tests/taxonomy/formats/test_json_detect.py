"""Hierarchies, and the categories of image data sets, told apart in JSON."""

import time

import pytest

from taxo.taxonomy import FormatError
from taxo.taxonomy.formats.detect import sniff
from taxo.taxonomy.formats.json_detect import json_kind, looks_like_json
from taxo.taxonomy.formats.registry import FORMATS
from taxo.taxonomy.formats.source import Source

COCO = '{"id": 1, "name": "owl", "supercategory": "bird"}'
KEYPOINTS = '{"keypoints": ["nose", "eye"], "skeleton": [[16, 14], [2, 3]], "supercategory": "person", "id": 1}'
INATURALIST = (
    '{"id": 0, "name": "Bubo bubo", "supercategory": "Birds", "kingdom": "Animalia", "phylum": "Chordata",'
    ' "class": "Aves", "order": "Strigiformes", "family": "Strigidae", "genus": "Bubo"}'
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f'{{"categories": [{COCO}]}}', "coco"),
        (f'{{"images": [{{"id": 3}}], "categories": [\n {COCO}]}}', "coco"),
        (f"[{COCO}]", "coco"),
        (f'{{"categories": [{KEYPOINTS}]}}', "coco"),
        (f'{{"info": {{}}, "categories": [{INATURALIST}]}}', "inaturalist"),
        (f" [ {INATURALIST} ]", "inaturalist"),
        ('{"categories": {"birds": {"owls": {}}}}', "json"),
        ('{"categories": [{"id": 1, "name": "owl"}]}', "json"),
        ('{"name": "categories", "children": [{"name": "supercategory"}]}', "json"),
        ('[{"name": "a", "children": [{"name": "b", "supercategory": "c"}]}]', "json"),
        ('[{"name": "a", "rank": "family", "class": 3}]', "json"),
        ('{"nodes": [{"id": "a", "kingdom": "x", "phylum": "y"}], "links": []}', "json"),
        ('["a", "b"]', "json"),
        ("[]", "json"),
        ("{}", "json"),
        ('{"a": "\\"categories\\": [{", "b": "supercategory"}', "json"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert json_kind(Source("x", text)) == kind


def test_categories_behind_much_else_are_found_at_once() -> None:
    images = ", ".join('{"id": 1, "file": "categories"}' for _ in range(200_000))
    text = f'{{"images": [{images}], "categories": [{COCO}]}}'
    began = time.process_time()
    assert json_kind(Source("x", text)) == "coco"
    assert time.process_time() - began < 1.0


def test_a_long_first_entry_is_not_read_to_its_end() -> None:
    leaves = ", ".join(f'"n{i}"' for i in range(300_000))
    text = f'[{{"name": "a", "children": [{leaves}], "supercategory": "x"}}]'
    assert json_kind(Source("x", text)) == "json"


def test_a_kind_without_a_reader_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(FORMATS, "coco", raising=False)
    with pytest.raises(FormatError, match="x:1: this looks like JSON of the kind coco; read are text, "):
        sniff(Source("x", f"[{COCO}]"))


@pytest.mark.parametrize("text", ['{"a"', "{}", "[[", "[1", "[]", '["', "[{", ' \n { "'])
def test_beginnings_of_json(text: str) -> None:
    assert looks_like_json(text)


@pytest.mark.parametrize("text", ["{a}", "[a]", "(", "a", "", "[&R] (a,b);", "{d,e}"])
def test_names_in_brackets_are_no_json(text: str) -> None:
    assert not looks_like_json(text)
