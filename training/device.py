"""The accelerator that a run computes on."""

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, PartialState

from taxo.taxonomy.errors import TaxoError


def make_accelerator(device: str = "auto", precision: str = "no") -> Accelerator:
    """Hugging Face's Accelerator; `accelerate launch` makes it one of several processes.

    Args:
        device: "auto" takes the best there is, "cpu" or "cuda".
        precision: "no", "bf16" or "fp16".

    Raises:
        TaxoError: There is no such device, or it cannot compute in that precision.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise TaxoError("device is cuda, but torch finds no CUDA device; use --device cpu, or auto")
    # The Accelerator shares its state between all instances of a process: a second run in the same process may
    # ask for another device or precision.
    if PartialState().num_processes == 1:
        AcceleratorState._reset_state(reset_partial_state=True)
    try:
        return Accelerator(cpu=device == "cpu", mixed_precision=precision)
    except (ValueError, RuntimeError) as error:
        raise TaxoError(f"precision {precision} on device {device}: {error}") from error
