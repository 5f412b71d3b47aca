"""The networks: sizes, shortcuts, shapes, and every network of torchvision and timm."""

import subprocess
import sys
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from torch import Tensor, nn

from taxo.taxonomy import TaxoError
from taxo.training.networks import InputSpec, Network, build, network, networks, register
from taxo.training.networks.cifar_resnet import Block
from taxo.training.networks.layers import adapt_channels, features, last_parameters
from taxo.training.networks.norms import batch_norms, set_bn_momentum
from taxo.training.networks.outline import outline
from taxo.training.networks.start import he
from taxo.training.networks.torchvision_networks import _make, torchvision_names

IMAGES = InputSpec()
FOR_IMAGES = [entry for entry in networks() if entry.kind == "images"]

#: One of every kind of network in torchvision that has something of its own.
KINDS = ("convnext_tiny", "googlenet", "maxvit_t", "mobilenet_v3_small", "regnet_x_400mf", "squeezenet1_1", "vit_b_32")


def count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def shapes(name: str, n_outputs: int, inputs: InputSpec) -> nn.Module:
    return outline(lambda: build(name, n_outputs, inputs))


def passed(name: str, inputs: InputSpec) -> tuple[int, ...]:
    """Shape of the output in training for two images, nothing computed."""
    images = torch.empty(2, inputs.channels, inputs.size, inputs.size, device="meta")
    output: Tensor = shapes(name, 7, inputs).train()(images)
    return tuple(output.shape)


# The networks of this package.


def test_resnet_110_wfc_has_the_published_number_of_parameters() -> None:
    assert count(build("resnet-110-wfc", 100, IMAGES)) == 6_913_188


def test_resnet_20_counted_by_hand() -> None:
    # Stem: 3*16*9 + 16 + 32 = 480. A conv c -> d with its bias and batch norm: 9cd + d + 2d.
    def conv(c: int, d: int) -> int:
        return 9 * c * d + 3 * d

    blocks = 6 * conv(16, 16) + conv(16, 32) + 5 * conv(32, 32) + conv(32, 64) + 5 * conv(64, 64)
    assert count(build("resnet-20", 10, IMAGES)) == 480 + blocks + 64 * 10 + 10


def test_plain_11_counted_by_hand() -> None:
    widths = [3, 64, 64, 128, 128, 128, 256, 256, 256, 512]
    convs = sum(9 * c * d + 3 * d for c, d in pairwise(widths))
    assert count(build("plain-11", 100, IMAGES)) == convs + (512 * 512 + 3 * 512) + (512 * 100 + 100)


def test_plain_11_normalises_what_the_activation_gave() -> None:
    plain = build("plain-11", 4, IMAGES)
    kinds = [type(m).__name__ for m in plain.get_submodule("layers").children()]
    layer = ["Conv2d", "ReLU", "BatchNorm2d"]
    assert kinds == 2 * layer + ["AvgPool2d"] + 3 * layer + ["AvgPool2d"] + 3 * layer + ["AvgPool2d"] + layer
    # Behind the normalised activation, 0 where the dense layer was negative, there is f and nothing else.
    x = torch.randn(5, 3, 32, 32)
    hidden: list[Tensor] = []
    plain.get_submodule("bn").register_forward_pre_hook(lambda _, given: hidden.append(given[0]))
    outputs = plain(x)
    assert hidden[0].shape == (5, 512)
    assert hidden[0].ge(0).all()
    assert hidden[0].eq(0).any()
    normalised = (hidden[0] - hidden[0].mean(0)) / (hidden[0].var(0, correction=0) + 1e-3).sqrt()
    fc = plain.get_submodule("fc")
    assert torch.allclose(outputs, fc(normalised), atol=1e-5)


@pytest.mark.parametrize(("name", "layers"), [(f"resnet-{d}", d) for d in (20, 32, 56, 110)] + [("plain-11", 11)])
def test_depth_counts_convolutions_and_dense_layers(name: str, layers: int) -> None:
    made = build(name, 5, IMAGES)
    assert sum(isinstance(m, nn.Conv2d | nn.Linear) for m in made.modules()) == layers


