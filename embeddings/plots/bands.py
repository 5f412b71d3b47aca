"""Coloured bands beside a picture whose rows are the classes: what belongs together, with names."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from .levels import Group, Level
from .packing import legible, spread
from .style import GREY, INK, axes_at, clean, colour, fitting, ink_on, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

THICKNESS = 0.14  # of a band, in inches
_GAP = 0.03  # between bands
_LEADER = 0.22  # room for the lines from the last band to its names
_SIZE = 6.5  # of the names, in points
_LINE = 7.6  # from one name to the next, in points
_MOVED = 40  # points that a name is moved at most
_REPEATED = 7  # inches after which the name of a long group comes again
_LONGEST = 2.4  # a longer name is cut, in inches


@dataclass(frozen=True)
class Bands:
    """Bands along the rows of a picture, coarse ones inside, and the names of the finest outside.

    Attributes:
        levels: Coarse before fine.
        names: Of the groups of every level.
        n: Number of rows.
        length: Of all rows together, in inches.
    """

    levels: tuple[Level, ...]
    names: tuple[list[str], ...]
    n: int
    length: float

    @property
    def thickness(self) -> float:
        """Of the bands without the names, in inches."""
        return len(self.levels) * (THICKNESS + _GAP)

    @cached_property
    def outside(self) -> float:
        """What the names need beside the bands, in inches."""
        texts = [text for _, text in self._named()]
        return _LEADER + max(text_width(text, _SIZE) for text in texts) if texts else 0.0

    def _named(self) -> list[tuple[float, str]]:
        """What is written beside the bands, and where it would like to stand, in points from the top.

        Of the finest level the groups of several classes for whose names there is room; those of long groups are
        repeated.
        """
        if not self.levels:
            return []
        per_row = self.length * 72 / self.n
        wanted: list[tuple[float, str, int]] = []
        finest = self.levels[-1]
        for group, name, number in zip(finest.groups, self.names[-1], finest.numbers(), strict=True):
            if number < 0:
                continue
            times = max(1, round(group.count * per_row / 72 / _REPEATED))
            part = group.count / times
            text = fitting(name, _SIZE, _LONGEST)
            wanted += [((group.first + (k + 0.5) * part) * per_row, text, group.count) for k in range(times)]
        low, high = self._reach()
        kept = legible([w[0] for w in wanted], [w[2] for w in wanted], _LINE, low, high, _MOVED)
        return [wanted[i][:2] for i in kept]

    def _reach(self) -> tuple[float, float]:
        """Where the middle of the first and of the last name may be, in points from the top."""
        total = self.length * 72
        return min(_SIZE / 2, total / 2), max(total - _SIZE / 2, total / 2)

    def draw(self, figure: "Figure", edge: float, bottom: float, *, left: bool) -> None:
        """Draw bands and names.

        Args:
            figure: The page.
            edge: Where the bands begin, in inches from the left of the page.
            bottom: Where the rows end, in inches from the bottom of the page.
            left: Whether the bands lie to the left of the edge, not to its right.
        """
        for i, (level, names) in enumerate(zip(self.levels, self.names, strict=True)):
            offset = i * (THICKNESS + _GAP) + _GAP
            x = edge - offset - THICKNESS if left else edge + offset
            axes = _strip(figure, (x, bottom, THICKNESS, self.length))
            axes.set(xlim=(0, 1), ylim=(self.n, 0))
            inside = i < len(self.levels) - 1
            for group, name, number in zip(level.groups, names, level.numbers(), strict=True):
                shade = colour(number)
                _block(axes, group, shade)
                extent = group.count / self.n * self.length
                text = fitting(name, 6, extent - 0.06) if inside else ""
                if text:
                    axes.text(
                        0.5,
                        group.centre,
                        clean(text),
                        size=6,
                        color=ink_on(shade),
                        rotation=90,
                        ha="center",
                        va="center",
                    )
        if self.levels:
            self._write(figure, edge - self.thickness if left else edge + self.thickness, bottom, left)

    def draw_above(self, figure: "Figure", left: float, edge: float) -> None:
        """The same bands along columns, without names.

        Args:
            figure: The page.
            left: Where the columns begin, in inches from the left of the page.
            edge: Where the bands begin, in inches from the bottom of the page.
        """
        for i, level in enumerate(self.levels):
            axes = _strip(figure, (left, edge + i * (THICKNESS + _GAP) + _GAP, self.length, THICKNESS))
            axes.set(xlim=(0, self.n), ylim=(0, 1))
            for group, number in zip(level.groups, level.numbers(), strict=True):
                _block(axes, group, colour(number), along=True)

    def _write(self, figure: "Figure", edge: float, bottom: float, left: bool) -> None:
        """The names of the finest level, moved apart where they would overlap, each with a line to its group."""
        from matplotlib.collections import LineCollection

        named = self._named()
        width = self.outside
        axes = _strip(figure, (edge - width if left else edge, bottom, width, self.length))
        axes.set(xlim=(width, 0) if left else (0, width), ylim=(self.length * 72, 0))
        centres = [centre for centre, _ in named]
        places = spread(centres, _LINE, *self._reach()).tolist()
        end = _LEADER - 0.04
        lines = [[(0.02, c), (0.05, c), (end - 0.03, p), (end, p)] for c, p in zip(centres, places, strict=True)]
        axes.add_collection(LineCollection(lines, colors=GREY, linewidths=0.4, clip_on=False))
        for (_, text), place in zip(named, places, strict=True):
            side = "right" if left else "left"
            axes.text(_LEADER, place, clean(text), size=_SIZE, color=INK, ha=side, va="center_baseline")


def _block(axes: "Axes", group: Group, shade: str, *, along: bool = False) -> None:
    from matplotlib.patches import Rectangle

    place, extent = (0.0, float(group.first)), (1.0, float(group.count))
    if along:
        place, extent = place[::-1], extent[::-1]
    axes.add_patch(Rectangle(place, *extent, facecolor=shade, edgecolor="white", linewidth=0.3))


def _strip(figure: "Figure", place: tuple[float, float, float, float]) -> "Axes":
    axes = axes_at(figure, *place)
    axes.set_axis_off()
    return axes
