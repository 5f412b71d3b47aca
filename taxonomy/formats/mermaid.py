"""Mermaid: flowcharts for Markdown pages; written for drawing, not read."""

import re
from collections.abc import Iterator

import numpy as np

from ..taxonomy import Taxonomy
from .source import log

_MOST_EDGES = 500
_SPECIAL = re.compile(r"""["#&<>`\\*~$%]|(?<![^\W_])_|_(?![^\W_])""")
_LIST = re.compile(r"^\s*(?:[-+]|\d+([.)]))(?=\s)")


def write(taxonomy: Taxonomy) -> Iterator[str]:
    """A flowchart from left to right: every node with its label, every edge from parent to child.

    Programs that draw it refuse more than 500 edges unless told otherwise (`maxEdges`): this is logged.
    """
    edges = len(taxonomy.parents.index)
    if edges > _MOST_EDGES:
        log.warning("mermaid: %d edges; programs draw %d unless maxEdges is set to more", edges, _MOST_EDGES)
    yield "flowchart LR"
    for node, label in enumerate(taxonomy.labels):
        yield f'  n{node}["{_escaped(label)}"]'
    children = np.repeat(np.arange(taxonomy.n_nodes), taxonomy.parents.counts())
    for parent, child in zip(taxonomy.parents.index.tolist(), children.tolist(), strict=True):
        yield f"  n{parent} --> n{child}"


def _escaped(text: str) -> str:
    """A label to be drawn as it is: signs of Mermaid, HTML and Markdown become entities, such as `#34;`.

    Example:
        >>> _escaped('a "b" <c>'), _escaped("Larus_argentatus (gull)"), _escaped("1. owl")
        ('a #34;b#34; #60;c#62;', 'Larus_argentatus (gull)', '1#46; owl')
    """
    text = _SPECIAL.sub(lambda sign: f"#{ord(sign[0])};", " ".join(text.splitlines()))
    # "1. owl" and "- owl" would be lists.
    return _LIST.sub(lambda start: start[0][:-1] + f"#{ord(start[0][-1])};", text)
