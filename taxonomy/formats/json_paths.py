"""Where in a JSON file a node stands: what line numbers are to other formats."""

from collections.abc import Callable, Sequence

_MOST_STEPS = 50


def path(node: int, parents: Sequence[int], step: Callable[[int], str]) -> str:
    """The steps from the top of a file to a node, such as `children[3].children[0]`.

    Of a very long way only the end is given.

    Args:
        node: The node.
        parents: Parent of every node, -1 for a root.
        step: How the step to a node is called; "" for none.

    Example:
        >>> path(2, [-1, 0, 1], lambda i: f"children[{i}]" if i else "")
        'children[1].children[2]'
    """
    steps: list[str] = []
    while node >= 0 and len(steps) < _MOST_STEPS:
        steps.append(step(node))
        node = parents[node]
    if node >= 0:
        steps.append("...")
    return ".".join(filter(None, reversed(steps))) or "top level"
