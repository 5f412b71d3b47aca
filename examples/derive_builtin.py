"""Makes the built-in hierarchies that come from WordNet out of the class lists in examples/classes.

python examples/derive_builtin.py        writes hierarchies/{cifar10,fashion-mnist,tiny-imagenet,ilsvrc}.txt
"""

import sys
from dataclasses import replace
from pathlib import Path

from taxo.taxonomy.files import format_lines
from taxo.taxonomy.formats.outline import MAGIC
from taxo.taxonomy.wordnet.class_names import read_class_names
from taxo.taxonomy.wordnet.derive import Derivation, derive

ROOT = Path(__file__).resolve().parents[1]

_ORDER = (
    "The classes have their ids as names and are numbered from 0 in the order of the ids, as folders are when sorted",
    "  by name",
)

FACTS = {
    # name: title, data set, citation, remarks
    "cifar10": (
        "CIFAR-10, derived from WordNet",
        "CIFAR-10",
        "A. Krizhevsky. Learning Multiple Layers of Features from Tiny Images. Technical report, University of "
        "Toronto, 2009",
        [
            "The classes have their names and numbers in CIFAR-10; WordNet's first word for an automobile is car.",
        ],
    ),
    "fashion-mnist": (
        "Fashion-MNIST, derived from WordNet",
        "Fashion-MNIST",
        "H. Xiao, K. Rasul and R. Vollgraf. Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning "
        "Algorithms. 2017. arXiv:1708.07747",
        [
            "The classes have their names and numbers in Fashion-MNIST.",
            "T-shirt/top is WordNet's T-shirt, a kind of shirt, so the class Shirt has a leaf of its own below shirt.",
            "WordNet has no ankle boot, so this class stands for boot. A bag is a container.",
        ],
    ),
    "tiny-imagenet": (
        "Tiny ImageNet, derived from WordNet",
        "Tiny ImageNet",
        "Y. Le and X. Yang. Tiny ImageNet Visual Recognition Challenge. CS 231N, Stanford University, 2015",
        [_ORDER[0], f"{_ORDER[1]} (the order of the data set's file wnids.txt is another)."],
    ),
    "ilsvrc": (
        "ILSVRC 2012 (ImageNet, 1000 classes), derived from WordNet",
        "ILSVRC 2012",
        "O. Russakovsky et al. ImageNet Large Scale Visual Recognition Challenge. IJCV 115(3), 2015. arXiv:1409.0575",
        [
            _ORDER[0],
            f"{_ORDER[1]} and as trained networks number them (the numbers in the development kit are others).",
            "Two pairs of classes have the same word in WordNet, crane and maillot; their labels say which is which.",
        ],
    ),
}


def made(name: str) -> Derivation:
    """The hierarchy, by the library call behind `taxo derive examples/classes/NAME.txt --collapse`."""
    given = read_class_names([str(ROOT / "examples" / "classes" / f"{name}.txt")])
    return derive(given.names, numbers=given.numbers, collapse=True, name=name)


def text(name: str) -> str:
    """The file's content."""
    title, dataset, citation, remarks = FACTS[name]
    header = {
        "title": title,
        "dataset": dataset,
        "source": "derived from WordNet 3.0 by taxo derive",
        "licence": "WordNet",
        "citation": f"{citation}; C. Fellbaum (ed.). WordNet: An Electronic Lexical Database. MIT Press, 1998",
    }
    comments = [
        f"Made by: taxo derive examples/classes/{name}.txt --collapse",
        "Inner nodes are called by their first word in WordNet; those with a single child are left out. Synonyms are",
        "  ids and other words.",
        "Of several parents one is kept, as Barz and Denzler (2019) do: on the way that adds the fewest nodes.",
        *remarks,
    ]
    _, *nodes = format_lines(replace(made(name).taxonomy, meta={}))
    lines = [
        MAGIC,
        *(f"# {key}: {value}" for key, value in header.items()),
        *(f"# {line}" for line in comments),
        *nodes,
    ]
    return "".join(f"{line}\n" for line in lines)


def main() -> None:
    """Write the files."""
    for name in sys.argv[1:] or FACTS:
        (ROOT / "hierarchies" / f"{name}.txt").write_text(text(name), encoding="utf-8")
        print(f"hierarchies/{name}.txt: {made(name).taxonomy}")


if __name__ == "__main__":
    main()
