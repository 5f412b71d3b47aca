"""What a picture is about: the classes in the order of the tree, and the numbers between them."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from taxo.taxonomy import TaxoError, Taxonomy, UnknownNode, flat
from taxo.taxonomy.heights import LEVELS

from ..checking import target_of
from ..class_tree import ClassTree, class_tree
from ..embedding import Embedding
from ..target import LCS_HEIGHT, Target
from .levels import Level, default_levels, find_level
from .values import Values, difference, dot_products, similarities

log = logging.getLogger("taxo")


@dataclass(frozen=True)
class Subject:
    """What is drawn.

    Attributes:
        title: Says it in a line.
        taxonomy: The hierarchy that gives the classes, their names and the order; flat where there is none.
        tree: Its part above the classes, with the heights asked for; of a DAG, that of the tree reduced from it.
        tree_of: The tree that `tree` was made from: `taxonomy` itself, except for a DAG.
        values: The matrix, in class order.
        signed: Whether the numbers are differences, around 0.
    """

    title: str
    taxonomy: Taxonomy
    tree: ClassTree
    tree_of: Taxonomy
    values: Values
    signed: bool = False

    def levels(self, wanted: str | None, *, most: int, count: int) -> tuple[Level, ...]:
        """The levels of the groups.

        Args:
            wanted: Numbers or ranks with commas between, coarse before fine; "none" for none; None chooses.
            most: As for `default_levels`, like `count`.
            count: How many levels are chosen at most.

        Raises:
            TaxoError: The tree has no such level.
        """
        if wanted is None:
            return default_levels(self.tree, most, count=count)
        if wanted.strip() == "none":
            return ()
        return tuple(find_level(self.tree, self.tree_of, part) for part in wanted.split(","))

    def class_texts(self, *, labels: bool) -> list[str]:
        """Names or labels of the classes, in depth-first order."""
        texts = self.taxonomy.class_labels if labels else self.taxonomy.classes
        return [texts[c] for c in self.tree.class_at.tolist()]


def of_hierarchy(
    taxonomy: Taxonomy,
    *,
    measure: str = LCS_HEIGHT,
    heights: str | Mapping[str, float] = LEVELS,
    ic: str | None = None,
) -> Subject:
    """The similarities of the classes of a hierarchy.

    Args:
        taxonomy: A tree, or a DAG: its classes are then ordered by a tree reduced from it.
        measure: As for `embed`, like the arguments after it.
        heights: What the similarity goes by.
        ic: Information content.
    """
    target = Target(taxonomy, measure, heights, ic)
    reduced = _tree_of(taxonomy)
    tree = target.tree if target.has_tree else class_tree(reduced)
    title = f"Similarities of the classes of {taxonomy.name}" if taxonomy.name else "Similarities of the classes"
    return Subject(title, taxonomy, tree, reduced, similarities(target))


def of_embedding(
    embedding: Embedding,
    taxonomy: Taxonomy | None = None,
    *,
    minus: bool = False,
    heights: str | Mapping[str, float] | None = None,
) -> Subject:
    """The dot products of class embeddings.

    Args:
        embedding: Of `embed`, or loaded.
        taxonomy: A hierarchy with its classes, for their order, labels and groups; by default the classes keep the
            order of the embedding.
        minus: Whether to show how far the dot products are above the similarities of the hierarchy.
        heights: Heights for these similarities other than those that the embedding says it was made for.

    Raises:
        TaxoError: The hierarchy lacks a class of the embedding; `minus` without a hierarchy, or for heights that
            the file does not hold.
    """
    name = embedding.hierarchy
    values = dot_products(embedding)
    if taxonomy is None:
        if minus:
            raise TaxoError("a difference needs the hierarchy that the embedding is compared with; name it as well")
        taxonomy = flat(embedding.classes, name)
    else:
        taxonomy = _with_classes(taxonomy, embedding)
    reduced = _tree_of(taxonomy)
    of = f" of {name}" if name else ""
    subject = Subject(
        f"Class embeddings{of}, method {embedding.method}", taxonomy, class_tree(reduced), reduced, values
    )
    if not minus:
        return subject
    target = target_of(embedding, taxonomy, heights)
    title = f"Class embeddings, method {embedding.method}, minus the similarities{of}"
    return replace(subject, title=title, values=difference(values, similarities(target)), signed=True)


def _with_classes(taxonomy: Taxonomy, embedding: Embedding) -> Taxonomy:
    try:
        return taxonomy.with_classes(embedding.classes, embedding.labels.tolist())
    except UnknownNode as error:
        raise TaxoError(f"the hierarchy {taxonomy.name!r} lacks a class of the embedding: {error}") from error


def _tree_of(taxonomy: Taxonomy) -> Taxonomy:
    """The hierarchy itself, or a tree made of a DAG, which is said."""
    if taxonomy.is_tree:
        return taxonomy
    from taxo.taxonomy.reduction import reduce

    log.info(
        "%s is a DAG: the similarities are its own, order and groups of the classes those of a tree made from it "
        "(as taxo reduce does)",
        taxonomy.name or "the hierarchy",
    )
    return reduce(taxonomy).taxonomy
