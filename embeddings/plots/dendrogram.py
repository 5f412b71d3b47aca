"""The dendrogram: the tree itself, with the heights of its nodes as an axis."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from taxo.taxonomy import NotATree, TaxoError, Taxonomy
from taxo.taxonomy.arrays import Ints
from taxo.taxonomy.heights import LEVELS
from taxo.taxonomy.similarity import scale

from ..class_tree import ClassTree
from ..target import Target
from .bands import Bands
from .branches import Branches, branches, rows_at
from .levels import Level, default_levels, find_level, names_of
from .strokes import Plan, draw_inner_names, draw_lines, draw_scale
from .style import HEADING, axes_at, clean, drawing, fitting, heading, new_figure, text_width

if TYPE_CHECKING:
    from matplotlib.figure import Figure

log = logging.getLogger("taxo")

MOST_ROWS = 4000
"""Rows that are drawn: at the smallest legible size these make a page of 27 feet."""

_MARGIN = 0.15  # inches
_AXIS = 0.42  # inches above and below the tree for an axis
_PER_LEVEL = 0.7  # inches of width
_LONGEST = 2.6  # a longer name is cut, in inches


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
        plan = Plan(
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


def _draw(plan: Plan, bands: Bands, size: tuple[float, float] | None, title: str) -> "Figure":
    named = plan.legible
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
    draw_scale(axes, plan)
    draw_lines(axes, plan)
    draw_inner_names(axes, plan, width / left)
    for i, text in enumerate(texts):
        axes.annotate(
            clean(text), (0, i + 0.5), (3, 0), textcoords="offset points", size=plan.size, va="center_baseline",
            annotation_clip=False,
        )  # fmt: skip
    bands.draw(figure, _MARGIN + width + beside, _AXIS, left=False)
    return figure


def _facts(plan: Plan, found: tuple[Level, ...], depth: int | None) -> str:
    n = plan.tree.n_classes
    parts = [f"{n} classes" if n != 1 else "one class"]
    if depth is not None:
        parts.append(f"cut below depth {depth}, in brackets the classes of a branch")
    if found:
        parts.append(f"colours: {found[-1].title}")
    return "; ".join(parts)
