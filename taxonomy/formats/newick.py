"""Newick: trees as brackets in brackets, `(barn_owl,snowy_owl)owls;`. Holds names and branch lengths.

A file may have several trees.
"""

from collections.abc import Iterator

import numpy as np

from ..taxonomy import Taxonomy
from ..wording import few
from .branch_lengths import written_length
from .draft import Draft
from .newick_names import named
from .newick_scanner import Scanner
from .options import ReadOptions
from .repeats import merged, repeats
from .source import Faults, Source, log
from .texts import wrong_with_name
from .walk import walk

_SPECIAL = frozenset("()[]':;,")


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read one tree or several, each a root of the hierarchy.

    Comments are left out, inner nodes without a name get one, and both is logged. Underscores stay.

    Faults: brackets that do not fit, a tree without its semicolon (the file is cut off), a leaf without a name, a name
    given twice, two names for one node, a branch length that is no number.
    """
    found = Scanner(faults)
    found.scan(source.text)
    names, made, support = named(found.names, found.inner)
    for i, name in enumerate(names):
        if not name:
            faults.add(found.lines[i], "a leaf without a name; give it one", "no-name")
            names[i] = f"(leaf {i})"
        elif wrong := wrong_with_name(name):
            faults.add(found.lines[i], f"the name {name!r} {wrong}", "name")
    for i, first in repeats(names):
        earlier, later = sorted(
            (found.lines[first], found.lines[i])
        )  # names of inner nodes stand behind their children
        faults.add(later, f"node {names[i]!r} is given twice, first in line {earlier}", "duplicate-name")
    if not faults:
        _say(source.name, found, [names[i] for i in made], support)
    lines, parent = np.array(found.lines, dtype=np.intp), np.array(found.parents, dtype=np.intp)
    child = np.flatnonzero(parent >= 0)
    return merged(
        Draft(
            names=names,
            parent=parent[child],
            child=child,
            lengths=np.array(found.lengths, dtype=np.float64),
            node_lines=lines,
            edge_lines=lines[child],
        )
    )


def _say(name: str, found: Scanner, made: list[str], support: int) -> None:
    left_out = {"comments": found.comments, "support values": support}
    listed = ", ".join(f"{count} {what}" for what, count in left_out.items() if count)
    if listed:
        log.warning("%s: left out are %s", name, listed)
    if made:
        log.warning("%s: %d inner nodes without a name are called %s", name, len(made), few(made, 3))


def write(taxonomy: Taxonomy) -> Iterator[str]:
    """A line per root, with inner names and branch lengths; names with blanks, brackets and the like in quotes."""
    inner, depths = (taxonomy.children.counts() > 0).tolist(), taxonomy.depths.tolist()
    names = [_quoted(name) for name in taxonomy.names]
    if taxonomy.lengths is not None:
        lengths = (written_length(taxonomy, node) for node in range(taxonomy.n_nodes))
        names = [f"{name}:{length}" if length else name for name, length in zip(names, lengths, strict=True)]
    parts: list[str] = []
    for node, ended in walk(taxonomy):
        if inner[node]:
            parts.append("(")
            continue
        parts.append(names[node])
        parts += [f"){names[done]}" for done in ended[1:]]
        if depths[ended[-1]]:
            parts.append(",")
        else:
            yield "".join(parts) + ";"
            parts = []


def _quoted(name: str) -> str:
    plain = not _SPECIAL & set(name) and not any(map(str.isspace, name))
    return name if plain else "'" + name.replace("'", "''") + "'"
