"""JSON as nodes and links, as networkx and D3 have it; holds DAGs, and everything that a node may have."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..taxonomy import Taxonomy
from .draft import Draft
from .json_nodes import draft_of, members, name_key, scalar, with_edges
from .json_text import Number, check_keys, encode, kind_of, load
from .numbering import written_numbers
from .options import ReadOptions
from .source import Faults, Source, log

_ENDS = (("source", "target"), ("from", "to"), ("parent", "child"))
_PARENT_KEYS = ("parent", "parentId", "parent_id")


def is_links(value: Any) -> bool:
    """Whether a JSON value is an object with nodes and links, or a list of nodes that name their parents."""
    if isinstance(value, list):
        first = next(iter(value), None)
        return isinstance(first, dict) and "children" not in first and _parent_key(value) is not None
    if not isinstance(value, dict) or not isinstance(value.get("nodes"), list):
        return False
    links = value.get(_links_key(value))
    return isinstance(links, list) and not any(isinstance(link, str) for link in links[:1])


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read nodes and links; `options.is_a` turns the links round.

    Faults: no valid JSON; a node without a name, or given twice; a link that names no node, leads from a node to
    itself, or is given twice; a wrong attribute.
    """
    value = load(source, faults)
    if not faults and not is_links(value):
        faults.add(None, f'{kind_of(value)} without lists of "nodes" and "links"', "json")
    return Draft(names=[]) if faults else draft(value, source, faults, options)


def draft(value: Any, source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """What nodes and links say."""
    graph = value if isinstance(value, dict) else {"nodes": value}
    name = "nodes" if isinstance(value, dict) else ""
    check_keys(value, "top level", faults)
    nodes = []
    for i, node in enumerate(graph["nodes"]):
        if not isinstance(node, dict) and scalar(node) is None:
            faults.add(None, f"{name}[{i}]: {kind_of(node)} where a node is expected", "json")
            node = f"({name}[{i}])"
        nodes.append(node if isinstance(node, dict) else {"name": node})
    used = ["id", *_PARENT_KEYS] if name == "" else ["id"]
    read = draft_of(nodes, used, lambda i: f"{name}[{i}]", source, faults)
    ends = _Ends(nodes)
    if name:
        edges = _edges(graph, ends, faults)
        _say_direction(graph, source, faults)
        facts = graph.get("graph")
        read.meta = {k: text for k, v in facts.items() if (text := scalar(v))} if isinstance(facts, dict) else {}
    else:
        edges = _edges_to_parents(nodes, ends, faults)
    if options.is_a:
        edges = [(child, parent) for parent, child in edges]
    return with_edges(read, [parent for parent, _ in edges], [child for _, child in edges])


def _links_key(graph: dict[str, Any]) -> str:
    return "links" if "links" in graph else "edges"


def _parent_key(nodes: list[Any]) -> str | None:
    return next((k for k in _PARENT_KEYS if any(isinstance(n, dict) and k in n for n in nodes[:1000])), None)


class _Ends:
    """Finds the node that an end of a link means: by id, else by name, else, for a number, by its place."""

    def __init__(self, nodes: list[dict[str, Any]]) -> None:
        self._size = len(nodes)
        self._by_id: dict[str, int] = {}
        self._by_name: dict[str, int] = {}
        for i, node in enumerate(nodes):
            for found, key in ((self._by_id, "id"), (self._by_name, name_key(node))):
                text = scalar(node.get(key or ""))
                if text is not None:
                    found.setdefault(text, i)

    def find(self, end: Any) -> int | None:
        """The node; None where there is none."""
        if isinstance(end, dict):  # as D3 leaves them behind
            end = end.get("id", end.get("name"))
        if not isinstance(end, str):
            return None
        if end in self._by_id:
            return self._by_id[end]
        if isinstance(end, Number) and not self._by_id and end.isdigit() and int(end) < self._size:
            return int(end)
        return self._by_name.get(end)


def _edges(graph: dict[str, Any], ends: _Ends, faults: Faults) -> list[tuple[int, int]]:
    """Parent and child of every good link."""
    first: dict[tuple[int, int], int] = {}
    key = _links_key(graph)
    for i, link in enumerate(graph[key]):
        check_keys(link, f"{key}[{i}]", faults)
        pair = _pair(link)
        if pair is None:
            faults.add(None, f"{key}[{i}]: {kind_of(link)} without source and target", "json")
            continue
        found = [ends.find(end) for end in pair]
        for end, node in zip(pair, found, strict=True):
            if node is None:
                shown = repr(str(end)) if isinstance(end, str) else kind_of(end)
                faults.add(None, f"{key}[{i}]: {shown} is no node; the nodes are listed under nodes", "unknown-node")
        parent, child = found
        if parent is None or child is None:
            continue
        if parent == child:
            faults.add(None, f"{key}[{i}]: node {str(pair[0])!r} is its own parent; remove this link", "self-loop")
        elif (earlier := first.setdefault((parent, child), i)) != i:
            faults.add(None, f"{key}[{i}]: the same link as {key}[{earlier}]; remove one", "duplicate-edge")
    return list(first)


def _pair(link: Any) -> tuple[Any, Any] | None:
    if isinstance(link, list) and len(link) == 2:
        return link[0], link[1]
    if isinstance(link, dict):
        return next(((link[a], link[b]) for a, b in _ENDS if a in link and b in link), None)
    return None


def _edges_to_parents(nodes: list[dict[str, Any]], ends: _Ends, faults: Faults) -> list[tuple[int, int]]:
    """Parent and child of every node that names its parent."""
    key, found = _parent_key(nodes), []
    for i, node in enumerate(nodes):
        end = node.get(key or "")
        if end is None or end in ("", "#"):
            continue
        parent = ends.find(end)
        if parent is None:
            faults.add(None, f"[{i}].{key}: {str(end)!r} is no node", "unknown-node")
        elif parent == i:
            faults.add(None, f"[{i}].{key}: node {str(end)!r} is its own parent", "self-loop")
        else:
            found.append((parent, i))
    return found


def _say_direction(graph: dict[str, Any], source: Source, faults: Faults) -> None:
    if graph.get("directed") is False and not faults:
        log.warning('%s: its links have no direction ("directed": false); read as from parent to child', source.name)


def write(taxonomy: Taxonomy) -> Iterator[str]:
    """A line per node and per link, from parent to child, with the keys that networkx writes and reads."""
    numbers = written_numbers(taxonomy, np.arange(taxonomy.n_nodes))
    names = [encode(name) for name in taxonomy.names]
    yield '{"directed": true, "multigraph": false, "graph": ' + encode(taxonomy.meta) + ', "nodes": ['
    for node in range(taxonomy.n_nodes):
        yield " {" + ", ".join(members(taxonomy, node, numbers, "id")) + "}" + "," * (node < taxonomy.n_nodes - 1)
    yield '], "links": ['
    children = np.repeat(np.arange(taxonomy.n_nodes), taxonomy.parents.counts()).tolist()
    pairs = list(zip(taxonomy.parents.index.tolist(), children, strict=True))
    for count, (parent, child) in enumerate(pairs, 1):
        yield f' {{"source": {names[parent]}, "target": {names[child]}}}' + "," * (count < len(pairs))
    yield "]}"
