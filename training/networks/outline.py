"""A network without memory: its shapes, and whether images of a size pass through it."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from taxo.taxonomy.errors import TaxoError

from .registry import InputSpec

#: What the networks of the libraries raise where images do not fit.
MISFITS = (RuntimeError, ValueError, AssertionError)


def outline(make: Callable[[], nn.Module]) -> nn.Module:
    """What `make` makes, without memory and without drawing from the caller's random numbers."""
    # Imported when asked for: it takes seconds. torch.device("meta") is no way: RegNet reads numbers while it is built.
    from accelerate import init_empty_weights

    with torch.random.fork_rng(devices=[]), init_empty_weights():
        return make().to(torch.device("meta"))


def check_images(arch: str, make: Callable[[], nn.Module], n_outputs: int, inputs: InputSpec) -> None:
    """Raise unless images pass through a network of a library; nothing is computed.

    Args:
        arch: Its name, for the message.
        make: Builds it, for these images.
        n_outputs: Outputs of f.
        inputs: What the images are like.

    Raises:
        TaxoError: The network cannot take images of this size, or gives no vector f.
    """
    images = torch.empty(2, inputs.channels, inputs.size, inputs.size, device="meta")
    try:
        output = outline(make).eval()(images)
    except MISFITS as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise TaxoError(
            f"network {arch} cannot take images of {inputs.size} pixels with {inputs.channels} channels ({reason}); "
            "choose another --image-size or another network"
        ) from error
    if not isinstance(output, Tensor) or output.shape != (2, n_outputs):
        shape = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
        raise TaxoError(
            f"network {arch} gives {shape} for 2 images instead of (2, {n_outputs}); it is no classifier, take another"
        )
