"""Darwin Core tables and archives."""

import zipfile
from pathlib import Path

import pytest

from taxo.taxonomy import CycleError, FormatError, Taxonomy, read
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.source import Source

HEADER = "taxonID\tparentNameUsageID\tacceptedNameUsageID\tscientificName\ttaxonRank\tvernacularName\ttaxonomicStatus\n"
TABLE = """\
1			Aves	CLASS	Birds	accepted
20	1		Strigiformes	order		accepted
3	20		Tyto "alba" (Scopoli, 1769)	species	Barn Owl	accepted
4	20	3	Strix alba	species		homotypic synonym
5	4		Tyto alba affinis	subspecies		doubtful
"""

META = """\
<?xml version="1.0" encoding="utf-8"?>
<archive xmlns="http://rs.tdwg.org/dwc/text/" metadata="eml.xml">
  <core encoding="utf-8" fieldsTerminatedBy="\\t" linesTerminatedBy="\\n" fieldsEnclosedBy="" ignoreHeaderLines="1"
        rowType="http://rs.tdwg.org/dwc/terms/Taxon">
    <files><location>Taxon.tsv</location></files>
    <id index="0" />
    <field index="1" term="http://rs.tdwg.org/dwc/terms/parentNameUsageID"/>
    <field index="3" term="http://rs.tdwg.org/dwc/terms/scientificName"/>
    <field index="2" term="http://rs.gbif.org/terms/1.0/canonicalName"/>
    <field index="4" term="http://rs.tdwg.org/dwc/terms/taxonRank"/>
    <field default="x" term="http://rs.tdwg.org/dwc/terms/datasetName"/>
  </core>
  <extension encoding="utf-8" fieldsTerminatedBy="," linesTerminatedBy="\\n" fieldsEnclosedBy='"' ignoreHeaderLines="0"
        rowType="http://rs.gbif.org/terms/1.0/VernacularName">
    <files><location>VernacularName.csv</location></files>
    <coreid index="0" />
    <field index="1" term="http://rs.tdwg.org/dwc/terms/vernacularName"/>
    <field index="2" term="http://purl.org/dc/terms/language"/>
  </extension>
</archive>
"""
CORE = "id\tparent\tname\tfull\trank\n1\t\tAves\tAves\tclass\n3\t1\tTyto alba\tTyto alba (Scopoli, 1769)\tspecies\n"
VERNACULAR = '3,Schleiereule,de\n3,"Owl, Barn",en\n3,Barn Owl,en\n9,x,en\n'


def dwc(text: str, name: str = "x.txt") -> Taxonomy:
    return parse(Source(name, text))


