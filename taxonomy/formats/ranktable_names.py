"""Unique names for the nodes of a table, where the same text may stand in several places."""

from collections import Counter
from collections.abc import Callable, Sequence


def unique_names(
    texts: Sequence[str], parent: Sequence[int], level: Sequence[str], ids: dict[int, str]
) -> tuple[list[str], list[int]]:
    """A name for every node: its id; its text; where several nodes have that text, the text and what it lies below.

    Of the forms `Text`, `Text (Parent)`, `Text (Root/.../Parent)` and `Text (Root/.../Parent) [level]` a node gets the
    first that no other node has. So the names depend on the table's paths, not on the order of its rows.

    Args:
        texts: `(n,)` text of every node's cell.
        parent: `(n,)` parent of every node, -1 for a root.
        level: `(n,)` title of the column that each stands in.
        ids: Names that are given.

    Returns:
        The names `(n,)`, and the nodes whose text was not enough.

    Example:
        >>> unique_names(["Laridae", "Larus", "Larus"], [-1, 0, 1], ["family", "genus", "subgenus"], {})
        (['Laridae', 'Larus (Laridae)', 'Larus (Larus)'], [1, 2])
    """

    def path(i: int) -> str:
        above = []
        while (i := parent[i]) >= 0:
            above.append(texts[i])
        return "/".join(reversed(above))

    forms: list[Callable[[int], str]] = [
        texts.__getitem__,
        lambda i: _within(texts[i], texts[parent[i]] if parent[i] >= 0 else ""),
        lambda i: _within(texts[i], path(i)),
        lambda i: f"{_within(texts[i], path(i))} [{level[i]}]",
    ]
    names = [ids.get(i, "") for i in range(len(texts))]
    taken = set(ids.values())
    nameless = [i for i, name in enumerate(names) if not name]
    homonyms: list[int] | None = None
    for form in forms:
        made = [form(i) for i in nameless]
        counts = Counter(made)
        for i, name in zip(nameless, made, strict=True):
            if counts[name] == 1 and name not in taken:
                names[i] = name
        taken.update(names[i] for i in nameless)
        nameless = [i for i in nameless if not names[i]]
        homonyms = nameless if homonyms is None else homonyms
        if not nameless:
            break
    for i in nameless:  # texts that look like the forms themselves
        names[i] = forms[-1](i)
        while names[i] in taken:
            names[i] += "*"
        taken.add(names[i])
    return names, homonyms or []


def _within(text: str, above: str) -> str:
    return f"{text} ({above})" if above else text
