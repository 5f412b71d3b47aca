"""RDF graphs through rdflib, kept from the network, from entities that unfold, and from its own log."""

import json
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import FormatError, TaxoError
from .source import Source

_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(\[(?P<inside>.*?)\]\s*)?>", re.DOTALL | re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\s+[\w.-]+\s+(?:\"[^\"&%]{0,1000}\"|'[^'&%]{0,1000}')\s*>")
_LINE = re.compile(r"\bline (\d+)|^[^:\s]*:(\d+):\d+")


def syntax(source: Source) -> str:
    """Which syntax of RDF a text is in, as rdflib calls it, by its content."""
    head = source.text.lstrip()[:1]
    if head in ("{", "["):
        return "json-ld"
    if head == "<" and re.match(r"\s*<(\?xml|!--|!DOCTYPE|[\w-]+:RDF[\s>])", source.text):
        return "xml"
    # N-Triples are Turtle, but reading them as such takes longer.
    return "nt" if source.name.lower().removesuffix(".gz").endswith(".nt") else "turtle"


def load(source: Source) -> Any:
    """The `rdflib.Graph` of a file.

    Raises:
        FormatError: Syntax, with the line where the parser tells it; a JSON-LD context elsewhere in the network; XML
            with external or nested entities.
        TaxoError: rdflib is not installed.
    """
    try:
        import rdflib
    except ImportError:
        raise TaxoError(
            f"{source.name}: reading RDF needs rdflib; install it with pip install 'taxo-toolkit[skos]'"
        ) from None
    kind = syntax(source)
    if kind == "json-ld":
        _check_json(source)
    if kind == "xml":
        _check_entities(source)
    graph = rdflib.Graph(bind_namespaces="none")
    try:
        with _quiet():
            return graph.parse(data=source.text, format=kind, publicID="about:blank")
    # rdflib's parsers raise about anything on bad input: KeyError, AttributeError, RecursionError, AssertionError ...
    except Exception as error:
        line, message = _told(error)
        raise FormatError(source.name, [(line, f"no valid RDF ({kind}): {message}")]) from error


def _check_json(source: Source) -> None:
    """Refuse contexts that rdflib would fetch: a string where a context stands, or an `@import`."""
    try:
        pending = [json.loads(source.text)]
    except json.JSONDecodeError as error:
        raise FormatError(
            source.name, [(error.lineno, f"no valid JSON in column {error.colno}: {error.msg}")]
        ) from None
    except (RecursionError, ValueError) as error:
        raise FormatError(source.name, [(None, f"no valid JSON: {type(error).__name__}")]) from None
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            for key, part in value.items():
                remote = [c for c in (part if isinstance(part, list) else [part]) if isinstance(c, str)]
                if key in ("@context", "@import") and remote:
                    message = f"the {key} {remote[0]!r} is elsewhere and is not fetched; put the context into the file"
                    raise FormatError(source.name, [(None, message)])
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


def _check_entities(source: Source) -> None:
    """Allow the short names for namespaces that ontologies have in their DOCTYPE, and no other entities."""
    text = source.text
    found = _DOCTYPE.search(text)
    declared = len(re.findall("<!DOCTYPE", text, re.IGNORECASE))
    if not declared:
        return
    words = found[0].removesuffix(">").partition("[")[0].split() if found else []
    inside = (found["inside"] or "") if found else ""
    if declared > 1 or not found or {"SYSTEM", "PUBLIC"} & set(words) or _ENTITY.sub("", inside).strip():
        line = text.count("\n", 0, found.start() if found else 0) + 1
        message = "the DOCTYPE has entities that are external or nested, which are refused; take it out"
        raise FormatError(source.name, [(line, message)])


@contextmanager
def _quiet() -> Iterator[None]:
    """Mute rdflib: its log has a traceback for every odd literal, its JSON-LD parser warns of its own classes."""
    logger = logging.getLogger("rdflib")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


def _told(error: Exception) -> tuple[int | None, str]:
    """Line and cause in rdflib's words, which repeat the file."""
    lines = getattr(error, "lines", None)  # the Turtle parser's, from 0
    text = " ".join(str(getattr(error, "_why", None) or error).split())[:150] or type(error).__name__
    if isinstance(lines, int):
        return lines + 1, text
    match = _LINE.search(text)
    line = int(match[1] or match[2]) if match else None
    return line, re.sub(r"^(?:<unknown>|None)?:?\d+:\d+: ", "", text)
