"""The training loop: it learns, it repeats itself exactly, it counts every image once, it stops at NaN."""

from dataclasses import replace

import pytest
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from taxo.embeddings import embed
from taxo.taxonomy import TaxoError, Taxonomy, from_edges
from taxo.training.answers import answer, scored
from taxo.training.batches import train_batches
from taxo.training.classifier import Classifier, build_classifier, in_top, predict
from taxo.training.config import TrainConfig
from taxo.training.data import DataConfig, Samples, Splits, load_splits
from taxo.training.data.memory import Memory
from taxo.training.device import make_accelerator
from taxo.training.epoch import Epoch
from taxo.training.interrupts import Interrupts
from taxo.training.job import Job
from taxo.training.keeper import Keeper
from taxo.training.loop import fit, out_of_patience
from taxo.training.losses import cosine_loss
from taxo.training.objectives import Embedded
from taxo.training.plan import Plan
from taxo.training.progress import Progress
from taxo.training.scoring import is_scored
from taxo.training.state import State
from taxo.training.stream import Stream
from taxo.training.views import ImageView

DATA = DataConfig(dataset="synthetic", image_size=16, samples=13, test_samples=6, noise=0.3)
LOSSES = ["cosine", "cosine+xent", "xent", "mse"]


@pytest.fixture(scope="module")
def tree() -> Taxonomy:
    r"""Four groups of two classes:  r -> g0..g3,  g0 -> c0 c1,  g1 -> c2 c3 ..."""
    groups = [("r", f"g{i}") for i in range(4)]
    return from_edges([*groups, *((f"g{i // 2}", f"c{i}") for i in range(8))], name="tree")


@pytest.fixture(scope="module")
def splits(tree: Taxonomy) -> Splits:
    return load_splits(DATA, tree)


def config_of(loss: str = "cosine", **options) -> TrainConfig:  # type: ignore[no-untyped-def]
    return TrainConfig(
        "tree", **{"loss": loss, "epochs": 1, "cycle": 6, "batch_size": 16, "device": "cpu", "data": DATA, **options}
    )


def run(config: TrainConfig, splits: Splits, tree: Taxonomy) -> tuple[Classifier, list[Epoch]]:
    state = train(config, splits, tree)
    return state.classifier, state.epochs


def train(config: TrainConfig, splits: Splits, tree: Taxonomy) -> State:
    plan = Plan(config.resolved(), embed(tree), tree, splits)
    torch.manual_seed(config.seed)
    classifier = build_classifier(plan.config, plan.embedding, plan.inputs)
    accelerator = make_accelerator("cpu", config.precision)
    keeper = Keeper(None, Interrupts(), accelerator, minutes=10)
    with Progress(quiet=True) as progress:
        return fit(Job(plan, accelerator, progress, keeper), classifier, on_epoch=lambda _: None)


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


def test_a_lone_held_out_item_does_not_break_batch_norm(splits: Splits, tree: Taxonomy) -> None:
    few = replace(splits, train=splits.train.subset(range(17)), test=splits.test.subset([3]))  # type: ignore[union-attr]
    _, epochs = run(config_of("cosine+xent"), few, tree)
    assert epochs[-1].test is not None
    assert epochs[-1].test["n"] == 1


def test_one_training_item_is_too_few(splits: Splits, tree: Taxonomy) -> None:
    with pytest.raises(TaxoError, match="there are 1 training items; at least 2 are needed"):
        run(config_of(), replace(splits, train=splits.train.subset([0])), tree)


def test_a_drawn_set_trains_for_as_many_steps_as_the_whole(splits: Splits, tree: Taxonomy) -> None:
    drawn = replace(splits, train=splits.train.subset(range(20)), test=None)
    assert splits.full_size == 104
    assert train(config_of(epochs=2), drawn, tree).step == 2 * 7  # 104 / 16, rounded up
    assert train(config_of(epochs=2, steps_per_epoch=3), drawn, tree).step == 2 * 3
    # 20 items make batches of 16, whose places run over from one shuffle to the next.
    stream = Stream(20, 16, seed=0)
    seen = torch.cat([stream.items(stream.positions(step)) for step in range(5)])
    assert [sorted(part.tolist()) for part in seen.split(20)] == [list(range(20))] * 4


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_are_the_items_they_say(workers: int, splits: Splits) -> None:
    stream, view = Stream(104, 10, seed=0), ImageView(16, (0.0,) * 3, (1.0,) * 3)
    for batch in train_batches(splits.train, stream, view, range(3, 6), slice(2, 5), workers):
        assert len(batch) == 3
        assert torch.equal(batch.labels, splits.train.targets[batch.items])
        assert torch.equal(
            batch.frames.inputs, splits.train.source.fetch(batch.items.tolist(), view.window(batch.positions)).inputs
        )


