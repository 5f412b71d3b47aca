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

from taxo.taxonomy import TaxoError

from ..embedding import Embedding
from .contents import assemble
from .meta import fault, to_meta
from .parts import SPARSE, parts_of, sparse_matrix
from .reading import opened

_NAMED = ("classes", "labels", "meta")
_MAX_UNPACKED = 1 << 32  # 4 GiB: a packed file of a few megabytes may unfold to anything
_LONG = 1 << 26  # bytes of axes as an array of text from which they are written as UTF-8
_PACKED = 4_000_000  # numbers up to which packing pays: above, it takes longer than computing them


def write(embedding: Embedding, path: Path) -> None:
    """Write a new file; the same embedding gives the same bytes."""
    contents: dict[str, Any] = parts_of(embedding)
    size = contents["data" if embedding.is_sparse else "vectors"].size
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
    vectors = found["vectors"] if "vectors" in found else sparse_matrix(path, *(found[name] for name in SPARSE))
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
        with opened(path) as file:
            if not zipfile.is_zipfile(file):
                raise fault(path, "not an .npz file; `taxo build-embeddings` writes them")
            with zipfile.ZipFile(file) as archive:
                packed = [item for item in archive.infolist() if item.compress_type != zipfile.ZIP_STORED]
                if sum(item.file_size for item in packed) > _MAX_UNPACKED:
                    raise fault(
                        path, f"unfolds to more than {_MAX_UNPACKED >> 30} GiB; np.savez writes without packing"
                    )
            file.seek(0)
            with np.load(file, allow_pickle=False) as found:
                wanted = (*(SPARSE if "data" in found else ("vectors",)), *_NAMED)
                missing = [name for name in wanted if name not in found]
                if missing:
                    raise fault(
                        path,
                        f"it has no array {missing[0]!r} (it has {', '.join(found.files[:12]) or 'none'}); "
                        "`taxo build-embeddings` writes such files",
                    )
                arrays = {name: found[name] for name in (*wanted, "axes", "axes_utf8") if name in found}
    except TaxoError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise fault(path, f"damaged ({error}); build the embedding again") from error
    # From NumPy and zipfile about anything: pickled objects, a damaged header, a password, an unknown packing.
    except Exception as error:
        raise fault(path, f"an array in it cannot be read ({str(error)[:200]})") from error
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise fault(path, f"{name!r} in it is no array")
    return arrays
