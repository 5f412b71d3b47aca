"""Run folders: what `train` leaves, reading it back, and everything that can be wrong with it."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from taxo.embeddings import embed
from taxo.taxonomy import TaxoError, Taxonomy, flat, from_edges, write
from taxo.training.config import TrainConfig
from taxo.training.data import DataConfig
from taxo.training.epoch import Epoch
from taxo.training.recorder import new_folder
from taxo.training.results import choose, results
from taxo.training.run import FILES, load_run
from taxo.training.targets import wanted_embedding
from taxo.training.train import evaluate, prepare, train

DATA = DataConfig(dataset="synthetic", image_size=8, samples=4, test_samples=2, val_fraction=0.5)


@pytest.fixture
def hierarchy(tmp_path: Path) -> str:
    """A file with two groups of two classes, which have numbers."""
    edges = [("r", "g"), ("r", "h"), ("g", "a"), ("g", "b"), ("h", "c"), ("h", "d")]
    path = tmp_path / "four.txt"
    write(from_edges(edges, class_numbers={"a": 4, "b": 3, "c": 2, "d": 1}, name="four"), path)
    return str(path)


@pytest.fixture
def config(hierarchy: str, tmp_path: Path) -> TrainConfig:
    return TrainConfig(
        hierarchy, epochs=2, batch_size=4, device="cpu", arch="resnet-20", output=str(tmp_path / "run"), data=DATA
    )


def test_a_run_folder_holds_what_the_layout_says(config: TrainConfig) -> None:
    run = train(config, quiet=True)
    assert sorted(os.listdir(run.path)) == sorted([*FILES, "checkpoints"])
    assert run.config == replace(config.resolved(), precision="no")
    assert run.classes == ("d", "c", "b", "a")  # by class number
    assert run.info["classes"] == list(run.classes)
    assert run.info["finished"] is True
    assert run.info["epochs_done"] == 2
    assert run.info["images"] == {"train": 8, "val": 8, "test": 8}
    metrics = run.metrics()
    assert [m["epoch"] for m in metrics] == [1, 2]
    assert run.info["format"] == 2
    assert run.info["steps_per_epoch"] == 4  # 16 items before half of them were held out, in batches of 4
    assert run.info["inputs"] == {"channels": 3, "size": 8, "n_words": 0, "word_dim": 0}
    assert run.result["last"] == {"epoch": 2, "split": "test", **metrics[-1]["test"]}
    assert set(run.result) == {"last", "validated", "oracle", "snapshot_ensemble", "best_weights"}
    with safe_open(run.path / "best.safetensors", "pt") as file:
        note = json.loads(file.metadata()["taxo"])
    assert note == {"epoch": run.result["validated"]["epoch"], "chosen_by": "validated"}


def test_equal_runs_leave_equal_files(config: TrainConfig, tmp_path: Path) -> None:
    first = train(config, quiet=True)
    second = train(replace(config, output=str(tmp_path / "again")), quiet=True)
    for name in ("last.safetensors", "best.safetensors", "embedding.npz", "hierarchy.txt", "result.json"):
        assert (first.path / name).read_bytes() == (second.path / name).read_bytes(), name


@pytest.mark.parametrize("loss", ["cosine", "cosine+xent", "xent", "mse"])
def test_evaluate_finds_the_scores_that_the_training_saw(loss: str, config: TrainConfig) -> None:
    run = train(replace(config, loss=loss), quiet=True)
    metrics = run.metrics()
    assert evaluate(run, device="cpu") == metrics[-1]["test"]
    assert evaluate(run.path, split="val", device="cpu") == metrics[-1]["val"]
    best = run.result["validated"]["epoch"]
    assert evaluate(run, weights="best", device="cpu") == metrics[best - 1]["test"]


def test_a_finished_run_is_not_written_over(config: TrainConfig) -> None:
    train(config, quiet=True)
    with pytest.raises(TaxoError, match="holds a run already"):
        train(config, quiet=True)
    again = train(replace(config, epochs=1), quiet=True, overwrite=True)
    assert len(again.metrics()) == 1


def test_a_new_folder_is_named_after_the_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = TrainConfig("some/birds.txt", loss="cosine", seed=7)
    first = new_folder(config, overwrite=False)
    assert first == Path("runs/birds-cosine-resnet-20-seed7")
    first.mkdir(parents=True)
    assert new_folder(config, overwrite=True) == Path("runs/birds-cosine-resnet-20-seed7-2")


def test_training_leaves_the_callers_random_numbers_alone(config: TrainConfig) -> None:
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    train(config, quiet=True)
    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize("name", ["run.json", "result.json", "embedding.npz", "hierarchy.txt"])
def test_missing_and_damaged_files_are_named(name: str, config: TrainConfig) -> None:
    run = train(replace(config, epochs=1), quiet=True)
    (run.path / name).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TaxoError, match=name.replace(".", r"\.")):
        load_run(run.path)
    (run.path / name).unlink()
    with pytest.raises(TaxoError, match=rf"{name} missing"):
        load_run(run.path)


def test_damaged_and_foreign_weights_are_named(config: TrainConfig) -> None:
    run = train(replace(config, epochs=1), quiet=True)
    weights = run.path / "last.safetensors"
    other = replace(run, config=replace(run.config, arch="resnet-32"))
    with pytest.raises(TaxoError, match=r"these are not the weights of the network in config\.toml: Missing key"):
        other.classifier()
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(TaxoError, match=r"last\.safetensors: damaged"):
        run.classifier()
    weights.unlink()
    with pytest.raises(TaxoError, match=r"last\.safetensors: no such file"):
        run.classifier()
    with pytest.raises(TaxoError, match="unknown weights 'first'; known are last, best"):
        run.classifier("first")


def test_another_embedding_in_the_folder_is_noticed(config: TrainConfig) -> None:
    run = train(replace(config, epochs=1), quiet=True)
    embed(flat(run.classes)).save(run.path / "embedding.npz")
    with pytest.raises(TaxoError, match=r"embedding\.npz: its fingerprint is \w+, the run was trained with \w+"):
        load_run(run.path)


def test_a_run_folder_of_another_version_is_refused(config: TrainConfig) -> None:
    run = train(replace(config, epochs=1), quiet=True)
    info = json.loads((run.path / "run.json").read_text())
    for found, said in (({k: v for k, v in info.items() if k != "format"}, 1), (info | {"format": 3}, 3)):
        (run.path / "run.json").write_text(json.dumps(found))
        with pytest.raises(
            TaxoError, match=rf"a run folder of another version \(format {said}, made by taxo .* format 2\)"
        ):
            load_run(run.path)


def test_no_run_at_all(tmp_path: Path) -> None:
    with pytest.raises(TaxoError, match="holds no run"):
        load_run(tmp_path)
    with pytest.raises(TaxoError, match="is no folder"):
        load_run(tmp_path / "nowhere")


def epoch(number: int, val: float | None, test: float | None) -> Epoch:
    scores = [None if a is None else {"accuracy": a} for a in (val, test)]
    return Epoch(number, 0.1, 1.0, 0.5, scores[0], scores[1], 1.0)


def test_best_weights_of_another_epoch_than_the_chosen_one_are_refused(config: TrainConfig) -> None:
    run = train(config, quiet=True)
    best = run.result["validated"]["epoch"]
    path = run.path / "best.safetensors"
    save_file(load_file(path), path, metadata={"taxo": json.dumps({"epoch": best + 5, "chosen_by": "validated"})})
    with pytest.raises(TaxoError) as caught:
        run.classifier("best")
    assert str(caught.value) == (
        f"{path}: the weights of epoch {best + 5}, but result.json names epoch {best}; go on with the training where it "
        "was killed (--resume), else take the last weights"
    )
    run.classifier("last")


def test_results_are_the_last_the_validated_and_the_best_epoch() -> None:
    # Validation is best in epochs 2 and 3: the first counts. The test images are best in epoch 4.
    epochs = [epoch(1, 0.1, 0.5), epoch(2, 0.6, 0.2), epoch(3, 0.6, 0.3), epoch(4, 0.4, 0.9), epoch(5, 0.5, 0.4)]
    found = results(epochs)
    assert found["last"] == {"epoch": 5, "split": "test", "accuracy": 0.4}
    assert found["validated"] == {
        "epoch": 2,
        "split": "test",
        "accuracy": 0.2,
        "by_metric": {"accuracy": {"epoch": 2, "value": 0.2}},
    }
    assert (found["oracle"]["epoch"], found["oracle"]["accuracy"]) == (4, 0.9)
    assert "chosen with the test labels" in found["oracle"]["note"]
    assert choose(epochs) == ("validated", epochs[1])


def test_every_metric_has_its_own_best_epoch_and_low_heights_are_best() -> None:
    scores = [(0.1, 1.9, 2.5), (0.4, 1.6, 2.0), (0.3, 1.2, 1.1), (0.2, 1.4, 1.9)]
    epochs = [
        Epoch(i, 0.1, 1.0, 0.5, None, {"accuracy": a, "mean_height": m, "mistake_height": h}, 1.0)
        for i, (a, m, h) in enumerate(scores, start=1)
    ]
    oracle = results(epochs)["oracle"]
    assert (oracle["epoch"], oracle["mean_height"]) == (2, 1.6)
    assert oracle["by_metric"] == {
        "accuracy": {"epoch": 2, "value": 0.4},
        "mistake_height": {"epoch": 3, "value": 1.1},
        "mean_height": {"epoch": 3, "value": 1.2},
    }
    assert oracle["note"].startswith("oracle, as in the paper")


def test_epochs_that_were_not_scored_are_passed_over() -> None:
    epochs = [epoch(1, 0.3, 0.2), epoch(2, None, None), epoch(3, 0.2, 0.3), epoch(4, None, None)]
    found = results(epochs)
    assert (found["last"]["epoch"], found["validated"]["epoch"], found["oracle"]["epoch"]) == (3, 1, 3)
    assert choose(epochs) == ("validated", epochs[0])


def test_results_without_validation_or_test_images() -> None:
    no_val = [epoch(1, None, 0.5), epoch(2, None, 0.2)]
    assert results(no_val)["validated"] is None
    assert choose(no_val) == ("oracle", no_val[0])
    no_test = [epoch(1, 0.5, None), epoch(2, 0.2, None)]
    assert results(no_test)["oracle"] is None
    assert results(no_test)["last"] == {"epoch": 2, "split": "val", "accuracy": 0.2}
    assert "same items" in results(no_test)["validated"]["note"]
    neither = [epoch(1, None, None), epoch(2, None, None)]
    assert results(neither)["last"] is None
    assert choose(neither) == ("last", neither[1])


def test_an_embedding_in_a_file_finds_its_built_in_hierarchy(tmp_path: Path) -> None:
    from taxo.hierarchies import load

    path = tmp_path / "mine.npz"
    embed(load("cub-deep")).save(path)
    embedding, taxonomy = wanted_embedding(TrainConfig(str(path)))
    assert taxonomy == load("cub-deep")
    assert embedding is not None
    assert embedding.classes == load("cub-deep").classes
    with pytest.raises(TaxoError, match=r"mine\.npz was made from the hierarchy 'cub-deep' .* but 'cub-flat' has"):
        wanted_embedding(TrainConfig(str(path), hierarchy="cub-flat"))


def test_an_embedding_in_a_file_without_its_hierarchy_keeps_class_numbers(hierarchy: str, tmp_path: Path) -> None:
    from taxo.taxonomy import read

    path = tmp_path / "four.npz"
    embed(read(hierarchy)).save(path)
    _, taxonomy = wanted_embedding(TrainConfig(str(path)))
    assert taxonomy is not None
    assert taxonomy.classes == ("d", "c", "b", "a")
    assert taxonomy.class_numbers.tolist() == [1, 2, 3, 4]
    assert taxonomy.height == 0


def test_onehot_takes_the_classes_of_the_hierarchy_or_of_the_data(hierarchy: str) -> None:
    embedding, taxonomy = wanted_embedding(TrainConfig("onehot", hierarchy=hierarchy))
    assert embedding is not None
    assert np.array_equal(embedding.vectors, np.eye(4))
    assert taxonomy is not None
    assert taxonomy.height == 2
    assert wanted_embedding(TrainConfig("onehot")) == (None, None)


def test_levels_may_be_measured_by_another_hierarchy_of_the_same_classes(config: TrainConfig, zoo: Taxonomy) -> None:
    plan = prepare(TrainConfig("cub-flat", hierarchy="cub-deep", data=replace(DATA, dataset="synthetic")))
    assert (plan.embedding.hierarchy, plan.taxonomy.name) == ("cub-flat", "cub-deep")
    with pytest.raises(
        TaxoError, match=r"do not have the same classes in the same order: .* and 195 more only in --emb"
    ):
        wanted_embedding(TrainConfig("cub-flat", hierarchy=config.embedding))


def test_which_data_set_belongs_to_a_hierarchy(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TAXO_DATA", str(tmp_path))
    with pytest.raises(TaxoError, match="CUB"):
        prepare(TrainConfig("cub-deep"))
    with pytest.raises(TaxoError, match="no data set belongs to 'four'; name one: --dataset folder --data DIR"):
        prepare(replace(config, data=DataConfig(dataset="")))
    remarks: list[str] = []
    with pytest.raises(TaxoError, match="no-such-folder"):
        prepare(replace(config, data=DataConfig(dataset="", data="no-such-folder")), on_remark=remarks.append)
    assert remarks == ["no data set is named: no-such-folder is read as class folders (--dataset folder)"]


def test_a_run_folder_is_json_that_other_tools_can_read(config: TrainConfig) -> None:
    run = train(replace(config, epochs=1), quiet=True)
    for line in (run.path / "metrics.jsonl").read_text().splitlines():
        assert json.loads(line)["epoch"] == 1
    assert json.loads((run.path / "result.json").read_text())["snapshot_ensemble"] is None


def test_classes_with_one_vector_are_refused_where_the_nearest_embedding_predicts(config: TrainConfig) -> None:
    from taxo.embeddings import load

    folder = Path(config.embedding).parent
    embedding = embed(flat(["d", "c", "b", "a"]))
    vectors = embedding.vectors.copy()
    vectors[3] = vectors[1]
    replace(embedding, vectors=vectors[:, :3], axes=embedding.axes[:3]).save(folder / "three.npz")
    assert load(folder / "three.npz").dim == 3
    stored = replace(config, embedding=str(folder / "three.npz"), loss="cosine")
    with pytest.raises(
        TaxoError, match=r"3 dimensions, in which 1 classes have the vector of another one \('a' that of 'c'\)"
    ):
        prepare(stored)
    assert prepare(replace(stored, loss="cosine+xent")).embedding.dim == 3  # the head tells them apart


def test_items_of_another_kind_than_the_network_reads_are_refused(config: TrainConfig) -> None:
    with pytest.raises(
        TaxoError, match="gru is a network for texts, and data set 'synthetic' holds images; take another one: --arch"
    ):
        prepare(replace(config, arch="gru", augment=()))


def test_patience_needs_validation_items(config: TrainConfig) -> None:
    with pytest.raises(TaxoError, match="patience is 3, but there are no validation items to judge by"):
        prepare(replace(config, patience=3, data=replace(DATA, val_fraction=0.0)))


def test_a_batch_that_cannot_be_divided(config: TrainConfig) -> None:
    with pytest.raises(TaxoError, match="a batch of 8 items cannot be divided among 1 processes with 6 parts each"):
        train(replace(config, batch_size=64, accumulate=6), quiet=True)
