"""The map: every class as a dot in the plane in which the classes differ most."""

import logging
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import TaxoError
from taxo.taxonomy.arrays import Ints

from .levels import Level, names_of
from .packing import Box, apart, place_labels, rim
from .principal import Coordinates, principal_coordinates
from .style import (
    COLOURS,
    GREY,
    HEADING,
    INK,
    MARKERS,
    NO_GROUP,
    PALE,
    axes_at,
    clean,
    colour,
    drawing,
    fitting,
    heading,
    new_figure,
    text_width,
)
from .subject import Subject

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

log = logging.getLogger("taxo")

Floats = NDArray[np.float64]

MOST_GROUPS = len(COLOURS) * len(MARKERS)
"""Groups that can be told apart; the largest are, where there are more."""

MOST_APART = 3000
"""Classes up to which dots that would lie on one another are set side by side."""

_SIDE = 5.6  # inches
_MARGIN = 0.15
_AXIS = 0.5  # inches for the numbers and the title of an axis
_LINE = 0.135  # inches from one line of the legend to the next
_NAMED_CLASSES = 60  # classes up to which each is named
_BOLD = 1.14  # width of bold text over that of plain text
_COLUMN = 2.2  # a longer name in the legend is cut, in inches


def class_map(
    subject: Subject,
    *,
    levels: str | None = None,
    labels: bool = True,
    size: tuple[float, float] | None = None,
    title: str | None = None,
) -> "Figure":
    """Draw the classes as points: classical scaling of the matrix of a subject.

    Args:
        subject: What is drawn.
        levels: Of the groups: one depth or rank; "none" for none; None chooses.
        labels: Whether to write labels, not names.
        size: Width and height in inches.
        title: Instead of the subject's own.

    Returns:
        A figure for `encode` or `save`.

    Raises:
        TaxoError: No such level, several levels, a size that leaves no room, or more classes than a map is made of.
    """
    with drawing():
        found = subject.levels(levels, most=16, count=1)
        if len(found) > 1:
            raise TaxoError(f"--levels {levels}: a map has one colour per class; name one level")
        coordinates = principal_coordinates(subject.values)
        points = coordinates.points[subject.tree.class_at]  # in depth-first order, as the groups are
        groups = _Groups(
            found[0] if found else None,
            names_of(found[0].groups, subject.tree, subject.tree_of, labels=labels) if found else [],
            subject.values.n,
        )
        box, width, height = _page(groups, size)
        figure = new_figure(width, height)
        axes = axes_at(figure, box.left, box.bottom, box.right - box.left, box.top - box.bottom)
        _draw(axes, points, groups, subject.class_texts(labels=labels), box)
        _name_axes(axes, coordinates)
        _legend(figure, groups, box)
        heading(figure, subject.title if title is None else title, _facts(subject, found, coordinates), _MARGIN)
    return figure