def test_parts_of_a_batch_give_the_gradient_of_the_whole_where_no_batch_norm_is(splits: Splits, tree: Taxonomy) -> None:
    class Plain(nn.Module):
        def __init__(self, n_outputs: int) -> None:
            super().__init__()
            self.fc = nn.Linear(3 * 16 * 16, n_outputs)

        def forward(self, images: Tensor) -> Tensor:
            return self.fc(images.flatten(1))

    results = []
    for parts in (1, 3):
        plan = Plan(config_of("cosine", accumulate=parts).resolved(), embed(tree), tree, splits)
        torch.manual_seed(0)
        phi = torch.from_numpy(embed(tree).vectors.copy())
        classifier = Classifier(Plain(phi.shape[1]), Embedded(phi, cosine_loss))
        accelerator = make_accelerator("cpu")
        job = Job(plan, accelerator, Progress(quiet=True), Keeper(None, Interrupts(), accelerator, minutes=10))
        state = fit(job, classifier, on_epoch=lambda _: None)
        results.append((classifier.network.fc.weight, state.epochs[0].loss))  # type: ignore[union-attr]
    assert torch.allclose(results[0][0], results[1][0], atol=1e-6)  # type: ignore[arg-type]
    assert results[0][1] == pytest.approx(results[1][1], abs=1e-6)


def test_averaged_weights_are_what_is_scored(splits: Splits, tree: Taxonomy) -> None:
    state = train(config_of(ema=0.9, epochs=2), splits, tree)
    assert state.average is not None
    live, averaged = state.classifier.state_dict(), state.weights()
    assert not torch.equal(live["network.fc.weight"], averaged["network.fc.weight"])
    # By hand, from the formula: an average over the 14 steps that keeps min(0.9, (1 + t) / (10 + t)).
    again = train(config_of(ema=0.9, epochs=2), splits, tree)
    assert torch.equal(again.weights()["network.fc.weight"], averaged["network.fc.weight"])
    state.classifier.load_state_dict(averaged)
    answers = answer(
        state.classifier,
        splits.test,
        ImageView(16, splits.mean, splits.std),
        make_accelerator("cpu"),
        batch_size=7,  # type: ignore[arg-type]
    )
    assert scored(answers, splits.test, state.classifier, tree) == state.epochs[-1].test  # type: ignore[arg-type]


def test_early_stop_counts_from_the_best_epoch(splits: Splits, tree: Taxonomy) -> None:
    def epochs(*accuracies: float) -> list[Epoch]:
        return [Epoch(i, 0.1, 1.0, 0.5, {"accuracy": a}, None, 1.0) for i, a in enumerate(accuracies, start=1)]

    assert not out_of_patience(epochs(0.1, 0.2), 1)
    assert out_of_patience(epochs(0.2, 0.2), 1)  # as good is not better
    assert not out_of_patience(epochs(0.2, 0.1, 0.1), 3)
    assert out_of_patience(epochs(0.2, 0.1, 0.1, 0.2), 3)
    assert not out_of_patience(epochs(0.2, 0.1, 0.1, 0.2), 0)
    held = replace(splits, val=splits.test)
    state = train(config_of(lr=1e-9, epochs=9, patience=2), held, tree)  # nothing moves but batch norm's statistics
    assert len(state.epochs) < 9


def test_the_ends_of_cycles_vote(splits: Splits, tree: Taxonomy) -> None:
    state = train(config_of(epochs=7, cycle=1, eval_every=5), splits, tree)
    # Cycles of 1, 2 and 4 epochs; epoch 5 is scored because of eval_every.
    assert [e.epoch for e in state.epochs if e.test is not None] == [1, 3, 5, 7]
    assert state.ensemble is not None
    assert state.ensemble["members"] == [1, 3, 7]
    assert state.votes is not None
    assert state.votes.shape == (48, 8)
    assert state.ensemble["accuracy"] == pytest.approx(
        float((state.votes.argmax(1) == splits.test.targets).float().mean())  # type: ignore[union-attr]
    )
    assert is_scored(config_of(epochs=7, cycle=12, eval_every=5), 6)  # the last one always


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
    images = Samples(tree.classes, torch.tensor(targets), [str(i) for i in range(11)], Memory(pixels))
    classifier = Classifier(Remembered(phi), Embedded(phi, cosine_loss))
    view = ImageView(4, (0.0,) * 3, (1.0,) * 3)
    answers = answer(classifier, images, view, Accelerator(cpu=True), batch_size=4)
    assert answers.items.tolist() == list(range(11))
    found = scored(answers, images, classifier, tree)
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
