"""Names that stand for one node each, made from names that may repeat."""

from collections.abc import Callable, Collection, Sequence


def distinct(names: Sequence[str], otherwise: Callable[[int], str], kept: Collection[int] = ()) -> list[str]:
    """The names, those that stand more than once replaced.

    Args:
        names: `(n,)` names.
        otherwise: What a node is called instead, by its place in `names`. Where that is taken as well, a number
            in brackets is put behind it.
        kept: Places that keep their names: the others of the same name give way. Their names must differ.

    Returns:
        `(n,)` names, all different.

    Example:
        >>> distinct(["Morus", "Pica", "Morus"], lambda i: f"Morus <{i}>")
        ['Morus <0>', 'Pica', 'Morus <2>']
        >>> distinct(["person", "person"], lambda i: "person (group)", kept=[1])
        ['person (group)', 'person']
    """
    found = list(names)
    taken = set(found)
    if len(taken) == len(found):
        return found
    seen: set[str] = set()
    repeated = {name for name in found if name in seen or seen.add(name)}  # type: ignore[func-returns-value]
    for place in [i for i, name in enumerate(found) if name in repeated]:
        if place in kept:
            continue
        wanted = name = otherwise(place)
        number = 2
        while name in taken:
            name = f"{wanted} ({number})"
            number += 1
        taken.add(name)
        found[place] = name
    return found
