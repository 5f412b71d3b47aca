"""Files that are edited in place: the journal, undo and redo, links, modes, packed files, changes by other hands."""

import gzip
import json
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxo.taxonomy import FormatError, TaxoError, Taxonomy, read
from taxo.taxonomy.editing import edits
from taxo.taxonomy.editing.diff import diff
from taxo.taxonomy.editing.in_place import Step, changes_of, edit_file, redo, undo
from taxo.taxonomy.editing.journal import _common, digest, record
from taxo.taxonomy.editing.safe_file import held, read_history

TEXT = b"# taxo 1\nbirds\n# by night\n  owls\n  gulls\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "birds.txt"
    path.write_bytes(TEXT)
    return path


def add(path: Path, name: str) -> Step:
    return edit_file(path, lambda t: edits.add(t, name, parent="birds"), command=f"add {name}")


def journal(path: Path) -> Path:
    return path.with_name(f"{path.name}.journal")


def test_edit_undo_redo(file: Path) -> None:
    assert add(file, "a") == Step(number=1, summary="1 added", command="add a")
    one = file.read_bytes()
    assert one == TEXT + b"  a\n"
    assert add(file, "b").number == 2
    two = file.read_bytes()
    assert undo(file) == Step(number=2, summary="1 added", command="add b")
    assert file.read_bytes() == one
    assert undo(file).command == "add a"
    assert file.read_bytes() == TEXT
    with pytest.raises(TaxoError, match=r"birds\.txt: there is no edit to undo"):
        undo(file)
    assert redo(file).command == "add a"
    assert redo(file).command == "add b"
    assert file.read_bytes() == two
    with pytest.raises(TaxoError, match="nothing was undone since the last edit"):
        redo(file)
    assert undo(file).number == 2
    assert add(file, "c").number == 3  # from here on b cannot be done again
    with pytest.raises(TaxoError, match="nothing was undone"):
        redo(file)
    _, found = read_history(file)
    assert [(e.command, found.state(e)) for e in found.edits] == [
        ("add a", "done"), ("add b", "undone"), ("add c", "done"),
    ]  # fmt: skip


@settings(max_examples=30)  # every step waits for the disk
@given(st.lists(st.sampled_from(["edit", "undo", "redo"]), max_size=12))
def test_any_sequence_is_what_an_editor_does(tmp_path_factory: pytest.TempPathFactory, steps: list[str]) -> None:
    file = tmp_path_factory.mktemp("any") / "birds.txt"
    file.write_bytes(TEXT)
    versions, at = [TEXT], 0  # as the undo list of every editor
    for i, step in enumerate(steps):
        if step == "edit":
            add(file, f"n{i}")
            versions[at + 1 :] = [file.read_bytes()]
            at += 1
        elif step == "undo" and at:
            undo(file)
            at -= 1
        elif step == "redo" and at + 1 < len(versions):
            redo(file)
            at += 1
        else:
            with pytest.raises(TaxoError):
                (undo if step != "redo" else redo)(file)
        assert file.read_bytes() == versions[at]


def test_what_the_journal_holds(file: Path) -> None:
    add(file, "a")
    (line,) = journal(file).read_text().splitlines()
    entry = json.loads(line)
    assert list(entry) == ["kind", "time", "command", "taxo", "summary", "before", "after", "restore"]
    assert (entry["kind"], entry["command"], entry["summary"]) == ("edit", "add a", "1 added")
    assert (entry["before"], entry["after"]) == (digest(TEXT), digest(file.read_bytes()))
    assert sorted(p.name for p in file.parent.iterdir()) == ["birds.txt", "birds.txt.journal"]


def test_a_refused_edit_leaves_no_trace(file: Path) -> None:
    with pytest.raises(TaxoError, match="unknown node"):
        edit_file(file, lambda t: edits.remove(t, "terns"), command="x")
    assert edit_file(file, lambda t: edits.move(t, "owls", "birds"), command="x").number == 0  # it is there already
    assert [p.name for p in file.parent.iterdir()] == ["birds.txt"]
    add(file, "a")
    before = journal(file).read_bytes()
    with pytest.raises(TaxoError):
        add(file, "a")
    assert journal(file).read_bytes() == before


def test_changes_by_other_hands_are_not_lost(file: Path) -> None:
    add(file, "a")
    by_hand = file.read_bytes().replace(b"gulls", b"terns")
    file.write_bytes(by_hand)
    with pytest.raises(TaxoError, match=r"was changed otherwise since edit 1 \(add a\), which would get lost; --force"):
        undo(file)
    assert file.read_bytes() == by_hand
    undo(file, force=True)
    assert file.read_bytes() == TEXT
    redo(file)
    assert file.read_bytes() == by_hand
    # An edit on top of it can be undone, the one below it not.
    add(file, "b")
    undo(file)
    assert file.read_bytes() == by_hand
    with pytest.raises(TaxoError, match="changed otherwise since edit 1"):
        undo(file)


