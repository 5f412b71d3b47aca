"""The logs of a run: the table, TensorBoard read back, Weights & Biases by a stand-in; resumed runs log nothing twice."""

import csv
import math
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxo.taxonomy import FormatError, TaxoError
from taxo.training.csv_log import CsvLog, read_rows
from taxo.training.logs import Logs, flat

pytestmark = pytest.mark.torch

CONFIG = {"loss": "cosine", "data": {"dataset": "cub"}}
REMEDY = "mend it, or remove the file: a new one begins with the next epoch"


def epoch(number: int) -> dict[str, Any]:
    """As a run has it."""
    test = {"accuracy": number / 8, "mistake_height": None, "levels": {"genus": 0.5}, "note": "text"}
    return {"epoch": number, "loss": 1 / number, "val": None, "test": test, "lr": np.float32(0.5)}


def log(folder: Path, *kinds: str, steps: range, resume_step: int = 0, close: bool = True) -> Logs:
    logs = Logs(kinds, folder, CONFIG, resume_step)
    for step in steps:
        logs.epoch(epoch(step), step)
    if close:
        logs.close()
    return logs


# --- Names


def test_nested_numbers_get_paths_and_what_is_no_number_is_left_out() -> None:
    assert flat(epoch(2)) == {"epoch": 2, "loss": 0.5, "test/accuracy": 0.25, "test/levels/genus": 0.5, "lr": 0.5}
    found = flat({"a": np.int64(3), "b": np.float64(0.5), "c": [1], "d": {}})
    assert found == {"a": 3, "b": 0.5}
    assert [type(v) for v in found.values()] == [int, float]


@settings(max_examples=30)
@given(
    st.recursive(
        st.floats(allow_nan=False) | st.integers() | st.none() | st.text(max_size=3),
        lambda inner: st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3),
    ).filter(lambda v: isinstance(v, dict))
)
def test_every_number_keeps_its_path(values: dict[str, Any]) -> None:
    for path, number in flat(values).items():
        found: Any = values
        for name in path.split("/"):
            found = found[name]
        assert found == number


# --- The table


def test_the_table(tmp_path: Path) -> None:
    log(tmp_path, "csv", steps=range(1, 4))
    assert (tmp_path / "metrics.csv").read_text() == (
        "epoch,loss,test/accuracy,test/levels/genus,lr\n"
        "1,1.0,0.125,0.5,0.5\n"
        "2,0.5,0.25,0.5,0.5\n"
        "3,0.3333333333333333,0.375,0.5,0.5\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.csv"]


def test_columns_may_come_and_go(tmp_path: Path) -> None:
    table = CsvLog(tmp_path / "m.csv")
    table.log({"loss": 1.0, 'level "a", b\n': 0.5}, 1)
    table.log({"val": math.nan, "loss": math.inf}, 2)
    with (tmp_path / "m.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [
        {"epoch": "1", "loss": "1.0", 'level "a", b\n': "0.5", "val": ""},
        {"epoch": "2", "loss": "inf", 'level "a", b\n': "", "val": "nan"},
    ]


def test_a_resumed_run_writes_the_same_table_as_one_that_was_never_stopped(tmp_path: Path) -> None:
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    for folder in (whole, resumed):
        folder.mkdir()
    log(whole, "csv", steps=range(1, 8))
    log(resumed, "csv", steps=range(1, 6), close=False)  # killed after epoch 5; the checkpoint is of epoch 3
    log(resumed, "csv", steps=range(4, 8), resume_step=3)
    assert (resumed / "metrics.csv").read_bytes() == (whole / "metrics.csv").read_bytes()


def test_a_new_run_forgets_the_table_of_an_older_one(tmp_path: Path) -> None:
    log(tmp_path, "csv", steps=range(1, 6))
    log(tmp_path, "csv", steps=range(1, 3))
    assert [line[0] for line in (tmp_path / "metrics.csv").read_text().splitlines()[1:]] == ["1", "2"]


def test_a_table_that_is_wanted_only_after_a_resume_begins_there(tmp_path: Path) -> None:
    log(tmp_path, "csv", steps=range(4, 6), resume_step=3)
    assert [row["epoch"] for row in read_rows(tmp_path / "metrics.csv", 99)] == ["4", "5"]


