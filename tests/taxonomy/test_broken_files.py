"""The corpus of broken files: what the readers say about each, to the letter.

A folder of `tests/broken` holds files of the format it is called by, and `messages.txt` with what is said about
each. `python tests/taxonomy/test_broken_files.py` writes these messages anew: read the change before committing it.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from taxo.taxonomy import TaxoError, read

CORPUS = Path(__file__).parents[1] / "broken"
HEAD = "== "


def files() -> Iterator[Path]:
    for folder in sorted(p for p in CORPUS.iterdir() if p.is_dir()):
        yield from sorted(p for p in folder.iterdir() if p.name != "messages.txt")


def messages(folder: Path) -> dict[str, str]:
    """The expected message of each file of a folder."""
    _, *parts = ("\n" + (folder / "messages.txt").read_text(encoding="utf-8")).split("\n" + HEAD)
    return {name: text.strip("\n") for name, _, text in (part.partition("\n") for part in parts)}


def message(file: Path) -> str:
    """What the reader says, called as a user calls it from the file's folder."""
    format = None if file.parent.name == "any" else file.parent.name
    here = Path.cwd()
    os.chdir(file.parent)
    try:
        read(file.name, format=format)
    except TaxoError as error:
        return str(error)
    finally:
        os.chdir(here)
    return "read without an error"


@pytest.mark.parametrize("file", list(files()), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_the_message(file: Path) -> None:
    found = message(file)
    assert found == messages(file.parent)[file.name]
    assert found.startswith(file.name), "a message begins with the file"
    assert len(found) < 4000, "a message that fills the screen helps nobody"


def test_the_corpus_is_complete() -> None:
    assert len(list(files())) >= 60
    for folder in CORPUS.iterdir():
        assert set(messages(folder)) == {p.name for p in folder.iterdir()} - {"messages.txt"}


if __name__ == "__main__":
    for folder in sorted({file.parent for file in files()}):
        texts = [f"{HEAD}{file.name}\n{message(file)}\n" for file in files() if file.parent == folder]
        (folder / "messages.txt").write_text("\n".join(texts), encoding="utf-8")
