"""How much memory and disk space there is, and bytes in words."""

import re
from pathlib import Path

import pytest

pytest.importorskip("torch")

from taxo.training.data.room import free_disk, free_memory, in_bytes

pytestmark = pytest.mark.torch


def test_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCAL_WORLD_SIZE", raising=False)
    (tmp_path / "limit").write_text("4000000\n")
    (tmp_path / "none").write_text("max\n")
    monkeypatch.setattr("taxo.training.data.room.CONTAINER_LIMITS", (tmp_path / "none", tmp_path / "gone"))
    assert free_memory() > 4_000_000
    monkeypatch.setattr("taxo.training.data.room.CONTAINER_LIMITS", (tmp_path / "gone", tmp_path / "limit"))
    assert free_memory() == 4_000_000
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    assert free_memory() == 1_000_000
    assert free_disk(tmp_path / "not" / "there") > 0


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 KiB"), (1024 * 99.4, "99.4 KiB"), (1024 * 99.6, "100 KiB")],
)
def test_numbers_of_bytes(count: float, text: str) -> None:
    assert in_bytes(count) == text


def test_numbers_of_bytes_have_at_most_four_digits() -> None:
    for power in range(43):
        assert re.fullmatch(r"\d{1,4}(\.\d)? ([KMG]i)?B", in_bytes(1.37 * 2**power)), power
