"""The built-in hierarchies that `taxo derive` makes: rebuilt, and against facts about the data sets."""

import runpy
import zipfile
from pathlib import Path

import pytest

from taxo.hierarchies import load
from taxo.taxonomy import class_similarity
from taxo.taxonomy.wordnet.snapshot import load as wordnet

ROOT = Path(__file__).parents[2]
DERIVED = {
    # name: classes, nodes, height
    "cifar10": (10, 18, 4),
    "fashion-mnist": (10, 17, 5),
    "tiny-imagenet": (200, 299, 11),
    "ilsvrc": (1000, 1374, 16),
}


@pytest.fixture(scope="module")
def script() -> dict[str, object]:
    return runpy.run_path(str(ROOT / "examples" / "derive_builtin.py"))


@pytest.mark.parametrize("name", DERIVED)
def test_they_are_rebuilt_to_the_letter(script, name: str) -> None:  # type: ignore[no-untyped-def]
    assert set(script["FACTS"]) == set(DERIVED)
    assert script["text"](name) == (ROOT / "hierarchies" / f"{name}.txt").read_text(encoding="utf-8")
    assert script["made"](name).taxonomy == load(name)


@pytest.mark.parametrize("name", DERIVED)
def test_shape(name: str) -> None:
    t = load(name)
    assert (t.n_classes, t.n_nodes, t.height) == DERIVED[name]
    assert t.is_tree
    assert sorted(t.class_nodes.tolist()) == t.leaves.tolist()
    assert t.class_numbers.tolist() == list(range(t.n_classes))
    assert not (t.children.counts() == 1).any()
    assert class_similarity(t).min() == 0
    assert all(line.strip() for line in t.class_labels)


@pytest.mark.parametrize("name", ["tiny-imagenet", "ilsvrc"])
def test_ids_are_nouns_in_order(name: str) -> None:
    t, nouns = load(name), wordnet()
    assert list(t.classes) == sorted(set(t.classes))
    for class_, label in zip(t.classes, t.class_labels, strict=True):
        assert label.split(" (")[0] == nouns.title(nouns.index(class_))


def test_ilsvrc_as_networks_number_it() -> None:
    """Well-known places in the list of the 1000 classes."""
    t = load("ilsvrc")
    known = {
        0: "n01440764", 1: "n01443537", 134: "n02012849", 207: "n02099601", 281: "n02123045", 340: "n02391049",
        388: "n02510455", 517: "n03126707", 638: "n03710637", 639: "n03710721", 817: "n04285008", 954: "n07753592",
        999: "n15075141",
    }  # fmt: skip
    assert {i: t.classes[i] for i in known} == known
    assert [t.class_labels[i] for i in (134, 517, 638, 639)] == [
        "crane (wading bird)",
        "crane (lifting device)",
        "maillot (tights)",
        "maillot (swimsuit)",
    ]


def test_tiny_imagenet_is_part_of_ilsvrc() -> None:
    assert set(load("tiny-imagenet").classes) < set(load("ilsvrc").classes)


def test_the_classes_of_the_shared_tiny_imagenet(data: Path) -> None:
    with zipfile.ZipFile(data / "tiny-imagenet-32" / "tiny-imagenet-32-100classes.zip") as archive:
        ids = [line.split("\t")[0] for line in archive.read("classes.txt").decode().splitlines()]
    assert set(ids) < set(load("tiny-imagenet").classes)


def test_a_cat_is_closer_to_a_dog_than_to_a_frog() -> None:
    t = load("cifar10")
    s = class_similarity(t)
    cat, dog, frog, truck, car = (t.classes.index(c) for c in ("cat", "dog", "frog", "truck", "automobile"))
    assert s[cat, dog] > s[cat, frog] > s[cat, truck]
    assert s[truck, car] > s[truck, cat]
