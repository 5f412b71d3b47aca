"""The documentation is true: help texts are the program's own, files named in it are there, commands exist."""

import re
import runpy
from importlib.metadata import version
from pathlib import Path

import pytest

from taxo.embeddings import embed
from taxo.hierarchies import load

ROOT = Path(__file__).parents[1]
NEED_TORCH = ("data-sets.md", "networks.md")
"""Pages whose commands and programs want the extra `train`."""

PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


def test_help_texts_are_those_of_the_program() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "help_texts.py"))
    written = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    if f"Typer {version('typer')};" not in written:
        pytest.skip("another version of Typer lays help out in another way")
    assert written == made["page"](), "run `make docs`"


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    overview = text.split("## `taxo list`")[0]
    commands = re.findall(r"^  ([a-z-]+)  +", overview.split("Commands:")[1], flags=re.MULTILINE)
    assert len(commands) >= 7
    for command in commands:
        assert f"\n## `taxo {command}`\n" in text, command


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_to_files(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).exists(), target
    for target in re.findall(r"\bdocs/[\w/.-]+\.(?:md|json|png|py)\b", text):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_commands_in_the_text_exist(page: Path) -> None:
    known = set(runpy.run_path(str(ROOT / "docs" / "help_texts.py"))["commands"]())
    text = page.read_text(encoding="utf-8")
    for command in re.findall(r"(?:^|[`$(] ?)taxo ([a-z][a-z-]+)", text, flags=re.MULTILINE):
        assert command in known, command


@pytest.mark.parametrize(
    "page", [p for p in PAGES if "```console" in p.read_text(encoding="utf-8")], ids=lambda p: p.name
)
def test_consoles_in_the_text_show_what_the_program_prints(page: Path) -> None:
    if page.name in NEED_TORCH:
        pytest.importorskip("torch")
    console = runpy.run_path(str(ROOT / "docs" / "console.py"))
    written = page.read_text(encoding="utf-8")
    assert console["comparable"](console["renewed"](written)) == console["comparable"](written), "run `make docs`"


@pytest.mark.parametrize(
    "page", [p for p in PAGES if "```python" in p.read_text(encoding="utf-8")], ids=lambda p: p.name
)
def test_python_in_the_text_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if page.name in NEED_TORCH:
        pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    embed(load("cub-deep")).save("cub-deep.npz")  # what the text before has made
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(compile(block, page.name, "exec"), {})


def test_no_path_or_address_of_this_machine() -> None:
    for file in ROOT.rglob("*"):
        parts = file.relative_to(ROOT).parts
        if file.suffix in (".py", ".md", ".toml", ".txt", ".yaml") and not parts[0].startswith((".venv", "build")):
            text = file.read_text(encoding="utf-8", errors="replace")
            assert "/" + "work/" not in text, file
            assert "index" + "-url" not in text, file
