"""The training loop: it learns, it repeats itself exactly, it counts every image once, it stops at NaN."""

from dataclasses import replace

import pytest
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from taxo.embeddings import embed
from taxo.taxonomy import TaxoError, Taxonomy, from_edges
from taxo.training.batches import Shuffled, plain_loader, seed_for, train_loader
from taxo.training.classifier import Classifier, build_classifier, in_top, predict
from taxo.training.config import TrainConfig
from taxo.training.data import DataConfig, Splits, load_splits
from taxo.training.data.images import Images, Memory
from taxo.training.device import make_accelerator
from taxo.training.loop import Epoch, fit
from taxo.training.losses import cosine_loss
from taxo.training.objectives import Embedded
from taxo.training.progress import Progress
from taxo.training.scoring import score

LOSSES = ["cosine", "cosine+xent", "xent", "mse"]


@pytest.fixture(scope="module")
def tree() -> Taxonomy:
    r"""Four groups of two classes:  r -> g0..g3,  g0 -> c0 c1,  g1 -> c2 c3 ..."""
    groups = [("r", f"g{i}") for i in range(4)]
    return from_edges([*groups, *((f"g{i // 2}", f"c{i}") for i in range(8))], name="tree")


@pytest.fixture(scope="module")
def splits(tree: Taxonomy) -> Splits:
    config = DataConfig(dataset="synthetic", image_size=16, samples=13, test_samples=6, noise=0.3)
    return load_splits(config, tree)


def config_of(loss: str = "cosine", **options) -> TrainConfig:  # type: ignore[no-untyped-def]
    return TrainConfig("tree", **{"loss": loss, "epochs": 1, "cycle": 6, "batch_size": 16, "device": "cpu", **options})


def run(config: TrainConfig, splits: Splits, tree: Taxonomy) -> tuple[Classifier, list[Epoch]]:
    torch.manual_seed(config.seed)
    classifier = build_classifier(config, embed(tree))
    epochs: list[Epoch] = []
    accelerator = make_accelerator("cpu", config.precision)
    with Progress(quiet=True) as progress:
        fit(classifier, splits, tree, config, accelerator, progress=progress, on_epoch=epochs.append)
    return classifier, epochs


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_learns_far_beyond_chance(loss: str, splits: Splits, tree: Taxonomy) -> None:
    _, epochs = run(config_of(loss, epochs=12, cycle=12, batch_size=8), splits, tree)
    assert epochs[-1].test is not None
    # Chance is 1/8. A hundred images, 156 steps, the default learning rate.
    assert epochs[-1].test["accuracy"] > 0.4
    assert epochs[-1].loss < epochs[0].loss
    assert ("nearest_accuracy" in epochs[-1].test) == (loss == "cosine+xent")


@pytest.mark.parametrize("loss", ["cosine", "cosine+xent"])
def test_the_same_run_twice_gives_the_same_weights_bit_for_bit(loss: str, splits: Splits, tree: Taxonomy) -> None:
    config = config_of(loss, epochs=2, augment=("flip", "shift", "erase"))
    first, epochs = run(config, splits, tree)
    torch.rand(3)  # what others draw in between does not matter
    second, again = run(config, splits, tree)
    for name, weights in first.state_dict().items():
        assert torch.equal(weights, second.state_dict()[name]), name
    assert [e.loss for e in epochs] == [e.loss for e in again]
    assert [e.test for e in epochs] == [e.test for e in again]


def test_the_seed_changes_the_weights(splits: Splits, tree: Taxonomy) -> None:
    plain, other = (run(config_of(seed=seed), splits, tree)[0] for seed in (0, 1))
    assert not torch.equal(plain.network.fc.weight, other.network.fc.weight)  # type: ignore[union-attr, arg-type]


@pytest.mark.parametrize("n", [2, 16, 17, 33, 40])
def test_an_epoch_holds_every_image_once_and_no_batch_of_one(n: int, splits: Splits) -> None:
    images = splits.train.subset(range(n))
    order = Shuffled(n, 16, seed=0)
    seen = []
    for epoch in range(2):
        order.epoch = epoch
        batches = list(order)
        assert len(batches) == len(order) == len(set(batches)) == (n - 1 if n % 16 == 1 else n)
        seen.append(batches)
        sizes = [len(labels) for _, labels in train_loader(images, 16, order, workers=0)]
        assert sum(sizes) == len(order)
        assert min(sizes) >= 2
    assert n == 2 or seen[0] != seen[1]


def test_a_lone_last_image_does_not_break_batch_norm(splits: Splits, tree: Taxonomy) -> None:
    few = replace(splits, train=splits.train.subset(range(17)), test=splits.test.subset([3]))  # type: ignore[union-attr]
    _, epochs = run(config_of("cosine+xent"), few, tree)
    assert epochs[-1].test is not None
    assert epochs[-1].test["n"] == 1


