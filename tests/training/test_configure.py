"""From what a user says to a configuration: the recipe, the file above it, the flags above both."""

from pathlib import Path

import pytest

from taxo.taxonomy import TaxoError
from taxo.training.config import TrainConfig
from taxo.training.configure import configure, dataset_for, resumed
from taxo.training.data.facts import FACTS
from taxo.training.data.registry import DATASETS
from taxo.training.recipes import RECIPES
from taxo.training.schedule import learning_rate

SYNTHETIC = {"embedding": "cub-flat", "data.dataset": "synthetic"}


def test_without_anything_the_defaults_of_the_configuration_hold() -> None:
    found = configure(SYNTHETIC)
    assert found == TrainConfig("cub-flat", data=found.data)
    assert (found.data.dataset, found.data.image_size) == ("synthetic", 32)


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("entry", DATASETS)
def test_every_recipe_is_a_valid_configuration_for_every_data_set(name: str, entry: str) -> None:
    found = configure({"embedding": "onehot", "data.dataset": entry, "recipe": name})
    assert found.recipe == name
    assert TrainConfig.from_toml(found.to_toml()) == found
    texts = DATASETS[entry].kind == "texts"
    assert (found.arch == "gru") == texts
    assert not (texts and found.augment)


def test_the_reference_recipe_on_cub_to_the_letter() -> None:
    found = configure({"embedding": "cub-deep", "recipe": "reference"})
    # recipe.md, with the published table of data sets and learning rates.
    assert found.data.dataset == "cub"
    assert (found.arch, found.loss, found.head, found.xent_weight) == ("resnet-50-v1", "cosine+xent", "reference", 0.1)
    assert (found.epochs, found.schedule, found.cycle, found.warmup) == (372, "sgdr", 12, 0)
    assert (found.batch_size, found.lr, found.decay) == (96, 0.5, 0.0)
    assert (found.momentum, found.nesterov, found.clip, found.ema) == (0.9, False, 10.0, 0.0)
    assert (found.batch_norm, found.bn_momentum, found.precision) == ("local", 0.01, "no")
    assert found.augment == ("flip", "erase", "crop")
    assert (found.data.image_size, found.data.short_side) == (448, 512)
    assert (found.data.mean, found.data.std) == ((123.83, 127.35, 110.26), (59.22, 58.07, 67.80))
    rates = [learning_rate(found, epoch) for epoch in range(found.total_epochs)]
    assert [i for i, rate in enumerate(rates) if rate == 0.5] == [0, 12, 36, 84, 180]


@pytest.mark.parametrize(
    ("entry", "said", "rate"),
    [
        ("cub", {"loss": "xent"}, 0.05),
        ("cub", {"loss": "cosine"}, 0.5),
        ("mit67", {"loss": "cosine"}, 2.5),
        ("flowers", {"loss": "xent"}, 1.0),
        ("flowers", {"loss": "xent", "label_smoothing": 0.1}, 0.1),
        ("cifar100", {}, 0.1),
        ("cifar100", {"loss": "cosine"}, 0.05),
        ("cars", {"loss": "mse"}, None),  # in no table
        ("folder", {}, None),
        ("cub", {"loss": "xent", "lr": 0.7}, 0.7),
    ],
)
def test_the_learning_rates_of_the_paper(entry: str, said: dict[str, object], rate: float | None) -> None:
    assert configure({"embedding": "onehot", "data.dataset": entry, "recipe": "reference", **said}).lr == rate


def test_the_reference_recipe_on_small_images_and_texts() -> None:
    cifar = configure({"embedding": "cifar100", "recipe": "reference"})
    assert (cifar.arch, cifar.batch_size, cifar.augment, cifar.data.image_size) == (
        "resnet-110-wfc",
        100,
        ("flip", "shift"),
        32,
    )
    assert cifar.decay == 4e-4
    texts = configure({"embedding": "onehot", "data.dataset": "ag-news", "recipe": "reference"})
    assert (texts.epochs, texts.batch_size, texts.augment) == (180, 128, ())
    # Any other set by the size that the user gives.
    small = configure({"embedding": "onehot", "data.dataset": "folder", "recipe": "reference", "data.image_size": 48})
    large = configure({"embedding": "onehot", "data.dataset": "folder", "recipe": "reference", "data.image_size": 224})
    assert (small.arch, small.data.short_side) == ("resnet-110-wfc", 48)
    assert (large.arch, large.data.short_side) == ("resnet-50-v1", 256)


def test_table_1_adds_up() -> None:
    # The paper: CUB 5,994 + 5,794, NAB 23,929 + 24,633, Cars 8,144 + 8,041, Flowers 2,040 + 6,149, MIT 5,360 + 1,340.
    assert {name: facts.train + facts.test for name, facts in FACTS.items()} == {
        "cub": 11788, "nab": 48562, "cars": 16185, "flowers": 8189, "mit67": 6700, "cifar100": 60000, "ag-news": 127600,
    }  # fmt: skip


