"""Edits that concern one node: add, remove, move, rename. See `edits` for what they have in common."""

from collections.abc import Sequence

import numpy as np

from ..errors import TaxoError
from ..taxonomy import Taxonomy
from ..wording import few
from .reach import reach
from .sketch import Emptied, Sketch, check_free


def add(
    taxonomy: Taxonomy,
    name: str,
    *,
    parent: str | Sequence[str] = (),
    rank: str = "",
    label: str = "",
    synonyms: Sequence[str] = (),
    class_number: int | None = None,
    length: float = np.nan,
    before: str | None = None,
    after: str | None = None,
) -> Taxonomy:
    """Add a leaf.

    Args:
        taxonomy: The hierarchy; it stays as it is.
        name: Name of the new node.
        parent: What it stands below, one name or several; nothing makes it a root.
        rank: Such as "genus".
        label: What a person reads; the name by default.
        synonyms: Other names.
        class_number: Makes it a class with this number.
        length: Length of the branch above it; none by default.
        before: The sibling in front of which it stands; by default it is the last.
        after: The sibling behind which it stands.

    Raises:
        UnknownNode: No such parent or sibling.
        TaxoError: The name or the class number is taken, a sibling that is none.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> birds = from_edges([("bird", "owl"), ("bird", "gull")])
        >>> add(birds, "tern", parent="bird", after="owl").classes
        ('owl', 'gull', 'tern')
    """
    above = taxonomy.indices([parent] if isinstance(parent, str) else dict.fromkeys(parent))
    sketch = Sketch(taxonomy)
    node = sketch.add_node(name, rank=rank, label=label, synonyms=synonyms, length=length)
    sketch.link(above, [node])
    _place_beside(sketch, node, above.tolist(), before, after)
    if class_number is not None:
        sketch.number(node, class_number)
    return sketch.finish(f"adding {name!r}")


def remove(taxonomy: Taxonomy, name: str, *, keep_children: bool = False, emptied: Emptied = "leaf") -> Taxonomy:
    """Take a node out, with all that is below it or without.

    What is below it and has another parent elsewhere stays there. Children that are kept take the node's place, and
    its branch length is added to theirs.

    Args:
        taxonomy: The hierarchy; it stays as it is.
        name: The node.
        keep_children: Whether its children move up to its parents.
        emptied: What becomes of a parent without any child left: see `Emptied`.

    Raises:
        UnknownNode: No such node.
        TaxoError: No class would be left.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("bird", "owl"), ("owl", "barn"), ("owl", "snowy"), ("bird", "gull")])
        >>> remove(t, "owl").names, remove(t, "owl", keep_children=True).names
        (('bird', 'gull'), ('bird', 'barn', 'snowy', 'gull'))
    """
    node = taxonomy.index(name)
    sketch = Sketch(taxonomy)
    if keep_children:
        sketch.lift_children(node)
    else:
        sketch.kept[_below_only(taxonomy, node)] = False
    sketch.kept[node] = False
    return sketch.finish(f"removing {name!r}", emptied=emptied)


