"""Names to nouns."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxo.taxonomy.wordnet.matching import Matcher, split_id
from taxo.taxonomy.wordnet.nouns import WordNet
from taxo.taxonomy.wordnet.snapshot import load


@pytest.fixture(scope="module")
def matcher(nouns: WordNet) -> Matcher:
    return Matcher(nouns)


@pytest.mark.parametrize(
    ("name", "how", "lemma"),
    [
        ("n02084071", "id", "dog"),
        ("n02085620-Chihuahua", "id", "Chihuahua"),
        ("n02084071 dog, domestic dog", "id", "dog"),
        # as it stands, however the words are joined
        ("maple", "name", "maple"),
        ("Trouser", "name", "trouser"),
        ("pickup_truck", "name", "pickup truck"),
        ("Pickup Truck", "name", "pickup truck"),
        ("lawn-mower", "name", "lawn mower"),
        ("lawnmower", "name", "lawn mower"),
        ("PickupTruck", "name", "pickup truck"),
        ("T shirt", "name", "T-shirt"),
        ("sea-lion", "name", "sea lion"),
        ("ladies\u2019 slipper", "name", "ladies' slipper"),
        ("001.Black_footed_Albatross", "name", "black-footed albatross"),
        # plurals, regular and not
        ("bottles", "plural", "bottle"),
        ("sweet_peppers", "plural", "sweet pepper"),
        ("butterflies", "plural", "butterfly"),
        ("potatoes", "plural", "potato"),
        ("foxes", "plural", "fox"),
        ("churches", "plural", "church"),
        ("buses", "plural", "bus"),
        ("wolves", "plural", "wolf"),
        ("knives", "plural", "knife"),
        ("mice", "plural", "mouse"),
        ("field mice", "plural", "field mouse"),
        ("policemen", "plural", "policeman"),
        # one of several names
        ("T-shirt/top", "part", "T-shirt"),
        ("Gabelstapler, forklift", "part", "forklift"),
        ("forklift (machine)", "part", "forklift"),
        # the first words where they name a kind of the last
        ("maple_tree", "kind", "maple"),
        ("salmon fish", "kind", "salmon"),
        # the main word
        ("aquarium_fish", "head", "fish"),
        ("Ankle boot", "head", "boot"),
        ("AnnualCrop", "head", "crop"),
        ("bird in flight", "head", "bird"),
        ("very old steam engines", "head", "steam engine"),
        # nothing
        ("Gabelstapler", "", ""),
        ("n99999999", "", ""),
        ("", "", ""),
        ("-", "", ""),
    ],
)
def test_how_a_name_is_found(matcher: Matcher, name: str, how: str, lemma: str) -> None:
    found = matcher.match(name)
    assert (found.name, found.how, found.lemma) == (name, how, lemma)
    assert bool(found.senses) == bool(how)


def test_senses_are_those_of_the_word_in_order(matcher: Matcher, nouns: WordNet) -> None:
    assert matcher.match("Mouse").senses == nouns.senses("mouse")
    assert matcher.match("mice").senses == nouns.senses("mouse")


def test_a_plural_that_is_a_noun_itself_comes_first(matcher: Matcher, nouns: WordNet) -> None:
    assert matcher.match("glasses").how == "name"
    assert matcher.match("glasses").senses[0] == nouns.senses("glasses")[0]
    assert set(nouns.senses("glass")) <= set(matcher.match("glasses").senses)


@pytest.mark.parametrize("name", ["glass", "bus", "grass", "gas", "class"])
def test_words_in_s_that_are_no_plurals(matcher: Matcher, nouns: WordNet, name: str) -> None:
    assert matcher.match(name).senses[: len(nouns.senses(name))] == nouns.senses(name)


def test_a_kind_has_only_the_senses_below_the_last_word(matcher: Matcher, nouns: WordNet) -> None:
    (sense,) = matcher.match("maple tree").senses  # the maple is a wood, too
    assert nouns.id(sense) == "n12752205"
    assert set(nouns.senses("tree")) & set(nouns.closure([sense]).tolist())


def test_near_matches(matcher: Matcher) -> None:
    assert matcher.near("elephnt")[0] == "elephant"
    assert matcher.near("Moter_cycle")[0] == "motorcycle"
    assert matcher.near("") == []


@cache
def shared() -> Matcher:
    return Matcher(load())


@given(st.text(max_size=30))
def test_any_text_is_a_name(name: str) -> None:
    found = shared().match(name)
    assert found.name == name
    assert bool(found.senses) == bool(found.how)


@given(st.integers(0, 82114), st.integers(0, 40), st.sampled_from([" ", "_"]))
def test_every_lemma_finds_its_synset(synset: int, place: int, joint: str) -> None:
    nouns = shared().nouns
    lemma = nouns.lemmas(synset)[place % len(nouns.lemmas(synset))]
    found = shared().match(lemma.replace("_", joint))
    assert synset in found.senses


def test_split_id() -> None:
    assert split_id("n02085620\tChihuahua, dog") == ("n02085620", "Chihuahua, dog")
    assert split_id("n0208562") == split_id("cat") == ("", "")
