"""From the arrays of a file to an `Embedding`, with the checks that all formats share."""

from pathlib import Path
from typing import Any

import numpy as np

from taxo.taxonomy import FormatError, TaxoError

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
    """The embedding that a file holds.

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
    if vectors.dtype not in (np.float32, np.float64) or vectors.ndim != 2:
        raise fault(path, f"vectors are {vectors.dtype} of shape {vectors.shape}, not (n_classes, dim) floats")
    if axes is None:
        axes = list(map(str, range(vectors.shape[1])))
    arrays = [classes, labels, *([axes] if isinstance(axes, np.ndarray) else [])]
    if "".join(array.dtype.kind for array in arrays) not in ("Ui", "UiU"):
        raise fault(path, "classes and axes must be text and labels whole numbers")
    if any(array.ndim != 1 for array in arrays):
        raise fault(path, "classes, axes and labels must have one dimension each")
    _check_finite(path, vectors)
    names = classes.tolist()
    if len(set(names)) < len(names):
        repeated, counts = np.unique(classes, return_counts=True)
        raise fault(path, f"class {str(repeated[counts > 1][0])!r} is given twice")
    try:
        return Embedding(
            classes=tuple(names),
            vectors=vectors,
            labels=labels.astype(np.intp),
            axes=tuple(axes.tolist() if isinstance(axes, np.ndarray) else axes),
            **values,
        )
    except FormatError:
        raise
    except TaxoError as error:
        raise fault(path, str(error)) from error


def _check_finite(path: str | Path, vectors: Any) -> None:
    if not isinstance(vectors, np.ndarray):
        if not np.isfinite(vectors.data).all():
            raise fault(path, "the sparse vectors hold NaN or infinity")
        return
    # A sum is finite where all parts are, unless it overflows: no array of booleans as big as the vectors.
    if np.isfinite(vectors.sum(axis=1)).all():
        return
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if bad.size:
        raise fault(path, f"{bad.size} rows of vectors hold NaN or infinity, first row {bad[0]}")
