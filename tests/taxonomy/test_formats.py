"""What people have: dialects of indented text, pairs in both directions, class lists, directory trees."""

import os
from pathlib import Path

import pytest

from taxo.taxonomy import CycleError, FormatError, NotATree, TaxoError, read
from taxo.taxonomy.formats.detect import sniff
from taxo.taxonomy.formats.registry import READ_FORMATS
from taxo.taxonomy.formats.source import Source

OUTLINES = {
    "two spaces": "birds\n  owls\n    barn owl\n  gulls\n",
    "four spaces": "birds\n    owls\n        barn owl\n    gulls\n",
    "three spaces": "birds\n   owls\n      barn owl\n   gulls\n",
    "tabs": "birds\n\towls\n\t\tbarn owl\n\tgulls\n",
    "dashes": "birds\n\n-- owls\n---- barn owl\n\n-- gulls\n",
    "single dashes": "birds\n- owls\n-- barn owl\n- gulls\n",
    "box": "birds\n├── owls\n│   └── barn owl\n└── gulls\n",
    "box with no-break spaces": "birds\n├── owls\n│\u00a0\u00a0 └── barn owl\n└── gulls\n",
    "ascii box": "birds\n|-- owls\n|   `-- barn owl\n`-- gulls\n",
    "carriage returns": "birds\r\n  owls\r\n    barn owl\r\n  gulls\r\n",
    "byte order mark": "\ufeffbirds\n  owls\n    barn owl\n  gulls\n",
    "comments": "# our birds\nbirds\n  owls\n# nocturnal\n    barn owl\n  gulls\n",
    "our own": "# taxo 1\n# title: Birds\nbirds\n  owls\n    barn owl\n  gulls\n",
}


def save(folder: Path, text: str | bytes, name: str = "x.txt") -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


@pytest.mark.parametrize("text", OUTLINES.values(), ids=OUTLINES)
def test_dialects_of_indented_text(tmp_path: Path, text: str) -> None:
    t = read(save(tmp_path, text))
    assert t.names == ("birds", "owls", "gulls", "barn owl")
    assert t.parent.tolist() == [-1, 0, 0, 1]
    assert t.classes == ("barn owl", "gulls")


def test_marks_of_the_published_files(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = "Aves\n-- Alcae (subord)\n---- Certhioidea  (superfam)\n------ Stercorariinae ?\n-- Rio (Grande)\n"
    t = read(save(tmp_path, text))
    assert t.names == ("Aves", "Alcae", "Rio (Grande)", "Certhioidea", "Stercorariinae")
    assert t.ranks == ("", "suborder", "", "superfamily", "")
    assert "1 names are marked as uncertain with '?'" in caplog.text


def test_attributes_and_headers(tmp_path: Path) -> None:
    text = "# taxo 1\n# title: Two birds\n# A comment: no header\nb\trank=class\n  x\tclass=2\tlabel=Ex\n  y\tclass=1\n"
    t = read(save(tmp_path, text))
    assert t.classes == ("y", "x")
    assert t.class_numbers.tolist() == [1, 2]
    assert t.labels == ("b", "Ex", "y")
    assert t.ranks == ("class", "", "")
    assert t.meta == {"title": "Two birds"}


def test_leaves_may_be_said_to_be_no_classes(tmp_path: Path) -> None:
    t = read(save(tmp_path, "# taxo 1\na\n  b\tclass=-\n  c\n"))
    assert t.classes == ("c",)
    t = read(save(tmp_path, "# taxo 1\na\tclass=0\n  b\tclass=-\n"))
    assert t.classes == ("a",)


@pytest.mark.parametrize(
    ("text", "assumed", "root"),
    [
        ("a b\na c\nb d\n", "parent child", "a"),
        ("b a\nc a\nd b\n", "child parent", "a"),
        ("a b\n", "parent child", "a"),  # both directions have one root and single parents
        ("x a\nx b\ny b\ny c\n", "parent child", "x"),  # a graph either way
        ("a1 a\na2 a\nb1 b\nb2 b\n", "child parent", "a"),  # two roots; only so nobody has two parents
    ],
)
def test_direction_of_pairs_is_inferred_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, assumed: str, root: str
) -> None:
    file = save(tmp_path, text)
    assert read(file).names[0] == root
    assert f"{file}: read as pairs '{assumed}'" in caplog.text
    caplog.clear()
    assert read(file, is_a=True).names != read(file, is_a=False).names
    assert not caplog.text


