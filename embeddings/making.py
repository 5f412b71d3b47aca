"""`embed`: from a hierarchy and a method's name to an embedding that has been verified."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from taxo.taxonomy import NotEmbeddable, TaxoError, Taxonomy
from taxo.taxonomy.heights import LEVELS

from .dags import Way, parse_way, to_nearest, to_tree
from .embedding import Embedding
from .matrix import check_method, from_matrix
from .memory import check_memory
from .methods import Method, method_for
from .recipe import Recipe
from .target import LCS_HEIGHT, Target
from .verification import verify
from .work import Made, Work

_MATRICES, _NEAREST_MATRICES = 4, 8  # n x n doubles that are in memory at a time, measured

log = logging.getLogger("taxo")


def embed(
    taxonomy: Taxonomy,
    method: str | None = None,
    *,
    dim: int | None = None,
    heights: str | Mapping[str, float] = LEVELS,
    measure: str = LCS_HEIGHT,
    ic: str | None = None,
    dag: str = "refuse",
    seed: int = 0,
    dtype: DTypeLike | None = None,
    out: NDArray[np.floating[Any]] | None = None,
    pairs: int | str | None = None,
) -> Embedding:
    """Compute class embeddings and measure how well they reproduce the similarities.

    Args:
        taxonomy: The hierarchy.
        method: One of `METHODS`; by default "exact" (closed form, columns in depth-first order), and "spectral" where
            `dim` is given.
        dim: Number of dimensions, for methods that let one choose.
        heights: What the similarity goes by: a name of `taxo.taxonomy.heights.HEIGHTS`, "levels" as published, or the
            height of every inner node by name.
        measure: One of `taxo.taxonomy.MEASURES`; others than lcs-height need the matrix S in memory.
        ic: Information content for the measures lin and resnik: "seco" (the default) or "sanchez".
        dag: What to do about nodes with several parents: "refuse", "reduce" or "reduce:STRATEGY" to a tree
            (`taxo.taxonomy.reduce`), or "nearest-psd", the nearest similarities that are dot products. The
            deviation is always measured from the similarities of the hierarchy given.
        seed: For methods that draw random numbers.
        dtype: float64 or float32; by default float64 up to 2,000 classes, float32 above.
        out: For the method exact, `(n_classes, n_classes)` zeros to write into, such as a new memory-mapped file; it
            says the dtype.
        pairs: How many pairs of classes the deviation is measured on, or "all"; see `verify`.

    Raises:
        NotEmbeddable: A node has several parents, two classes would have the same vector, or the vectors would not fit
            into memory.
        TaxoError: Unknown method, measure, heights or dtype; a number of dimensions that the method cannot give.

    Example:
        >>> from taxo.taxonomy import from_edges
        >>> t = from_edges([("animal", "cat"), ("animal", "bird"), ("bird", "owl"), ("bird", "gull")])
        >>> (embed(t).vectors @ embed(t).vectors.T).round(12).tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.5], [0.0, 0.5, 1.0]]
    """
    name, way = method_for(method, dim, taxonomy.n_classes)
    if seed < 0:
        raise TaxoError(f"seed={seed}: seeds are whole numbers from 0")
    kind = _dtype(dtype, taxonomy.n_classes) if out is None else _dtype_of(out, name, taxonomy.n_classes)
    target, dag_way = Target(taxonomy, measure, heights, ic), parse_way(dag)
    if out is None:
        _check_memory(target, dim or taxonomy.n_classes, kind, way, dag_way)
    made, done = _make(name, way, Work(target=target, dim=dim, dtype=kind, seed=seed, out=out), dag_way)
    return Embedding(
        classes=taxonomy.classes,
        vectors=made.vectors,
        labels=taxonomy.class_numbers.copy(),
        axes=made.axes,
        recipe=Recipe(
            method=name,
            measure=measure,
            heights=heights if isinstance(heights, str) else "given",
            ic=(ic or "seco") if measure in ("lin", "resnik") else "",
            dag=done,
            seed=seed if way.random else 0,
        ),
        hierarchy=taxonomy.name,
        fingerprint=taxonomy.fingerprint,
        verification=verify(made.vectors, target, distances=way.distances, pairs=pairs),
    )


def _make(name: str, way: Method, work: Work, dag: Way) -> tuple[Made, str]:
    """The vectors, and what was done about nodes with several parents."""
    target = work.target
    if not way.semantic:
        return way.make(name, work), ""
    if target.taxonomy.is_tree:
        return _of_tree(name, way, work), ""
    if dag.name == "refuse":
        target.refuse_dag()
    if dag.name == "nearest-psd":
        if way.distances:
            raise NotEmbeddable(
                f"the distances of the method {name} stand for 1 - s, while nearest-psd is about dot products that "
                "stand for s; take --dag reduce"
            )
        check_method(name, target)
        similarities, remarks = to_nearest(target)
        made = from_matrix(name, similarities, work)
    else:
        tree, remarks = to_tree(target, dag)
        made = _of_tree(name, way, replace(work, target=tree))
    for remark in remarks:
        log.info(remark)
    return made, str(dag)


def _of_tree(name: str, way: Method, work: Work) -> Made:
    """By the closed form where it holds, else from S."""
    if work.target.measure == LCS_HEIGHT or way.distances:
        return way.make(name, work)
    check_method(name, work.target)
    return from_matrix(name, work.target.matrix(), work)


def _dtype(dtype: DTypeLike | None, n: int) -> np.dtype[Any]:
    try:
        kind = np.dtype(dtype or (np.float64 if n <= 2000 else np.float32))
    except TypeError:
        raise TaxoError(f"dtype {dtype} is not offered; take float64 or float32") from None
    if kind not in (np.dtype(np.float64), np.dtype(np.float32)):
        raise TaxoError(f"dtype {kind} is not offered; take float64 or float32")
    return kind


def _dtype_of(out: NDArray[Any], name: str, n: int) -> np.dtype[Any]:
    """The type of an array that the vectors are to be written into."""
    if name != "exact":
        raise TaxoError(f"out is for the method exact only, not for {name!r}")
    if out.shape != (n, n):
        raise TaxoError(f"out has shape {out.shape}, the vectors have ({n}, {n})")
    if out.dtype not in (np.float64, np.float32):
        raise TaxoError(f"out is {out.dtype}; take float64 or float32")
    return out.dtype


def _check_memory(target: Target, dim: int, dtype: np.dtype[Any], way: Method, dag: Way) -> None:
    """Refuse what would make the machine swap: the vectors, and S with what is made from it in double precision."""
    n = target.taxonomy.n_classes
    nearest = dag.name == "nearest-psd" and not target.taxonomy.is_tree
    if way.semantic and (way.needs == "matrix" or target.measure != LCS_HEIGHT or nearest):
        check_memory(
            n * dim * dtype.itemsize + (_NEAREST_MATRICES if nearest else _MATRICES) * n * n * 8,
            f"the matrix of the similarities of {n} classes and its factors",
        )
    elif not way.sparse:
        check_memory(
            n * dim * dtype.itemsize,
            f"dense vectors of {n} classes",
            "take the method nodes, which is sparse, or spectral with few dimensions, or prune the hierarchy",
        )
