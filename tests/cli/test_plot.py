"""`taxo plot`: files, what is printed, what is refused; and that docs/plots.md shows what its commands draw."""

import io
import re
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taxo.cli import main
from taxo.embeddings import embed
from taxo.hierarchies import load
from taxo.taxonomy import Taxonomy, flat

Run = Callable[..., Any]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "plots.md"
PNG = b"\x89PNG\r\n\x1a\n"


def pixels(file: Path) -> tuple[int, int]:
    """Width and height of a PNG."""
    data = file.read_bytes()
    assert data[:8] == PNG
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


@pytest.fixture
def drawn() -> None:
    """Skips where matplotlib is not installed."""
    pytest.importorskip("matplotlib")


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(
    ("args", "file", "size"),
    [
        (["cifar10", "--size", "6,5"], "cifar10-heatmap.png", "6.0 x 5.0"),
        (["cifar10", "--kind", "map", "--size", "5,4"], "cifar10-map.png", "5.0 x 4.0"),
        (["cifar10", "--kind", "dendrogram", "--size", "6,3", "-o", "x.pdf"], "x.pdf", "6.0 x 3.0"),
        (["--kind", "losses"], "losses.png", "8.2 x 3.7"),
    ],
)
def test_files(taxo: Run, tmp_path: Path, args: list[str], file: str, size: str) -> None:
    result = taxo("plot", *args, "--dpi", "40")
    assert (result.code, result.out, result.err) == (0, f"{file}: {size} inches\n", "")
    assert (tmp_path / file).stat().st_size > 1000


@pytest.mark.usefixtures("drawn")
def test_to_standard_output(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["taxo", "plot", "-", "-o", "-", "--dpi", "40"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a b\na c\n")))
    monkeypatch.setattr(sys, "stdout", out := io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0
    assert out.buffer.getvalue()[:8] == PNG  # type: ignore[attr-defined]
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("drawn")
def test_embeddings(taxo: Run, tmp_path: Path, zoo: Taxonomy) -> None:
    embed(load("cifar10"), "onehot").save(tmp_path / "e.npz")
    assert taxo("plot", "e.npz", "--difference", "-o", "d.svg", "--size", "6,5") == (0, "d.svg: 6.0 x 5.0 inches\n", "")
    text = (tmp_path / "d.svg").read_text(encoding="utf-8")
    assert "minus the similarity" in text
    assert ">vertebrate<" in text  # the built-in hierarchy is found by name and fingerprint
    embed(zoo).save(tmp_path / "zoo.npz")
    alone = taxo("plot", "zoo.npz", "-o", "z.svg")
    assert alone.err == (
        "no hierarchy is known for the embedding: its classes keep their order; name one to order and group them\n"
    )
    (tmp_path / "zoo.txt").write_text("animal\n  cat\n  bird\n    owl\n      barn\n      snowy\n    gull\n")
    given = taxo("plot", "zoo.npz", "zoo.txt", "-o", "z.svg", "--levels", "2")
    assert (given.code, given.err) == (0, "")
    assert ">owl<" in (tmp_path / "z.svg").read_text(encoding="utf-8")
    assert taxo("plot", "zoo.npz", "zoo.txt", "--kind", "dendrogram", "--dpi", "40").out.startswith(
        "zoo-dendrogram.png"
    )


@pytest.mark.usefixtures("drawn")
def test_heights_and_measures(taxo: Run) -> None:
    assert taxo("plot", "cifar10", "--heights", "information", "--dpi", "40").code == 0
    assert taxo("plot", "cifar10", "--measure", "lin", "--ic", "sanchez", "--kind", "map", "--dpi", "40").code == 0
    assert taxo("plot", "cifar10", "--kind", "dendrogram", "--heights", "information", "--dpi", "40").code == 0


@pytest.mark.usefixtures("drawn")
def test_a_table_is_a_hierarchy(taxo: Run, tmp_path: Path) -> None:
    # Hierarchies and embeddings may both end in .csv and .json.
    (tmp_path / "t.csv").write_text("parent,child\na,b\na,c\n")
    (tmp_path / "t.json").write_text('{"a": {"b": {}, "c": {}}}')
    for file in ("t.csv", "t.json"):
        assert taxo("plot", file, "--dpi", "40").out.startswith("t-heatmap.png: ")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["cifar10", "--kind", "dendogram"], "unknown kind 'dendogram'; did you mean 'dendrogram'?; known are heatmap, map, dendrogram, losses"),
        (["cifar10", "-o", "x.jpg"], "x.jpg: pictures are written as .png, .svg, .pdf, not as .jpg"),
        (["cifar10", "-o", "x"], "x: pictures are written as .png, .svg, .pdf, not as a file without suffix"),
        (["cifar10", "--size", "7"], "--size 7: give width and height in inches, such as 7,6"),
        (["cifar10", "--size", "7,nan"], "--size 7,nan: give width and height in inches, such as 7,6"),
        (["cifar10", "--depth", "2"], "--depth is for --kind dendrogram, not for heatmap"),
        (["cifar10", "--kind", "map", "--difference"], "--difference is for --kind heatmap, not for map"),
        (["cifar10", "--difference"], "--difference compares an embedding file with a hierarchy; name the file (EMB HIER)"),
        (["cifar10", "cifar100"], "'cifar10' is no embedding file: a second hierarchy ('cifar100') has no meaning"),
        (["cifar10", "--kind", "losses"], "--kind losses draws formulas and needs no hierarchy; leave 'cifar10' out"),
        ([], "--kind heatmap needs a hierarchy or an embedding file; `taxo list` shows the built-in hierarchies"),
        (["absent.npz"], "absent.npz: cannot be read: No such file or directory"),
        (["cifar10", "--kind", "dendrogram", "--measure", "wup"], "a dendrogram shows heights: the measure lcs-height alone goes by them"),
    ],
)  # fmt: skip
def test_what_is_refused_before_drawing(taxo: Run, args: list[str], message: str) -> None:
    assert taxo("plot", *args) == (2, "", f"taxo: {message}\n")


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["cifar10", "--levels", "7"], "no level '7'; cifar10 has the levels 0 to 4, no ranks"),
        (["cifar10", "-o", "no/x.png"], "no/x.png: cannot be written: No such file or directory"),
        (["cifar10", "--kind", "map", "--levels", "1,2"], "--levels 1,2: a map has one colour per class; name one level"),
        (["--kind", "losses", "--size", "2,2"], "--size 2,2: three panels need at least 4.2 by 2.5 inches"),
        (["-"], "a hierarchy from standard input has no name; say where to write with -o FILE"),
        (["e.npz", "--measure", "wup"], "--measure is for hierarchies; an embedding file says what it was made for"),
        (["e.npz", "--heights", "levels"], "--heights is for hierarchies; an embedding file says what it was made for"),
        (["e.npz", "--kind", "dendrogram"], "a dendrogram needs a hierarchy, and none is known for the embedding; name it as well (EMB HIER)"),
        (["e.npz", "cifar10"], "the hierarchy 'cifar10' lacks a class of the embedding: unknown node 'x'"),
    ],
)  # fmt: skip
def test_what_is_refused(taxo: Run, tmp_path: Path, args: list[str], message: str) -> None:
    embed(flat(["x", "y"], "other")).save(tmp_path / "e.npz")
    result = taxo("plot", *args, stdin="a b\na c\n")
    assert (result.code, result.out) == (2, "")
    assert result.err.splitlines()[-1] == f"taxo: {message}"
    assert [file.name for file in tmp_path.iterdir()] == ["e.npz"]


