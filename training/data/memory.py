"""Images of one size in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .frames import Frames, Window, cut, enlarged, reflected


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
        device, size = self.tensor.device, window.size
        chosen = torch.as_tensor(items, dtype=torch.int64, device=device)
        height, width = self.tensor.shape[2:]
        sizes = torch.tensor([[height, width]]).expand(len(chosen), 2)
        boxes = window.boxes(sizes)
        one_to_one = bool((boxes[:, 2:] == size).all())
        if one_to_one and (height, width) == (size, size):
            inputs = self.tensor[chosen]
        elif not one_to_one and max(height, width) <= size:
            inputs = enlarged(self.tensor[chosen], boxes.to(device), size)
        elif one_to_one and device.type != "cpu":
            inputs = gathered(self.tensor, chosen, boxes.to(device), size)
        else:
            inputs = cut(self.tensor[chosen].unbind(), window).inputs
        return Frames(inputs, sizes.to(device), boxes.to(device))


def gathered(images: Tensor, chosen: Tensor, boxes: Tensor, size: int) -> Tensor:
    """Squares of some images in a few steps for the whole batch; a GPU waits for none of them.

    Args:
        images: uint8 `(n_all, channels, height, width)`.
        chosen: int64 `(n,)`, which images.
        boxes: int64 `(n, 4)`, top, left, and twice `size`; what sticks out is the image's mirror image.
        size: Side in pixels.
    """
    along = torch.arange(size, device=images.device)
    rows, columns = (reflected(boxes[:, i, None] + along, images.shape[2 + i]) for i in (0, 1))
    channels = torch.arange(images.shape[1], device=images.device)[:, None, None]
    return images[chosen[:, None, None, None], channels, rows[:, None, :, None], columns[:, None, None, :]]