def test_pairs_with_tabs_comments_and_quotes(tmp_path: Path) -> None:
    t = read(save(tmp_path, '# edges\nLarus\tLarus argentatus\n\n"#odd"\tLarus\n'), is_a=False)
    assert t.names == ("#odd", "Larus", "Larus argentatus")


def test_class_list_alone(tmp_path: Path) -> None:
    t = read(save(tmp_path, "2 Herring Gull\n1 Barn  Owl\n"))
    assert t.classes == ("Barn Owl", "Herring Gull")
    assert t.class_numbers.tolist() == [1, 2]
    assert t.height == 0


def test_class_list_with_a_repeated_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    t = read(save(tmp_path, "7 Loon\n4 Grebe\n5 Loon\n"))
    assert t.classes == ("4", "5", "7")
    assert t.class_labels == ("Grebe", "Loon", "Loon")
    assert t.class_numbers.tolist() == [4, 5, 7]
    assert "the name 'Loon' is there twice, so the ids are taken as names" in caplog.text


def test_class_list_as_labels(tmp_path: Path) -> None:
    edges = save(tmp_path, "0 1\n0 2\n", "edges.txt")
    names = save(tmp_path, "0 Birds\n1 Owl\n2 Owl\n", "names.txt")  # labels need not be unique
    t = read(edges, is_a=False, labels=names)
    assert t.names == ("0", "1", "2")
    assert t.labels == ("Birds", "Owl", "Owl")
    wrong = save(tmp_path, "1 Owl\n7 Gull\n8 Auk\n", "wrong.txt")
    with pytest.raises(FormatError, match=r"id '7' is no node of the hierarchy\n.*id '8' is no node"):
        read(edges, is_a=False, labels=wrong)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("# taxo 1\na\n", "text"),
        ("a\n  b\n", "text"),
        ("a b\nc d\n", "pairs"),
        ("1 2\n1 3\n", "pairs"),
        ("1 apple\n2 bear\n", "classes"),
        ("1 Larus argentatus\n2 bear\n", "classes"),
        ("apple\nbear\n", "text"),
        ("a b\nc d\ne f g\n", "pairs"),  # its reader names the faulty line
        ('{"a": {}}', "json"),
        ('\n[ {"name": "a"} ]', "json"),
        ("{a} b\n[c] d\n", "pairs"),  # brackets do not make JSON
        ('{"categories": [{"id": 1, "name": "owl"}]}', "json"),
        ("(a,b)c;\n", "newick"),
        ("[&R] ((a,b),c);\n", "newick"),
        ("(a,b)c\n", "text"),
        ("order,family,species\nx,y,z\n", "csv"),
        ("Order;Family\nx;y\n", "csv"),
        ("order\tfamily\nx\ty\n", "tsv"),
        ("level0,label\nx,y\n", "csv"),
        ("class,name\n1,x\n", "text"),
    ],
)
def test_sniffing(text: str, kind: str) -> None:
    assert sniff(Source("x", text)) == kind


def test_only_the_beginning_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "n0 n1\n" * 200_000
    asked: list[int] = []
    lines = Source.lines
    monkeypatch.setattr(Source, "lines", lambda self: asked.append(len(self.text)) or lines(self))
    assert sniff(Source("x", text)) == "pairs"
    assert asked
    assert max(asked) <= 1 << 16


def test_the_beginning_of_a_text_ends_with_a_line() -> None:
    assert Source("x", "abc\ndef\nghi").head(9).text == "abc\ndef"
    assert Source("x", "abcdef").head(4).text == "abcd"
    assert Source("x", "abc").head(4).text == "abc"


def folders(top: Path, *paths: str) -> Path:
    for path in paths:
        (top / path).mkdir(parents=True)
    return top


def test_directory_tree(tmp_path: Path) -> None:
    top = folders(tmp_path / "omniglot", "Latin/a", "Latin/b", "Greek/a", ".git/objects", "Greek/.cache")
    (top / "Greek" / "a" / "1.png").touch()
    t = read(top)
    assert t.names == (".", "Greek", "Latin", "Greek/a", "Latin/a", "Latin/b")
    assert t.labels == ("omniglot", "Greek", "Latin", "a", "a", "b")
    assert t.classes == ("Greek/a", "Latin/a", "Latin/b")
    assert t.name == "omniglot"


