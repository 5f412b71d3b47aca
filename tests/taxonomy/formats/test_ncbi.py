"""The NCBI taxonomy."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxo.taxonomy import CycleError, FormatError, TaxoError, Taxonomy, read
from taxo.taxonomy.formats import ncbi
from taxo.taxonomy.formats.source import Source


def lines(*rows: str) -> str:
    return "".join("\t|\t".join(field.strip() for field in row.split("|")) + "\t|\n" for row in rows)


REST = "| |8|0|1|0|0|0|0|0| "
NODES = lines(
    f"1|1|no rank{REST}",
    f"2|1|superkingdom{REST}",
    "9|2|species|BA|0|1|11|1|0|1|1|0| ",
    f"629395|1|genus{REST}",
)
NAMES = lines(
    "1|all| |synonym",
    "1|root| |scientific name",
    "2|Bacteria|Bacteria <bacteria>|scientific name",
    "2|eubacteria| |genbank common name",
    "2|Monera|Monera <bacteria>|in-part",
    "2|Procaryotae|Procaryotae <bacteria>|synonym",
    "2|bacteria|bacteria <blast2>|blast name",
    "9|Buchnera aphidicola| |scientific name",
    "9|Buchnera aphidicola Munson et al. 1991| |authority",
    "629395|Bacteria|Bacteria <walking sticks>|scientific name",
)


def dump(folder: Path, nodes: str = NODES, names: str = NAMES) -> Path:
    (folder / "nodes.dmp").write_text(nodes)
    (folder / "names.dmp").write_text(names)
    return folder


def check(t: Taxonomy) -> None:
    assert t.names == ("root", "Bacteria <bacteria>", "Bacteria <walking sticks>", "Buchnera aphidicola")
    assert t.parent.tolist() == [-1, 0, 0, 1]
    assert t.ranks == ("", "superkingdom", "genus", "species")
    assert t.labels == ("root", "eubacteria", "Bacteria", "Buchnera aphidicola")
    assert t.synonyms == (("all",), ("Procaryotae",), (), ())
    assert t.classes == ("Buchnera aphidicola", "Bacteria <walking sticks>")  # the order of the file


@pytest.mark.parametrize("file", ["", "nodes.dmp", "names.dmp"])
def test_a_folder_and_either_file(tmp_path: Path, file: str) -> None:
    check(read(dump(tmp_path) / file))


def test_packed_files(tmp_path: Path) -> None:
    for name, text in (("my_nodes.dmp.gz", NODES), ("my_names.dmp.gz", NAMES)):
        (tmp_path / name).write_bytes(gzip.compress(text.encode()))
    check(read(tmp_path / "my_nodes.dmp.gz"))


@pytest.mark.parametrize("name", ["taxdump.tar.gz", "x.tar", "x.tgz", "new.bin"])
def test_tar(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / name, "w" if name == "x.tar" else "w:gz") as archive:
        for member, text in (("citations.dmp", "1\t|\n" * 999), ("./names.dmp", NAMES), ("./nodes.dmp", NODES)):
            info = tarfile.TarInfo(member)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    check(read(tmp_path / name))


@pytest.mark.parametrize("name", ["taxdmp.zip", "x.zip"])
def test_zip(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("citations.dmp", "1\t|\n")
        archive.writestr("nodes.dmp", NODES)
        archive.writestr("names.dmp", NAMES)
    check(read(tmp_path / name))


def test_carriage_returns_and_short_rows(tmp_path: Path) -> None:
    # Other programs write dumps with three fields and with the line ends of Windows.
    short = "".join("\t|\t".join(line.split("\t|\t")[:3]) + "\t|\r\n" for line in NODES.splitlines())
    check(read(dump(tmp_path, short, NAMES.replace("\n", "\r\n").removesuffix("\r\n"))))


def test_homonyms_without_a_unique_name_get_their_taxid(tmp_path: Path) -> None:
    names = NAMES.replace("Bacteria <bacteria>", "").replace("Bacteria <walking sticks>", "")
    assert read(dump(tmp_path, NODES, names)).names[1:3] == ("Bacteria <2>", "Bacteria <629395>")


def test_names_of_other_nodes_are_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    check(read(dump(tmp_path, NODES, NAMES + lines("77|x| |scientific name"))))
    assert f"{tmp_path}: 1 names of taxids that are no nodes are left out" in caplog.text


@pytest.mark.parametrize(
    ("nodes", "names", "message"),
    [
        (
            lines("7|x|no rank") + "8\n",
            "",
            ":5: nodes.dmp: not 'taxid | parent | rank |': '7\\t|\\tx\\t|\\tno rank\\t|'",
        ),
        (lines("7|77|no rank"), "", ":5: nodes.dmp: parent 77 of taxid 7 is no node"),
        (lines("9|1|no rank"), "", ":5: nodes.dmp: taxid 9 is given twice"),
        (lines("8|8|no rank"), "", ":5: nodes.dmp: taxid 8 is its own parent, as only the root is, here 1"),
        (lines("8|1|no rank"), "", ": names.dmp: taxid 8 has no scientific name"),
        ("", lines("9|x| |scientific name"), ":11: names.dmp: a second scientific name 'x' of 'Buchnera aphidicola'"),
        (
            "",
            lines("9|x|synonym"),
            ":11: names.dmp: not 'taxid | name | unique name | kind |': '9\\t|\\tx\\t|\\tsynonym\\t|'",
        ),
        (lines(f"{'9' * 30}|1|x"), "", ":5: nodes.dmp: not 'taxid | parent | rank |': "),
    ],
)
def test_faults(tmp_path: Path, nodes: str, names: str, message: str) -> None:
    with pytest.raises(FormatError) as error:
        read(dump(tmp_path, NODES + nodes, NAMES + names))
    assert str(error.value).startswith(f"{tmp_path}{message}")
    # By the file itself its name is not said twice.
    with pytest.raises(FormatError) as error:
        read(tmp_path / "nodes.dmp")
    assert str(error.value).startswith(f"{tmp_path}/nodes.dmp{message.replace('nodes.dmp: ', '')}")


def test_a_cycle_has_its_lines(tmp_path: Path) -> None:
    with pytest.raises(CycleError, match=r":2,3: a cycle of 2 nodes"):
        read(dump(tmp_path, NODES.replace("2\t|\t1\t", "2\t|\t9\t")))


def test_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    dump(tmp_path)
    (tmp_path / "names.dmp").write_bytes(NAMES.encode() + b"9\t|\tB\xfcchnera\t|\t\t|\tsynonym\t|\n")
    with pytest.raises(FormatError, match=r":11: names.dmp: byte 0xfc is not UTF-8"):
        read(tmp_path)


def test_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "nodes.dmp").write_text(NODES)
    with pytest.raises(TaxoError, match=r"names.dmp: cannot be read: No such file"):
        read(tmp_path)
    (tmp_path / "x.dmp").write_text(NODES)
    with pytest.raises(FormatError, match=r"x.dmp: no NCBI taxonomy: expected is nodes.dmp with names.dmp beside it"):
        read(tmp_path / "x.dmp")
    with zipfile.ZipFile(tmp_path / "taxdmp.zip", "w") as archive:
        archive.writestr("nodes.dmp", NODES)
    with pytest.raises(FormatError, match=r"taxdmp.zip: there is no names.dmp in the archive"):
        read(tmp_path / "taxdmp.zip")


def test_damaged_archives(tmp_path: Path) -> None:
    test_tar(tmp_path, "taxdump.tar.gz")
    whole = (tmp_path / "taxdump.tar.gz").read_bytes()
    for size in (5, 40, len(whole) // 2):
        (tmp_path / "taxdump.tar.gz").write_bytes(whole[:size])
        with pytest.raises(FormatError, match=r"taxdump.tar.gz: (damaged archive|there is no)"):
            read(tmp_path / "taxdump.tar.gz")


def test_archives_that_unfold_beyond_measure(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "taxdmp.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("nodes.dmp", bytes(1 << 25))
        archive.writestr("names.dmp", "")
    with pytest.raises(FormatError, match=r"taxdmp.zip: nodes.dmp unfolds beyond measure"):
        read(tmp_path / "taxdmp.zip")
    with tarfile.open(tmp_path / "taxdump.tar.gz", "w:gz") as archive_:
        info = tarfile.TarInfo("other.dmp")
        info.size = 1 << 25
        archive_.addfile(info, io.BytesIO(bytes(info.size)))
    with pytest.raises(FormatError, match=r"taxdump.tar.gz: the archive unfolds beyond measure"):
        read(tmp_path / "taxdump.tar.gz")


@given(st.data())
def test_any_numbering_and_any_chunks(data: st.DataObject) -> None:
    """Against a dictionary: taxids in any order, read in pieces of a few bytes."""
    n = data.draw(st.integers(1, 30))
    taxids = data.draw(st.lists(st.integers(1, 10**9), min_size=n, max_size=n, unique=True))
    above = {t: taxids[data.draw(st.integers(0, i - 1))] if i else t for i, t in enumerate(taxids)}
    order = data.draw(st.permutations(taxids))
    nodes = lines(*(f"{t}|{above[t]}|no rank" for t in order)).encode()
    names = lines(*(f"{t}|n{t}| |scientific name" for t in data.draw(st.permutations(taxids)))).encode()
    size = data.draw(st.sampled_from([1, 7, 1 << 22]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ncbi, "_CHUNK", size)
        patch.setattr(ncbi, "contents", lambda source: {"nodes.dmp": nodes, "names.dmp": names})
        from taxo.taxonomy.files import parse

        t = parse(Source("x", ""), format="ncbi")
    found = {t.names[c]: t.names[p] if p >= 0 else t.names[c] for c, p in enumerate(t.parent)}
    assert found == {f"n{t}": f"n{p}" for t, p in above.items()}
    assert np.array_equal(sorted(t.names), sorted(f"n{t}" for t in taxids))
