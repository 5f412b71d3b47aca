"""Edits: functions from a hierarchy to a new one, on trees and on DAGs.

An edit is local: what it does not name keeps its place among its siblings, and classes keep their order and their
numbers. Where the classes are exactly the leaves, they stay so: a new leaf becomes a class with the next free
number, a leaf that gets a child is no class any more, which is said. Where the classes are others, a new leaf is
none unless it is given a number. An inner node that loses its last child stays as a leaf that is no class, which is
said, unless `emptied` tells otherwise.

Among siblings of a tree every order can be had. In a DAG, nodes of one parent stand by level first, then by their
first parent, so an order is kept only among those that agree in both.
"""

from collections.abc import Sequence

import numpy as np

from ..errors import TaxoError
from ..formats.source import log
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
    node = sketch.add_node(name, rank=rank, label=label, synonyms=synonyms)
    sketch.link(above, [node])
    _place_beside(sketch, node, above.tolist(), before, after)
    if class_number is not None:
        sketch.number(node, class_number)
    return sketch.finish(f"adding {name!r}")


def remove(taxonomy: Taxonomy, name: str, *, keep_children: bool = False, emptied: Emptied = "leaf") -> Taxonomy:
    """Take a node out, with all that is below it or without.

    What is below it and has another parent elsewhere stays there. Children that are kept take the node's place.

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
        _lift_children(sketch, node)
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
    """Put a node, with all that is below it, below another one.

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
    if set(parents) != set(old):
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


def merge(taxonomy: Taxonomy, name: str, into: str, *, emptied: Emptied = "leaf") -> Taxonomy:
    """Let one node take in another: children and synonyms go over, and the other's name becomes a synonym.

    The node that stays keeps its place, name, label, rank, class and class number. The children come behind its
    own; the other's label becomes a synonym too. Where it lies right below the other, it takes the other's place. The
    other's class drops out; only where the node that stays is no class, and the classes are not just the leaves, it
    takes the other's class number and place among the classes.

    Args:
        taxonomy: The hierarchy; it stays as it is.
        name: The node that goes.
        into: The node that stays.
        emptied: What becomes of a parent without any child left: see `Emptied`.

    Raises:
        UnknownNode: No such node.
        CycleError: `into` lies further below the other.
        TaxoError: Twice the same node.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("bird", "owl"), ("bird", "strix"), ("owl", "barn"), ("strix", "tawny")])
        >>> t = merge(t, "strix", "owl")
        >>> t.names, t.synonyms[t.index("owl")]
        (('bird', 'owl', 'barn', 'tawny'), ('strix',))
    """
    node, stays = taxonomy.index(name), taxonomy.index(into)
    doing = f"merging {name!r} into {into!r}"
    if node == stays:
        raise TaxoError(f"{doing}: these are the same node")
    sketch = Sketch(taxonomy)
    sketch.kept[node] = False
    below = taxonomy.children_of(node)
    if stays in below:
        sketch.link(taxonomy.parents_of(node), [stays])
        if taxonomy.parents.counts()[stays] == 1:
            sketch.place([stays], like=node)
    moving = sketch.only_children(node)
    sketch.link([stays], below[below != stays])
    sketch.place(moving[moving != stays])
    also = [taxonomy.names[node], taxonomy.labels[node], *taxonomy.synonyms[node]]
    known = dict.fromkeys([*taxonomy.synonyms[stays], *also])
    sketch.synonyms[stays] = tuple(s for s in known if s not in (into, taxonomy.labels[stays]) or s in also[:1])
    _merge_classes(sketch, node, stays)
    return sketch.finish(doing, emptied=emptied)


