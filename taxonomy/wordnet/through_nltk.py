"""Any version of WordNet, read by nltk from files that are at hand; never from the network."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from ..arrays import Rows
from ..errors import TaxoError
from .nouns import WordNet

if TYPE_CHECKING:
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

NEEDED = ("data.noun", "index.noun")

HOW_TO_GET = (
    "get it with python -c \"import nltk; nltk.download('wordnet')\" and name it by --wordnet wordnet, or with "
    "apt-get install wordnet-base and --wordnet /usr/share/wordnet; without --wordnet the nouns of WordNet 3.0 "
    "that come with taxo are used"
)

# The numbers in front of synsets that say from which of the lexicographers' 45 files they come. nltk asks for
# the names of these files; nothing here depends on them.
_LEXICOGRAPHER_FILES = "".join(f"{number:02d}\tfile.{number:02d}\t1\n" for number in range(45))

_VERSION = re.compile(r"Word[nN]et (\d+\+?|\d+\.\d+\w*) Copyright")

# What nltk leaves of examples in a definition: "images of objects; ; - Ernie Kovacs".
_ARTEFACT = re.compile(r"\s*;\s*[;-].*$")


def read(place: str | Path) -> WordNet:
    """The nouns of the WordNet in a folder, a zip file, or nltk's own data path, with definitions.

    Only `data.noun` and `index.noun` are needed; irregular plurals are taken from `noun.exc` where it is there.

    Args:
        place: A folder or zip file, or else what nltk calls the corpus ("wordnet", "wordnet31", "wordnet2022").

    Raises:
        TaxoError: No such place or no WordNet in it (the message says how to get one), or damaged files.
    """
    with _allowed(place) as root:
        from nltk.corpus.reader.wordnet import WordNetError

        try:
            return _nouns(_reader(root))
        except (WordNetError, AssertionError, IndexError, KeyError, ValueError) as error:
            # nltk's reader has an error of its own for a bad line of the index and none for the rest.
            raise TaxoError(f"{place}: not readable as WordNet: {error or type(error).__name__}") from error
        except (OSError, LookupError) as error:
            raise TaxoError(f"{place}: nltk cannot read it: {error}") from error


@contextmanager
def _allowed(place: str | Path) -> Iterator[Any]:
    """What nltk's reader takes as a root, allowed to it for a while: it reads below `nltk.data.path` only."""
    import nltk.data

    path = Path(place)
    if path.exists():
        found = path.resolve()
        folder = found if found.is_dir() else found.parent
        root: Any = str(found) if found.is_dir() else _inside_zip(found, place)
        if found.is_dir():
            missing = [name for name in NEEDED if not (found / name).is_file()]
            if missing:
                raise TaxoError(f"{place}: no {' and no '.join(missing)} in this folder; {HOW_TO_GET}")
        nltk.data.path.insert(0, str(folder))
        try:
            yield root
        finally:
            nltk.data.path.remove(str(folder))
    else:
        yield _corpus(str(place))


def _inside_zip(file: Path, place: str | Path) -> Any:
    """The folder in a zip file that holds WordNet."""
    from nltk.data import ZipFilePathPointer

    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile) as error:
        raise TaxoError(f"{place}: neither a folder nor a zip file: {error}") from error
    folders = [name.removesuffix("data.noun") for name in names if Path(name).name == "data.noun"]
    if not folders:
        raise TaxoError(f"{place}: no data.noun in this zip file; {HOW_TO_GET}")
    return ZipFilePathPointer(str(file), folders[0])


def _corpus(name: str) -> Any:
    """Where nltk has a corpus, unpacked or as the zip file that `nltk.download` leaves."""
    import nltk.data

    for resource in (f"corpora/{name}", f"corpora/{name}.zip/{name}/"):
        try:
            return nltk.data.find(resource)
        except (LookupError, ValueError):
            continue
    raise TaxoError(f"{name}: neither a folder with WordNet nor a corpus in nltk's data path; {HOW_TO_GET}")


