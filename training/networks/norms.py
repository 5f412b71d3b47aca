"""Batch norm of any network: how fast its running means follow, and its layers."""

from collections.abc import Iterator

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


def batch_norms(module: nn.Module) -> Iterator[_BatchNorm]:
    """All layers of batch norm in a module, itself included, of whatever kind."""
    return (m for m in module.modules() if isinstance(m, _BatchNorm))


def set_bn_momentum(module: nn.Module, momentum: float) -> None:
    """Set the share of each new batch in the running mean and variance of all layers of batch norm, in place.

    The authors' networks have 0.01 (Keras' momentum of 0.99), torch's habit is 0.1.

    With 0 the running means stand still while a layer that trains still normalises by its own batch. This is what
    the authors' code does in the first phase of fine-tuning with all layers of batch norm, the one of the head g
    included: in its version of Keras a layer that is not trained updates no means, but is not in inference mode
    either. A layer in `eval` mode normalises by the running means instead, which is what most people mean by frozen.

    Args:
        module: The network.
        momentum: In 0..1.
    """
    for norm in batch_norms(module):
        norm.momentum = momentum
