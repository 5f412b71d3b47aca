"""The trees that the benchmarks run on: random, and the same ones in every run.

python benchmarks/trees.py inaturalist CLASSES FILE    pairs of a tree of iNaturalist's shape
python benchmarks/trees.py wide CLASSES FILE           pairs of a tree whose leaves lie some 13 to 15 deep
python benchmarks/trees.py deep CLASSES FILE           the same, 25 deep
"""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SEED = 0
INATURALIST = (1, 6, 25, 57, 272, 1118, 4415, 8142)
"""Nodes on each level of a tree of the shape of iNaturalist 2018: root, kingdoms ... genera, species."""


def scale_free(inner: int, leaves: int, recent: int = 1) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A random tree of some thirty levels, as biological taxonomies have: parent and child of every edge.

    Every inner node hangs below the latest of `recent` random earlier ones, so that a leaf lies about
    `recent * log(inner)` deep; every inner node without children gets one leaf, and the rest of the leaves hang
    anywhere. Parents come before their children.
    """
    rng = np.random.default_rng(SEED)
    earlier = rng.random(inner - 1) ** (1 / recent)
    parent = np.concatenate([[0], (earlier * np.arange(1, inner)).astype(np.int64)])
    childless = np.setdiff1d(np.arange(inner), parent[1:])[:leaves]
    below = np.concatenate([childless, rng.integers(inner, size=leaves - len(childless))])
    rng.shuffle(below)
    return np.concatenate([parent[1:], below]), np.arange(1, inner + leaves)


def by_levels(sizes: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A random tree with so many nodes on each level, all leaves on the last: parent and child of every edge."""
    rng = np.random.default_rng(SEED)
    parents, first = [], 0
    for above, here in itertools.pairwise(sizes):
        extra = rng.integers(above, size=here - above)
        parents.append(first + np.sort(np.concatenate([np.arange(above), extra])))
        first += above
    parent = np.concatenate(parents)
    return parent, np.arange(1, len(parent) + 1)


def shrunk(leaves: int) -> tuple[int, ...]:
    """Level sizes of the shape of iNaturalist with fewer or more leaves; the levels above orders never become more."""
    factor = leaves / INATURALIST[-1]
    upper = [max(1, round(size * min(1, factor))) for size in INATURALIST[1:4]]
    lower = [max(1, round(size * factor)) for size in INATURALIST[4:-1]]
    return (1, *upper, *lower, leaves)


def with_pairs(path: Path, inner: int, leaves: int, pairs: int) -> tuple[Path, Path]:
    """A file with the edges of `scale_free`, parents before children, and one with random pairs of its nodes."""
    write_pairs(path, *scale_free(inner, leaves))
    asked = np.random.default_rng(SEED + 1).integers(inner + leaves, size=(pairs, 2))
    second = path.with_suffix(".pairs")
    write(second, (f"n{a} n{b}\n" for a, b in asked.tolist()))
    return path, second


def write_pairs(path: Path, parent: NDArray[np.int64], child: NDArray[np.int64]) -> Path:
    """A file of lines `parent child`."""
    write(path, (f"n{p} n{c}\n" for p, c in zip(parent.tolist(), child.tolist(), strict=True)))
    return path


def write(path: Path, lines: Iterator[str]) -> None:
    """A text file, line by line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines)


if __name__ == "__main__":
    kind, classes, target = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    if kind == "inaturalist":
        edges = by_levels(shrunk(classes))
    else:
        edges = scale_free(max(2, classes // 5), classes, recent=2 if kind == "deep" else 1)
    write_pairs(target, *edges)
