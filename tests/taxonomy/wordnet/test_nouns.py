"""The value `WordNet`, on the bundled WordNet 3.0: facts that its documentation and ImageNet state."""

from collections.abc import Callable

import networkx as nx
import numpy as np
import pytest

from taxo.taxonomy import TaxoError, to_networkx
from taxo.taxonomy.wordnet.nouns import WordNet


def test_size(nouns: WordNet) -> None:
    """The counts of wnstats(7WN): 82,115 noun synsets, 117,798 strings, 146,312 pairs of word and sense."""
    assert (nouns.version, nouns.n_synsets) == ("3.0", 82115)
    assert len(nouns.senses_by_lemma) == 117798
    assert sum(map(len, nouns.senses_by_lemma.values())) == 146312
    assert len(nouns.definitions) == 82115


def test_one_root_and_no_cycle(nouns: WordNet) -> None:
    assert np.flatnonzero(nouns.hypernyms.counts() == 0).tolist() == [nouns.index("n00001740")]
    taxonomy = nouns.to_taxonomy()  # would raise CycleError
    assert (taxonomy.n_nodes, len(taxonomy.parents.index), taxonomy.height) == (82115, 84427, 19)


@pytest.mark.parametrize(
    ("id", "lemmas", "above"),
    [
        ("n02084071", ("dog", "domestic_dog", "Canis_familiaris"), ["n01317541", "n02083346"]),
        ("n02129165", ("lion", "king_of_beasts", "Panthera_leo"), ["n02127808"]),
        ("n00001740", ("entity",), []),
    ],
)
def test_a_synset(nouns: WordNet, id: str, lemmas: tuple[str, ...], above: list[str]) -> None:
    at = nouns.index(id)
    assert nouns.id(at) == id
    assert nouns.lemmas(at) == lemmas
    assert [nouns.id(s) for s in nouns.hypernyms.of(at).tolist()] == above
    assert nouns.title(at) == lemmas[0].replace("_", " ")


def test_definitions_hold_no_leftovers_of_examples(nouns: WordNet) -> None:
    assert nouns.definition(nouns.index("n06277280")) == "broadcasting visual images of stationary or moving objects"
    assert not [d for d in nouns.definitions if d.endswith(";") or "; ;" in d or not d]
    assert sum('"' in d for d in nouns.definitions) == 3  # quotation marks that nobody closes, in WordNet itself


def test_senses_are_in_the_order_of_wordnet(nouns: WordNet) -> None:
    assert [nouns.lemmas(s)[0] for s in nouns.senses("dog")] == [
        "dog", "frump", "dog", "cad", "frank", "pawl", "andiron"
    ]  # fmt: skip
    assert nouns.senses("DOG") == nouns.senses("dog")
    assert nouns.senses("no such word") == ()


def test_a_lemma_that_stands_twice_in_a_synset_counts_once(nouns: WordNet) -> None:
    for senses in nouns.senses_by_lemma.values():
        assert len(set(senses)) == len(senses)


def test_instances(nouns: WordNet, synset: Callable[[str], int]) -> None:
    paris, dog = synset("paris.n.01"), synset("dog.n.01")
    assert nouns.is_instance[nouns.hypernyms.start[paris] : nouns.hypernyms.start[paris + 1]].all()
    assert not nouns.is_instance[nouns.hypernyms.start[dog] : nouns.hypernyms.start[dog + 1]].any()


def test_closure_is_all_that_lies_above(nouns: WordNet, synset: Callable[[str], int]) -> None:
    graph = to_networkx(nouns.to_taxonomy())
    for name in ("dog.n.01", "paris.n.01", "entity.n.01", "sweet_pepper.n.02"):
        at = synset(name)
        above = {nouns.id(s) for s in nouns.closure([at]).tolist()}
        assert above == nx.ancestors(graph, nouns.id(at)) | {nouns.id(at)}


def test_taxonomy_of_some_classes(nouns: WordNet, synset: Callable[[str], int]) -> None:
    cat, dog, animal = synset("cat.n.01"), synset("dog.n.01"), synset("animal.n.01")
    t = nouns.to_taxonomy([dog, cat, animal])
    assert t.classes == ("n02084071", "n02121620", "n00015388")
    assert not t.is_tree
    assert t.class_labels[0] == "dog"
    assert t.synonyms[t.index("n02084071")] == ("domestic dog", "Canis familiaris")
    assert set(t.names) == {nouns.id(s) for s in nouns.closure([dog, cat]).tolist()}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("n02084072", "no synset 'n02084072' among the nouns of WordNet 3.0"),
        ("dog", "no synset 'dog'"),
        ("n²2084071", "no synset"),
        ("dog.n.99", "'dog' has the senses 1 to 7 in WordNet 3.0, not '99'"),
        ("dog.n.0", "has the senses 1 to 7"),
        ("dogg.n.01", "WordNet 3.0 has no noun 'dogg'; did you mean 'doggy' or 'dog'"),
    ],
)
def test_unknown_synsets(nouns: WordNet, name: str, message: str) -> None:
    with pytest.raises(TaxoError, match=message):
        nouns.sense(name)


def test_a_class_given_twice(nouns: WordNet) -> None:
    with pytest.raises(TaxoError, match="synset n00001740 is given twice"):
        nouns.to_taxonomy([0, 0])
