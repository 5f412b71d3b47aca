"""Table of run folders by loss, embedding, recipe and learning rate: mean and spread of the last epoch's scores.

python examples/compare_runs.py runs/*          a table
python examples/compare_runs.py --json runs/*   every run with its scores, one JSON document
"""

import argparse
import json
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from taxo.training.run import Run, load_run

SCORES = ("accuracy", "top5", "hierarchical_accuracy", "mistake_height")
OTHERS = ("nearest_accuracy", "snapshot_ensemble_accuracy", "oracle_accuracy")


def main() -> None:
    """Read the folders, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, help="run folders")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    runs = [load_run(path) for path in options.runs]
    untested = [str(run.path) for run in runs if run.result["last"] is None]
    if untested:
        raise SystemExit(f"nothing was tested in {', '.join(untested)}; leave out runs without scores")
    if options.json:
        print(json.dumps([facts(run) for run in runs], indent=1))
    else:
        print_table(runs)


def facts(run: Run) -> dict[str, Any]:
    """What tells one run from another, and its scores."""
    config = run.config
    keys = ("embedding", "loss", "recipe", "lr", "weight_decay", "arch", "epochs", "batch_size", "seed")
    last, oracle, ensemble = (run.result[key] for key in ("last", "oracle", "snapshot_ensemble"))
    return {
        **{key: getattr(config, key) for key in keys},
        "images": run.info["images"],
        "seconds": run.info["seconds"],
        **{key: last[key] for key in SCORES},
        "levels": last["levels"],
        "nearest_accuracy": last.get("nearest_accuracy"),
        "oracle_accuracy": oracle["accuracy"],
        "snapshot_ensemble_accuracy": ensemble and ensemble["accuracy"],
    }


def print_table(runs: list[Run]) -> None:
    """One row per kind of run, in the order in which they first appear, as Markdown."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        c = run.config
        kinds.setdefault(f"{c.loss}, {c.embedding}, {c.recipe}, lr {c.lr:g}", []).append(facts(run))
    levels = list(runs[0].result["last"]["levels"])[:-1]  # the last one is the accuracy itself
    columns = [*SCORES, *OTHERS, *levels]
    print("| loss | runs |", " | ".join(c.replace("_", " ") for c in columns), "|")
    print("|---|---|" + "---|" * len(columns))
    for name, found in kinds.items():
        scores = [{**of, **of["levels"]} for of in found]
        cells = [spread([of[c] for of in scores], percent=c != "mistake_height") for c in columns]
        print(f"| {name} | {len(found)} |", " | ".join(cells), "|")


def spread(values: list[float | None], *, percent: bool) -> str:
    """Mean and sample standard deviation; "-" where not every run has the score."""
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return "-"
    scale, digits = (100, 1) if percent else (1, 3)
    deviation = f" ± {scale * stdev(known):.{digits}f}" if len(known) > 1 else ""
    return f"{scale * mean(known):.{digits}f}{deviation}{' %' if percent else ''}"


if __name__ == "__main__":
    main()
