"""`train` and `evaluate` on small drawn data: run folder, keys, messages, exit codes."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
from PIL import Image

Run = Callable[..., Any]

TREE = "# taxo 1\nbirds\n  owls\trank=order\n    barn\trank=family\n    snowy\trank=family\n  auks\trank=order\n    puffin\trank=family\n"
SMALL = [
    "--dataset",
    "synthetic",
    "--image-size",
    "8",
    "--samples",
    "4",
    "--test-samples",
    "3",
    "--epochs",
    "2",
    "--cycle",
    "1",
]
SMALL += ["--batch-size", "4", "--device", "cpu"]


@pytest.fixture
def tree(tmp_path: Path) -> str:
    (tmp_path / "birds.txt").write_text(TREE)
    return "birds.txt"


@pytest.mark.parametrize("loss", ["cosine", "cosine+xent", "xent", "mse"])
def test_train_and_evaluate(taxo: Run, tree: str, tmp_path: Path, loss: str) -> None:
    trained = taxo("train", "--embedding", tree, *SMALL, "--loss", loss, "-o", "run")
    assert (trained.code, trained.out) == (0, "run\n")
    assert trained.err.splitlines()[0].startswith("epoch 1/2  loss ")
    files = {p.name for p in (tmp_path / "run").iterdir()}
    assert files == {
        "config.toml", "run.json", "metrics.jsonl", "result.json", "embedding.npz", "hierarchy.txt",
        "last.safetensors", "best.safetensors", "checkpoints",
    }  # fmt: skip
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2]
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert {"last", "validated", "oracle", "snapshot_ensemble"} <= set(result)
    assert result["validated"] is None

    found = json.loads(taxo("evaluate", "run", "--json", "--device", "cpu").out)
    keys = [
        "n",
        "accuracy",
        "top5",
        "balanced_accuracy",
        "hierarchical_accuracy",
        "mistake_height",
        "mean_height",
        "levels",
    ]
    assert list(found)[:8] == keys
    assert found["n"] == 9
    assert list(found["levels"]) == ["order", "family"]
    assert found["levels"]["family"] == found["accuracy"] <= found["levels"]["order"]
    # Evaluation of the stored weights repeats what the training saw after its last epoch.
    assert found["accuracy"] == result["last"]["accuracy"]

    words = taxo("evaluate", "run", "--weights", "best", "--device", "cpu").out
    assert words.startswith("images                 9\naccuracy               ")
    assert "accuracy by level, from the top down\n  order   " in words


def test_a_run_is_not_written_over_by_chance(taxo: Run, tree: str) -> None:
    assert taxo("train", "--embedding", tree, *SMALL, "-o", "run", "-q").err == ""
    again = taxo("train", "--embedding", tree, *SMALL, "-o", "run")
    assert again.code == 2
    assert "run: holds a run already" in again.err
    assert taxo("train", "--embedding", tree, *SMALL, "-o", "run", "--overwrite", "-q").code == 0


def test_a_stored_configuration_repeats_the_run(taxo: Run, tree: str, tmp_path: Path) -> None:
    taxo("train", "--embedding", tree, *SMALL, "--seed", "3", "-o", "a", "-q")
    taxo("train", "--config", "a/config.toml", "-o", "b", "-q")
    assert (tmp_path / "a/last.safetensors").read_bytes() == (tmp_path / "b/last.safetensors").read_bytes()
    taxo("train", "--config", "a/config.toml", "--seed", "4", "-o", "c", "-q")
    assert (tmp_path / "a/last.safetensors").read_bytes() != (tmp_path / "c/last.safetensors").read_bytes()


def test_run_folders_name_themselves(taxo: Run, tree: str, tmp_path: Path) -> None:
    names = [taxo("train", "--embedding", tree, *SMALL, "--epochs", "1", "-q").out for _ in range(2)]
    assert names == ["runs/birds-cosine+xent-resnet-20-seed0\n", "runs/birds-cosine+xent-resnet-20-seed0-2\n"]
    (tmp_path / "photos" / "train" / "owls").mkdir(parents=True)
    (tmp_path / "photos" / "train" / "auks").mkdir()
    folders = taxo("train", "--embedding", "photos/train", *SMALL, "--epochs", "1", "-q").out
    assert folders == "runs/photos-cosine+xent-resnet-20-seed0\n"


@pytest.mark.parametrize(("loss", "told"), [("cosine", True), ("mse", True), ("cosine+xent", False), ("xent", False)])
def test_too_few_features_are_told(taxo: Run, tmp_path: Path, loss: str, told: bool) -> None:
    (tmp_path / "many.txt").write_text("# taxo 1\nroot\n" + "".join(f"  c{i}\n" for i in range(65)))
    small = [*SMALL, "--samples", "1", "--test-samples", "1", "--epochs", "1", "--batch-size", "32", "-q"]
    result = taxo("train", "--embedding", "many.txt", *small, "--loss", loss)
    assert result.code == 0
    assert ("resnet-20 has 64 features for the 65 dimensions of the class embedding" in result.err) == told


def test_class_folders(taxo: Run, tmp_path: Path) -> None:
    for split in ("train", "test"):
        for i, name in enumerate(("owls/barn", "owls/snowy", "puffin")):
            (tmp_path / "photos" / split / name).mkdir(parents=True)
            for k in range(3):
                Image.new("RGB", (12, 10), (80 * i, 10 * k, 0)).save(tmp_path / "photos" / split / name / f"{k}.png")
    small = ["--image-size", "8", "--epochs", "1", "--batch-size", "4", "--device", "cpu", "-q", "-o", "run"]
    # The hierarchy is the tree of folders; the data are in the same folders.
    result = taxo("train", "--embedding", "photos/train", "--data", "photos", *small)
    assert result.code == 0
    assert "photos is read as class folders" in result.err
    found = json.loads(taxo("evaluate", "run", "--json", "--device", "cpu").out)
    assert list(found["levels"]) == ["depth 1", "depth 2"]
    onehot = taxo("train", "--embedding", "onehot", "--dataset", "folder", "--data", "photos", *small, "--overwrite")
    assert onehot.code == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "no --embedding: name a hierarchy"),
        (["--embedding", "birds.txt"], "no data set belongs to 'birds'; name one: --dataset folder"),
        (["--embedding", "cub-dep"], "did you mean 'cub-deep'"),
        (["--embedding", "birds.txt", *SMALL, "--loss", "cosin"], "loss: unknown 'cosin'; did you mean 'cosine'"),
        (["--embedding", "birds.txt", *SMALL, "--lr", "-1"], "lr is -1.0; it must be above 0"),
        (["--embedding", "birds.txt", *SMALL, "--augment", "flop"], "augment: unknown 'flop'; did you mean 'flip'"),
        (["--embedding", "birds.txt", *SMALL, "--arch", "resnet-21"], "unknown network 'resnet-21'; did you mean"),
        (["--embedding", "none.npz", *SMALL], "none.npz: cannot be read"),
        (["--config", "none.toml"], "none.toml: cannot be read"),
    ],
)
def test_mistakes_have_exit_code_2(taxo: Run, tree: str, tmp_path: Path, args: list[str], message: str) -> None:
    result = taxo("train", *args)
    assert result.code == 2
    assert message in result.err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("options", [["--embedding", "dag.txt"], ["--embedding", "onehot", "--hierarchy", "dag.txt"]])
def test_a_dag_is_refused_by_name(taxo: Run, tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "dag.txt").write_text("r a\nr b\na x\nb x\na y\n")
    result = taxo("train", *options, *SMALL)
    assert result.code == 2
    assert "'x' has parents 'a', 'b'" in result.err
    assert "make a tree of it (taxo reduce" in result.err
    assert not (tmp_path / "runs").exists()


def test_the_data_set_of_a_hierarchy(taxo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAXO_DATA", str(tmp_path / "store"))
    result = taxo("train", "--embedding", "cub-deep")
    assert result.code == 2
    assert f"CUB-200-2011 is not in {tmp_path / 'store'}" in result.err
    assert "--dataset synthetic" in result.err
    assert len(result.err.strip().splitlines()) == 1


def test_different_classes_are_listed(taxo: Run, tree: str, tmp_path: Path) -> None:
    for split in ("train", "test"):
        for name in ("barn", "snowy", "pufin"):
            (tmp_path / "photos" / split / name).mkdir(parents=True)
            Image.new("RGB", (8, 8)).save(tmp_path / "photos" / split / name / "1.png")
    result = taxo("train", "--embedding", tree, "--dataset", "folder", "--data", "photos")
    assert result.code == 2
    assert "1 only in the data: 'pufin'" in result.err
    assert "1 only in the hierarchy: 'puffin'" in result.err


@pytest.mark.parametrize(("run", "message"), [("nowhere", "is no folder"), (".", "holds no run")])
def test_evaluate_needs_a_run(taxo: Run, run: str, message: str) -> None:
    result = taxo("evaluate", run)
    assert result.code == 2
    assert message in result.err


def test_defaults_in_the_help_are_those_of_the_configuration() -> None:
    import inspect
    import re
    from dataclasses import asdict

    from taxo.cli.training import train
    from taxo.training.config import TrainConfig

    values = asdict(TrainConfig("x"))
    values |= values.pop("data") | {"augment": ",".join(values["augment"]), "logs": "none"}
    told = 0
    for name, parameter in inspect.signature(train).parameters.items():
        option = parameter.annotation.__metadata__[0]
        if (found := re.search(r"\[([\w.,+-]+)\]\.$", option.help or "")) and found[1] != "all":
            value = values[name]
            assert found[1] == (f"{value:g}" if isinstance(value, float) else str(value)), name
            told += 1
    assert told >= 20


def test_without_torch_the_message_says_what_to_install(taxo: Run, tree: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = taxo("train", "--embedding", tree, *SMALL)
    assert (result.code, result.err) == (
        2,
        "taxo: training needs PyTorch; install it with: pip install 'taxo-toolkit[train]'\n",
    )


def test_a_dry_run_says_what_it_would_take_and_leaves_nothing(taxo: Run, tree: str, tmp_path: Path) -> None:
    told = taxo("train", "--embedding", tree, *SMALL, "--dry-run")
    assert told.code == 0
    assert [line.split()[0] for line in told.out.splitlines()] == ["steps", "memory", "time"]
    assert told.out.startswith("steps   6 (2 epochs of 3, 4 items each)\n")
    found = json.loads(taxo("train", "--embedding", tree, *SMALL, "--dry-run", "--json").out)
    assert (found["epochs"], found["steps_per_epoch"], found["steps"], found["batch_size"]) == (2, 3, 6, 4)
    assert found["bytes"] > 0
    assert found["seconds"] > 0
    assert not (tmp_path / "runs").exists()
    wrong = taxo("train", "--embedding", tree, *SMALL, "--json")
    assert (wrong.code, "--json belongs to --dry-run" in wrong.err) == (2, True)


def test_the_same_command_again_with_resume_goes_on(taxo: Run, tree: str, tmp_path: Path) -> None:
    command = ["train", "--embedding", tree, *SMALL, "-o", "run", "--resume"]
    assert taxo(*command, "-q").code == 0  # nothing is there yet: it begins
    again = taxo(*command, "-q")
    assert (again.code, again.out) == (0, "run\n")
    assert again.err == "run: this training is finished; nothing is left to do\n"
    assert taxo("train", "--resume", "-o", "run", "-q").code == 0
    other = taxo(*command, "--lr", "0.7")
    assert other.code == 2
    assert "leave away what is another there: lr (0.1)" in other.err
    assert taxo("train", "--resume").err == "taxo: --resume needs the run folder: taxo train --resume -o RUN\n"
    nothing = taxo("train", "--resume", "-o", "none")
    assert nothing.err == "taxo: none: holds no run to go on with (config.toml is missing)\n"


def test_a_file_in_part_and_flags(taxo: Run, tree: str, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(f'embedding = "{tree}"\nloss = "mse"\nema = 0.5\n[data]\nnoise = 0.2\n')
    assert taxo("train", "--config", "mine.toml", *SMALL, "--ema", "0.7", "-o", "run", "-q").code == 0
    text = (tmp_path / "run" / "config.toml").read_text()
    assert 'loss = "mse"\n' in text
    assert "ema = 0.7\n" in text
    assert "noise = 0.2\n" in text


def test_logs(taxo: Run, tree: str, tmp_path: Path) -> None:
    assert taxo("train", "--embedding", tree, *SMALL, "--logs", "csv", "-o", "run", "-q").code == 0
    header, *rows = (tmp_path / "run" / "metrics.csv").read_text().splitlines()
    assert header.startswith("epoch,lr,loss,accuracy,")
    assert "test/levels/order" in header
    assert [row.split(",")[0] for row in rows] == ["1", "2"]
    missing = taxo("train", "--embedding", tree, *SMALL, "--logs", "wandb", "-o", "other", "-q")
    assert missing.code == 2
    assert "pip install 'taxo-toolkit[wandb]'" in missing.err
    assert not (tmp_path / "other").exists()


def test_a_batch_that_diverged_is_listed(taxo: Run, tree: str, tmp_path: Path) -> None:
    result = taxo("train", "--embedding", tree, *SMALL, "--loss", "mse", "--lr", "1e30", "-o", "run", "-q")
    assert result.code == 2
    assert "the items of that batch are listed in run/diverged.json" in result.err
    found = json.loads((tmp_path / "run" / "diverged.json").read_text())
    assert found["epoch"] == 1
    assert len(found["items"]) == 4
    assert set(found["items"][0]) == {"item", "name", "class"}


def test_out_of_memory_names_a_batch_that_may_fit(taxo: Run, tree: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("taxo.training.loop.gradients", full)
    result = taxo("train", "--embedding", tree, *SMALL, "-o", "run", "-q")
    assert result.code == 2
    assert re.search(r"out of memory: a batch of 4 needs about [\d.]+ MiB, [\d.]+ GiB are free; ", result.err)
    assert "; try --batch-size 2, or --accumulate 2 for the same batch in parts" in result.err


@pytest.mark.parametrize("how", [(), ("--dry-run",)])
def test_what_does_not_fit_is_not_tried(
    taxo: Run, tree: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...]
) -> None:
    monkeypatch.setattr("taxo.training.out_of_memory.free_memory", lambda: 2**20)
    monkeypatch.setattr("taxo.training.loop.gradients", None)
    result = taxo("train", "--embedding", tree, *SMALL, "-o", "run", "-q", *how)
    assert result.code == 2
    assert re.search(
        r"out of memory: a batch of 4 needs about [\d.]+ MiB, 1.0 MiB are free, and no smaller", result.err
    )
    assert not (tmp_path / "run").exists()
