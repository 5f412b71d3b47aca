"""The configuration: round trips, faults all together."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxo.taxonomy import TaxoError
from taxo.training.config import TrainConfig
from taxo.training.data import DataConfig

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
positive = st.floats(min_value=0, exclude_min=True, allow_nan=False, allow_infinity=False)
below_one = st.floats(min_value=0, max_value=1, exclude_max=True)
counts = st.integers(2, 10**9)

data_configs = st.builds(
    DataConfig, dataset=texts, data=texts, split=texts, image_size=st.integers(4, 1000), val_fraction=below_one,
    samples=counts, data_seed=counts,
)  # fmt: skip
configs = st.builds(
    TrainConfig,
    embedding=texts.filter(bool),
    hierarchy=texts,
    loss=st.sampled_from(["cosine", "cosine+xent", "xent", "mse"]),
    xent_weight=positive,
    label_smoothing=below_one,
    arch=st.sampled_from(["resnet-20", "resnet-110-wfc", "resnet-50"]),
    epochs=counts,
    batch_size=counts,
    lr=st.none() | positive,
    weight_decay=st.none() | positive,
    augment=st.lists(st.sampled_from(["flip", "shift", "erase"])).map(tuple),
    seed=counts,
    output=texts,
    data=data_configs,
)


@given(configs)
def test_toml_round_trip_is_exact(config: TrainConfig) -> None:
    assert TrainConfig.from_toml(config.to_toml()) == config
    assert TrainConfig.from_toml(config.resolved().to_toml()) == config.resolved()


def test_resolved_fills_in_every_default() -> None:
    config = TrainConfig("cub-deep", loss="xent", arch="resnet-50")
    assert config.resolved().weight_decay == 0  # the published photograph baselines had none
    assert TrainConfig("cub-deep").resolved().weight_decay == 4e-4
    assert "\nlr = " not in config.to_toml()
    assert "\nlr = " in config.resolved().to_toml()


def test_all_faults_are_told_together() -> None:
    with pytest.raises(TaxoError) as caught:
        TrainConfig("", loss="cosin", arch="resnet-11-wfc", lr=-1.0, momentum=math.nan, batch_size=1, augment=("flop",))
    assert str(caught.value).splitlines() == [
        "loss: unknown 'cosin'; did you mean 'cosine' or 'cosine+xent'?; known are cosine, cosine+xent, xent, mse",
        "augment: unknown 'flop'; did you mean 'flip'?; known are flip, shift, erase, crop, resized-crop, jitter, "
        "trivial",
        "unknown network 'resnet-11-wfc'; did you mean 'resnet-110-wfc' or 'resnet-110' or 'resnet101'?; known are "
        "plain-11, resnet-20, resnet-32, resnet-56, resnet-110, resnet-20-wide, resnet-110-wfc, resnet-50, resnet-50-v1, "
        "gru, the classification networks of torchvision by their names, and timm:NAME",
        "embedding is empty; name a hierarchy, a file of embeddings or 'onehot'",
        "batch_size is 1; it must be at least 2",
        "lr is -1.0; it must be above 0 and finite",
        "momentum is nan; it must be at least 0 and below 1",
    ]


def test_faults_of_a_file() -> None:
    text = 'embeding = "cub-deep"\nepochs = "12"\nlr = true\n[data]\nimage_sizes = 3\nnoise = 2\n'
    with pytest.raises(TaxoError) as caught:
        TrainConfig.from_toml(text, "my.toml")
    assert str(caught.value).splitlines() == [
        "my.toml: unknown key 'embeding'; did you mean 'embedding'?",
        "my.toml: epochs is '12'; it must be a whole number",
        "my.toml: lr is True; it must be a number",
        "my.toml: unknown key 'data.image_sizes'; did you mean 'image_size'?",
        "my.toml: no 'embedding'; this key must be given",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("embedding = ", "my.toml: no valid TOML"),
        ('embedding = "x"\n[data]\nimage_size = 1\n', "my.toml: image_size is 1; it must be at least 4"),
        ('embedding = "x"\ndata = 3\n', "my.toml: data is 3; it must be a table"),
        ('embedding = "x"\naugment = "flip"\n', "my.toml: augment is 'flip'; it must be a list"),
        ('embedding = "x"\naugment = [1]\n', "my.toml: augment is 1; it must be a text"),
        ('embedding = "x"\nepochs = 0\n', "my.toml: epochs is 0; it must be at least 1"),
    ],
)
def test_a_broken_file_is_named(text: str, message: str) -> None:
    with pytest.raises(TaxoError) as caught:
        TrainConfig.from_toml(text, "my.toml")
    assert str(caught.value).startswith(message)


def test_whole_numbers_are_taken_for_numbers() -> None:
    assert TrainConfig.from_toml('embedding = "x"\nlr = 1\n').lr == 1.0
