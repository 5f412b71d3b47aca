"""What is stored with the vectors: one flat JSON object, the same in all formats."""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from taxo import __version__
from taxo.taxonomy import FormatError

from ..embedding import Embedding
from ..recipe import Recipe
from ..verification import Verification

_REQUIRED: dict[str, type | tuple[type, ...]] = {
    "method": str,
    "measure": str,
    "hierarchy": str,
    "fingerprint": str,
    "max_deviation": (float, int),
    "mean_deviation": (float, int),
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
    """Method, measure, heights, hierarchy, fingerprint, what was verified, and the version of this program."""
    return {
        **asdict(embedding.recipe),
        "hierarchy": embedding.hierarchy,
        "fingerprint": embedding.fingerprint,
        **asdict(embedding.verification),
        "version": __version__,
    }


def from_meta(path: str | Path, text: str) -> dict[str, Any]:
    """Recipe, hierarchy, fingerprint and verification, as `Embedding` wants them, from a JSON text.

    Keys beyond the six of the contract may be missing.

    Raises:
        FormatError: No JSON object, a key missing or of the wrong type.
    """
    try:
        meta = json.loads(text)
    except json.JSONDecodeError as error:
        raise fault(path, f"its meta is no JSON ({error}); build the embedding again") from error
    for key, kind in _REQUIRED.items():
        if not isinstance(meta, dict) or not isinstance(meta.get(key), kind):
            raise fault(path, f"its meta has no proper {key!r}; build the embedding again")
    for key, kind in _OPTIONAL.items():
        if key in meta and not isinstance(meta[key], kind):
            raise fault(path, f"its meta has no proper {key!r}; build the embedding again")
    return {
        "recipe": Recipe(**_of(Recipe, meta)),
        "hierarchy": meta["hierarchy"],
        "fingerprint": meta["fingerprint"],
        "verification": Verification(**_of(Verification, meta)),
    }


def _of(kind: type[Any], meta: dict[str, Any]) -> dict[str, Any]:
    return {field.name: meta[field.name] for field in fields(kind) if field.name in meta}


def fault(path: str | Path, message: str) -> FormatError:
    """An error about a whole file."""
    return FormatError(str(path), [(None, message)])
