"""Which class of a hierarchy a class of the data is, and what is said where it cannot be told."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
from taxo.hierarchies import load
from taxo.taxonomy import Taxonomy, flat, read
from taxo.training.data.matching import ClassMismatch, match_classes

pytestmark = pytest.mark.torch


def hierarchy(tmp_path: Path, text: str) -> Taxonomy:
    path = tmp_path / "h.txt"
    path.write_text("# taxo 1\n" + text)
    return read(path)


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (["b", "a"], ["a", "b"]),
        (["Great_Auk", "snowy owl"], ["snowy-owl", "great auk"]),
        (["train/x/gull", "owl"], ["owl", "gull"]),
        (["gull", "owl"], ["birds/owl", "birds/gull"]),
        (["002.gull", "001.owl"], ["owl", "gull"]),
    ],
)
def test_by_name(names: list[str], classes: list[str]) -> None:
    assert match_classes(names, flat(classes)) == [1, 0]


def test_the_same_name_goes_before_a_similar_one() -> None:
    # "owl" fits both classes but for case; its own name decides, and "Owl" is left for "OWL".
    assert match_classes(["OWL", "owl"], flat(["owl", "Owl"])) == [1, 0]


def test_by_label(tmp_path: Path) -> None:
    t = hierarchy(tmp_path, "r\n  n02\tlabel=Snowy Owl\n  n01\tlabel=Gull\n")
    assert match_classes(["gull", "snowy_owl"], t) == [1, 0]


def test_by_number_of_the_folder(tmp_path: Path) -> None:
    t = hierarchy(tmp_path, "r\n  Bubo\tclass=7\n  Larus\tclass=3\n")
    assert match_classes(["003.Gull", "007.Owl"], t) == [t.classes.index("Larus"), t.classes.index("Bubo")]


def test_a_number_that_contradicts_a_name_is_not_used(tmp_path: Path) -> None:
    t = hierarchy(tmp_path, "r\n  Bubo\tclass=7\n  Larus\tclass=3\n  Puffin\tclass=8\n")
    with pytest.raises(ClassMismatch):
        match_classes(["003.Gull", "007.Owl", "009.Puffin"], t)


def test_numbers_of_the_data_set_decide_alone(tmp_path: Path) -> None:
    t = hierarchy(tmp_path, "r\n  Bubo\tclass=7\n  Larus\tclass=3\n")
    # The names say the contrary.
    place = match_classes(["Bubo", "Larus"], t, numbers=[3, 7])
    assert [t.classes[p] for p in place] == ["Larus", "Bubo"]


def test_a_hierarchy_without_numbers_is_matched_by_name() -> None:
    # Its class numbers are then 0, 1, 2, as the data set's own ones may be.
    assert match_classes(["owl", "gull"], flat(["gull", "owl"]), numbers=[0, 1]) == [1, 0]
    assert match_classes(["owl", "gull", "auk"], flat(["gull", "auk", "owl"]), numbers=[1, 2, 3]) == [2, 0, 1]


def test_numbers_0_1_2_decide_where_the_names_do_not(tmp_path: Path) -> None:
    t = hierarchy(tmp_path, "r\n  Bubo\tclass=1\n  Larus\tclass=0\n")
    place = match_classes(["gull", "owl"], t, numbers=[0, 1])
    assert [t.classes[p] for p in place] == ["Larus", "Bubo"]


def test_numbers_0_1_2_never_override_a_name() -> None:
    # By number, "auk" would become "gull", as nothing shows that the hierarchy's numbers mean anything.
    with pytest.raises(ClassMismatch):
        match_classes(["owl", "gul", "auk"], flat(["auk", "owl", "gull"]), numbers=[0, 1, 2])


def test_numbers_that_only_one_side_has_are_named(tmp_path: Path) -> None:
    t = hierarchy(tmp_path, "r\n  Bubo\tclass=7\n  Larus\tclass=3\n")
    with pytest.raises(ClassMismatch) as caught:
        match_classes(["gull", "owl"], t, numbers=[3, 8])
    assert (caught.value.only_data, caught.value.only_hierarchy) == (("owl",), ("Bubo",))


def test_cub_by_number_whatever_the_spelling() -> None:
    t = load("cub-deep")
    names = [f"{number:03d}.Class_{number}" for number in range(1, 201)]
    np.testing.assert_array_equal(t.class_numbers[match_classes(names, t)], np.arange(1, 201))


def test_never_guesses_between_two_candidates(tmp_path: Path) -> None:
    t = flat(["Balinese/character01", "Latin/character01"])
    with pytest.raises(ClassMismatch) as caught:
        match_classes(["character01", "Latin/character01"][:1], t)
    assert caught.value.only_data == ("character01",)
    with pytest.raises(ClassMismatch):
        match_classes(["great auk", "Great_Auk"], flat(["GREAT AUK", "owl"]))


def test_the_differences_are_listed() -> None:
    data = ["owl", "gul", *(f"x{i:02d}" for i in range(12))]
    with pytest.raises(ClassMismatch) as caught:
        match_classes(data, flat(["owl", "gull", "auk"], name="birds"))
    assert caught.value.only_data == tuple(data[1:])
    assert caught.value.only_hierarchy == ("gull", "auk")
    assert str(caught.value).splitlines() == [
        "the classes of the data and of the hierarchy 'birds' differ",
        "  13 only in the data: 'gul', 'x00', 'x01', 'x02', 'x03', 'x04', 'x05', 'x06', 'x07', 'x08' and 3 more",
        "  2 only in the hierarchy: 'gull', 'auk'",
        "  'gul' may be 'gull'",
    ]


@pytest.mark.parametrize(("data", "classes"), [(["a"], ["a", "b"]), (["a", "b"], ["a"])])
def test_leftovers_on_one_side_are_a_mismatch(data: list[str], classes: list[str]) -> None:
    with pytest.raises(ClassMismatch, match="'b'"):
        match_classes(data, flat(classes))
