"""What a training came to: the content of `result.json`."""

from collections.abc import Sequence
from typing import Any

from .epoch import Epoch

ORACLE_NOTE = "oracle, as in the paper: the best test epoch, chosen with the test labels; no estimate for unseen items"
SAME_ITEMS_NOTE = "chosen and measured on the same items: there are no test items"
SNAPSHOTS_NOTE = "the votes of the networks at the ends of the cycles of the learning rate, added up"

METRICS = ("accuracy", "top5", "balanced_accuracy", "hierarchical_accuracy", "mistake_height", "mean_height")
"""What an epoch may be chosen by; of the heights the lowest is best."""


def choose(epochs: Sequence[Epoch]) -> tuple[str, Epoch]:
    """The best epoch and what it was chosen by; of equally good ones the first.

    By the validation items ("validated"), else by the test items ("oracle"), else it is the last one ("last").
    """
    for kind, split in (("validated", "val"), ("oracle", "test")):
        if _scored(epochs, split):
            return kind, _best(epochs, split)
    return "last", epochs[-1]


def results(epochs: Sequence[Epoch], ensemble: dict[str, Any] | None = None) -> dict[str, Any]:
    """The content of `result.json`: scores of the test items at the last, the validated and the best epoch.

    Without test items the scores are those of the validation items; `split` says which. What there are no items for
    is None. `by_metric` says which epoch each single metric would have chosen, and what it then is.

    Args:
        epochs: All epochs that are done.
        ensemble: The scores of the snapshot ensemble, once there are two members.
    """
    split = next((name for name in ("test", "val") if _scored(epochs, name)), None)
    last = _scored(epochs, split)[-1] if split else None
    validated = oracle = None
    if split and _scored(epochs, "val"):
        validated = _chosen(epochs, "val", split)
        validated |= {"note": SAME_ITEMS_NOTE} if split == "val" else {}
    if split == "test":
        oracle = _chosen(epochs, "test", "test") | {"note": ORACLE_NOTE}
    return {
        "last": _scores(last, split) if last and split else None,
        "validated": validated,
        "oracle": oracle,
        "snapshot_ensemble": ensemble and {**ensemble, "note": SNAPSHOTS_NOTE},
        "best_weights": choose(epochs)[0],
    }


def _chosen(epochs: Sequence[Epoch], by: str, split: str) -> dict[str, Any]:
    """The scores of `split` at the epoch that the split `by` chooses."""
    by_metric = {}
    for metric in METRICS:
        if any(metric in getattr(e, by) for e in _scored(epochs, by)):
            best = _best(epochs, by, metric)
            by_metric[metric] = {"epoch": best.epoch, "value": getattr(best, split)[metric]}
    return {**_scores(_best(epochs, by), split), "by_metric": by_metric}


def _scored(epochs: Sequence[Epoch], split: str) -> list[Epoch]:
    return [e for e in epochs if getattr(e, split) is not None]


def _best(epochs: Sequence[Epoch], split: str, metric: str = "accuracy") -> Epoch:
    sign = -1.0 if metric.endswith("height") else 1.0

    def merit(epoch: Epoch) -> float:
        value = getattr(epoch, split).get(metric)
        # Without a mistake there is no mean height of mistakes.
        return sign * (0.0 if value is None else float(value))

    return max(_scored(epochs, split), key=merit)


def _scores(epoch: Epoch, split: str) -> dict[str, Any]:
    return {"epoch": epoch.epoch, "split": split, **getattr(epoch, split)}
