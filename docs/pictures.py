"""Draws the pictures of docs/plots.md again: runs the commands of its ```sh blocks, as they stand there.

`python docs/pictures.py` renews docs/pictures; a test runs the commands in an empty folder.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent


def commands() -> list[list[str]]:
    """The words of every command on the page, in order, without the first, which is the program."""
    page = (HERE / "plots.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("taxo ")]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "docs").mkdir()
        os.symlink(HERE / "pictures", Path(folder) / "docs" / "pictures")
        for words in commands():
            subprocess.run([sys.executable, "-m", "taxo", *words], cwd=folder, check=True)
