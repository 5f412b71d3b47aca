"""Embeddings in `.safetensors` files.

Tensors: `vectors` (n_classes, dim) or, sparse, `data`, `indices`, `indptr`, `shape`; and `labels` (n_classes,). The
metadata are texts: `classes`, `axes` and `meta`, each JSON.

The layout is simple (https://github.com/huggingface/safetensors#format): the length of the header as eight bytes, the
header as JSON, the tensors one after another. It is written and read here because the library gives the metadata
another order in every process, so that the same embedding would not give the same bytes; the tests hold the library
against it.
"""

import json
import math
import struct
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

import numpy as np

from taxo.taxonomy import TaxoError

from ..embedding import Embedding
from .contents import embedding_of
from .meta import fault, from_meta, to_meta
from .parts import SPARSE, parts_of, sparse_matrix
from .reading import opened

_KINDS = {"F64": "<f8", "F32": "<f4", "I64": "<i8", "I32": "<i4"}
_NAMES = {np.dtype(kind): name for name, kind in _KINDS.items()}
_MAX_HEADER = 100_000_000  # bytes, as the library allows
_TEXTS = ("classes", "axes", "meta")


def write(embedding: Embedding, path: Path) -> None:
    """Write a new file; the same embedding gives the same bytes.

    Raises:
        TaxoError: The names take more than the 100 MB that a header may have.
    """
    tensors = {**parts_of(embedding), "labels": embedding.labels.astype(np.int64)}
    # Widest numbers first, as the library does, so that every tensor begins at a multiple of its numbers' size.
    order = sorted(tensors, key=lambda name: (-tensors[name].itemsize, name))
    texts = (list(embedding.classes), list(embedding.axes), to_meta(embedding))
    header: dict[str, Any] = {"__metadata__": dict(zip(_TEXTS, map(json.dumps, texts), strict=True))}
    end = 0
    for name in order:
        tensor = tensors[name]
        header[name] = {
            "dtype": _NAMES[tensor.dtype.newbyteorder("<")],
            "shape": list(tensor.shape),
            "data_offsets": [end, end := end + tensor.nbytes],
        }
    raw = json.dumps(header, separators=(",", ":")).encode()
    raw += b" " * (-len(raw) % 8)
    if len(raw) > _MAX_HEADER:
        raise TaxoError(
            "the names of classes and axes take more than the 100 MB that a .safetensors file allows; take .npz"
        )
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(raw)) + raw)
        for name in order:
            tensor = tensors[name]
            file.write(np.ascontiguousarray(tensor.astype(tensor.dtype.newbyteorder("<"), copy=False)).data)


def read(path: str | Path) -> Embedding:
    """Read a file that `write` wrote, or another program in the same layout. The axes may be missing.

    Raises:
        FormatError: Not such a file: truncated, foreign, wrong types or shapes, NaN or infinity, a class given twice.
        TaxoError: The file cannot be read.
    """
    with opened(path) as file:
        header = _header(path, file)
        texts = header.pop("__metadata__", {})
        wanted = (*(SPARSE if "data" in header else ("vectors",)), "labels")
        for name in wanted:
            if name not in header:
                raise fault(path, f"it has no tensor {name!r} (it has {', '.join(list(header)[:12]) or 'none'})")
        base = file.tell()
        found = {name: _tensor(path, file, name, header[name], base) for name in wanted}
    if not isinstance(texts, dict) or not all(isinstance(texts.get(name), str) for name in ("classes", "meta")):
        raise fault(path, "its metadata lack 'classes' or 'meta': weights of a network, perhaps, and no embedding")
    if found["labels"].dtype.kind != "i" or found["labels"].ndim != 1:
        raise fault(path, "labels must be whole numbers, one for each class")
    return embedding_of(
        path,
        vectors=found["vectors"] if "vectors" in found else sparse_matrix(path, *(found[name] for name in SPARSE)),
        classes=_names(path, "classes", texts["classes"]),
        labels=found["labels"],
        axes=_names(path, "axes", texts["axes"]) if "axes" in texts else None,
        values=from_meta(path, texts["meta"]),
    )


def _header(path: str | Path, file: BinaryIO) -> dict[str, Any]:
    size = file.seek(0, 2)
    file.seek(0)
    raw = file.read(8)
    length = struct.unpack("<Q", raw)[0] if len(raw) == 8 else size
    if length > min(size - 8, _MAX_HEADER):
        raise fault(path, "no .safetensors file, or its end is missing; build the embedding again")
    try:
        header = json.loads(file.read(length))
    except (ValueError, RecursionError) as error:
        raise fault(path, f"its header is no JSON ({str(error)[:120]}); build the embedding again") from error
    if not isinstance(header, dict):
        raise fault(path, "its header is no JSON object; build the embedding again")
    return header


def _tensor(path: str | Path, file: BinaryIO, name: str, entry: Any, base: int) -> np.ndarray:
    """A tensor of the file, once what the header says about it is found sound."""
    kind, shape, places = (
        entry.get(k) if isinstance(entry, dict) else None for k in ("dtype", "shape", "data_offsets")
    )
    if not isinstance(kind, str) or kind not in _KINDS:
        raise fault(path, f"tensor {name!r} has the dtype {str(kind)[:20]!r}; known are {', '.join(_KINDS)}")
    if not (_sizes(shape) and _sizes(places) and len(places) == 2):
        raise fault(path, f"tensor {name!r} has no proper shape or place; build the embedding again")
    start, end = places
    if end - start != math.prod(shape) * np.dtype(_KINDS[kind]).itemsize or base + end > file.seek(0, 2):
        raise fault(path, f"tensor {name!r} of shape {shape} does not fit into its place; is the file whole?")
    file.seek(base + start)
    return np.fromfile(file, _KINDS[kind], math.prod(shape)).reshape(shape)


def _sizes(value: Any) -> TypeGuard[list[int]]:
    return isinstance(value, list) and len(value) <= 8 and all(type(v) is int and 0 <= v < 1 << 48 for v in value)


def _names(path: str | Path, key: str, text: Any) -> list[str]:
    try:
        names = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise fault(path, f"its {key} are no JSON ({str(error)[:120]}); build the embedding again") from error
    if not isinstance(names, list) or not set(map(type, names)) <= {str}:
        raise fault(path, f"its {key} are no list of texts; build the embedding again")
    return names
