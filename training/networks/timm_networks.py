"""Every network of timm by its name there: `timm:convnext_atto`, or `timm:resnet18.a1_in1k` for certain weights."""

import sys
from functools import cache, partial
from typing import Any

from torch import nn

from taxo.taxonomy.errors import TaxoError, did_you_mean, near_matches

from .layers import features
from .outline import check_images, outline
from .registry import TIMM, InputSpec, Network, State


@cache
def timm_network(arch: str) -> Network:
    """The entry of a network of timm.

    Args:
        arch: `timm:NAME`.

    Raises:
        TaxoError: timm is not installed, or has no such network.
    """
    name = arch.removeprefix(TIMM)
    _check_name(name)
    return Network(
        arch,
        partial(timm_made, name),
        f"{name} of timm",
        features=features(outline(partial(_make, name, 1, InputSpec(size=224), sized=False))),
        # The published recipe has none for its network for photographs.
        weight_decay=0.0,
        download=partial(timm_weights, name),
        fit=fit_by_timm,
    )


def timm_made(name: str, n_outputs: int, inputs: InputSpec) -> nn.Module:
    """A network of timm with random weights, f with `n_outputs` outputs.

    Raises:
        TaxoError: It cannot take images of this size.
    """
    check_images(f"{TIMM}{name}", partial(_make, name, n_outputs, inputs), n_outputs, inputs)
    return _make(name, n_outputs, inputs)


def timm_weights(name: str, inputs: InputSpec) -> tuple[State, str]:
    """The weights that timm has for a network, and what they are called; downloaded unless its cache holds them.

    Raises:
        TaxoError: There are none, or they cannot be had.
    """
    import timm

    published = timm.get_pretrained_cfg(name)
    if published is None or not published.has_weights:
        raise TaxoError(f"timm has no weights for {name!r}; name a file with --weights FILE, or train from scratch")
    what = f"timm's {name}" if "." in name else f"timm's {name}.{published.tag}"
    try:
        network = _make(name, published.num_classes, InputSpec(size=inputs.size), pretrained=True)
    except (OSError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise TaxoError(
            f"the weights of {what} cannot be had: {reason}; fetch them elsewhere and name the file with --weights FILE"
        ) from error
    return network.state_dict(), what


def fit_by_timm(network: nn.Module, state: State) -> State:
    """Weights as published, under the names that timm gives, what they learned of places interpolated."""
    convert = getattr(sys.modules[type(network).__module__], "checkpoint_filter_fn", None)
    if convert is None:
        return state
    try:
        converted = convert(dict(state), network)
    # What these functions do not know may stop them anywhere; the comparison of all shapes will say what misfits.
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RuntimeError, AssertionError):
        return state
    return dict(converted)


def _make(name: str, n_outputs: int, inputs: InputSpec, *, sized: bool = True, pretrained: bool = False) -> nn.Module:
    import timm

    options: dict[str, Any] = {"num_classes": n_outputs, "in_chans": inputs.channels, "pretrained": pretrained}
    published = timm.get_pretrained_cfg(name)
    if sized and published is not None and published.fixed_input_size:
        try:
            return timm.create_model(name, **options, img_size=inputs.size)
        except TypeError as error:
            # A few do not let their size be chosen.
            if "img_size" not in str(error):
                raise
    return timm.create_model(name, **options)


def _check_name(name: str) -> None:
    try:
        import timm
    except ImportError:
        raise TaxoError(
            f"network '{TIMM}{name}' needs timm, which is not installed; run: pip install 'taxo-toolkit[timm]'"
        ) from None
    if not timm.is_model(name):
        near = [f"{TIMM}{n}" for n in near_matches(name, timm.list_models())]
        raise TaxoError(f"unknown network '{TIMM}{name}'{did_you_mean(near)}; timm {timm.__version__} has no such one")
    base, _, tag = name.partition(".")
    tags = [n.partition(".")[2] for n in timm.list_models(f"{base}.*", pretrained=True)]
    if tag and tag not in tags:
        near = [f"{TIMM}{base}.{t}" for t in near_matches(tag, tags)]
        raise TaxoError(
            f"unknown weights {tag!r} of network '{TIMM}{base}'{did_you_mean(near)}; "
            f"known are {', '.join(tags) or 'none'}"
        )
