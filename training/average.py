"""The moving average of a network's weights, which is scored and kept in place of the weights themselves."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Average:
    """Exponential moving average of all weights and of the statistics of batch norm.

    After step t, from 0, the average keeps `min(decay, (1 + t) / (10 + t))` of itself: without that, a short training
    would be an average over its random start.

    Args:
        module: What is averaged, on its device.
        decay: Share that is kept per step, in (0, 1).

    Attributes:
        values: The averages, by the names of the module's `state_dict`.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        # The tensors of the module themselves: they are changed in place, never replaced.
        self._live = dict(module.state_dict())
        self.values = {name: value.detach().clone() for name, value in self._live.items()}
        self._floats = [name for name, value in self._live.items() if value.is_floating_point()]
        self._others = [name for name in self._live if name not in set(self._floats)]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after a step, counted from 0."""
        kept = min(self.decay, (1 + step) / (10 + step))
        mine, theirs = ([d[name] for name in self._floats] for d in (self.values, self._live))
        torch._foreach_lerp_(mine, theirs, 1 - kept)
        for name in self._others:
            self.values[name].copy_(self._live[name])

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The module with the averages for weights; afterwards it has its own again."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for name, live in self._live.items():
            own = live.clone()
            live.copy_(self.values[name])
            self.values[name].copy_(own)

    @torch.no_grad()
    def load(self, values: dict[str, Tensor]) -> None:
        """Take over stored averages."""
        for name, value in self.values.items():
            value.copy_(values[name])