def collapse(taxonomy: Taxonomy, name: str | None = None) -> Taxonomy:
    """Take an inner node out and let its children move up into its place; or all inner nodes with a single child.

    Without a name, roots and classes stay. Heights change, and so may similarities: see docs/mathematics.md.

    Args:
        taxonomy: The hierarchy; it stays as it is.
        name: The inner node; by default all that have exactly one child.

    Raises:
        UnknownNode: No such node.
        TaxoError: A leaf, a class.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("bird", "owls"), ("owls", "owl"), ("owl", "barn"), ("bird", "gull")])
        >>> collapse(t, "owl").names, collapse(t).names
        (('bird', 'owls', 'gull', 'barn'), ('bird', 'barn', 'gull'))
    """
    if name is None:
        return _collapse_chains(taxonomy)
    node = taxonomy.index(name)
    sketch = Sketch(taxonomy)
    if not taxonomy.children_of(node).size:
        raise TaxoError(f"{name!r} is a leaf: there is nothing to collapse; remove takes it out")
    if node in sketch.numbers:
        raise TaxoError(f"{name!r} is a class; remove --keep-children takes it out in spite of that")
    _lift_children(sketch, node)
    sketch.kept[node] = False
    return sketch.finish(f"collapsing {name!r}")


def prune(taxonomy: Taxonomy, classes: Sequence[str]) -> Taxonomy:
    """Keep some classes and all that is above them.

    The classes keep their order and numbers. A named node that was no class becomes one with the next free number,
    which is said.

    Args:
        taxonomy: The hierarchy; it stays as it is.
        classes: Names of nodes, in any order.

    Raises:
        UnknownNode: No such node.
        TaxoError: No names.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("bird", "owl"), ("owl", "barn"), ("owl", "snowy"), ("bird", "gull")])
        >>> prune(t, ["snowy"]).names
        ('bird', 'owl', 'snowy')
    """
    if not classes:
        raise TaxoError("pruning to no classes leaves no class; a hierarchy needs at least one")
    wanted = taxonomy.indices(dict.fromkeys(classes))
    sketch = Sketch(taxonomy)
    sketch.kept[:] = False
    sketch.kept[reach(taxonomy.parents, wanted)] = True
    named = set(wanted.tolist())
    new = [v for v in wanted.tolist() if v not in sketch.numbers]
    sketch.numbers = {v: number for v, number in sketch.numbers.items() if v in named}
    for v in new:
        sketch.number(v)
    if new:
        log.warning("no classes before, and classes now: %s", few([taxonomy.names[v] for v in new]))
    sketch.leaf_classes = False  # the list decides, also where it names a node and another one above it
    return sketch.finish("pruning")


def insert_level(
    taxonomy: Taxonomy, parent: str, name: str, children: Sequence[str], *, rank: str = "", label: str = ""
) -> Taxonomy:
    """Put a new node between a node and some of its children.

    It stands where the first of them stood; they keep their order.

    Args:
        taxonomy: The hierarchy; it stays as it is.
        parent: The node above.
        name: Name of the new node.
        children: Children of `parent` that go below the new node; their other parents stay.
        rank: Such as "genus".
        label: What a person reads; the name by default.

    Raises:
        UnknownNode: No such node.
        TaxoError: The name is taken, a child that is none, no children.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("bird", "barn"), ("bird", "gull"), ("bird", "snowy")])
        >>> insert_level(t, "bird", "owl", ["barn", "snowy"]).names
        ('bird', 'owl', 'gull', 'barn', 'snowy')
    """
    return _regroup(taxonomy, parent, name, children, rank=rank, label=label, beside=False)


def split(
    taxonomy: Taxonomy, name: str, new: str, children: Sequence[str], *, rank: str | None = None, label: str = ""
) -> Taxonomy:
    """Let some children of a node go to a new node right behind it.

    Args:
        taxonomy: The hierarchy; it stays as it is.
        name: The node that is split.
        new: Name of the new node, which has the same parents.
        children: Children that go over, at least one and not all; they keep their order.
        rank: Rank of the new node; that of the old one by default.
        label: What a person reads; the name by default.

    Raises:
        UnknownNode: No such node.
        TaxoError: The name is taken, a child that is none, no children, all children.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("bird", "owl"), ("bird", "gull"), ("owl", "barn"), ("owl", "tawny"), ("owl", "snowy")])
        >>> t = split(t, "owl", "strix", ["tawny", "snowy"])
        >>> t.names
        ('bird', 'owl', 'strix', 'gull', 'barn', 'tawny', 'snowy')
    """
    node = taxonomy.index(name)
    if set(taxonomy.indices(children).tolist()) >= set(taxonomy.children_of(node).tolist()) and children:
        raise TaxoError(f"all children of {name!r} would go to {new!r}; rename does that, or leave some")
    rank = taxonomy.ranks[node] if rank is None else rank
    return _regroup(taxonomy, name, new, children, rank=rank, label=label, beside=True)