def test_shortcut_pools_and_puts_zeros_in_front_and_behind() -> None:
    block = Block(2, 4, stride=2, bn_momentum=0.1)
    x = torch.arange(2 * 4 * 4, dtype=torch.float32).reshape(1, 2, 4, 4)
    y = block.shortcut(x)
    assert y.shape == (1, 4, 2, 2)
    assert y[0, 0].eq(0).all()
    assert y[0, 3].eq(0).all()
    # Channel 0, top left: (0 + 1 + 4 + 5) / 4 = 2.5; channel 1 is 16 more.
    assert y[0, 1].tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert y[0, 2].tolist() == [[18.5, 20.5], [26.5, 28.5]]


def test_a_block_whose_second_batch_norm_is_silent_is_its_shortcut() -> None:
    block = Block(3, 3, stride=1, bn_momentum=0.1)
    nn.init.zeros_(block.bn2.weight)
    x = torch.randn(2, 3, 5, 5)
    assert torch.equal(block(x), x.relu())


@pytest.mark.parametrize("name", ["resnet-20", "plain-11"])
@pytest.mark.parametrize("side", [8, 28, 31, 33, 64])
def test_any_picture_size(name: str, side: int) -> None:
    assert build(name, 7, InputSpec(size=side))(torch.randn(2, 3, side, side)).shape == (2, 7)


@pytest.mark.parametrize("entry", FOR_IMAGES, ids=lambda entry: entry.name)
@pytest.mark.parametrize("channels", [1, 5])
def test_any_number_of_channels(entry: Network, channels: int) -> None:
    assert passed(entry.name, InputSpec(channels, 32)) == (2, 7)


def test_convolutions_start_glorot_uniform_with_biases_of_zero() -> None:
    made = build("resnet-110-wfc", 10, IMAGES)
    conv = next(m for m in made.modules() if isinstance(m, nn.Conv2d) and m.in_channels == 128)
    bound = (6 / (128 * 9 + 128 * 9)) ** 0.5  # fan in + fan out
    assert conv.weight.abs().max().item() == pytest.approx(bound, rel=0.01)
    assert conv.weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.02)
    assert conv.bias is not None
    assert conv.bias.eq(0).all()
    norms = [m for m in made.modules() if isinstance(m, nn.BatchNorm2d)]
    assert {(m.eps, m.momentum) for m in norms} == {(1e-3, 0.01)}


@pytest.mark.parametrize("entry", networks(), ids=lambda entry: entry.name)
def test_features_are_the_inputs_of_the_last_layer(entry: Network) -> None:
    made = shapes(entry.name, 5, IMAGES if entry.kind == "images" else InputSpec(n_words=4, word_dim=3))
    last = [m for m in made.modules() if isinstance(m, nn.Linear)][-1]
    assert (last.in_features, last.out_features) == (entry.features, 5)
    assert features(made) == entry.features


def test_the_page_about_networks_lists_them() -> None:
    text = (Path(__file__).parents[2] / "docs" / "networks.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| `")]
    assert [row[0].split("`")[1] for row in rows] == [entry.name for entry in networks()]
    for row, entry in zip(rows, networks(), strict=True):
        assert (int(row[1]), float(row[3])) == (entry.features, entry.weight_decay)
        if entry.kind == "images":
            assert int(row[2].replace(",", "")) == count(shapes(entry.name, 100, InputSpec(size=64)))


# ResNet-50.


def test_resnet_50_ends_in_as_many_outputs_as_wanted() -> None:
    # torchvision's ResNet-50 has 25,557,032 parameters at 1000 outputs; its last layer has 2048 inputs.
    assert count(shapes("resnet-50", 11, InputSpec(size=64))) == 25_557_032 - 2049 * (1000 - 11)


def test_resnet_50_v1_has_the_number_of_trained_parameters_of_keras() -> None:
    # model.summary() of keras.applications.ResNet50: 25,636,712 in all, 53,120 of them running means and variances.
    made = shapes("resnet-50-v1", 1000, InputSpec(size=64))
    assert count(made) == 25_636_712 - 53_120
    assert sum(m.num_features for m in made.modules() if isinstance(m, nn.BatchNorm2d)) * 2 == 53_120


