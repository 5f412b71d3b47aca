"""Reading the weights of a network from a file of somebody else; nothing in the file is run."""

import pickle
import struct
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from taxo.taxonomy.errors import TaxoError

from .registry import State

RUN_WEIGHTS = "last.safetensors"
"""What is read where a run folder is named."""

SAFETENSORS = ".safetensors"
TORCH_SUFFIXES = (".pt", ".pth", ".bin", ".ckpt", ".tar")

#: Under which names checkpoints hold the weights of a network beside other things; the first one found is taken.
_WEIGHTS_IN_CHECKPOINTS = ("state_dict", "model_state_dict", "model", "network", "net", "backbone")

# What torch.load raises on broken files, found by truncating and corrupting files of both of its formats.
_BROKEN = (
    RuntimeError,
    OSError,
    pickle.UnpicklingError,
    EOFError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    MemoryError,
    struct.error,
    zipfile.BadZipFile,
)


def read_weights(path: str | Path) -> State:
    """The weights in a file, under the names that they have there.

    Args:
        path: `.safetensors`, or what `torch.save` wrote (`.pt`, `.pth`, `.bin`, `.ckpt`, `.tar`): the weights by name,
            alone or beside other things of a checkpoint. Or a run folder, whose last weights are taken.

    Raises:
        TaxoError: There is no such file, it is of another kind, damaged, or holds no weights.
    """
    file = Path(path).expanduser()
    if file.is_dir():
        file = file / RUN_WEIGHTS
    if not file.is_file():
        what = "is no regular file" if file.exists() else "no such file"
        raise TaxoError(f"{file}: {what}; --weights names a file of weights or a run folder")
    if file.suffix.lower() == SAFETENSORS:
        return _safetensors(file)
    if file.suffix.lower() in TORCH_SUFFIXES:
        return _saved_by_torch(file)
    raise TaxoError(
        f"{file}: weights are read from files {SAFETENSORS} and {' '.join(TORCH_SUFFIXES)} (as torch.save writes "
        "them); convert the file"
    )


def _safetensors(file: Path) -> State:
    try:
        return load_file(file)
    except (SafetensorError, OSError) as error:
        raise TaxoError(f"{file}: damaged, or no file of safetensors ({error}); fetch it again") from error


def _saved_by_torch(file: Path) -> State:
    _check_stored(file)
    try:
        with warnings.catch_warnings():
            # About the version of the file's format: what cannot be read is an error anyway.
            warnings.simplefilter("ignore")
            content = torch.load(file, map_location="cpu", weights_only=True)
    except _BROKEN as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise TaxoError(
            f"{file}: damaged, or holds more than weights ({reason}); fetch it again, or save the weights alone"
        ) from error
    return _weights_in(file, content)


def _check_stored(file: Path) -> None:
    """Raise where a small file would become a large one: torch.save never compresses."""
    try:
        if not zipfile.is_zipfile(file):
            return
        with zipfile.ZipFile(file) as archive:
            packed = [entry.filename for entry in archive.infolist() if entry.compress_type != zipfile.ZIP_STORED]
    except _BROKEN as error:
        raise TaxoError(f"{file}: damaged ({error}); fetch it again") from error
    if packed:
        raise TaxoError(f"{file}: {packed[0]} in it is compressed, which torch.save never does; save the weights anew")


def _weights_in(file: Path, content: object) -> State:
    """The tensors by name in what a file holds."""
    if isinstance(content, Mapping):
        inner = [content[name] for name in _WEIGHTS_IN_CHECKPOINTS if isinstance(content.get(name), Mapping)]
        for candidate in (content, *inner):
            state = {name: value for name, value in candidate.items() if _is_weight(name, value)}
            if state:
                return state
    kind = f"a {type(content).__name__}" if not isinstance(content, Mapping) else f"{_names(content)}"
    raise TaxoError(
        f"{file}: holds no weights by name but {kind}; save network.state_dict(), alone or as "
        f"{_WEIGHTS_IN_CHECKPOINTS[0]!r} of a checkpoint"
    )


def _is_weight(name: object, value: object) -> bool:
    if not (isinstance(name, str) and isinstance(value, Tensor) and value.layout == torch.strided):
        return False
    # A few bytes can claim to be any number of weights.
    return value.numel() * value.element_size() <= value.untyped_storage().nbytes()


def _names(content: Mapping[object, object]) -> str:
    shown = ", ".join(repr(name)[:40] for name in list(content)[:5])
    return f"{len(content)} entries ({shown})" if content else "nothing"
