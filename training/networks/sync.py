"""Batch norm over the batches of several processes: the result is that of one process with all the items.

torch has the same for CUDA only (`torch.nn.SyncBatchNorm`).
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from taxo.taxonomy.errors import TaxoError

from .norms import batch_norms

Module = TypeVar("Module", bound=nn.Module)


class SyncedNorm(_BatchNorm):
    """Batch norm 1d, 2d or 3d whose statistics in training are those of the batches of all processes together.

    In `eval` mode, and where there is one process only, it is torch's own. Batches may differ in size, and be empty.
    The gradients of weight and bias are those of the own batch; data-parallel training adds them up.

    Args:
        norm: What takes its place; parameters and buffers are shared with it.

    Raises:
        TaxoError: On a call, in training: the processes together have less than two values per channel.
    """

    def __init__(self, norm: _BatchNorm) -> None:
        super().__init__(norm.num_features, norm.eps, norm.momentum, affine=False, track_running_stats=False)
        self.affine, self.track_running_stats, self.training = norm.affine, norm.track_running_stats, norm.training
        self.weight, self.bias = norm.weight, norm.bias
        self.running_mean, self.running_var = norm.running_mean, norm.running_var
        self.num_batches_tracked = norm.num_batches_tracked

    def forward(self, x: Tensor) -> Tensor:
        """`(n, channels, ...)` to the same shape."""
        batch_counts = self.training or self.running_mean is None
        if not batch_counts or not dist.is_initialized() or dist.get_world_size() == 1:
            return super().forward(x)
        y, mean, variance, count = _Normalised.apply(x, self.eps)
        self._follow(mean, variance, count)
        # A copy without weights: what comes next may write into the result, which the gradient needs.
        z = torch.addcmul(_as(self.bias, y), y, _as(self.weight, y)) if self.affine else y.clone()
        return z.to(x.dtype)

    def _follow(self, mean: Tensor, variance: Tensor, count: Tensor) -> None:
        if not (self.training and self.track_running_stats and self.running_mean is not None):
            return
        assert self.num_batches_tracked is not None
        assert self.running_var is not None
        with torch.no_grad():
            self.num_batches_tracked.add_(1)
            share = 1 / int(self.num_batches_tracked) if self.momentum is None else self.momentum
            unbiased = variance * count / (count - 1)
            for running, new in ((self.running_mean, mean), (self.running_var, unbiased)):
                running.copy_((1 - share) * running + share * new)

    def _check_input_dim(self, input: Tensor) -> None:
        if input.ndim < 2:
            raise ValueError(f"batch norm needs (n, channels, ...), not {tuple(input.shape)}")


class _SyncedNormAct(SyncedNorm):
    """The same of timm's batch norm that ends in an activation."""

    def __init__(self, norm: _BatchNorm) -> None:
        super().__init__(norm)
        theirs: Any = norm
        self.drop, self.act = theirs.drop, theirs.act

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.act(self.drop(super().forward(x)))
        return y


def synchronised(module: Module, device: torch.device | str = "cpu") -> Module:
    """Let all layers of batch norm in a module work across processes, in place where possible.

    The names in its state dict stay. Without several processes nothing changes but the kind of the layers.

    Args:
        module: The network; what is returned takes its place.
        device: What it will compute on. On CUDA torch's own layers are taken.

    Raises:
        TaxoError: A layer of a kind that is not known here.
    """
    norms = [norm for norm in batch_norms(module) if not isinstance(norm, SyncedNorm | nn.SyncBatchNorm)]
    for norm in norms:
        if type(norm) not in _PLAIN and not _is_timms(norm):
            raise TaxoError(f"batch norm of kind {type(norm).__name__} cannot be synchronised; take one process")
    if torch.device(device).type == "cuda":
        return _for_cuda(module, norms)
    new = {id(norm): _SyncedNormAct(norm) if _is_timms(norm) else SyncedNorm(norm) for norm in norms}
    for parent in list(module.modules()):
        # Not named_children: a layer that stands twice would be named once.
        for name, child in list(parent._modules.items()):
            if id(child) in new:
                setattr(parent, name, new[id(child)])
    return new.get(id(module), module)  # type: ignore[return-value]


