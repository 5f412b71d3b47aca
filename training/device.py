"""The accelerator that a run computes on."""

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, PartialState
from accelerate.utils import DistributedDataParallelKwargs

from taxo.taxonomy.errors import TaxoError

# Sent around in every step they would cost more than they are worth: among the buffers are the class embeddings. The
# loop itself brings the statistics of batch norm together where they are used.
_BUFFERS_STAY = DistributedDataParallelKwargs(broadcast_buffers=False)


def make_accelerator(device: str = "auto", precision: str = "auto") -> Accelerator:
    """Hugging Face's Accelerator; `accelerate launch` and `torchrun` make it one of several processes.

    Args:
        device: "auto" takes the best there is, "cpu" or "cuda".
        precision: "no", "bf16", "fp16", or "auto": bf16 on a GPU that computes in it, else "no".

    Raises:
        TaxoError: There is no such device, or it cannot compute in that precision.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise TaxoError("device is cuda, but torch finds no CUDA device; use --device cpu, or auto")
    if precision == "auto":
        on_gpu = device != "cpu" and torch.cuda.is_available()
        precision = "bf16" if on_gpu and torch.cuda.is_bf16_supported(including_emulation=False) else "no"
    # The Accelerator shares its state between all instances of a process: a second run in the same process may
    # ask for another device or precision.
    if PartialState().num_processes == 1:
        AcceleratorState._reset_state(reset_partial_state=True)
    try:
        return Accelerator(cpu=device == "cpu", mixed_precision=precision, kwargs_handlers=[_BUFFERS_STAY])
    except (ValueError, RuntimeError) as error:
        raise TaxoError(f"precision {precision} on device {device}: {error}") from error
