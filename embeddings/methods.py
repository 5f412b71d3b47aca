"""The methods by name, and the one function that runs them."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from taxo.taxonomy import NotEmbeddable, TaxoError, Taxonomy
from taxo.taxonomy.errors import unknown_choice
from taxo.taxonomy.heights import LEVELS

from .dags import Way, parse_way, to_nearest, to_tree
from .embedding import Embedding
from .matrix import check_method, from_matrix
from .memory import check_memory
from .recipe import Recipe
from .target import LCS_HEIGHT, Target
from .verification import verify
from .work import Made, Work


@dataclass(frozen=True)
class Method:
    """One way to make class embeddings. Its module is imported when it is first used.

    Attributes:
        module: Module of this package with a function of the method's name, from `Work` to `Made`; blanks and the like
            in names are underscores.
        summary: One line for help texts and lists.
        semantic: Whether the vectors stand for the similarities; else the deviation tells what the hierarchy would add.
        needs: "tree" for the closed form, "matrix" for the matrix S, "classes" where only their number counts.
        dim: "fixed" by the number of classes, "free" with a default, or "asked" for.
        most: How many dimensions there may be beside the number n of classes: n + most; None for any number.
        random: Whether a seed matters.
        distances: Whether Euclidean distances stand for `1 - s`, not dot products for s; rows then have no unit norm.
        sparse: Whether the vectors are sparse.
        instead: What to take where more dimensions are wanted than there may be.
    """

    module: str
    summary: str
    semantic: bool = True
    needs: str = "tree"
    dim: str = "fixed"
    most: int | None = 0
    random: bool = False
    distances: bool = False
    sparse: bool = False
    instead: str = ""

    def make(self, name: str, work: Work) -> Made:
        """Run it."""
        function: Callable[[Work], Made] = getattr(import_module(f".{self.module}", __package__), name)
        return function(work)


METHODS: dict[str, Method] = {
    "exact": Method("exact", "closed form, one column per class in depth-first order"),
    "cholesky": Method("cholesky", "the published coordinates, rows and columns in class order", needs="matrix"),
    "nodes": Method("nodes", "sparse and exact, one axis per node", sparse=True),
    "spectral": Method("spectral", "the best D dimensions: leading eigenvectors of S, rows of length 1", dim="asked"),
    "onehot": Method("onehot", "the identity: no class has anything in common with another", False, "classes"),
    "simplex": Method("simplex", "all classes equally far apart, in n - 1 dimensions", False, "classes"),
    "etf": Method(
        "etf",
        "the same angles in D >= n - 1 dimensions, rotated at random",
        False,
        "classes",
        "free",
        None,
        random=True,
    ),
    "random": Method("uniform", "uniform on the sphere", False, "classes", "free", None, random=True),
    "hyperspherical": Method(
        "hyperspherical",
        "pushed apart on the sphere in D < n dimensions",
        False,
        "classes",
        "asked",
        -1,
        random=True,
        instead="none are farther apart than those of the methods simplex (n - 1 dimensions) and etf (n - 1 or more)",
    ),
    "mds": Method(
        "mds", "distances instead of dot products, by classical scaling", True, "matrix", "free", -1, distances=True
    ),
    "spheres": Method("spheres", "distances instead of dot products, class by class", needs="matrix", distances=True),
}
"""The methods by name."""

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
    name = method or ("exact" if dim is None else "spectral")
    if name not in METHODS:
        raise TaxoError(unknown_choice("method", name, METHODS))
    way = METHODS[name]
    _check_dim(name, way, dim, taxonomy.n_classes)
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


def _check_dim(name: str, way: Method, dim: int | None, n: int) -> None:
    if dim is None:
        if way.dim == "asked":
            raise TaxoError(f"the method {name} needs the number of dimensions: --dim D, dim=D")
        return
    if way.dim == "fixed":
        free = [other for other, entry in METHODS.items() if entry.dim != "fixed"]
        raise TaxoError(
            f"the method {name} has as many dimensions as it needs, dim={dim} cannot be met; methods with a number "
            f"of dimensions are {', '.join(free)}"
        )
    if dim < 1:
        raise TaxoError(f"dim={dim}: an embedding needs at least one dimension")
    if way.most is not None and dim > n + way.most:
        more = f"; {way.instead}" if way.instead else ""
        raise TaxoError(
            f"dim={dim} is more than the {n + way.most} dimensions that the method {name} has for {n} classes{more}"
        )


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
