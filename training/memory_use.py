"""How much memory a training step takes, found from two small batches before a large one is tried."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from taxo.taxonomy.errors import TaxoError

from .classifier import Classifier

SMALL, LARGER = 2, 4
"""Items of the two batches that are tried. One alone would have no variance for batch norm."""


@dataclass(frozen=True)
class MemoryUse:
    """The memory of training steps, in bytes.

    Attributes:
        parameters: Of all weights.
        buffers: What moves with the model but is not learned, such as class vectors and running means.
        gradients: Of the weights that are learned.
        states: What is kept for each of these beside its gradient: momentum, moving averages.
        fixed: Saved for the backward pass, whatever the batch: copies of the weights in half precision, say.
        per_item: Saved for the backward pass for every item of the batch, its input included.
        passing: Largest result on the way, for every item: the backward pass holds its gradient beside what is saved.
    """

    parameters: int
    buffers: int
    gradients: int
    states: int
    fixed: int
    per_item: int
    passing: int

    @property
    def without_items(self) -> int:
        """Needed for a batch of any size."""
        return self.parameters + self.buffers + self.gradients + self.states + self.fixed

    @property
    def with_each_item(self) -> int:
        """Needed once more for every item of the batch."""
        return self.per_item + self.passing

    def bytes(self, batch_size: int, pieces: int = 1) -> int:
        """The largest use during a step.

        Args:
            batch_size: Items per step.
            pieces: Pieces of the batch that are computed one after the other, or each in a process of its own.
        """
        return self.without_items + -(-batch_size // pieces) * self.with_each_item

    def to_dict(self) -> dict[str, Any]:
        """The numbers under the names of the attributes."""
        return asdict(self)


def memory_of(classifier: Classifier, inputs: Tensor, labels: Tensor, n_states: int = 1) -> MemoryUse:
    """Measure the memory of training steps of a classifier, which is left as it was; nothing is learned.

    Two forward passes on 2 and 4 items tell what is saved for the backward pass; both grow with the batch along a
    straight line. What tensors share is counted once, and weights are not counted again where they are saved. Call it
    under the autocast that the training will have.

    Args:
        classifier: On the device of the inputs.
        inputs: What the network sees, `(n, ...)`, from one item on; repeated where there are fewer than four.
        labels: int64 `(n,)`.
        n_states: Numbers kept for every weight beside its gradient: 1 for momentum, 1 more for a moving average.

    Raises:
        TaxoError: No items.
    """
    if not len(inputs):
        raise TaxoError("the memory of a step is measured on real items, and there are none; give at least one")
    learned = _bytes(p for p in classifier.parameters() if p.requires_grad)
    small, _ = _saved(classifier, *_first(SMALL, inputs, labels))
    larger, largest = _saved(classifier, *_first(LARGER, inputs, labels))
    per_item = max(larger - small, 0) // (LARGER - SMALL)
    fixed = max(small - SMALL * per_item, 0)
    return MemoryUse(
        parameters=_bytes(classifier.parameters()),
        buffers=_bytes(classifier.buffers()),
        gradients=learned,
        states=n_states * learned,
        fixed=fixed,
        per_item=per_item,
        passing=largest // LARGER,
    )


def _first(count: int, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The first items, repeated where there are fewer, in a storage of their own."""
    times = -(-count // len(inputs))
    return torch.cat([inputs] * times)[:count].clone(), torch.cat([labels] * times)[:count].clone()


def _saved(classifier: Classifier, inputs: Tensor, labels: Tensor) -> tuple[int, int]:
    """Bytes that a forward pass saves for the backward pass, in all and in the largest storage."""
    own = {_place(t) for t in (*classifier.parameters(), *classifier.buffers())}
    found: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        if _place(tensor) not in own:
            found[_place(tensor)] = tensor.untyped_storage().nbytes()
        return tensor

    with _unchanged(classifier, inputs.device), saved_tensors_hooks(pack, lambda tensor: tensor):
        # What is saved lives as long as the loss does: until then no two of them share a place.
        loss, _ = classifier.objective(classifier(inputs), labels)
        del loss
    return sum(found.values()), max(found.values(), default=0)


@contextmanager
def _unchanged(classifier: nn.Module, device: torch.device) -> Iterator[None]:
    """A block in the mode for training, after which modes, running means and random numbers are as before."""
    modes = {module: module.training for module in classifier.modules()}
    weights = {name for name, _ in classifier.named_parameters()}
    running = {k: (t, t.clone()) for k, t in classifier.state_dict(keep_vars=True).items() if k not in weights}
    classifier.train()
    try:
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            yield
    finally:
        for module, training in modes.items():
            module.training = training
        with torch.no_grad():
            for tensor, before in running.values():
                tensor.copy_(before)


def _bytes(tensors: Iterable[Tensor]) -> int:
    """Of all storages, each counted once."""
    return sum({_place(t): t.untyped_storage().nbytes() for t in tensors}.values())


def _place(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()
