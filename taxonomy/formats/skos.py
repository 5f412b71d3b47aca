"""Thesauri in SKOS, and class hierarchies in RDFS and OWL."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from .distinct import distinct
from .draft import Draft, check_edges
from .options import ReadOptions
from .rdf import load
from .source import Faults, Source, log
from .tidy import tidy

SKOS = "http://www.w3.org/2004/02/skos/core#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
OBO = "http://www.geneontology.org/formats/oboInOwl#"

UP = (f"{SKOS}broader", f"{SKOS}topConceptOf", f"{RDFS}subClassOf")
DOWN = (f"{SKOS}narrower", f"{SKOS}hasTopConcept")
KINDS = (f"{SKOS}Concept", f"{OWL}Class", f"{RDFS}Class")
LABELS = (f"{SKOS}prefLabel", f"{RDFS}label", "http://purl.org/dc/terms/title", "http://purl.org/dc/elements/1.1/title")
SYNONYMS = (f"{SKOS}altLabel", f"{OBO}hasExactSynonym")
EVERYTHING = (f"{OWL}Thing", f"{RDFS}Resource", f"{OWL}Nothing")

Order = tuple[int, str, str]


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read SKOS concepts and RDFS or OWL classes, in Turtle, N-Triples, RDF/XML or JSON-LD.

    Edges are `broader`, `narrower`, `hasTopConcept`, `topConceptOf` (a concept scheme is the root of its top concepts)
    and `subClassOf`. A node's name is the last part of its URI, or the whole URI where several end so. RDF has no
    order: nodes stand in the alphabetical order of their URIs. Labels are `prefLabel`, else `label`, else `title`: in
    English, else without language, else in the first language by the alphabet; synonyms are the `altLabel` of all
    languages. Deprecated classes, and classes without a URI (OWL's restrictions), are left out, which is logged.
    Nothing is fetched.

    Faults: a node that is its own parent.

    Raises:
        FormatError: See `rdf.load`.
        TaxoError: rdflib is not installed.
    """
    graph = _Graph(load(source))
    edges = graph.edges()
    uris = sorted({*graph.of_kind(KINDS), *(end for edge in edges for end in edge)} - graph.deprecated)
    if not uris and not faults:
        faults.add(None, "neither SKOS concepts nor classes in it; is it a hierarchy?", "empty")
    place = {uri: i for i, uri in enumerate(uris)}
    pairs = sorted((place[p], place[c]) for p, c in edges if p in place and c in place)
    parent, child = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    names = distinct([tidy(_last_part(uri)) or uri for uri in uris], lambda i: uris[i])
    labels, other = graph.texts(LABELS), graph.texts(SYNONYMS)
    draft = Draft(
        names=names,
        parent=parent,
        child=child,
        labels=[labels[uri][0] if uri in labels else name for uri, name in zip(uris, names, strict=True)],
        synonyms=[tuple(other.get(uri, ())) for uri in uris],
    )
    check_edges(draft, faults)
    if not faults:
        graph.tell(source)
    return draft


class _Graph:
    """What of an `rdflib.Graph` concerns a hierarchy."""

    def __init__(self, graph: Any) -> None:
        from rdflib import Literal, URIRef

        self._graph, self._uri, self._literal = graph, URIRef, Literal
        self.nameless = 0
        self.deprecated = {
            str(node) for node, value in self._pairs((f"{OWL}deprecated",)) if str(value) in ("true", "1")
        }

    def _pairs(self, predicates: Iterable[str]) -> Iterable[tuple[Any, Any]]:
        for predicate in predicates:
            yield from self._graph.subject_objects(self._uri(predicate))

    def of_kind(self, kinds: Iterable[str]) -> set[str]:
        """URIs of the nodes of these types."""
        return {
            str(node)
            for kind in kinds
            for node in self._graph.subjects(self._uri(f"{RDF}type"), self._uri(kind))
            if isinstance(node, self._uri) and str(node) not in EVERYTHING
        }

    def edges(self) -> set[tuple[str, str]]:
        """Parent and child of every edge between two URIs."""
        found: set[tuple[str, str]] = set()
        for up, predicates in ((True, UP), (False, DOWN)):
            for subject, other in self._pairs(predicates):
                parent, child = (other, subject) if up else (subject, other)
                if str(parent) in EVERYTHING:
                    continue
                if isinstance(parent, self._uri) and isinstance(child, self._uri):
                    found.add((str(parent), str(child)))
                else:
                    self.nameless += 1
        return found

    def texts(self, predicates: Iterable[str]) -> dict[str, list[str]]:
        """Texts of each node: by predicate, then by language, then by the alphabet, none twice."""
        found: dict[str, list[Order]] = {}
        for rank, predicate in enumerate(predicates):
            for node, value in self._pairs((predicate,)):
                if isinstance(value, self._literal) and (text := tidy(str(value))):
                    found.setdefault(str(node), []).append((rank, _language(value.language), text))
        return {node: list(dict.fromkeys(text for _, _, text in sorted(orders))) for node, orders in found.items()}

    def tell(self, source: Source) -> None:
        """Log what was left out."""
        if self.deprecated:
            log.warning("%s: %d deprecated classes are left out", source.name, len(self.deprecated))
        if self.nameless:
            log.warning("%s: %d edges to nodes without a URI are left out", source.name, self.nameless)


def _language(tag: str | None) -> str:
    """Sorts English first, then no language, then the others."""
    tag = (tag or "").lower()
    return f"0{tag}" if tag == "en" or tag.startswith("en-") else f"{1 if not tag else 2}{tag}"


def _last_part(uri: str) -> str:
    return uri.rstrip("/#").replace("#", "/").rpartition("/")[2]
