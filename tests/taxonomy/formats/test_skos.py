"""SKOS, RDFS and OWL."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rdflib")

from taxo.taxonomy import CycleError, FormatError, TaxoError, Taxonomy
from taxo.taxonomy.files import parse
from taxo.taxonomy.formats.source import Source

PREFIXES = """\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix ex: <http://example.org/animals/> .
"""
THESAURUS = PREFIXES + (
    """\
ex:scheme a skos:ConceptScheme ; skos:prefLabel "Animals"@en ; skos:hasTopConcept ex:bird .
ex:bird a skos:Concept ; skos:topConceptOf ex:scheme ; skos:prefLabel "Vogel"@de, "bird"@en, "oiseau"@fr ;
    skos:altLabel "Piepmatz"@de, "birdie"@en-GB, "fowl"@en, "aves" .
ex:owl skos:broader ex:bird ; skos:prefLabel "Eule"@de , "hibou"@fr ; rdfs:label "OWL" .
ex:gull skos:broader ex:bird ; skos:inScheme ex:scheme .
ex:bird skos:narrower ex:gull .
"""
)


def skos(text: str, name: str = "x.ttl") -> Taxonomy:
    return parse(Source(name, text))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **more: object) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr("urllib.request.urlopen", refuse)
    monkeypatch.setattr("urllib.request.OpenerDirector.open", refuse)


def test_a_thesaurus() -> None:
    t = skos(THESAURUS)
    assert t.names == ("scheme", "bird", "gull", "owl")
    assert t.parent.tolist() == [-1, 0, 1, 1]
    assert t.labels == ("Animals", "bird", "gull", "Eule")
    assert t.synonyms == ((), ("fowl", "birdie", "aves", "Piepmatz"), (), ())


@pytest.mark.parametrize("syntax", ["nt", "xml", "pretty-xml", "json-ld", "turtle"])
def test_all_syntaxes_give_the_same(syntax: str) -> None:
    import rdflib

    text = rdflib.Graph().parse(data=THESAURUS, format="turtle").serialize(format=syntax)
    suffix = {"nt": "x.nt", "json-ld": "x.jsonld", "turtle": "x.skos"}.get(syntax, "x.rdf")
    assert skos(text, suffix) == skos(THESAURUS)
    assert skos(text, "-") == skos(THESAURUS), "by its content"


def test_nothing_depends_on_the_order_of_hashes(tmp_path: Path) -> None:
    (tmp_path / "x.ttl").write_text(THESAURUS)
    code = "import sys; from taxo.taxonomy import read; t = read(sys.argv[1]); print(t.names, t.labels, t.synonyms)"
    runs = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "x.ttl")],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(runs) == 1


def test_classes_of_owl(caplog: pytest.LogCaptureFixture) -> None:
    t = skos(
        PREFIXES
        + 'ex:a a owl:Class ; rdfs:label "A" ; rdfs:subClassOf owl:Thing .\n'
        + "ex:b rdfs:subClassOf ex:a , [ a owl:Restriction ] .\nex:c rdfs:subClassOf ex:a ; owl:deprecated true .\n"
    )
    assert t.names == ("a", "b")
    assert t.labels == ("A", "b")
    assert "x.ttl: 1 deprecated classes are left out" in caplog.text
    assert "x.ttl: 1 edges to nodes without a URI are left out" in caplog.text


def test_names_that_several_uris_end_with() -> None:
    t = skos(
        PREFIXES + "<http://a.org/x#bird> skos:broader <http://a.org/top/> .\n<http://b.org/bird> skos:broader ex:c .\n"
    )
    assert t.names == ("top", "c", "http://a.org/x#bird", "http://b.org/bird")


def test_a_graph_and_a_cycle() -> None:
    t = skos(PREFIXES + "ex:a skos:broader ex:b, ex:c . ex:c skos:broader ex:b .")
    assert [t.names[p] for p in t.parents_of(t.index("a"))] == ["b", "c"]
    with pytest.raises(CycleError, match=r"^x.ttl: a cycle of 2 nodes, parent -> child: a -> b -> a"):
        skos(PREFIXES + "ex:a skos:broader ex:b . ex:b skos:broader ex:a .")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.ttl", PREFIXES + "ex:a skos:broader ex:a .", "x.ttl: node 'a' is its own parent; remove this line"),
        ("x.ttl", PREFIXES, "x.ttl: neither SKOS concepts nor classes in it; is it a hierarchy?"),
        (
            "x.ttl",
            PREFIXES + "ex:a skos:broader ex:b\nex:c .",
            "x.ttl:6: no valid RDF (turtle): expected '.' or '}' or ']' at end of statement",
        ),
        ("x.ttl", "a:b a:c a:d .", 'x.ttl:1: no valid RDF (turtle): Prefix "a:" not bound'),
        (
            "x.ttl",
            PREFIXES + "ex:a skos:broader " + "[ skos:broader " * 3000,
            "x.ttl: no valid RDF (turtle): maximum recursion depth exceeded",
        ),
        ("x.nt", "<http://a> <http://b>\n", "x.nt: no valid RDF (nt): Invalid line:"),
        ("x.rdf", "<?xml version='1.0'?>\n<rdf:RDF>", "x.rdf:2: no valid RDF (xml): unbound prefix"),
        ("x.jsonld", '{"@context": 5\n', "x.jsonld:2: no valid JSON in column 1: Expecting ',' delimiter"),
        ("x.jsonld", '{"@context": 5}', "x.jsonld: no valid RDF (json-ld): 'int' object has no attribute 'get'"),
        ("x.jsonld", "[" * 100_000, "x.jsonld: no valid JSON: RecursionError"),
    ],
)
def test_faults(name: str, text: str, message: str) -> None:
    with pytest.raises(FormatError) as error:
        parse(Source(name, text), format="skos")
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        '{"@context": "https://example.org/context.jsonld", "@id": "http://a"}',
        '{"@context": [{}, "https://example.org/context.jsonld"], "@id": "http://a"}',
        '{"@context": {"@import": "https://example.org/context.jsonld"}, "@id": "http://a"}',
        '{"@context": {"p": {"@id": "http://p", "@context": "https://example.org/context.jsonld"}}, "@id": "http://a"}',
        '[{"@graph": [{"x": [{"@context": "https://example.org/context.jsonld"}]}]}]',
        '{"\\u0040context": "https://example.org/context.jsonld", "@id": "http://a"}',
    ],
)
def test_contexts_elsewhere_are_refused(text: str) -> None:
    with pytest.raises(FormatError, match=r"'https://example.org/context.jsonld' is elsewhere and is not fetched"):
        skos(text, "x.jsonld")


def xml(entities: str, label: str) -> str:
    return (
        f'<?xml version="1.0"?>\n<!DOCTYPE rdf:RDF {entities}>\n<rdf:RDF xmlns:rdfs="http://www.w3.org/2000/01/'
        'rdf-schema#" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/" >\n'
        '<rdf:Description rdf:about="http://e/b"><rdfs:subClassOf rdf:resource="http://e/a"/>'
        f"<rdfs:label>{label}</rdfs:label></rdf:Description></rdf:RDF>"
    )


def test_short_names_of_namespaces_are_read() -> None:
    text = xml("[\n  <!ENTITY owl \"http://www.w3.org/2002/07/owl#\" >\n  <!ENTITY e 'http://e/' >\n]", "&owl;")
    assert skos(text, "x.owl").labels == ("a", "http://www.w3.org/2002/07/owl#")


@pytest.mark.parametrize(
    "entities",
    [
        '[<!ENTITY x SYSTEM "file:///etc/hostname">]',
        '[<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]',
        '[<!ENTITY y "yyyyyyyyyy"><!ENTITY x "&y;&y;&y;&y;&y;&y;&y;&y;">]',
        f'[<!ENTITY x "{"y" * 5000}">]',
        '[<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;<!ENTITY x "">]',
        'SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY x "">]',
        'PUBLIC "x" "http://127.0.0.1:9/x.dtd" [<!ENTITY x "">]',
        '[<!ENTITY x "]>"><!ENTITY z SYSTEM "file:///etc/hostname">]',
    ],
)
def test_other_entities_are_refused(entities: str) -> None:
    with pytest.raises(FormatError, match=r"^x.rdf:2: the DOCTYPE has entities that are external or nested"):
        skos(xml(entities, "&x;"), "x.rdf")


def test_imports_are_not_fetched_and_odd_literals_not_logged(capfd: pytest.CaptureFixture[str]) -> None:
    t = skos(
        PREFIXES
        + "<http://example.org/o> owl:imports <http://127.0.0.1:9/other> .\nex:a rdfs:subClassOf ex:b ; rdfs:label "
        '"x"^^<http://www.w3.org/2001/XMLSchema#integer> .\n<http://a b> rdfs:subClassOf ex:b .'
    )
    assert t.n_nodes == 3
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("syntax", ["nt", "xml", "json-ld", "turtle"])
def test_damage_is_told(syntax: str) -> None:
    import rdflib

    text = rdflib.Graph().parse(data=THESAURUS, format="turtle").serialize(format=syntax)
    rng = np.random.default_rng(0)
    for _ in range(60):
        at, end = np.sort(rng.integers(0, len(text), 2)).tolist()
        poison = ["", "\\ud800", '"', "[" * 900, "<", "\\u0000", "@context", "}", "\n" * 3, text[at : at + 50]]
        changed = text[:at] + poison[int(rng.integers(len(poison)))] + text[min(end, at + int(rng.integers(20))) :]
        try:
            skos(changed, f"x.{syntax}")
        except TaxoError as error:
            assert str(error).startswith(f"x.{syntax}")  # noqa: PT017


def test_without_rdflib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rdflib", None)
    with pytest.raises(TaxoError) as error:
        skos(THESAURUS)
    assert str(error.value) == "x.ttl: reading RDF needs rdflib; install it with pip install 'taxo-toolkit[skos]'"
