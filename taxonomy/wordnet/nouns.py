"""The nouns of a WordNet: sets of synonyms ("synsets") and what each is a kind of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .. import arrays
from ..arrays import Ints, Rows
from ..build import NO_NUMBER, NOT_A_CLASS, build
from ..errors import TaxoError, did_you_mean, near_matches
from ..taxonomy import Taxonomy


@dataclass(frozen=True, eq=False, repr=False)
class WordNet:
    """The nouns of one version of WordNet. Synsets are integers `0..n_synsets-1`, in the order of their ids.

    Make one with `load` (the version that comes with this package) or `through_nltk.read` (any other).

    Attributes:
        version: Such as "3.0".
        offsets: `(n_synsets,)` the number in each synset's id, ascending.
        words: `(n_synsets,)` the lemmas of each synset with a space between, in WordNet's order: the first is
            what the synset is mostly called. A lemma of several words has underscores ("motor_vehicle").
        sense_numbers: `(n_lemmas,)` which sense of its lemma a synset is, counted from 1, for all lemmas of
            the first synset, then all of the second, ...
        hypernyms: What each synset is a kind of (a dog: a canine), or an instance of (the Thames: a river), ascending.
        is_instance: `(n_hypernyms,)` whether it is the second, for all hypernyms of the first synset, ...
        exceptions: Irregular plurals, mapped to their singulars: "mice" to ("mouse",).
        definitions: `(n_synsets,)` what each synset means in a sentence; empty where these were not loaded.

    Example:
        >>> from taxo.taxonomy.wordnet.snapshot import load
        >>> nouns = load()
        >>> nouns
        WordNet(3.0: 82115 nouns)
        >>> [nouns.id(s) for s in nouns.senses("seal")][:2], nouns.lemmas(nouns.index("n02076196"))
        (['n04160036', 'n04159058'], ('seal',))
    """

    version: str
    offsets: Ints
    words: Sequence[str]
    sense_numbers: Ints
    hypernyms: Rows
    is_instance: np.ndarray
    exceptions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    definitions: Sequence[str] = ()

    def __repr__(self) -> str:
        return f"WordNet({self.version}: {self.n_synsets} nouns)"

    @property
    def n_synsets(self) -> int:
        """Number of synsets."""
        return len(self.offsets)

    def id(self, synset: int) -> str:
        """`n` and eight digits, as ImageNet names its classes."""
        return f"n{self.offsets[synset]:08d}"

    def index(self, id: str) -> int:
        """Synset of an id.

        Raises:
            TaxoError: No such synset in this version.
        """
        if (found := self.find(id)) < 0:
            raise TaxoError(
                f"no synset {id!r} among the nouns of WordNet {self.version}; ids look like n02084071 and differ "
                "between versions"
            )
        return found

    def find(self, id: str) -> int:
        """Synset of an id, -1 where there is none."""
        if len(id) != 9 or id[0] != "n" or not (id[1:].isascii() and id[1:].isdigit()):
            return -1
        at = int(np.searchsorted(self.offsets, int(id[1:])))
        return at if at < self.n_synsets and self.offsets[at] == int(id[1:]) else -1

    def lemmas(self, synset: int) -> tuple[str, ...]:
        """The words for a synset, underscores between the parts of compounds."""
        return tuple(self.words[synset].split(" "))

    def title(self, synset: int) -> str:
        """The first lemma, with spaces."""
        return self.words[synset].split(" ", 1)[0].replace("_", " ")

    def definition(self, synset: int) -> str:
        """What a synset means, "" where the definitions were not loaded."""
        return self.definitions[synset] if self.definitions else ""

    @cached_property
    def senses_by_lemma(self) -> dict[str, tuple[int, ...]]:
        """Every lemma in lower case, and its synsets in WordNet's order: the most frequent sense first."""
        lemmas = " ".join(self.words).lower().split(" ")
        owners = np.repeat(np.arange(self.n_synsets), [line.count(" ") + 1 for line in self.words])
        by_sense = np.argsort(self.sense_numbers, kind="stable")
        found: dict[str, list[int]] = {}
        for at, synset in zip(by_sense.tolist(), owners[by_sense].tolist(), strict=True):
            row = found.setdefault(lemmas[at], [])
            if not row or row[-1] != synset:  # a synset may hold a lemma twice, once with a capital letter
                row.append(synset)
        return {lemma: tuple(row) for lemma, row in found.items()}

    def senses(self, lemma: str) -> tuple[int, ...]:
        """Synsets of a lemma in WordNet's order, `()` for an unknown one; case does not count, underscores do."""
        return self.senses_by_lemma.get(lemma.lower(), ())

    def sense(self, name: str) -> int:
        """Synset of an id (`n02084071`) or of a lemma with the number of its sense (`dog.n.01`, as nltk has it).

        Raises:
            TaxoError: No such synset; near matches are shown.
        """
        lemma, _, number = name.rpartition(".n.")
        if not lemma:
            return self.index(name)
        senses = self.senses(lemma)
        if not senses:
            near = did_you_mean(near_matches(lemma.lower(), self.senses_by_lemma))
            raise TaxoError(f"WordNet {self.version} has no noun {lemma!r}{near}")
        if not (number.isascii() and number.isdigit() and 1 <= int(number) <= len(senses)):
            raise TaxoError(f"{lemma!r} has the senses 1 to {len(senses)} in WordNet {self.version}, not {number!r}")
        return senses[int(number) - 1]

    @cached_property
    def hyponyms(self) -> Rows:
        """The kinds and instances of every synset, ascending."""
        child = np.repeat(np.arange(self.n_synsets), self.hypernyms.counts())
        return arrays.rows(self.hypernyms.index, child, self.n_synsets)

    def closure(self, synsets: Iterable[int]) -> Ints:
        """These synsets and everything above them, ascending."""
        seen = {int(s) for s in synsets}
        front = list(seen)
        start, index = self.hypernyms.start, self.hypernyms.index
        while front:
            at = front.pop()
            fresh = [p for p in index[start[at] : start[at + 1]].tolist() if p not in seen]
            seen.update(fresh)
            front += fresh
        return np.array(sorted(seen), dtype=np.intp)

    def edges(self, synsets: Ints) -> tuple[Ints, Ints]:
        """The edges among some synsets: hypernyms and hyponyms, `(n_edges,)` each, as places in `synsets`.

        Args:
            synsets: Ascending, with everything above them, as from `closure`.
        """
        child = np.repeat(np.arange(len(synsets)), self.hypernyms.counts()[synsets])
        return np.searchsorted(synsets, self.hypernyms.gather(synsets)), child

    def to_taxonomy(self, classes: Sequence[int] | None = None) -> Taxonomy:
        """All nouns, or the part of them that lies above some synsets, as a hierarchy: a DAG.

        Nodes have the ids as names, the first lemmas as labels, the others as synonyms.

        Args:
            classes: `(n_classes,)` synsets, in class order; by default all nouns, the leaves being the classes.

        Raises:
            TaxoError: No classes, or one twice.

        Example:
            >>> from taxo.taxonomy.wordnet.snapshot import load
            >>> nouns = load()
            >>> nouns.to_taxonomy([nouns.index("n02084071"), nouns.index("n02121808")])
            Taxonomy('wordnet-3.0': DAG, 18 nodes, 2 classes, height 14)
        """
        synsets = np.arange(self.n_synsets) if classes is None else self.closure(classes)
        numbers = np.full(len(synsets), NO_NUMBER if classes is None else NOT_A_CLASS)
        if classes is not None:
            if len(set(classes)) < len(classes):
                twice = next(c for i, c in enumerate(classes) if c in classes[:i])
                raise TaxoError(f"synset {self.id(twice)} is given twice; every class may stand only once")
            numbers[np.searchsorted(synsets, np.asarray(classes, dtype=np.intp))] = np.arange(len(classes))
        lemmas = [[w.replace("_", " ") for w in self.lemmas(s)] for s in synsets.tolist()]
        parent, child = self.edges(synsets)
        return build(
            [self.id(s) for s in synsets.tolist()],
            parent,
            child,
            class_numbers=numbers,
            labels=[words[0] for words in lemmas],
            synonyms=[words[1:] for words in lemmas],
            name=f"wordnet-{self.version}",
            meta={"source": f"WordNet {self.version}, Princeton University", "licence": "WordNet"},
        )
