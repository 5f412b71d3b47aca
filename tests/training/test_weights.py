"""Weights of another training: what is taken, what stays new, and files that are broken or hostile."""

import pickle
import random
import urllib.error
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from taxo.taxonomy import TaxoError
from taxo.training.networks import InputSpec, build
from taxo.training.networks.weight_files import read_weights
from taxo.training.networks.weights import Loaded, fill, pretrain, unwrapped

IMAGES = InputSpec()
F = frozenset({"fc.weight", "fc.bias"})


def resnet(n_outputs: int = 5, inputs: InputSpec = IMAGES) -> nn.Module:
    """A network whose running means are no longer those of the start."""
    made = build("resnet-20", n_outputs, inputs)
    made(torch.randn(4, inputs.channels, 8, 8))
    return made.eval()


def trained() -> dict[str, Tensor]:
    torch.manual_seed(7)
    return resnet().state_dict()


def names(module: nn.Module) -> frozenset[str]:
    return frozenset(name for name, _ in module.named_parameters())


def before_f(module: nn.Module, x: Tensor) -> Tensor:
    module.fc = nn.Identity()
    with torch.no_grad():
        features: Tensor = module.eval()(x)
    return features


def loaded(path: Path, n_outputs: int = 5, inputs: InputSpec = IMAGES) -> tuple[nn.Module, Loaded]:
    module = build("resnet-20", n_outputs, inputs)
    return module, pretrain(module, "resnet-20", inputs, path)


# Files.


def save_safetensors(state: dict[str, Tensor], path: Path) -> None:
    save_file(state, path)


def save_old(state: dict[str, Tensor], path: Path) -> None:
    torch.save(state, path, _use_new_zipfile_serialization=False)


@pytest.mark.parametrize(
    ("save", "suffix"),
    [(save_safetensors, ".safetensors"), (torch.save, ".pt"), (torch.save, ".pth"), (save_old, ".tar")],
)
def test_every_kind_of_file(save: Callable[[dict[str, Tensor], Path], None], suffix: str, tmp_path: Path) -> None:
    state = trained()
    path = tmp_path / f"weights{suffix}"
    save(state, path)
    module, report = loaded(path)
    assert all(torch.equal(value, state[name]) for name, value in module.state_dict().items())
    assert report == Loaded(str(path), names(module), frozenset(), frozenset(), F, ())
    assert report.first_phase == F


def test_the_last_weights_of_a_run_folder(tmp_path: Path) -> None:
    state = trained()
    run = {f"network.{name}": value for name, value in state.items()} | {"objective.phi": torch.eye(5)}
    save_file(run, tmp_path / "last.safetensors")
    module, report = loaded(tmp_path)
    assert torch.equal(module.state_dict()["conv.weight"], state["conv.weight"])
    assert report.taken == names(module)


@pytest.mark.parametrize("key", ["state_dict", "model", "model_state_dict"])
@pytest.mark.parametrize(
    "prefix", ["", "module.", "model.", "backbone.", "module.backbone.", "_orig_mod.module.model."]
)
def test_wrapped_weights(key: str, prefix: str, tmp_path: Path) -> None:
    state = trained()
    content = {"epoch": 3, key: {prefix + name: value for name, value in state.items()}, "optimizer": {"state": {}}}
    torch.save(content, tmp_path / "checkpoint.pth")
    module, report = loaded(tmp_path / "checkpoint.pth")
    assert all(torch.equal(value, state[name]) for name, value in module.state_dict().items())
    assert report.unused == ()


def test_a_networks_own_names_may_begin_as_a_prefix_does() -> None:
    own = nn.ModuleDict({"model": nn.Linear(2, 2), "head": nn.Linear(2, 2)})
    state = own.state_dict()
    assert unwrapped(state, own) is state
    assert unwrapped({f"model.{k}": v for k, v in state.items()}, own).keys() == state.keys()


# What is taken.


def test_f_of_another_size_stays_new(tmp_path: Path) -> None:
    state = trained()
    torch.save(state, tmp_path / "w.pt")
    torch.manual_seed(1)
    drawn = build("resnet-20", 9, IMAGES).state_dict()
    torch.manual_seed(1)
    module, report = loaded(tmp_path / "w.pt", n_outputs=9)
    assert report.new == report.last == report.first_phase == F
    assert report.taken == names(module) - F
    assert torch.equal(module.state_dict()["fc.weight"], drawn["fc.weight"])
    assert report.remark() == (
        f"{len(report.taken)} parameters taken from {tmp_path / 'w.pt'}; new: 'fc.bias', 'fc.weight'; "
        "not used: 'fc.weight', 'fc.bias'"
    )


