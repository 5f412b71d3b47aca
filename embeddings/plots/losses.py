"""Figure 1 of [BD20]: three losses over a plane of features, for a target that is fixed.

[BD20] is Barz & Denzler, "Deep learning on small datasets without pre-training using cosine loss", WACV 2020.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from taxo.taxonomy import TaxoError

from .style import HEADING, INK, axes_at, clean, drawing, heading, new_figure
from .surfaces import cosine, cross_entropy, plane, squared_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

TARGET = np.array([1.0, 0.0])
"""The one-hot vector of the first of two classes."""

REACH = 2.0
"""The features run from `-REACH` to `REACH`."""

_STEPS = 200  # even, so that no point lies at the origin, where the cosine is not defined
_MARGIN, _AXIS, _GAP, _BAR = 0.15, 0.38, 0.5, 0.5  # inches


@dataclass(frozen=True)
class Panel:
    """One loss.

    Attributes:
        name: What it is called.
        loss: Features `(..., 2)` and target `(2,)` to `(...)`.
        levels: `(k,)` where lines of equal loss are drawn.
        marks: `(k, 2)` a point on each line, for its number.
        most: The loss at the dark end of the colours.
    """

    name: str
    loss: Callable[[Floats, Floats], Floats]
    levels: tuple[float, ...]
    marks: Floats
    most: float


def panels() -> tuple[Panel, ...]:
    """The three losses. The marks follow from the formulas, solved for the point on a line across the levels."""
    entropy, square, angle = (
        (0.05, 0.2, 0.5, 1.0, 2.0, 3.0),
        (0.25, 1.0, 2.0, 4.0, 6.0),
        (0.05, 0.25, 0.5, 1.0, 1.5, 1.9),
    )
    half = -np.log(np.expm1(entropy)) / 2  # log(1 + exp(-d)) = l at the difference d of the features
    turn = np.arccos(1 - np.array(angle))
    return (
        Panel("cross-entropy after softmax", cross_entropy, entropy, np.stack([half, -half], axis=1), 4),
        Panel("squared error", squared_error, square, TARGET - np.outer(np.sqrt(square), TARGET), 13),
        Panel("cosine loss", cosine, angle, 1.5 * np.stack([np.cos(turn), np.sin(turn)], axis=1), 2),
    )


def loss_surfaces(*, size: tuple[float, float] | None = None, title: str | None = None) -> "Figure":
    """Draw cross-entropy after softmax, squared error and cosine loss over the plane; bright is low.

    Args:
        size: Width and height in inches.
        title: Instead of the default.

    Returns:
        A figure for `encode` or `save`.

    Raises:
        TaxoError: A size that leaves no room.
    """
    width, height = size or (8.2, 3.7)
    side = min((width - 2 * _MARGIN - _AXIS - 2 * _GAP) / 3, height - HEADING - 0.2 - _AXIS - _BAR)
    if side < 0.8:
        raise TaxoError(f"--size {width:g},{height:g}: three panels need at least 4.2 by 2.5 inches")
    with drawing():
        figure = new_figure(width, height)
        for i, panel in enumerate(panels()):
            _draw(figure, panel, _MARGIN + _AXIS + i * (side + _GAP), _AXIS + _BAR, side)
        heading(
            figure,
            "Three losses in a plane of features" if title is None else title,
            "for the first of two classes, target y = (1, 0), the ring; bright: low loss; "
            "after Fig. 1 of Barz & Denzler, WACV 2020",
            _MARGIN,
        )
    return figure


def _draw(figure: "Figure", panel: Panel, left: float, bottom: float, side: float) -> None:
    """One loss, with lines of equal loss and a colour bar."""
    points = plane(REACH, _STEPS)
    values = panel.loss(points, TARGET)
    axes = axes_at(figure, left, bottom, side, side)
    extent = (-REACH, REACH, -REACH, REACH)
    image = axes.imshow(
        values, origin="lower", extent=extent, cmap="cividis_r", interpolation="bilinear", vmin=0, vmax=panel.most
    )
    inks = ["white" if level > 0.65 * panel.most else INK for level in panel.levels]
    lines = axes.contour(points[..., 0], points[..., 1], values, levels=panel.levels, colors=inks, linewidths=0.5)
    axes.clabel(lines, fontsize=5.5, fmt=lambda level: f"{level:g}", manual=list(map(tuple, panel.marks)))
    axes.plot(*TARGET, marker="o", markersize=4.5, markerfacecolor="none", markeredgecolor=INK, markeredgewidth=0.8)
    axes.set_title(clean(panel.name), size=7.5, pad=4)
    _name_axes(axes)
    bar = axes_at(figure, left, 0.32, side, 0.08)
    figure.colorbar(image, cax=bar, orientation="horizontal")
    ticks = np.linspace(0, panel.most, 5).tolist() if panel.most < 10 else [0, 4, 8, 12]
    bar.set_xticks(ticks, [f"{t:g}" for t in ticks], size=6)


def _name_axes(axes: "Axes") -> None:
    ticks = np.arange(-REACH, REACH + 1, 1).tolist()
    texts = [f"{t:g}".replace("-", "−") for t in ticks]
    axes.set_xticks(ticks, texts, size=6)
    axes.set_yticks(ticks, texts, size=6)
    axes.set_xlabel("feature 1", size=6.5, labelpad=1)
    axes.set_ylabel("feature 2", size=6.5, labelpad=0)
