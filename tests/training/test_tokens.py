"""Words of texts: the conventions of the Penn Treebank, and texts that nobody would write."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch")

from taxo.training.data.tokens import LONGEST, tokens

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("They don't; it's Ann's.", ["they", "do", "n't", ";", "it", "'s", "ann", "'s", "."]),
        ("Stocks fell. Oil rose.", ["stocks", "fell", ".", "oil", "rose", "."]),
        (
            "The U.S. paid $3.5 million, he said.",
            ["the", "u.s.", "paid", "$", "3.5", "million", ",", "he", "said", "."],
        ),
        ("Mr. J. Ide of Inc. Co.", ["mr.", "j.", "ide", "of", "inc.", "co", "."]),
        ('"Go," he said (twice).', ["``", "go", ",", "''", "he", "said", "(", "twice", ")", "."]),
        ("well-known AT&T -- yes...", ["well-known", "at", "&", "t", "--", "yes", "..."]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_words_follow_the_penn_treebank(text: str, words: list[str]) -> None:
    assert tokens(text) == words


@given(st.text(max_size=200))
@settings(max_examples=30)
def test_words_are_lower_case_and_without_white_space(text: str) -> None:
    for word in tokens(text):
        assert word.split() == [word]
        assert word == word.lower()


def test_a_word_is_held_once() -> None:
    assert tokens("the cat")[0] is tokens("a cat and the dog")[3]


def test_the_end_of_an_endless_text_is_not_read() -> None:
    text = "a " * (LONGEST // 2) + "never"
    assert tokens(text) == ["a"] * (LONGEST // 2)
    assert len(tokens("x" * 1_000_000)[0]) == LONGEST
