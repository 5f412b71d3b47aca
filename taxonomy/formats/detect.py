"""Which format a file is in: by its name, else by its content."""

import re
from pathlib import Path

from ..errors import FormatError
from .classlist import is_class_list
from .edge_table import are_pairs, columns_of
from .json_detect import json_kind, looks_like_json
from .outline import dialect
from .pairs import split_pair
from .ranktable_header import cells, delimiter, is_header
from .registry import FORMATS, READ_FORMATS, Format, by_suffix
from .signature import signature
from .source import Source
from .wordnet_ids import is_id_list

_NEWICK = re.compile(r"\s*(\[[^\]]*\]\s*)*\(")
_EMBEDDING_NAME = re.compile(r"\.(npz|safetensors|pth?|w2v|vec)$", re.IGNORECASE)
_EMBEDDING = re.compile(rb'(\xef\xbb\xbf)?# taxo embedding |\s*\{\s*"taxo_embedding"')
_MOST_LINES = 1000


def detect(source: Source) -> Format:
    """The format of a file, a folder or a text.

    Raises:
        FormatError: The name or the content is that of a format that is not read.
        TaxoError: The file cannot be read.
    """
    if "text" not in source.__dict__ and source.name != "-" and Path(source.name).is_dir():
        return FORMATS["ncbi" if (Path(source.name) / "nodes.dmp").is_file() else "directory"]
    if _EMBEDDING_NAME.search(source.name) or _EMBEDDING.match(source.first_bytes()):
        message = "a file of class embeddings, no hierarchy; taxo check, taxo plot and taxo train --embedding take it"
        raise FormatError(source.name, [(None, message)])
    # Before the suffix: a .txt or .tsv may hold many things.
    if signed := signature(source.first_bytes()):
        return FORMATS[signed]
    named = by_suffix(source.name)
    if named is None:
        return FORMATS[sniff(source)]
    if not named.reads:
        raise _refused(source, f"{named.name} by its name, a format that is written, not read")
    if named.name in ("csv", "tsv") and _is_blank_separated(source):
        return FORMATS["pairs"]
    return _json_format(source) if named.name == "json" else named


def _is_blank_separated(source: Source) -> bool:
    """Whether a file that is called a table has pairs with blanks between them, and no cells."""
    lines = [line for _, line in source.head().lines() if line.strip()][:_MOST_LINES]
    if not lines or any(sign in lines[0] for sign in ",;|\t"):
        return False
    return are_pairs((0, line.split()) for line in lines)


def sniff(source: Source) -> str:
    """Name of the format of a text, by the beginning of its content.

    Raises:
        FormatError: The content looks like a format that is not read.
    """
    head = source.head()
    start = head.text.lstrip()[:1]
    if start == "<":
        raise _refused(source, "XML")
    if looks_like_json(head.text):
        return _json_format(source).name
    if _NEWICK.match(head.text) and source.text[-100:].rstrip().endswith(";"):
        return "newick"
    lines = [line for _, line in head.lines() if line.strip() and not line.startswith("#")][:_MOST_LINES]
    if lines and (is_header(lines[0]) or columns_of(cells(lines[0], delimiter(lines[0])))):
        return "tsv" if delimiter(lines[0]) == "\t" else "csv"
    if dialect(head) in ("taxo", "dashes", "box", "tabs"):
        return "text"
    if any(line[0] == " " for line in lines):
        return "text"
    if is_id_list(lines):
        return "wordnet-ids"
    if is_class_list(lines):
        return "classes"
    # A list of pairs with some faulty lines is still one: its reader then names these lines.
    pairs = sum(len(split_pair(line)) == 2 for line in lines)
    return "pairs" if 2 * pairs > len(lines) else "text"


def _json_format(source: Source) -> Format:
    """The format of a JSON file: a hierarchy, or the categories of an image data set."""
    kind = json_kind(source)
    if kind not in FORMATS:
        raise _refused(source, f"JSON of the kind {kind}")
    return FORMATS[kind]


def _refused(source: Source, what: str) -> FormatError:
    message = f"this looks like {what}; read are {', '.join(READ_FORMATS)}; convert the file first"
    return FormatError(source.name, [(1, message)])
