"""Pairs of nodes that arrive line by line, and what is to be said of each: for `taxo lca` and `taxo similarity`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BufferedIOBase
from typing import Any

import numpy as np

from .arrays import Ints
from .errors import FormatError, TaxoError
from .formats.pairs import split_pair, split_regular
from .heights import LEVELS, Floats
from .lookup import Lookup
from .measures import Measure, get_measure
from .queries import heights_of, lca_of
from .subsumers import DagSubsumers
from .taxonomy import Taxonomy

_SIZE = 1 << 18


@dataclass(frozen=True)
class Answers:
    """Pairs of nodes and what they have in common; each column is worked out when first asked for.

    Attributes:
        taxonomy: Where the nodes come from.
        a: `(n_pairs,)` nodes.
        b: `(n_pairs,)` nodes.
        measure: How similarity is measured.
        heights: `(n_nodes,)` that the measure goes by; None for the number of levels.
    """

    taxonomy: Taxonomy
    a: Ints
    b: Ints
    measure: Measure
    heights: Floats | None = None

    @cached_property
    def lca(self) -> list[str | None]:
        """Name of the lowest common subsumer of each pair, None where there is none."""
        names = self.taxonomy.names
        return [None if v < 0 else names[v] for v in self._lca.tolist()]

    @cached_property
    def similarity(self) -> Floats:
        """Similarity of each pair, `(n_pairs,)`."""
        return self.measure(self.taxonomy, self.a, self.b)

    @cached_property
    def _lca(self) -> Ints:
        if self.heights is None or self.taxonomy.is_tree:
            return self.taxonomy.lcs(self.a, self.b)
        return DagSubsumers(self.taxonomy.ancestry, self.heights, self.taxonomy.depths).of(self.a, self.b)

    def names(self) -> Iterator[tuple[str, str]]:
        """Names of the two nodes of each pair."""
        names = self.taxonomy.names
        return ((names[a], names[b]) for a, b in zip(self.a.tolist(), self.b.tolist(), strict=True))

    def facts(self) -> Iterator[dict[str, Any]]:
        """What `--json` prints of each pair: `a`, `b`, `lca`, its `height`, `similarity`."""
        heights = (self.taxonomy.heights if self.heights is None else self.heights)[self._lca].tolist()
        columns = zip(self.names(), self.lca, heights, self.similarity.tolist(), strict=True)
        for (a, b), lca, height, similarity in columns:
            yield {
                "a": a,
                "b": b,
                "lca": lca,
                "height": None if lca is None else height,
                "similarity": similarity,
            }


def answer(
    taxonomy: Taxonomy,
    a: str,
    b: str,
    *,
    measure: str = "lcs-height",
    ic: str | None = None,
    heights: str | Mapping[str, float] = LEVELS,
) -> Answers:
    """What is to be said of one pair; arguments and errors as for `compare`."""
    found = heights_of(taxonomy, heights)
    nodes = Lookup(taxonomy).nodes([a, b])
    return Answers(taxonomy, nodes[:1], nodes[1:], get_measure(measure, ic=ic, heights=found), found)


def describe_many(taxonomy: Taxonomy, names: Sequence[str]) -> dict[str, Any]:
    """What `taxo lca --json` prints of more than two nodes: `nodes`, `lca`, its `height`; raises as `lca` does.

    Example:
        >>> from taxo.hierarchies import load
        >>> describe_many(load("cub-deep"), ["Larus", "Sterna", "Alcidae"])
        {'nodes': ['Larus', 'Sterna', 'Alcidae'], 'lca': 'Charadriiformes', 'height': 5}
    """
    nodes = Lookup(taxonomy).nodes(names)
    lowest = lca_of(taxonomy, nodes)
    return {
        "nodes": [taxonomy.names[v] for v in nodes.tolist()],
        "lca": None if lowest < 0 else taxonomy.names[lowest],
        "height": None if lowest < 0 else int(taxonomy.heights[lowest]),
    }


def answer_lines(
    taxonomy: Taxonomy,
    stream: BufferedIOBase,
    *,
    measure: str = "lcs-height",
    ic: str | None = None,
    heights: str | Mapping[str, float] = LEVELS,
) -> Iterator[Answers]:
    """What is to be said of pairs that arrive line by line, in blocks: of each line, in order, or an error.

    A line holds two names: between tabs, as files of pairs have them, or between white space where that gives
    exactly two. A name may also be a label or synonym that only one node has.

    Args:
        taxonomy: Where the nodes come from.
        stream: Standard input, say. A block is what has arrived, so that a program may ask and wait for the answer.
        measure: One of `MEASURES`.
        ic: Kind of information content, for `lin` and `resnik` only.
        heights: What `lcs-height` goes by; see `compare`.

    Raises:
        FormatError: A line that is no pair, or names no node, with its number; what stands before it has been
            answered by then.
        TaxoError: No such measure or kind.
    """
    found = heights_of(taxonomy, heights)
    how, lookup = get_measure(measure, ic=ic, heights=found), Lookup(taxonomy)
    for first, lines in line_blocks(stream):
        nodes, fault = _nodes(first, lines, lookup)
        if nodes.size:
            a, b = nodes.reshape(-1, 2).T
            yield Answers(taxonomy, a, b, how, found)
        if fault:
            raise fault


def _nodes(first: int, lines: list[str], lookup: Lookup) -> tuple[Ints, FormatError | None]:
    """The nodes named on some lines, two for each, up to the first bad line; what is wrong with that."""
    names = split_regular(lines)
    if names is not None:
        try:
            return lookup.nodes(names), None
        except TaxoError:
            pass  # which line it was is found out below
    nodes: list[int] = []
    for number, line in enumerate(lines, first):
        try:
            nodes += [lookup.node(name) for name in _pair(line)]
        except TaxoError as error:
            return np.array(nodes, dtype=np.intp), FormatError("-", [(number, str(error))])
    return np.array(nodes, dtype=np.intp), None


def _pair(line: str) -> list[str]:
    fields = split_pair(line)
    if len(fields) != 2 or not all(fields):
        shown = line if len(line) <= 60 else f"{line[:57]}..."
        found = sum(map(bool, fields))
        names = "1 name" if found == 1 else f"{found} names"
        raise TaxoError(f"{names} where two are expected: {shown!r}; put a tab between names that hold spaces")
    return fields


def line_blocks(stream: BufferedIOBase) -> Iterator[tuple[int, list[str]]]:
    """Lines as they arrive.

    Yields:
        Number of the first line, from 1, and whole lines without their breaks.

    Raises:
        FormatError: A line that is not UTF-8.
    """
    number, rest = 1, b""
    while data := stream.read1(_SIZE):
        whole, line_break, end = data.rpartition(b"\n")
        if not line_break:
            rest += data
            continue
        lines = _decoded(number, rest + whole)
        yield number, lines
        number, rest = number + len(lines), end
    if rest:
        yield number, _decoded(number, rest)


def _decoded(number: int, data: bytes) -> list[str]:
    try:
        text = data.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        line = number + data.count(b"\n", 0, error.start)
        message = f"byte 0x{data[error.start]:02x} is not UTF-8; convert the input to UTF-8"
        raise FormatError("-", [(line, message)]) from error
    lines = text.split("\n")
    return [line.removesuffix("\r") for line in lines] if "\r" in text else lines