def test_after_undoing_by_hand_the_history_goes_on(file: Path) -> None:
    add(file, "a")
    file.write_bytes(TEXT)  # a copy was put back
    add(file, "b")
    _, found = read_history(file)
    assert [e.command for e in found.edits] == ["add b"]
    undo(file)
    assert file.read_bytes() == TEXT


def test_redo_refuses_after_other_changes(file: Path) -> None:
    add(file, "a")
    undo(file)
    file.write_bytes(TEXT + b"  x\n")
    with pytest.raises(TaxoError, match="changed otherwise since edit 1 was undone"):
        redo(file)


def test_what_an_edit_changed(file: Path) -> None:
    add(file, "a")
    edit_file(file, lambda t: edits.rename(t, "gulls", "Larus"), command="rename")
    add(file, "c")
    first, second = changes_of(file, 1), changes_of(file, 2)
    assert ([e.name for e in first.added], [e.new for e in second.renamed]) == (["a"], ["Larus"])
    with pytest.raises(TaxoError, match="there is no edit 4; the journal has 3"):
        changes_of(file, 4)
    file.write_bytes(file.read_bytes() + b"# by hand\n")
    assert changes_of(file, 2) == second
    with pytest.raises(TaxoError, match="changed otherwise since edit 3; what that edit made cannot be restored"):
        changes_of(file, 3)
    undo(file, force=True)
    with pytest.raises(TaxoError, match="edit 3 was undone; `taxo undo --redo`"):
        changes_of(file, 3)


@pytest.mark.parametrize("torn", [b'{"kind": "edit", "ti', b"\0\0\0\0\n", b'{"kind": "edit"}\n'])
def test_a_torn_last_line_is_ignored_and_repaired(file: Path, torn: bytes, caplog: pytest.LogCaptureFixture) -> None:
    add(file, "a")
    whole = journal(file).read_bytes()
    journal(file).write_bytes(whole + torn)
    assert len(read_history(file)[1].edits) == 1
    assert "birds.txt.journal: the last line was not written to its end and does not count" in caplog.text
    assert journal(file).read_bytes() == whole + torn  # reading changes nothing
    undo(file)
    assert journal(file).read_bytes().startswith(whole + b'{"kind": "undo"')
    assert file.read_bytes() == TEXT


def test_a_damaged_line_in_the_middle_is_named(file: Path) -> None:
    add(file, "a")
    journal(file).write_bytes(b"garbage\n" + journal(file).read_bytes())
    with pytest.raises(FormatError, match=r"birds\.txt\.journal:1: this line is damaged; move the journal away"):
        add(file, "b")
    journal(file).rename(file.with_name("away"))
    assert add(file, "b").number == 1


def test_a_damaged_restore_is_noticed(file: Path) -> None:
    add(file, "a")
    entry = json.loads(journal(file).read_text())
    other = json.loads(record("edit", b"other", b"", command="", summary="", time="").line())
    journal(file).write_text(json.dumps(entry | {"restore": other["restore"]}) + "\n")
    after = file.read_bytes()
    with pytest.raises(TaxoError, match="edit 1 cannot be undone: the journal is damaged"):
        undo(file)
    assert file.read_bytes() == after


def test_links_are_followed_and_modes_stay(file: Path) -> None:
    file.chmod(0o640)
    link = file.with_name("link.txt")
    link.symlink_to(file.name)
    add(link, "a")
    assert link.is_symlink()
    assert file.read_bytes() == TEXT + b"  a\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert journal(file).stat().st_mode & 0o137 == 0
    assert not journal(link).exists()
    undo(file)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (TEXT, 0o640)


def test_packed_files_and_byte_order_marks(tmp_path: Path) -> None:
    file = tmp_path / "birds.txt.gz"
    file.write_bytes(gzip.compress(b"\xef\xbb\xbf" + TEXT))
    old = file.read_bytes()
    add(file, "a")
    assert gzip.decompress(file.read_bytes()) == b"\xef\xbb\xbf" + TEXT + b"  a\n"
    undo(file)
    assert file.read_bytes() == old


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.json",
            '[{"id": 1, "name": "owl", "supercategory": "bird"}]',
            "coco is read, not written, so the file stays as it is; write text, ",
        ),
        ("none.txt", None, "is not there; only files are changed in place"),
        (".", None, "is a folder; only files are changed in place, write elsewhere with -o FILE"),
        ("bad.txt", "a\n   b\n  c\n", "bad.txt:2: indentation"),
    ],
)
def test_what_is_not_edited_in_place(tmp_path: Path, name: str, content: str | None, message: str) -> None:
    if content:
        (tmp_path / name).write_text(content)
    with pytest.raises(TaxoError, match=message):
        add(tmp_path / name, "a")
    assert len(list(tmp_path.iterdir())) == bool(content)


