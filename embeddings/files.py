"""Embeddings in `.npz` files: plain arrays and one JSON string, never a pickled object.

Arrays: `vectors` (n_classes, dim), `classes` (n_classes,), `labels` (n_classes,), `axes` (dim,), and `meta`,
a JSON string with method, measure, hierarchy, fingerprint, max_deviation, mean_deviation and version. `axes` may be
missing in files that others write: the columns are then called "0", "1" ...
"""

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from taxo import __version__
from taxo.taxonomy import FormatError, TaxoError
from taxo.taxonomy.files import replacing

from .embedding import Embedding

_ARRAYS = ("vectors", "classes", "labels", "meta")
_META: dict[str, type | tuple[type, ...]] = {
    "method": str,
    "measure": str,
    "hierarchy": str,
    "fingerprint": str,
    "max_deviation": (float, int),
    "mean_deviation": (float, int),
}
_MAX_BYTES = 1 << 36  # 64 GiB: a zip file of a few kilobytes may claim to unfold to anything


def save(embedding: Embedding, path: str | Path) -> None:
    """Write an embedding, whole or not at all; the same embedding gives the same bytes.

    Raises:
        TaxoError: Another suffix than `.npz`, or the file cannot be written.
    """
    if Path(path).suffix != ".npz":
        raise TaxoError(f"{path}: embeddings are written to .npz files; give a name that ends in .npz")
    meta = {key: getattr(embedding, key) for key in _META} | {"version": __version__}
    contents = {
        "vectors": embedding.vectors,
        "classes": np.array(embedding.classes, dtype=np.str_),
        "labels": embedding.labels.astype(np.int64),
        "axes": np.array(embedding.axes, dtype=np.str_),
        "meta": np.array(json.dumps(meta)),
    }
    # Packing pays for small files only: above, it takes longer than computing the vectors.
    writer = np.savez_compressed if embedding.vectors.size <= 4_000_000 else np.savez
    with replacing(path) as temporary, temporary.open("wb") as file:
        writer(file, **contents)  # type: ignore[arg-type]


def load(path: str | Path) -> Embedding:
    """Read an embedding that `save` wrote.

    Raises:
        FormatError: Not such a file: truncated, foreign, pickled objects, wrong shapes, NaN or infinity, a
            class given twice.
        TaxoError: The file cannot be read.
    """
    arrays = _read_arrays(path)
    values = _read_meta(path, str(arrays["meta"]))
    _check_arrays(path, arrays)
    vectors, labels = arrays["vectors"], arrays["labels"]
    try:
        return Embedding(
            classes=tuple(arrays["classes"].tolist()),
            vectors=vectors,
            labels=labels.astype(np.intp),
            axes=tuple(arrays["axes"].tolist()),
            **values,
        )
    except TaxoError as error:
        raise _fault(path, str(error)) from error


def _read_arrays(path: str | Path) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            if not zipfile.is_zipfile(file):
                raise _fault(path, "not an .npz file; `taxo build-embeddings` writes them")
            with zipfile.ZipFile(file) as archive:
                if sum(item.file_size for item in archive.infolist()) > _MAX_BYTES:
                    raise _fault(path, f"unfolds to more than {_MAX_BYTES >> 30} GiB; is it an embedding?")
            file.seek(0)
            with np.load(file, allow_pickle=False) as found:
                missing = [name for name in _ARRAYS if name not in found]
                if missing:
                    raise _fault(
                        path,
                        f"it has no array {missing[0]!r} (it has {', '.join(found.files) or 'none'}); "
                        "`taxo build-embeddings` writes such files",
                    )
                arrays = {name: found[name] for name in _ARRAYS}
                dim = arrays["vectors"].shape[-1] if arrays["vectors"].ndim else 0
                arrays["axes"] = found["axes"] if "axes" in found else np.arange(dim).astype(np.str_)
                return arrays
    except OSError as error:
        raise TaxoError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _fault(path, f"damaged ({error}); build the embedding again") from error
    except FormatError:
        raise
    except ValueError as error:  # from NumPy: pickled objects, a damaged header
        raise _fault(path, f"an array in it cannot be read ({error})") from error


def _read_meta(path: str | Path, text: str) -> dict[str, Any]:
    """How the embedding came about, as `Embedding` wants it."""
    try:
        meta = json.loads(text)
    except json.JSONDecodeError as error:
        raise _fault(path, f"its meta is no JSON ({error}); build the embedding again") from error
    for key, kind in _META.items():
        if not isinstance(meta, dict) or not isinstance(meta.get(key), kind):
            raise _fault(path, f"its meta has no proper {key!r}; build the embedding again")
    return {key: meta[key] for key in _META}


def _check_arrays(path: str | Path, arrays: dict[str, Any]) -> None:
    vectors, classes, labels, axes = (arrays[k] for k in ("vectors", "classes", "labels", "axes"))
    if vectors.dtype not in (np.float32, np.float64) or vectors.ndim != 2:
        raise _fault(path, f"vectors are {vectors.dtype} of shape {vectors.shape}, not (n_classes, dim) floats")
    if classes.dtype.kind != "U" or axes.dtype.kind != "U" or labels.dtype.kind != "i":
        raise _fault(path, "classes and axes must be text and labels whole numbers")
    if classes.ndim != 1 or axes.ndim != 1 or labels.ndim != 1:
        raise _fault(path, "classes, axes and labels must have one dimension each")
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if bad.size:
        raise _fault(path, f"{bad.size} rows of vectors hold NaN or infinity, first row {bad[0]}")
    names, counts = np.unique(classes, return_counts=True)
    if (counts > 1).any():
        raise _fault(path, f"class {str(names[counts > 1][0])!r} is given twice")


def _fault(path: str | Path, message: str) -> FormatError:
    return FormatError(str(path), [(None, message)])
