"""`taxo data list`, `check` and `prepare`: what they print, JSON keys, exit codes."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
from cub_folder import write_cub
from PIL import Image

Run = Callable[..., Any]

#: Folder, file, is training image.
BIRDS = [
    ("001.Black_footed_Albatross", "Black_1.png", 1),
    ("001.Black_footed_Albatross", "Black_2.png", 1),
    ("001.Black_footed_Albatross", "Black_3.png", 0),
    ("002.Laysan_Albatross", "Laysan_1.png", 1),
    ("002.Laysan_Albatross", "Laysan_2.png", 1),
    ("002.Laysan_Albatross", "Laysan_3.png", 0),
]


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TAXO_DATA", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture
def cub(tmp_path: Path) -> Path:
    """CUB_200_2011 with two classes and six images of 12 x 9 pixels, in the folder `birds`."""

    def picture(i: int) -> Image.Image:
        return Image.fromarray(np.random.default_rng(i).integers(0, 256, (9, 12, 3), dtype=np.uint8))

    return write_cub(tmp_path / "birds" / "CUB_200_2011", BIRDS, picture)


def test_list(taxo: Run, cub: Path) -> None:
    from taxo.training.data import DATASETS

    result = taxo("data", "list")
    assert result.code == 0
    header, *lines = result.out.splitlines()
    assert header.split() == ["name", "kind", "classes", "train", "test", "title", "found"]
    assert [line.split()[0] for line in lines] == list(DATASETS)
    by_name = {line.split()[0]: line for line in lines}
    assert by_name["cub"].split() == [
        "cub",
        "images",
        "200",
        "5,994",
        "5,794",
        *["CUB-200-2011,", "200", "birds", "no"],
    ]
    assert by_name["synthetic"].split()[:5] == ["synthetic", "images", "-", "-", "-"]
    assert by_name["synthetic"].endswith("  -")
    elsewhere = taxo("data", "list", "--data-dir", str(cub.parent)).out
    assert any(line.startswith("cub ") and line.endswith(str(cub)) for line in elsewhere.splitlines())


def test_list_as_json(taxo: Run, cub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAXO_DATA", str(cub.parent))
    found = {entry["name"]: entry for entry in json.loads(taxo("data", "list", "--json").out)}
    assert found["cub"] == {
        "name": "cub",
        "title": "CUB-200-2011, 200 birds",
        "kind": "images",
        "classes": 200,
        "train": 5994,
        "test": 5794,
        "found": True,
        "path": str(cub),
    }
    assert (found["folder"]["found"], found["folder"]["path"], found["folder"]["classes"]) == (None, None, None)
    assert found["ag-news"]["kind"] == "texts"
    monkeypatch.setenv("TAXO_DATA", "nowhere")
    found = {entry["name"]: entry for entry in json.loads(taxo("data", "list", "--json").out)}
    assert (found["cub"]["found"], found["cub"]["path"]) == (False, None)


def test_check_of_a_part_of_a_data_set(taxo: Run, cub: Path) -> None:
    result = taxo("data", "check", "cub", str(cub.parent))
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "classes  2 of 200\n"
        "train    4 of 5,994\n"
        "test     2 of 5,794\n"
        "info: not the numbers of Table 1 of the paper: 2 classes instead of 200, 4 train instead of 5,994, "
        "2 test instead of 5,794 [counts]\n"
        "    classes  2  200\n"
        "    train  4  5994\n"
        "    test  2  5794\n"
        "cub: 1 remark\n"
    )


def test_check_of_a_broken_data_set(taxo: Run, cub: Path, tmp_path: Path) -> None:
    images = cub / "images"
    (images / BIRDS[0][0] / BIRDS[0][1]).unlink()
    (images / BIRDS[1][0] / BIRDS[1][1]).write_bytes(b"no image")
    (images / BIRDS[5][0] / BIRDS[5][1]).write_bytes((images / BIRDS[3][0] / BIRDS[3][1]).read_bytes())
    (tmp_path / "tree.txt").write_text("# taxo 1\nbirds\n  owl\tclass=1\n  gull\tclass=7\n")
    options = ("data", "check", "cub", str(cub), "--hierarchy", "tree.txt", "--per-class", "3")
    result = taxo(*options)
    assert result.code == 1
    lines = [line for line in result.out.splitlines() if not line.startswith("    ")][3:]
    assert lines == [
        "error: 1 file is listed but not there; unpack the archive again [missing]",
        "error: 1 file is damaged; replace or leave out (skip_bad) [corrupt]",
        "error: the classes of the data and of the hierarchy 'tree' differ [classes]",
        "warn: 1 items of test are in train too; take them out of one of the two [overlap]",
        "warn: 2 classes have fewer than 3 items in train [short]",
        "info: not the numbers of Table 1 of the paper: 2 classes instead of 200, 4 train instead of 5,994, "
        "2 test instead of 5,794 [counts]",
        "cub: 3 errors, 2 warnings, 1 remark",
    ]
    assert f"    {images / BIRDS[0][0] / BIRDS[0][1]}\n" in result.out

    as_json = taxo(*options, "--json")
    assert as_json.code == 1
    found = json.loads(as_json.out)
    assert list(found) == ["name", "kind", "classes", "train", "val", "test", "paper", "findings"]
    assert found["paper"] == {"classes": 200, "train": 5994, "test": 5794}
    assert all(list(finding) == ["severity", "code", "message", "items"] for finding in found["findings"])
    items = {finding["code"]: finding["items"] for finding in found["findings"]}
    assert items["missing"] == [[str(images / BIRDS[0][0] / BIRDS[0][1])]]
    assert items["classes"] == [["data", "002.Laysan_Albatross"], ["hierarchy", "gull"]]
    assert items["overlap"] == [[str(images / folder / file) for folder, file, _ in (BIRDS[3], BIRDS[5])]]


def test_many_findings_are_cut_short(taxo: Run, tmp_path: Path) -> None:
    for i in range(12):
        path = tmp_path / "photos" / "train" / "a" / f"{i:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    short, whole = taxo("data", "check", "folder", "photos"), taxo("data", "check", "folder", "photos", "--all")
    assert (short.code, whole.code) == (1, 1)
    assert "09.png" in short.out
    assert "10.png" not in short.out
    assert "    and 2 more; --all shows them\n" in short.out
    assert "11.png" in whole.out
    assert "--all" not in whole.out


def test_check_with_a_split_file(taxo: Run, tmp_path: Path) -> None:
    for seed, name in enumerate(("a/1.png", "a/2.png", "b/1.png", "b/2.png", "a/3.png", "b/3.png")):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)).save(path)
    lines = [f"{c}/{i}.png\t{'test' if i == 3 else 'train'}\n" for c in "ab" for i in (1, 2, 3)]
    (tmp_path / "split.tsv").write_text("".join(lines))
    result = taxo("data", "check", "folder", "photos", "--split", "split.tsv")
    assert (result.code, result.out) == (
        0,
        "classes  2\ntrain    4\ntest     2\nfolder: nothing to complain of\n",
    )


def test_synthetic_data_are_clean(taxo: Run) -> None:
    result = taxo("data", "check", "synthetic", "--hierarchy", "cifar10")
    assert (result.code, result.out.splitlines()[-1]) == (0, "synthetic: nothing to complain of")


def test_prepare(taxo: Run, cub: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = taxo("data", "prepare", "cub", str(cub), "--image-size", "8")
    assert result.code == 0
    files = sorted((store / "decoded" / "cub").iterdir(), key=lambda path: -path.stat().st_size)
    assert len(files) == 2
    lines = result.out.splitlines()
    assert lines[0].split() == ["split", "images", "size", "file"]
    assert [line.split()[:2] for line in lines[1:]] == [["train", "4"], ["test", "2"]]
    assert [line.split()[-1] for line in lines[1:]] == [str(file) for file in files]
    # A training of any part of it finds everything decoded.
    from taxo.training.data import DataConfig, load_splits

    monkeypatch.setattr("taxo.training.data.files.read_image", None)
    config = DataConfig(dataset="cub", data=str(cub), image_size=8, per_class=1, cache="disk")
    assert len(load_splits(config).train) == 2
    again = json.loads(taxo("data", "prepare", "cub", str(cub), "--image-size", "8", "--json").out)
    assert [list(part) for part in again] == [["split", "images", "bytes", "path", "skipped"]] * 2
    assert [part["bytes"] for part in again] == [file.stat().st_size for file in files]


def test_prepare_and_bad_images(taxo: Run, cub: Path) -> None:
    bad = cub / "images" / BIRDS[1][0] / BIRDS[1][1]
    bad.write_bytes(b"no image")
    refused = taxo("data", "prepare", "cub", str(cub))
    assert refused.code == 2
    assert f"{bad}: unreadable image" in refused.err
    result = taxo("data", "prepare", "cub", str(cub), "--skip-bad", "--json")
    assert result.code == 0
    assert f"1 of 4 images cannot be read and are left out: {str(bad)!r}" in result.err
    found = json.loads(result.out)
    assert [part["images"] for part in found] == [3, 2]
    assert found[0]["skipped"][0].startswith(f"{bad}: unreadable image")
    assert found[1]["skipped"] == []


def test_clear(taxo: Run, cub: Path, store: Path) -> None:
    taxo("data", "prepare", "cub", str(cub))
    size = sum(path.stat().st_size for path in (store / "decoded" / "cub").iterdir())
    assert taxo("data", "prepare", "folder", "--clear").out == "0 files of decoded images removed, 0 B\n"
    assert json.loads(taxo("data", "prepare", "cub", "--clear", "--json").out) == {"files": 2, "bytes": size}
    assert taxo("data", "prepare", "--clear").out == "0 files of decoded images removed, 0 B\n"
    assert list((store / "decoded" / "cub").iterdir()) == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["list", "extra"], "extra"),
        (["check"], "NAME"),
        (["check", "cup"], "unknown data set 'cup'; did you mean 'cub'?"),
        (["check", "cub"], "CUB-200-2011 is not in"),
        (["check", "cub", "nowhere"], "CUB-200-2011 is not in nowhere"),
        (["check", "folder"], "data set 'folder' needs a folder"),
        (["check", "folder", ".", "--hierarchy", "cub-dep"], "did you mean 'cub-deep'"),
        (["check", "folder", ".", "--per-class", "0"], "--per-class"),
        (["check", "synthetic"], "data set 'synthetic' draws the classes of a hierarchy: name one with --hierarchy"),
        (["prepare"], "name a data set, or give --clear"),
        (["prepare", "cup"], "unknown data set 'cup'"),
        (["prepare", "cup", "--clear"], "unknown data set 'cup'"),
        (["prepare", "cub", "--resize", "8"], "resize is 8; it must be at least image_size, 32"),
        (["prepare", "synthetic"], "is drawn when a training starts; there is nothing to prepare"),
        (["lst"], "did you mean 'list'"),
    ],
)
def test_mistakes_have_exit_code_2(taxo: Run, args: list[str], message: str) -> None:
    result = taxo("data", *args)
    assert result.code == 2
    assert message in result.err
    assert result.out == ""


@pytest.mark.parametrize("verb", ["list", "check", "prepare"])
def test_without_torch_the_message_says_what_to_install(taxo: Run, verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = taxo("data", *[verb, "cub"][: 1 if verb == "list" else 2])
    assert (result.code, result.err) == (
        2,
        "taxo: training needs PyTorch; install it with: pip install 'taxo-toolkit[train]'\n",
    )


@pytest.mark.parametrize("words", [["data", "--help"], ["data", "check", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    code = (
        f"import sys; sys.argv = ['taxo', *{words}]\nimport taxo.cli\n"
        "try: taxo.cli.main()\nexcept SystemExit: pass\n"
        "assert not {'torch', 'numpy', 'PIL'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_bar_is_drawn_in_a_terminal_only(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from taxo.cli.counting import counting

    with counting("looking") as report:
        assert report is None
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with counting("looking") as report:
        assert report is not None
        report(3, 12)
    told = capsys.readouterr()
    assert told.out == ""
    assert "looking" in told.err
    assert "3/12" in told.err
