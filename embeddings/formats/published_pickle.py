"""Embeddings as [BD19] published them: `.pickle`, `.pkl`.

A dictionary of `ind2label`, a list of class numbers; `label2ind`, the row of each; `embedding`, an array. The published
code (cvjena/semantic-embeddings, `learn_image_embeddings.py --embedding`) loads it. Everything else that an embedding
has is lost, which is said. Read through an allow-list of instructions, never by `pickle.load`.
"""

import logging
import pickle
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from taxo.taxonomy import TaxoError
from taxo.taxonomy.formats.pickles import read_published_embedding

from ..embedding import Dense, Embedding
from .contents import embedding_of
from .meta import unknown

log = logging.getLogger("taxo")


def write(embedding: Embedding, path: Path) -> None:
    """Write a new file with class numbers as labels, as those of CUB-200-2011, NABirds and CIFAR-100 were published.

    Raises:
        TaxoError: Two classes have the same number.
    """
    numbers = embedding.labels.tolist()
    if len(set(numbers)) < len(numbers):
        raise TaxoError("two classes have the same number, which the published layout cannot hold; take .npz")
    write_labelled(embedding, path, numbers, "class numbers as labels: names")


def write_labelled(embedding: Embedding, path: Path, labels: Sequence[int | str], instead: str) -> None:
    """Write a new file; the same embedding gives the same bytes, whatever the version of Python and NumPy.

    Args:
        embedding: The vectors.
        path: The file.
        labels: `(n_classes,)`, one of each.
        instead: What the labels are and what they leave out, for the remark.

    Raises:
        NotEmbeddable: Sparse vectors, written out, would not fit into memory.
    """
    vectors = embedding.vectors if isinstance(embedding.vectors, np.ndarray) else embedding.dense()
    with path.open("wb") as file:
        file.write(pickle.PROTO + b"\x04" + pickle.EMPTY_DICT + pickle.MARK)
        file.write(_text("ind2label") + pickle.EMPTY_LIST + pickle.MARK)
        for label in labels:
            file.write(_value(label))
        file.write(pickle.APPENDS)
        file.write(_text("label2ind") + pickle.EMPTY_DICT + pickle.MARK)
        for row, label in enumerate(labels):
            file.write(_value(label) + _value(row))
        file.write(pickle.SETITEMS)
        file.write(_text("embedding"))
        _write_array(file, np.ascontiguousarray(vectors))
        file.write(pickle.SETITEMS + pickle.STOP)
    log.warning(
        "the published layout has %s, axes, method, hierarchy, fingerprint and deviations are left out%s",
        instead,
        "; the sparse vectors are written out" if embedding.is_sparse else "",
    )


def _write_array(file: BinaryIO, vectors: Dense) -> None:
    """What NumPy pickles an array as, by the names that both NumPy 1 and NumPy 2 have for it."""
    none, end = pickle.NONE, struct.pack("<i", -1)
    dtype = pickle.GLOBAL + b"numpy\ndtype\n" + _text(f"f{vectors.itemsize}") + pickle.NEWFALSE + pickle.NEWTRUE
    dtype += pickle.TUPLE3 + pickle.REDUCE
    state = _value(3) + _text("<") + none * 3 + (pickle.BININT + end) * 2 + _value(0)
    dtype += pickle.MARK + state + pickle.TUPLE + pickle.BUILD
    file.write(pickle.GLOBAL + b"numpy.core.multiarray\n_reconstruct\n" + pickle.GLOBAL + b"numpy\nndarray\n")
    file.write(_value(0) + pickle.TUPLE1 + pickle.SHORT_BINBYTES + b"\x01b" + pickle.TUPLE3 + pickle.REDUCE)
    file.write(pickle.MARK + _value(1) + _value(vectors.shape[0]) + _value(vectors.shape[1]) + pickle.TUPLE2)
    file.write(dtype + pickle.NEWFALSE + pickle.BINBYTES8 + struct.pack("<Q", vectors.nbytes))
    file.write(vectors.astype(vectors.dtype.newbyteorder("<"), copy=False).data)
    file.write(pickle.TUPLE + pickle.BUILD)


def _value(value: int | str) -> bytes:
    """The instruction that makes a text, or a whole number of 64 bits."""
    if isinstance(value, str):
        return _text(value)
    if -(1 << 31) <= value < 1 << 31:
        return pickle.BININT + struct.pack("<i", value)
    return pickle.LONG1 + b"\x08" + struct.pack("<q", value)


def _text(text: str) -> bytes:
    raw = text.encode("utf-8", "surrogatepass")
    return pickle.BINUNICODE + struct.pack("<I", len(raw)) + raw


def read(path: str | Path) -> Embedding:
    """Read a file that the published code wrote, or `write`.

    Labels that are all whole numbers become the class numbers, and names: "17". `load` with a hierarchy gives the
    classes their names in it.

    Raises:
        FormatError: No such pickle, one that would do more than hold values, or whose parts do not fit together.
        TaxoError: The file cannot be read.
    """
    vectors, labels = read_published_embedding(path)
    return embedding_of(
        path,
        vectors=vectors,
        classes=labels,
        labels=_numbers(labels),
        axes=None,
        values=unknown(path, "the published layout"),
    )


def _numbers(labels: list[str]) -> np.ndarray | None:
    """The labels as class numbers, `(n_classes,)`; None where one is no whole number of 64 bits."""
    if not all(label.isascii() and label.isdecimal() and len(label) < 20 for label in labels):
        return None
    numbers = list(map(int, labels))
    return np.array(numbers, dtype=np.int64) if max(numbers, default=0) < 1 << 63 else None