def test_a_full_disk(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(file, "a")
    whole, after = journal(file).read_bytes(), file.read_bytes()
    real = os.write

    def write(handle: int, data: bytes) -> int:
        if len(data) < 100:  # the file, not the journal
            raise OSError(28, "No space left on device")
        return real(handle, data)

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(TaxoError, match=r"birds\.txt: cannot be changed: No space left on device"):
        add(file, "b")
    monkeypatch.setattr(
        os, "write", lambda handle, data: real(handle, data[:50]) if len(data) > 50 else write(handle, data)
    )
    with pytest.raises(TaxoError, match="No space left"):
        add(file, "c")
    monkeypatch.undo()
    assert file.read_bytes() == after
    assert journal(file).read_bytes().startswith(whole)
    assert sorted(p.name for p in file.parent.iterdir()) == ["birds.txt", "birds.txt.journal"]
    assert add(file, "d").number == 2
    undo(file)
    assert file.read_bytes() == after


def test_large_files_keep_what_differs_only(tmp_path: Path) -> None:
    file = tmp_path / "large.txt"
    names = [f"class {i:06d} of a large hierarchy" for i in range(40_000)]
    file.write_text("# taxo 1\nbirds\n" + "".join(f"  {name}\n" for name in names))
    old = file.read_bytes()
    edit_file(file, lambda t: edits.rename(t, names[20_000], "x"), command="rename")
    assert journal(file).stat().st_size < 1000
    by_hand = file.read_bytes() + b"# by hand\n"
    file.write_bytes(by_hand)
    with pytest.raises(TaxoError, match="edit 1 cannot be undone: the journal holds only what differs"):
        undo(file, force=True)
    file.write_bytes(by_hand.removesuffix(b"# by hand\n"))
    undo(file)
    assert file.read_bytes() == old


@given(st.binary(max_size=20), st.binary(max_size=20), st.binary(max_size=20), st.binary(max_size=20))
def test_what_two_texts_have_in_common(head: bytes, a: bytes, b: bytes, tail: bytes) -> None:
    x, y = head + a + tail, head + b + tail
    start, end = _common(x, y)
    assert start + end <= min(len(x), len(y))
    assert start >= len(head)
    assert start + end >= min(len(head) + len(tail), len(x), len(y))
    assert x[:start] == y[:start]
    assert x[len(x) - end :] == y[len(y) - end :]
    assert y[:start] + x[start : len(x) - end] + y[len(y) - end :] == x


def test_the_value_in_the_file_is_the_edited_one(file: Path, zoo: Taxonomy) -> None:
    before = read(file)
    edit_file(file, lambda t: edits.split(edits.add(t, "barn", parent="owls"), "birds", "x", ["owls"]), command="x")
    assert changes_of(file, 1) == diff(before, read(file))


def test_who_waited_takes_up_the_journal_that_is_there_then(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    with held(file):
        waiting = threading.Thread(target=add, args=(file, "a"))
        waiting.start()
        while "another process is changing it; waiting" not in caplog.text:
            waiting.join(0.01)
            assert waiting.is_alive()
    # Nothing was changed, so the empty journal that the other one waited for is gone.
    waiting.join()
    assert undo(file).command == "add a"
    assert file.read_bytes() == TEXT


def test_what_the_system_does_not_allow(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as system:
        system.setattr(os, "access", lambda path, mode: False)
        with pytest.raises(TaxoError, match=r"birds\.txt: may not be written \(mode 6\d\d\); write elsewhere with -o"):
            add(file, "a")
    with monkeypatch.context() as system:
        system.setattr("taxo.taxonomy.editing.safe_file.find_spec", lambda name: None)
        with pytest.raises(TaxoError, match="a system without POSIX locks"):
            add(file, "a")
    assert [p.name for p in file.parent.iterdir()] == ["birds.txt"]
    journal(file).mkdir()
    with pytest.raises(TaxoError, match=r"its journal birds\.txt\.journal cannot be opened: Is a directory"):
        add(file, "a")
    assert file.read_bytes() == TEXT