def test_classes_of_a_directory_tree_stand_in_order_of_their_paths(tmp_path: Path) -> None:
    assert read(folders(tmp_path, "b", "a/y", "a/x/1", "a b")).classes == ("a/x/1", "a/y", "a b", "b")


def test_a_split_folder_is_called_as_its_data_set(tmp_path: Path) -> None:
    assert read(folders(tmp_path / "photos" / "train", "a", "b")).name == "photos"


def test_a_directory_without_folders(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FormatError, match="has no subfolders"):
        read(tmp_path)


def test_a_link_that_leads_back_up(tmp_path: Path) -> None:
    top = folders(tmp_path / "top", "a/b")
    (top / "a" / "b" / "loop").symlink_to(top / "a")
    with pytest.raises(FormatError, match="a/b/loop: a link that leads back to a folder above it"):
        read(top)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list every folder")
def test_a_folder_that_may_not_be_listed(tmp_path: Path) -> None:
    top = folders(tmp_path, "a")
    (top / "a").chmod(0)
    with pytest.raises(FormatError, match="a: cannot be listed: Permission denied"):
        read(top)


JUMP = "indentation jumps to depth 2 where line 1 has depth 0; a level is missing"
FAULTY = {
    "jump": ("# taxo 1\na\n    b\n", [(3, JUMP.replace("line 1", "line 2"))]),
    "odd indentation": ("# taxo 1\na\n   b\n", [(3, "indentation of 3 is no multiple of 2, the unit of this file")]),
    "indented first line": (
        "# taxo 1\n  a\n",
        [(2, "indentation jumps to depth 1 where it is the first node; a level is missing")],
    ),
    "mixed indentation": ("a\n\tb\n \tc\n", [(3, "tabs and spaces are mixed in the indentation; use one of them")]),
    "node twice": ("# taxo 1\na\n  b\n  b\n", [(4, "node 'b' is given twice, first in line 3")]),
    "attribute": (
        "# taxo 1\na\tcolour=red\n",
        [(2, "unknown attribute 'colour=red'; after a tab stand rank=, class=, label=, length= or synonym=")],
    ),
    "attribute twice": ("# taxo 1\na\tclass=1\tclass=2\n", [(2, "attribute 'class' is given twice")]),
    "attribute without value": (
        "# taxo 1\na\trank=\n",
        [(2, "attribute 'rank' has no value; give one or leave it out")],
    ),
    "class number": (
        "# taxo 1\na\tclass=x1\n",
        [(2, "class=x1 is no class number; give a whole number from 0, or - for no class")],
    ),
    "class number twice": (
        "# taxo 1\na\n  b\tclass=1\n  c\tclass=1\n",
        [(4, "class number 1 is given twice, first in line 3")],
    ),
    "class number missing": (
        "# taxo 1\na\n  b\tclass=1\n  c\n",
        [
            (
                None,
                "1 leaves have no class number while 1 nodes have one, the first 'c'; number them, or mark leaves that are no classes with class=-",
            )
        ],
    ),
    "no classes": ("# taxo 1\na\tclass=-\n", [(None, "the hierarchy has no classes: every leaf is marked class=-")]),
    "version": ("# taxo 9\na\n", [(1, "unknown version '# taxo 9'; this program reads '# taxo 1'")]),
    "empty": ("", [(None, "the file holds no nodes")]),
    "comments only": ("# taxo 1\n# nothing\n", [(None, "the file holds no nodes")]),
    "several": (
        "# taxo 1\na\n    b\n  a\n  c\tclass=\n",
        [
            (3, JUMP.replace("line 1", "line 2")),
            (4, "node 'a' is given twice, first in line 2"),
            (5, "attribute 'class' has no value; give one or leave it out"),
        ],
    ),
    "three names": (
        "a b\nb c d\nc e\n",
        [(2, "3 names where two are expected: 'b c d'; put a tab between names that hold spaces")],
    ),
    "one name": (
        "a b\nb\nb c\n",
        [(2, "1 name where two are expected: 'b'; put a tab between names that hold spaces")],
    ),
    "empty name": (
        "a\tb\nb\t\nb\tc\n",
        [(2, "2 names where two are expected: 'b\\t'; put a tab between names that hold spaces")],
    ),
    "self-loop": ("a b\nb b\n", [(2, "node 'b' is its own parent; remove this line")]),
    "pair twice": ("a b\na c\na b\n", [(3, "the edge 'a' -> 'b' is given twice, first in line 1")]),
    "several pairs": (
        "a b\nc c\na b\na d\n",
        [
            (2, "node 'c' is its own parent; remove this line"),
            (3, "the edge 'a' -> 'b' is given twice, first in line 1"),
        ],
    ),
    "XML": (
        "<a/>\n",
        [(1, f"this looks like XML; read are {', '.join(READ_FORMATS)}; convert the file first")],
    ),
    "not UTF-8": (b"a\n  b\n  \xe9\n", [(3, "byte 0xe9 at offset 8 (column 3) is not UTF-8; save the file as UTF-8")]),
    "UTF-16": ("a\n  b".encode("utf-16"), [(1, "the file is UTF-16; save it as UTF-8")]),
    "binary": (b"a\n\x00\x01", [(2, "a NUL byte: this is a binary file, not a text file")]),
    "damaged gzip": (b"\x1f\x8b\x08\x00abc", None),
}


