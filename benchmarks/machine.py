"""What the figures are measured on, and how a process is measured."""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from resource import RUSAGE_SELF, getrusage
from typing import Any

import numpy as np


def machine() -> dict[str, Any]:
    """Processor, memory, versions, and how busy the machine is."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "system": platform.system(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "load_average_at_start": os.getloadavg(),
    }


@contextmanager
def timed() -> Iterator[dict[str, float]]:
    """Fills `s` (by the clock) and `cpu_s` (processor time of all threads) when the block ends."""
    found: dict[str, float] = {}
    wall, used = time.perf_counter(), time.process_time()
    yield found
    found["s"], found["cpu_s"] = time.perf_counter() - wall, time.process_time() - used


def peak_mb() -> float:
    """The largest memory of this process so far, in units of 10^6 bytes."""
    return getrusage(RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def measured(command: list[str], limit: float) -> dict[str, Any]:
    """A whole process: `s` by the clock, `cpu_s` of processor time, `peak_mb`; `printed` is the JSON that it printed.

    Raises:
        RuntimeError: It failed, or took longer than the limit.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err)
        pid, status, usage = 0, 0, None
        while not pid:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)  # subprocess would not say what it used
            if not pid and time.perf_counter() - began > limit:
                process.kill()
                os.wait4(process.pid, 0)
                raise RuntimeError(f"took longer than {limit:g} s")
            time.sleep(0.0 if pid else 0.01)
        clock = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            err.seek(0)
            raise RuntimeError(f"failed: {last_line(err.read()) or f'exit status {process.returncode}'}")
        out.seek(0)
        printed = json.loads(out.read())
    used = {"s": clock, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss * 1024 / 1e6}
    return {**{key: round(value, 3) for key, value in used.items()}, "printed": printed}


def last_line(text: str) -> str:
    """The last line that is not empty."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def say(message: str) -> None:
    """Progress, to stderr."""
    print(message, file=sys.stderr, flush=True)
