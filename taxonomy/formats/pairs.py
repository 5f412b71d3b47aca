"""Edge lists: one `parent child` or `child parent` pair of names per line; holds trees and DAGs.

A node without any edge stands on a line of its own, in double quotes: a bare name would rather be a pair
whose other half is missing.
"""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..arrays import Ints
from ..build import build, inferred_classes
from ..errors import CycleError, FormatError, LossyWrite, TaxoError
from ..taxonomy import Taxonomy
from .quoting import quote, unquote
from .source import Faults, Source, log


@dataclass
class _Pairs:
    """The columns of a pair file, as node numbers in order of appearance."""

    names: list[str]
    left: Ints
    right: Ints
    lines: Ints


def split_pair(line: str) -> list[str]:
    """Fields of a line: between tabs where there are any, else between white space."""
    return [unquote(f) for f in line.split("\t")] if "\t" in line else line.split()


def read_pairs(source: Source, *, is_a: bool | None = None, tree: bool = False) -> Taxonomy:
    """Read an edge list.

    Args:
        source: Names between tabs, or between white space where no name holds any.
        is_a: True for `child parent`, False for `parent child`. By default inferred: the direction that
            has one root, else the one in which no node has two parents, else `parent child`; what was
            assumed is logged.
        tree: Whether a second parent is an error.

    Raises:
        FormatError: All faults together: a line without exactly two names, a self-loop, an edge given twice,
            a second parent where `tree` is asked for, no nodes.
        CycleError: With the lines of the cycle's edges.
    """
    faults = Faults(source)
    pairs = _parse(source, faults)
    faults.check()
    if not pairs.names:
        raise FormatError(source.name, [(None, "the file holds no pairs")])
    if is_a is None:
        is_a = _infer_direction(pairs)
        log.warning(
            "%s: read as pairs '%s' (%s)",
            source.name,
            "child parent" if is_a else "parent child",
            "inferred from the number of roots; --is-a or --no-is-a decides otherwise",
        )
    parent, child = (pairs.right, pairs.left) if is_a else (pairs.left, pairs.right)
    if tree:
        _check_single_parents(pairs, parent, child, faults)
        faults.check()
    try:
        return build(pairs.names, parent, child, name=source.stem)
    except CycleError as error:
        raise CycleError(error.cycle, _where(source, pairs, parent, child, error.cycle)) from None
    except TaxoError as error:
        raise FormatError(source.name, [(None, str(error))]) from None


def _parse(source: Source, faults: Faults) -> _Pairs:
    index: dict[str, int] = {}
    left: list[int] = []
    right: list[int] = []
    lines: list[int] = []
    first: dict[tuple[int, int], int] = {}
    for number, line in source.lines():
        if not line.strip() or line.startswith("#"):
            continue
        if (alone := unquote(line)) != line.strip():
            index.setdefault(alone, len(index))
            continue
        fields = split_pair(line)
        if len(fields) != 2 or not all(fields):
            faults.add(number, f"{len(fields)} names where two are expected: {_shorten(line)!r}; {_TABS}")
            continue
        a, b = (index.setdefault(f, len(index)) for f in fields)
        if a == b:
            faults.add(number, f"node {fields[0]!r} is its own parent; remove this line")
        elif first.setdefault((a, b), number) != number:
            faults.add(number, f"the pair {fields[0]!r} {fields[1]!r} is given twice, first in line {first[a, b]}")
        left.append(a)
        right.append(b)
        lines.append(number)
    return _Pairs(list(index), *(np.array(column, dtype=np.intp) for column in (left, right, lines)))


_TABS = "put a tab between names that hold spaces"


def _shorten(line: str) -> str:
    return line if len(line) <= 60 else line[:57] + "..."


def _infer_direction(pairs: _Pairs) -> bool:
    """Whether the pairs read `child parent`."""
    n = len(pairs.names)
    roots = [n - len(np.unique(children)) for children in (pairs.right, pairs.left)]
    if (roots[0] == 1) != (roots[1] == 1):
        return bool(roots[1] == 1)
    single = [len(np.unique(children)) == len(children) for children in (pairs.right, pairs.left)]
    return bool(single[1] and not single[0])


def _check_single_parents(pairs: _Pairs, parent: Ints, child: Ints, faults: Faults) -> None:
    first: dict[int, int] = {}
    for edge, node in enumerate(child.tolist()):
        earlier = first.setdefault(node, edge)
        if earlier != edge:
            names = pairs.names
            faults.add(
                int(pairs.lines[edge]),
                f"second parent {names[parent[edge]]!r} of {names[node]!r}, whose parent is "
                f"{names[parent[earlier]]!r} (line {pairs.lines[earlier]}); a tree is required here",
            )


def _where(source: Source, pairs: _Pairs, parent: Ints, child: Ints, cycle: tuple[str, ...]) -> str:
    """`file:line,line,...` of the edges of a cycle."""
    number = {name: i for i, name in enumerate(pairs.names)}
    wanted = {(number[p], number[c]) for p, c in itertools.pairwise(cycle)}
    edges = zip(parent.tolist(), child.tolist(), pairs.lines.tolist(), strict=True)
    lines = sorted(line for p, c, line in edges if (p, c) in wanted)
    listed = ",".join(map(str, lines[:12])) + (",..." if len(lines) > 12 else "")
    return f"{source.name}:{listed}"


def write_pairs(taxonomy: Taxonomy, *, lossy: bool = False) -> Iterator[str]:
    """Lines `parent child`, with a tab between where a name holds white space.

    Args:
        taxonomy: A tree or a DAG.
        lossy: Whether to write even if ranks, labels, class numbers or the class order get lost.

    Raises:
        LossyWrite: Something would get lost and `lossy` is not set.
    """
    lost = _lost(taxonomy)
    if lost and not lossy:
        raise LossyWrite(f"pairs cannot hold {' and '.join(lost)}; write indented text, or allow the loss")
    if _roots_need_lines(taxonomy):
        yield from (json.dumps(taxonomy.names[r], ensure_ascii=False) for r in taxonomy.roots)
    names = [quote(n) for n in taxonomy.names]
    separator = "\t" if any(len(n.split()) != 1 or n.startswith('"') for n in names) else " "
    for node, name in enumerate(names):
        yield from (f"{names[p]}{separator}{name}" for p in taxonomy.parents_of(node))


def _roots_need_lines(taxonomy: Taxonomy) -> bool:
    """Whether the edges alone would lose a root or change the order of the roots."""
    seen = dict.fromkeys(taxonomy.parents.index.tolist())
    appearing = [v for v in seen if v < len(taxonomy.roots)]
    return bool(appearing != taxonomy.roots.tolist())


def _lost(taxonomy: Taxonomy) -> list[str]:
    """What an edge list of this hierarchy does not hold."""
    lost = []
    if any(taxonomy.ranks):
        lost.append("ranks")
    if taxonomy.labels != taxonomy.names:
        lost.append("labels")
    inferred, numbers = inferred_classes(taxonomy, np.arange(taxonomy.n_nodes))
    if not np.array_equal(inferred, taxonomy.class_nodes):
        lost.append("the order of the classes")
    elif not np.array_equal(numbers, taxonomy.class_numbers):
        lost.append("class numbers")
    return lost
