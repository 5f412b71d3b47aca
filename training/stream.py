"""The stream of training items: one shuffle of the set after another, cut into batches of equal size."""

import torch
from torch import Tensor

from taxo.taxonomy.errors import TaxoError

from .randomness import generator


class Stream:
    """Which items stand in which training batch.

    An epoch is a number of batches, whatever the size of the set: a set drawn from a larger one is trained for as
    many steps as that ([BD20], section 4.4). The stream does not end with an epoch, so every batch is full, and no
    item comes again before all others have come.

    Args:
        n: Number of items.
        batch_size: Items per batch; a set that has fewer gives batches of all its items.
        seed: Seed of the run.

    Attributes:
        batch_size: Items per batch.

    Raises:
        TaxoError: Fewer than two items.
    """

    def __init__(self, n: int, batch_size: int, seed: int) -> None:
        if n < 2:
            raise TaxoError(f"there are {n} training items; at least 2 are needed")
        self.n = n
        self.batch_size = min(batch_size, n)
        self.seed = seed
        self._orders: dict[int, Tensor] = {}

    def steps(self, full_size: int) -> int:
        """Batches per epoch where the whole set has `full_size` items."""
        return -(-full_size // self.batch_size)

    def positions(self, step: int) -> Tensor:
        """Places in the stream of the items of a batch, int64 `(batch,)`; steps count on through the epochs."""
        return torch.arange(step * self.batch_size, (step + 1) * self.batch_size)

    def items(self, positions: Tensor) -> Tensor:
        """The items at some places, int64, indices of the set."""
        passes, places = positions.div(self.n, rounding_mode="floor"), positions % self.n
        found = torch.empty_like(positions)
        for number in sorted(set(passes.tolist())):
            here = passes == number
            found[here] = self._order(number)[places[here]]
        return found

    def _order(self, number: int) -> Tensor:
        """The order of one pass over the set."""
        if number not in self._orders:
            kept = {k: order for k, order in self._orders.items() if k >= number - 1}
            order = torch.randperm(self.n, generator=generator(self.seed, "order", number))
            self._orders = {**kept, number: order}
        return self._orders[number]
