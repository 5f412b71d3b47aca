"""The methods by name."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from taxo.taxonomy import TaxoError
from taxo.taxonomy.errors import unknown_choice

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


def by_distance(method: str) -> bool:
    """Whether the vectors of a method, which may be one that only another program knows, stand for distances."""
    return method in METHODS and METHODS[method].distances


def method_for(name: str | None, dim: int | None, n: int) -> tuple[str, Method]:
    """A method's name and entry, by default that which serves.

    Args:
        name: One of `METHODS`; None: "exact", or "spectral" where a number of dimensions is given.
        dim: Number of dimensions that is asked for.
        n: Number of classes.

    Raises:
        TaxoError: There is no such method, or it cannot give so many dimensions.
    """
    name = name or ("exact" if dim is None else "spectral")
    if name not in METHODS:
        raise TaxoError(unknown_choice("method", name, METHODS))
    _check_dim(name, METHODS[name], dim, n)
    return name, METHODS[name]


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
