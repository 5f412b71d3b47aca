"""Draws how the methods grow with the number of classes: python benchmarks/growth.py RESULTS.json PICTURE.png."""

import json
import sys
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

STYLES = {
    "published": ("#b2182b", "published algorithm"),
    "lapack": ("#ef8a62", "LAPACK Cholesky"),
    "exact": ("#2166ac", "taxo exact, dense"),
    "compact": ("#67a9cf", "taxo exact, compact"),
    "nodes": ("#1b7837", "taxo nodes"),
    "spectral": ("#762a83", "taxo spectral, 128 dimensions"),
}


def main() -> None:
    """Read the JSON of `embeddings.py`, write the picture."""
    with open(sys.argv[1], encoding="utf-8") as file:
        growth = json.load(file)["growth"]
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    FigureCanvasAgg(figure)
    time, memory = figure.subplots(1, 2)
    draw(time, growth, "cpu_s", "processor time in seconds")
    draw(memory, growth, "extra_mb", "memory beyond the hierarchy's, in megabytes")
    time.legend(frameon=False, fontsize=8)
    figure.savefig(sys.argv[2], dpi=110, metadata={"Software": None})


def draw(axes: Any, growth: dict[str, list[dict[str, Any]]], what: str, label: str) -> None:
    """One curve a method."""
    for method, (colour, name) in STYLES.items():
        points = [(run["classes"], value_of(run, what)) for run in growth.get(method, [])]
        if points:
            axes.loglog(*zip(*points, strict=True), "o-", color=colour, label=name, markersize=3.5, linewidth=1.5)
    axes.set_xlabel("classes")
    axes.set_ylabel(label)
    axes.grid(True, which="major", linewidth=0.4, alpha=0.5)
    axes.spines[["top", "right"]].set_visible(False)


def value_of(run: dict[str, Any], what: str) -> float:
    """A measurement; the memory is what came on top of reading the hierarchy, at least one megabyte."""
    if what == "extra_mb":
        return float(max(1, run["peak_mb"] - run["peak_mb_before"]))
    return float(max(1e-5, run[what]))


if __name__ == "__main__":
    main()
