"""Other versions of WordNet, read by nltk: a toy one in WordNet's own files."""

import shutil
import socket
import zipfile
from pathlib import Path

import nltk.data
import pytest

from taxo.taxonomy import TaxoError
from taxo.taxonomy.wordnet.nouns import WordNet
from taxo.taxonomy.wordnet.through_nltk import read
from taxo.taxonomy.wordnet.versions import wordnet


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("nobody may use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def described(nouns: WordNet) -> None:
    """That `nouns` is the toy."""
    assert nouns.version == "9.9"
    assert nouns.n_synsets == 11
    assert [nouns.lemmas(s) for s in nouns.senses("mouse")] == [("mouse",), ("Mouse", "mouse")]
    assert nouns.lemmas(nouns.senses("creature")[0]) == ("animal", "Creature")
    cat = nouns.senses("cat")[0]
    assert [nouns.title(s) for s in nouns.hypernyms.of(cat)] == ["animal", "pet"]
    mickey = nouns.senses("mickey")[0]
    assert nouns.hypernyms.of(mickey).tolist() == [nouns.senses("mouse")[0]]
    assert nouns.is_instance.sum() == 1
    assert nouns.definition(nouns.senses("mouse")[1]) == "for pointing"
    assert nouns.definition(nouns.senses("animal")[0]) == "living"


def test_a_folder_without_lexnames(toy_folder: Path) -> None:
    nouns = read(toy_folder)
    described(nouns)
    assert nouns.exceptions == {"mice": ("mouse",)}


def test_lexnames_and_other_files_do_no_harm(toy_folder: Path) -> None:
    (toy_folder / "lexnames").write_text("00\tadj.all\t3\n01\tadj.pert\t3\n")
    (toy_folder / "data.verb").write_text("nonsense\n")
    described(read(toy_folder))


def test_irregular_plurals_may_be_missing(toy_folder: Path) -> None:
    (toy_folder / "noun.exc").unlink()
    nouns = read(toy_folder)
    described(nouns)
    assert nouns.exceptions == {}
    assert wordnet(toy_folder).exceptions["mice"] == ("mouse",)  # those of the bundled WordNet


def test_nltks_data_path_is_as_before(toy_folder: Path) -> None:
    before = list(nltk.data.path)
    read(toy_folder)
    assert nltk.data.path == before


def test_a_corpus_of_nltk(toy_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nltk_data" / "corpora").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path / "nltk_data")])
    shutil.copytree(toy_folder, tmp_path / "nltk_data" / "corpora" / "wordnet9")
    described(read("wordnet9"))
    with zipfile.ZipFile(tmp_path / "nltk_data" / "corpora" / "wordnet8.zip", "w") as archive:
        for file in toy_folder.iterdir():
            archive.write(file, f"wordnet8/{file.name}")
    described(read("wordnet8"))  # as nltk.download leaves it
    described(read(tmp_path / "nltk_data" / "corpora" / "wordnet8.zip"))


def test_no_such_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(nltk.data, "path", [str(tmp_path)])
    with pytest.raises(TaxoError) as caught:
        read("nowhere")
    message = str(caught.value)
    assert message.startswith("nowhere: neither a folder with WordNet nor a corpus in nltk's data path; get it with")
    assert "nltk.download('wordnet')" in message
    assert "apt-get install wordnet-base" in message


@pytest.mark.parametrize("missing", ["data.noun", "index.noun"])
def test_a_missing_file_is_named(toy_folder: Path, missing: str) -> None:
    (toy_folder / missing).unlink()
    with pytest.raises(TaxoError, match=rf"no {missing} in this folder; get it with .*nltk\.download"):
        read(toy_folder)


def test_a_zip_file_without_wordnet(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(TaxoError, match=r"no data\.noun in this zip file"):
        read(tmp_path / "other.zip")
    (tmp_path / "no.zip").write_text("no")
    with pytest.raises(TaxoError, match=r"no\.zip: neither a folder nor a zip file"):
        read(tmp_path / "no.zip")


def test_damaged_files(toy_folder: Path) -> None:
    text = (toy_folder / "index.noun").read_text()
    (toy_folder / "index.noun").write_text(text.replace(" n 1 1 @ 1 0", " n 2 1 @ 1 0"))
    with pytest.raises(TaxoError, match="toy: "):
        read(toy_folder)


def test_a_cut_data_file(toy_folder: Path) -> None:
    text = (toy_folder / "data.noun").read_text()
    (toy_folder / "data.noun").write_text(text[: len(text) // 2])
    with pytest.raises(TaxoError, match="toy: "):
        read(toy_folder)
