"""Embeddings in `.npz` files: plain arrays and one JSON string, never a pickled object.

Arrays: `vectors` (n_classes, dim) or, sparse, `data`, `indices`, `indptr`, `shape`; `classes` (n_classes,),
`labels` (n_classes,), `axes` (dim,), and `meta`, a JSON string. `axes` may be missing in files that others write: the
columns are then called "0", "1" ...

NumPy gives every text of an array the room of the longest, four bytes to a character. Where that makes more than
64 MiB of the axes, `axes_utf8` stands in the file instead: their names as UTF-8, a line break after each but the last,
as an array of bytes. `bytes(file["axes_utf8"]).decode().split("\n")` gives the names.
"""

import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from taxo.taxonomy import FormatError, TaxoError

from ..embedding import Embedding
from .contents import assemble
from .meta import fault, to_meta

_NAMED = ("classes", "labels", "meta")
_SPARSE = ("data", "indices", "indptr", "shape")
_MAX_BYTES = 1 << 36  # 64 GiB: a zip file of a few kilobytes may claim to unfold to anything
_LONG = 1 << 26  # bytes of axes as an array of text from which they are written as UTF-8
_PACKED = 4_000_000  # numbers up to which packing pays: above, it takes longer than computing them


def write(embedding: Embedding, path: Path) -> None:
    """Write a new file; the same embedding gives the same bytes."""
    vectors = embedding.vectors
    if isinstance(vectors, np.ndarray):
        contents: dict[str, Any] = {"vectors": vectors}
        size = vectors.size
    else:
        contents = {"data": vectors.data, "indices": vectors.indices, "indptr": vectors.indptr}
        contents["shape"] = np.array(vectors.shape, dtype=np.int64)
        size = vectors.nnz
    contents |= {
        "classes": np.array(embedding.classes, dtype=np.str_),
        "labels": embedding.labels.astype(np.int64),
        **_axes(embedding.axes),
        "meta": np.array(json.dumps(to_meta(embedding))),
    }
    writer = np.savez_compressed if size <= _PACKED else np.savez
    with path.open("wb") as file:
        writer(file, **contents)


def _axes(names: tuple[str, ...]) -> dict[str, Any]:
    if 4 * len(names) * max(map(len, names), default=0) <= _LONG or any("\n" in name for name in names):
        return {"axes": np.array(names, dtype=np.str_)}
    return {"axes_utf8": np.frombuffer("\n".join(names).encode(), dtype=np.uint8)}


def read(path: str | Path) -> Embedding:
    """Read a file that `write` wrote, or another program in the same layout.

    Raises:
        FormatError: Not such a file: truncated, foreign, pickled objects, wrong shapes, NaN or infinity, a
            class given twice.
        TaxoError: The file cannot be read.
    """
    found = _read_arrays(path)
    vectors = found["vectors"] if "vectors" in found else _sparse(path, *(found[name] for name in _SPARSE))
    return assemble(
        path,
        vectors=vectors,
        classes=found["classes"],
        labels=found["labels"],
        axes=_decoded(path, found["axes_utf8"]) if "axes_utf8" in found else found.get("axes"),
        meta=str(found["meta"]),
    )


def _decoded(path: str | Path, text: Any) -> list[str]:
    """Names of axes from `axes_utf8`."""
    if text.dtype != np.uint8 or text.ndim != 1:
        raise fault(path, f"axes_utf8 is {text.dtype} of shape {text.shape}, not a text as bytes")
    try:
        return str(text.tobytes(), "utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise fault(path, f"axes_utf8 is no UTF-8 ({error.reason} at byte {error.start})") from None


def _read_arrays(path: str | Path) -> dict[str, Any]:
    try:
        with open(path, "rb") as file:
            if not zipfile.is_zipfile(file):
                raise fault(path, "not an .npz file; `taxo build-embeddings` writes them")
            with zipfile.ZipFile(file) as archive:
                if sum(item.file_size for item in archive.infolist()) > _MAX_BYTES:
                    raise fault(path, f"unfolds to more than {_MAX_BYTES >> 30} GiB; is it an embedding?")
            file.seek(0)
            with np.load(file, allow_pickle=False) as found:
                wanted = (*(_SPARSE if "data" in found else ("vectors",)), *_NAMED)
                missing = [name for name in wanted if name not in found]
                if missing:
                    raise fault(
                        path,
                        f"it has no array {missing[0]!r} (it has {', '.join(found.files) or 'none'}); "
                        "`taxo build-embeddings` writes such files",
                    )
                return {name: found[name] for name in (*wanted, "axes", "axes_utf8") if name in found}
    except OSError as error:
        raise TaxoError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise fault(path, f"damaged ({error}); build the embedding again") from error
    except FormatError:
        raise
    except ValueError as error:  # from NumPy: pickled objects, a damaged header
        raise fault(path, f"an array in it cannot be read ({error})") from error


def _sparse(path: str | Path, data: Any, indices: Any, indptr: Any, shape: Any) -> Any:
    """The matrix of four arrays, checked before SciPy trusts them."""
    from scipy.sparse import csr_array

    whole = all(part.ndim == 1 and part.dtype.kind == "i" for part in (indices, indptr, shape))
    if not whole or data.ndim != 1 or data.dtype.kind != "f" or len(shape) != 2 or (shape < 0).any():
        raise fault(path, "data, indices, indptr and shape are no sparse matrix of floats")
    n, dim = shape.tolist()
    good = len(indptr) == n + 1 and len(indices) == len(data) and indptr[0] == 0 and indptr[-1] == len(data)
    if not good or (np.diff(indptr) < 0).any() or (len(data) and not 0 <= indices.min() <= indices.max() < dim):
        raise fault(path, "data, indices, indptr and shape do not fit together")
    matrix = csr_array((data, indices, indptr), shape=(n, dim))
    if not matrix.has_canonical_format:
        raise fault(path, "a row of the sparse matrix gives a column twice or out of order")
    return matrix
