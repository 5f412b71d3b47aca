"""JSON as D3 has it: an object per node, with its name and a list of children.

The reader also takes the other shapes in which people keep hierarchies as JSON, told apart by their content.
"""

from collections.abc import Iterator
from typing import Any

from ..taxonomy import Taxonomy
from . import json_dict, json_links
from .draft import Draft
from .json_nodes import draft_of, members, name_key, scalar, with_edges
from .json_paths import path
from .json_text import encode, kind_of, load
from .numbering import written_numbers
from .options import ReadOptions
from .source import Faults, Source
from .walk import depth_first, indent, walk


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read JSON of any of the three shapes.

    Faults: no valid JSON; a node without a name, or given twice; a key given twice in one object; children that
    are no list; a wrong attribute.
    """
    value = load(source, faults)
    if not faults and not isinstance(value, dict | list):
        faults.add(None, f"{kind_of(value)} where an object or a list is expected", "json")
    if faults:
        return Draft(names=[])
    shape = dialect(value)
    if shape == "links":
        return json_links.draft(value, source, faults, options)
    if shape == "dict":
        return json_dict.draft(value, source, faults)
    return draft(value, source, faults)


def dialect(value: Any) -> str:
    """The shape of a JSON value: "tree" (name and children), "dict" (objects in objects) or "links".

    Example:
        >>> dialect({"name": "a", "children": []}), dialect({"a": {"b": {}}}), dialect({"nodes": [], "links": []})
        ('tree', 'dict', 'links')
    """
    if json_links.is_links(value):
        return "links"
    if not isinstance(value, dict):
        return "tree"
    children = value.get("children")
    if name_key(value) or (isinstance(children, list) and not all(isinstance(c, str) for c in children)):
        return "tree"
    return "dict"


def draft(value: Any, source: Source, faults: Faults) -> Draft:
    """What a tree of objects says, depth first."""
    nodes: list[dict[str, Any]] = []
    parents: list[int] = []
    steps: list[int] = []  # the place of a node among its siblings
    several = isinstance(value, list)

    def place(i: int) -> str:
        return path(i, parents, lambda j: f"children[{steps[j]}]" if parents[j] >= 0 else f"[{steps[j]}]" * several)

    pending = [(-1, step, node) for step, node in _numbered_from_behind(value if several else [value])]
    while pending:
        parent, step, node = pending.pop()
        parents.append(parent)
        steps.append(step)
        here = len(nodes)
        if not isinstance(node, dict):
            # A leaf may be just its name.
            if scalar(node) is None:
                faults.add(None, f"{place(here)}: {kind_of(node)} where a node is expected", "json")
            node = {"name": scalar(node) or f"({place(here)})"}
        nodes.append(node)
        below = node.get("children")
        if below is not None and not isinstance(below, list):
            faults.add(None, f"{place(here)}.children: {kind_of(below)} where a list is expected", "json")
        elif below:
            pending += [(here, *child) for child in _numbered_from_behind(below)]
    read = draft_of(nodes, ("children", "meta"), place, source, faults)
    for root in (node for node, parent in zip(nodes, parents, strict=True) if parent < 0):
        facts = root.get("meta")
        if isinstance(facts, dict):
            read.meta |= {key: text for key, value in facts.items() if (text := scalar(value)) is not None}
    child = [i for i, parent in enumerate(parents) if parent >= 0]
    return with_edges(read, [parents[i] for i in child], child)


def _numbered_from_behind(values: list[Any]) -> list[tuple[int, Any]]:
    return list(enumerate(values))[::-1]


def write(taxonomy: Taxonomy) -> Iterator[str]:
    """An object per node and line; a list of them where there are several roots.

    Class numbers are written where reading would otherwise give other numbers or another order.
    """
    numbers = written_numbers(taxonomy, depth_first(taxonomy))
    inner, depths = (taxonomy.children.counts() > 0).tolist(), taxonomy.depths.tolist()
    several = len(taxonomy.roots) > 1
    last = taxonomy.n_nodes - 1
    if several:
        yield "["
    for count, (node, ended) in enumerate(walk(taxonomy)):
        found = members(taxonomy, node, numbers, "name")
        if count == 0 and taxonomy.meta:
            found.append(f'"meta": {encode(taxonomy.meta)}')
        comma = "," * (count < last)
        line = indent(depths[node] + several) + "{" + ", ".join(found)
        if inner[node]:
            yield line + ', "children": ['
            continue
        yield line + "}" + comma * (len(ended) == 1)
        for done in ended[1:]:
            yield indent(depths[done] + several) + "]}" + comma * (done == ended[-1])
    if several:
        yield "]"
