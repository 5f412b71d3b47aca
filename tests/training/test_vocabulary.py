"""The vocabulary: numbers of words, and the file that keeps them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")
import torch

from taxo.taxonomy import FormatError, TaxoError
from taxo.training.data.vocabulary import SPECIAL, Vocabulary, read_vocabulary

pytestmark = pytest.mark.torch

WORDS = st.text(min_size=1).filter(lambda word: word.split() == [word])


def vocabulary(*words: str, max_length: int = 4, dim: int = 2) -> Vocabulary:
    return Vocabulary((*SPECIAL, *words), None, dim, max_length)


def test_numbers_of_words() -> None:
    found = vocabulary("cat", "dog").numbers([["dog", "cat"], ["cat", "eel", "dog", "dog", "dog"], [], ["<end>"]])
    # 0 is the end, 1 an unknown word; the fifth word is cut off; an empty text is one unknown word.
    assert found.tolist() == [[3, 2, 0, 0], [2, 1, 3, 3], [1, 0, 0, 0], [1, 0, 0, 0]]
    assert found.dtype == torch.int64
    assert vocabulary("cat").numbers([]).shape == (0, 4)


@given(st.lists(WORDS, unique=True), st.integers(1, 999), st.integers(1, 999))
def test_reading_what_was_written(tmp_path_factory: pytest.TempPathFactory, words: list[str], dim: int, n: int) -> None:
    path = tmp_path_factory.getbasetemp() / "words.txt"
    vocabulary(*words, dim=dim, max_length=n).write(path)
    again = read_vocabulary(path)
    assert (again.words, again.dim, again.max_length, again.vectors) == ((*SPECIAL, *words), dim, n, None)


def test_the_file(tmp_path: Path) -> None:
    vocabulary("cat", "n't", "#").write(tmp_path / "words.txt")
    assert (tmp_path / "words.txt").read_bytes() == b"# taxo words 1 dim=2 max_length=4\ncat\nn't\n#\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "words.txt:1: begins with ''"),
        (b"cat\n", "words.txt:1: begins with 'cat', not with '# taxo words 1 dim=... max_length=...'; take the file"),
        (b"# taxo words 2 dim=2 max_length=4\n", "words.txt:1: begins with"),
        (b"# taxo words 1 dim=0 max_length=4\n", "words.txt:1: begins with"),
        (b"# taxo words 1 dim=2 max_length=4\na b\ncat\n\ncat\n", "words.txt:2: 'a b' is no word"),
        (b"# taxo words 1 dim=2 max_length=4\na b\ncat\n\ncat\n", "words.txt:4: '' is no word"),
        (b"# taxo words 1 dim=2 max_length=4\na b\ncat\n\ncat\n", "words.txt:5: 'cat' is given twice"),
        (b"# taxo words 1 dim=2 max_length=4\ncat\r\n", r"words.txt:2: 'cat\\r' is no word"),
    ],
)
def test_broken_files(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "words.txt").write_bytes(content)
    with pytest.raises(FormatError, match=message):
        read_vocabulary(tmp_path / "words.txt")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(TaxoError, match=r"gone.txt: No such file or directory; the words of a text network must lie"):
        read_vocabulary(tmp_path / "gone.txt")
    (tmp_path / "words.txt").write_bytes(b"# taxo words 1 dim=2 max_length=4\ncaf\xe9\n")
    with pytest.raises(TaxoError, match="byte 37 is not UTF-8"):
        read_vocabulary(tmp_path / "words.txt")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (("cat", "dog"), None, 2, 4),
            r"begins with \('cat', 'dog'\); its first words must be \('<end>', '<unknown>'\)",
        ),
        (((*SPECIAL, "cat", "cat"), None, 2, 4), "word 3 of the vocabulary: 'cat' is given twice"),
        (((*SPECIAL, "a cat"), None, 2, 4), "word 2 of the vocabulary: 'a cat' is no word"),
        ((SPECIAL, None, 0, 4), "dim is 0 and max_length 4; both must be at least 1"),
        ((SPECIAL, None, 2, 0), "dim is 2 and max_length 0"),
        ((SPECIAL, np.zeros((3, 2), np.float32), 2, 4), r"the shape \(3, 2\); it must be \(2, 2\), a row per word"),
    ],
)
def test_impossible_vocabularies(arguments: tuple[object, ...], message: str) -> None:
    with pytest.raises(TaxoError, match=message):
        Vocabulary(*arguments)  # type: ignore[arg-type]