def test_f_of_another_size_that_is_missing_altogether(tmp_path: Path) -> None:
    state = {name: value for name, value in trained().items() if not name.startswith("fc.")}
    torch.save(state, tmp_path / "w.pt")
    _, report = loaded(tmp_path / "w.pt")
    assert report.new == F
    assert report.unused == ()


def test_other_channels_adapt_the_first_convolution(tmp_path: Path) -> None:
    torch.manual_seed(2)
    old = resnet()
    torch.save(old.state_dict(), tmp_path / "w.pt")
    module, report = loaded(tmp_path / "w.pt", inputs=InputSpec(channels=1))
    assert report.adapted == {"conv.weight"}
    assert report.new == frozenset()
    assert report.first_phase == F
    assert "adapted to the channels: 'conv.weight'" in report.remark()
    # A grey image gives what its copy in three channels gave.
    grey = torch.randn(2, 1, 8, 8)
    assert torch.allclose(before_f(module, grey), before_f(old, grey.expand(2, 3, 8, 8)), atol=1e-5)


def test_a_layer_without_biases_has_biases_of_zero(tmp_path: Path) -> None:
    state = {name: value for name, value in trained().items() if name != "conv.bias"}
    torch.save(state, tmp_path / "w.pt")
    module = build("resnet-20", 5, IMAGES)
    nn.init.ones_(module.get_parameter("conv.bias"))
    report = pretrain(module, "resnet-20", IMAGES, tmp_path / "w.pt")
    assert "conv.bias" in report.taken
    assert module.get_parameter("conv.bias").eq(0).all()


def test_half_precision_becomes_single(tmp_path: Path) -> None:
    state = {name: v.half() if v.is_floating_point() else v for name, v in trained().items()}
    torch.save(state, tmp_path / "w.pt")
    module, _ = loaded(tmp_path / "w.pt")
    weight = module.get_parameter("conv.weight")
    assert weight.dtype == torch.float32
    assert torch.equal(weight, state["conv.weight"].float())


def test_torchvisions_weights_fit_resnet_50_v1() -> None:
    import torchvision

    inputs = InputSpec(size=64)
    theirs = torchvision.models.resnet50(weights=None, num_classes=7).state_dict()
    report = fill(build("resnet-50-v1", 3, inputs), theirs, "theirs", "resnet-50-v1")
    assert report.new == F


# What is refused; the network stays as it was.


def refused(content: Any, tmp_path: Path) -> str:
    path = tmp_path / "w.pt"
    torch.save(content, path)
    module = build("resnet-20", 5, IMAGES)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    with pytest.raises(TaxoError) as error:
        pretrain(module, "resnet-20", IMAGES, path)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    text = str(error.value)
    assert text.startswith(f"{path}: ")
    return text.removeprefix(f"{path}: ")


def test_weights_of_another_network(tmp_path: Path) -> None:
    text = refused(build("plain-11", 5, IMAGES).state_dict(), tmp_path)
    assert text.startswith(
        "only 0 of 76 parameters before the last layer fit network resnet-20 (0 % of its numbers): "
        "'conv.weight is missing', "
    )
    assert text.endswith("; name the network of these weights with --arch, or take other weights")


def test_weights_of_the_same_network_with_more_channels(tmp_path: Path) -> None:
    text = refused(build("resnet-20-wide", 5, IMAGES).state_dict(), tmp_path)
    assert "'conv.weight is (64, 3, 3, 3) instead of (16, 3, 3, 3)'" in text


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite(bad: float, tmp_path: Path) -> None:
    state = trained()
    state["blocks.3.conv1.weight"][0, 0, 0, 0] = bad
    text = refused(state, tmp_path)
    assert text == "blocks.3.conv1.weight holds numbers that are not finite: that training failed; take others"


def test_numbers_of_another_kind(tmp_path: Path) -> None:
    state = trained()
    state["conv.weight"] = state["conv.weight"].to(torch.complex64)
    assert refused(state, tmp_path) == "conv.weight holds torch.complex64, no weights; take other weights"


def test_parameters_without_the_running_means(tmp_path: Path) -> None:
    state = {name: value for name, value in trained().items() if "running" not in name}
    assert refused(state, tmp_path) == (
        "bn.running_mean is missing, the trained bn.weight is there; "
        "save the whole state_dict of the network, not its parameters alone"
    )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (torch.zeros(3), "a Tensor"),
        ([torch.zeros(3)], "a list"),
        ({}, "nothing"),
        ({"epoch": 3, "lr": 0.1}, "2 entries ('epoch', 'lr')"),
    ],
)
def test_a_file_without_weights(content: Any, kind: str, tmp_path: Path) -> None:
    assert refused(content, tmp_path) == (
        f"holds no weights by name but {kind}; save network.state_dict(), alone or as 'state_dict' of a checkpoint"
    )