_PLAIN = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def _is_timms(norm: _BatchNorm) -> bool:
    return type(norm).__name__ == "BatchNormAct2d" and type(norm).__module__.startswith("timm.")


def _for_cuda(module: Module, norms: Sequence[_BatchNorm]) -> Module:
    if any(_is_timms(norm) for norm in norms):
        from timm.layers.norm_act import convert_sync_batchnorm as convert
    else:
        convert = nn.SyncBatchNorm.convert_sync_batchnorm
    converted: Module = convert(module)  # type: ignore[no-untyped-call]
    return converted


class _Normalised(torch.autograd.Function):
    """`(x - mean) / sqrt(var + eps)` with the mean and variance of the joined batch."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, eps: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """To the normalised x, mean and biased variance `(channels,)`, and how many values a channel has."""
        mean, variance, count = joined_moments(x)
        exact = torch.promote_types(x.dtype, torch.float32)
        y = functional.batch_norm(x, mean.to(exact), variance.to(exact), training=False, eps=eps)
        ctx.save_for_backward(y, (variance + eps).rsqrt().to(exact), count)
        ctx.mark_non_differentiable(mean, variance, count)
        return y, mean, variance, count

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor, *_: Tensor) -> tuple[Tensor, None]:
        """The gradient of all processes' losses together with respect to the own items."""
        y, inverse, count = ctx.saved_tensors
        axes = _all_but_channels(y)
        exact = grad.to(inverse.dtype)
        sums = torch.stack([exact.sum(axes), (exact * y).sum(axes)]).double()  # (2, channels)
        dist.all_reduce(sums)
        means = (sums / count).to(inverse.dtype)
        return ((exact - _as(means[0], y) - y * _as(means[1], y)) * _as(inverse, y)).to(grad.dtype), None


def joined_moments(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean and biased variance of the channels over all processes, float64 `(channels,)`, and the count of values.

    Every process tells its count, mean and sum of squared deviations. They are combined as in Chan, Golub & LeVeque,
    "Updating formulae and a pairwise algorithm for computing sample variances", 1979: no large sums are subtracted
    from each other. They are added up in the order of the processes, so that all get the same bits.

    Args:
        x: `(n, channels, ...)`, of this process.

    Raises:
        TaxoError: There are less than two values per channel in all.
    """
    channels = x.shape[1]
    count = x.numel() // max(channels, 1)
    own = torch.zeros(2 * channels + 1, dtype=torch.float64, device=x.device)
    if count:
        exact = x.to(torch.promote_types(x.dtype, torch.float32))
        variance, mean = torch.var_mean(exact, _all_but_channels(x), correction=0)
        own = torch.cat([mean.double(), variance.double() * count, own.new_tensor([count])])
    told = [torch.empty_like(own) for _ in range(dist.get_world_size())]
    dist.all_gather(told, own)
    means, squares, counts = torch.split(torch.stack(told), [channels, channels, 1], dim=1)  # (processes, ...)
    total = counts.sum()
    if total < 2:
        raise TaxoError("batch norm needs two values per channel in training; take a larger batch size")
    mean = (counts * means).sum(dim=0) / total
    squares = squares + counts * (means - mean) ** 2
    return mean, squares.sum(dim=0) / total, total


def _all_but_channels(x: Tensor) -> list[int]:
    return [axis for axis in range(x.ndim) if axis != 1]


def _as(values: Tensor, x: Tensor) -> Tensor:
    """`(channels,)` so that it is broadcast over `(n, channels, ...)`."""
    return values.reshape(1, -1, *[1] * (x.ndim - 2))