def test_without_matplotlib(taxo: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    message = "taxo: drawing needs matplotlib; install it with: pip install 'taxo-toolkit[plot]'\n"
    assert taxo("plot", "cifar10") == (2, "", message)


def test_every_picture_on_the_page_has_its_command() -> None:
    commands = runpy.run_path(str(ROOT / "docs" / "pictures.py"))["commands"]()
    made = {words[words.index("-o") + 1].removeprefix("docs/") for words in commands if words[0] == "plot"}
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", PAGE.read_text(encoding="utf-8"))
    assert set(shown) == made == {f"pictures/{file.name}" for file in (ROOT / "docs" / "pictures").iterdir()}
    for name in shown:
        assert (ROOT / "docs" / name).stat().st_size < 150_000


@pytest.mark.usefixtures("drawn")
def test_the_commands_on_the_page_draw_its_pictures(taxo: Run, tmp_path: Path) -> None:
    (tmp_path / "docs" / "pictures").mkdir(parents=True)
    for words in runpy.run_path(str(ROOT / "docs" / "pictures.py"))["commands"]():
        assert taxo(*words).code == 0, words
    for file in (tmp_path / "docs" / "pictures").iterdir():
        # Not the bytes: another version of matplotlib draws a little differently.
        assert pixels(file) == pytest.approx(pixels(ROOT / "docs" / "pictures" / file.name), abs=5)


@pytest.mark.usefixtures("drawn")
def test_the_python_on_the_page_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```py\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    exec(compile(block, PAGE.name, "exec"), {})
    assert ">CIFAR-10<" in (tmp_path / "cifar10.svg").read_text(encoding="utf-8")