def _reader(root: Any) -> "WordNetCorpusReader":
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    class Nouns(WordNetCorpusReader):  # type: ignore[misc]
        """nltk's reader, which takes files that are not needed here as empty, and lexnames as given above."""

        def open(self, file: str) -> "IO[str]":
            if file == "lexnames":
                return io.StringIO(_LEXICOGRAPHER_FILES)
            if file not in (*NEEDED, "noun.exc"):
                return io.StringIO("")
            try:
                return super().open(file)  # type: ignore[no-any-return]
            except (OSError, KeyError):
                if file in NEEDED:
                    raise
                return io.StringIO("")

        def map_wn(self, version: str = "wordnet") -> None:
            """Ids of WordNet 3.0 in this version: for other languages, and looked up in nltk's own data path."""

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there are no other languages
        return Nouns(root, None)


def _nouns(reader: "WordNetCorpusReader") -> WordNet:
    synsets = sorted(reader.all_synsets("n"), key=lambda s: s.offset())
    offsets = np.array([s.offset() for s in synsets], dtype=np.intp)
    words = [list(s.lemma_names()) for s in synsets]
    _check_lemmas(reader, words)
    kinds = [sorted(h.offset() for h in s.hypernyms()) for s in synsets]
    instances = [sorted(h.offset() for h in s.instance_hypernyms()) for s in synsets]
    # Ascending within a synset; a hypernym that is both counts as a kind.
    above = [
        sorted([(o, False) for o in kind] + [(o, True) for o in instance if o not in kind])
        for kind, instance in zip(kinds, instances, strict=True)
    ]
    flat = [edge for edges in above for edge in edges]
    start = np.concatenate([[0], np.cumsum([len(edges) for edges in above])]).astype(np.intp)
    return WordNet(
        version=_version(reader),
        offsets=offsets,
        words=[" ".join(line) for line in words],
        sense_numbers=np.array(_sense_numbers(reader, offsets, words), dtype=np.intp),
        hypernyms=Rows(start, np.searchsorted(offsets, np.array([o for o, _ in flat], dtype=np.intp))),
        is_instance=np.array([instance for _, instance in flat], dtype=bool),
        exceptions=_exceptions(reader),
        definitions=[_ARTEFACT.sub("", " ".join(s.definition().split())) for s in synsets],
    )


def _check_lemmas(reader: "WordNetCorpusReader", words: list[list[str]]) -> None:
    """Raise where one of the two files is not whole, or is of another version."""
    apart = set(reader.all_lemma_names("n")) ^ {word.lower() for line in words for word in line}
    if apart:
        raise ValueError(f"data.noun and index.noun differ in {len(apart)} lemmas, such as {min(apart)!r}")


def _sense_numbers(reader: "WordNetCorpusReader", offsets: np.ndarray, words: list[list[str]]) -> list[int]:
    """Place of each synset among the senses of each of its lemmas, from 1."""
    owners: dict[str, set[int]] = {}
    for offset, line in zip(offsets.tolist(), words, strict=True):
        for word in line:
            owners.setdefault(word.lower(), set()).add(offset)
    numbers: dict[str, dict[int, int]] = {}
    for lemma, found in owners.items():
        if len(found) > 1:
            # `synsets` appends those of the singular ("glasses", "glass"): the lemma's own come first.
            senses = reader.synsets(lemma, "n", check_exceptions=False)
            numbers[lemma] = {s.offset(): i for i, s in reversed(list(enumerate(senses, 1)))}
    return [
        numbers[word.lower()][offset] if word.lower() in numbers else 1
        for offset, line in zip(offsets.tolist(), words, strict=True)
        for word in line
    ]


def _exceptions(reader: "WordNetCorpusReader") -> dict[str, tuple[str, ...]]:
    with reader.open("noun.exc") as file:
        return {plural: tuple(rest) for plural, *rest in map(str.split, file) if rest}


def _version(reader: "WordNetCorpusReader") -> str:
    with reader.open("data.noun") as file:
        for line in file:
            if found := _VERSION.search(line):
                return found[1]
            if not line.startswith(" "):
                break
    return "unknown"
