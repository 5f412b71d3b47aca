"""taxo beside networkx, ete4, nutree and onecodex taxonomy: loading, common ancestors, memory; and program start.

python benchmarks/hierarchies.py                  everything: 20 to 60 minutes; JSON on standard output
python benchmarks/hierarchies.py --tools taxo     taxo alone: nothing is installed
python benchmarks/hierarchies.py --help           sizes

The other tools are installed by name into an environment below a temporary folder. Each measurement runs in a
process of its own, the tools in turn, so that what disturbs the machine disturbs all of them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from typing import Any

from machine import last_line, machine, say
from trees import SEED, with_pairs

HERE = Path(__file__).resolve().parent
OTHERS = ("networkx", "ete4", "nutree", "taxonomy")


def main() -> None:
    """Measure, print JSON."""
    options = arguments()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        print(json.dumps(benchmark(options, folder), indent=1))


def arguments() -> argparse.Namespace:
    """Which tools, how big, how often."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", nargs="+", default=["taxo", *OTHERS], choices=["taxo", *OTHERS])
    parser.add_argument("--inner", type=int, default=200_000, help="inner nodes")
    parser.add_argument("--leaves", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=1_000_000, help="pairs whose common ancestor is asked for")
    parser.add_argument("--few", type=int, default=20_000, help="pairs for tools that answer one at a time")
    parser.add_argument("--big", type=int, default=4_000_000, help="nodes of the tree for taxo alone; 0: none")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--starts", type=int, default=15, help="how often the program is started")
    parser.add_argument("--limit", type=int, default=1800, help="seconds for one process")
    parser.add_argument("--environment", type=Path, help="keep the other tools here, and find them here again")
    return parser.parse_args()


def benchmark(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Everything."""
    result: dict[str, Any] = {"machine": machine(), "sizes": sizes(options), "seed": SEED, "failed": {}}
    say("making the trees")
    edges, pairs = with_pairs(folder / "edges.txt", options.inner, options.leaves, options.pairs)
    others = [tool for tool in options.tools if tool != "taxo"]
    pythons = {"taxo": sys.executable, **install(others, options.environment or folder / "env", result["failed"])}
    runs: dict[str, list[dict[str, Any]]] = {tool: [] for tool in options.tools if tool in pythons}
    for repeat in range(options.repeats):
        for tool in list(runs):
            say(f"{tool}, run {repeat + 1} of {options.repeats}")
            try:
                runs[tool].append(one_run(pythons[tool], tool, edges, pairs, options.few, options.limit))
            except RuntimeError as error:
                result["failed"][tool] = str(error)
                del runs[tool]
    result["tools"] = {tool: summary(found, options.pairs) for tool, found in runs.items()}
    result["same_answers"] = same_answers(runs)
    if "taxo" in runs:
        result["ratios"] = ratios(result["tools"])
        result["start"] = starts(options.starts)
    if "taxo" in runs and options.big:
        say(f"{options.big} nodes")
        edges, pairs = with_pairs(folder / "big.txt", options.big // 6, options.big - options.big // 6, options.pairs)
        found = [one_run(sys.executable, "taxo", edges, pairs, options.few, options.limit)]
        result["big"] = {"nodes": options.big, **summary(found, options.pairs)}
    result["load_average_at_end"] = os.getloadavg()
    return result


def install(tools: list[str], environment: Path, failed: dict[str, str]) -> dict[str, str]:
    """Interpreter of each tool that could be installed; the others' messages go to `failed`."""
    if not tools:
        return {}
    python = environment / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    found = {}
    for tool in tools:
        say(f"installing {tool}")
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", tool]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            failed[tool] = f"cannot be installed: {last_line(done.stderr)}"
        else:
            found[tool] = str(python)
    return found


def one_run(python: str, tool: str, edges: Path, pairs: Path, few: int, limit: int) -> dict[str, Any]:
    """What `tools.py` measures in a process of its own.

    Raises:
        RuntimeError: The tool failed, or took longer than the limit.
    """
    command = [python, str(HERE / "tools.py"), tool, str(edges), str(pairs), str(few)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=limit)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"took longer than {limit} s") from None
    if done.returncode:
        raise RuntimeError(f"failed: {last_line(done.stderr) or f'exit status {done.returncode}'}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def summary(runs: list[dict[str, Any]], pairs: int) -> dict[str, Any]:
    """Medians over the runs; answers to a part of the pairs scaled up to all of them, which is said."""
    answered = runs[0]["pairs"]
    out: dict[str, Any] = {"version": runs[0]["version"], "runs": len(runs), "pairs_answered": answered}
    out["scaled"] = answered != pairs
    for what in ("load", "by_handle", "by_handle_again", "by_name", "by_name_again"):
        if what in runs[0]:
            factor = 1 if what == "load" else pairs / answered
            out[what] = {unit: round(factor * median(run[what][unit] for run in runs), 3) for unit in ("s", "cpu_s")}
    out["peak_mb"] = {when: round(median(run["peak_mb"][when] for run in runs)) for when in runs[0]["peak_mb"]}
    return out


def ratios(tools: dict[str, Any]) -> dict[str, Any]:
    """How many times as long as taxo the fastest of the others takes, by the clock and in processor time."""
    others = {tool: found for tool, found in tools.items() if tool != "taxo"}
    out = {}
    for what in ("load", "by_handle", "by_name"):
        times = {tool: found.get(what, found["by_name"]) for tool, found in others.items()}
        if times:
            best = min(times, key=lambda tool: times[tool]["cpu_s"])
            ours = tools["taxo"][what]
            out[what] = {"best": best, **{unit: round(times[best][unit] / ours[unit], 1) for unit in ("s", "cpu_s")}}
    return out


def same_answers(runs: dict[str, list[dict[str, Any]]]) -> bool:
    """Whether all tools gave the same first thousand answers."""
    return len({tuple(run["answers"]) for found in runs.values() for run in found}) <= 1


def starts(count: int) -> dict[str, Any]:
    """`taxo info cub-deep`, from the shell."""
    command = [sys.executable, "-m", "taxo", "info", "cub-deep"]
    clock, processor = [], []
    for _ in range(count):
        wall, used = time.perf_counter(), getrusage(RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        now = getrusage(RUSAGE_CHILDREN)
        clock.append(time.perf_counter() - wall)
        processor.append(now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime)
    return {
        "command": "taxo info cub-deep",
        "runs": count,
        "s": round(median(clock), 3),
        "least_s": round(min(clock), 3),
        "cpu_s": round(median(processor), 3),
    }


def sizes(options: argparse.Namespace) -> dict[str, int]:
    """How big everything is."""
    return {
        "nodes": options.inner + options.leaves,
        "leaves": options.leaves,
        "edges": options.inner + options.leaves - 1,
        "pairs": options.pairs,
        "pairs_of_slow_tools": options.few,
        "repeats": options.repeats,
    }


if __name__ == "__main__":
    main()
