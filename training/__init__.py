"""Training on class embeddings: losses, networks, data, the loop and its run folder.

The two calls for everything are `taxo.training.train.train` and `evaluate` beside it. This is the only part that needs
torch, and only once a name is used: `taxo.training.evaluation` does without.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .classifier import Classifier, build_classifier
    from .config import TrainConfig
    from .data import DataConfig, load_splits
    from .evaluation import Evaluation
    from .losses import cosine_loss, cosine_xent_loss, cross_entropy, squared_error, unit
    from .operators import ExactOperator, NodeOperator
    from .plan import Plan, prepare
    from .run import Run, load_run
    from .schedule import sgdr, total_epochs
    from .vectors import ClassVectors, class_vectors

# Threads that wait in a busy loop for a processor that another program holds slow a step down up to tenfold: on two
# cores with one other busy program, 2.0 s instead of 0.2 s. It counts only if it is set before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# None of these names may be that of a module here, such as `train`: once imported, the module takes the name's place.
_HOMES = {
    "classifier": ("Classifier", "build_classifier"),
    "config": ("TrainConfig",),
    "data": ("DataConfig", "load_splits"),
    "evaluation": ("Evaluation",),
    "operators": ("ExactOperator", "NodeOperator"),
    "vectors": ("ClassVectors", "class_vectors"),
    "losses": ("cosine_loss", "cosine_xent_loss", "cross_entropy", "squared_error", "unit"),
    "plan": ("Plan", "prepare"),
    "run": ("Run", "load_run"),
    "schedule": ("sgdr", "total_epochs"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "ClassVectors",
    "Classifier",
    "DataConfig",
    "Evaluation",
    "ExactOperator",
    "NodeOperator",
    "Plan",
    "Run",
    "TrainConfig",
    "build_classifier",
    "class_vectors",
    "cosine_loss",
    "cosine_xent_loss",
    "cross_entropy",
    "load_run",
    "load_splits",
    "prepare",
    "sgdr",
    "squared_error",
    "total_epochs",
    "unit",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its module when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
