"""A training in one or several processes; run by torchrun in test_distributed.py as a program of its own.

torchrun --nproc-per-node N two_processes.py FOLDER BATCH_NORM [STOP_AT]

With STOP_AT every process gets SIGTERM at that step of the training.
"""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from taxo.training import loop
from taxo.training.config import TrainConfig
from taxo.training.data import DataConfig
from taxo.training.interrupts import Interrupted
from taxo.training.train import train

loop.LOOK_EVERY = 2

folder, batch_norm = Path(sys.argv[1]), sys.argv[2]
config = TrainConfig(
    str(folder / "tree.txt"),
    epochs=3,
    cycle=1,
    batch_size=12,
    eval_every=2,
    loss="cosine+xent",
    augment=("flip", "shift", "erase"),
    batch_norm=batch_norm,
    ema=0.8,
    device="cpu",
    output=str(folder / f"run-{os.environ.get('WORLD_SIZE', '1')}-{batch_norm}"),
    data=DataConfig(dataset="synthetic", image_size=8, samples=9, test_samples=5),
)
if len(sys.argv) > 3:
    config = replace(config, output=f"{config.output}-stopped")
    step, original = int(sys.argv[3]), loop.gradients
    calls = iter(range(10**6))

    def gradients(*args):  # type: ignore[no-untyped-def]
        """As in the loop; one of the steps is hit by a signal, in the first process only."""
        if next(calls) == step and os.environ["RANK"] == "0":
            os.kill(os.getpid(), signal.SIGTERM)
        return original(*args)

    loop.gradients = gradients
    try:
        train(config, quiet=True)
        sys.exit("not stopped")
    except Interrupted:
        loop.gradients = original
        train(config, resume=True, quiet=True)
else:
    train(config, quiet=True)