@pytest.mark.parametrize(("text", "faults"), FAULTY.values(), ids=FAULTY)
def test_faulty_files(tmp_path: Path, text: str | bytes, faults: list[tuple[int | None, str]] | None) -> None:
    file = save(tmp_path, text)
    with pytest.raises(FormatError) as error:
        read(file)
    if faults is not None:
        assert list(error.value.faults) == faults
    for line, shown in zip(error.value.faults, str(error.value).splitlines(), strict=True):
        where = str(file) if line[0] is None else f"{file}:{line[0]}"
        assert shown == f"{where}: {line[1]}"


def test_truncated_gzip(tmp_path: Path) -> None:
    import gzip

    packed = gzip.compress(b"a\n  b\n" * 100)
    with pytest.raises(FormatError, match=r"damaged gzip data .*; copy the file again"):
        read(save(tmp_path, packed[:-10], "x.gz"))


def test_a_file_that_unfolds_to_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gzip

    monkeypatch.setattr("taxo.taxonomy.formats.source.MAX_BYTES", 1 << 20)
    with pytest.raises(TaxoError, match="more than 1 MiB of text"):
        read(save(tmp_path, gzip.compress(b"a" * (1 << 21)), "x.gz"))


def test_many_faults_are_cut_short(tmp_path: Path) -> None:
    with pytest.raises(FormatError) as error:
        read(save(tmp_path, "a b\n" * 60))
    assert len(error.value.faults) == 59
    assert str(error.value).splitlines()[-1].endswith("and 39 more faults")


def test_cycle_in_pairs_names_its_lines(tmp_path: Path) -> None:
    file = save(tmp_path, "r a\na b\nb c\nc a\nc d\n")
    with pytest.raises(CycleError) as error:
        read(file, is_a=False)
    assert str(error.value).startswith(f"{file}:2,3,4: a cycle of 3 nodes, parent -> child: ")
    assert set(error.value.cycle) == {"a", "b", "c"}


def test_a_long_cycle_is_shortened(tmp_path: Path) -> None:
    n = 100_000
    file = save(tmp_path, "".join(f"n{i} n{(i + 1) % n}\n" for i in range(n)))
    with pytest.raises(CycleError) as error:
        read(file, is_a=False)
    assert len(str(error.value)) < 500


def test_second_parent_where_a_tree_is_required(tmp_path: Path) -> None:
    file = save(tmp_path, "r a\nr b\na x\nb x\nb y\na y\n")
    assert not read(file, is_a=False).is_tree
    with pytest.raises(FormatError) as error:
        read(file, is_a=False, tree=True)
    assert error.value.faults == (
        (4, "second parent 'b' of 'x', whose parent is 'a' (line 3); a tree is required here (taxo reduce makes one)"),
        (6, "second parent 'a' of 'y', whose parent is 'b' (line 5); a tree is required here (taxo reduce makes one)"),
    )
    assert not issubclass(FormatError, NotATree)


def test_missing_files_and_unknown_formats(tmp_path: Path) -> None:
    with pytest.raises(TaxoError, match=r"none\.txt: cannot be read: No such file or directory"):
        read(tmp_path / "none.txt")
    with pytest.raises(TaxoError, match=r"unknown format 'txet'; did you mean 'text'\?"):
        read(save(tmp_path, "a\n"), format="txet")