def test_a_file_that_would_run_code(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "ran",)

    text = refused({"state_dict": trained(), "more": Evil()}, tmp_path)
    assert text.startswith("damaged, or holds more than weights (Weights only load failed.")
    assert not (tmp_path / "ran").exists()
    path = tmp_path / "raw.pt"
    path.write_bytes(pickle.dumps(Evil()))
    with pytest.raises(TaxoError, match="damaged, or holds more than weights"):
        read_weights(path)
    assert not (tmp_path / "ran").exists()


def test_a_few_bytes_that_claim_to_be_many_weights(tmp_path: Path) -> None:
    # 3 * 10^12 numbers that share one.
    state = trained() | {"conv.weight": torch.zeros(1).expand(16, 10**10, 3, 3)}
    torch.save(state, tmp_path / "w.pt")
    _, report = loaded(tmp_path / "w.pt")
    assert "conv.weight" in report.new


def test_a_compressed_file_is_refused_before_it_grows(tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(10**6)}, tmp_path / "plain.pt")
    with zipfile.ZipFile(tmp_path / "plain.pt") as old, zipfile.ZipFile(tmp_path / "w.pt", "w") as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry), zipfile.ZIP_DEFLATED)
    with pytest.raises(TaxoError, match=r"is compressed, which torch\.save never does; save the weights anew$"):
        read_weights(tmp_path / "w.pt")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("missing.pt", "no such file; --weights names a file of weights or a run folder"),
        ("keras.h5", "weights are read from files .safetensors and .pt .pth .bin .ckpt .tar (as torch.save writes them); "
                     "convert the file"),
        ("folder", "no such file; --weights names a file of weights or a run folder"),
    ],
)  # fmt: skip
def test_files_of_other_kinds(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "keras.h5").write_bytes(b"\x89HDF\r\n")
    (tmp_path / "folder").mkdir()
    path = tmp_path / name
    with pytest.raises(TaxoError) as error:
        read_weights(path)
    assert str(error.value) == f"{path / 'last.safetensors' if name == 'folder' else path}: {text}"