def _regroup(
    taxonomy: Taxonomy, name: str, new: str, children: Sequence[str], *, rank: str, label: str, beside: bool
) -> Taxonomy:
    """Some children of a node go below a new node, which stands below that node or beside it."""
    node = taxonomy.index(name)
    if not children:
        raise TaxoError(f"name at least one child of {name!r} that goes below {new!r}")
    below = taxonomy.indices(children)
    strangers = [c for c, v in zip(children, below.tolist(), strict=True) if v not in taxonomy.children_of(node)]
    if strangers:
        raise TaxoError(f"no children of {name!r}: {few(strangers)}; move puts a node below another one")
    sketch = Sketch(taxonomy)
    added = sketch.add_node(new, rank=rank, label=label)
    sketch.unlink((sketch.parent == node) & np.isin(sketch.child, below))
    sketch.link(taxonomy.parents_of(node) if beside else [node], [added])
    sketch.link([added], below)
    sketch.place([added], like=node if beside else int(below.min()))
    return sketch.finish(f"putting {new!r} {'beside' if beside else 'below'} {name!r}")


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


def _lift_children(sketch: Sketch, node: int) -> None:
    """Link the children of a node to its parents, in its place."""
    below, above = sketch.before.children_of(node), sketch.before.parents_of(node)
    sketch.link(np.repeat(above, len(below)), np.tile(below, len(above)))
    sketch.place(sketch.only_children(node), like=node)


def _merge_classes(sketch: Sketch, node: int, stays: int) -> None:
    """What becomes of the class of a node that another one takes in."""
    if node not in sketch.numbers or stays in sketch.numbers:
        return
    if sketch.leaf_classes:
        log.warning("class %r drops out, number %d: %r is an inner node and no class", sketch.names[node],
                    sketch.numbers[node], sketch.names[stays])  # fmt: skip
    else:
        sketch.numbers = {stays if v == node else v: number for v, number in sketch.numbers.items()}


def _collapse_chains(taxonomy: Taxonomy) -> Taxonomy:
    """Without inner nodes that have a single child; roots and classes stay."""
    sketch = Sketch(taxonomy)
    single = (taxonomy.children.counts() == 1) & (taxonomy.parents.counts() > 0)
    single[taxonomy.class_nodes] = False
    chain = np.flatnonzero(single)
    if not chain.size:
        return taxonomy
    # The first node at or below each that stays; children have larger numbers than their parents.
    end = list(range(taxonomy.n_nodes))
    for v, c in zip(chain[::-1].tolist(), taxonomy.children.gather(chain)[::-1].tolist(), strict=True):
        end[v] = end[c]
    target = np.array(end)
    sketch.kept[chain] = False
    from_kept = ~single[sketch.parent]
    parent, child = sketch.parent[from_kept], target[sketch.child[from_kept]]
    sketch.unlink(np.ones(len(sketch.parent), dtype=bool))
    sketch.link(parent, child)  # once each, though several ways down may end in the same edge
    # A node takes the place of the uppermost one of its chain, which is the last of the reversed order.
    alone = chain[taxonomy.parents.counts()[target[chain]] == 1][::-1]
    sketch.take_places(target[alone], alone)
    log.warning("%d inner nodes with a single child are taken out; similarities may change", len(chain))
    return sketch.finish("collapsing")
