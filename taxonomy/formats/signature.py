"""Formats that the first bytes of a file give away."""

import re

_PICKLE = re.compile(rb"\x80[\x02-\x05]|ccopy_reg\n_reconstructor\n|cnltk\.tree\S*\nTree\n|\(dp\d*\n")
_ZIP = b"PK\x03\x04"
_TAR, _TAR_AT = b"ustar", 257
_DUMP = re.compile(rb"\d+\t\|\t\d+\t\|\t[a-z ]*\t\|")
_OBO = re.compile(rb"format-version\s*:|\[Term\]\s*$", re.MULTILINE)
_TURTLE = re.compile(rb"@(?:prefix|base)\s[^\n]*<[^\n]*>\s*\.|(?i:PREFIX)\s+[\w.-]*:\s*<[^\n]*>\s*$", re.MULTILINE)
_TRIPLE = re.compile(rb'<[a-z][a-z0-9+.-]*:[^\s<>]*>\s+<[^\s<>]+>\s+[<"_]')
_JSON_LD = re.compile(rb'[\[\s]*\{\s*"@(?:context|graph|id)"\s*:')
_COMMENTS = re.compile(rb"(?:[#!][^\n]*\n|\s)*")


def signature(head: bytes) -> str | None:
    """Name of the format that a file's first bytes tell; None: it is another text.

    Example:
        >>> signature(b"format-version: 1.2\\n\\n[Term]\\nid: GO:1\\n")
        'obo'
        >>> signature(b"taxonID\\tparentNameUsageID\\tscientificName\\n1\\t\\tAves\\n")
        'dwc'
        >>> signature(b"birds\\n  owls\\n") is None
        True
    """
    if head.startswith(_ZIP):
        return "ncbi" if b".dmp" in head[:80] else "dwc"  # the name of the first file in it
    if head[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR:
        return "ncbi"
    if _PICKLE.match(head):
        return "pickle"
    if head.startswith(b"# taxo "):  # our own format, in which a node may have any name
        return None
    # Comments are common before the first line of RDF; in OBO they begin with "!".
    text = head.removeprefix(b"\xef\xbb\xbf")
    comments = _COMMENTS.match(text)
    content = text[comments.end() :] if comments else text
    if _OBO.match(content):
        return "obo"
    if _TURTLE.match(content) or _TRIPLE.match(content) or _JSON_LD.match(content):
        return "skos"
    if content.startswith(b"<") and b"<rdf:RDF" in content:
        return "skos"
    if _DUMP.match(content):
        return "ncbi"
    return "dwc" if _is_taxon_header(content.split(b"\n", 1)[0]) else None


def _is_taxon_header(line: bytes) -> bool:
    """Whether a line has Darwin Core's names of columns: it needs a name and a column that says where it belongs."""
    separator = b"\t" if b"\t" in line else b","
    fields = (field.strip().strip(b'"').replace(b":", b"/").rsplit(b"/", 1)[-1] for field in line.split(separator))
    columns = {field.lower() for field in fields}
    links = {b"taxonid", b"parentnameusageid", b"taxonrank", b"acceptednameusageid", b"taxonomicstatus"}
    return bool(columns & {b"scientificname", b"canonicalname"}) and bool(columns & links)
