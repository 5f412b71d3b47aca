"""From a figure to the bytes of a file: PNG, SVG or PDF, the same bytes for the same picture."""

import io
import logging
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taxo.taxonomy import TaxoError
from taxo.taxonomy.errors import unknown_choice
from taxo.taxonomy.files import replacing

from .style import drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

log = logging.getLogger("taxo")

# What is left out of each kind of file: dates, and the version of the program that drew.
FORMATS: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""The formats by name, which is also how files end, and the facts left out of each."""

DPI = 150
_MOST_PIXELS = 1 << 16  # a side of a PNG file


def format_of(path: str | Path) -> str:
    """The format that a file's name tells.

    Raises:
        TaxoError: Its suffix is none of `FORMATS`.
    """
    suffix = Path(path).suffix.lower()
    if suffix[1:] not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise TaxoError(f"{path}: pictures are written as {known}, not as {suffix or 'a file without suffix'}")
    return suffix[1:]


def encode(figure: "Figure", format: str = "png", *, dpi: float = DPI) -> bytes:
    """The bytes of a picture.

    Args:
        figure: What to write.
        format: One of `FORMATS`.
        dpi: Dots per inch of a PNG, and of images inside the others.

    Raises:
        TaxoError: An unknown format, or more pixels than a PNG holds.
    """
    if format not in FORMATS:
        raise TaxoError(unknown_choice("format", format, FORMATS))
    largest = max(figure.get_size_inches()) * dpi
    if format == "png" and largest >= _MOST_PIXELS:
        raise TaxoError(
            f"at {dpi:g} dots per inch the picture would be {largest:.0f} pixels long, more than {_MOST_PIXELS}: take "
            "a smaller --dpi or --size, or write SVG or PDF"
        )
    target = io.BytesIO()
    with drawing(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure.savefig(target, format=format, dpi=dpi, metadata=FORMATS[format])
    _tell(caught, format)
    return target.getvalue()


def save(figure: "Figure", path: str | Path, *, dpi: float = DPI) -> None:
    """Write a picture to a file, in the format that its name tells, whole or not at all.

    Raises:
        TaxoError: No such format, or the file cannot be written.
    """
    data = encode(figure, format_of(path), dpi=dpi)
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def _tell(caught: list[warnings.WarningMessage], format: str) -> None:
    """One remark on the characters that no font has; all other warnings as they came."""
    missing = set()
    for warning in caught:
        glyph = re.match(r"Glyph (\d+) .* missing from", str(warning.message))
        if glyph:
            missing.add(chr(int(glyph[1])))
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    if missing and format != "svg":  # there the viewer chooses a font
        log.warning(
            "no font on this machine has %s: boxes are drawn for them; in SVG files they stay text",
            " ".join(sorted(missing)[:12]) + (f" and {len(missing) - 12} more" if len(missing) > 12 else ""),
        )