def archive(folder: Path, **files: str) -> Path:
    """A file `x.zip`; "." stands for a "__" in the names."""
    with zipfile.ZipFile(folder / "x.zip", "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in files.items():
            made.writestr(name.replace("__", "."), text)
    return folder / "x.zip"


def test_parents_synonyms_and_labels(caplog: pytest.LogCaptureFixture) -> None:
    t = dwc(HEADER + TABLE)
    owl = 'Tyto "alba" (Scopoli, 1769)'
    assert t.names == ("Aves", "Strigiformes", owl, "Tyto alba affinis")
    assert t.parent.tolist() == [-1, 0, 1, 2]  # the last stands below what its parent is a synonym of
    assert t.labels == ("Birds", "Strigiformes", "Barn Owl", "Tyto alba affinis")
    assert t.ranks == ("class", "order", "species", "subspecies")
    assert t.synonyms == ((), (), ("Strix alba",), ())
    assert "x.txt: 1 taxa below a synonym stand below its accepted taxon: 'Tyto alba affinis'" in caplog.text


def test_commas_quotes_and_prefixed_terms() -> None:
    text = '"dwc:taxonID",dwc:parentNameUsageID,dwc:scientificName\r\n1,,"Larus, Linnaeus"\r\n2,1,"L. ""canus"""\r\n'
    assert dwc(text).names == ("Larus, Linnaeus", 'L. "canus"')


def test_homonyms_get_their_ids() -> None:
    t = dwc(HEADER + "1\t\t\tLife\t\t\t\n2\t1\t\tMorus\tgenus\t\t\n3\t1\t\tMorus\tgenus\t\t\n")
    assert t.names == ("Life", "Morus <2>", "Morus <3>")
    assert t.labels == ("Life", "Morus", "Morus")


def test_columns_of_ranks_where_no_row_has_a_parent() -> None:
    t = dwc(
        "scientificName,kingdom,family,genus,taxonRank\n"
        '"Morus alba, L.",Plantae,Moraceae,Morus,species\n'
        "Morus bassanus,Animalia,Sulidae,Morus,species\n"
        '"Morus Vieillot, 1816",Animalia,Sulidae,Morus,genus\n'
        "Sulidae,Animalia,Sulidae,,\n"
    )
    assert t.names == (
        *("Plantae", "Animalia", "Moraceae", "Sulidae"),
        *("Plantae/Moraceae/Morus", "Animalia/Sulidae/Morus", "Morus alba, L.", "Morus bassanus"),
    )
    assert t.ranks[4:] == ("genus", "genus", "species", "species")
    assert t.classes == ("Morus alba, L.", "Morus bassanus")


def test_synonyms_of_synonyms_and_of_nothing(caplog: pytest.LogCaptureFixture) -> None:
    rows = "1\t\t\ta\t\t\taccepted\n2\t1\t\tb\t\t\t\n3\t\t2\tc\t\t\tsynonym\n4\t\t3\td\t\t\tsynonym\n5\t\t\te\t\t\tmisapplied\n"
    t = dwc(HEADER + rows)
    assert t.names == ("a", "b")
    assert t.synonyms == ((), ("c", "d"))
    assert "x.txt: 1 synonyms without an accepted taxon are left out" in caplog.text


def test_an_archive(tmp_path: Path) -> None:
    file = archive(tmp_path, meta__xml=META, Taxon__tsv=CORE, VernacularName__csv=VERNACULAR)
    t = read(file)
    assert t.names == ("Aves", "Tyto alba")
    assert t.labels == ("Aves", "Owl, Barn")
    assert t.synonyms == ((), ("Barn Owl",))
    assert t == read(file, format="dwc")


def test_an_archive_in_a_folder_and_in_another_encoding(tmp_path: Path) -> None:
    meta = META.replace('encoding="utf-8" fields', 'encoding="ISO-8859-1" fields')
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
        made.writestr("a/meta.xml", meta)
        made.writestr("a/Taxon.tsv", CORE.replace("Aves\tA", "Käuze\tA").encode("latin1"))
        made.writestr("a/VernacularName.csv", VERNACULAR)
    assert read(tmp_path / "x.zip").names[0] == "Käuze"


def test_an_archive_without_a_description(tmp_path: Path) -> None:
    assert read(archive(tmp_path, taxon__txt=HEADER + TABLE)).n_nodes == 4


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("1\t7\t\ta\t\t\t\n", "x.txt:2: parentNameUsageID '7' of 'a' is no taxonID"),
        ("1\t\t\ta\t\t\t\n2\t1\n", "x.txt:3: 2 fields where 7 are expected"),
        ("1\t\t\ta\t\t\t\n1\t1\t\tb\t\t\t\n", "x.txt:3: taxonID '1' is given twice, first in line 2"),
        ("1\t\t\ta\t\t\t\n2\t1\t9\tb\t\t\t\n", "x.txt:3: acceptedNameUsageID '9' of 'b' is no taxonID"),
        ("1\t\t\ta\t\t\t\n2\t1\t\t \t\t\t\n", "x.txt:3: a row without scientificName"),
        ("1\t\t\ta\t\t\t\n\t1\t\tb\t\t\t\n", "x.txt:3: 'b' has no taxonID"),
        ("1\t1\t\ta\t\t\t\n", "x.txt:2: node 'a' is its own parent; remove this line"),
        (
            "1\t\t\ta\t\t\t\n2\t1\t3\tb\t\t\t\n3\t1\t2\tc\t\t\t\n",
            "x.txt:3: the accepted taxon of 'b' is its own synonym",
        ),
        (
            "1\t\t\ta\t\t\t\n2\t\t\tb\t\t\tsynonym\n3\t2\t\tc\t\t\t\n",
            "x.txt:4: parentNameUsageID '2' of 'c' is a synonym without an accepted taxon",
        ),
        (
            "1\t\t\ta\t\t\t\n",
            "x.txt: no row has a parentNameUsageID, nor a kingdom, class, order, family or genus: "
            "there is no hierarchy in it",
        ),
        ("", "x.txt: the file holds no nodes"),
    ],
)
def test_faults(rows: str, message: str) -> None:
    with pytest.raises(FormatError) as error:
        dwc(HEADER + rows)
    assert str(error.value) == message


