"""What each tool does in the benchmark: load an edge list, answer for lowest common ancestors.

Run by `hierarchies.py`, each tool in a process of its own and in an environment that has this tool; so nothing is
imported here but the standard library, and a tool where it is made; the time of imports does not count.

python benchmarks/tools.py TOOL EDGES PAIRS FEW    prints one JSON object
"""

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

Pairs = list[tuple[str, str]]


class Taxo:
    """Ours."""

    package, few = "taxo-toolkit", False

    def __init__(self) -> None:
        from taxo.taxonomy import read

        self.read = read

    def load(self, edges: str) -> None:
        """From a file of lines `parent child`, the direction inferred."""
        self.tree = self.read(edges)

    def handles(self, pairs: Pairs) -> Any:
        """Two arrays of node numbers; found without what `by_name` builds, whose time counts there."""
        import numpy

        index = {name: node for node, name in enumerate(self.tree.names)}
        return [numpy.array([index[pair[side]] for pair in pairs]) for side in (0, 1)]

    def by_handle(self, handles: Any) -> Any:
        """Node numbers."""
        return self.tree.lcs(*handles)

    def by_name(self, pairs: Pairs) -> list[str]:
        """Names."""
        nodes = [self.tree.indices([pair[side] for pair in pairs]) for side in (0, 1)]
        return list(map(self.tree.names.__getitem__, self.by_handle(nodes).tolist()))


class Networkx:
    """networkx: Tarjan's algorithm for all pairs together; asked one by one it takes seconds a pair."""

    package, few, handles = "networkx", False, None

    def __init__(self) -> None:
        import networkx

        self.networkx = networkx

    def load(self, edges: str) -> None:
        """By its own reader of edge lists."""
        self.tree = self.networkx.read_edgelist(edges, create_using=self.networkx.DiGraph)
        self.root = next(iter(self.tree))

    def by_name(self, pairs: Pairs) -> list[str]:
        """Names; the generator yields them in an order of its own, and either way round."""
        found = dict(self.networkx.tree_all_pairs_lowest_common_ancestor(self.tree, root=self.root, pairs=pairs))
        return [found[a, b] if (a, b) in found else found[b, a] for a, b in pairs]


class Ete4:
    """ete4; its own `from_parent_child_table` takes longer than this."""

    package, few = "ete4", True

    def __init__(self) -> None:
        from ete4 import Tree

        self.make = Tree

    def load(self, edges: str) -> None:
        """Node by node, parents before children."""
        self.nodes: dict[str, Any] = {}
        with open(edges, encoding="utf-8") as file:
            for line in file:
                parent, child = line.split()
                if parent not in self.nodes:
                    self.root = self.nodes[parent] = self.make({"name": parent})
                self.nodes[child] = self.nodes[parent].add_child(name=child)

    def handles(self, pairs: Pairs) -> Any:
        """Node objects."""
        return [(self.nodes[a], self.nodes[b]) for a, b in pairs]

    def by_handle(self, handles: Any) -> Any:
        """Node objects."""
        return [self.root.common_ancestor([a, b]) for a, b in handles]

    def by_name(self, pairs: Pairs) -> list[str]:
        """Names."""
        return [node.name for node in self.by_handle(self.handles(pairs))]


class Nutree:
    """nutree."""

    package, few = "nutree", True

    def __init__(self) -> None:
        from nutree import Tree

        self.make = Tree

    def load(self, edges: str) -> None:
        """Node by node, parents before children, with a dictionary of the nodes."""
        tree = self.make("edges")
        self.nodes: dict[str, Any] = {}
        with open(edges, encoding="utf-8") as file:
            for line in file:
                parent, child = line.split()
                if parent not in self.nodes:
                    self.nodes[parent] = tree.add(parent)
                self.nodes[child] = self.nodes[parent].add(child)

    def handles(self, pairs: Pairs) -> Any:
        """Node objects."""
        return [(self.nodes[a], self.nodes[b]) for a, b in pairs]

    def by_handle(self, handles: Any) -> Any:
        """Node objects."""
        return [a.get_common_ancestor(b) for a, b in handles]

    def by_name(self, pairs: Pairs) -> list[str]:
        """Names."""
        return [node.data for node in self.by_handle(self.handles(pairs))]


class OneCodex:
    """onecodex taxonomy, in Rust; Newick is what it reads fastest and the only format that takes any names."""

    package, few, handles = "taxonomy", True, None

    def __init__(self) -> None:
        from taxonomy import Taxonomy

        self.make = Taxonomy

    def load(self, edges: str) -> None:
        """It reads no edge lists: a Newick text is put together, from the leaves to the root."""
        children: dict[str, list[str]] = {}
        with open(edges, encoding="utf-8") as file:
            for line in file:
                parent, child = line.split()
                children.setdefault(parent, []).append(child)
        order = [next(iter(children))]
        for node in order:
            order += [child for child in children[node] if child in children]
        written: dict[str, str] = {}
        for node in reversed(order):
            written[node] = f"({','.join([written.pop(child, child) for child in children[node]])}){node}"
        self.tree = self.make.from_newick(written[order[0]] + ";")

    def by_name(self, pairs: Pairs) -> list[str]:
        """Names."""
        return [self.tree.lca(a, b).id for a, b in pairs]


TOOLS: dict[str, type[Any]] = {
    "taxo": Taxo,
    "networkx": Networkx,
    "ete4": Ete4,
    "nutree": Nutree,
    "taxonomy": OneCodex,
}


def main(name: str, edges: str, pairs_file: str, few: int) -> dict[str, Any]:
    """Load, then answer with the tool's own handles and by name; seconds, processor seconds, memory."""
    tool = TOOLS[name]()
    before = peak()
    load = timed(lambda: tool.load(edges))
    memory = {"start": before, "load": peak()}
    found = {"tool": name, "version": version(tool.package), "load": load[1], "peak_mb": memory}
    with open(pairs_file, encoding="utf-8") as file:
        pairs = [(a, b) for a, b in map(str.split, file)]
    asked = pairs[:few] if tool.few else pairs
    found["pairs"] = len(asked)
    if tool.handles:
        handles = tool.handles(asked)
        # Twice: the first time with whatever a tool builds when it is first asked.
        found["by_handle"], found["by_handle_again"] = (timed(lambda: tool.by_handle(handles))[1] for _ in range(2))
        del handles
    (answers, found["by_name"]), (_, found["by_name_again"]) = (timed(lambda: tool.by_name(asked)) for _ in range(2))
    memory["end"] = peak()
    found["answers"] = answers[:1000]
    return found


def timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What the work gives, and the time it took."""
    wall, processor = time.perf_counter(), time.process_time()
    result = work()
    return result, {"s": time.perf_counter() - wall, "cpu_s": time.process_time() - processor}


def peak() -> float:
    """Largest memory of this process so far, in MB."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 / 1e6 for line in file if line.startswith("VmHWM"))


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:4], int(sys.argv[4]))))  # type: ignore[call-arg]
