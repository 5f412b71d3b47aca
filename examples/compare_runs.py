"""Table of run folders by loss and embedding: mean and spread over the seeds of the scores after the last epoch.

python examples/compare_runs.py runs/*          a table
python examples/compare_runs.py --json runs/*   every run with its scores, one JSON document
"""

import argparse
import json
from pathlib import Path
from statistics import mean, stdev

from taxo.training.run import Run, load_run

SCORES = ("accuracy", "top5", "hierarchical_accuracy", "mistake_height")


def main() -> None:
    """Read the folders, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, help="run folders")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    runs = [load_run(path) for path in options.runs]
    if options.json:
        print(json.dumps([facts(run) for run in runs], indent=1))
    else:
        print_table(runs)


def facts(run: Run) -> dict[str, object]:
    """What tells one run from another, and its scores."""
    config = run.config
    keys = ("embedding", "loss", "lr", "weight_decay", "arch", "epochs", "batch_size", "seed")
    last, oracle = run.result["last"], run.result["oracle"]
    return {
        **{key: getattr(config, key) for key in keys},
        "images": run.info["images"],
        "seconds": run.info["seconds"],
        **{key: last[key] for key in SCORES},
        "levels": last["levels"],
        "nearest_accuracy": last.get("nearest_accuracy"),
        "oracle_accuracy": oracle["accuracy"],
    }


def print_table(runs: list[Run]) -> None:
    """One row per loss and embedding, in the order in which they first appear, as Markdown."""
    by_loss: dict[str, list[Run]] = {}
    for run in runs:
        by_loss.setdefault(f"{run.config.loss}, {run.config.embedding}, lr {run.config.lr:g}", []).append(run)
    levels = list(runs[0].result["last"]["levels"])[:-1]  # the last one is the accuracy itself
    columns = [*SCORES, *levels, "oracle accuracy"]
    print("| loss | runs |", " | ".join(c.replace("_", " ") for c in columns), "|")
    print("|---|---|" + "---|" * len(columns))
    for name, group in by_loss.items():
        last = [run.result["last"] for run in group]
        cells = [spread([s[c] for s in last], percent=c != "mistake_height") for c in SCORES]
        cells += [spread([s["levels"][level] for s in last], percent=True) for level in levels]
        cells += [spread([run.result["oracle"]["accuracy"] for run in group], percent=True)]
        print(f"| {name} | {len(group)} |", " | ".join(cells), "|")


def spread(values: list[float], *, percent: bool) -> str:
    """Mean and sample standard deviation."""
    scale, digits = (100, 1) if percent else (1, 3)
    deviation = f" ± {scale * stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{scale * mean(values):.{digits}f}{deviation}{' %' if percent else ''}"


if __name__ == "__main__":
    main()
