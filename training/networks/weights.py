"""Starting from the weights of another training: those that a library publishes, or a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from taxo.taxonomy.errors import TaxoError
from taxo.taxonomy.wording import few

from .layers import adapt_channels, first_convolution, last_parameters
from .registry import InputSpec, State, network
from .weight_files import read_weights

PREFIXES = ("module.", "_orig_mod.", "model.", "backbone.", "network.")
"""What wrappers put before the names of a network's parameters: data parallel, torch.compile, other people's
classes, and this package's classifier."""

ENOUGH = 0.5
"""Share of the numbers before f that weights must bring along; with less they belong to another network."""

DEEPEST_PREFIX = 4


@dataclass(frozen=True)
class Loaded:
    """What became of the parameters of a network into which weights were put.

    All names are those of the network's own parameters.

    Attributes:
        source: Where the weights are from.
        taken: Names of the parameters that have the values they had there.
        adapted: Names of those whose values were converted for another number of channels.
        new: Names of those that were left as they were drawn.
        last: Names of the parameters of f, whether they are new or not.
        unused: Names of the weights that have no place in the network.
    """

    source: str
    taken: frozenset[str]
    adapted: frozenset[str]
    new: frozenset[str]
    last: frozenset[str]
    unused: tuple[str, ...]

    @property
    def first_phase(self) -> frozenset[str]:
        """What to train before all the rest: what is new, and f in any case, as in the authors' code.

        The adapted convolution is not among them: it works from the start, and all between it and f stands still.
        """
        return self.new | self.last

    def remark(self) -> str:
        """One sentence for a person."""
        clauses = [f"{len(self.taken)} parameters taken from {self.source}"]
        clauses += [f"adapted to the channels: {few(sorted(self.adapted))}"] * bool(self.adapted)
        clauses += [f"new: {few(sorted(self.new))}"] * bool(self.new)
        clauses += [f"not used: {few(self.unused)}"] * bool(self.unused)
        return "; ".join(clauses)


def pretrain(module: nn.Module, arch: str, inputs: InputSpec, weights: str | Path | None = None) -> Loaded:
    """Put weights of another training into a new network, in place; f stays new unless it has the same shape there.

    Args:
        module: What `build` made for `arch` and `inputs`.
        arch: Its name.
        inputs: What it is fed with.
        weights: A file or run folder; None for what the library that the network is from publishes for it.

    Raises:
        TaxoError: The weights cannot be had or read, or belong to another network. The module is then as it was.
    """
    entry = network(arch)
    if weights is not None:
        state, source = read_weights(weights), str(weights)
    elif entry.download is not None:
        state, source = entry.download(inputs)
    else:
        raise TaxoError(f"nobody publishes weights for {entry.name}; name a file with --weights FILE")
    state = unwrapped(state, module)
    if entry.fit is not None:
        state = entry.fit(module, state)
    return fill(module, state, source, entry.name)


def unwrapped(state: State, module: nn.Module) -> State:
    """The weights without that prefix which hides most of the names of a module's parameters and buffers."""
    own = module.state_dict()
    known = sum(name in own for name in state)
    best = state
    for inner in _without_prefixes(state, DEEPEST_PREFIX):
        found = sum(name in own for name in inner)
        if found > known:
            known, best = found, inner
    return best


def _without_prefixes(state: State, depth: int) -> Iterator[State]:
    for prefix in PREFIXES if depth else ():
        inner = {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
        if inner:
            yield inner
            yield from _without_prefixes(inner, depth - 1)


def fill(module: nn.Module, state: State, source: str, arch: str) -> Loaded:
    """Put those weights into a module that fit.

    A bias that the weights lack, while they have the kernel beside it, is zero: that layer had none.

    Args:
        module: The network.
        state: Weights under the network's own names.
        source: Where they are from, for messages.
        arch: Name of the network, for messages.

    Raises:
        TaxoError: They are those of another network, or damaged. The module is then as it was.
    """
    own = module.state_dict()
    first = first_convolution(module)
    kernel = f"{first[0]}.weight" if first else ""
    values: State = {}
    for name, old in own.items():
        if (value := state.get(name)) is None:
            if name.endswith(".bias") and _fits(f"{name.removesuffix('bias')}weight", own, state):
                values[name] = torch.zeros_like(old)
        elif value.shape == old.shape:
            values[name] = value
        elif name == kernel and value.ndim == 4 and _only_channels_differ(value, old):
            values[name] = adapt_channels(value, old.shape[1])
    parameters = frozenset(name for name, _ in module.named_parameters())
    last = last_parameters(module)
    _check_enough(module, values, state, last, source, arch)
    _check_numbers(values, own, source)
    _check_means(values, own, source)
    for name, value in values.items():
        own[name].copy_(value)
    adapted = (
        frozenset({kernel} & values.keys()) if kernel and state.get(kernel) is not values.get(kernel) else frozenset()
    )
    taken = parameters & values.keys()
    unused = tuple(name for name in state if name not in values)
    return Loaded(source, taken - adapted, adapted & taken, parameters - taken, last, unused)


def _fits(name: str, own: State, state: State) -> bool:
    return name in own and name in state and own[name].shape == state[name].shape


def _only_channels_differ(value: Tensor, old: Tensor) -> bool:
    return value.shape[1] > 0 and (value.shape[0], *value.shape[2:]) == (old.shape[0], *old.shape[2:])


def _check_enough(module: nn.Module, values: State, state: State, last: frozenset[str], source: str, arch: str) -> None:
    sizes = {name: p.numel() for name, p in module.named_parameters() if name not in last}
    share = sum(n for name, n in sizes.items() if name in values) / max(sum(sizes.values()), 1)
    if share >= ENOUGH:
        return
    misfits = [name for name in sizes if name not in values]
    why = [f"{name} {_shape(state[name], module, name)}" if name in state else f"{name} is missing" for name in misfits]
    raise TaxoError(
        f"{source}: only {len(sizes) - len(misfits)} of {len(sizes)} parameters before the last layer fit network "
        f"{arch} ({100 * share:.0f} % of its numbers): {few(why)}; name the network of these weights with --arch, "
        "or take other weights"
    )


def _shape(value: Tensor, module: nn.Module, name: str) -> str:
    return f"is {tuple(value.shape)} instead of {tuple(module.get_parameter(name).shape)}"


def _check_numbers(values: State, own: State, source: str) -> None:
    for name, value in values.items():
        floating = own[name].is_floating_point()
        if value.is_floating_point() != floating or value.is_complex():
            raise TaxoError(f"{source}: {name} holds {value.dtype}, no weights; take other weights")
        if floating and not torch.isfinite(value).all():
            raise TaxoError(f"{source}: {name} holds numbers that are not finite: that training failed; take others")


def _check_means(values: State, own: State, source: str) -> None:
    for name in own:
        layer, _, kind = name.rpartition(".")
        if kind in ("running_mean", "running_var") and name not in values and f"{layer}.weight" in values:
            raise TaxoError(
                f"{source}: {name} is missing, the trained {layer}.weight is there; save the whole state_dict "
                "of the network, not its parameters alone"
            )
