"""Runs the ```console blocks of a page, one after another in an empty folder, and puts in what they print.

`python docs/console.py PAGE...` renews pages; a test compares them with what the program prints. A block holds lines
`$ command`, each followed by its output, stderr and stdout as they come.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

_BLOCK = re.compile(r"^```console\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
_VARYING = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|\d\.\de-1\d|0\.0e\+00")


def renewed(page: str) -> str:
    """The page with the output of its commands as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        return _BLOCK.sub(lambda block: f"```console\n{_run(block[1], Path(folder))}```", page)


def comparable(page: str) -> str:
    """The page without what differs from run to run and from machine to machine: times, rounding errors."""
    return _VARYING.sub("VARYING", page)


def _run(block: str, folder: Path) -> str:
    commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    programs = str(Path(sys.executable).parent)
    environment = os.environ | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "NO_COLOR": "1",
        "COLUMNS": "100",
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",  # remarks and data in the order in which they come
    }
    shown = []
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        output = "\n".join(line.rstrip() for line in done.stdout.splitlines())
        shown.append(f"$ {command}\n" + (f"{output}\n" if output else ""))
    return "\n".join(shown)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = Path(name)
        file.write_text(renewed(file.read_text(encoding="utf-8")), encoding="utf-8")
