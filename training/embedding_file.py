"""Embeddings in `.pt` files: what `torch.load(path, weights_only=True)` gives is a dictionary of plain values.

Tensors: `vectors` (n_classes, dim) or, sparse, `data`, `indices`, `indptr`, `shape`; and `labels` (n_classes,).
Lists of texts: `classes`, `axes`. `meta` is JSON.
"""

import json
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch

from taxo.embeddings import Embedding
from taxo.embeddings.formats.contents import embedding_of
from taxo.embeddings.formats.meta import fault, from_meta, to_meta
from taxo.embeddings.formats.parts import SPARSE, parts_of, sparse_matrix
from taxo.embeddings.formats.reading import opened
from taxo.taxonomy import TaxoError


def write(embedding: Embedding, path: Path) -> None:
    """Write a new file; the same embedding gives the same bytes."""
    contents: dict[str, Any] = {name: torch.tensor(part) for name, part in parts_of(embedding).items()}
    contents |= {
        "classes": list(embedding.classes),
        "labels": torch.tensor(embedding.labels.astype(np.int64)),
        "axes": list(embedding.axes),
        "meta": json.dumps(to_meta(embedding)),
    }
    # An open file: torch would write the name of a path into it.
    with path.open("wb") as file:
        torch.save(contents, file)


def read(path: str | Path) -> Embedding:
    """Read a file that `write` wrote, or another program in the same layout. The axes may be missing.

    Raises:
        FormatError: Not such a file: truncated, foreign, other objects than tensors and plain values, wrong types or
            shapes, NaN or infinity, a class given twice.
        TaxoError: The file cannot be read.
    """
    with opened(path) as file:
        found = _contents(path, file)
    wanted = (*(SPARSE if "data" in found else ("vectors",)), "labels")
    missing = [name for name in (*wanted, "classes", "meta") if name not in found]
    if missing:
        raise fault(path, f"it has no {missing[0]!r} (it has {', '.join(map(str, list(found)[:12])) or 'nothing'})")
    parts = {name: _array(path, name, found[name]) for name in wanted}
    texts = [found["classes"], found.get("axes", [])]
    if not all(isinstance(names, list) and set(map(type, names)) <= {str} for names in texts):
        raise fault(path, "classes and axes must be lists of texts")
    if not isinstance(found["meta"], str) or parts["labels"].dtype.kind != "i" or parts["labels"].ndim != 1:
        raise fault(path, "meta must be a text, and labels whole numbers, one for each class")
    return embedding_of(
        path,
        vectors=parts["vectors"] if "vectors" in parts else sparse_matrix(path, *(parts[name] for name in SPARSE)),
        classes=found["classes"],
        labels=parts["labels"],
        axes=found.get("axes"),
        values=from_meta(path, found["meta"]),
    )


def _contents(path: str | Path, file: BinaryIO) -> dict[str, Any]:
    """The dictionary in a file."""
    try:
        with zipfile.ZipFile(file) as archive:
            records = [item for item in archive.infolist() if "/data/" in item.filename]
            if any(item.compress_type != zipfile.ZIP_STORED for item in archive.infolist()):
                raise fault(path, "its records are packed, as torch.save never does")
        file.seek(0)
        found = torch.load(file, map_location="cpu", weights_only=True)
    except TaxoError:
        raise
    # From torch about anything: UnpicklingError, RuntimeError, KeyError, TypeError, EOFError ...
    except Exception as error:
        cause = " ".join(str(error).split())[:160] or type(error).__name__
        raise fault(path, f"no .pt file of tensors, numbers and texts ({cause})") from error
    if not isinstance(found, dict):
        raise fault(path, f"it holds a {type(found).__name__}; a dictionary is expected")
    _check_storages(path, found, sorted(item.file_size for item in records))
    return found


def _check_storages(path: str | Path, found: dict[str, Any], sizes: list[int]) -> None:
    """Raise where a tensor is said to be longer than its record: torch would read what lies behind it in memory."""
    tensors = [value for value in found.values() if isinstance(value, torch.Tensor)]
    if any(tensor.layout != torch.strided for tensor in tensors):
        raise fault(path, "it holds a sparse tensor; sparse vectors are data, indices, indptr and shape")
    storages = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors}
    if sorted(filter(None, storages.values())) != list(filter(None, sizes)):
        raise fault(path, "a tensor in it is not as long as its record; build the embedding again")


def _array(path: str | Path, name: str, value: Any) -> np.ndarray:
    if not isinstance(value, torch.Tensor):
        raise fault(path, f"{name!r} must be a tensor, not a {type(value).__name__}")
    if value.dtype not in (torch.float64, torch.float32, torch.int64, torch.int32):
        raise fault(path, f"{name!r} is {value.dtype}; known are float64, float32, int64 and int32")
    array: np.ndarray = value.detach().numpy()
    return np.ascontiguousarray(array)
