"""Lists of WordNet ids, as ImageNet and its kin have them: one id per line, names behind it or not.

    n01440764 tench, Tinca tinca
    n01443537 goldfish, Carassius auratus

Read is everything that WordNet 3.0 has above these nouns, a DAG in which they are the classes, in the order of the
list.
"""

import re

import numpy as np

from ..build import NOT_A_CLASS
from .draft import Draft
from .options import ReadOptions
from .source import Faults, Source

_LINE = re.compile(r"\s*(n\d{8})(?:[\s,:]+(.*?))?\s*")


def is_id_list(lines: list[str]) -> bool:
    """Whether every line begins with an id, followed by no other: lines with two ids are pairs."""
    found = [_LINE.fullmatch(line) for line in lines]
    return bool(found) and all(match and not (match[2] and _LINE.fullmatch(match[2])) for match in found)


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Everything above the nouns in a list of ids.

    Nodes have ids as names and lemmas as synonyms; labels are the first lemma, for classes the first of the
    names in the list, where there are any.

    Faults: a line without an id, one given twice, one that WordNet 3.0 does not have.
    """
    from ..wordnet.snapshot import load

    nouns = load()
    classes: dict[int, tuple[int, str]] = {}
    for number, line in source.lines():
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if not match:
            faults.add(number, f"{line.strip()[:40]!r} does not begin with an id such as n02084071")
        elif (synset := nouns.find(match[1])) < 0:
            faults.add(
                number, f"no noun {match[1]} in WordNet {nouns.version}; other versions have other ids", "unknown"
            )
        elif synset in classes:
            faults.add(number, f"{match[1]} is given twice, first in line {classes[synset][0]}", "duplicate-name")
        else:
            classes[synset] = number, (match[2] or "").split(",")[0].strip()
    synsets = nouns.closure(classes)
    parent, child = nouns.edges(synsets)
    at = np.searchsorted(synsets, np.array(list(classes), dtype=np.intp))
    numbers = np.full(len(synsets), NOT_A_CLASS, dtype=np.intp)
    numbers[at] = np.arange(len(classes))
    lines = [classes[s][0] if s in classes else 0 for s in synsets.tolist()]
    words = [[w.replace("_", " ") for w in nouns.lemmas(s)] for s in synsets.tolist()]
    labels = [classes.get(s, (0, ""))[1] or line[0] for s, line in zip(synsets.tolist(), words, strict=True)]
    return Draft(
        names=[nouns.id(s) for s in synsets.tolist()],
        parent=parent,
        child=child,
        class_numbers=numbers,
        labels=labels,
        synonyms=[[w for w in line if w != label] for line, label in zip(words, labels, strict=True)],
        meta={"source": f"above the ids in WordNet {nouns.version}", "licence": "WordNet (Princeton University)"},
        node_lines=np.array(lines, dtype=np.intp),
        edge_lines=np.array(lines, dtype=np.intp)[child],
    )
