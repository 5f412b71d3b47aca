"""All nodes that lie above or below some nodes."""

from ..arrays import Ints, Rows


def reach(rows: Rows, nodes: Ints) -> list[int]:
    """The nodes themselves and everything that can be reached from them, each once, ascending.

    Args:
        rows: `taxonomy.children` to go down, `taxonomy.parents` to go up.
        nodes: `(k,)` where to begin.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "bird"), ("bird", "owl"), ("animal", "cat")])
        >>> [t.names[v] for v in reach(t.parents, t.indices(["owl"]))]
        ['animal', 'bird', 'owl']
    """
    # Plain lists: a step per edge costs the same for a chain of a million nodes as for a bush.
    start, index = rows.start.tolist(), rows.index.tolist()
    pending = nodes.tolist()
    seen = set(pending)
    while pending:
        v = pending.pop()
        fresh = [c for c in index[start[v] : start[v + 1]] if c not in seen]
        seen.update(fresh)
        pending += fresh
    return sorted(seen)
