"""From the names of classes to a hierarchy: matching, senses, everything above, and the reduction to a tree."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..build import NOT_A_CLASS, build, rebuild
from ..errors import TaxoError, did_you_mean
from ..reduce import Reduction, reduce
from ..taxonomy import Taxonomy
from .decisions import BELOW_ROOT, Decision, Sense, check_choices, remarks, report, to_json
from .matching import Match, Matcher, split_id
from .nouns import WordNet
from .senses import choose, score_senses
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
        [('crane', 'n03126707', 5), ('bulldozer', 'n02916179', 2), ('minivan', 'n03770679', 1), ('car', 'n02958343', 5)]
        >>> from taxo.taxonomy import draw
        >>> print(*draw(made.taxonomy), sep="\\n")
        artifact
        ├── crane
        └── self-propelled vehicle
            ├── bulldozer
            └── car (n02958343)
                ├── minivan
                └── car
    """
    nouns = wordnet if wordnet is not None else get_wordnet(definitions=True)
    ids = [split_id(c) for c in classes]
    names = [id or c for c, (id, _) in zip(classes, ids, strict=True)]
    _check(names, choices or {})
    matches = [_choose_by_hand(nouns, n, choices[n]) if choices and n in choices else m for n, m in _match(nouns, names)]
    if not allow_missing:
        _report_missing(nouns, [m.name for m in matches if not m.how])
    decisions, chosen = _decide(nouns, names, matches)
    if max(chosen) < 0:
        raise TaxoError("none of the classes is in WordNet, so there is nothing to make a hierarchy of")
    labels = _labels(nouns, names, chosen, [label for _, label in ids])
    graph, own = _graph(nouns, names, chosen, labels, numbers, name)
    reduction = reduce(graph, strategy, collapse=collapse)
    taxonomy, own = _without_needless(reduction.taxonomy, own)
    decided = tuple(replace(d, own_leaf=leaf) for d, leaf in zip(decisions, own, strict=True))
    return Derivation(taxonomy, reduction, decided, nouns.version)


def _check(names: Sequence[str], choices: Mapping[str, str]) -> None:
    if not names:
        raise TaxoError("there are no classes to make a hierarchy of")
    if twice := [n for n, count in Counter(names).items() if count > 1]:
        raise TaxoError(f"class {twice[0]!r} is given twice; every class may stand only once")
    check_choices(choices, names, "choices")


def _match(nouns: WordNet, names: Sequence[str]) -> list[tuple[str, Match]]:
    matcher = Matcher(nouns)
    return [(name, matcher.match(name)) for name in names]


def _choose_by_hand(nouns: WordNet, name: str, noun: str) -> Match:
    """What a person chose, with what the name would have matched as alternatives."""
    if noun == BELOW_ROOT:
        return Match(name, "missing")
    try:
        synset = nouns.sense(noun)
    except TaxoError as error:
        raise TaxoError(f"choice for {name!r}: {error}") from None
    found = Matcher(nouns).match(name)
    return Match(name, "choice", nouns.title(synset), tuple(dict.fromkeys((synset, *found.senses))))


def _report_missing(nouns: WordNet, missing: Sequence[str]) -> None:
    if not missing:
        return
    matcher = Matcher(nouns)
    lines = [f"no noun of WordNet {nouns.version} found for {name!r}{did_you_mean(matcher.near(name))}" for name in missing[:20]]
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
        assert not ranked or match.how == "choice" or ranked[0][0] == match.senses[choose(scores)]
        senses = tuple(
            Sense(nouns.id(s), tuple(w.replace("_", " ") for w in nouns.lemmas(s)), nouns.definition(s), score)
            for s, score in ranked
        )
        decisions.append(Decision(name, match.how or "missing", match.lemma, senses))
        chosen.append(ranked[0][0] if ranked else -1)
    return decisions, chosen


def _labels(nouns: WordNet, names: Sequence[str], chosen: Sequence[int], given: Sequence[str]) -> list[str]:
    """What a person reads for each class: the name given beside an id, else the noun's first lemma; else the name.

    Two nouns with the same first lemma are told apart by what they are kinds of: "crane (wading bird)".
    """
    titles = [nouns.title(s) if s >= 0 and nouns.id(s) == name else name for s, name in zip(chosen, names, strict=True)]
    labels = [label.split(",")[0].strip() or title for label, title in zip(given, titles, strict=True)]
    counts = Counter(labels)
    for i, (label, synset) in enumerate(zip(labels, chosen, strict=True)):
        above = nouns.hypernyms.of(synset) if synset >= 0 else ()
        if counts[label] > 1 and len(above):
            labels[i] = f"{label} ({nouns.title(int(above[0]))})"
    again = Counter(labels)
    return [f"{label} {name}" if again[label] > 1 else label for label, name in zip(labels, names, strict=True)]