def test_an_epoch_is_logged_once(tmp_path: Path) -> None:
    logs = Logs(["csv", "csv"], tmp_path, CONFIG, 2)
    for step in (1, 2, 3, 3):
        logs.epoch({"loss": 0.5}, step)
    assert (tmp_path / "metrics.csv").read_text() == "epoch,loss\n3,0.5\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", f":1: the first line must name the columns, 'epoch' first; {REMEDY}"),
        ("loss,epoch\n1,1\n", f":1: the first line must name the columns, 'epoch' first; {REMEDY}"),
        ("epoch,a,a\n1,1,1\n", f":1: the first line must name the columns, 'epoch' first; {REMEDY}"),
        (
            "epoch,loss\n1,0.5\n2\nthree,0.5\n-1,1\n",
            f":3: 1 fields under 2 columns; {REMEDY}\n"
            f"FILE:4: 'three' is no number of an epoch; {REMEDY}\n"
            f"FILE:5: '-1' is no number of an epoch; {REMEDY}",
        ),
    ],
)
def test_a_table_that_was_spoilt_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text(content)
    with pytest.raises(FormatError) as error:
        Logs(["csv"], tmp_path, CONFIG, 1)
    assert str(error.value) == f"{path}{message}".replace("FILE", str(path))
    assert path.read_text() == content


def test_a_table_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(
        TaxoError, match=r"metrics\.csv: is no table of metrics \(.*can't decode.*\); mend it, or remove"
    ):
        Logs(["csv"], tmp_path, CONFIG, 1)
    path.write_text("epoch\n" + "x" * 200_000)
    with pytest.raises(TaxoError, match=r"metrics\.csv: is no table of metrics \(field larger than field limit"):
        Logs(["csv"], tmp_path, CONFIG, 1)
    path.unlink()
    path.mkdir()
    with pytest.raises(
        TaxoError, match=r"metrics\.csv: cannot be read: Is a directory; make it readable, or remove it"
    ):
        Logs(["csv"], tmp_path, CONFIG, 1)


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    logs = Logs(["csv"], tmp_path / "gone", CONFIG)
    with pytest.raises(TaxoError, match=r"gone/metrics\.csv: cannot be written: No such file or directory"):
        logs.epoch({"loss": 0.5}, 1)


# --- TensorBoard


