"""Edits that concern several nodes: merge, split, insert_level, collapse, prune. See `edits` for what is common."""

from collections.abc import Sequence

import numpy as np

from ..errors import TaxoError
from ..taxonomy import Taxonomy
from ..wording import few
from .reach import reach
from .sketch import Emptied, Sketch


def merge(taxonomy: Taxonomy, name: str, into: str, *, emptied: Emptied = "leaf") -> Taxonomy:
    """Let one node take in another: children and synonyms go over, and the other's name becomes a synonym.

    The node that stays keeps its place, name, label, rank, class, class number and branch length. The children come
    behind its own, with the branch lengths they had; the other's label becomes a synonym too. Where it lies right below
    the other, it takes the other's place, and the lengths of the two branches are added. The
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
            sketch.hand_down(np.array([node]), np.array([stays]))
    moving = sketch.only_children(node)
    sketch.link([stays], below[below != stays])
    sketch.place(moving[moving != stays])
    also = [taxonomy.names[node], taxonomy.labels[node], *taxonomy.synonyms[node]]
    known = dict.fromkeys([*taxonomy.synonyms[stays], *also])
    sketch.synonyms[stays] = tuple(s for s in known if s not in (into, taxonomy.labels[stays]) or s in also[:1])
    _merge_classes(sketch, node, stays)
    return sketch.finish(doing, emptied=emptied)


def split(
    taxonomy: Taxonomy, name: str, new: str, children: Sequence[str], *, rank: str | None = None, label: str = ""
) -> Taxonomy:
    """Let some children of a node go to a new node right behind it.

    The new node has the branch length of the old one, so that nothing gets nearer or farther.

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


def insert_level(
    taxonomy: Taxonomy, parent: str, name: str, children: Sequence[str], *, rank: str = "", label: str = ""
) -> Taxonomy:
    """Put a new node between a node and some of its children.

    It stands where the first of them stood; they keep their order. Where there are branch lengths, its own is 0, so
    that nothing gets nearer or farther.

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


def collapse(taxonomy: Taxonomy, name: str | None = None) -> Taxonomy:
    """Take an inner node out and let its children move up into its place; or all inner nodes with a single child.

    Without a name, roots and classes stay. The branch lengths of a node and of its children are added. Heights change,
    and so may similarities: see docs/mathematics.md.

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
    sketch.lift_children(node)
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
        sketch.say("no classes before, and classes now: %s", few([taxonomy.names[v] for v in new]))
    sketch.leaf_classes = False  # the list decides, also where it names a node and another one above it
    return sketch.finish("pruning")


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
    length = np.nan if taxonomy.lengths is None else float(taxonomy.lengths[node]) if beside else 0.0
    added = sketch.add_node(new, rank=rank, label=label, length=length)
    sketch.unlink((sketch.parent == node) & np.isin(sketch.child, below))
    sketch.link(taxonomy.parents_of(node) if beside else [node], [added])
    sketch.link([added], below)
    sketch.place([added], like=node if beside else int(below.min()))
    return sketch.finish(f"putting {new!r} {'beside' if beside else 'below'} {name!r}")


def _merge_classes(sketch: Sketch, node: int, stays: int) -> None:
    """What becomes of the class of a node that another one takes in."""
    if node not in sketch.numbers or stays in sketch.numbers:
        return
    if sketch.leaf_classes:
        sketch.say("class %r drops out, number %d: %r is an inner node and no class", sketch.names[node],
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
    sketch.hand_down(chain, target[chain])
    # A node takes the place of the uppermost one of its chain, which is the last of the reversed order.
    alone = chain[taxonomy.parents.counts()[target[chain]] == 1][::-1]
    sketch.take_places(target[alone], alone)
    nodes = "node" if len(chain) == 1 else "nodes"
    sketch.say("%d inner %s with a single child taken out; similarities may change", len(chain), nodes)
    return sketch.finish("collapsing")
