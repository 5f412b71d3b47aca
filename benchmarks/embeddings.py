"""taxo's class embeddings beside the published algorithm and LAPACK: time, memory, deviations, and growth with n.

python benchmarks/embeddings.py                everything: some six minutes; JSON on standard output
python benchmarks/embeddings.py --quick        small sizes: half a minute
python benchmarks/growth.py FILE PICTURE       draws how each method grows, from that JSON

Every measurement runs in a process of its own, the methods in turn, so that what disturbs the machine disturbs all of
them. Nothing is installed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from machine import machine, measured, say
from trees import INATURALIST, SEED

HERE = Path(__file__).resolve().parent
GROWTH = {
    "published": (125, 250, 500, 1000, 1500),
    "lapack": (125, 250, 500, 1000, 2000, 4000, 8142),
    "exact": (125, 250, 500, 1000, 2000, 4000, 8142, 16000),
    "compact": (125, 1000, 8142, 64000, 500000, 2500000),
    "nodes": (125, 1000, 8142, 64000, 500000, 2500000),
    "spectral": (125, 1000, 8142, 64000, 250000),
}
"""Classes that each method is tried with, in the shape of iNaturalist; only published ones are limited by time."""


def main() -> None:
    """Measure, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    parser.add_argument("--repeats", type=int, default=3, help="processes of each measurement")
    parser.add_argument("--limit", type=float, default=600, help="seconds for one process")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(benchmark(Path(folder), options.quick, options.repeats, options.limit), indent=1))


def benchmark(folder: Path, quick: bool, repeats: int, limit: float) -> dict[str, Any]:
    """Everything."""
    result: dict[str, Any] = {"machine": machine(), "seed": SEED, "failed": {}}
    classes = 100 if quick else 1000
    result["thousand"] = against_published(folder, classes, repeats, limit)
    result["growth"] = growth(folder, 500 if quick else None, limit, result["failed"])
    result["files"] = whole_programs(folder, quick, repeats, limit, result["failed"])
    result["load_average_at_end"] = os.getloadavg()
    return result


def against_published(folder: Path, classes: int, repeats: int, limit: float) -> dict[str, Any]:
    """The closed form, LAPACK and the published algorithm on one tree, in turn; how many times as long they take.

    `verified` is `embed` as the program runs it: the closed form and the verification, least eigenvalue included.
    """
    edges = inaturalist(folder, classes)
    runs: dict[str, list[dict[str, Any]]] = {"published": [], "lapack": [], "exact": [], "verified": []}
    for repeat in range(repeats):
        for method, found in runs.items():
            say(f"{classes} classes, {method}, run {repeat + 1} of {repeats}")
            found.append(one(method, edges, 1 if method == "published" else 15, limit))
    out: dict[str, Any] = {"classes": classes, "methods": {m: medians(found) for m, found in runs.items()}}
    for unit in ("s", "cpu_s"):
        ours = out["methods"]["exact"][unit]
        ratios = {m: round(found[unit] / ours, 1) for m, found in out["methods"].items() if m != "exact" and ours}
        out[f"times_as_long_{unit}"] = ratios
    return out


def growth(folder: Path, most: int | None, limit: float, failed: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Every method at growing sizes, until it fails or takes too long."""
    out: dict[str, list[dict[str, Any]]] = {}
    for method, sizes in GROWTH.items():
        out[method] = []
        for classes in (n for n in sizes if most is None or n <= most):
            repeats = 1 if method == "published" or classes > 5000 else 3
            say(f"growth: {method}, {classes} classes")
            try:
                out[method].append(one(method, inaturalist(folder, classes), repeats, limit))
            except RuntimeError as error:
                failed[f"{method}, {classes} classes"] = str(error)
                break
    return out


def whole_programs(
    folder: Path, quick: bool, repeats: int, limit: float, failed: dict[str, str]
) -> dict[str, dict[str, Any]]:
    """`taxo build-embeddings` from a file of pairs to a file of vectors: time and memory of the whole process."""
    size = (lambda n: n // 1000) if quick else (lambda n: n)
    tasks = {
        "dense": (inaturalist(folder, 500 if quick else INATURALIST[-1]), ["--dtype", "float32"]),
        "nodes": (tree_file(folder, "deep", size(2_500_000)), ["--method", "nodes"]),
        "spectral": (tree_file(folder, "wide", size(1_000_000)), ["--dim", "128"]),
    }
    out = {}
    for name, (edges, options) in tasks.items():
        target = folder / "out.npz"
        command = [sys.executable, "-m", "taxo", "build-embeddings", str(edges), "--no-is-a", "-o", str(target)]
        try:
            runs = []
            for repeat in range(repeats):
                say(f"file to file: {name}, run {repeat + 1} of {repeats}")
                runs.append(measured([*command, *options, "--json"], limit))
        except RuntimeError as error:
            failed[f"file to file, {name}"] = str(error)
            continue
        printed = runs[0].pop("printed")
        kept = ("classes", "dim", "dtype", "method", "max_deviation", "mean_deviation", "max_norm_error", "pairs")
        facts = {key: printed[key] for key in kept}
        out[name] = {"options": options, **facts, **medians(runs), "file_mb": round(target.stat().st_size / 1e6)}
        target.unlink()
    return out


def one(method: str, edges: Path, repeats: int, limit: float) -> dict[str, Any]:
    """One method in a process of its own; `repeats` times within it, of which the median counts."""
    command = [sys.executable, str(HERE / "embedding_methods.py"), method, str(edges), str(repeats)]
    found: dict[str, Any] = measured(command, limit)["printed"]
    return found


def medians(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The first run, with the median of every time and memory."""
    numbers = ("s", "cpu_s", "peak_mb", "peak_mb_before")
    middle = {key: round(median(run[key] for run in runs), 6) for key in numbers if key in runs[0]}
    return {**{k: v for k, v in runs[0].items() if k != "printed"}, **middle, "runs": len(runs)}


def inaturalist(folder: Path, classes: int) -> Path:
    """A file of pairs in the shape of iNaturalist."""
    return tree_file(folder, "inaturalist", classes)


def tree_file(folder: Path, kind: str, classes: int) -> Path:
    """Written by another process: Linux counts the memory of this one to the peak of those that it starts."""
    path = folder / f"{kind}-{classes}.txt"
    if not path.exists():
        subprocess.run([sys.executable, str(HERE / "trees.py"), kind, str(classes), str(path)], check=True)
    return path


if __name__ == "__main__":
    main()
