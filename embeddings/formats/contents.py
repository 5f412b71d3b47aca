"""From the contents of a file to an `Embedding`, with the checks that all formats share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from taxo.taxonomy import TaxoError
from taxo.taxonomy.formats.texts import wrong_with_name

from ..embedding import Embedding
from .meta import fault, from_meta


def assemble(
    path: str | Path,
    *,
    vectors: Any,
    classes: np.ndarray,
    labels: np.ndarray,
    axes: np.ndarray | list[str] | None,
    meta: str,
) -> Embedding:
    """The embedding of a file of arrays.

    Args:
        path: For messages.
        vectors: `(n_classes, dim)`, dense or sparse.
        classes: `(n_classes,)` text.
        labels: `(n_classes,)` integers.
        axes: `(dim,)` text, as an array or a list; None: the columns are called "0", "1" ...
        meta: JSON, see `to_meta`.

    Raises:
        FormatError: Wrong types or shapes, NaN or infinity, a class given twice.
    """
    values = from_meta(path, meta)
    arrays = [classes, labels, *([axes] if isinstance(axes, np.ndarray) else [])]
    if "".join(array.dtype.kind for array in arrays) not in ("Ui", "UiU"):
        raise fault(path, "classes and axes must be text and labels whole numbers")
    if any(array.ndim != 1 for array in arrays):
        raise fault(path, "classes, axes and labels must have one dimension each")
    names = axes.tolist() if isinstance(axes, np.ndarray) else axes
    return embedding_of(path, vectors=vectors, classes=classes.tolist(), labels=labels, axes=names, values=values)


def embedding_of(
    path: str | Path,
    *,
    vectors: Any,
    classes: Sequence[str],
    labels: np.ndarray | None,
    axes: Sequence[str] | None,
    values: dict[str, Any],
) -> Embedding:
    """The embedding that a file holds.

    Args:
        path: For messages.
        vectors: `(n_classes, dim)`, dense or sparse.
        classes: `(n_classes,)`.
        labels: `(n_classes,)` integers; None: 0, 1, 2 ...
        axes: `(dim,)`; None: the columns are called "0", "1" ...
        values: Of `from_meta` or `unknown`.

    Raises:
        FormatError: Wrong types or shapes, NaN or infinity, a class given twice, a name that no class can have.
    """
    if vectors.dtype.newbyteorder("=") not in (np.float32, np.float64) or vectors.ndim != 2:
        raise fault(path, f"vectors are {vectors.dtype} of shape {vectors.shape}, not (n_classes, dim) floats")
    vectors = vectors.astype(vectors.dtype.newbyteorder("="), copy=False)
    _check_finite(path, vectors)
    _check_names(path, classes, "class")
    _check_names(path, axes or (), "axis", empty=True)
    if len(set(classes)) < len(classes):
        seen: set[str] = set()
        twice = next(name for name in classes if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise fault(path, f"class {twice!r} is given twice")
    try:
        return Embedding(
            classes=tuple(classes),
            vectors=vectors,
            labels=np.arange(len(classes)) if labels is None else labels.astype(np.intp),
            axes=tuple(map(str, range(vectors.shape[1]))) if axes is None else tuple(axes),
            **values,
        )
    except TaxoError as error:
        raise fault(path, str(error)) from error


def _check_names(path: str | Path, names: Sequence[str], what: str, *, empty: bool = False) -> None:
    """Raise for the first name that no node of a hierarchy can have; see `wrong_with_name`."""
    # What is wrong with one name is wrong with all of them in a row: millions are looked at at once.
    if not wrong_with_name("".join(("a", *names))) and (empty or "" not in names):
        return
    for place, name in enumerate(names):
        wrong = wrong_with_name(name)
        if wrong and (name or not empty):
            raise fault(path, f"the name of {what} {place} (counted from 0), {name[:80]!r}, {wrong}")


def _check_finite(path: str | Path, vectors: Any) -> None:
    if not isinstance(vectors, np.ndarray):
        if not np.isfinite(vectors.data).all():
            raise fault(path, "the sparse vectors hold NaN or infinity")
        return
    # A sum is finite where all parts are, unless it overflows: no array of booleans as big as the vectors.
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(vectors.sum(axis=1)).all():
            return
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if bad.size:
        raise fault(path, f"{bad.size} rows of vectors hold NaN or infinity, first row {bad[0]}")
