"""The hierarchy drawn with lines, for a terminal."""

from collections.abc import Iterator

from .taxonomy import Taxonomy


def draw(
    taxonomy: Taxonomy, node: str | None = None, *, depth: int | None = None, labels: bool = False
) -> Iterator[str]:
    """Lines of the tree below a node, or of the whole hierarchy.

    Nodes with several parents are drawn out below the first and only named, with `^`, below the others.
    Where `depth` cuts, the number of hidden nodes is told.

    Args:
        taxonomy: A tree or a DAG.
        node: Where to begin; all roots by default.
        depth: How many levels below the beginning to draw; all by default.
        labels: Whether to write labels beside names.

    Raises:
        UnknownNode: No such node.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> print(*draw(from_edges([("birds", "owls"), ("birds", "gulls"), ("owls", "barn owl")])), sep="\\n")
        birds
        ├── owls
        │   └── barn owl
        └── gulls
    """
    starts = taxonomy.roots.tolist() if node is None else [taxonomy.index(node)]
    drawn: set[int] = set()
    pending = [(start, "", "", 0) for start in reversed(starts)]  # node, prefix of the line, of its children
    while pending:
        current, prefix, below, level = pending.pop()
        text = prefix + describe_node(taxonomy, current, labels=labels)
        children = taxonomy.children_of(current).tolist()
        if current in drawn:
            yield f"{text} ^"
            continue
        drawn.add(current)
        if depth is not None and level >= depth and children:
            yield f"{text} ({_count_below(taxonomy, current)} below)"
            continue
        yield text
        for child in reversed(children):
            last = child == children[-1]
            pending.append(
                (child, below + ("└── " if last else "├── "), below + ("    " if last else "│   "), level + 1)
            )


def describe_node(taxonomy: Taxonomy, node: int, *, labels: bool) -> str:
    """The node's name, with its label in brackets where asked for and different."""
    name, label = taxonomy.names[node], taxonomy.labels[node]
    return f"{name} ({label})" if labels and label != name else name


def _count_below(taxonomy: Taxonomy, node: int) -> int:
    """Number of proper descendants."""
    seen: set[int] = set()
    front = [node]
    while front:
        fresh = [c for c in taxonomy.children_of(front.pop()).tolist() if c not in seen]
        seen.update(fresh)
        front.extend(fresh)
    return len(seen)
