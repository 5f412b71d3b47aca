"""Where a training step does not fit into the memory: what it needs, and the batch to try."""

import traceback

import torch
from accelerate import Accelerator

from taxo.taxonomy import TaxoError

from .batches import plain_loader
from .classifier import Classifier
from .data.room import free_memory, in_bytes
from .memory_use import LARGER, MemoryUse, memory_of
from .plan import Plan
from .views import view_of

SPARE = 0.9
"""Share of the free memory that `largest_batch` fills: cuDNN's scratch space and gaps between tensors need the rest."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out; of a processor's, torch says so in a RuntimeError."""
    text = str(error)
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "can't allocate memory" in text


def check_room(plan: Plan, classifier: Classifier, accelerator: Accelerator) -> MemoryUse:
    """The memory of a training step, found out before one is tried.

    On a processor there is no second chance: the system ends a process that takes more than there is.

    Args:
        plan: The training.
        classifier: Its network, on its device; it is left as it was.
        accelerator: Of the training.

    Raises:
        TaxoError: There is less; the message names a batch that fits.
    """
    use = _measured(plan, classifier, accelerator)
    pieces = plan.config.accumulate * accelerator.num_processes
    if use is None or use.bytes(plan.stream.batch_size, pieces) > available(accelerator.device, use):
        raise _refusal(use, plan, accelerator)
    return use


def out_of_memory(error: BaseException, plan: Plan, classifier: Classifier, accelerator: Accelerator) -> TaxoError:
    """What to tell a person instead of an error that says that memory ran out.

    Args:
        error: Whose frames still hold the batch; they are emptied.
        plan: The training.
        classifier: Its network, on its device. The gradients are lost.
        accelerator: Of the training.
    """
    traceback.clear_frames(error.__traceback__)
    for parameter in classifier.parameters():
        parameter.grad = None
    # Batch norm over several processes would wait for the others, which know nothing of this.
    alone = accelerator.num_processes == 1 or plan.config.batch_norm != "sync"
    return _refusal(_measured(plan, classifier, accelerator) if alone else None, plan, accelerator)


def _refusal(use: MemoryUse | None, plan: Plan, accelerator: Accelerator) -> TaxoError:
    """The batch is too large, by the memory of a step where that could be measured."""
    size, parts, processes = plan.stream.batch_size, plan.config.accumulate, accelerator.num_processes
    if use is None:
        return TaxoError(half(size, parts, processes))
    return TaxoError(too_large(size, available(accelerator.device, use), use, parts, processes))


def _measured(plan: Plan, classifier: Classifier, accelerator: Accelerator) -> MemoryUse | None:
    """The memory of a step, from a few items; None where not even these fit."""
    view = view_of(plan.config, plan.splits)
    try:
        batch = next(plain_loader(plan.splits.train, view, LARGER)).to(accelerator.device)
        with accelerator.autocast():
            inputs = view.inputs(batch.frames, batch.positions)
            return memory_of(classifier, inputs, batch.labels, n_states=1 + (plan.config.ema > 0))
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return None


def available(device: torch.device, use: MemoryUse) -> int:
    """Bytes for a model and its training steps: what is free, and what the model has already.

    Args:
        device: Of the model. The pixels of a training set that lie on a GPU are not free.
        use: From `memory_of`; on the device are at least the weights.
    """
    if device.type != "cuda":
        return free_memory()
    free, _ = torch.cuda.mem_get_info(device)
    of_others = torch.cuda.memory_allocated(device) - use.parameters - use.buffers - use.states
    return int(free + torch.cuda.memory_reserved(device) - max(of_others, 0))


def largest_batch(free_bytes: int, use: MemoryUse) -> int:
    """Items at a time that should fit, as a round number; 0 where not even two do.

    Args:
        free_bytes: Memory that is free before the model is loaded.
        use: From `memory_of`.
    """
    count = int((SPARE * free_bytes - use.without_items) / max(use.with_each_item, 1))
    if count < 2:  # batch norm has no variance of a single item
        return 0
    return count - count % 8 if count >= 16 else count


def too_large(batch_size: int, free_bytes: int, use: MemoryUse, parts: int = 1, processes: int = 1) -> str:
    """What to tell a person whose batch did not fit.

    Args:
        batch_size: Items per step that were tried.
        free_bytes: As for `largest_batch`, of one process.
        use: From `memory_of`.
        parts: Parts that the batch was computed in.
        processes: Processes that shared it.
    """
    tried = -(-batch_size // (parts * processes))
    needed = f"{_named(batch_size, parts, processes)} needs about {in_bytes(use.bytes(batch_size, parts * processes))}"
    needed += f", {in_bytes(free_bytes)} are free"
    # Where it should have fitted the estimate was too low, and what it says now would not fit either.
    fitting = largest_batch(free_bytes, use)
    return _advice(needed, batch_size, fitting if fitting < tried else tried // 2, parts, processes)


def half(batch_size: int, parts: int = 1, processes: int = 1) -> str:
    """What to tell a person where nothing can be measured; see `too_large`."""
    tried = -(-batch_size // (parts * processes))
    return _advice(f"{_named(batch_size, parts, processes)} does not fit", batch_size, tried // 2, parts, processes)


def _named(batch_size: int, parts: int, processes: int) -> str:
    in_parts = f" in {parts} parts" if parts > 1 else ""
    return f"a batch of {batch_size}{in_parts}" + (f" on {processes} processes" if processes > 1 else "")


def _advice(what: str, batch_size: int, fitting: int, parts: int, processes: int) -> str:
    """What was wrong, and what to try so that so many items have to fit at a time."""
    if fitting < 2:
        return f"out of memory: {what}, and no smaller batch fits; take a smaller network or smaller images"
    pieces = -(-batch_size // (fitting * processes))
    same = f", or --accumulate {pieces} for the same batch in parts" if batch_size >= 2 * pieces * processes else ""
    return f"out of memory: {what}; try --batch-size {fitting * parts * processes}{same}"
