"""Edited files differ from the old ones only where the hierarchy does; what is written is what is read."""

from typing import Any

import pytest
from edit_strategies import NEW, before_and_after
from hypothesis import given
from hypothesis import strategies as st
from strategies import attributed, dags, trees

from taxo.taxonomy import LossyWrite, TaxoError, Taxonomy
from taxo.taxonomy.editing import edits
from taxo.taxonomy.editing.diff import diff
from taxo.taxonomy.editing.document import Document, read_document, render
from taxo.taxonomy.editing.in_place import edited_as
from taxo.taxonomy.editing.text_lines import text_lines
from taxo.taxonomy.files import format_lines, parse
from taxo.taxonomy.formats.source import Source

TEXT = """\
# taxo 1
# title: Birds
# checked in May
Aves
# by night
  Strigiformes\trank=order
    Tyto alba\tlabel=Barn Owl  \trank=species
    Bubo scandiacus

# by the sea
  Larus
    Larus argentatus
# the end
"""


def document(text: str, name: str = "x.txt", **options: Any) -> Document:
    return read_document(Source(name, text), **options)


def after(text: str, edit: "object", name: str = "x.txt", *, lossy: bool = False) -> str:
    d = document(text, name)
    t = edit(d.taxonomy)  # type: ignore[operator]
    return render(d, t, {e.old: e.new for e in diff(d.taxonomy, t).renamed}, lossy=lossy)


def changed_lines(old: str, new: str) -> tuple[list[str], list[str]]:
    a, b = old.split("\n"), new.split("\n")
    return [line for line in a if line not in b], [line for line in b if line not in a]


def test_an_edit_changes_its_own_lines_only() -> None:
    new = after(TEXT, lambda t: edits.add(t, "Larus fuscus", parent="Larus"))
    assert new == TEXT.replace("    Larus argentatus\n", "    Larus argentatus\n    Larus fuscus\n")
    new = after(TEXT, lambda t: edits.rename(t, "Strigiformes", "Owls"))
    assert new == TEXT.replace("  Strigiformes\t", "  Owls\t")  # with its comment before it


def test_comments_move_with_their_node_and_outlive_it() -> None:
    moved = after(TEXT, lambda t: edits.move(t, "Strigiformes", "Aves", after="Larus"))
    assert moved.index("# by the sea") < moved.index("Larus argentatus") < moved.index("# by night\n  Strigiformes")
    gone = after(TEXT, lambda t: edits.remove(t, "Strigiformes"))
    assert gone == (
        "# taxo 1\n# title: Birds\n# checked in May\nAves\n# by night\n\n# by the sea\n  Larus\n"
        "    Larus argentatus\tclass=2\n# the end\n"
    )


def test_numbers_are_written_where_they_must_be_and_that_is_said(caplog: pytest.LogCaptureFixture) -> None:
    new = after(TEXT, lambda t: edits.remove(t, "Tyto alba"))
    assert "    Bubo scandiacus\tclass=1\n" in new
    assert caplog.messages == [
        "x.txt: the classes keep their numbers, so the lines carry them from now on; --renumber counts anew instead"
    ]
    caplog.clear()
    # Where they stand already, they stay, though the lines alone would give the same.
    explicit = "# taxo 1\na\n  b\tclass=0\n  c\tclass=1\n"
    assert after(explicit, lambda t: edits.add(t, "d", parent="a")) == explicit + "  d\tclass=2\n"
    assert not caplog.messages


