"""The script in examples/ that the results of trainings in docs/results/ were made with."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(script: str, *arguments: object) -> str:
    command = [sys.executable, str(EXAMPLES / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.torch
def test_runs_are_compared_by_their_kind(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from taxo.training.config import TrainConfig
    from taxo.training.data import DataConfig
    from taxo.training.train import train

    tree = tmp_path / "tree.txt"
    tree.write_text("animal\n  bird\n    robin\n    wren\n  fish\n    eel\n    cod\n")
    data = DataConfig(dataset="synthetic", image_size=8, samples=2, test_samples=2)
    folders = []
    accuracies = []
    for loss, seed in (("cosine", 0), ("cosine", 1), ("cosine+xent", 0)):
        folders.append(tmp_path / f"{loss}-{seed}")
        options = {"loss": loss, "seed": seed, "output": str(folders[-1]), "device": "cpu"}
        config = TrainConfig(str(tree), epochs=1, batch_size=4, lr=0.1, data=data, **options)
        accuracies.append(train(config, quiet=True).result["last"]["accuracy"])
    found = json.loads(run("compare_runs.py", "--json", *folders))
    assert [(of["loss"], of["seed"], of["accuracy"]) for of in found] == [
        ("cosine", 0, accuracies[0]),
        ("cosine", 1, accuracies[1]),
        ("cosine+xent", 0, accuracies[2]),
    ]
    header, _, cosine, both = run("compare_runs.py", *folders).splitlines()
    assert header.startswith("| loss | runs | accuracy | top5 |")
    mean = (accuracies[0] + accuracies[1]) / 2
    assert cosine.startswith(f"| cosine, {tree}, quick, lr 0.1 | 2 | {100 * mean:.1f} ± ")
    assert both.startswith(f"| cosine+xent, {tree}, quick, lr 0.1 | 1 | {100 * accuracies[2]:.1f} % |")
    # Only the network with two losses has a nearest embedding beside its head.
    column = [cell.strip() for cell in header.split("|")].index("nearest accuracy")
    assert cosine.split("|")[column].strip() == "-"
    assert both.split("|")[column].strip() != "-"
