"""The sense that is closest to the other classes."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from taxo.taxonomy.wordnet.closeness import Company, information
from taxo.taxonomy.wordnet.nouns import WordNet
from taxo.taxonomy.wordnet.senses import POWER, RANK_DISCOUNT, choose, score_senses
from taxo.taxonomy.wordnet.through_nltk import read


def chosen(nouns: WordNet, *names: str) -> list[str]:
    """Ids of the senses chosen for some lemmas."""
    senses = [nouns.senses(name) for name in names]
    return [nouns.id(s[choose(x)]) for s, x in zip(senses, score_senses(nouns, senses), strict=True)]


def test_information_worked_out_by_hand(toy_folder) -> None:  # type: ignore[no-untyped-def]
    r"""The cat counts half for animal directly and half through pet.

    entity 11 > physical 10 > animal 6 (rodent 3, pet 1.5, cat .5), tool 3 (Mouse 1... ) as below.
    """
    nouns = read(toy_folder)
    weight = {
        "cat": 1, "pet": 1.5, "house mouse": 1, "mouse": 2, "Mickey": 1, "rodent": 4, "animal": 1 + 4 + 1.5 + 0.5,
        "Mouse": 1, "tool": 2, "physical entity": 10, "entity": 11,
    }  # fmt: skip
    for synset, value in enumerate(information(nouns).tolist()):
        assert value == pytest.approx(1 - math.log(weight[nouns.title(synset)]) / math.log(11)), nouns.title(synset)


def test_information_falls_on_the_way_up(nouns: WordNet) -> None:
    content = information(nouns)
    child = np.repeat(np.arange(nouns.n_synsets), nouns.hypernyms.counts())
    assert (content[child] >= content[nouns.hypernyms.index]).all()
    assert content.min() == content[0] == pytest.approx(0)
    assert (content[nouns.hyponyms.counts() == 0] == 1).all()


def test_closeness_is_that_of_the_formula(nouns: WordNet, synset: Callable[[str], int]) -> None:
    """Against the definition, pair by pair, from sets of everything above."""
    names = ["dog.n.01", "cat.n.01", "dog.n.05", "car.n.01", "entity.n.01", "dog.n.01", "paris.n.01"]
    members = np.array([synset(n) for n in names])
    content = information(nouns)
    company = Company(nouns, members)
    for i, a in enumerate(members.tolist()):
        for j, b in enumerate(members.tolist()):
            common = max(content[s] for s in set(nouns.closure([a]).tolist()) & set(nouns.closure([b]).tolist()))
            expected = 1 - (content[a] + content[b] - 2 * common) / 2
            assert company.closeness(i)[j] == pytest.approx(expected)
        assert company.closeness(i)[i] == pytest.approx(1)


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (("crane", "heron", "stork"), "n02012849"),
        (("crane", "bulldozer", "excavator"), "n03126707"),
        (("mouse", "cat", "dog"), "n02330245"),
        (("mouse", "keyboard", "monitor"), "n03793489"),
        (("seal", "walrus", "otter"), "n02076196"),
        (("orange", "apple", "pear"), "n07747607"),
        (("ray", "shark", "trout"), "n01495701"),
        (("jaguar", "lion", "cheetah"), "n02128925"),
        (("anger", "joy", "fear"), "n07516354"),
    ],
)
def test_company_decides(nouns: WordNet, names: tuple[str, ...], first: str) -> None:
    assert chosen(nouns, *names)[0] == first


def test_the_order_of_the_classes_does_not_matter(nouns: WordNet) -> None:
    names = ["seal", "crane", "mouse", "bat", "ray", "orange", "plate"]
    assert chosen(nouns, *names) == chosen(nouns, *names[::-1])[::-1]


def test_a_class_by_itself_has_its_first_sense(nouns: WordNet) -> None:
    for name in ("plate", "seal", "dog"):
        assert chosen(nouns, name) == [nouns.id(nouns.senses(name)[0])]


def test_two_rounds_worked_out(nouns: WordNet) -> None:
    """One class with one sense: the scores of the other do not depend on shares, so they follow from the formula."""
    crane, sandpiper = nouns.senses("crane"), nouns.senses("sandpiper")
    assert len(sandpiper) == 1
    company = Company(nouns, np.array([*crane, *sandpiper]))
    scores = score_senses(nouns, [crane, sandpiper])[0]
    for rank, sense in enumerate(crane):
        physical = nouns.senses("physical_entity")[0] in nouns.closure([sense])
        instance = nouns.is_instance[nouns.hypernyms.start[sense]]
        factor = 1 if physical and not instance else 0.8
        expected = factor * (rank + 1) ** -RANK_DISCOUNT * (company.closeness(rank)[-1] ** POWER) ** (1 / POWER)
        assert scores[rank] == pytest.approx(expected, abs=1e-8)


def test_classes_without_senses(nouns: WordNet) -> None:
    scores = score_senses(nouns, [nouns.senses("dog"), (), nouns.senses("cat")])
    assert [len(s) for s in scores] == [7, 0, len(nouns.senses("cat"))]
    assert [len(s) for s in score_senses(nouns, [(), ()])] == [0, 0]
    assert score_senses(nouns, []) == []
