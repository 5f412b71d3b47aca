"""New classes for an embedding that is in use: all vectors stay, and a network trained with them too."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from taxo.taxonomy import NotEmbeddable, TaxoError, Taxonomy
from taxo.taxonomy.arrays import Ints
from taxo.taxonomy.errors import UnknownNode
from taxo.taxonomy.wording import few

from .checking import target_of
from .class_tree import Floats
from .embedding import Dense, Embedding, Vectors
from .operators import ClassOperator
from .target import Target
from .verification import verify


def extend(
    embedding: Embedding,
    taxonomy: Taxonomy,
    nodes: str | Sequence[str] | None = None,
    *,
    heights: str | Mapping[str, float] | None = None,
    pairs: int | str | None = None,
) -> Embedding:
    """Place new classes without moving the others: one more column each.

    Let E `(n, dim)` be the vectors, `S = E E'`, and s `(n,)` the similarities of a new class to the old ones. With
    `x = E' S^-1 s` it is `E x = s`, so the vector `(x, sqrt(1 - |x|^2))` has length 1 and all the right dot products,
    the old vectors getting a 0 in the new column. `|x|^2 = s' S^-1 s <= 1` because the similarities of all classes
    together are positive semi-definite. Several new classes are placed one after another: their new columns are the
    Cholesky factor of `S_new - X X'`. In the sparse node basis x is instead what the new class shares with the old
    ones, its ancestors that have an axis, and stays sparse.

    A network trained with the old vectors can name the new classes at once: its features get a 0 for each new column.

    Args:
        embedding: Of a method that reproduces the similarities: exact, cholesky, nodes, or spectral in all dimensions.
        taxonomy: The hierarchy with the new classes. It must leave the similarities of the old ones as they are.
        nodes: Names of the new classes; by default all classes of the hierarchy that the embedding lacks.
        heights: Where the embedding was made for heights of the user's: these, with those of new inner nodes.
        pairs: As for `embed`.

    Returns:
        An embedding with `dim + len(nodes)` columns, rows in the class order of the hierarchy. Where `nodes` leaves out
        classes that the embedding lacks, it is that of the hierarchy without them as classes.

    Raises:
        UnknownNode: A new class is not in the hierarchy.
        NotEmbeddable: The old classes change their similarities, or the vectors do not reproduce them.
        TaxoError: An old class is no class of the hierarchy; there is no new class.

    Example:
        >>> from taxo.embeddings import embed
        >>> from taxo.taxonomy import add, from_edges
        >>> t = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> more = extend(embed(t), add(t, "tern", "bird"))
        >>> more.classes, (more.vectors @ more.vectors[-1]).round(12).tolist()
        (('cat', 'owl', 'gull', 'tern'), [0.0, 0.5, 0.5, 1.0])
    """
    grown = _grown(embedding, taxonomy, nodes)
    target = target_of(embedding, grown, heights)
    row = {name: i for i, name in enumerate(embedding.classes)}
    place = np.array([row.get(name, -1) for name in grown.classes], dtype=np.intp)
    old, new = np.flatnonzero(place >= 0), np.flatnonzero(place < 0)
    vectors = embedding.vectors[place[old]]
    _check_unmoved(embedding, vectors, target, old)
    shared = _shared_axes(embedding, target, new) if embedding.is_sparse else _projections(vectors, target, old, new)
    own = _own_columns(shared, target, new)
    together = _stack(vectors, shared, own, old, new)
    return replace(
        embedding,
        classes=grown.classes,
        vectors=together,
        labels=grown.class_numbers.copy(),
        axes=(*embedding.axes, *(f"{grown.classes[c]} (new)" for c in new.tolist())),
        recipe=replace(embedding.recipe, extended=embedding.recipe.extended + len(new)),
        hierarchy=grown.name,
        fingerprint=grown.fingerprint,
        verification=verify(together, target, pairs=pairs),
    )


def _grown(embedding: Embedding, taxonomy: Taxonomy, nodes: str | Sequence[str] | None) -> Taxonomy:
    """The hierarchy with the old and the new classes, in its own order."""
    known = set(embedding.classes)
    missing = [name for name in embedding.classes if name not in set(taxonomy.classes)]
    if missing:
        raise TaxoError(
            f"{few(missing, 5)} of the embedding are no classes of {taxonomy.name!r}; classes can only be added"
        )
    wanted = [nodes] if isinstance(nodes, str) else nodes
    if wanted is None:
        wanted = [name for name in taxonomy.classes if name not in known]
    for name in wanted:
        if name in known:
            raise TaxoError(f"{name!r} has a vector already")
        taxonomy.index(name)  # raises with near matches
    if not wanted:
        raise TaxoError(f"{taxonomy.name!r} has no class that the embedding lacks: there is nothing to place")
    chosen = known | set(wanted)
    left = [i for i, name in enumerate(taxonomy.classes) if name in chosen]
    if len(left) < len(chosen):
        raise UnknownNode(next(n for n in wanted if n not in set(taxonomy.classes)), taxonomy.classes, "class")
    if len(left) == taxonomy.n_classes:
        return taxonomy
    return taxonomy.with_classes([taxonomy.classes[i] for i in left], taxonomy.class_numbers[left].tolist())


def _check_unmoved(embedding: Embedding, vectors: Vectors, target: Target, old: Ints) -> None:
    """Raise unless the old vectors have the dot products that the grown hierarchy wants."""
    taxonomy = target.taxonomy
    before = taxonomy.with_classes([taxonomy.classes[c] for c in old.tolist()])
    found = verify(vectors, replace(target, taxonomy=before), least_eigenvalue=False)
    allowed = 1e-9 if vectors.dtype == np.float64 else 1e-5
    if found.max_deviation <= allowed:
        return
    if embedding.max_deviation > allowed:
        raise NotEmbeddable(
            f"the vectors do not reproduce the similarities (deviation {embedding.max_deviation:.1e}), so no vector "
            "has the right dot products with all of them; extend an embedding of the method exact, cholesky or nodes"
        )
    raise NotEmbeddable(
        f"the similarities of old classes change by up to {found.max_deviation:.3g}, because heights do: the old "
        "vectors cannot stay; put the new classes where the levels above stay as high as they are, or build it again"
    )


def _projections(vectors: Any, target: Target, old: Ints, new: Ints) -> Dense:
    """`E' S^-1 s` of every new class, `(n_new, dim)`, in double precision."""
    similar = target.between(old, new)
    classes = target.taxonomy.classes
    before = replace(target, taxonomy=target.taxonomy.with_classes([classes[c] for c in old.tolist()]))
    # On a tree in O(nodes) for each new class; else by one factorisation of S.
    weights = ClassOperator.of(before).solve(similar) if before.has_tree else np.linalg.solve(before.matrix(), similar)
    return np.asarray(weights.T @ vectors)


def _shared_axes(embedding: Embedding, target: Target, new: Ints) -> Any:
    """What every new class has in common with the old ones, as a sparse `(n_new, dim)`."""
    from scipy.sparse import csr_array

    vectors: Any = embedding.vectors
    values = np.zeros(embedding.dim)
    values[vectors.indices] = vectors.data  # all numbers in a column are the same
    column = {name: i for i, name in enumerate(embedding.axes)}
    tree, names = target.tree, target.taxonomy.names
    rows: list[int] = []
    columns: list[int] = []
    for i, node in enumerate(tree.parent[tree.leaf_of[new]].tolist()):
        while node > 0:
            if (axis := column.get(names[tree.node[node]])) is not None:
                rows.append(i)
                columns.append(axis)
            node = int(tree.parent[node])
    return csr_array((values[columns], (rows, columns)), shape=(len(new), embedding.dim))


def _own_columns(shared: Any, target: Target, new: Ints) -> Floats:
    """The new columns of the new classes, `(n_new, n_new)`: the Cholesky factor of what is not shared."""
    product = shared.astype(np.float64) @ shared.astype(np.float64).T
    product = product if isinstance(product, np.ndarray) else product.toarray()
    try:
        factor: Floats = np.linalg.cholesky(target.between(new, new) - product)
    except np.linalg.LinAlgError as error:
        names = [target.taxonomy.classes[c] for c in new.tolist()]
        raise NotEmbeddable(
            f"there is no room for {few(names, 3)}: with these similarities a new class lies in the span of the others"
        ) from error
    return factor


def _stack(vectors: Vectors, shared: Any, own: Floats, old: Ints, new: Ints) -> Vectors:
    """Old and new rows in class order, with the new columns."""
    kind, n, k = vectors.dtype, len(old) + len(new), len(new)
    order = np.argsort(np.concatenate([old, new]))
    if isinstance(vectors, np.ndarray):
        out = np.zeros((n, vectors.shape[1] + k), dtype=kind)
        out[old, :-k], out[new, :-k], out[new, -k:] = vectors, shared, own
        return out
    from scipy.sparse import block_array, csr_array

    stacked = csr_array(block_array([[vectors, None], [shared, csr_array(own)]], format="csr"))[order].astype(kind)
    stacked.sort_indices()
    return stacked