@pytest.mark.parametrize(
    ("save", "suffix"), [(save_safetensors, ".safetensors"), (torch.save, ".pt"), (save_old, ".pth")]
)
def test_broken_files_are_named(save: Callable[[dict[str, Tensor], Path], None], suffix: str, tmp_path: Path) -> None:
    """Cut off anywhere, or with a few bytes changed: an error that names the file, or weights; nothing else."""
    whole = tmp_path / f"whole{suffix}"
    save({"fc.weight": torch.ones(4, 3), "fc.bias": torch.ones(4), "count": torch.tensor(3)}, whole)
    data = whole.read_bytes()
    draw = random.Random(0)
    broken = [data[:end] for end in (0, 1, 4, 8, 60, len(data) // 2, len(data) - 1)]
    for _ in range(150):
        changed = bytearray(data)
        for _ in range(draw.choice((1, 1, 3, 20))):
            changed[draw.randrange(len(data))] = draw.randrange(256)
        broken.append(bytes(changed))
    path = tmp_path / f"broken{suffix}"
    errors = []
    for content in broken:
        path.write_bytes(content)
        try:
            read_weights(path)
        except TaxoError as error:
            errors.append(str(error))
    assert len(errors) > 20
    assert all(error.startswith(f"{path}: ") and "\n" not in error for error in errors)


# Weights that the libraries publish.


def test_torchvisions_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    import torchvision

    torch.manual_seed(4)
    published = torchvision.models.mobilenet_v3_small(weights=None).eval()
    asked: list[str] = []

    def fetch(url: str, **_: Any) -> dict[str, Tensor]:
        asked.append(url)
        return published.state_dict()

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", fetch)
    inputs = InputSpec(channels=1, size=64)
    module = build("mobilenet_v3_small", 6, inputs)
    report = pretrain(module, "mobilenet_v3_small", inputs)
    assert asked == [torchvision.models.get_model_weights("mobilenet_v3_small").DEFAULT.url]
    assert report.source == "torchvision's MobileNet_V3_Small_Weights.IMAGENET1K_V1"
    assert report.new == report.last == {"classifier.3.weight", "classifier.3.bias"}
    assert report.adapted == {"features.0.0.weight"}


def test_positions_of_a_vision_transformer_are_interpolated(tmp_path: Path) -> None:
    import torchvision

    # A small one with the names of torchvision's; two places a side become three.
    made = torchvision.models.VisionTransformer(
        image_size=64, patch_size=32, num_layers=1, num_heads=1, hidden_dim=8, mlp_dim=8, num_classes=3
    )
    state = made.state_dict()
    grid = torch.tensor([[0.0, 2.0], [4.0, 6.0]])
    state["encoder.pos_embedding"] = torch.cat([torch.zeros(1), grid.flatten()])[None, :, None].expand(1, 5, 8).clone()
    larger = torchvision.models.VisionTransformer(
        image_size=96, patch_size=32, num_layers=1, num_heads=1, hidden_dim=8, mlp_dim=8, num_classes=3
    )
    from taxo.training.networks.torchvision_networks import fit_positions

    places = fit_positions(larger, state)["encoder.pos_embedding"]
    assert places.shape == (1, 10, 8)
    assert places[0, 5, 0].item() == pytest.approx(3)  # the middle
    assert places[0, [1, 3, 7, 9], 0].tolist() == pytest.approx([0, 2, 4, 6])  # the corners
    report = fill(larger, fit_positions(larger, state), "w", "vit")
    assert report.new == frozenset()
    state["encoder.pos_embedding"] = torch.zeros(1, 7, 8)
    with pytest.raises(TaxoError, match="is not that of square images"):
        fit_positions(larger, state)


def test_positions_of_other_networks_are_left_to_the_comparison_of_shapes() -> None:
    from taxo.training.networks.torchvision_networks import fit_positions

    state = {"encoder.pos_embedding": torch.zeros(1, 7, 8)}
    assert fit_positions(nn.Linear(2, 2), state) is state


@pytest.mark.parametrize(
    "fault", [urllib.error.URLError("Name or service not known"), RuntimeError("invalid hash value")]
)
def test_weights_of_torchvision_that_cannot_be_had(fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(url: str, **_: Any) -> dict[str, Tensor]:
        raise fault

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", fetch)
    module = nn.Linear(1, 1)
    with pytest.raises(TaxoError) as error:
        pretrain(module, "resnet-50", InputSpec(size=64))
    text = str(error.value)
    assert text.startswith(f"the weights ResNet50_Weights.IMAGENET1K_V2 of torchvision cannot be had: {fault}; fetch ")
    assert text.endswith(" elsewhere and name the file with --weights FILE")


def test_timms_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    timm = pytest.importorskip("timm")
    create, asked = timm.create_model, []

    def fetch(name: str, *, pretrained: bool, **options: Any) -> nn.Module:
        asked.append((name, pretrained))
        made: nn.Module = create(name, **options)
        return made

    monkeypatch.setattr(timm, "create_model", fetch)
    inputs = InputSpec(channels=1, size=64)
    module = build("timm:mobilenetv3_small_050", 6, inputs)
    report = pretrain(module, "timm:mobilenetv3_small_050", inputs)
    assert asked[-1] == ("mobilenetv3_small_050", True)
    assert report.source == "timm's mobilenetv3_small_050.lamb_in1k"
    assert report.new == report.last == {"classifier.weight", "classifier.bias"}
    assert report.adapted == {"conv_stem.weight"}


def test_weights_of_timm_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    timm = pytest.importorskip("timm")

    def fetch(name: str, **_: Any) -> nn.Module:
        raise FileNotFoundError("cannot find the requested files\nand more")

    module = build("timm:mobilenetv3_small_050", 6, InputSpec(size=64))
    monkeypatch.setattr(timm, "create_model", fetch)
    with pytest.raises(TaxoError) as error:
        pretrain(module, "timm:mobilenetv3_small_050", InputSpec(size=64))
    assert str(error.value) == (
        "the weights of timm's mobilenetv3_small_050.lamb_in1k cannot be had: cannot find the requested files; "
        "fetch them elsewhere and name the file with --weights FILE"
    )


def test_networks_without_published_weights() -> None:
    pytest.importorskip("timm")
    with pytest.raises(TaxoError) as error:
        pretrain(resnet(), "resnet-20", IMAGES)
    assert str(error.value) == "nobody publishes weights for resnet-20; name a file with --weights FILE"
    with pytest.raises(TaxoError) as error:
        pretrain(nn.Linear(1, 1), "timm:darknet17", IMAGES)
    assert str(error.value) == (
        "timm has no weights for 'darknet17'; name a file with --weights FILE, or train from scratch"
    )


def test_timms_places_are_interpolated_for_files_too(tmp_path: Path) -> None:
    timm = pytest.importorskip("timm")
    torch.save(timm.create_model("vit_tiny_patch16_224", num_classes=3, img_size=32).state_dict(), tmp_path / "w.pt")
    inputs = InputSpec(size=64)
    module = build("timm:vit_tiny_patch16_224", 3, inputs)
    report = pretrain(module, "timm:vit_tiny_patch16_224", inputs, tmp_path / "w.pt")
    assert report.new == frozenset()
