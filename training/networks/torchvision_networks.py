"""Every classification network of torchvision by its name there, such as `efficientnet_b0` or `vit_b_16`.

They start as torchvision starts them. Two are changed: GoogLeNet and Inception have no auxiliary outputs, and
SqueezeNet has no ReLU behind f, which would leave no negative outputs.
"""

from functools import cache, partial
from typing import Any

from torch import nn

from taxo.taxonomy.errors import TaxoError

from .layers import features, replace_first_convolution
from .outline import check_images, outline
from .registry import InputSpec, Network, State

#: What torchvision itself calls these; the learned normalisation of the images is left out.
_OPTIONS: dict[str, dict[str, Any]] = {
    "googlenet": {"aux_logits": False, "init_weights": True},
    "inception_v3": {"aux_logits": False, "init_weights": True},
}


@cache
def torchvision_names() -> tuple[str, ...]:
    """Names of the classification networks of torchvision, in its order."""
    # Imported when asked for: it takes seconds.
    from torchvision import models

    return tuple(models.list_models(module=models))


@cache
def torchvision_network(name: str) -> Network:
    """The entry of a network of torchvision.

    Args:
        name: One of `torchvision_names()`.
    """
    return Network(
        name,
        partial(torchvision_made, name),
        f"{name} of torchvision",
        features=features(outline(partial(_make, name, 1, InputSpec(size=224)))),
        # The published recipe has none for its network for photographs.
        weight_decay=0.0,
        download=partial(torchvision_weights, name),
        fit=fit_positions,
    )


def torchvision_made(name: str, n_outputs: int, inputs: InputSpec) -> nn.Module:
    """A network of torchvision with random weights, f with `n_outputs` outputs.

    Raises:
        TaxoError: It cannot take images of this size.
    """
    check_images(name, partial(_make, name, n_outputs, inputs), n_outputs, inputs)
    return _make(name, n_outputs, inputs)


def torchvision_weights(name: str, inputs: InputSpec) -> tuple[State, str]:
    """The weights that torchvision recommends, and what they are called; downloaded unless its cache holds them.

    Raises:
        TaxoError: They cannot be had.
    """
    from torchvision import models

    weights = models.get_model_weights(name).DEFAULT
    try:
        state: State = weights.get_state_dict(progress=False, check_hash=True)
    # A RuntimeError says that the downloaded file is not the published one.
    except (OSError, RuntimeError) as error:
        raise TaxoError(
            f"the weights {weights} of torchvision cannot be had: {error}; "
            f"fetch {weights.url} elsewhere and name the file with --weights FILE"
        ) from error
    return state, f"torchvision's {weights}"


def fit_positions(network: nn.Module, state: State) -> State:
    """Weights of a vision transformer for images of another size: what it learned of places is interpolated.

    Raises:
        TaxoError: The weights cannot be interpolated.
    """
    from torchvision.models.vision_transformer import VisionTransformer, interpolate_embeddings

    name = "encoder.pos_embedding"
    if not isinstance(network, VisionTransformer) or name not in state:
        return state
    if state[name].ndim != 3 or state[name].shape[2] != network.hidden_dim:
        return state  # of another network: the comparison of all shapes will say so
    try:
        return dict(interpolate_embeddings(network.image_size, network.patch_size, dict(state)))
    except ValueError as error:
        raise TaxoError(f"{name} of these weights is not that of square images ({error}); take other weights") from None


def _make(name: str, n_outputs: int, inputs: InputSpec) -> nn.Module:
    from torchvision import models

    options = dict(_OPTIONS.get(name, {}))
    if name.startswith("vit_"):
        options["image_size"] = inputs.size
    if name.startswith("maxvit_"):
        options["input_size"] = (inputs.size, inputs.size)
    network: nn.Module = models.get_model(name, weights=None, num_classes=n_outputs, **options)
    replace_first_convolution(network, inputs.channels)
    if isinstance(network, models.SqueezeNet):
        network.classifier[2] = nn.Identity()
    return network
