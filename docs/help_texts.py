"""Renews docs/commands.md from the `--help` of every command; a test compares the two."""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import typer

from taxo.cli.app import app

TARGET = Path(__file__).with_name("commands.md")
INTRODUCTION = """\
# The commands

This page is what `--help` prints, laid out by Typer {typer}; `make docs` renews it.

Data goes to stdout, remarks and progress to stderr. `--json` prints stable, documented keys. Exit code 0 is fine,
1 a negative answer (`taxo check`), 2 bad usage or bad input, which is told in a message that names file, line, cause
and remedy. A bug keeps its traceback.
"""


def commands() -> list[str]:
    """Every command, those of groups too ("edit add"), in the order of `taxo --help`; "" is the program itself."""
    found = [""]
    pending = [("", typer.main.get_command(app))]
    while pending:
        path, command = pending.pop(0)
        below = [(f"{path} {name}".strip(), part) for name, part in getattr(command, "commands", {}).items()]
        at = found.index(path) + 1
        found[at:at] = [name for name, _ in below]
        pending += below
    return found


def page() -> str:
    """The whole page as text."""
    return INTRODUCTION.format(typer=version("typer")) + "".join(_section(command) for command in commands())


def _section(command: str) -> str:
    # A width and a terminal of their own: the page must not depend on who made it.
    environment = os.environ | {"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    call = [sys.executable, "-m", "taxo", *command.split(), "--help"]
    text = subprocess.run(call, capture_output=True, text=True, check=True, env=environment).stdout
    text = text.replace("python -m taxo", "taxo")
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return f"\n## `taxo{f' {command}' if command else ''}`\n\n```text\n{lines}\n```\n"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