def test_resnet_50_v1_has_its_strides_on_the_first_convolutions() -> None:
    strides = {
        name: {
            kind: [
                (path.split(".")[0], path.split(".")[-1])
                for path, m in shapes(name, 3, InputSpec(size=64)).named_modules()
                if isinstance(m, nn.Conv2d) and kind in path and m.stride == (2, 2) and path.startswith("layer")
            ]
            for kind in ("conv1", "conv2", "downsample")
        }
        for name in ("resnet-50", "resnet-50-v1")
    }
    shrinking = ("layer2", "layer3", "layer4")
    assert strides["resnet-50-v1"]["conv1"] == strides["resnet-50"]["conv1"] + [(s, "conv1") for s in shrinking]
    assert strides["resnet-50"]["conv2"] == [(s, "conv2") for s in shrinking]
    assert strides["resnet-50-v1"]["conv2"] == []
    assert strides["resnet-50-v1"]["downsample"] == strides["resnet-50"]["downsample"] == [(s, "0") for s in shrinking]


def test_resnet_50_v1_computes_what_torchvisions_does_once_the_strides_are_moved() -> None:
    ours = build("resnet-50-v1", 3, InputSpec(size=64)).eval()
    theirs = torchvision.models.resnet50(weights=None, num_classes=3).eval()
    for name, m in theirs.named_modules():
        if isinstance(m, nn.BatchNorm2d):
            m.eps = 1e-3
        if isinstance(m, nn.Conv2d) and name.startswith("layer") and "downsample" not in name:
            m.stride = ours.get_submodule(name).stride  # type: ignore[assignment]
    theirs.load_state_dict({k: v for k, v in ours.state_dict().items() if k in theirs.state_dict()})
    x = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        assert torch.allclose(ours(x), theirs(x), atol=1e-5)


def test_resnet_50_v1_starts_and_normalises_as_keras_does() -> None:
    made = build("resnet-50-v1", 10, InputSpec(size=64))
    conv = made.get_submodule("layer4.0.conv2")
    assert isinstance(conv, nn.Conv2d)
    assert conv.bias is not None
    deviation = (2 / (512 * 9)) ** 0.5  # fan in
    assert conv.weight.std().item() == pytest.approx(deviation, rel=0.01)
    assert conv.weight.abs().max().item() == pytest.approx(2 * deviation / 0.8796256610342398, rel=0.01)
    fc = made.get_submodule("fc")
    assert isinstance(fc, nn.Linear)
    assert fc.weight.abs().max().item() == pytest.approx((6 / (2048 + 10)) ** 0.5, rel=0.01)
    biases = [p for name, p in made.named_parameters() if name.endswith("bias")]
    assert len(biases) == 53 + 53 + 1
    assert all(bias.eq(0).all() for bias in biases)
    assert {(m.eps, m.momentum) for m in made.modules() if isinstance(m, nn.BatchNorm2d)} == {(1e-3, 0.01)}


def test_he_draws_a_normal_distribution_cut_at_two_deviations() -> None:
    torch.manual_seed(0)
    layer = he(nn.Linear(50, 4000))
    drawn = layer.weight.detach().numpy().ravel()
    # An independent draw: numbers beyond two deviations are drawn again, the rest is scaled to deviation 1.
    normal = np.random.default_rng(1).standard_normal(400_000)
    cut = normal[np.abs(normal) <= 2] / normal[np.abs(normal) <= 2].std() * (2 / 50) ** 0.5
    shares = (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
    assert np.quantile(drawn, shares) == pytest.approx(np.quantile(cut, shares), abs=3e-3)


def test_the_other_spelling_of_resnet_50_v1() -> None:
    assert network("resnet50-v1") is network("resnet-50-v1")


# The networks of torchvision.


@pytest.mark.parametrize("name", KINDS)
def test_kinds_of_torchvision(name: str) -> None:
    _check(name)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(8))
def test_all_networks_of_torchvision(start: int) -> None:
    names = torchvision.models.list_models(module=torchvision.models)
    assert torchvision_names() == tuple(names)
    for name in names[start::8]:
        _check(name)


