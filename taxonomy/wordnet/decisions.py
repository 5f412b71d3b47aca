"""What each class was taken for, and why; and the file in which a person says otherwise."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import FormatError
from ..formats.quoting import quote, unquote
from ..formats.source import Faults, Source
from ..wording import few

BELOW_ROOT = "-"
"""Stands for the noun of a class that is not in WordNet."""


@dataclass(frozen=True)
class Sense:
    """One noun that a class may mean.

    Attributes:
        id: Its id.
        lemmas: The words for it, with spaces.
        definition: What it means; "" where WordNet was loaded without definitions.
        score: How well it fits to the other classes.
    """

    id: str
    lemmas: tuple[str, ...]
    definition: str
    score: float


@dataclass(frozen=True)
class Decision:
    """What one class was taken for.

    Attributes:
        name: The class.
        how: As in `Match.how`; also "choice" (a person said so), and "missing" (it hangs below the root).
        lemma: The word that was found.
        senses: The chosen one first, then the alternatives, best first; `()` for a missing class.
        own_leaf: Whether the class got a leaf below its noun, because other classes lie there too.
    """

    name: str
    how: str
    lemma: str
    senses: tuple[Sense, ...]
    own_leaf: bool = False

    @property
    def ambiguous(self) -> bool:
        """Whether there were alternatives among which nobody chose."""
        return len(self.senses) > 1 and self.how != "choice"


def read_choices(path: str | Path) -> dict[str, str]:
    """The choices of a person, from lines `class<TAB>noun`; what follows after another tab is not read.

    The noun is an id (`n02084071`), a sense (`dog.n.01`), or `-` for "below the root".

    Returns:
        Class names, and what stands for them.

    Raises:
        FormatError: All faults together: no tab, a class given twice, no noun, an empty file.
    """
    source = Source(str(path))
    faults = Faults(source)
    found: dict[str, str] = {}
    for number, line in source.lines():
        if not line.strip() or line.startswith("#"):
            continue
        name, *rest = line.split("\t")
        name, noun = unquote(name), rest[0].strip() if rest else ""
        if not noun:
            faults.add(number, f"no noun for {name!r}; write the class, a tab, and an id such as n02084071")
        elif name in found:
            faults.add(number, f"{name!r} is given twice", "duplicate-name")
        found.setdefault(name, noun)
    if not found and not faults:
        faults.add(None, "no choices in this file; a choice is a class, a tab, and an id such as n02084071", "empty")
    faults.check()
    return found


def check_choices(choices: Iterable[str], names: Iterable[str], source: str) -> None:
    """Raise for choices that concern no class.

    Raises:
        FormatError: Such choices, all together.
    """
    known = set(names)
    if unknown := [c for c in choices if c not in known]:
        raise FormatError(source, [(None, f"{name!r} is none of the classes") for name in unknown])


def report(decisions: Iterable[Decision], version: str) -> Iterator[str]:
    """Lines of a file that `read_choices` reads: a line per class, and a comment line per alternative."""
    yield f"# Which noun of WordNet {version} each class was taken for, and below it what else it may mean."
    yield "# To choose another, write its id in the second column (or a sense such as dog.n.01, or - for a class that"
    yield "# is to hang below the root), and give this file back with --choices FILE."
    yield "# class\tnoun\thow\tscore\tmeaning"
    for decision in decisions:
        if not decision.senses:
            yield f"{quote(decision.name)}\t{BELOW_ROOT}\t{decision.how}"
        for i, sense in enumerate(decision.senses):
            first, how = ("#", "") if i else (quote(decision.name), decision.how)
            meaning = ", ".join(sense.lemmas) + (f": {sense.definition}" if sense.definition else "")
            yield f"{first}\t{sense.id}\t{how}\t{sense.score:.3f}\t{meaning}"


def to_json(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """The same as lists and dictionaries."""
    return [
        {
            "class": d.name,
            "noun": d.senses[0].id if d.senses else None,
            "how": d.how,
            "lemma": d.lemma,
            "own_leaf": d.own_leaf,
            "senses": [
                {"id": s.id, "lemmas": list(s.lemmas), "definition": s.definition, "score": round(s.score, 6)}
                for s in d.senses
            ],
        }
        for d in decisions
    ]


_HOW = {
    "id": "by id",
    "name": "by name",
    "plural": "as plurals",
    "part": "by one of several names",
    "kind": "by the first words",
    "head": "by the main word only",
    "choice": "by choice",
    "missing": "not found",
}


def remarks(decisions: Iterable[Decision]) -> Iterator[str]:
    """What a person should know of it, in a few lines."""
    decisions = tuple(decisions)
    counts = Counter(d.how for d in decisions)
    yield f"{len(decisions)} classes: " + ", ".join(
        f"{counts[how]} {words}" for how, words in _HOW.items() if how in counts
    )
    if heads := [f"{d.name}: {d.lemma}" for d in decisions if d.how == "head"]:
        yield f"only the main word was found: {few(heads)}"
    if several := sum(d.ambiguous for d in decisions):
        names = "1 name has" if several == 1 else f"{several} names have"
        yield f"{names} several senses; the one closest to the other classes was taken (--report, --choices)"
    if own := [d.name for d in decisions if d.own_leaf]:
        each = "it" if len(own) == 1 else "each"
        yield f"{few(own)}: other classes lie below or mean the same, so a leaf of its own stands for {each}"
    if missing := [d.name for d in decisions if d.how == "missing"]:
        yield f"not in WordNet, so below the root: {few(missing)}"
