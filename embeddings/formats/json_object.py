"""Embeddings in `.json` files: one flat object, what is known about the vectors beside the vectors.

    {"taxo_embedding": 1,
    "dtype": "float64",
    "method": "exact",
    ...
    "classes": ["owl", "gull"],
    "labels": [1, 2],
    "axes": ["owl", "gull"],
    "vectors": [
    [1.0, 0.0],
    [0.5, 0.8660254037844386]
    ]}

Only `classes` and `vectors` are needed, so other programs can write such files easily.
"""

import json
from pathlib import Path
from typing import Any

from taxo.taxonomy import FormatError, TaxoError
from taxo.taxonomy.formats.json_text import Repeating, as_object
from taxo.taxonomy.formats.source import decode
from taxo.taxonomy.formats.texts import wrong_with_name

from ..embedding import Embedding
from ..memory import check_memory
from .contents import embedding_of
from .meta import fault, from_object, to_meta, unknown
from .numerals import Rows, rows
from .reading import Faults, opened
from .table import whole_numbers

MARK = '{"taxo_embedding": 1,'
_PER_BYTE = 10  # bytes of memory for a byte of the file: the text, and Python's numbers of 24 bytes


def write(embedding: Embedding, path: Path) -> None:
    """Write a new file; the same embedding gives the same bytes.

    Raises:
        TaxoError: A name holds half of a surrogate pair.
        NotEmbeddable: Sparse vectors, written out, are too many numbers.
    """
    known = {"dtype": str(embedding.vectors.dtype), **to_meta(embedding)}
    names = {"classes": embedding.classes, "labels": embedding.labels.tolist(), "axes": embedding.axes}
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(MARK + "\n")
        for key, value in known.items():
            file.write(f'"{key}": {json.dumps(value)},\n')
        for key, value in names.items():
            file.write(f'"{key}": {_json(value)},\n')
        file.write('"vectors": [')
        for place, row in enumerate(rows(embedding, ", ")):
            file.write(f"{',' if place else ''}\n[{row}]")
        file.write("\n]}\n")


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if "surrogate" in (wrong := wrong_with_name(text)):
        raise TaxoError(f"a name {wrong}: JSON cannot hold it; take .npz")
    return text


def read(path: str | Path) -> Embedding:
    """Read a file that `write` wrote, or another program in the same layout.

    Raises:
        FormatError: No such file: no JSON, NaN or infinity, wrong types or shapes, a class given twice.
        TaxoError: The file cannot be read.
    """
    found = _object(path)
    missing = [key for key in ("classes", "vectors") if not isinstance(found.get(key), list)]
    if missing:
        there = ", ".join(map(repr, list(found)[:12])) or "no keys"
        raise fault(path, f"no embedding: it has no list {missing[0]!r} (it has {there})")
    for key in ("classes", "axes"):
        if key in found and not (isinstance(found[key], list) and set(map(type, found[key])) <= {str}):
            raise fault(path, f"{key} must be a list of texts")
    dtype = found.get("dtype", "float64")
    if dtype not in ("float64", "float32"):
        raise fault(path, f"dtype is {str(dtype)[:40]!r}; known are float64 and float32")
    vectors = found["vectors"]
    numbers = _numbers(path, vectors, dtype)
    return embedding_of(
        path,
        vectors=numbers.matrix(len(vectors)),
        classes=found["classes"],
        labels=whole_numbers(path, found["labels"]) if "labels" in found else None,
        axes=found.get("axes"),
        values=from_object(path, found) if "fingerprint" in found else unknown(path, "the file"),
    )


def _object(path: str | Path) -> dict[str, Any]:
    with opened(path) as file:
        size = file.seek(0, 2)
        check_memory(size * _PER_BYTE, f"{path}: reading {size / 2**30:.1f} GiB of JSON would", "take .npz")
        file.seek(0)
        text = decode(str(path), file.read())
        try:
            found = json.loads(text, object_pairs_hook=as_object)
        except json.JSONDecodeError as error:
            message = f"no valid JSON in column {error.colno}: {error.msg}; is the file whole?"
            raise FormatError(str(path), [(error.lineno, message)]) from error
        except RecursionError as error:
            raise fault(path, "no embedding: brackets stand in brackets, hundreds deep") from error
        except ValueError as error:
            raise fault(path, "no embedding: a whole number has thousands of digits") from error
    if not isinstance(found, dict):
        raise fault(path, "no embedding: an object with the keys 'classes' and 'vectors' is expected")
    if isinstance(found, Repeating):
        raise fault(path, f"the key {found.repeated[0]!r} is given twice; keep one")
    return found


def _numbers(path: str | Path, vectors: list[Any], dtype: str) -> Rows:
    """The numbers of all rows.

    Raises:
        FormatError: With every faulty row.
    """
    dim = len(vectors[0]) if vectors and isinstance(vectors[0], list) else 0
    numbers, faults = Rows(dim, dtype), Faults(path)
    for place, row in enumerate(vectors):
        if problem := _problem(row, dim):
            faults.add(None, f"vectors[{place}] {problem}")
            continue
        try:
            numbers.extend(row)
            finite = numbers.last_is_finite()
        except OverflowError:  # a whole number
            finite = False
        if not finite:
            faults.add(None, f"vectors[{place}] holds a number that is NaN or too big; all numbers must be finite")
    faults.check()
    return numbers


def _problem(row: Any, dim: int) -> str:
    if not isinstance(row, list):
        return f"is {json.dumps(row)[:40]}, not a list of numbers"
    if not set(map(type, row)) <= {float, int}:
        place = next(i for i, number in enumerate(row) if type(number) not in (float, int))
        return f"holds {json.dumps(row[place])[:40]} in place {place}; a number is expected"
    return "" if len(row) == dim else f"has {len(row)} numbers, vectors[0] has {dim}"