def test_line_breaks_stay() -> None:
    new = after(TEXT.replace("\n", "\r\n"), lambda t: edits.add(t, "x", parent="Larus"))
    assert new == after(TEXT, lambda t: edits.add(t, "x", parent="Larus")).replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\n    b\n# note\n    c\n", "a\n    b\n    x\n# note\n    c\n"),
        ("a\n\tb\n\t\td\n# note\n\tc\n", "a\n\tb\n\t\td\n\tx\n# note\n\tc\n"),
        ("# note\na\n- b\n# here\n- c\n", "# taxo 1\n# note\na\n  b\n  x\tclass=2\n# here\n  c\tclass=1\n"),
        ("a\n├── b\n└── c\n", "# taxo 1\na\n  b\n  x\n  c\n"),
    ],
)
def test_dialects(old: str, new: str, caplog: pytest.LogCaptureFixture) -> None:
    made = after(old, lambda t: edits.add(t, "x", parent="a", after="b").with_classes(
        [c for c in ("d", "b", "x", "c") if c in ("x", "c") or (c == "d") == ("d" in t)]
    ))  # fmt: skip
    expected = new.replace("\tclass=2", "").replace("\tclass=1", "")
    assert made == expected
    assert ("x.txt: written in taxo's own text format; comments stay" in caplog.messages) == new.startswith("# taxo")


def test_a_name_that_would_change_the_dialect_is_written_in_our_own() -> None:
    made = after("a\n  b\n  c\n", lambda t: edits.rename(t, "b", "├── b"))
    assert made == "# taxo 1\na\n  ├── b\n  c\n"


@given(before_and_after(attributed(trees(max_nodes=12))), st.data())
def test_text_with_comments_anywhere(case: tuple[Taxonomy, str, Taxonomy], data: st.DataObject) -> None:
    before, _, t = case
    lines = list(format_lines(before))
    comments = data.draw(st.lists(st.integers(1, len(lines)), max_size=4, unique=True))
    for at in sorted(comments, reverse=True):
        lines.insert(at, f"# comment {at}")
    d = document("".join(f"{line}\n" for line in lines))
    assert d.taxonomy == before
    made = list(text_lines(d.source, d.draft, before, t, {e.old: e.new for e in diff(before, t).renamed}))
    assert parse(Source("x.txt", "\n".join(made))) == t
    found = [line for line in made if line.startswith("# comment ")]
    assert sorted(found) == sorted(f"# comment {at}" for at in comments)  # each once
    assert render(d, t, {}) is not None


@given(before_and_after(trees(max_nodes=12) | dags(max_nodes=9)), st.booleans(), st.data())
def test_pairs_are_read_back(case: tuple[Taxonomy, str, Taxonomy], is_a: bool, data: st.DataObject) -> None:
    before, _, t = case
    lines = list(format_lines(before, "is-a" if is_a else "pairs", lossy=True))
    lines.insert(data.draw(st.integers(0, len(lines))), "# a comment")
    d = document("".join(f"{line}\n" for line in lines), is_a=is_a, format="pairs")
    made = render(d, t, {e.old: e.new for e in diff(before, t).renamed}, lossy=True)
    again = parse(Source("x.txt", made), is_a=is_a, format="pairs")
    assert (again.names, again.parents.index.tolist()) == (t.names, t.parents.index.tolist())


def test_pairs_keep_their_lines() -> None:
    old = "# edges\na b\na c\n# below c\nc d\nc   e\n"
    assert after(old, lambda t: edits.add(t, "x", parent="a", before="c")) == old.replace("a c\n", "a x\na c\n")
    assert after(old, lambda t: edits.rename(t, "c", "two words")) == (
        "# edges\na b\na\ttwo words\n# below c\ntwo words\td\ntwo words\te\n"
    )
    assert after(old, lambda t: edits.remove(t, "d")) == old.replace("c d\n", "")
    # Of several children the last becomes the first: the lines must stand in another order.
    assert after(old, lambda t: edits.move(t, "e", "c", before="d")) == "a b\na c\nc e\nc d\n"


def test_pairs_keep_their_direction(caplog: pytest.LogCaptureFixture) -> None:
    old = "b a\nc a\nd c\ne c\n"
    assert document(old).format.name == "is-a"
    assert after(old, lambda t: edits.add(t, "x", parent="a")) == old + "x a\n"
    caplog.clear()
    # One edge is left: nothing tells any more which end is the parent.
    assert after("b a\nc a\n", lambda t: edits.remove(t, "c")) == "b a\n"
    assert "x.txt: from now on the direction of these pairs cannot be inferred rightly; read them with --is-a" in (
        caplog.messages
    )


