"""Folding of texts, and finding nodes by them."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import attributed, dags, trees

from taxo.hierarchies import load
from taxo.taxonomy import TaxoError, Taxonomy, from_edges
from taxo.taxonomy.folding import fold, fold_all
from taxo.taxonomy.search import KINDS, WAYS, Index, find, likeness


@pytest.fixture
def birds() -> Taxonomy:
    return from_edges(
        [("Aves", "Larus"), ("Larus", "Larus argentatus"), ("Larus", "Larus canus"), ("Aves", "Strix aluco")],
        labels={"Larus": "Gulls", "Larus argentatus": "Herring Gull", "Strix aluco": "Tawny Owl"},
        synonyms={"Larus canus": ["Mew Gull", "Sea-mew"], "Strix aluco": ["Waldkauz", "Chouette hulotte"]},
    )


def hits(t: Taxonomy, text: str, **options: object) -> list[tuple[str, str, str, str]]:
    return [(m.name, m.text, m.field, m.how) for m in find(t, text, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "folded", "bare"),
    [
        ("Black_footed  ALBATROSS ", "black footed albatross", "black footed albatross"),
        ("Sea–mew\u00a0x", "sea mew x", "sea mew x"),  # a dash and a space of other kinds
        ("caf\u00e9", "caf\u00e9", "cafe"),
        ("cafe\u0301", "caf\u00e9", "cafe"),
        ("\ufb01sh", "fish", "fish"),  # one letter for two
        ("Stra\u00dfe", "strasse", "strasse"),
        ("ow\u200bl", "owl", "owl"),
        ("a\nb\tc", "a b c", "a b c"),
        (" _-", "", ""),
    ],
)
def test_folding(text: str, folded: str, bare: str) -> None:
    assert fold(text) == folded
    assert fold(text, accents=False) == bare


@given(st.lists(st.text(max_size=12), min_size=1), st.booleans())
def test_folding_all_is_folding_each_and_settled(texts: list[str], accents: bool) -> None:
    each = [fold(text, accents=accents) for text in texts]
    assert fold_all(texts, accents=accents) == each
    assert fold_all(each, accents=accents) == each


def test_the_ways_to_match(birds: Taxonomy) -> None:
    assert hits(birds, "Larus canus", kind="exact") == [("Larus canus", "Larus canus", "name", "exact")]
    assert hits(birds, "larus_CANUS", kind="exact") == [("Larus canus", "Larus canus", "name", "folded")]
    assert hits(birds, "sea mew", kind="exact") == [("Larus canus", "Sea-mew", "synonym", "folded")]
    assert hits(birds, "gull", kind="prefix") == [
        ("Larus", "Gulls", "label", "prefix"),
        ("Larus canus", "Mew Gull", "synonym", "word"),
        ("Larus argentatus", "Herring Gull", "label", "word"),
    ]
    assert hits(birds, "kauz") == [("Strix aluco", "Waldkauz", "synonym", "substring")]
    assert hits(birds, "hering gul") == [("Larus argentatus", "Herring Gull", "label", "fuzzy")]
    assert hits(birds, "owl tawny")[0] == ("Strix aluco", "Tawny Owl", "label", "fuzzy")
    assert hits(birds, "hulote")[0] == ("Strix aluco", "Chouette hulotte", "synonym", "fuzzy")
    assert hits(birds, "qqqq") == []


def test_the_ranking() -> None:
    names = ["barn owl", "owl", "owlet", "Owl", "howler", "the owl of all owls", "ovl"]
    t = from_edges([], nodes=names)
    assert [(m.name, m.how) for m in find(t, "owl")] == [
        ("owl", "exact"),
        ("Owl", "folded"),
        ("owlet", "prefix"),
        ("barn owl", "word"),
        ("the owl of all owls", "word"),
        ("howler", "substring"),
        ("ovl", "fuzzy"),
    ]
    scores = [m.score for m in find(t, "owl")]
    assert scores == sorted(scores, reverse=True)
    assert [score == 1 for score in scores] == [True] + [False] * 6


def test_names_before_labels_before_synonyms() -> None:
    t = from_edges([("r", "a"), ("r", "b"), ("r", "crane")], labels={"b": "crane"}, synonyms={"a": ["crane"]})
    assert [(m.name, m.field) for m in find(t, "crane")] == [("crane", "name"), ("b", "label"), ("a", "synonym")]


def test_limit_and_mistakes(birds: Taxonomy) -> None:
    assert len(find(birds, "a", limit=2)) == 2
    with pytest.raises(TaxoError, match="there is nothing to look for in ' _'; give at least one letter or digit"):
        find(birds, " _")
    with pytest.raises(TaxoError, match="unknown kind of search 'exct'; did you mean 'exact'"):
        find(birds, "a", kind="exct")
    with pytest.raises(TaxoError, match="a limit of 0"):
        find(birds, "a", limit=0)


@given(attributed(dags() | trees()), st.data(), st.sampled_from(list(KINDS)))
def test_every_text_finds_its_node_first_and_each_node_once(t: Taxonomy, data: st.DataObject, kind: str) -> None:
    node = data.draw(st.integers(0, t.n_nodes - 1))
    text = data.draw(st.sampled_from([t.names[node], t.labels[node], *t.synonyms[node]]))
    if not fold(text, accents=False):
        return
    matches = find(t, text, kind=kind, limit=t.n_nodes)
    assert matches[0].how == "exact"
    assert matches[0].text == text
    assert node in {m.node for m in matches if m.how == "exact"}
    assert len({m.node for m in matches}) == len(matches)
    assert all(m.how in KINDS[kind] and 0 < m.score <= 1 and m.name == t.names[m.node] for m in matches)


@given(trees(), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4))
def test_what_holds_the_text_is_found_by_plain_string_search_too(t: Taxonomy, text: str) -> None:
    wanted = fold(text, accents=False)
    if not wanted:
        return
    found = {m.name for m in find(t, text, limit=t.n_nodes) if m.how != "fuzzy"}
    assert found == {name for name in t.names if wanted in fold(name, accents=False)}


def test_one_wrong_letter_is_found_in_a_big_hierarchy() -> None:
    rng = random.Random(0)
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = sorted({"".join(rng.choices(letters, k=rng.randint(6, 12))) for _ in range(20_000)})
    index = Index(from_edges([], nodes=names))
    for name in rng.sample(names, 30):
        at = rng.randrange(1, len(name) - 1)
        wrong = name[:at] + rng.choice(letters) + name[at + 1 :]
        assert name in [m.name for m in index.find(wrong, limit=3)], (name, wrong)


def test_likeness() -> None:
    assert likeness("owl", "owl") == 1
    assert likeness("gull herring", "herring gull") == 0.95
    assert likeness("gull", "mew gull") == 0.9
    assert likeness("abc", "xyz") == 0


def test_a_built_in_hierarchy() -> None:
    found = find(load("cub-deep"), "albatros")
    assert [m.how for m in found] == ["prefix", "word", "word", "word"]
    assert [m.text for m in found] == ["Albatrosses", "Sooty Albatross", "Laysan Albatross", "Black-footed Albatross"]
    assert all(WAYS.index(a.how) <= WAYS.index(b.how) for a, b in itertools.pairwise(found))