def _check(name: str) -> None:
    """The output, the published size, and which layer is f: the one whose shape depends on the outputs."""
    published = torchvision.models.get_model_weights(name).DEFAULT
    size = published.meta["min_size"][0] if name.startswith("vit_") else 224
    inputs = InputSpec(size=size)
    small, large = (outline(partial(_make, name, n_outputs, inputs)) for n_outputs in (7, 8))
    f = {k for (k, p), q in zip(small.named_parameters(), large.parameters(), strict=True) if p.shape != q.shape}
    assert last_parameters(small) == f
    assert features(small) == network(name).features
    assert small(torch.empty(2, 3, size, size, device="meta")).shape == (2, 7)
    per_output = count(large) - count(small)
    branches = 3_326_696 if name == "inception_v3" else 0  # of the auxiliary outputs
    assert count(small) + (1000 - 7) * per_output == published.meta["num_params"] - branches


def test_a_network_of_torchvision_starts_as_torchvision_starts_it() -> None:
    torch.manual_seed(3)
    ours = build("mobilenet_v3_small", 6, InputSpec(size=64)).state_dict()
    torch.manual_seed(3)
    theirs = torchvision.models.mobilenet_v3_small(weights=None, num_classes=6).state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[k], theirs[k]) for k in ours)


def test_shapes_are_found_without_touching_the_random_numbers_of_the_caller() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    made = outline(lambda: torchvision.models.vit_b_32(weights=None))
    assert torch.equal(torch.get_rng_state(), before)
    assert {t.device.type for t in [*made.parameters(), *made.buffers()]} == {"meta"}


@pytest.mark.parametrize("name", ["vit_b_32", "squeezenet1_1", "vgg11", "resnet18"])
def test_any_number_of_channels_of_torchvision(name: str) -> None:
    assert passed(name, InputSpec(channels=2, size=224)) == (2, 7)


@pytest.mark.parametrize(("name", "size"), [("vit_b_32", 96), ("vit_b_16", 32), ("maxvit_t", 448), ("resnet18", 32)])
def test_other_sizes(name: str, size: int) -> None:
    assert passed(name, InputSpec(size=size)) == (2, 7)


@pytest.mark.parametrize(
    ("name", "size", "reason"),
    [
        ("alexnet", 32, "Given input size: (256x1x1)."),
        ("vit_b_16", 100, "Input shape indivisible by patch size!"),
        ("maxvit_t", 96, "Input size (24, 24) of block 0 is not divisible by partition size 7."),
        ("inception_v3", 64, "Calculated padded input size per channel: (2 x 2)."),
    ],
)
def test_images_that_do_not_fit(name: str, size: int, reason: str) -> None:
    with pytest.raises(TaxoError) as error:
        build(name, 3, InputSpec(size=size))
    assert str(error.value).startswith(f"network {name} cannot take images of {size} pixels with 3 channels ({reason}")
    assert str(error.value).endswith("); choose another --image-size or another network")


def test_squeezenet_reaches_negative_outputs() -> None:
    torch.manual_seed(0)
    made = build("squeezenet1_1", 50, InputSpec(size=64)).eval()
    with torch.no_grad():
        assert made(torch.randn(4, 3, 64, 64)).lt(0).any()


# The networks of timm.


@pytest.mark.parametrize(
    ("name", "n_features"),
    # A network with a convolution as f, one with f in the midst of its layers, and one that must be told the size.
    [("resnet18", 512), ("resnet18.a1_in1k", 512), ("vit_tiny_patch16_224", 192), ("mobilenetv3_small_050", 1024)],
)
def test_networks_of_timm(name: str, n_features: int) -> None:
    pytest.importorskip("timm")
    entry = network(f"timm:{name}")
    assert (entry.name, entry.features) == (f"timm:{name}", n_features)
    assert passed(f"timm:{name}", InputSpec(channels=2, size=96)) == (2, 7)


@pytest.mark.parametrize(
    ("name", "layers", "n_features"),
    [
        ("deit_tiny_distilled_patch16_224", ["head", "head_dist"], 2 * 192),
        ("repvit_m0_9", ["head.head.l", "head.head_dist.l"], 2 * 384),
        ("levit_128s", ["head.linear", "head_dist.linear"], 2 * 384),
    ],
)
def test_two_layers_whose_mean_is_f(name: str, layers: list[str], n_features: int) -> None:
    pytest.importorskip("timm")
    made = shapes(f"timm:{name}", 5, InputSpec(size=224))
    assert last_parameters(made) == {f"{layer}.{part}" for layer in layers for part in ("weight", "bias")}
    assert features(made) == network(f"timm:{name}").features == n_features


