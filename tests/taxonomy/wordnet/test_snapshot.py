"""The packed snapshot: what it holds, that it can be made again, and that it is read without nltk."""

import lzma
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from taxo.taxonomy import TaxoError
from taxo.taxonomy.wordnet import make_snapshot, snapshot
from taxo.taxonomy.wordnet.nouns import WordNet
from taxo.taxonomy.wordnet.through_nltk import read
from taxo.taxonomy.wordnet.versions import wordnet

FOLDER = Path(snapshot.__file__).parent


def same(a: WordNet, b: WordNet) -> bool:
    arrays = ("offsets", "sense_numbers", "is_instance")
    return (
        a.version == b.version
        and list(a.words) == list(b.words)
        and dict(a.exceptions) == dict(b.exceptions)
        and all(np.array_equal(getattr(a, name), getattr(b, name)) for name in arrays)
        and np.array_equal(a.hypernyms.start, b.hypernyms.start)
        and np.array_equal(a.hypernyms.index, b.hypernyms.index)
    )


def test_the_text_is_read_back(nouns: WordNet, toy_folder: Path) -> None:
    for value in (nouns, read(toy_folder)):
        assert same(snapshot.decode(snapshot.encode(value)), value)
        assert snapshot.decode_definitions(snapshot.encode_definitions(value), value) == list(value.definitions)


def test_the_bundled_file_is_what_is_written(nouns: WordNet) -> None:
    assert lzma.decompress((FOLDER / snapshot.NOUNS).read_bytes()).decode() == snapshot.encode(nouns)


def test_size_of_the_files() -> None:
    sizes = [(FOLDER / name).stat().st_size for name in (snapshot.NOUNS, snapshot.DEFINITIONS)]
    assert sizes[0] < 1_200_000
    assert sum(sizes) < 3_000_000
    assert "WordNet 3.0 Copyright 2006 by Princeton University" in (FOLDER / snapshot.LICENCE).read_text()


def test_making_it_twice_gives_the_same_bytes(toy_folder: Path, tmp_path: Path) -> None:
    for out in ("a", "b"):
        (tmp_path / out).mkdir()
        make_snapshot.make(toy_folder, tmp_path / out)
    for name in (snapshot.NOUNS, snapshot.DEFINITIONS, snapshot.LICENCE):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert (tmp_path / "a" / snapshot.LICENCE).read_text().splitlines()[0] == "This is a toy, not"
    made = wordnet(tmp_path / "a" / snapshot.NOUNS, definitions=True)
    assert same(made, read(toy_folder))
    assert made.definition(0) == "that which exists"


@pytest.mark.slow
def test_the_bundled_files_come_from_wordnet(tmp_path: Path) -> None:
    published = Path("/usr/share/wordnet")
    if not (published / "data.noun").exists():
        pytest.skip("the Debian package wordnet-base is not installed")
    for file in make_snapshot.make(published, tmp_path):
        bundled = (FOLDER / file.name).read_bytes()
        if file.suffix == ".xz":  # other versions of liblzma may pack otherwise
            assert lzma.decompress(file.read_bytes()) == lzma.decompress(bundled)
        else:
            assert file.read_bytes() == bundled


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no snapshot of WordNet"),
        ("taxo wordnet nouns 1\n3.0\n1", "no snapshot"),
        ("taxo wordnet nouns 1\n3.0\n2\n%\n1\n%\na\n%\n1\n%\n\n%\n\n%\n", "damaged: 2 synsets, 1 lines of lemmas"),
    ],
)
def test_damaged_texts(text: str, message: str) -> None:
    with pytest.raises(TaxoError, match=message):
        snapshot.decode(text)


def test_definitions_of_another_version(nouns: WordNet) -> None:
    with pytest.raises(TaxoError, match=r"not the definitions of WordNet 3\.0"):
        snapshot.decode_definitions("taxo wordnet nouns 1 3.1\nx", nouns)


def test_a_file_that_is_no_snapshot(tmp_path: Path) -> None:
    (tmp_path / "nouns.txt.xz").write_bytes(b"no")
    with pytest.raises(TaxoError, match=r"nouns\.txt\.xz: no snapshot of WordNet can be read from it"):
        wordnet(tmp_path / "nouns.txt.xz")


def test_the_core_loads_neither_nltk_nor_the_snapshot() -> None:
    code = (
        "import sys, taxo.taxonomy, taxo.hierarchies\n"
        "found = [m for m in sys.modules if m.startswith('taxo.taxonomy.wordnet') or m == 'nltk']\n"
        "assert not found, found\n"
        "from taxo.taxonomy.wordnet.derive import derive\n"
        "derive(['cat', 'dog'])\n"
        "assert 'nltk' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