def _graph(
    nouns: WordNet,
    names: Sequence[str],
    chosen: Sequence[int],
    labels: Sequence[str],
    numbers: Sequence[int] | None,
    name: str,
) -> tuple[Taxonomy, list[bool]]:
    """Everything above the chosen nouns, with a leaf for every class; and which classes got a leaf of their own."""
    synsets = nouns.closure({s for s in chosen if s >= 0})
    parent, child = nouns.edges(synsets)
    is_inner = np.bincount(parent, minlength=len(synsets)) > 0
    at = np.searchsorted(synsets, chosen)
    wanted = Counter(chosen)
    own = [s < 0 or bool(is_inner[i]) or wanted[s] > 1 for s, i in zip(chosen, at.tolist(), strict=True)]
    root = int(np.flatnonzero(np.bincount(child, minlength=len(synsets)) == 0)[0])
    extra = np.flatnonzero(own)  # classes with a node that is no noun
    above = np.array([root if chosen[c] < 0 else at[c] for c in extra], dtype=np.intp)
    node = at.copy()
    node[extra] = len(synsets) + np.arange(len(extra))
    titles = _names(nouns, synsets.tolist(), names, {int(at[c]): c for c in range(len(names)) if not own[c]})
    words = [[w.replace("_", " ") for w in nouns.lemmas(s)] for s in synsets.tolist()]
    node_names = [*titles, *(names[c] for c in extra)]
    node_labels = [*(line[0] for line in words), *("" for _ in extra)]
    for c, v in enumerate(node.tolist()):
        node_labels[v] = labels[c]
    synonyms = [[nouns.id(s), *line] for s, line in zip(synsets.tolist(), words, strict=True)]
    synonyms += [[nouns.id(chosen[c])] if chosen[c] >= 0 else [] for c in extra]
    class_numbers = np.full(len(node_names), NOT_A_CLASS, dtype=np.intp)
    class_numbers[node] = np.arange(len(names)) if numbers is None else numbers
    graph = build(
        node_names,
        np.concatenate([parent, above]),
        np.concatenate([child, len(synsets) + np.arange(len(extra))]),
        class_numbers=class_numbers,
        labels=node_labels,
        synonyms=[
            [w for w in dict.fromkeys(line) if w not in (n, label)]
            for n, label, line in zip(node_names, node_labels, synonyms, strict=True)
        ],
        name=name,
        meta={"source": f"derived from WordNet {nouns.version}", "licence": "WordNet (Princeton University)"},
    )
    return graph, [leaf and s >= 0 for leaf, s in zip(own, chosen, strict=True)]


def _without_needless(tree: Taxonomy, own: Sequence[bool]) -> tuple[Taxonomy, list[bool]]:
    """The tree without nouns that hold nothing but their own class: the others went to another parent of theirs."""
    parent = tree.parent
    above = parent[tree.class_nodes]
    needless = np.array(own, dtype=bool) & (tree.children.counts()[above] == 1) & (parent[above] >= 0)
    if not needless.any():
        return tree, list(own)
    parent = parent.copy()
    parent[tree.class_nodes[needless]] = parent[above[needless]]
    kept = np.setdiff1d(np.arange(tree.n_nodes), above[needless])
    child = kept[parent[kept] >= 0]
    return rebuild(tree, parent[child], child, kept=kept), (np.array(own, dtype=bool) & ~needless).tolist()


def _names(nouns: WordNet, synsets: Sequence[int], classes: Sequence[str], leaf_of: Mapping[int, int]) -> list[str]:
    """A unique name for every noun: of the class that it is the leaf of; else its first lemma, with the id if need be."""
    titles = [nouns.title(s) for s in synsets]
    inner = Counter(title for i, title in enumerate(titles) if i not in leaf_of)
    taken = set(classes)
    return [
        classes[leaf_of[i]]
        if i in leaf_of
        else f"{title} ({nouns.id(s)})"
        if inner[title] > 1 or title in taken
        else title
        for i, (title, s) in enumerate(zip(titles, synsets, strict=True))
    ]
