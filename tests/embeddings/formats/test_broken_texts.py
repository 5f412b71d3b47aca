"""Broken embeddings in text files: what the readers say about each, to the letter.

A folder of `tests/broken_embeddings` holds files of the format it is called by, and `messages.txt` with what is said
about each. `python tests/embeddings/formats/test_broken_texts.py` writes these messages anew: read the change before
committing it.
"""

import os
from pathlib import Path

import pytest

from taxo.embeddings import load
from taxo.taxonomy import TaxoError

CORPUS = Path(__file__).parents[2] / "broken_embeddings"
HEAD = "== "
FOLDERS = sorted(p for p in CORPUS.iterdir() if p.is_dir())
FILES = [p for folder in FOLDERS for p in sorted(folder.iterdir()) if p.name != "messages.txt"]


def messages(folder: Path) -> dict[str, str]:
    """The expected message of each file of a folder."""
    _, *parts = ("\n" + (folder / "messages.txt").read_text(encoding="utf-8")).split("\n" + HEAD)
    return {name: text.strip("\n") for name, _, text in (part.partition("\n") for part in parts)}


def message(file: Path) -> str:
    """What the reader says, called as a user calls it from the file's folder."""
    here = Path.cwd()
    os.chdir(file.parent)
    try:
        load(file.name, format=file.parent.name)
    except TaxoError as error:
        return str(error)
    finally:
        os.chdir(here)
    return "read without an error"


@pytest.mark.parametrize("file", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_the_message(file: Path) -> None:
    found = message(file)
    assert found == messages(file.parent)[file.name]
    assert found.startswith(file.name), "a message begins with the file"
    assert len(found) < 4000, "a message that fills the screen helps nobody"


def test_the_corpus_is_complete() -> None:
    assert len(FILES) >= 70
    for folder in FOLDERS:
        assert set(messages(folder)) == {p.name for p in folder.iterdir()} - {"messages.txt"}


if __name__ == "__main__":
    for folder in FOLDERS:
        texts = [f"{HEAD}{file.name}\n{message(file)}\n" for file in FILES if file.parent == folder]
        (folder / "messages.txt").write_text("\n".join(texts), encoding="utf-8")