def test_a_file_stands_above_the_recipe_and_a_flag_above_the_file(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text('recipe = "modern"\nepochs = 7\nlr = 0.3\n[data]\ndataset = "synthetic"\nsamples = 5\n')
    found = configure({"embedding": "cub-flat", "lr": 0.2, "data.noise": 0.1}, file)
    assert (found.recipe, found.schedule, found.ema) == ("modern", "cosine", 0.998)
    assert (found.epochs, found.lr) == (7, 0.2)
    assert (found.data.samples, found.data.noise) == (5, 0.1)


def test_a_stored_configuration_says_everything(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    stored = configure({**SYNTHETIC, "recipe": "modern", "output": str(tmp_path)}).resolved()
    file.write_text(stored.to_toml())
    again = configure({}, file)
    assert again.output == ""  # not the folder of that run
    assert again.to_toml() == stored.to_toml().replace(f'output = "{tmp_path}"', 'output = ""')
    with pytest.raises(TaxoError, match=r"config\.toml was made by the recipe 'modern' and says every value of it"):
        configure({"recipe": "reference"}, file)
    assert configure({"recipe": "modern"}, file) == again


def test_faults_of_files_and_flags_are_told_together(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text('epochs = 0\nlos = "mse"\n[data]\nnoise = "much"\n')
    with pytest.raises(TaxoError) as caught:
        configure(SYNTHETIC, file)
    assert str(caught.value).splitlines() == [
        f"{file}: unknown key 'los'; did you mean 'loss' or 'logs'?",
        f"{file}: data.noise is 'much'; it must be a number",
    ]
    file.write_text("epochs = 0\n")
    with pytest.raises(TaxoError, match=r"run\.toml, or a flag beside it: epochs is 0; it must be at least 1"):
        configure(SYNTHETIC, file)
    with pytest.raises(TaxoError, match=r"none\.toml: cannot be read"):
        configure(SYNTHETIC, tmp_path / "none.toml")
    with pytest.raises(TaxoError, match="unknown recipe 'modren'; did you mean 'modern'"):
        configure({**SYNTHETIC, "recipe": "modren"})
    with pytest.raises(TaxoError, match="no --embedding: name a hierarchy"):
        configure({"data.dataset": "synthetic"})


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"accumulate": 17}, "accumulate is 17; with batch_size 32 it must be at most 16, for batch norm needs 2 items in every part"),
        (
            {"augment": ("crop", "flip", "resized-crop")},
            "augment: 'crop' and 'resized-crop' both choose what is cut out; take one of them",
        ),
        ({"nesterov": True, "momentum": 0.0}, "nesterov needs a momentum above 0"),
        ({"pretrained": True, "weights": "w.pt"}, "pretrained and weights exclude each other; give one of them"),
        ({"schedule": "step"}, "schedule: unknown 'step'; known are sgdr, cosine"),
        ({"logs": ("csw",)}, "logs: unknown 'csw'; did you mean 'csv'?; known are csv, tensorboard, wandb"),
        ({"ema": 1.0}, "ema is 1.0; it must be at least 0 and below 1"),
        ({"eval_every": 0}, "eval_every is 0; it must be at least 1"),
    ],
)  # fmt: skip
def test_values_that_do_not_go_together(values: dict[str, object], fault: str) -> None:
    with pytest.raises(TaxoError) as caught:
        configure({**SYNTHETIC, **values})
    assert str(caught.value) == fault


def test_a_run_goes_on_with_its_own_options(tmp_path: Path) -> None:
    assert resumed(tmp_path, {}) is None
    stored = configure({**SYNTHETIC, "lr": 0.3, "output": str(tmp_path)}).resolved()
    (tmp_path / "config.toml").write_text(stored.to_toml())
    assert resumed(tmp_path, {}) == stored
    assert resumed(tmp_path, {"output": str(tmp_path), "lr": 0.3, "embedding": "cub-flat"}) == stored
    changed = resumed(tmp_path, {"workers": 2, "logs": ("csv",)})
    assert changed is not None
    assert (changed.workers, changed.logs, changed.lr) == (2, ("csv",), 0.3)
    with pytest.raises(TaxoError, match=r"leave away what is another there: lr \(0\.3\), noise \(0\.7\)"):
        resumed(tmp_path, {"lr": 0.1, "data.noise": 0.5, "workers": 1})


def test_which_data_set_is_meant() -> None:
    assert dataset_for("cub-deep", "", "", "") == "cub"
    assert dataset_for("onehot", "nab", "", "") == "nab"
    assert dataset_for("cub-deep", "", "synthetic", "somewhere") == "synthetic"
    remarks: list[str] = []
    assert dataset_for("onehot", "", "", "photos", on_remark=remarks.append) == "folder"
    assert remarks == ["no data set is named: photos is read as class folders (--dataset folder)"]
    with pytest.raises(TaxoError, match="no data set belongs to 'onehot'"):
        dataset_for("onehot", "", "", "")
