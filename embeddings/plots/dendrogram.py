"""The dendrogram: the tree itself, with the heights of its nodes as an axis."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import NotATree, TaxoError, Taxonomy
from taxo.taxonomy.arrays import Ints
from taxo.taxonomy.heights import LEVELS
from taxo.taxonomy.similarity import scale

from ..class_tree import ClassTree
from ..target import Target
from .bands import Bands
from .branches import Branches, branches, rows_at
from .levels import Level, default_levels, find_level, names_of
from .style import (
    GREY,
    HEADING,
    PALE,
    SMALLEST,
    axes_at,
    clean,
    colour,
    drawing,
    fitting,
    heading,
    new_figure,
    text_width,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

log = logging.getLogger("taxo")

Floats = NDArray[np.float64]

MOST_ROWS = 4000
"""Rows that are drawn: at the smallest legible size these make a page of 27 feet."""

_MARGIN = 0.15  # inches
_AXIS = 0.42  # inches above and below the tree for an axis
_PER_LEVEL = 0.7  # inches
_LONGEST = 2.6  # a longer name is cut, in inches
_LEGIBLE = 5.4  # points from row to row below which rows are not named


@dataclass(frozen=True)
class _Drawing:
    """What the parts of the picture need to know of one another.

    Attributes:
        tree: The tree.
        laid: Where everything lies.
        group: `(k,)` group of every shown node in the level that gives the colours, -1 for none.
        texts: Of every shown node.
        top: The height at which classes have nothing in common.
        width: Of the tree, in inches.
        height: Of all rows, in inches.
    """

    tree: ClassTree
    laid: Branches
    group: Ints
    texts: list[str]
    top: float
    width: float
    height: float

    @property
    def pitch(self) -> float:
        """Points from row to row."""
        return self.height * 72 / self.laid.n_rows

    @property
    def size(self) -> float:
        """Of the names, in points."""
        return max(SMALLEST, min(7.0, 0.82 * self.pitch))

    def shades(self) -> list[str]:
        """Colour of every shown node."""
        return [GREY if g < 0 else colour(g) for g in self.group.tolist()]

    def rows(self) -> list[str]:
        """What is written beside the rows: names, and of cut branches how many classes there are."""
        is_leaf = self.tree.children.counts()[self.laid.shown[self.laid.tips]] == 0
        ends = zip(self.laid.tips.tolist(), self.laid.below.tolist(), is_leaf.tolist(), strict=True)
        return [self.texts[v] if leaf else f"{self.texts[v]} ({count})" for v, count, leaf in ends]


def dendrogram(
    taxonomy: Taxonomy,
    *,
    heights: str | Mapping[str, float] = LEVELS,
    depth: int | None = None,
    levels: str | None = None,
    labels: bool = True,
    size: tuple[float, float] | None = None,
    title: str | None = None,
) -> "Figure":
    """Draw the part of a tree above its classes, which are the rows.

    Args:
        taxonomy: A tree or forest.
        heights: What the similarity goes by, as for `embed`.
        depth: Nodes deeper than this, 0 for the roots, are not drawn; how many classes they hide is told.
        levels: Of the groups, as for `Subject.levels`; the finest gives the colours.
        labels: Whether to write labels, not names.
        size: Width and height in inches; by default the height grows with the number of rows.
        title: Instead of "Hierarchy NAME".

    Returns:
        A figure for `encode` or `save`.

    Raises:
        NotATree: A DAG.
        TaxoError: No such level, a size that leaves no room, or more than `MOST_ROWS` rows at every depth.
    """
    if not taxonomy.is_tree:
        raise NotATree(
            f"hierarchy {taxonomy.name!r} is a DAG, a dendrogram needs a tree: make one with taxo reduce, or draw "
            f"--kind heatmap or map; {taxonomy.describe_multi_parents()}"
        )
    target = Target(taxonomy, kind=heights)
    tree, top = target.tree, scale(taxonomy, target.heights)
    depth = _cut(tree, depth)
    laid = branches(tree, top, depth)
    found = _levels(tree, taxonomy, levels, depth)
    names = tuple(names_of(level.groups, tree, taxonomy, labels=labels) for level in found)
    texts = taxonomy.labels if labels else taxonomy.names
    with drawing():
        plan = _Drawing(
            tree=tree,
            laid=laid,
            group=_group_of(tree, laid, found),
            texts=[texts[v] for v in tree.node[laid.shown].tolist()],
            top=top,
            width=min(9.0, max(2.4, _PER_LEVEL * int(tree.level[laid.shown[-1]] - 1))),
            height=_height(laid.n_rows, size),
        )
        bands = Bands(tuple(_in_rows(level, laid) for level in found), names, laid.n_rows, plan.height)
        default = f"Hierarchy {taxonomy.name}" if taxonomy.name else "Hierarchy"
        figure = _draw(plan, bands, size, default if title is None else title)
        heading(figure, default if title is None else title, _facts(plan, found, depth), _MARGIN)
    return figure


def _cut(tree: ClassTree, depth: int | None) -> int | None:
    """The depth of the cut: that asked for, or where there would be too many rows the deepest that can be drawn."""
    rows = rows_at(tree)
    wanted = len(rows) - 1 if depth is None else min(depth, len(rows) - 1)
    if rows[wanted] <= MOST_ROWS:
        return None if depth is None or depth >= len(rows) - 1 else depth
    possible = np.flatnonzero((rows[:wanted] > 1) & (rows[:wanted] <= MOST_ROWS))
    if not possible.size:
        raise TaxoError(
            f"a dendrogram with {rows[wanted]} rows cannot be read, the most that is drawn is {MOST_ROWS}: prune the "
            "hierarchy (taxo edit prune), or draw --kind heatmap or map"
        )
    found = int(possible[-1])
    log.info(
        "%d rows are too many to read: the tree is cut as with --depth %d, %d rows", rows[wanted], found, rows[found]
    )
    return found


def _levels(tree: ClassTree, taxonomy: Taxonomy, wanted: str | None, depth: int | None) -> tuple[Level, ...]:
    """The levels of the groups, as far as the cut leaves them."""
    if wanted is None:
        found = default_levels(tree, 40)
    else:
        found = () if wanted.strip() == "none" else tuple(find_level(tree, taxonomy, p) for p in wanted.split(","))
    if depth is None:
        return found
    kept = (Level(v.title, tuple(g for g in v.groups if tree.level[g.node] <= depth + 1)) for v in found)
    return tuple(level for level in kept if level.groups)


def _group_of(tree: ClassTree, laid: Branches, found: tuple[Level, ...]) -> Ints:
    """Number of the group of every shown node in the finest level, -1 for none, `(k,)`."""
    own = np.full(len(tree.parent), -1, dtype=np.intp)
    for group, number in zip(found[-1].groups, found[-1].numbers(), strict=True) if found else ():
        own[group.node] = number
    group_of = own[laid.shown].tolist()
    for v, parent in enumerate(laid.parent.tolist()):  # parents come before children
        if parent >= 0 and group_of[v] < 0:
            group_of[v] = group_of[parent]
    return np.array(group_of, dtype=np.intp)


def _in_rows(level: Level, laid: Branches) -> Level:
    """The groups of a level, counted in rows where branches are cut."""
    starts = np.cumsum(laid.below) - laid.below  # first class of every row
    groups = []
    for group in level.groups:
        first = int(np.searchsorted(starts, group.first))
        end = int(np.searchsorted(starts, group.first + group.count))
        groups.append(replace(group, first=first, count=end - first))
    return Level(level.title, tuple(groups))


def _height(rows: int, size: tuple[float, float] | None) -> float:
    """Of all rows, in inches."""
    if size is not None:
        height = size[1] - HEADING - 2 * _AXIS
        if height < 0.5:
            raise TaxoError(
                f"--size {size[0]:g},{size[1]:g}: a dendrogram is at least {size[1] + 0.5 - height:.1f} high"
            )
        return height
    return max(0.6, rows * (11 if rows <= 30 else 8 if rows <= 120 else 5.8) / 72)


def _draw(plan: _Drawing, bands: Bands, size: tuple[float, float] | None, title: str) -> "Figure":
    named = plan.pitch >= _LEGIBLE
    texts = [fitting(text, plan.size, _LONGEST) for text in plan.rows()] if named else []
    beside = 0.08 + max((text_width(text, plan.size) for text in texts), default=0.0)
    around = 2 * _MARGIN + beside + bands.thickness + bands.outside
    width = size[0] - around if size else max(plan.width, text_width(title, 9) * 1.15 - beside)
    if width < 1:
        raise TaxoError(
            f"--size {size and size[0]:g}: names take {around:.1f} inches; a width of {around + 1:.1f} would do"
        )
    figure = new_figure(width + around, plan.height + HEADING + 2 * _AXIS)
    axes = axes_at(figure, _MARGIN, _AXIS, width, plan.height)
    left = plan.top * 1.02 if plan.top > 0 else 1.0
    axes.set(xlim=(left, 0), ylim=(plan.laid.n_rows, 0), yticks=[])
    axes.spines[["left", "right", "top"]].set_visible(False)
    _scale(axes, plan.top, plan.height)
    _lines(axes, plan)
    _inner_names(axes, plan, width / left)
    for i, text in enumerate(texts):
        axes.annotate(
            clean(text), (0, i + 0.5), (3, 0), textcoords="offset points", size=plan.size, va="center_baseline",
            annotation_clip=False,
        )  # fmt: skip
    bands.draw(figure, _MARGIN + width + beside, _AXIS, left=False)
    return figure


def _scale(axes: "Axes", top: float, height: float) -> None:
    """Heights below, similarities above; `height` is that of the axes in inches."""
    from matplotlib.ticker import MaxNLocator

    ticks = [t for t in MaxNLocator(8, integer=top >= 2, steps=[1, 2, 5, 10]).tick_values(0, top) if 0 <= t <= top]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks], size=6)
    axes.set_xlabel("height of the node", size=6.5, labelpad=2)
    gap = 5 / 72 / (height)  # for the name on the first stem
    above = axes.secondary_xaxis(1 + gap)
    above.set_xticks(ticks, [f"{1 - t / top:.3g}" for t in ticks], size=6)
    above.set_xlabel("similarity of classes that meet there", size=6.5, labelpad=3)
    axes.grid(axis="x", color=PALE, linewidth=0.3)
    axes.set_axisbelow(True)


def _lines(axes: "Axes", plan: _Drawing) -> None:
    """Stems, elbows, and wedges where branches are cut."""
    from matplotlib.collections import LineCollection, PolyCollection

    laid, shades = plan.laid, plan.shades()
    start = np.where(laid.parent >= 0, laid.height[laid.parent], plan.top)
    stems = np.stack([np.stack([start, laid.row], axis=1), np.stack([laid.height, laid.row], axis=1)], axis=1)
    inner = laid.spans[:, 0].astype(np.intp)
    x = laid.height[inner]
    elbows = np.stack([np.stack([x, laid.spans[:, 1]], axis=1), np.stack([x, laid.spans[:, 2]], axis=1)], axis=1)
    lines = np.concatenate([stems, elbows])
    colours = shades + [shades[v] for v in inner.tolist()]
    axes.add_collection(LineCollection(list(lines), colors=colours, linewidths=0.7, capstyle="projecting"))
    ends = laid.tips[laid.height[laid.tips] > 0]
    wedges = [
        [(h, y), (0, y - 0.34), (0, y + 0.34)]
        for h, y in zip(laid.height[ends].tolist(), laid.row[ends].tolist(), strict=True)
    ]
    faces = [shades[v] for v in ends.tolist()]
    axes.add_collection(PolyCollection(wedges, facecolors=faces, edgecolors=faces, linewidths=0.4, alpha=0.45))


def _inner_names(axes: "Axes", plan: _Drawing, per_height: float) -> None:
    """Names of nodes with several children on their stems, where they fit.

    Args:
        axes: Where to write.
        plan: What is drawn.
        per_height: Inches per unit of height.
    """
    laid, size = plan.laid, max(SMALLEST, min(6.0, 0.72 * plan.pitch))
    if plan.pitch < _LEGIBLE:
        return
    start = np.where(laid.parent >= 0, laid.height[laid.parent], plan.top)
    wide = np.zeros(len(laid.shown), dtype=bool)
    wide[laid.spans[laid.spans[:, 2] > laid.spans[:, 1], 0].astype(np.intp)] = True
    for v in np.flatnonzero(wide).tolist():
        text = plan.texts[v]
        room = (start[v] - laid.height[v]) * per_height - 0.04
        if text_width(text, size) <= room:
            axes.annotate(
                clean(text), ((start[v] + laid.height[v]) / 2, laid.row[v]), (0, 1), textcoords="offset points",
                size=size, ha="center", va="bottom", color="#444444",
            )  # fmt: skip


def _facts(plan: _Drawing, found: tuple[Level, ...], depth: int | None) -> str:
    n = plan.tree.n_classes
    parts = [f"{n} classes" if n != 1 else "one class"]
    if depth is not None:
        parts.append(f"cut below depth {depth}, in brackets the classes of a branch")
    if found:
        parts.append(f"colours: {found[-1].title}")
    return "; ".join(parts)
