"""Training on class embeddings: losses, networks, data, the loop and its run folder. The only part that needs torch."""

import os

# Threads that wait in a busy loop for a processor that another program holds slow a step down up to tenfold: on two
# cores with one other busy program, 2.0 s instead of 0.2 s. It counts only if it is set before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from .classifier import Classifier, build_classifier
from .config import TrainConfig
from .data import DataConfig, load_splits
from .evaluation import Evaluation
from .losses import cosine_loss, cosine_xent_loss, cross_entropy, squared_error, unit
from .networks import build, network, networks, register
from .plan import prepare
from .run import Run, load_run
from .schedule import sgdr, total_epochs
from .train import evaluate, train

__all__ = [
    "Classifier",
    "DataConfig",
    "Evaluation",
    "Run",
    "TrainConfig",
    "build",
    "build_classifier",
    "cosine_loss",
    "cosine_xent_loss",
    "cross_entropy",
    "evaluate",
    "load_run",
    "load_splits",
    "network",
    "networks",
    "prepare",
    "register",
    "sgdr",
    "squared_error",
    "total_epochs",
    "train",
    "unit",
]