@pytest.fixture
def _board() -> None:
    pytest.importorskip("tensorboard")


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard shows of a run."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder / "tensorboard"))
    found.Reload()
    return {tag: [(e.step, e.value) for e in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


@pytest.fixture
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Event files have the second in their names, which orders them: every new one is a second later here."""
    from tensorboard.summary.writer import event_file_writer

    class Clock:
        now = 1_700_000_000.0

        def time(self) -> float:
            self.now += 1
            return self.now

    monkeypatch.setattr(event_file_writer, "time", Clock())


@pytest.mark.usefixtures("_board")
def test_tensorboard_shows_every_number_of_every_epoch(tmp_path: Path) -> None:
    log(tmp_path, "tensorboard", steps=range(1, 4))
    found = scalars(tmp_path)
    assert set(found) == {"loss", "test/accuracy", "test/levels/genus", "lr"}
    assert found["test/accuracy"] == [(1, 0.125), (2, 0.25), (3, 0.375)]
    # One run and no second one for the options.
    assert [path.is_file() for path in (tmp_path / "tensorboard").iterdir()] == [True]


@pytest.mark.usefixtures("_board")
def test_tensorboard_shows_the_options(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log(tmp_path, "tensorboard", steps=range(1, 2))
    found = EventAccumulator(str(tmp_path / "tensorboard"))
    found.Reload()
    (event,) = found.Tensors("config/text_summary")
    assert '"dataset": "cub"' in event.tensor_proto.string_val[0].decode()


@pytest.mark.usefixtures("_board", "_later")
def test_tensorboard_shows_no_epoch_twice_after_a_resume(tmp_path: Path) -> None:
    log(tmp_path, "tensorboard", steps=range(1, 6), close=False)
    log(tmp_path, "tensorboard", steps=range(4, 8), resume_step=3)
    assert len(list((tmp_path / "tensorboard").iterdir())) == 2
    assert [step for step, _ in scalars(tmp_path)["loss"]] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.usefixtures("_board", "_later")
def test_tensorboard_hides_an_older_run_in_the_same_folder(tmp_path: Path) -> None:
    log(tmp_path, "tensorboard", steps=range(1, 6))
    log(tmp_path, "tensorboard", steps=range(1, 3))
    assert [step for step, _ in scalars(tmp_path)["loss"]] == [1, 2]


@pytest.mark.usefixtures("_board")
def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "tensorboard").write_text("")
    with pytest.raises(TaxoError) as error:
        Logs(["tensorboard"], tmp_path, CONFIG)
    assert str(error.value) == f"{tmp_path}: a log cannot be written: File exists; free some space, or log less"


# --- Weights & Biases


class StandIn(ModuleType):
    """The part of wandb that is used, which remembers what it was told."""

    class Error(Exception):
        pass

    def __init__(self) -> None:
        super().__init__("wandb")
        self.inits: list[dict[str, Any]] = []
        self.logged: list[tuple[dict[str, float], int]] = []
        self.finished = 0
        self.id = "r1"
        self.refuses = ""

    def init(self, **options: Any) -> "StandIn":
        if self.refuses:
            raise self.Error(self.refuses)
        self.inits.append(options)
        self.id = options.get("id", self.id)
        return self

    def log(self, values: dict[str, float], step: int) -> None:
        self.logged.append((values, step))

    def finish(self) -> None:
        self.finished += 1


@pytest.fixture
def wandb(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    found = StandIn()
    monkeypatch.setitem(sys.modules, "wandb", found)
    return found


def test_wandb_gets_options_and_numbers(tmp_path: Path, wandb: StandIn) -> None:
    log(tmp_path, "wandb", steps=range(1, 3))
    options = {"project": "taxo", "name": tmp_path.name, "dir": str(tmp_path), "config": CONFIG}
    assert wandb.inits == [options]
    numbers = {"loss": 1.0, "test/accuracy": 0.125, "test/levels/genus": 0.5, "lr": 0.5}
    assert wandb.logged[0] == (numbers, 1)
    assert [step for _, step in wandb.logged] == [1, 2]
    assert wandb.finished == 1


def test_wandb_goes_on_with_the_same_run_after_a_resume(tmp_path: Path, wandb: StandIn) -> None:
    log(tmp_path, "wandb", steps=range(1, 3), close=False)
    wandb.id = "other"
    log(tmp_path, "wandb", steps=range(3, 4), resume_step=2)
    assert {k: wandb.inits[1][k] for k in ("id", "resume")} == {"id": "r1", "resume": "allow"}
    assert [step for _, step in wandb.logged] == [1, 2, 3]
    wandb.id = "new"
    log(tmp_path, "wandb", steps=range(1, 2))  # a new run in the folder is a new one there too
    assert "id" not in wandb.inits[2]
    assert (tmp_path / "wandb-id.txt").read_text() == "new\n"


def test_wandb_without_an_account(tmp_path: Path, wandb: StandIn) -> None:
    wandb.refuses = "api_key not configured (no-tty)"
    with pytest.raises(TaxoError) as error:
        Logs(["wandb"], tmp_path, CONFIG)
    assert str(error.value) == (
        "Weights & Biases: api_key not configured (no-tty); log in with `wandb login`, or set WANDB_MODE=offline to "
        "log on this machine"
    )


# --- All of them


@pytest.mark.parametrize("kind", ["tensorboard", "wandb"])
def test_a_missing_package_is_named_with_its_extra(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, kind, None)
    with pytest.raises(TaxoError) as error:
        Logs(["csv", kind], tmp_path, CONFIG)
    assert str(error.value) == (
        f"the log {kind!r} needs a package that is not installed; install it with: pip install 'taxo-toolkit[{kind}]'"
    )
    assert not list(tmp_path.iterdir())


def test_a_package_that_is_broken_keeps_its_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wandb.py").write_text("import nowhere_to_be_found\n")
    monkeypatch.delitem(sys.modules, "wandb", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found"):
        Logs(["wandb"], tmp_path, CONFIG)


def test_unknown_kinds(tmp_path: Path) -> None:
    with pytest.raises(TaxoError) as error:
        Logs(["tensorbord"], tmp_path, CONFIG)
    assert str(error.value) == (
        "unknown log 'tensorbord'; did you mean 'tensorboard'?; known are csv, tensorboard, wandb"
    )


def test_only_the_main_process_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wandb: StandIn) -> None:
    from taxo.training import logs as module

    class Second:
        is_main_process = False

    monkeypatch.setattr(module, "PartialState", Second)
    log(tmp_path, "csv", "wandb", steps=range(1, 3))
    assert not list(tmp_path.iterdir())
    assert not wandb.inits


def test_a_full_disk(tmp_path: Path, wandb: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = Logs(["wandb"], tmp_path, CONFIG)

    def full(values: dict[str, float], step: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(wandb, "log", full)
    with pytest.raises(TaxoError) as error:
        logs.epoch({"loss": 1.0}, 1)
    message = "a log cannot be written: No space left on device; free some space, or log less"
    assert str(error.value) == f"{tmp_path}: {message}"


def test_nothing_is_logged_without_kinds(tmp_path: Path) -> None:
    log(tmp_path, steps=range(1, 3))
    assert not list(tmp_path.iterdir())
