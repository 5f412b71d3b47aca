"""Class names to trees."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from taxo.taxonomy import TaxoError, Taxonomy, class_lcs_heights, draw, read
from taxo.taxonomy.wordnet.class_names import read_class_names
from taxo.taxonomy.wordnet.derive import derive
from taxo.taxonomy.wordnet.nouns import WordNet
from taxo.taxonomy.wordnet.snapshot import load
from taxo.taxonomy.wordnet.through_nltk import read as through_nltk


def parent_of(t: Taxonomy, name: str) -> str:
    return t.names[t.parent[t.index(name)]]


def test_a_tree_drawn() -> None:
    made = derive(["cat", "dog", "poodle", "oak tree"], collapse=True, strategy="longest")
    assert list(draw(made.taxonomy)) == [
        "organism",
        "├── oak tree",
        "└── carnivore",
        "    ├── dog (n02084071)",
        "    │   ├── poodle",
        "    │   └── dog",
        "    └── cat",
    ]
    t = made.taxonomy
    assert t.classes == ("cat", "dog", "poodle", "oak tree")
    assert t.class_numbers.tolist() == [0, 1, 2, 3]
    assert [d.own_leaf for d in made.decisions] == [False, True, False, False]
    assert t.synonyms[t.index("cat")] == ("n02121620", "true cat")
    assert t.synonyms[t.index("dog")] == ("n02084071",)
    assert t.labels[t.index("dog (n02084071)")] == "dog"


def test_classes_that_mean_the_same_noun() -> None:
    made = derive(["car", "automobile", "truck"])
    t = made.taxonomy
    assert parent_of(t, "car") == parent_of(t, "automobile") == "car (n02958343)"
    assert [d.own_leaf for d in made.decisions] == [True, True, False]


def test_a_noun_that_keeps_nothing_but_its_own_class_goes() -> None:
    """The Persian cat is a domestic cat and so a domestic animal, too: it may leave the cat."""
    made = derive(["dog", "poodle", "cat", "Persian_cat"])
    for decision in made.decisions:
        t = made.taxonomy
        siblings = t.children.of(int(t.parent[t.index(decision.name)]))
        assert not (decision.own_leaf and len(siblings) == 1)


def test_ids_are_names_and_their_words_labels() -> None:
    t = derive(["n02012849", "n03126707", "n02085620 Chihuahua, dog", "n02084071-perro"]).taxonomy
    assert t.classes == ("n02012849", "n03126707", "n02085620", "n02084071")
    assert t.class_labels == ("crane (wading bird)", "crane (lifting device)", "Chihuahua", "perro")


def test_strategies_and_chains() -> None:
    names = ["dog", "cat", "trout", "sedan"]
    trees = {
        (s, c): derive(names, strategy=s, collapse=c).taxonomy
        for s in ("min-change", "shortest", "longest")
        for c in (False, True)
    }
    for (_, collapse), t in trees.items():
        assert t.is_tree
        assert t.classes == tuple(names)
        assert (t.children.counts() == 1).any() == (not collapse)
    assert trees["longest", False].height >= trees["shortest", False].height
    with pytest.raises(TaxoError, match="unknown strategy 'longst'; did you mean 'longest'"):
        derive(names, strategy="longst")


def test_the_graph_before_the_reduction_is_that_of_wordnet(nouns: WordNet) -> None:
    made = derive(["dog", "cat", "seal"], wordnet=nouns)
    graph = made.reduction.original
    chosen = [nouns.index(d.senses[0].id) for d in made.decisions]
    assert graph.n_nodes == len(nouns.closure(chosen))
    assert len(graph.parents.index) == len(nouns.to_taxonomy(chosen).parents.index)
    np.testing.assert_array_equal(class_lcs_heights(graph), class_lcs_heights(nouns.to_taxonomy(chosen)))


def test_choices() -> None:
    plain = derive(["crane", "heron"])
    assert plain.decisions[0].senses[0].id == "n02012849"
    for noun in ("n03126707", "crane.n.04"):
        made = derive(["crane", "heron"], choices={"crane": noun})
        assert made.decisions[0].how == "choice"
        assert made.decisions[0].senses[0].id == "n03126707"
        assert not made.decisions[0].ambiguous
        assert {s.id for s in made.decisions[0].senses} == {s.id for s in plain.decisions[0].senses}
    hung = derive(["crane", "heron"], choices={"crane": "-"})
    assert parent_of(hung.taxonomy, "crane") == "entity"
    assert hung.decisions[0].senses == ()


def test_a_choice_counts_for_the_others() -> None:
    assert derive(["mouse", "crane"], choices={"crane": "n03126707"}).decisions[0].senses[0].lemmas == (
        "mouse",
        "computer mouse",
    )


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"crne": "n03126707"}, "choices: 'crne' is none of the classes"),
        ({"crane": "n00000000"}, "choice for 'crane': no synset 'n00000000'"),
        ({"crane": "crane.n.99"}, "choice for 'crane': 'crane' has the senses 1 to 5"),
    ],
)
def test_bad_choices(choices: dict[str, str], message: str) -> None:
    with pytest.raises(TaxoError, match=message):
        derive(["crane", "heron"], choices=choices)


def test_missing_names_are_reported_together() -> None:
    with pytest.raises(TaxoError) as caught:
        derive(["elephnt", "cat", "Gabelstapler"])
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("no noun of WordNet 3.0 found for 'elephnt'; did you mean 'elephant'")
    assert lines[1].startswith("no noun of WordNet 3.0 found for 'Gabelstapler'")
    assert lines[2].startswith("say what they mean in a file with lines `class<TAB>id`")


def test_missing_names_allowed() -> None:
    made = derive(["cat", "Gabelstapler", "dog"], allow_missing=True)
    assert made.taxonomy.classes == ("cat", "Gabelstapler", "dog")
    assert parent_of(made.taxonomy, "Gabelstapler") == "entity"
    assert [d.how for d in made.decisions] == ["name", "missing", "name"]
    with pytest.raises(TaxoError, match="none of the classes is in WordNet"):
        derive(["Gabelstapler", "Schraubenzieher"], allow_missing=True)


@pytest.mark.parametrize(("names", "message"), [([], "no classes"), (["cat", "cat"], "class 'cat' is given twice")])
def test_bad_lists(names: list[str], message: str) -> None:
    with pytest.raises(TaxoError, match=message):
        derive(names)


def test_another_wordnet(toy_folder: Path) -> None:
    made = derive(["mice", "cat"], wordnet=through_nltk(toy_folder))
    assert made.version == "9.9"
    assert made.taxonomy.classes == ("mice", "cat")
    assert parent_of(made.taxonomy, "mice") == "rodent"


@settings(max_examples=30)
@given(
    st.lists(st.integers(0, 82114), min_size=1, max_size=12, unique=True),
    st.sampled_from(["min-change", "shortest", "longest"]),
    st.booleans(),
)
def test_any_nouns_become_a_tree_of_leaves(synsets: list[int], strategy: str, collapse: bool) -> None:
    nouns = load()
    ids = [nouns.id(s) for s in synsets]
    made = derive(ids, wordnet=nouns, strategy=strategy, collapse=collapse)
    t = made.taxonomy
    assert t.is_tree
    assert t.classes == tuple(ids)
    assert sorted(t.class_nodes.tolist()) == t.leaves.tolist()
    assert len(t.roots) == 1
    for class_, synset in zip(ids, synsets, strict=True):
        above = {nouns.id(s) for s in nouns.closure([synset]).tolist()}
        node = int(t.parent[t.index(class_)])
        while node >= 0:  # every inner node is a noun above the class
            assert set(t.synonyms[node]) & above
            node = int(t.parent[node])


def test_it_is_the_same_every_time() -> None:
    names = ["seal", "crane", "mouse", "ray", "orange", "plate"]
    assert derive(names).taxonomy == derive(names).taxonomy


@pytest.fixture(scope="module")
def cifar100_names(data: Path) -> list[str]:
    lines = (data / "hierarchies" / "cifar100" / "class_names.txt").read_text().splitlines()
    return [line.split()[1] for line in lines[:100]]


def test_cifar100_comes_out_as_a_person_would_choose(cifar100_names: list[str]) -> None:
    made = derive(cifar100_names)
    chosen = {d.name: d.senses[0].id for d in made.decisions}
    by_hand = {
        "ray": "n01495701", "orange": "n07747607", "mouse": "n02330245", "seal": "n02076196", "bee": "n02206856",
        "plain": "n09393605", "otter": "n02444819", "crab": "n01976957", "rose": "n12620196", "can": "n02946921",
        "bottle": "n02876657", "lobster": "n01982650", "beaver": "n02363005", "leopard": "n02128385", "skunk": "n02445715",
        "whale": "n02062744", "dolphin": "n02068974", "table": "n04379243", "tank": "n04389033", "tiger": "n02129604",
        "turtle": "n01662784", "train": "n04468005", "maple_tree": "n12752205", "aquarium_fish": "n02512053",
    }  # fmt: skip
    assert {name: chosen[name] for name in by_hand} == by_hand
    assert not [d.name for d in made.decisions if d.how not in ("name", "kind", "head")]


@pytest.mark.parametrize(("strategy", "least"), [("min-change", 0.875), ("shortest", 0.74), ("longest", 0.88)])
def test_cifar100_resembles_the_published_tree(
    data: Path, cifar100_names: list[str], strategy: str, least: float
) -> None:
    published = read(data / "hierarchies" / "cifar100" / "cifar.parent-child.txt")
    pairs = np.triu_indices(100, 1)
    derived = derive(cifar100_names, strategy=strategy).taxonomy
    found = spearmanr(class_lcs_heights(derived)[pairs], class_lcs_heights(published)[pairs]).statistic
    assert least <= found <= least + 0.01


def test_names_of_classes(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("3 cat\n1 dog\n")
    found = read_class_names([str(tmp_path / "list.txt")])
    assert (found.names, found.numbers, found.name) == (("cat", "dog"), (3, 1), "list")
    (tmp_path / "plain.txt").write_text("# pets\ncat\npickup truck\n")
    assert read_class_names([str(tmp_path / "plain.txt")]).names == ("cat", "pickup truck")
    assert read_class_names([str(tmp_path / "plain.txt")]).numbers is None
    for folder in ("n02084071", "cat", ".git"):
        (tmp_path / "train" / folder).mkdir(parents=True)
    assert read_class_names([str(tmp_path / "train")]).names == ("cat", "n02084071")
    assert read_class_names(["cat", "dog"]).names == ("cat", "dog")
    with pytest.raises(TaxoError, match="no such file or folder; names on the command line must be two at least"):
        read_class_names(["cat"])
    with pytest.raises(TaxoError, match="no folders in this folder"):
        read_class_names([str(tmp_path / "train" / "cat")])
    (tmp_path / "twice.txt").write_text("1 cat\n2 cat\n")
    with pytest.raises(TaxoError, match="class 'cat' is given twice"):
        read_class_names([str(tmp_path / "twice.txt")])
