"""What is stored with the vectors: one flat JSON object, the same in all formats."""

import json
import logging
import math
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from taxo import __version__
from taxo.taxonomy import FormatError

from ..embedding import Embedding
from ..recipe import Recipe
from ..verification import Verification

log = logging.getLogger("taxo")

_REQUIRED: dict[str, type | tuple[type, ...]] = {
    "method": str,
    "measure": str,
    "hierarchy": str,
    "fingerprint": str,
    "max_deviation": (float, int, type(None)),
    "mean_deviation": (float, int, type(None)),
}
_OPTIONAL: dict[str, type | tuple[type, ...]] = {
    "heights": str,
    "ic": str,
    "dag": str,
    "seed": int,
    "extended": int,
    "max_norm_error": (float, int, type(None)),
    "least_eigenvalue": (float, int, type(None)),
    "pairs": (int, type(None)),
}


def to_meta(embedding: Embedding) -> dict[str, Any]:
    """Method, measure, heights, hierarchy, fingerprint, what was verified, and the version of this program.

    A deviation that nobody has measured is NaN in an `Embedding`, and None here: JSON has no NaN.
    """
    return {
        **asdict(embedding.recipe),
        "hierarchy": embedding.hierarchy,
        "fingerprint": embedding.fingerprint,
        **{key: None if value != value else value for key, value in asdict(embedding.verification).items()},
        "version": __version__,
    }


def from_meta(path: str | Path, text: str) -> dict[str, Any]:
    """Recipe, hierarchy, fingerprint and verification, as `Embedding` wants them, from a JSON text.

    Raises:
        FormatError: No JSON; otherwise as `from_object`.
    """
    try:
        return from_object(path, json.loads(text))
    except FormatError:
        raise
    except (ValueError, RecursionError) as error:
        raise fault(path, f"its meta is no JSON ({error}); build the embedding again") from error


def from_object(path: str | Path, meta: Any) -> dict[str, Any]:
    """As `from_meta`, from the JSON's value. Keys beyond the six of the contract may be missing.

    Raises:
        FormatError: No JSON object, a key missing or of the wrong type.
    """
    for key, kind in (*_REQUIRED.items(), *_OPTIONAL.items()):
        there = isinstance(meta, dict) and key in meta
        if (there and not isinstance(meta[key], kind)) or (not there and key in _REQUIRED):
            raise fault(path, f"its meta has no proper {key!r}; build the embedding again")
    for key in _REQUIRED.keys() | _OPTIONAL.keys():
        if isinstance(meta.get(key), int) and abs(meta[key]) >= 1 << 63:
            raise fault(path, f"its meta has no proper {key!r}; build the embedding again")
    found = _of(Verification, meta)
    measured = {key: math.nan if found[key] is None else found[key] for key in ("max_deviation", "mean_deviation")}
    return {
        "recipe": Recipe(**_of(Recipe, meta)),
        "hierarchy": meta["hierarchy"],
        "fingerprint": meta["fingerprint"],
        "verification": Verification(**{**found, **measured}),
    }


def unknown(path: str | Path, format: str) -> dict[str, Any]:
    """As `from_meta`, for a file that holds names and vectors only; says so in a remark.

    The method is "unknown", the fingerprint empty, the deviations are NaN. The measure is the published one, since
    `taxo check` must compare with some.
    """
    log.warning(
        "%s: %s holds no method, hierarchy or fingerprint; dot products are taken to stand for the measure lcs-height",
        path,
        format,
    )
    return {
        "recipe": Recipe(method="unknown"),
        "hierarchy": Path(path).stem,
        "fingerprint": "",
        "verification": Verification(max_deviation=math.nan, mean_deviation=math.nan),
    }


def _of(kind: type[Any], meta: dict[str, Any]) -> dict[str, Any]:
    return {field.name: meta[field.name] for field in fields(kind) if field.name in meta}


def fault(path: str | Path, message: str) -> FormatError:
    """An error about a whole file."""
    return FormatError(str(path), [(None, message)])
