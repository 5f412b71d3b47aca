"""Formats that the first bytes give away."""

import gzip
import io
import pickle
import sys
from pathlib import Path

import pytest

from taxo.taxonomy.formats.detect import detect
from taxo.taxonomy.formats.signature import signature
from taxo.taxonomy.formats.source import Source


@pytest.mark.parametrize(
    ("head", "format"),
    [
        (b"format-version: 1.2\nontology: go\n", "obo"),
        (b"\xef\xbb\xbf! comment\n\n[Term]\nid: a\n", "obo"),
        (b"# a comment\n@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n", "skos"),
        (b"PREFIX ex: <http://e/>\n", "skos"),
        (b"@base <http://e/> .", "skos"),
        (b"<http://e/a> <http://e/p> <http://e/b> .\n", "skos"),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE rdf:RDF [<!ENTITY a "b">]>\n<rdf:RDF xmlns="x">', "skos"),
        (b'{\n  "@context": {}', "skos"),
        (b'[ {"@id": "http://a"', "skos"),
        (b"1\t|\t1\t|\tno rank\t|\t\t|\t8\t|", "ncbi"),
        (b"x" * 257 + b"ustar\x0000", "ncbi"),
        (b"PK\x03\x04" + bytes(26) + b"citations.dmp", "ncbi"),
        (b"PK\x03\x04" + bytes(26) + b"eml.xml", "dwc"),
        (b"taxonID\tscientificName\tx\n", "dwc"),
        (b'"dwc:scientificName","http://rs.tdwg.org/dwc/terms/parentNameUsageID"\r\n', "dwc"),
        (b"\x80\x04\x95", "pickle"),
        (pickle.dumps({"a": 1}, 0), "pickle"),
        # None of these formats:
        (b"", None),
        (b"cats\nbirds\n", None),
        (b"parent child\n", None),
        (b"id,name\n1,x\n", None),
        (b"scientificName\nx\n", None),
        (b"kingdom\tgenus\tspecies\n", None),
        (b'{"name": "a", "children": []}', None),
        (b"<html><body>", None),
        (b"# taxo 1\n[Term]\n", None),
        (b"(a,b)c;", None),
        (b"@article\n", None),
        (b"\x80\x01", None),
    ],
)
def test_signature(head: bytes, format: str | None) -> None:
    assert signature(head) == format


def test_the_content_goes_before_the_suffix(tmp_path: Path) -> None:
    text = b"taxonID\tparentNameUsageID\tscientificName\n1\t\tAves\n"
    (tmp_path / "Taxon.tsv").write_bytes(text)
    (tmp_path / "x.gz").write_bytes(gzip.compress(text))
    assert detect(Source(str(tmp_path / "Taxon.tsv"))).name == "dwc"
    assert detect(Source(str(tmp_path / "x.gz"))).name == "dwc"
    assert detect(Source("x.ttl", "a b c")).name == "skos"


@pytest.mark.parametrize("packed", [False, True])
def test_standard_input_is_read_once(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    data = b"format-version: 1.2\n[Term]\nid: a\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(data) if packed else data)))
    source = Source("-")
    assert detect(source).name == "obo"
    assert source.text == data.decode()
    assert source.data() == data


def test_damaged_gzip_has_no_signature(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(b"\x1f\x8bnonsense")
    assert Source(str(tmp_path / "x.gz")).first_bytes() == b""