def test_formats_without_class_numbers_count_anew_and_say_so(caplog: pytest.LogCaptureFixture) -> None:
    after("a b\na c\na d\n", lambda t: edits.remove(t, "b"))
    assert caplog.messages[-1] == (
        "pairs holds no class numbers: 2 classes have another number, such as 'c', 1 before and 0 now"
    )


def test_what_a_format_cannot_hold_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    old = "# edges\na b\na c\n"
    with pytest.raises(LossyWrite, match="pairs cannot hold synonyms; write"):
        after(old, lambda t: edits.merge(t, "b", "c"))
    assert after(old, lambda t: edits.merge(t, "b", "c"), lossy=True) == "# edges\na c\n"


def test_other_formats_are_written_anew_and_what_may_be_lost_is_said(caplog: pytest.LogCaptureFixture) -> None:
    old = '{"name": "a", "colour": "red", "children": [{"name": "b"}, {"name": "c"}]}'
    made = after(old, lambda t: edits.add(t, "d", parent="a"), "x.json")
    assert parse(Source("x.json", made)).classes == ("b", "c", "d")
    remark = "x.json: written anew as taxo writes json; layout, and what a hierarchy does not hold, may differ"
    assert remark in caplog.messages
    caplog.clear()
    after(made, lambda t: edits.add(t, "e", parent="a"), "x.json")
    assert not caplog.messages


@pytest.mark.parametrize("format", ["text", "json", "json-links", "newick", "csv", "tsv", "pairs", "is-a", "json-dict"])
def test_every_format_that_is_read_and_written_is_edited_in_itself(zoo: Taxonomy, format: str) -> None:
    if format in ("csv", "tsv"):
        zoo = Taxonomy(
            **(vars_of(zoo) | {"ranks": ("kingdom", "order", "order", "family", "family", "genus", "genus")})
        )
    text = "".join(f"{line}\n" for line in format_lines(zoo, format, lossy=True))
    d = read_document(Source("x", text), format=format)
    t = edits.move(d.taxonomy, "snowy", "owl", before="barn")
    again = read_document(Source("x", render(d, t, {})), format=format).taxonomy
    assert (again.names, again.ranks) == (t.names, t.ranks)


def vars_of(t: Taxonomy) -> dict[str, object]:
    from dataclasses import fields

    return {f.name: getattr(t, f.name) for f in fields(t)}


def test_other_outputs(zoo: Taxonomy) -> None:
    d = document("a b\na c\n")

    def edit(t: Taxonomy) -> Taxonomy:
        return edits.add(t, "d", parent="b")

    assert edited_as(d, edit)[0] == "a b\na c\nb d\n"
    assert edited_as(d, edit, "y.txt")[0] == "a b\na c\nb d\n"
    assert edited_as(d, edit, "y.nwk")[0] == "((d)b,c)a;\n"
    assert edited_as(d, edit, "y.nwk", "text", renumber=True)[0] == "# taxo 1\na\n  b\n    d\n  c\n"
    assert edited_as(d, edit, "y.txt", "text")[0] == "# taxo 1\na\n  b\n    d\tclass=2\n  c\tclass=1\n"
    with pytest.raises(TaxoError, match=r"y\.xyz: no format is known by the suffix '\.xyz'"):
        edited_as(d, edit, "y.xyz")
    classes = document("1 owl\n2 gull\n")
    assert edited_as(classes, lambda t: edits.add(t, NEW))[0] == f"1 owl\n2 gull\n3 {NEW}\n"


def test_what_cannot_be_read_back_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    d = document("a\n  b\n  c\n")
    monkeypatch.setattr("taxo.taxonomy.editing.document.format_lines", lambda *args, **options: iter(["a", "  wrong"]))
    monkeypatch.setattr("taxo.taxonomy.editing.document._kept_lines", lambda *args: iter(["a", "  b"]))
    with pytest.raises(TaxoError, match="would not be read back as it is; write another format"):
        render(d, edits.add(d.taxonomy, "x", parent="a"), {})
