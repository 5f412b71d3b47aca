"""Ontologies in OBO."""

import io
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxo.taxonomy import CycleError, FormatError, Taxonomy
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.source import Source

GO = """\
format-version: 1.2
data-version: releases/2024-01-17
subsetdef: goslim_generic "Generic GO slim"
ontology: go

[Term]
id: GO:0008150
name: biological_process
namespace: biological_process
def: "A biological process: what an organism is for." [GOC:pdt]
synonym: "physiological process" EXACT []

[Term]
id: GO:0009987
name: cellular process
synonym: "cell \\"growth\\" and, maintenance" BROAD [GOC:x, GOC:y] ! old
synonym: "cell physiology" EXACT BRITISH []
is_a: GO:0008150 ! biological_process

[Term]
id: GO:0065007
name: biological regulation\\, any {source="x"}
is_a: GO:0008150 {gci_relation="part_of", gci_filler="x"} ! biological_process

[Term]
id: GO:0050794
is_a: GO:0009987 ! cellular process
is_a: GO:0065007 ! biological regulation
relationship: regulates GO:0009987 ! cellular process
intersection_of: GO:0065007 ! biological regulation
intersection_of: regulates GO:0009987 ! cellular process

[Term]
id: GO:0000001
name: obsolete inheritance
is_obsolete: true
is_a: GO:0099999

[Typedef]
id: regulates
name: regulates
is_a: part_of
"""


def obo(text: str) -> Taxonomy:
    return parse(Source("x.obo", text))


def test_terms_and_what_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    t = obo(GO)
    assert t.names == ("GO:0008150", "GO:0009987", "GO:0065007", "GO:0050794")
    assert [t.names[p] for p in t.parents_of(3)] == ["GO:0009987", "GO:0065007"]
    assert t.labels == ("biological_process", "cellular process", "biological regulation, any", "GO:0050794")
    assert t.synonyms[:2] == (("physiological process",), ('cell "growth" and, maintenance', "cell physiology"))
    assert t.meta == {"title": "go", "version": "releases/2024-01-17"}
    assert "x.obo: 1 obsolete terms are left out" in caplog.text
    assert "x.obo: 3 relationships other than is_a are left out (regulates 2, intersection_of 1)" in caplog.text


def test_ranks_of_ncbitaxon() -> None:
    rank = "property_value: has_rank NCBITaxon:species_group"
    assert obo(f"[Term]\nid: a\n{rank}\n[Term]\nid: b\nis_a: a\n").ranks == ("species group", "")


def test_older_tags_and_line_ends() -> None:
    t = obo('! old\r\nformat-version: 1.0\r\n[Term] ! first\r\nid:a\r\nexact_synonym: "b" []\r\nsome_tag: x\r\n')
    assert t.names == ("a",)
    assert t.synonyms == (("b",),)


def test_all_faults_with_their_lines() -> None:
    text = "[Term]\nid: A:1\nis_a: A:9\nis_a: A:3\nis_a: ! none\nfoo\nsynonym: x\nis_a: A:1\nis_a: A:4\nis_a: A:4\n"
    text += "[Term]\nname: x\n[Term]\nid: A:1\n[Term]\nid: A:3\nis_obsolete: true\n[Term]\nid: A:4\n"
    with pytest.raises(FormatError) as error:
        obo(text)
    assert str(error.value).splitlines() == [
        "x.obo:3: parent 'A:9' is no term of this file",
        "x.obo:4: parent 'A:3' is obsolete",
        "x.obo:5: is_a without a parent",
        "x.obo:6: no 'tag: value': 'foo'",
        "x.obo:7: a synonym stands in quotes, this one does not: 'x'",
        "x.obo:8: node 'A:1' is its own parent; remove this line",
        "x.obo:10: the edge 'A:4' -> 'A:1' is given twice, first in line 9",
        "x.obo:11: a term without an id",
        "x.obo:13: term 'A:1' is given twice, first in line 1",
    ]
    assert error.value.codes[-1] == "duplicate-name"


def test_imports_are_named_where_something_is_missing() -> None:
    with pytest.raises(FormatError, match=r":4: parent 'b' is no term of this file; imports are not fetched: merge"):
        obo("import: http://127.0.0.1:9/b.owl\n[Term]\nid: a\nis_a: b\n")


def test_a_cycle_has_its_lines() -> None:
    with pytest.raises(CycleError, match=r"^x.obo:3,6: a cycle of 2 nodes"):
        obo("[Term]\nid: a\nis_a: b\n[Term]\nid: b\nis_a: a\n")


def test_no_terms() -> None:
    with pytest.raises(FormatError, match=r"^x.obo: the file holds no nodes$"):
        obo("format-version: 1.2\n\n[Typedef]\nid: part_of\n")


def test_a_long_chain_and_a_long_line() -> None:
    terms = "".join(f"[Term]\nid: n{i}\n" + (f"is_a: n{i - 1}\n" if i else "") for i in range(20_000))
    assert obo(terms).height == 19_999
    odd = 'x="' * 100_000
    assert obo(f"[Term]\nid: a\nname: {odd} {{{odd}}}\n").n_nodes == 1


@given(st.data())
def test_as_pronto_reads_it(data: st.DataObject) -> None:
    pronto = pytest.importorskip("pronto")
    n = data.draw(st.integers(1, 12))
    words = st.text(st.sampled_from('ab ,:!{}"\\[]é'), min_size=1, max_size=8).map(lambda s: f"x{s}x")

    def escaped(text: str) -> str:
        return "".join(f"\\{c}" if c in '\\"!{}' else c for c in text)

    text = "format-version: 1.4\n\n"
    for i in range(n):
        text += f"[Term]\nid: T:{i}\nname: {escaped(data.draw(words))}\n"
        text += f'synonym: "{escaped(data.draw(words))}" EXACT []\n'
        for parent in sorted(data.draw(st.sets(st.integers(0, i - 1), max_size=3))) if i else []:
            text += f"is_a: T:{parent} ! name\n"
        text += "\n"
    t = obo(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ontology = pronto.Ontology(io.BytesIO(text.encode()), import_depth=0)
    for term in ontology.terms():
        node = t.index(term.id)
        assert t.labels[node] == " ".join(term.name.split())
        assert set(t.synonyms[node]) == {" ".join(s.description.split()) for s in term.synonyms}
        assert {t.names[p] for p in t.parents_of(node)} == {p.id for p in term.superclasses(1, with_self=False)}
