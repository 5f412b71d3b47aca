"""The look of all pictures: fonts, colours, and matplotlib kept from everything that changes from run to run."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from taxo.taxonomy import TaxoError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NEEDS_MATPLOTLIB = "drawing needs matplotlib; install it with: pip install 'taxo-toolkit[plot]'"

SMALLEST = 4.5
"""No text is smaller, in points."""

INK, GREY, PALE = "#222222", "#777777", "#d9d9d9"
NO_GROUP = "#b3b3b3"
# "Muted" of Paul Tol (SRON/EPS/TN/09-002), safe for the colour-blind, in an order in which neighbours differ most.
COLOURS = ("#332288", "#ddcc77", "#117733", "#cc6677", "#88ccee", "#882255", "#44aa99", "#999933", "#aa4499")
MARKERS = {"o": 1.0, "s": 0.8, "^": 1.0, "D": 0.62, "v": 1.0, "P": 1.1, "X": 1.1, "p": 1.05}
"""Marks of dots, and the area with which each looks as large as the others."""

# DejaVu Sans comes with matplotlib. It lacks East Asian and some other scripts: these are asked where it fails.
_FONT = "DejaVu Sans"
_MORE_FONTS = (
    *("Noto Sans CJK JP", "Noto Sans CJK SC", "Source Han Sans", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei"),
    *("IPAexGothic", "Droid Sans Fallback", "Hiragino Sans", "PingFang SC", "Apple SD Gothic Neo", "Yu Gothic"),
    *("Microsoft YaHei", "Malgun Gothic", "Arial Unicode MS", "Noto Sans Devanagari", "Noto Sans Thai", "Unifont"),
)
_STYLE: dict[str, Any] = {
    "font.size": 7,
    "text.color": INK,
    "text.hinting": "none",  # as wide as `text_width` says
    "text.parse_math": False,  # names may hold dollar signs
    "axes.linewidth": 0.5,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.frameon": False,
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "taxo",  # the same picture has the same bytes
    "pdf.fonttype": 42,
}
# XML has no such characters, and fonts no signs for them.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


@contextmanager
def drawing() -> Iterator[None]:
    """Everything is drawn and written inside: the settings of the user's matplotlib stay outside, and unchanged.

    Raises:
        TaxoError: matplotlib is not installed.
    """
    try:
        from matplotlib import style
    except ModuleNotFoundError as error:
        raise TaxoError(NEEDS_MATPLOTLIB) from error
    with style.context(["default", _STYLE | {"font.family": list(_families())}]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # a box is drawn; `encode` tells
        yield


@lru_cache(maxsize=1)
def _families() -> tuple[str, ...]:
    """The fonts, in the order in which they are asked for a character."""
    from matplotlib.font_manager import fontManager

    there = {font.name for font in fontManager.ttflist}
    return (_FONT, *(name for name in _MORE_FONTS if name in there))


def new_figure(width: float, height: float) -> "Figure":
    """An empty white page.

    Args:
        width: Inches.
        height: Inches.
    """
    from matplotlib.figure import Figure  # not pyplot, which would keep it and choose a window system

    return Figure(figsize=(width, height))


def axes_at(figure: "Figure", left: float, bottom: float, width: float, height: float) -> "Axes":
    """Axes at a place in inches from the lower left corner of the page."""
    w, h = figure.get_size_inches()
    axes: Axes = figure.add_axes((left / w, bottom / h, width / w, height / h))
    return axes


def heading(figure: "Figure", title: str, below: str, left: float) -> None:
    """The title in bold and a line of facts under it, `HEADING` inches from the top of the page."""
    w, h = figure.get_size_inches()
    figure.text(left / w, 1 - 0.12 / h, clean(title), size=9, weight="bold", va="top")
    figure.text(left / w, 1 - 0.31 / h, clean(below), size=6.5, color=GREY, va="top")


HEADING = 0.55
"""Inches that `heading` takes."""


def text_width(text: str, size: float) -> float:
    """Width of a text in inches, whatever the resolution will be."""
    return _width(clean(text)) * size / 72 * 1.02  # rounding to pixels


@lru_cache(maxsize=65536)
def _width(text: str) -> float:
    """Width at a size of 1."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    width: float = text_to_path.get_text_width_height_descent(text, FontProperties(size=1), ismath=False)[0]
    return width


def clean(text: str) -> str:
    """The text without control characters."""
    return _CONTROL.sub("\ufffd", text)


def fitting(text: str, size: float, width: float) -> str:
    """The text, cut with an ellipsis where it is wider than `width` inches; "" where hardly anything is left.

    Example:
        >>> fitting("gull", 6, 5.0)
        'gull'
    """
    if text_width(text, size) <= width:
        return text
    low, high = 0, len(text)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        low, high = (middle, high) if text_width(f"{text[:middle]}…", size) <= width else (low, middle - 1)
    return f"{text[:low].rstrip()}…" if low >= 5 else ""


def colour(number: int) -> str:
    """Colour of a group by its number: neighbours in the tree differ, distant groups may share one; grey for -1."""
    return COLOURS[number % len(COLOURS)] if number >= 0 else NO_GROUP


def ink_on(background: str) -> str:
    """Black or white, whichever is read more easily on a colour."""
    r, g, b = (int(background[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return "white" if 0.2126 * r**2.2 + 0.7152 * g**2.2 + 0.0722 * b**2.2 < 0.3 else INK
