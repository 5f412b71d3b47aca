"""The methods by name, and the one function that runs them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from taxo.taxonomy import TaxoError, Taxonomy
from taxo.taxonomy.errors import unknown_choice
from taxo.taxonomy.heights import LEVELS

from .embedding import Embedding
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

DAG_CHOICES = ("refuse", "reduce", "nearest-psd")


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
        out: For the method exact, `(n_classes, n_classes)` zeros to write into, such as a new memory-mapped file.
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
    kind = _dtype(dtype, taxonomy.n_classes)
    target = Target(taxonomy, measure, heights, ic)
    if not way.sparse:
        _check_memory(taxonomy.n_classes, dim or taxonomy.n_classes, kind, way)
    made, done = _make(name, way, Work(target=target, dim=dim, dtype=kind, seed=seed, out=out), dag)
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


def _make(name: str, way: Method, work: Work, dag: str) -> tuple[Made, str]:
    """The vectors, and what was done about nodes with several parents."""
    choice, _, strategy = dag.partition(":")
    if choice not in DAG_CHOICES or (strategy and choice != "reduce"):
        raise TaxoError(unknown_choice("way with a DAG", dag, (*DAG_CHOICES, "reduce:STRATEGY")))
    target = work.target
    if not way.semantic:
        return way.make(name, work), ""
    if target.taxonomy.is_tree:
        if target.measure != LCS_HEIGHT and not way.distances:
            return _from_matrix(name, target.matrix(), work), ""
        return way.make(name, work), ""
    if choice == "reduce":
        from taxo.taxonomy.reduction import reduce

        strategy = strategy or "min-change"
        tree = replace(target, taxonomy=reduce(target.taxonomy, strategy).taxonomy)
        return _make(name, way, replace(work, target=tree), "refuse")[0], f"reduce:{strategy}"
    if choice == "nearest-psd":
        from .nearest import nearest_psd

        return _from_matrix(name, nearest_psd(target.matrix()), work), choice
    target.refuse_dag()
    raise AssertionError("refuse_dag returned for a DAG")


def _from_matrix(name: str, similarities: NDArray[np.float64], work: Work) -> Made:
    from .matrix import from_matrix

    return from_matrix(name, similarities, work)


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
    kind = np.dtype(dtype or (np.float64 if n <= 2000 else np.float32))
    if kind not in (np.dtype(np.float64), np.dtype(np.float32)):
        raise TaxoError(f"dtype {kind} is not offered; take float64 or float32")
    return kind


def _check_memory(n: int, dim: int, dtype: np.dtype[Any], way: Method) -> None:
    """Refuse what would make the machine swap: the vectors, and S in double precision where the method needs it."""
    check_memory(
        n * dim * dtype.itemsize + (2 * n * n * 8 if way.needs == "matrix" else 0),
        f"dense vectors of {n} classes",
        "take the method nodes, which is sparse, or spectral with few dimensions, or prune the hierarchy",
    )
