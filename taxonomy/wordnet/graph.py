"""Everything that WordNet has above some classes, as a hierarchy in which every class is a leaf."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..arrays import Ints
from ..build import NOT_A_CLASS, build, rebuild
from ..taxonomy import Taxonomy
from .nouns import WordNet


@dataclass(frozen=True)
class ClassGraph:
    """Classes and what they mean.

    A class is the node of its noun, but where other classes lie below that noun, or mean it too, or where
    there is no noun: then it is a leaf of its own, below the noun or the root.

    Attributes:
        nouns: The nouns.
        names: `(n_classes,)` names of the classes, in class order.
        chosen: `(n_classes,)` synset of each class, -1 for none; there is one at least.
        labels: `(n_classes,)` what a person reads.
    """

    nouns: WordNet
    names: Sequence[str]
    chosen: Sequence[int]
    labels: Sequence[str]

    @cached_property
    def _synsets(self) -> Ints:
        return self.nouns.closure({s for s in self.chosen if s >= 0})

    @cached_property
    def _edges(self) -> tuple[Ints, Ints]:
        return self.nouns.edges(self._synsets)

    @cached_property
    def _at(self) -> Ints:
        """Place of each class's noun among the synsets; of the first root where there is none."""
        root = np.flatnonzero(np.bincount(self._edges[1], minlength=len(self._synsets)) == 0)[0]
        chosen = np.array(self.chosen, dtype=np.intp)
        return np.where(chosen < 0, root, np.searchsorted(self._synsets, chosen))

    @cached_property
    def own_leaf(self) -> np.ndarray:
        """Whether each class has a node that is no noun, `(n_classes,)`."""
        is_inner = np.bincount(self._edges[0], minlength=len(self._synsets)) > 0
        wanted = np.bincount(self._at, minlength=len(self._synsets))
        found: np.ndarray = (np.array(self.chosen) < 0) | is_inner[self._at] | (wanted[self._at] > 1)
        return found

    def taxonomy(self, numbers: Sequence[int] | None, name: str) -> Taxonomy:
        """The hierarchy, with all parents: nouns first, then the leaves that are none."""
        parent, child = self._edges
        n, own = len(self._synsets), np.flatnonzero(self.own_leaf)
        node = self._at.copy()
        node[own] = n + np.arange(len(own))
        class_numbers = np.full(n + len(own), NOT_A_CLASS, dtype=np.intp)
        class_numbers[node] = np.arange(len(self.names)) if numbers is None else numbers
        names, labels, synonyms = self._words(node)
        return build(
            names,
            np.concatenate([parent, self._at[own]]),
            np.concatenate([child, node[own]]),
            class_numbers=class_numbers,
            labels=labels,
            synonyms=synonyms,
            name=name,
            meta={
                "source": f"derived from WordNet {self.nouns.version}",
                "licence": "WordNet (Princeton University)",
            },
        )

    def _words(self, node: Ints) -> tuple[list[str], list[str], list[list[str]]]:
        """Name, label and synonyms of every node, given the node of every class."""
        synsets = self._synsets.tolist()
        words = [[w.replace("_", " ") for w in self.nouns.lemmas(s)] for s in synsets]
        ids = [self.nouns.id(s) for s in synsets]
        class_of = dict(zip(node.tolist(), range(len(self.names)), strict=True))
        inner = Counter(line[0] for i, line in enumerate(words) if i not in class_of)
        taken = set(self.names)
        names = [
            f"{line[0]} ({id})" if inner[line[0]] > 1 or line[0] in taken else line[0]
            for id, line in zip(ids, words, strict=True)
        ]
        labels = [line[0] for line in words]
        synonyms = [[id, *line] for id, line in zip(ids, words, strict=True)]
        for c in np.flatnonzero(self.own_leaf).tolist():
            names.append("")
            labels.append("")
            synonyms.append([self.nouns.id(self.chosen[c])] if self.chosen[c] >= 0 else [])
        for v, c in class_of.items():
            names[v], labels[v] = self.names[c], self.labels[c]
        others = [
            [word for word in dict.fromkeys(line) if word not in (name, label)]
            for name, label, line in zip(names, labels, synonyms, strict=True)
        ]
        return names, labels, others


def without_needless(tree: Taxonomy, own_leaf: np.ndarray) -> tuple[Taxonomy, np.ndarray]:
    """The tree without nouns that hold nothing but their own class: all others went to another of their parents.

    Args:
        tree: With a leaf for every class.
        own_leaf: `(n_classes,)` whether its node is no noun.

    Returns:
        The tree, and `own_leaf` as it is now.
    """
    parent = tree.parent
    above = parent[tree.class_nodes]
    needless = own_leaf & (above >= 0) & (tree.children.counts()[above] == 1)
    needless &= parent[above] >= 0
    if not needless.any():
        return tree, own_leaf
    parent = parent.copy()
    parent[tree.class_nodes[needless]] = parent[above[needless]]
    kept = np.setdiff1d(np.arange(tree.n_nodes), above[needless])
    child = kept[parent[kept] >= 0]
    return rebuild(tree, parent[child], child, kept=kept), own_leaf & ~needless


def class_labels(nouns: WordNet, names: Sequence[str], chosen: Sequence[int], given: Sequence[str]) -> list[str]:
    """What a person reads for each class: the name given beside an id, else the noun's first lemma; else the name.

    Two classes that would read alike are told apart by what they are kinds of: "crane (wading bird)".

    Args:
        nouns: The nouns.
        names: `(n_classes,)` names of the classes: ids, some of them.
        chosen: `(n_classes,)` synset of each, -1 for none.
        given: `(n_classes,)` names that stood beside ids, "" for none.
    """
    titles = [nouns.title(s) if s >= 0 and nouns.id(s) == name else name for s, name in zip(chosen, names, strict=True)]
    labels = [label.split(",")[0].strip() or title for label, title in zip(given, titles, strict=True)]
    counts = Counter(labels)
    for i, (label, synset) in enumerate(zip(labels, chosen, strict=True)):
        above = nouns.hypernyms.of(synset) if synset >= 0 else np.empty(0, dtype=np.intp)
        if counts[label] > 1 and len(above):
            labels[i] = f"{label} ({nouns.title(int(above[0]))})"
    again = Counter(labels)
    return [f"{label} {name}" if again[label] > 1 else label for label, name in zip(labels, names, strict=True)]
