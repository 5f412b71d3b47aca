"""The heat map: every pair of classes as a square of colour, classes in the order of the tree."""

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import TaxoError

from .bands import Bands
from .levels import names_of
from .style import HEADING, SMALLEST, axes_at, clean, drawing, fitting, heading, new_figure, text_width
from .subject import Subject

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

log = logging.getLogger("taxo")

Floats = NDArray[np.float64]

MOST_CELLS = 2000
"""Classes up to which every pair has a square of its own."""

_BINS = 1000  # squares along a side where there are more classes
_MARGIN = 0.15  # inches
_BAR = 0.65  # inches below the matrix, for the colour bar
_PITCH = 5.6  # points from one class to the next that its name needs
_LONGEST = 2.0  # a longer name of a class is cut, in inches
# After ColorBrewer's YlGnBu and PuOr, both safe for the colour-blind, with paper white for 0.
_FROM_ZERO = ("#ffffff", "#d9f0c0", "#8fd3ba", "#41b6c4", "#1d91c0", "#225ea8", "#0c2c63")
_AROUND_ZERO = ("#7f3b08", "#d8801a", "#fdc57f", "#ffffff", "#bcb4d8", "#7b6aab", "#2d004b")
_NEGATIVE = -0.005  # numbers above count as not negative: rounding


def heatmap(
    subject: Subject,
    *,
    levels: str | None = None,
    labels: bool = True,
    size: tuple[float, float] | None = None,
    title: str | None = None,
) -> "Figure":
    """Draw the matrix of a subject.

    Args:
        subject: What is drawn.
        levels: Of the bands, as for `Subject.levels`.
        labels: Whether to write labels, not names.
        size: Width and height in inches; by default so that the names of up to 120 classes can be read.
        title: Instead of the subject's own.

    Returns:
        A figure for `encode` or `save`.

    Raises:
        TaxoError: No such level, or a size that leaves no room.
    """
    with drawing():
        chosen = subject.levels(levels, most=40, count=2)
        names = tuple(names_of(level.groups, subject.tree, subject.tree_of, labels=labels) for level in chosen)
        texts = subject.class_texts(labels=labels)
        side, written = _side(texts, chosen, names, size)
        bands = Bands(chosen, names, len(texts), side)
        left, above = _MARGIN + bands.outside + bands.thickness, bands.thickness + HEADING
        right = (_beside(texts, side) if written else 0.0) + _MARGIN
        width, height = size or (max(left + side + right, 3.6), above + side + _BAR)
        figure = new_figure(width, height)
        bottom = height - above - side
        axes = axes_at(figure, left, bottom, side, side)
        bands.draw(figure, left, bottom, left=True)
        bands.draw_above(figure, left, bottom + side)
        if written:
            _write_classes(axes, texts, side)
        _draw(figure, axes, subject, left, bottom, side)
        heading(figure, subject.title if title is None else title, _facts(subject, chosen), _MARGIN)
    return figure


def cells(subject: Subject) -> Floats:
    """The matrix in the order of the tree, `(n, n)`; of many classes the means over blocks of neighbours."""
    order, values = subject.tree.class_at, subject.values
    return values.ordered(order) if values.n <= MOST_CELLS else values.binned(order, _BINS)


def scale_of(matrix: Floats, *, signed: bool) -> tuple[tuple[str, ...], float, float]:
    """The scale of colours for a matrix.

    Around 0 for differences and where there are negative dot products; else from 0 to 1, or beyond.

    Returns:
        Colours from low to high, and the numbers at their ends.
    """
    low, high = float(matrix.min()), float(matrix.max())
    if signed or low < _NEGATIVE:
        reach = max(abs(low), abs(high)) or 1e-16
        return _AROUND_ZERO, -reach, reach
    return _FROM_ZERO, 0.0, max(1.0, high)


def _side(texts: list[str], levels: Any, names: Any, size: tuple[float, float] | None) -> tuple[float, bool]:
    """Length of a side of the matrix in inches, and whether the classes are written beside it."""
    n = len(texts)
    if size is None:
        return (max(3.2, min(n, 120) * _PITCH / 72), True) if n <= 120 else (7.0, False)
    # The names at the side need room, and how many there are depends on the side: the bands of the full height.
    bands = Bands(levels, names, n, size[1])
    free = size[0] - 2 * _MARGIN - bands.outside - bands.thickness
    height = size[1] - HEADING - _BAR - bands.thickness
    for beside in (True, False):
        side = min(height, free - (_beside(texts, height) if beside else 0.0))
        if side * 72 / n >= _PITCH or not beside:
            if side < 1:
                raise TaxoError(
                    f"--size {size[0]:g},{size[1]:g}: names and bands leave no room for the matrix; a width of "
                    f"{size[0] + 1 - side:.1f} and a height of {size[1] + max(0, 1 - height):.1f} inches would do"
                )
            return side, beside
    raise AssertionError("the last way was refused")


def _beside(texts: list[str], side: float) -> float:
    """Width of the names of the classes, in inches."""
    size = _class_size(len(texts), side)
    return 0.06 + max(text_width(fitting(text, size, _LONGEST), size) for text in texts)


def _class_size(n: int, side: float) -> float:
    """Size of the names of the classes, in points."""
    return max(SMALLEST, min(7.0, 0.82 * side * 72 / n))


def _write_classes(axes: "Axes", texts: list[str], side: float) -> None:
    size = _class_size(len(texts), side)
    for i, text in enumerate(texts):
        shown = clean(fitting(text, size, _LONGEST))
        axes.annotate(
            shown, (1, 1 - (i + 0.5) / len(texts)), (3, 0), xycoords="axes fraction", textcoords="offset points",
            size=size, va="center_baseline",
        )  # fmt: skip


def _draw(figure: "Figure", axes: "Axes", subject: Subject, left: float, bottom: float, side: float) -> None:
    """The matrix and its colour bar."""
    from matplotlib.colors import LinearSegmentedColormap

    matrix = cells(subject)
    colours, low, high = scale_of(matrix, signed=subject.signed)
    shades = LinearSegmentedColormap.from_list("taxo", list(colours))
    image = axes.imshow(matrix, cmap=shades, vmin=low, vmax=high, interpolation="antialiased", aspect="auto")
    axes.set(xticks=[], yticks=[])
    bar = axes_at(figure, left, bottom - 0.22, min(side, 2.6), 0.1)
    ticks = np.linspace(low, high, 5)
    figure.colorbar(image, cax=bar, orientation="horizontal", ticks=ticks.tolist())
    bar.set_xticks(ticks, [_number(t, high) for t in ticks.tolist()], size=6)
    bar.set_xlabel(subject.values.what, size=6.5, labelpad=2, loc="left")


def _number(value: float, largest: float) -> str:
    """A number at the colour bar."""
    if value == 0:
        return "0"
    text = f"{value:.2g}" if largest >= 0.01 else f"{value:.1e}"
    return text.replace("-", "−")


def _facts(subject: Subject, levels: Any) -> str:
    n = subject.values.n
    parts = [f"{n} classes" if n != 1 else "one class"]
    if n > MOST_CELLS:
        parts.append(f"means over blocks of {n / _BINS:.3g} × {n / _BINS:.3g} classes")
        log.info("%d classes: the heat map shows means over blocks of neighbours, %d along a side", n, _BINS)
    if levels:
        parts.append(f"bands: {', '.join(level.title for level in levels)}")
    return "; ".join(parts)