def test_one_training_image_is_too_few(splits: Splits, tree: Taxonomy) -> None:
    with pytest.raises(TaxoError, match="there are 1 training images; at least 2 are needed"):
        run(config_of(), replace(splits, train=splits.train.subset([0])), tree)


def test_batches_are_the_images_they_say(splits: Splits) -> None:
    batches = list(plain_loader(splits.train, 10, workers=0))
    assert torch.equal(torch.cat([labels for _, labels in batches]), splits.train.targets)
    assert torch.equal(torch.cat([pixels for pixels, _ in batches]), splits.train.pixels.decode())


def test_seeds_of_different_purposes_epochs_and_processes_differ() -> None:
    seeds = [seed_for(0, p, *numbers) for p in ("order", "augmentation") for numbers in ((0, 0), (0, 1), (1, 0))]
    assert len({*seeds, seed_for(1, "order", 0, 0)}) == 7


def test_a_loss_that_explodes_is_named_with_epoch_step_and_a_lower_rate(splits: Splits, tree: Taxonomy) -> None:
    with pytest.raises(
        TaxoError, match=r"infinite or NaN in epoch 1, step \d+, at learning rate 1e\+30; try a lower one: --lr 1e\+29"
    ):
        run(config_of("mse", lr=1e30, epochs=3), splits, tree)


def test_the_learning_rate_follows_the_table(splits: Splits, tree: Taxonomy) -> None:
    _, epochs = run(config_of(epochs=4, cycle=3, lr=0.3), splits, tree)
    # Cycle of 3: lr_max, then (1 + cos(2/3 pi)) / 2 = 1/4 of the way from 1e-6, then 1e-6; restart.
    assert [e.lr for e in epochs] == pytest.approx([0.3, 1e-6 + (0.3 - 1e-6) / 4, 1e-6, 0.3])


class Remembered(nn.Module):
    """A network that knows the answer: it reads it from the first pixel."""

    def __init__(self, phi: Tensor) -> None:
        super().__init__()
        self.register_buffer("phi", phi)

    def forward(self, images: Tensor) -> Tensor:
        return self.phi[(images[:, 0, 0, 0] * 255).round().long()]  # type: ignore[index]


def test_scoring_counts_each_image_once(splits: Splits, tree: Taxonomy) -> None:
    phi = torch.from_numpy(embed(tree).vectors.copy()).float()
    # 11 images in batches of 4: predictions (the pixel) against targets; three are wrong, two of them in the group.
    predictions = [0, 1, 2, 3, 4, 5, 6, 7, 0, 2, 4]
    targets = [0, 1, 2, 3, 4, 5, 6, 7, 1, 3, 7]
    pixels = torch.tensor(predictions, dtype=torch.uint8)[:, None, None, None].expand(-1, 3, 4, 4).clone()
    images = Images(tree.classes, torch.tensor(targets), [str(i) for i in range(11)], Memory(pixels))
    plain = replace(splits, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
    accelerator = Accelerator(cpu=True)
    model, batches = accelerator.prepare(
        Classifier(Remembered(phi), Embedded(phi, cosine_loss)), plain_loader(images, 4, workers=0)
    )
    found = score(model, batches, plain, tree, accelerator)
    assert found["n"] == 11
    assert found["accuracy"] == pytest.approx(8 / 11)
    assert found["levels"] == pytest.approx({"depth 1": 10 / 11, "depth 2": 8 / 11})
    assert found["mean_height"] == pytest.approx((1 + 1 + 2) / 11)


def test_equal_scores_go_to_the_lowest_class() -> None:
    scores = torch.tensor([[1.0, 2.0, 2.0, 0.0], [3.0, 3.0, 3.0, 3.0]])
    assert predict(scores).tolist() == [1, 0]
    assert in_top(scores, torch.tensor([2, 1]), k=1).tolist() == [False, False]
    assert in_top(scores, torch.tensor([2, 1]), k=2).tolist() == [True, True]
    assert in_top(scores, torch.tensor([0, 3]), k=3).tolist() == [True, False]


def test_bf16_trains_too(splits: Splits, tree: Taxonomy) -> None:
    classifier, epochs = run(config_of(precision="bf16"), splits, tree)
    assert classifier.network.fc.weight.dtype == torch.float32  # type: ignore[union-attr]
    assert epochs[-1].loss < 2


def test_a_precision_that_the_device_cannot_do_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise ValueError("fp16 mixed precision requires a GPU")

    monkeypatch.setattr("taxo.training.device.Accelerator", refuse)
    with pytest.raises(TaxoError, match="precision fp16 on device cpu: fp16 mixed precision requires a GPU"):
        make_accelerator("cpu", "fp16")


def test_runs_of_one_process_may_differ_in_precision() -> None:
    assert [make_accelerator("cpu", p).mixed_precision for p in ("bf16", "no", "bf16")] == ["bf16", "no", "bf16"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_that_is_not_there() -> None:
    with pytest.raises(TaxoError, match="torch finds no CUDA device; use --device cpu"):
        make_accelerator("cuda")
