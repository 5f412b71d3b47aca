"""JSON as objects in objects: `{"animal": {"bird": {"owl": {}}}}`. Holds names and nothing else."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..taxonomy import Taxonomy
from .draft import Draft
from .json_paths import path
from .json_text import check_keys, encode, kind_of, load
from .options import ReadOptions
from .repeats import merged, repeats
from .source import Faults, Source
from .texts import wrong_with_name
from .walk import indent, walk


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read objects in objects.

    Faults: no valid JSON; a node given twice; a value that is neither an object nor a list of names nor null.
    """
    value = load(source, faults)
    return Draft(names=[]) if faults else draft(value, source, faults)


def draft(value: Any, source: Source, faults: Faults) -> Draft:
    """What objects in objects say, depth first. The children of a node may also be a list of their names."""
    names: list[str] = []
    parents: list[int] = []

    def place(i: int) -> str:
        return path(i, parents, names.__getitem__)

    pending = [(-1, name, below) for name, below in _children(value, "top level", faults)[::-1]]
    while pending:
        parent, name, value = pending.pop()
        here = len(names)
        names.append(name)
        parents.append(parent)
        if wrong := wrong_with_name(name):
            faults.add(None, f"{place(here)}: the name {name!r} {wrong}", "name")
        if value is not None and value != {}:
            below = _children(value, place(here), faults)
            pending += [(here, child, inner) for child, inner in reversed(below)]
    for i, first in repeats(names):
        faults.add(None, f"{place(i)}: node {names[i]!r} is given twice, first at {place(first)}", "duplicate-name")
    child = [i for i, parent in enumerate(parents) if parent >= 0]
    above = np.array([parents[i] for i in child], dtype=np.intp)
    return merged(Draft(names=names, parent=above, child=np.array(child, dtype=np.intp)))


def _children(value: Any, place: str, faults: Faults) -> list[tuple[str, Any]]:
    """Names of the children that a value gives, with what is below each."""
    if isinstance(value, dict):
        check_keys(value, place, faults)
        return list(value.items())
    if isinstance(value, list):
        found: list[tuple[str, Any]] = []
        for i, item in enumerate(value):
            if isinstance(item, str):
                found.append((str(item), None))
            elif isinstance(item, dict):
                found += _children(item, f"{place}[{i}]", faults)
            else:
                faults.add(None, f"{place}[{i}]: {kind_of(item)} where a name is expected", "json")
        return found
    faults.add(None, f"{place}: {kind_of(value)} where an object or a list of names is expected", "json")
    return []


def write(taxonomy: Taxonomy) -> Iterator[str]:
    """One name per line, with an object of its children; `{}` for a leaf."""
    inner, depths = (taxonomy.children.counts() > 0).tolist(), taxonomy.depths.tolist()
    last = taxonomy.n_nodes - 1
    yield "{"
    for count, (node, ended) in enumerate(walk(taxonomy)):
        comma = "," * (count < last)
        line = f"{indent(depths[node] + 1)}{encode(taxonomy.names[node])}: {{"
        if inner[node]:
            yield line
            continue
        yield line + "}" + comma * (len(ended) == 1)
        for done in ended[1:]:
            yield indent(depths[done] + 1) + "}" + comma * (done == ended[-1])
    yield "}"
