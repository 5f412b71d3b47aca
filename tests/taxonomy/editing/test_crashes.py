"""Killed at any moment, a file is whole, its journal can be read, and undo works. Two processes do not interleave."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taxo.taxonomy import read
from taxo.taxonomy.editing import edits
from taxo.taxonomy.editing.in_place import edit_file, redo, undo
from taxo.taxonomy.editing.safe_file import read_history

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="files are edited in place on POSIX systems only"),
    # The process may have threads of libraries; its forks use none of them.
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

TEXT = b"# taxo 1\nbirds\n# by night\n  owls\n  gulls\n"
CALLS = ("open", "close", "write", "ftruncate", "fsync", "fchmod", "fchown", "replace", "unlink")


def edit(path: Path) -> None:
    edit_file(path, lambda t: edits.add(t, "terns", parent="birds"), command="add terns")


def killed_at(call: int, action: Callable[[Path], object], path: Path) -> bool:
    """Run an action in a process that is killed right before its n-th call to the system; whether it was.

    Every other call to write is cut short first: half of its data has reached the file.
    """
    child = os.fork()
    if child == 0:
        count = 0

        def counting(name: str) -> Callable[..., Any]:
            real = getattr(os, name)

            def run(*args: Any, **options: Any) -> Any:
                nonlocal count
                count += 1
                if count == call:
                    if name == "write":
                        real(args[0], args[1][: len(args[1]) // 2])
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **options)

            return run

        for name in CALLS:
            setattr(os, name, counting(name))
        try:
            action(path)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.parametrize(
    ("history", "action"), [([], edit), ([edit], undo), ([edit, undo], redo), ([edit, undo], edit)]
)
def test_killed_at_every_step(tmp_path: Path, history: list[Callable[[Path], object]], action: Any) -> None:
    steps = 0
    while True:
        folder = tmp_path / str(steps)
        folder.mkdir()
        file = folder / "birds.txt"
        file.write_bytes(TEXT)
        for earlier in history:
            earlier(file)
        old = file.read_bytes()
        twin = folder / "twin.txt"
        twin.write_bytes(TEXT)
        for other in (*history, action):
            other(twin)
        new = twin.read_bytes()
        steps += 1
        if not killed_at(steps, action, file):
            break
        now = file.read_bytes()
        assert now in (old, new)
        # The journal tells exactly what is in the file.
        done = len(read_history(file)[1].done)
        assert done == len(read(file).classes) - 2
        if now == old:
            action(file)
            assert file.read_bytes() == new
        expected = len(read_history(file)[1].done)
        if expected:
            undo(file)
            assert file.read_bytes() == TEXT
            redo(file)
        else:
            redo(file)
            undo(file)
        assert file.read_bytes() == new
        assert {p.name for p in folder.iterdir()} - {twin.name, "twin.txt.journal"} == {file.name, "birds.txt.journal"}
    assert steps > 12  # the calls were counted at all
    assert file.read_bytes() == new


LOOP = """
import sys
from taxo.taxonomy.editing import edits
from taxo.taxonomy.editing.in_place import edit_file
path = sys.argv[1]
print("ready", flush=True)
while True:
    edit_file(path, lambda t: edits.add(t, "terns", parent="birds"), command="add")
    edit_file(path, lambda t: edits.remove(t, "terns"), command="remove")
"""


def test_killed_at_random_moments(tmp_path: Path) -> None:
    file = tmp_path / "birds.txt"
    file.write_bytes(TEXT)
    with_terns = TEXT + b"  terns\n"
    moments = random.Random(0)
    for _ in range(8):
        process = subprocess.Popen([sys.executable, "-c", LOOP, str(file)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(moments.uniform(0.0, 0.15))
        process.kill()
        process.wait()
        process.stdout.close()
        now = file.read_bytes()
        assert now in (TEXT, with_terns)
        assert read(file).n_nodes == 3 + (now == with_terns)
        _, found = read_history(file)
        if found.done:
            undo(file)
            assert file.read_bytes() == (TEXT if now == with_terns else with_terns)
        if file.read_bytes() != TEXT:
            edit_file(file, lambda t: edits.remove(t, "terns"), command="remove")
    assert len(read_history(file)[1].edits) > 8


ONE_OF_TWO = """
import sys
from taxo.taxonomy.editing import edits
from taxo.taxonomy.editing.in_place import edit_file
for i in range(20):
    edit_file(sys.argv[1], lambda t: edits.add(t, f"{sys.argv[2]} {i}", parent="birds"), command=sys.argv[2])
"""


def test_two_processes_do_not_interleave(tmp_path: Path) -> None:
    file = tmp_path / "birds.txt"
    file.write_bytes(TEXT)
    both = [subprocess.Popen([sys.executable, "-c", ONE_OF_TWO, str(file), who]) for who in ("a", "b")]
    assert [process.wait() for process in both] == [0, 0]
    names = set(read(file).names)
    assert names == {"birds", "owls", "gulls", *(f"{who} {i}" for who in "ab" for i in range(20))}
    _, found = read_history(file)
    assert len(found.edits) == len(found.done) == 40
    for _ in range(40):
        undo(file)
    assert file.read_bytes() == TEXT