def move(
    taxonomy: Taxonomy,
    name: str,
    new_parent: str | None,
    *,
    instead_of: Sequence[str] | None = None,
    before: str | None = None,
    after: str | None = None,
    emptied: Emptied = "leaf",
) -> Taxonomy:
    """Put a node, with all that is below it, below another one. It keeps its branch length.

    Args:
        taxonomy: The hierarchy; it stays as it is.
        name: The node.
        new_parent: What it stands below from now on; None makes it a root.
        instead_of: Parents that it leaves; all by default. An empty list keeps all of them, which makes a DAG.
        before: The sibling in front of which it stands; by default it is the last. Where the parents stay as they
            are, it keeps its place by default.
        after: The sibling behind which it stands.
        emptied: What becomes of an old parent without any child left: see `Emptied`.

    Raises:
        UnknownNode: No such node.
        CycleError: The new parent is the node itself or lies below it.
        TaxoError: A parent to leave that is none, a sibling that is none.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "bird"), ("animal", "bat"), ("bird", "owl"), ("animal", "mammal")])
        >>> t = move(t, "bat", "mammal")
        >>> t.names[t.parent[t.index("bat")]]
        'mammal'
    """
    node = taxonomy.index(name)
    new = [] if new_parent is None else [taxonomy.index(new_parent)]
    doing = f"moving {name!r} to the roots" if new_parent is None else f"moving {name!r} below {new_parent!r}"
    if new == [node]:
        raise TaxoError(f"{doing}: a node cannot be its own parent")
    old = taxonomy.parents_of(node).tolist()
    left = old if instead_of is None else [_parent_of(taxonomy, node, p) for p in instead_of]
    stay = [p for p in old if p not in left or p in new]
    if new_parent is None and stay:
        raise TaxoError(f"{doing}: a root has no parents, and {few([taxonomy.names[p] for p in stay], 3)} would stay")
    parents = list(dict.fromkeys([*stay, *new]))
    sketch = Sketch(taxonomy)
    sketch.unlink((sketch.child == node) & ~np.isin(sketch.parent, parents))
    sketch.link(parents, [node])
    if not stay and parents != old:  # below a parent that stays it keeps its place
        sketch.place([node])
    _place_beside(sketch, node, parents, before, after)
    return sketch.finish(doing, emptied=emptied)


def rename(taxonomy: Taxonomy, old: str, new: str, *, keep_old: bool = False) -> Taxonomy:
    """Call a node otherwise; its place, class and number stay.

    Args:
        taxonomy: The hierarchy; it stays as it is.
        old: The node's name.
        new: Its new name. A label of its own stays.
        keep_old: Whether the old name becomes a synonym.

    Raises:
        UnknownNode: No such node.
        TaxoError: The new name is taken.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> rename(from_edges([("bird", "owl"), ("bird", "gull")]), "owl", "Strigiformes").classes
        ('Strigiformes', 'gull')
    """
    node = taxonomy.index(old)
    if new == old:
        return taxonomy
    check_free(taxonomy, new)
    sketch = Sketch(taxonomy)
    sketch.names[node] = new
    if taxonomy.labels[node] == old:
        sketch.labels[node] = new
    if keep_old:
        sketch.synonyms[node] = tuple(dict.fromkeys([*taxonomy.synonyms[node], old]))
    return sketch.finish(f"renaming {old!r}")


def _place_beside(sketch: Sketch, node: int, parents: list[int], before: str | None, after: str | None) -> None:
    """Put a node in front of or behind a sibling, where one is named."""
    if before is not None and after is not None:
        raise TaxoError("a node stands before or after a sibling; name one of the two")
    sibling = after if before is None else before
    if sibling is None:
        return
    like = sketch.before.index(sibling)
    theirs = sketch.before.parents_of(like).tolist()
    if like == node or not (set(theirs) & set(parents) or (not theirs and not parents)):
        place = few([sketch.names[p] for p in parents], 3) if parents else "the top"
        raise TaxoError(f"{sibling!r} is no sibling of {sketch.names[node]!r} there (below {place})")
    sketch.place([node], like, 1 if before is None else -1)


def _parent_of(taxonomy: Taxonomy, node: int, name: str) -> int:
    """A parent of a node by name."""
    parent = taxonomy.index(name)
    parents = taxonomy.parents_of(node).tolist()
    if parent not in parents:
        listed = few([taxonomy.names[p] for p in parents]) if parents else "none"
        raise TaxoError(f"{name!r} is no parent of {taxonomy.names[node]!r}, whose parents are: {listed}")
    return parent


def _below_only(taxonomy: Taxonomy, node: int) -> list[int]:
    """The nodes below a node that have no parent outside."""
    gone = {node}
    for v in reach(taxonomy.children, np.array([node])):  # ascending: parents first
        if v != node and gone.issuperset(taxonomy.parents_of(v).tolist()):
            gone.add(v)
    return list(gone)
