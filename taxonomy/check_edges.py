"""Checks of the shape of a hierarchy: cycles, roots, several parents, chains."""

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .arrays import Ints
from .findings import Finding
from .subject import Subject, within
from .taxonomy import Taxonomy


def cycles(subject: Subject) -> Iterator[Finding]:
    """Every set of nodes that are all above and below one another, with one cycle through it; what hangs below."""
    stuck = np.flatnonzero(subject.level < 0)
    if not stuck.size:
        return
    part = _parts(subject, stuck)
    size = np.bincount(part)
    on_cycle = size[part] > 1
    order = stuck[on_cycle][np.argsort(part[on_cycle], kind="stable")]
    bounds = np.flatnonzero(np.diff(np.sort(part[on_cycle]), prepend=-1))
    for nodes in sorted(np.split(order, bounds[1:]), key=lambda nodes: int(nodes[0])):
        yield _cycle(subject, nodes)
    lost = ~_reachable(subject)
    lost[stuck[on_cycle]] = False
    for node in np.flatnonzero(lost).tolist():
        message = f"{subject.name(node)} cannot be reached from a root: only a cycle lies above it"
        yield subject.finding("unreachable", subject.line(node), message)


def _parts(subject: Subject, nodes: Ints) -> Ints:
    """Strongly connected component of each of some nodes, `(k,)`."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    place = np.full(subject.n_nodes, -1, dtype=np.int32)
    place[nodes] = np.arange(len(nodes))
    ends = place[subject.parent], place[subject.child]
    inside = (ends[0] >= 0) & (ends[1] >= 0)
    ones = np.ones(int(inside.sum()), dtype=np.int8)
    graph = coo_array((ones, (ends[0][inside], ends[1][inside])), shape=(len(nodes), len(nodes)))
    _, part = connected_components(graph.tocsr(), directed=True, connection="strong")
    return np.asarray(part, dtype=np.intp)


def _cycle(subject: Subject, nodes: Ints) -> Finding:
    """One cycle of a strongly connected component, from its first node upwards until one comes again."""
    inside = set(nodes.tolist())
    node = int(nodes[0])
    seen: dict[int, int] = {}
    path: list[int] = []
    edges: list[int] = []
    while node not in seen:
        seen[node] = len(path)
        path.append(node)
        above = zip(subject.parents.of(node).tolist(), subject.parent_edges.of(node).tolist(), strict=True)
        node, edge = next((p, e) for p, e in above if p in inside)
        edges.append(edge)
    names = [subject.draft.names[v] for v in (node, *path[seen[node] :][::-1])]
    shown = names if len(names) <= 12 else [*names[:6], "...", *names[-5:]]
    lines = sorted(line for e in edges[seen[node] :] if (line := subject.edge_line(e)))
    listed = f"; lines {', '.join(map(str, lines[:12]))}{', ...' if len(lines) > 12 else ''}" if lines else ""
    more = len(nodes) - len(names) + 1
    also = f"; {more} more nodes lie on cycles with these" if more else ""
    message = f"a cycle of {len(names) - 1} nodes, parent -> child: {' -> '.join(shown)}{listed}{also}"
    return subject.finding("cycle", lines[0] if lines else subject.line(node), message)


def _reachable(subject: Subject) -> NDArray[np.bool_]:
    """Whether a root lies above or at each node, `(n_nodes,)`."""
    reached: NDArray[np.bool_] = subject.parents.counts() == 0
    front = np.flatnonzero(reached)
    while front.size:
        below = np.unique(subject.children.gather(front))
        front = below[~reached[below]]
        reached[front] = True
    return reached


def roots(subject: Subject) -> Iterator[Finding]:
    """Roots beside that of the largest tree."""
    found = np.flatnonzero(subject.parents.counts() == 0)
    if len(found) < 2:
        return
    if not subject.parent.size:
        message = f"none of the {len(found)} nodes has a parent: every class stands alone"
        yield subject.finding("flat", None, message)
        return
    size = _tree_sizes(subject)
    largest = int(found[np.argmax(size[found])])
    beside = f"the largest tree is that of {subject.at(largest)} with {size[largest]} nodes"
    children = subject.children.counts()
    loops = set(subject.draft.child[subject.draft.parent == subject.draft.child].tolist())  # told of already
    for root in found.tolist():
        if root == largest or root in loops:
            continue
        name = subject.name(root)
        if children[root]:
            message = f"{name} is another root, of a tree of {size[root]} nodes; {beside}"
            yield subject.finding("several-roots", subject.line(root), message)
        else:
            yield subject.finding("lone-node", subject.line(root), f"{name} has neither parents nor children; {beside}")


def _tree_sizes(subject: Subject) -> Ints:
    """Number of nodes that come to each root by way of their first parents, `(n_nodes,)`; 0 for other nodes."""
    counts = subject.parents.counts()
    top = np.arange(subject.n_nodes)
    top[counts > 0] = subject.parents.index[subject.parents.start[:-1][counts > 0]]
    for _ in range(subject.n_nodes.bit_length()):
        top = top[top]
    sizes = np.bincount(top, minlength=subject.n_nodes)
    return np.where(counts == 0, sizes, 0)


def several_parents(subject: Subject) -> Iterator[Finding]:
    """Nodes with more than one parent."""
    for node in np.flatnonzero(subject.parents.counts() > 1).tolist():
        edges = subject.parent_edges.of(node).tolist()
        parents = [subject.name(int(subject.parent[e])) + within(subject.edge_line(e)) for e in edges]
        shown = parents if len(parents) <= 6 else [*parents[:5], f"{len(parents) - 5} more"]
        message = f"{subject.name(node)} has {len(parents)} parents: {', '.join(shown)}"
        yield subject.finding("several-parents", subject.edge_line(edges[1]), message)


def redundant_edges(subject: Subject, taxonomy: Taxonomy) -> Iterator[Finding]:
    """Edges from an ancestor that lies above another parent of the same node.

    Args:
        subject: Where the lines are.
        taxonomy: The same hierarchy, built.
    """
    node, one, other = _parent_pairs(taxonomy)
    lines = {}
    if node.size and subject.draft.edge_lines is not None:
        ends = zip(subject.parent.tolist(), subject.child.tolist(), strict=True)
        lines = {edge: subject.edge_line(e) for e, edge in enumerate(ends)}
    place = {name: v for v, name in enumerate(subject.draft.names)} if node.size else {}
    told: set[tuple[int, int]] = set()
    for common in taxonomy.ancestry.common(one, other):
        for pair in common.pair[(common.ancestor == one[common.pair]) & (common.steps_b > 0)].tolist():
            v, above, through = (int(column[pair]) for column in (node, one, other))
            if (above, v) in told:
                continue
            told.add((above, v))
            name, upper, lower = (taxonomy.names[u] for u in (v, above, through))
            message = f"the edge {upper!r} -> {name!r} says nothing new: {upper!r} also lies above its parent {lower!r}"
            line = lines.get((place[upper], place[name]), subject.line(place[name]))
            yield subject.finding("redundant-edge", line, message)


def _parent_pairs(taxonomy: Taxonomy) -> tuple[Ints, Ints, Ints]:
    """All ordered pairs of different parents of one node: the node, one parent, the other, `(k,)` each."""
    found = [
        (v, p, q)
        for v in taxonomy.multi_parent_nodes.tolist()
        for p, q in itertools.permutations(taxonomy.parents_of(v).tolist(), 2)
    ]
    node, one, other = np.array(found, dtype=np.intp).reshape(-1, 3).T.copy()
    return node, one, other


def single_children(subject: Subject) -> Iterator[Finding]:
    """Runs of nodes with one child each, longest possible."""
    single = (subject.children.counts() == 1) & (subject.level >= 0)
    child = np.full(subject.n_nodes, -1, dtype=np.intp)
    child[single] = subject.children.index[subject.children.start[:-1][single]]
    continues = np.zeros(subject.n_nodes, dtype=bool)  # is the only child of a node
    continues[child[single]] = True
    below, is_single = child.tolist(), single.tolist()
    for top in np.flatnonzero(single & ~continues).tolist():
        chain = [top]
        while is_single[chain[-1]]:
            chain.append(below[chain[-1]])
        if len(chain) == 2:
            message = f"{subject.name(top)} has one child only, {subject.name(chain[1])}"
        else:
            shown = chain if len(chain) <= 8 else [*chain[:5], -1, *chain[-2:]]
            names = " -> ".join("..." if v < 0 else subject.name(v) for v in shown)
            message = f"a chain of {len(chain) - 1} single children: {names}"
        yield subject.finding("single-child", subject.line(top), message)
