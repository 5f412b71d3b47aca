"""Images of one size in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .frames import Frames, Window, cut


@dataclass(frozen=True)
class Memory:
    """Pixels in memory, on any device.

    Attributes:
        tensor: uint8 `(n, channels, height, width)`.
    """

    tensor: Tensor

    def __len__(self) -> int:
        return len(self.tensor)

    def pick(self, items: Sequence[int]) -> "Memory":
        """The images `items`, in that order."""
        return Memory(self.tensor[torch.as_tensor(items, dtype=torch.int64)])

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.tensor.nbytes

    def to(self, device: torch.device) -> "Memory":
        """The same on a device."""
        return Memory(self.tensor.to(device))

    def fetch(self, items: Sequence[int], window: Window) -> Frames:
        """See `Source`."""
        chosen = torch.as_tensor(items, dtype=torch.int64, device=self.tensor.device)
        sizes = torch.tensor(self.tensor.shape[2:], device=chosen.device).expand(len(chosen), 2)
        if (self.tensor.shape[2], self.tensor.shape[3]) == (window.size, window.size):
            # Whatever the window, nothing but the whole image fits.
            boxes = torch.cat([torch.zeros_like(sizes), sizes], dim=1)
            return Frames(self.tensor[chosen], sizes, boxes)
        return cut(list(self.tensor[chosen]), window)
