"""Small data sets live on the GPU: their batches are cut out and changed where they are used."""

import torch

from .memory import Memory
from .samples import Samples
from .texts import Texts

#: Share of a GPU's free memory that one split may take.
ON_DEVICE_SHARE = 0.25


def on_device(samples: Samples, device: torch.device) -> Samples:
    """The same items on a GPU, where they are in memory and take at most a quarter of what is free there."""
    source = samples.source
    if device.type != "cuda" or not isinstance(source, (Memory, Texts)):
        return samples
    free, _ = torch.cuda.mem_get_info(device)
    return samples.with_source(source.to(device)) if source.nbytes <= ON_DEVICE_SHARE * free else samples
