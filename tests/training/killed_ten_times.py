"""A training that is killed ten times and resumed each time; run by test_resume.py as a program of its own.

python killed_ten_times.py FOLDER WORKERS [KILLS]

torch is imported once; every attempt is a forked process, so that one costs milliseconds. Prints, as JSON, at how many
steps the kills came.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from taxo.training.config import TrainConfig
from taxo.training.data import DataConfig
from taxo.training.recorder import checkpoints_of
from taxo.training.train import train

EPOCHS = 14  # cycles of 2, 4 and 8


def config(folder: Path, workers: int) -> TrainConfig:
    """A small training with everything that has a state: momentum, averages, votes, batch norm, dropout of pixels."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tree.txt").write_text("root\n  a\n    a1\n    a2\n  b\n    b1\n    b2\n")
    data = DataConfig(
        dataset="synthetic",
        image_size=8,
        samples=10,
        test_samples=2,
        val_fraction=0.2,
        cache="none" if workers else "auto",
    )
    return TrainConfig(
        str(folder / "tree.txt"), epochs=EPOCHS, cycle=2, batch_size=8, ema=0.9, device="cpu", workers=workers, data=data,
        loss="cosine+xent", augment=("flip", "shift", "erase"), output=str(folder / "run"), checkpoint_minutes=0.002,
    )  # fmt: skip


def attempt(options: TrainConfig) -> int:
    """One process that trains until it is done."""
    process = os.fork()
    if process == 0:
        try:
            train(options, resume=(Path(options.output) / "config.toml").exists(), quiet=True)
            os._exit(0)
        except BaseException as error:  # whatever it is, the parent must hear of it
            print(repr(error), file=sys.stderr)
            os._exit(1)
    return process


def main() -> None:
    """Train once without a break, once with kills."""
    folder, workers = Path(sys.argv[1]), int(sys.argv[2])
    kills = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    started = time.monotonic()
    _, status = os.waitpid(attempt(config(folder / "whole", workers)), 0)
    assert status == 0
    seconds = time.monotonic() - started
    options = config(folder / "killed", workers)
    moments = random.Random(0)
    reached = []
    while len(reached) < kills:
        process = attempt(options)
        time.sleep(seconds * moments.uniform(0.02, 0.16))
        os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            sys.exit("an attempt failed")
        paths = checkpoints_of(Path(options.output)).paths()
        reached.append(paths[0].stem if paths else "none")
    _, status = os.waitpid(attempt(options), 0)
    assert status == 0
    print(json.dumps(reached))


if __name__ == "__main__":
    main()
