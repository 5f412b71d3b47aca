"""From the name of a class to the nouns that it may mean: compounds, plurals, synonyms, the head of a longer name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..errors import near_matches
from .nouns import WordNet

_ID = re.compile(r"(n\d{8})(?:[\s,:_-]+(.*))?", re.DOTALL)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATORS = re.compile(r"[\s_.\-]+")
_ASIDE = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*")
_NUMBERED = re.compile(r"\d+[._-](?=\D)")  # 001.Black_footed_Albatross

# What may follow the main word of a name: the bird of "bird of prey".
_AFTER_HEAD = frozenset({"of", "with", "for", "in", "on", "from", "to", "at", "without"})

# Endings of plurals and what stands in their place in the singular; the exceptions come with WordNet.
_PLURALS = (
    ("men", "man"),
    ("ies", "y"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("ses", "s"),
    ("xes", "x"),
    ("zes", "z"),
    ("ves", "f"),
    ("ves", "fe"),
    ("oes", "o"),
    ("s", ""),
)


@dataclass(frozen=True)
class Match:
    """The nouns that a name may mean.

    Attributes:
        name: As the user gave it.
        how: "id" (the name is one), "name" (as it stands, case and the way of joining words aside), "plural",
            "part" (one of several names, or the words before a bracket), "kind" (a maple tree is a maple), "head"
            (only the main word of a longer name was found) or "" (nothing was).
        lemma: What was found, in WordNet's spelling with spaces.
        senses: Synsets, likeliest first: those of the very word in the order of WordNet.
    """

    name: str
    how: str = ""
    lemma: str = ""
    senses: tuple[int, ...] = ()


@dataclass(frozen=True)
class Matcher:
    """Matches names with the nouns of a WordNet.

    Example:
        >>> from taxo.taxonomy.wordnet.snapshot import load
        >>> match = Matcher(load()).match
        >>> [(m.how, m.lemma) for m in map(match, ["sweet_peppers", "T-shirt/top", "aquarium_fish", "Gabelstapler"])]
        [('plural', 'sweet pepper'), ('part', 'T-shirt'), ('head', 'fish'), ('', '')]
    """

    nouns: WordNet

    def match(self, name: str) -> Match:
        """The nouns that a name may mean."""
        if (found := _ID.fullmatch(name.strip())) and (synset := self.nouns.find(found[1])) >= 0:
            return Match(name, "id", self.nouns.title(synset), (synset,))
        text = _NUMBERED.sub("", name.strip(), count=1).replace("\u2019", "'")
        for part, how in _parts(text):
            if match := self._whole(part):
                return replace(match, name=name, how=how or match.how)
        if match := self._apposition(_words(text)):
            return replace(match, name=name)
        for head in _heads(_words(_ASIDE.sub(" ", text).split("/")[0].split(",")[0])):
            if match := self._whole(head):
                return replace(match, name=name, how="head")
        return Match(name)

    def _apposition(self, words: Sequence[str]) -> Match | None:
        """The first words, where these name a kind of what the last ones name: a maple tree is a maple."""
        for i in range(len(words) - 1, 0, -1):
            kind, of = self._whole(" ".join(words[:i])), self._whole(" ".join(words[i:]))
            if kind and of and (senses := [s for s in kind.senses if set(of.senses) & set(self.nouns.closure([s]))]):
                return replace(kind, how="kind", senses=tuple(senses))
        return None

    def near(self, name: str) -> list[str]:
        """Nouns that are spelt much like a name, with spaces, best first."""
        words = "_".join(_words(name)).lower()
        # Twenty thousand candidates at most: difflib takes a tenth of a second for these.
        pool = self._by_start.get(words[:2], [])
        pool = [lemma for lemma in pool if abs(len(lemma) - len(words)) <= 3]
        return [lemma.replace("_", " ") for lemma in near_matches(words, pool)]

    def _whole(self, text: str) -> Match | None:
        """A match of the whole text: as it stands, else as a plural."""
        words = [word.lower() for word in _words(text)]
        if not words:
            return None
        found = self._lemmas(words)
        singular = [lemma for form in self._singulars(words) for lemma in self._lemmas(form)]
        # "glasses" is a noun, and the plural of one: its own senses come first.
        senses = dict.fromkeys(s for lemma in (*found, *singular) for s in self.nouns.senses(lemma))
        if not senses:
            return None
        lemma = self._spelling((*found, *singular)[0])
        return Match(text, "name" if found else "plural", lemma, tuple(senses))

    def _lemmas(self, words: Sequence[str]) -> list[str]:
        """Lemmas that consist of these words: as WordNet joins them, best first."""
        known = self.nouns.senses_by_lemma
        exact = dict.fromkeys(joint.join(words) for joint in ("_", "-", ""))
        return [lemma for lemma in exact if lemma in known] or self._by_letters.get("".join(words), [])

    def _singulars(self, words: Sequence[str]) -> Iterator[list[str]]:
        """What the words may be the plural of."""
        irregular = self.nouns.exceptions.get("_".join(words)) or self.nouns.exceptions.get(words[-1])
        if irregular:
            whole = "_".join(words) in self.nouns.exceptions
            yield from (s.split("_") if whole else [*words[:-1], s] for s in irregular)
            return
        last = words[-1]
        if last.endswith("ss") or len(last) < 3:
            return
        for plural, singular in _PLURALS:
            if last.endswith(plural):
                yield [*words[:-1], last.removesuffix(plural) + singular]

    def _spelling(self, lemma: str) -> str:
        """The lemma with WordNet's capitals, and with spaces."""
        synset = self.nouns.senses(lemma)[0]
        return next(w for w in self.nouns.lemmas(synset) if w.lower() == lemma).replace("_", " ")

    @cached_property
    def _by_letters(self) -> Mapping[str, list[str]]:
        """Compounds and hyphenated words by their letters alone: "tshirt" to "t-shirt"."""
        found: dict[str, list[str]] = {}
        for lemma in self.nouns.senses_by_lemma:
            if not lemma.isalnum():
                found.setdefault(re.sub(r"[_.'\-]", "", lemma), []).append(lemma)
        return found

    @cached_property
    def _by_start(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for lemma in self.nouns.senses_by_lemma:
            found.setdefault(lemma[:2], []).append(lemma)
        return found


def split_id(text: str) -> tuple[str, str]:
    """The id that a text begins with and the rest, or "" twice.

    Example:
        >>> split_id("n02085620-Chihuahua"), split_id("Chihuahua")
        (('n02085620', 'Chihuahua'), ('', ''))
    """
    found = _ID.fullmatch(text.strip())
    return (found[1], found[2] or "") if found else ("", "")


def _words(text: str) -> list[str]:
    return [word for word in _SEPARATORS.split(text) if word]


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """The name, then parts of it that may stand for it, each with what to call such a match ("": what it is)."""
    yield text, ""
    camel = _CAMEL.sub(" ", text)
    if camel != text and " " not in text:
        yield camel, ""
    plain = _ASIDE.sub(" ", text).strip()
    pieces = [piece.strip() for piece in re.split(r"[/,;|]", plain)]
    for piece in dict.fromkeys([plain, *pieces]):
        if piece and piece != text:
            yield piece, "part"


def _heads(words: Sequence[str]) -> Iterator[str]:
    """Main words of a name of several, longest first: "aquarium fish" to "fish", "bird of prey" to "bird"."""
    words = [part for word in words for part in _CAMEL.split(word)]
    end = next((i for i, word in enumerate(words) if i and word.lower() in _AFTER_HEAD), len(words))
    yield from (" ".join(words[i:end]) for i in range(0 if end < len(words) else 1, end))