def test_layers_of_a_classifier_before_f_are_none_of_f() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
            self.extra = nn.Linear(4, 4)

        def get_classifier(self) -> nn.Module:
            return self.head

    assert last_parameters(Model()) == {"head.2.weight", "head.2.bias"}
    assert features(Model()) == 6


def test_a_network_of_timm_starts_as_timm_starts_it() -> None:
    timm = pytest.importorskip("timm")
    torch.manual_seed(3)
    ours = build("timm:mobilenetv3_small_050", 6, InputSpec(1, 64)).state_dict()
    torch.manual_seed(3)
    theirs = timm.create_model("mobilenetv3_small_050", num_classes=6, in_chans=1).state_dict()
    assert all(torch.equal(ours[k], theirs[k]) for k in theirs)


def test_unknown_names_of_timm() -> None:
    pytest.importorskip("timm")
    with pytest.raises(TaxoError, match=r"^unknown network 'timm:resnet-18'; did you mean .*'timm:resnet18'.*; timm "):
        network("timm:resnet-18")
    with pytest.raises(TaxoError, match=r"^unknown weights 'a1_in2k' of network 'timm:resnet18'; did you mean "):
        network("timm:resnet18.a1_in2k")


def test_without_timm_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(TaxoError) as error:
        network("timm:convnext_atto")
    assert str(error.value) == (
        "network 'timm:convnext_atto' needs timm, which is not installed; run: pip install 'taxo-toolkit[timm]'"
    )


# Names.


def test_unknown_network_has_near_matches() -> None:
    known = r"known are plain-11, .*, the classification networks of torchvision by their names, and timm:NAME$"
    with pytest.raises(TaxoError, match=rf"^unknown network 'resnet20'; did you mean 'resnet-20' .*{known}"):
        build("resnet20", 3, IMAGES)
    with pytest.raises(TaxoError, match=r"^unknown network 'efficientnetb0'; did you mean 'efficientnet_b0'"):
        network("efficientnetb0")


def test_a_name_is_registered_once() -> None:
    entry = networks()[0]
    with pytest.raises(TaxoError, match="is registered already"):
        register(Network(entry.name, entry.make, entry.about, 64, 0.0))


def test_the_list_of_networks_imports_neither_library() -> None:
    lines = (
        "import sys; from taxo.training.networks import networks, build, InputSpec; networks(); ",
        "build('resnet-20', 3, InputSpec()); print([m for m in ('torchvision', 'timm') if m in sys.modules])",
    )
    done = subprocess.run([sys.executable, "-c", "".join(lines)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Channels and batch norm of any network.


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6, 7])
def test_kernels_for_other_channels_are_those_of_timm(channels: int) -> None:
    helpers = pytest.importorskip("timm.models._manipulate")
    kernel = torch.randn(4, 3, 5, 5)
    assert torch.allclose(adapt_channels(kernel, channels), helpers.adapt_input_conv(channels, kernel))


def test_a_grey_image_gives_what_its_copy_in_three_channels_gave() -> None:
    kernel, image = torch.randn(4, 3, 3, 3), torch.randn(2, 1, 8, 8)
    wanted = nn.functional.conv2d(image.expand(2, 3, 8, 8), kernel)
    assert torch.allclose(nn.functional.conv2d(image, adapt_channels(kernel, 1)), wanted, atol=1e-5)


def test_momentum_of_batch_norm() -> None:
    made = build("plain-11", 3, IMAGES)
    set_bn_momentum(made, 0.3)
    assert [norm.momentum for norm in batch_norms(made)] == [0.3] * 10


def test_without_momentum_the_means_stand_still_and_the_batch_still_normalises() -> None:
    made = build("plain-11", 3, IMAGES)
    made(torch.randn(4, 3, 8, 8))
    set_bn_momentum(made, 0.0)
    before = {k: v.clone() for k, v in made.state_dict().items() if "running" in k}
    x = torch.randn(4, 3, 8, 8)
    outputs = made(x)
    assert all(torch.equal(made.state_dict()[k], v) for k, v in before.items())
    assert not torch.allclose(outputs, made.eval()(x))
