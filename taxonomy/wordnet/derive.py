"""From the names of classes to a hierarchy: matching, senses, everything above, and the reduction to a tree."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import TaxoError, did_you_mean
from ..reduction import Reduction, reduce
from ..taxonomy import Taxonomy
from .decisions import BELOW_ROOT, Decision, Sense, check_choices, remarks, report, to_json
from .graph import ClassGraph, class_labels, without_needless
from .matching import Match, Matcher, split_id
from .nouns import WordNet
from .senses import score_senses
from .versions import wordnet as get_wordnet


@dataclass(frozen=True)
class Derivation:
    """A hierarchy made from the names of classes, and how.

    Attributes:
        taxonomy: The tree.
        reduction: How it was made from the hierarchy with all parents, which is `reduction.original`.
        decisions: What each class was taken for, in class order.
        version: Of WordNet.
    """

    taxonomy: Taxonomy
    reduction: Reduction
    decisions: tuple[Decision, ...]
    version: str

    def report(self) -> list[str]:
        """The decisions with their alternatives, in the layout of a file of choices."""
        return list(report(self.decisions, self.version))

    def remarks(self) -> list[str]:
        """The decisions in a few lines."""
        return list(remarks(self.decisions))

    def to_json(self) -> dict[str, Any]:
        """The decisions and the size of the tree as dictionaries and lists."""
        return {
            "wordnet": self.version,
            "strategy": self.reduction.strategy,
            "classes": self.taxonomy.n_classes,
            "nodes": self.taxonomy.n_nodes,
            "height": self.taxonomy.height,
            "dropped": len(self.reduction.dropped),
            "collapsed": len(self.reduction.collapsed),
            "decisions": to_json(self.decisions),
        }


def derive(
    classes: Sequence[str],
    *,
    numbers: Sequence[int] | None = None,
    strategy: str = "min-change",
    collapse: bool = False,
    wordnet: WordNet | None = None,
    choices: Mapping[str, str] | None = None,
    allow_missing: bool = False,
    name: str = "derived",
) -> Derivation:
    """A hierarchy for classes of which there are names only.

    Classes are leaves, called as they were given, in their order; a class given as `n02085620 Chihuahua, ...` is
    called by the id and labelled with the first of its names. Inner nodes are called by their first lemma,
    with the id behind where that is not unique; ids and other lemmas are synonyms. A class with other
    classes below it gets a leaf of its own below its noun, and so do classes that mean the same noun.

    Args:
        classes: `(n_classes,)` names or ids.
        numbers: `(n_classes,)` the data set's number of each class; 0, 1, 2 ... by default.
        strategy: How several parents become one, as in `reduce`.
        collapse: Whether inner nodes with a single child are left out.
        wordnet: The nouns; WordNet 3.0, with definitions, by default.
        choices: For some classes what they mean, as in `read_choices`.
        allow_missing: Whether classes that are not found hang below the root; else they are an error.
        name: What the hierarchy is called.

    Raises:
        TaxoError: Names that are not found, all together with near matches; a class twice, a bad choice,
            no classes, an unknown strategy.

    Example:
        >>> made = derive(["crane", "bulldozer", "minivan", "car"], collapse=True)
        >>> [(d.name, d.senses[0].id, len(d.senses)) for d in made.decisions]
        [('crane', 'n03126707', 5), ('bulldozer', 'n02916179', 1), ('minivan', 'n03770679', 1), ('car', 'n02958343', 5)]
        >>> from taxo.taxonomy import draw
        >>> print(*draw(made.taxonomy), sep="\\n")
        instrumentality
        ├── crane
        └── self-propelled vehicle
            ├── car (n02958343)
            │   ├── car
            │   └── minivan
            └── bulldozer
    """
    nouns = wordnet if wordnet is not None else get_wordnet(definitions=True)
    ids = [split_id(c) for c in classes]
    names = [id or c for c, (id, _) in zip(classes, ids, strict=True)]
    _check(names, choices or {})
    matcher = Matcher(nouns)
    matches = [_by_hand(matcher, n, choices[n]) if choices and n in choices else matcher.match(n) for n in names]
    if not allow_missing:
        _report_missing(matcher, [m.name for m in matches if not m.how])
    decisions, chosen = _decide(nouns, names, matches)
    if max(chosen) < 0:
        raise TaxoError("none of the classes is in WordNet, so there is nothing to make a hierarchy of")
    graph = ClassGraph(nouns, names, chosen, class_labels(nouns, names, chosen, [label for _, label in ids]))
    reduction = reduce(graph.taxonomy(numbers, name), strategy, collapse=collapse)
    taxonomy, own = without_needless(reduction.taxonomy, graph.own_leaf)
    decided = tuple(replace(d, own_leaf=bool(o and d.senses)) for d, o in zip(decisions, own, strict=True))
    return Derivation(taxonomy, reduction, decided, nouns.version)


def _check(names: Sequence[str], choices: Mapping[str, str]) -> None:
    if not names:
        raise TaxoError("there are no classes to make a hierarchy of")
    if twice := [n for n, count in Counter(names).items() if count > 1]:
        raise TaxoError(f"class {twice[0]!r} is given twice; every class may stand only once")
    check_choices(choices, names, "choices")


def _by_hand(matcher: Matcher, name: str, noun: str) -> Match:
    """What a person chose, with what the name would have matched as alternatives."""
    if noun == BELOW_ROOT:
        return Match(name, "missing")
    try:
        synset = matcher.nouns.sense(noun)
    except TaxoError as error:
        raise TaxoError(f"choice for {name!r}: {error}") from None
    senses = dict.fromkeys((synset, *matcher.match(name).senses))
    return Match(name, "choice", matcher.nouns.title(synset), tuple(senses))


def _report_missing(matcher: Matcher, missing: Sequence[str]) -> None:
    if not missing:
        return
    version = matcher.nouns.version
    lines = [
        f"no noun of WordNet {version} found for {name!r}{did_you_mean(matcher.near(name))}" for name in missing[:20]
    ]
    if len(missing) > 20:
        lines.append(f"and for {len(missing) - 20} more")
    lines.append(
        "say what they mean in a file with lines `class<TAB>id` (--choices FILE), or hang them below the root "
        "(--allow-missing)"
    )
    raise TaxoError("\n".join(lines))


def _decide(nouns: WordNet, names: Sequence[str], matches: Sequence[Match]) -> tuple[list[Decision], list[int]]:
    """The decision for each class, and its synset, -1 for a missing one."""
    # What a person chose counts for the others as if it were the only sense.
    candidates = [m.senses[:1] if m.how == "choice" else m.senses for m in matches]
    decisions, chosen = [], []
    for name, match, scores in zip(names, matches, score_senses(nouns, candidates), strict=True):
        order = np.argsort(-scores, kind="stable").tolist()
        ranked = [(match.senses[i], float(scores[i])) for i in order]
        ranked += [(s, 0.0) for s in match.senses[len(scores) :]]
        senses = tuple(
            Sense(nouns.id(s), tuple(w.replace("_", " ") for w in nouns.lemmas(s)), nouns.definition(s), score)
            for s, score in ranked
        )
        decisions.append(Decision(name, match.how or "missing", match.lemma, senses))
        chosen.append(ranked[0][0] if ranked else -1)
    return decisions, chosen
