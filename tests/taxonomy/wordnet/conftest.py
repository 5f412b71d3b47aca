"""WordNets: the bundled one, and a small one in the files that WordNet is published in."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from taxo.taxonomy.wordnet.nouns import WordNet
from taxo.taxonomy.wordnet.snapshot import load


class Entry(NamedTuple):
    """One synset: its words, the first words of what it is a kind of and an instance of, and its gloss."""

    words: str
    kinds: Sequence[str] = ()
    instances: Sequence[str] = ()
    gloss: str = "a thing"


TOY = [
    Entry("entity", gloss="that which exists"),
    Entry("physical_entity", ["entity"]),
    Entry("animal Creature", ["physical_entity"], gloss='living; "animals move"'),
    Entry("tool", ["physical_entity"]),
    Entry("Mouse mouse", ["tool"], gloss='for pointing; "a mouse"; - Doug Engelbart'),
    Entry("rodent", ["animal"]),
    Entry("mouse", ["rodent"]),
    Entry("house_mouse", ["rodent"]),
    Entry("Mickey", (), ["mouse#7"]),
    Entry("pet", ["animal"]),
    Entry("cat", ["animal", "pet"]),
]
"""`mouse#7` is the seventh synset. The sense of "mouse" that is a tool stands first in the data and second in the index."""

HEADER = "  1 This is a toy, not  \n  2   \n  3 WordNet 9.9 Copyright 2026 by nobody.  \n"


def data_lines(entries: Sequence[Entry]) -> tuple[list[str], list[int]]:
    """Lines of data.noun and the offset of each: its place in the file, in eight digits."""
    number = {}
    for i, entry in enumerate(entries, 1):
        number.setdefault(entry.words.split()[0], i)

    def written(offsets: Sequence[int]) -> list[str]:
        lines = []
        for offset, entry in zip(offsets, entries, strict=True):
            words = entry.words.split()
            pointers = [("@", name) for name in entry.kinds] + [("@i", name) for name in entry.instances]
            targets = [(s, offsets[int(n.split("#")[1]) - 1 if "#" in n else number[n] - 1]) for s, n in pointers]
            lines.append(
                f"{offset:08d} 03 n {len(words):02x} {' '.join(f'{w} 0' for w in words)} {len(targets):03d} "
                f"{''.join(f'{s} {t:08d} n 0000 ' for s, t in targets)}| {entry.gloss}  \n"
            )
        return lines

    offsets, at = [], len(HEADER)
    for line in written([0] * len(entries)):
        offsets.append(at)
        at += len(line)
    return written(offsets), offsets


def index_lines(entries: Sequence[Entry], offsets: Sequence[int], order: dict[str, list[int]]) -> list[str]:
    """Lines of index.noun; `order` says for some lemmas which synsets, counted from 1, in which order."""
    senses: dict[str, list[int]] = {}
    for i, entry in enumerate(entries, 1):
        for word in dict.fromkeys(entry.words.lower().split()):
            senses.setdefault(word, []).append(i)
    senses |= order
    return [
        f"{lemma} n {len(found)} 1 @ {len(found)} 0 {' '.join(f'{offsets[i - 1]:08d}' for i in found)}  \n"
        for lemma, found in sorted(senses.items())
    ]


@pytest.fixture
def toy_folder(tmp_path: Path) -> Path:
    """A folder with `TOY` as data.noun, index.noun and noun.exc, and nothing else."""
    folder = tmp_path / "toy"
    folder.mkdir()
    lines, offsets = data_lines(TOY)
    (folder / "data.noun").write_text(HEADER + "".join(lines))
    (folder / "index.noun").write_text(HEADER + "".join(index_lines(TOY, offsets, {"mouse": [7, 5]})))
    (folder / "noun.exc").write_text("mice mouse\n")
    return folder


@pytest.fixture(scope="session")
def nouns() -> WordNet:
    """WordNet 3.0, with definitions."""
    return load(definitions=True)


@pytest.fixture(scope="session")
def synset(nouns: WordNet) -> Callable[[str], int]:
    """The synset of `dog.n.01`."""
    return nouns.sense
