"""Decoding once: images in memory where they fit."""

import torch

from .config import DataConfig
from .files import Files
from .memory import Memory
from .samples import Samples
from .synthetic import Drawings

#: Sets whose 8-bit pixels need no more than this are decoded once; bigger ones image by image, when asked.
IN_MEMORY_BYTES = 1 << 30


def cached(samples: Samples, config: DataConfig, limit: int = IN_MEMORY_BYTES) -> Samples:
    """The same items with their pixels in memory, where these stay within `limit` bytes and have all one size."""
    source = samples.source
    if isinstance(source, Drawings):
        return samples.with_source(Memory(source.decode()))
    if not isinstance(source, Files) or len(source) * config.channels * config.short_side**2 > limit:
        return samples
    images = source.decode(range(len(source)))
    if len({image.shape for image in images}) > 1:
        return samples
    return samples.with_source(Memory(torch.stack(images)))
