"""Graphviz: written for drawing, not read."""

from collections.abc import Iterator

import numpy as np

from ..taxonomy import Taxonomy


def write(taxonomy: Taxonomy) -> Iterator[str]:
    """A directed graph from left to right: every node with its label, every edge from parent to child."""
    names = [_quoted(name) for name in taxonomy.names]
    yield f"digraph {_quoted(taxonomy.name)} {{"
    yield "  rankdir=LR"
    yield '  node [shape=box, style=rounded, fontname="sans-serif"]'
    for name, label in zip(taxonomy.names, taxonomy.labels, strict=True):
        yield f"  {_quoted(name)} [label={_label(label)}]"
    children = np.repeat(np.arange(taxonomy.n_nodes), taxonomy.parents.counts())
    for parent, child in zip(taxonomy.parents.index.tolist(), children.tolist(), strict=True):
        yield f"  {names[parent]} -> {names[child]}"
    yield "}"


def _quoted(name: str) -> str:
    r"""A name as an identifier. In one, only `\"` means something else; a backslash at its end would hide the quote."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _label(text: str) -> str:
    r"""A text to be drawn as it is: `\n`, `\N` and `&lt;` would mean something else in a label."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
    return '"' + text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n") + '"'
