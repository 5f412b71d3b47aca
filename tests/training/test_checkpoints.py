"""Checkpoints: whole or not at all, damaged ones passed over, two kept."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from taxo.taxonomy import TaxoError
from taxo.training.checkpoints import Checkpoints

TENSORS = {
    "a": torch.arange(6.0).view(2, 3),
    "b": torch.tensor(3),
    "c": torch.zeros(0, 4),
    "d": torch.ones(2).bfloat16(),
}


def notes(step: int) -> dict[str, object]:
    return {"step": step, "epochs": []}


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "checkpoints", "taxo train --resume -o RUN")


def no_remark(text: str) -> None:
    raise AssertionError(text)


def test_what_was_saved_comes_back_bit_for_bit(checkpoints: Checkpoints) -> None:
    assert checkpoints.newest(no_remark) is None
    checkpoints.save(TENSORS, notes(7) | {"lr": 0.1 + 0.2})
    found = checkpoints.newest(no_remark)
    assert found is not None
    assert found[0].keys() == TENSORS.keys()
    assert all(
        torch.equal(found[0][name], value) and found[0][name].dtype == value.dtype for name, value in TENSORS.items()
    )
    assert found[1]["lr"] == 0.1 + 0.2


def test_strided_tensors_are_saved_as_what_they_show(checkpoints: Checkpoints) -> None:
    strided = torch.randn(2, 3, 4, 4).contiguous(memory_format=torch.channels_last)
    checkpoints.save({"w": strided, "t": torch.arange(6).view(2, 3).T}, notes(1))
    found = checkpoints.newest(no_remark)
    assert found is not None
    assert torch.equal(found[0]["w"], strided)
    assert found[0]["t"].tolist() == [[0, 3], [1, 4], [2, 5]]


def test_the_newest_two_stay(checkpoints: Checkpoints) -> None:
    for step in (9, 10, 100, 1000):
        checkpoints.save(TENSORS, notes(step))
    assert [path.name for path in checkpoints.paths()] == ["step-000001000.safetensors", "step-000000100.safetensors"]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_one_is_named_and_the_one_before_it_taken(checkpoints: Checkpoints, share: float) -> None:
    checkpoints.save(TENSORS, notes(1))
    path = checkpoints.save(TENSORS, notes(2))
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    remarks: list[str] = []
    found = checkpoints.newest(remarks.append)
    assert found is not None
    assert found[1]["step"] == 1
    assert len(remarks) == 1
    assert remarks[0].startswith(f"{path}: a damaged checkpoint (")
    assert remarks[0].endswith("); the one before it is taken")


def test_every_flipped_bit_of_the_content_is_noticed(checkpoints: Checkpoints) -> None:
    path = checkpoints.save(TENSORS, notes(1))
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")  # the layout of safetensors: length, header, content
    assert len(data) - start == 24 + 8 + 4
    for place in range(start, len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        remarks: list[str] = []
        assert checkpoints.newest(remarks.append) is None
        assert "its checksum is another one" in remarks[0]


def test_another_version_is_named(checkpoints: Checkpoints) -> None:
    path = checkpoints.save(TENSORS, notes(1))
    save_file(TENSORS, path, metadata={"taxo": json.dumps({"format": 99})})
    remarks: list[str] = []
    assert checkpoints.newest(remarks.append) is None
    assert "a checkpoint of another version of taxo (format 99, not 1)" in remarks[0]


def test_a_file_that_cannot_be_written_leaves_the_one_before(
    checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("taxo.training.checkpoints.save_file", full)
    with pytest.raises(
        TaxoError, match=r"No space left on device; there is no checkpoint yet: make room and train again"
    ):
        checkpoints.save(TENSORS, notes(1))
    monkeypatch.undo()
    good = checkpoints.save(TENSORS, notes(1))
    monkeypatch.setattr("taxo.training.checkpoints.save_file", full)
    with pytest.raises(TaxoError) as caught:
        checkpoints.save(TENSORS, notes(2))
    assert str(caught.value).endswith(
        f"No space left on device; the last good checkpoint is {good}: make room and go on with: taxo train --resume -o RUN"
    )
    assert [path.name for path in checkpoints.folder.iterdir()] == [good.name]  # no half a file is left
    assert checkpoints.newest(no_remark) is not None


def test_what_a_killed_writer_left_is_removed(checkpoints: Checkpoints) -> None:
    good = checkpoints.save(TENSORS, notes(1))
    (checkpoints.folder / ".step-000000002.safetensors.x1y2").write_bytes(b"half")
    checkpoints.tidy()
    assert list(checkpoints.folder.iterdir()) == [good]
    checkpoints.clear()
    assert list(checkpoints.folder.iterdir()) == []
