"""Hierarchies as files hold them, without files."""

from taxo.taxonomy import Taxonomy
from taxo.taxonomy.files import format_lines, parse
from taxo.taxonomy.formats.source import Source


def written(t: Taxonomy, format: str, *, lossy: bool = False) -> str:
    """What a file of the format holds."""
    return "".join(f"{line}\n" for line in format_lines(t, format, lossy=lossy))


def again(t: Taxonomy, format: str) -> Taxonomy:
    """The hierarchy, written and read."""
    return parse(Source("x", written(t, format)), format=format)