class _Groups:
    """The groups as they are drawn.

    Attributes:
        of: `(n_classes,)` group of the class at each place in depth-first order; -1 for none.
        names: Of the groups.
        counts: Classes of each.
        shown: The groups that have a colour and a mark of their own: those of several classes, as many as there are
            colours and marks; or of single classes, where all are.
    """

    def __init__(self, level: Level | None, names: list[str], n_classes: int) -> None:
        self.names = names
        self.of = level.group_of(n_classes) if level else np.full(n_classes, -1, dtype=np.intp)
        self.counts = np.bincount(self.of[self.of >= 0], minlength=len(names))
        candidates = [g for g, number in enumerate(level.numbers()) if number >= 0] if level else []
        self.shown = sorted(sorted(candidates, key=lambda g: -int(self.counts[g]))[:MOST_GROUPS])

    def looks(self) -> list[tuple[int, str, str]]:
        """Group, colour and mark of all that are shown."""
        marks = tuple(MARKERS)
        return [(g, colour(i), marks[i // len(COLOURS)]) for i, g in enumerate(self.shown)]

    def rest(self) -> NDArray[np.bool_]:
        """Which classes belong to no group that is shown."""
        return ~np.isin(self.of, self.shown)


def _page(groups: _Groups, size: tuple[float, float] | None) -> tuple[Box, float, float]:
    """Where the axes are, in inches, and the size of the page."""
    height = size[1] if size else _SIDE + HEADING + _AXIS
    beside = sum(width for _, width in _columns(groups, height - HEADING - _AXIS))
    width = size[0] if size else _AXIS + _SIDE + beside + _MARGIN
    box = Box(_AXIS, _AXIS, width - beside - _MARGIN, height - HEADING)
    if box.right - box.left < 1 or box.top - box.bottom < 1:
        raise TaxoError(
            f"--size {width:g},{height:g}: axes and legend leave no room for the map; a width of "
            f"{beside + _AXIS + 1 + _MARGIN:.1f} and a height of {HEADING + _AXIS + 1:.1f} inches are the least"
        )
    return box, width, height


def _draw(axes: "Axes", points: Floats, groups: _Groups, texts: list[str], box: Box) -> None:
    """Dots and names; points in the units of the map."""
    frame = np.array([box.right - box.left, box.top - box.bottom]) * 72
    diameter = 5.5 if len(points) <= 300 else 4.0 if len(points) <= 1000 else 3.0
    drawn, per_point = _settled(points, frame, diameter)
    middle, half = (drawn.min(axis=0) + drawn.max(axis=0)) / 2, frame / 2 * per_point
    axes.set(xlim=(middle[0] - half[0], middle[0] + half[0]), ylim=(middle[1] - half[1], middle[1] + half[1]))
    axes.axhline(0, color=PALE, linewidth=0.5, zorder=0)
    axes.axvline(0, color=PALE, linewidth=0.5, zorder=0)
    rest = groups.rest()
    axes.scatter(drawn[rest, 0], drawn[rest, 1], color=NO_GROUP, s=diameter**2, linewidths=0)
    for group, shade, mark in groups.looks():
        mine = drawn[groups.of == group]
        axes.scatter(mine[:, 0], mine[:, 1], color=shade, marker=mark, s=diameter**2 * MARKERS[mark], linewidths=0)
    in_points = (drawn - (middle - half)) / per_point
    _write(axes, in_points, groups, texts, Box(3, 3, frame[0] - 3, frame[1] - 3), diameter)


def _settled(points: Floats, frame: Floats, diameter: float) -> tuple[Floats, float]:
    """The dots as they are drawn, and how much of the map a point of the page is.

    Dots that are set side by side take room, and with the room the scale changes: three rounds settle it.

    Args:
        points: `(n, 2)` in the units of the map.
        frame: `(2,)` size of the axes in points.
        diameter: Of a dot, in points.
    """
    least = 1e-6 * float(np.abs(points).max()) or 1.0  # where all classes are at one place, any scale will do
    drawn, per_point = points, 0.0
    for _ in range(3):
        extent = np.maximum(np.ptp(drawn, axis=0), least)
        per_point = max(per_point, float((extent / (0.88 * frame)).max()))
        if len(points) > MOST_APART:
            break
        drawn = apart(points, 1.1 * diameter * per_point)
    return drawn, per_point


def _write(axes: "Axes", dots: Floats, groups: _Groups, texts: list[str], frame: Box, diameter: float) -> None:
    """Names of the groups at their centres, names of the classes where these are few; in points from the corner."""
    wanted = _wanted(dots, groups, texts)
    anchors = np.array([dots[members].mean(axis=0) for _, _, members in wanted]).reshape(-1, 2)
    sizes = np.array([(text_width(text, size) * 72 * _BOLD + 2, size * 1.3) for text, size, _ in wanted]).reshape(-1, 2)
    reaches = [60 + float(np.ptp(dots[members], axis=0).max()) / 2 for _, _, members in wanted]
    places = place_labels(anchors, sizes, frame, dots, radius=diameter / 2, reaches=reaches)
    # Not an outline of the letters, which would turn text into shapes in SVG files.
    ground = {"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.3}
    for (text, size, members), box in zip(wanted, places, strict=True):
        if box is None:
            continue
        place = ((box.left + box.right) / 2, (box.bottom + box.top) / 2)
        ends = [rim(box, x, y) for x, y in dots[members].tolist()]
        away = np.hypot(*(dots[members] - ends).T)
        nearest = int(away.argmin())
        if away[nearest] > diameter:  # too far to be seen as belonging together
            line = np.array([ends[nearest], dots[members[nearest]]]) / (frame.right + 3, frame.top + 3)
            axes.plot(*line.T, transform=axes.transAxes, color=GREY, linewidth=0.4)
        axes.annotate(
            clean(text), place, xycoords="axes points", size=size, ha="center", va="center_baseline",
            weight="bold" if size == 7 else "normal", color=INK, bbox=ground,
        )  # fmt: skip


def _wanted(dots: Floats, groups: _Groups, texts: list[str]) -> list[tuple[str, float, Ints]]:
    """What is to be named, the most important first: text, size, and the classes that it names."""
    found: list[tuple[str, float, Ints]] = []
    for group in sorted(groups.shown, key=lambda g: -int(groups.counts[g])):
        found.append((fitting(groups.names[group], 7, 1.8), 7, np.flatnonzero(groups.of == group)))
    if len(dots) <= _NAMED_CLASSES:
        alone = {int(m[0]) for text, _, m in found if len(m) == 1 and text == texts[int(m[0])]}
        found += [(fitting(t, 5.5, 1.5), 5.5, np.array([i])) for i, t in enumerate(texts) if i not in alone]
    return found


def _name_axes(axes: "Axes", coordinates: Coordinates) -> None:
    from matplotlib.ticker import MaxNLocator

    for name, share, axis in zip(("first", "second"), coordinates.shares, (axes.xaxis, axes.yaxis), strict=True):
        axis.set_label_text(f"{name} axis, {100 * share:.1f} % of the squared distances", size=6.5)
        low, high = axis.get_view_interval()
        ticks = [t for t in MaxNLocator(7).tick_values(low, high) if low <= t <= high]
        axis.set_ticks(ticks, [f"{t:.3g}".replace("-", "−") for t in ticks], size=6)


def _columns(groups: _Groups, height: float) -> list[tuple[list[tuple[str, str, str]], float]]:
    """The legend: lines of name, colour and mark by column, and the width of each column in inches."""
    lines = [(f"{fitting(groups.names[g], 6.5, _COLUMN)} ({groups.counts[g]})", c, m) for g, c, m in groups.looks()]
    left = int(groups.rest().sum())
    if left and lines:
        lines.append((f"others ({left})", NO_GROUP, "o"))
    per_column = max(1, int(height / _LINE))
    parts = [lines[i : i + per_column] for i in range(0, len(lines), per_column)]
    return [(part, 0.32 + max(text_width(text, 6.5) for text, _, _ in part)) for part in parts]


def _legend(figure: "Figure", groups: _Groups, box: Box) -> None:
    left = box.right + 0.08
    for lines, width in _columns(groups, box.top - box.bottom):
        axes = axes_at(figure, left, box.bottom, width, box.top - box.bottom)
        axes.set(xlim=(0, width), ylim=(box.bottom - box.top, 0))
        axes.set_axis_off()
        for i, (text, shade, mark) in enumerate(lines):
            y = -(i + 0.5) * _LINE
            axes.scatter([0.1], [y], s=5.5**2 * MARKERS[mark], color=shade, marker=mark, linewidths=0)
            axes.text(0.22, y, clean(text), size=6.5, va="center_baseline")
        left += width


def _facts(subject: Subject, found: tuple[Level, ...], coordinates: Coordinates) -> str:
    n = subject.values.n
    parts = [f"{n} classes" if n != 1 else "one class", "classical scaling"]
    if 1 < n <= MOST_APART:
        parts.append("classes at the same place are set side by side")
    if found:
        parts.append(f"colours: {found[0].title}")
    if coordinates.arbitrary:
        parts.append("the second axis is one of several that explain as much")
        log.info("several axes explain as much as the second one: the map is one of many that are equally good")
    return "; ".join(parts)
