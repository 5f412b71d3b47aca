"""Which format a file is in: by its name, else by its content."""

from pathlib import Path

from ..errors import FormatError
from .classlist import is_class_list
from .outline import dialect
from .pairs import split_pair
from .registry import FORMATS, READ_FORMATS, Format, by_suffix
from .signature import signature
from .source import Source


def detect(source: Source) -> Format:
    """The format of a file, a folder or a text.

    Raises:
        FormatError: The content looks like a format that is not read.
        TaxoError: The file cannot be read.
    """
    if "text" not in source.__dict__ and source.name != "-" and Path(source.name).is_dir():
        return FORMATS["ncbi" if (Path(source.name) / "nodes.dmp").is_file() else "directory"]
    # Before the suffix: a .txt or .tsv may hold many things.
    if signed := signature(source.first_bytes()):
        return FORMATS[signed]
    named = by_suffix(source.name)
    return named if named and named.reads else FORMATS[sniff(source)]


def sniff(source: Source) -> str:
    """Name of the format of a text, by its content.

    Raises:
        FormatError: The content looks like a format that is not read.
    """
    head = source.text.lstrip()[:1]
    if head in ("{", "[", "<") or (head == "(" and source.text.rstrip().endswith(";")):
        kinds = {"{": "JSON", "[": "JSON", "<": "XML", "(": "Newick"}
        raise FormatError(
            source.name,
            [(1, f"this looks like {kinds[head]}; read are {', '.join(READ_FORMATS)}; convert the file first")],
        )
    if dialect(source) in ("taxo", "dashes", "box", "tabs"):
        return "text"
    lines = [line for _, line in source.lines() if line.strip() and not line.startswith("#")]
    if any(line[0] == " " for line in lines):
        return "text"
    if is_class_list(lines):
        return "classes"
    # A list of pairs with some faulty lines is still one: its reader then names these lines.
    pairs = sum(len(split_pair(line)) == 2 for line in lines)
    return "pairs" if 2 * pairs > len(lines) else "text"
