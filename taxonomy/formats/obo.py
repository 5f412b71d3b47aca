"""Ontologies in OBO: the terms and their `is_a` edges.

Read without the library pronto: that stops at the first line it does not like (a tag of another version of OBO, a
synonym without its brackets), keeps the last of two terms with one id, drops a term that is its own parent, names no
line where a parent is missing, and takes five times as long.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from .draft import Draft, check_edges
from .options import ReadOptions
from .source import Faults, Source, log
from .tidy import tidy

_COMMENT = re.compile(r"(?<!\\)(?:^|\s)!.*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "W": " "}


@dataclass
class _Term:
    line: int
    id: str = ""
    name: str = ""
    rank: str = ""
    synonyms: list[str] = field(default_factory=list)
    parents: list[tuple[int, str]] = field(default_factory=list)
    obsolete: bool = False


@dataclass
class _Ontology:
    header: dict[str, str] = field(default_factory=dict)
    terms: dict[str, _Term] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)


def read(source: Source, faults: Faults, options: ReadOptions) -> Draft:
    """Read an ontology in OBO: terms are nodes, `is_a` leads to the parents.

    Names are the ids, labels the terms' names; ranks are those of NCBITaxon (`property_value: has_rank`). Obsolete
    terms and relationships of other kinds (`part_of`) are left out, which is logged. Imports are not fetched.

    Faults: a line that is no `tag: value`, a term without an id or with one that stood earlier, a parent that is not
    there or is obsolete, the same parent twice, a synonym without quotes.
    """
    ontology = _parse(source, faults)
    kept = {id: term for id, term in ontology.terms.items() if not term.obsolete}
    place = {id: i for i, id in enumerate(kept)}
    edges = [
        (place[parent], i, line)
        for i, term in enumerate(kept.values())
        for line, parent in term.parents
        if _is_there(parent, line, ontology, faults)
    ]
    parent, child, lines = np.array(edges, dtype=np.intp).reshape(-1, 3).T
    draft = Draft(
        names=list(kept),
        parent=parent,
        child=child,
        ranks=[term.rank for term in kept.values()],
        labels=[term.name or id for id, term in kept.items()],
        synonyms=[tuple(dict.fromkeys(term.synonyms)) for term in kept.values()],
        meta={key: ontology.header[tag] for tag, key in _META.items() if tag in ontology.header},
        node_lines=np.array([term.line for term in kept.values()], dtype=np.intp),
        edge_lines=lines,
    )
    check_edges(draft, faults)
    if not faults:
        _tell(source, ontology, len(ontology.terms) - len(kept))
    return draft


_META = {"ontology": "title", "data-version": "version"}


def _is_there(parent: str, line: int, ontology: _Ontology, faults: Faults) -> bool:
    found = ontology.terms.get(parent)
    if found and not found.obsolete:
        return True
    what = "is obsolete" if found else "is no term of this file"
    more = "; imports are not fetched: merge them into the file" if "import" in ontology.header and not found else ""
    faults.add(line, f"parent {parent!r} {what}{more}", "unknown-parent")
    return False


def _tell(source: Source, ontology: _Ontology, obsolete: int) -> None:
    if obsolete:
        log.warning("%s: %d obsolete terms are left out", source.name, obsolete)
    if ontology.left_out:
        kinds = ", ".join(f"{kind} {count}" for kind, count in ontology.left_out.most_common(5))
        log.warning(
            "%s: %d relationships other than is_a are left out (%s)", source.name, ontology.left_out.total(), kinds
        )


def _parse(source: Source, faults: Faults) -> _Ontology:
    ontology = _Ontology()
    for line, stanza, tags in _stanzas(source, faults):
        if not stanza:
            ontology.header.update((tag, tidy(value)) for _, tag, value in tags)
        elif stanza == "Term":
            term = _Term(line)
            for number, tag, value in tags:
                _take(term, number, tag, value, ontology, faults)
            _add(term, ontology, faults)
    return ontology


def _add(term: _Term, ontology: _Ontology, faults: Faults) -> None:
    if not term.id:
        faults.add(term.line, "a term without an id", "no-name")
    elif term.id in ontology.terms:
        first = ontology.terms[term.id].line
        faults.add(term.line, f"term {term.id!r} is given twice, first in line {first}", "duplicate-name")
    else:
        ontology.terms[term.id] = term


def _stanzas(source: Source, faults: Faults) -> Iterator[tuple[int, str, list[tuple[int, str, str]]]]:
    """Line, kind ("" for the header) and `(line, tag, value)` of each stanza."""
    start, kind = 1, ""
    tags: list[tuple[int, str, str]] = []
    for number, line in source.lines():
        content = line.strip()
        if not content or content[0] == "!":
            continue
        if content[0] == "[":
            yield start, kind, tags
            start, kind, tags = number, _COMMENT.sub("", content).strip("[] "), []
            continue
        tag, colon, value = content.partition(":")
        if not colon:
            faults.add(number, f"no 'tag: value': {content[:60]!r}")
            continue
        tags.append((number, tag.rstrip(), value.strip()))
    yield start, kind, tags


def _take(term: _Term, line: int, tag: str, value: str, ontology: _Ontology, faults: Faults) -> None:
    """Take over what one line says of a term."""
    match tag:
        case "id":
            term.id = _plain(value)
        case "name":
            term.name = _plain(value)
        case "is_a":
            if parent := _plain(value):
                term.parents.append((line, parent))
            else:
                faults.add(line, "is_a without a parent")
        case "synonym" | "exact_synonym" | "narrow_synonym" | "broad_synonym" | "related_synonym":  # OBO 1.0
            if not (found := _QUOTED.match(value)):
                faults.add(line, f"a synonym stands in quotes, this one does not: {value[:60]!r}")
            elif text := tidy(_unescaped(found[1])):
                term.synonyms.append(text)
        case "is_obsolete":
            term.obsolete = _plain(value) == "true"
        case "relationship" | "intersection_of":
            kind = value.split(None, 1)[0] if value else tag
            # "intersection_of: GO:1 ! name" has no kind.
            ontology.left_out[tag if ":" in kind else kind] += 1
        case "property_value":
            words = value.split()
            if len(words) > 1 and words[0] == "has_rank":
                term.rank = words[1].rpartition(":")[2].replace("_", " ")


def _plain(value: str) -> str:
    """A value without comment, qualifiers and escapes."""
    if "!" in value:
        value = _COMMENT.sub("", value)
    if value.endswith("}") and '="' in (qualifiers := value[value.rfind(" {") :]):
        value = value.removesuffix(qualifiers)
    return tidy(_unescaped(value))


def _unescaped(value: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), value) if "\\" in value else value