def test_faults_of_ranks_and_quotes() -> None:
    with pytest.raises(FormatError, match=r"^x.txt:3: 'P/a' is given twice, first in line 2$"):
        dwc("scientificName,kingdom,taxonRank\na,P,species\na,P,species\n")
    with pytest.raises(FormatError, match=r"^x.txt:2: no row of a table: unexpected end of data$"):
        dwc('scientificName,kingdom,taxonRank\n"a,P,species\n')
    with pytest.raises(FormatError, match=r"^x.txt:1: no column 'scientificName' in the first line"):
        parse(Source("x.txt", "a,b\n1,2\n"), format="dwc")


def test_a_cycle_has_its_lines() -> None:
    with pytest.raises(CycleError, match=r"^x.txt:2,3: a cycle of 2 nodes"):
        dwc(HEADER + "1\t2\t\ta\t\t\t\n2\t1\t\tb\t\t\t\n")


BOMB = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>'


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        (BOMB + META.partition("\n")[2], "meta.xml has a DOCTYPE, which is refused; take it out"),
        (META.replace("</core>", ""), "meta.xml is no valid XML: mismatched tag: line 20, column 2"),
        (META.replace("terms/Taxon", "terms/Occurrence"), "the core of the archive is occurrence, not taxon"),
        (META.replace("Taxon.tsv", "../x"), "meta.xml names the file '../x', which is not in the archive"),
        (META.replace('By="\\t"', 'By="||"'), "meta.xml: fields of 'Taxon.tsv' end with '||' and stand in ''"),
        (META.replace('"utf-8" fields', '"klingon" fields'), "Taxon.tsv is not in the encoding 'klingon' of meta.xml"),
    ],
)
def test_archives_that_are_refused(tmp_path: Path, meta: str, message: str) -> None:
    file = archive(tmp_path, meta__xml=meta, Taxon__tsv=CORE, VernacularName__csv=VERNACULAR)
    with pytest.raises(FormatError) as error:
        read(file)
    assert str(error.value).startswith(f"{file}: {message}")


def test_faults_in_an_archive_name_the_file(tmp_path: Path) -> None:
    file = archive(tmp_path, meta__xml=META, Taxon__tsv=CORE + "7\t8\tb\tb\t\n", VernacularName__csv="3\n")
    with pytest.raises(FormatError) as error:
        read(file)
    assert str(error.value) == (
        f"{file}:1: VernacularName.csv: 1 fields where 3 are expected\n"
        f"{file}:4: Taxon.tsv: parentNameUsageID '8' of 'b' is no taxonID"
    )


def test_other_archives(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"x.zip: neither meta.xml nor a table called taxon in the archive"):
        read(archive(tmp_path, readme__txt="x"))
    whole = archive(tmp_path, taxon__txt=HEADER + TABLE).read_bytes()
    (tmp_path / "x.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FormatError, match=r"x.zip: damaged archive"):
        read(tmp_path / "x.zip")
    locked = bytearray(whole)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[whole.index(mark) + at] |= 1  # "encrypted"
    (tmp_path / "x.zip").write_bytes(locked)
    with pytest.raises(FormatError, match=r"x.zip: taxon.txt is encrypted; unpack the archive first$"):
        read(tmp_path / "x.zip")
