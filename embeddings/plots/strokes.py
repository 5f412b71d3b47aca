"""The parts of a dendrogram: its axis, its lines, the names on them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from taxo.taxonomy.arrays import Ints

from ..class_tree import ClassTree
from .branches import Branches
from .style import GREY, PALE, SMALLEST, clean, colour, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEGIBLE = 5.4  # points from row to row below which nothing is named


@dataclass(frozen=True)
class Plan:
    """What the parts of a dendrogram need to know of one another.

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

    @property
    def legible(self) -> bool:
        """Whether there is room for names."""
        return self.pitch >= _LEGIBLE

    def shades(self) -> list[str]:
        """Colour of every shown node."""
        return [GREY if g < 0 else colour(g) for g in self.group.tolist()]

    def rows(self) -> list[str]:
        """What is written beside the rows: names, and of cut branches how many classes there are."""
        is_leaf = self.tree.children.counts()[self.laid.shown[self.laid.tips]] == 0
        ends = zip(self.laid.tips.tolist(), self.laid.below.tolist(), is_leaf.tolist(), strict=True)
        return [self.texts[v] if leaf else f"{self.texts[v]} ({count})" for v, count, leaf in ends]


def draw_scale(axes: "Axes", plan: Plan) -> None:
    """Heights below, similarities above."""
    from matplotlib.ticker import MaxNLocator

    top = plan.top
    ticks = [t for t in MaxNLocator(8, integer=top >= 2, steps=[1, 2, 5, 10]).tick_values(0, top) if 0 <= t <= top]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks], size=6)
    axes.set_xlabel("height of the node", size=6.5, labelpad=2)
    gap = 5 / 72 / plan.height  # for the name on the first stem
    above = axes.secondary_xaxis(1 + gap)
    above.set_xticks(ticks, [f"{1 - t / top:.3g}" for t in ticks], size=6)
    above.set_xlabel("similarity of classes that meet there", size=6.5, labelpad=3)
    axes.grid(axis="x", color=PALE, linewidth=0.3)
    axes.set_axisbelow(True)


def draw_lines(axes: "Axes", plan: Plan) -> None:
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


def draw_inner_names(axes: "Axes", plan: Plan, per_height: float) -> None:
    """Names of nodes with several children on their stems, where they fit.

    Args:
        axes: Where to write.
        plan: What is drawn.
        per_height: Inches per unit of height.
    """
    laid, size = plan.laid, max(SMALLEST, min(6.0, 0.72 * plan.pitch))
    if not plan.legible:
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
