"""Checkpoints: a training at one moment in one file, written whole or not at all, and checked when it is read."""

import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from taxo.taxonomy import TaxoError
from taxo.taxonomy.files import replacing

FORMAT = 1
"""Number of the layout of the files."""

KEPT = 2
"""Checkpoints that stay: one may turn out to be damaged."""


class Checkpoints:
    """The folder of the checkpoints of one run.

    Args:
        folder: The folder; it is made when the first checkpoint is saved.
        resume_hint: How to go on, for messages.
    """

    def __init__(self, folder: Path, resume_hint: str = "") -> None:
        self.folder = folder
        self.resume_hint = resume_hint

    def save(self, tensors: dict[str, Tensor], notes: dict[str, Any]) -> Path:
        """Write a checkpoint, then remove all but the newest two.

        Args:
            tensors: By name.
            notes: For JSON; "step" and "epochs" must be among them.

        Raises:
            TaxoError: It cannot be written: the disk is full, say. The checkpoints before it are still there.
        """
        path = self.folder / f"step-{notes['step']:09d}.safetensors"
        plain = storable(tensors)
        note = json.dumps({"format": FORMAT, "crc32": _checksum(plain), **notes})
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(path) as temporary:
                save_file(plain, temporary, metadata={"taxo": note})
                # The name must not come to the disk before the content.
                with temporary.open("rb") as file:
                    os.fsync(file.fileno())
        except (TaxoError, OSError, SafetensorError) as error:
            raise TaxoError(f"{error}{self.last_good()}") from error
        for old in self.paths()[KEPT:]:
            old.unlink(missing_ok=True)
        return path

    def newest(self, on_remark: Callable[[str], None]) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """The newest checkpoint that is whole: its tensors and notes; None where there is none.

        Args:
            on_remark: Is told which damaged ones were passed over.
        """
        for path in self.paths():
            try:
                return _read(path)
            except TaxoError as error:
                on_remark(f"{error}; the one before it is taken")
        return None

    def clear(self) -> None:
        """Remove all checkpoints."""
        for path in self.paths():
            path.unlink(missing_ok=True)
        self.tidy()

    def tidy(self) -> None:
        """Remove what a training that was killed while it wrote has left."""
        for path in self.folder.glob(".step-*"):
            path.unlink(missing_ok=True)

    def paths(self) -> list[Path]:
        """The files, the newest first."""
        return sorted(self.folder.glob("step-*.safetensors"), reverse=True)

    def last_good(self) -> str:
        """What there is to go back to, for the end of a message."""
        paths = self.paths()
        if not paths:
            return "; there is no checkpoint yet: make room and train again"
        hint = f" and go on with: {self.resume_hint}" if self.resume_hint else ""
        return f"; the last good checkpoint is {paths[0]}: make room{hint}"


def storable(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same as safetensors takes them: in main memory, without strides (weights may have the channels last)."""
    return {name: value.detach().cpu().contiguous() for name, value in tensors.items()}


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """One checkpoint.

    Raises:
        TaxoError: It is damaged, or of another version.
    """
    try:
        with safe_open(path, "pt") as file:
            notes = json.loads((file.metadata() or {}).get("taxo", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no dictionary
    except (SafetensorError, OSError, json.JSONDecodeError) as error:
        raise TaxoError(f"{path}: a damaged checkpoint ({error})") from error
    if notes.get("format") != FORMAT:
        raise TaxoError(f"{path}: a checkpoint of another version of taxo (format {notes.get('format')}, not {FORMAT})")
    if notes["crc32"] != _checksum(tensors):
        raise TaxoError(f"{path}: a damaged checkpoint (its checksum is another one)")
    return tensors, notes


def _checksum(tensors: dict[str, Tensor]) -> int:
    """CRC-32 over all bytes, in the order of the names."""
    value = 0
    for name in sorted(tensors):
        data: NDArray[np.uint8] = tensors[name].reshape(-1).view(torch.uint8).numpy()
        value = zlib.crc32(data.data, zlib.crc32(name.encode(), value))
    return value
