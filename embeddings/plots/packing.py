"""Where labels go so that none lies on another: plain geometry, in points, without drawing."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_GOLDEN = (1 + math.sqrt(5)) / 2


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> Floats:
    """Places as near to the wanted ones as they can be, in the same order and at least `gap` apart.

    The sum of the squared moves is the least one: without the gaps, `place_i - i gap` must not decrease, which is
    isotonic regression (pool adjacent violators).

    Args:
        wanted: `(k,)` ascending.
        gap: Least distance of neighbours.
        low: Least place.
        high: Largest place, at least `low + (k - 1) gap`.

    Returns:
        `(k,)`.

    Example:
        >>> spread([1, 1.2, 5], 1, 0, 10).tolist()
        [0.6, 1.6, 5.0]
    """
    means: list[float] = []
    counts: list[int] = []
    for i, value in enumerate(wanted):
        mean, count = value - i * gap, 1
        while means and means[-1] > mean:
            mean = (mean * count + means[-1] * counts[-1]) / (count + counts[-1])
            count += counts.pop()
            means.pop()
        means.append(mean)
        counts.append(count)
    shift = np.arange(len(wanted)) * gap
    flat = np.repeat(np.array(means, dtype=np.float64), counts)
    return np.asarray(np.clip(flat, low, high - shift[-1] if len(wanted) else high) + shift)


def legible(
    wanted: Sequence[float], weights: Sequence[float], gap: float, low: float, high: float, most: float
) -> list[int]:
    """Which labels to keep, so that `spread` moves none by more than `most`.

    While one would be moved too far, of those that it pushes and is pushed by the one of least weight is left out; of
    equal weights such that what remains is spread evenly.

    Args:
        wanted: `(k,)` ascending.
        weights: `(k,)` how much each label matters.
        gap: As for `spread`, like `low` and `high`.
        low: Least place.
        high: Largest place.
        most: Largest move.

    Returns:
        Places in `wanted`, ascending.
    """
    # Multiples of the golden ratio: of any first so many labels of equal weight no two are neighbours for long.
    ranked = sorted(range(len(wanted)), key=lambda i: (-weights[i], i * _GOLDEN % 1))
    rank = {label: place for place, label in enumerate(ranked)}
    room = max(1, int((high - low) / gap + 1e-9) + 1)
    kept = sorted(ranked[:room])
    while len(kept) > 1:
        places = spread([wanted[i] for i in kept], gap, low, high)
        moves = np.abs(places - np.array([wanted[i] for i in kept]))
        worst = int(moves.argmax())
        if moves[worst] <= most:
            break
        touching = np.diff(places) < gap * (1 + 1e-9)
        first = last = worst
        while first > 0 and touching[first - 1]:
            first -= 1
        while last < len(kept) - 1 and touching[last]:
            last += 1
        if first == last:
            break  # moved by the rim alone
        kept.pop(max(range(first, last + 1), key=lambda place: rank[kept[place]]))
    return kept


def apart(points: Floats, step: float) -> Floats:
    """Points moved a little so that no two are closer than `step`, `(n, 2)`.

    One after another each takes the nearest free place of a honeycomb around its own; the first at a place stays there.
    Points of one square of side `step / 2` share a honeycomb.

    Args:
        points: `(n, 2)`.
        step: Least distance.

    Example:
        >>> apart(np.array([[0.0, 0], [3, 3], [0, 0]]), 1).tolist()
        [[0.0, 0.0], [3.0, 3.0], [1.0, 0.0]]
    """
    cells = (_honeycomb(4 * len(points)) * step).tolist()
    squares = np.floor(2 * points / step).astype(np.intp).tolist()
    centres: dict[tuple[int, int], tuple[float, float]] = {}
    tried: dict[tuple[int, int], int] = {}
    taken = _Taken(step)
    out = []
    for (x, y), (column, row) in zip(points.tolist(), squares, strict=True):
        square = (column, row)
        if square in centres or not taken.free(x, y):
            x, y = centres.setdefault(square, (x, y))
            k = tried.get(square, 0)
            while k < len(cells) - 1 and not taken.free(x + cells[k][0], y + cells[k][1]):
                k += 1
            tried[square] = k
            x, y = x + cells[k][0], y + cells[k][1]
        else:
            centres[square] = (x, y)
        taken.add(x, y)
        out.append((x, y))
    return np.array(out).reshape(-1, 2)


class _Taken:
    """Places that are taken, in squares of side `step`, so that only neighbours are compared."""

    def __init__(self, step: float) -> None:
        self._step = step
        self._squares: dict[tuple[int, int], list[tuple[float, float]]] = {}

    def add(self, x: float, y: float) -> None:
        """Take a place."""
        self._squares.setdefault(self._square(x, y), []).append((x, y))

    def free(self, x: float, y: float) -> bool:
        """Whether no place that is taken is closer than the step."""
        column, row = self._square(x, y)
        least = (self._step * (1 - 1e-6)) ** 2
        return all(
            (x - a) ** 2 + (y - b) ** 2 >= least
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            for a, b in self._squares.get((column + i, row + j), ())
        )

    def _square(self, x: float, y: float) -> tuple[int, int]:
        return math.floor(x / self._step), math.floor(y / self._step)


def _honeycomb(count: int) -> Floats:
    """At least `count` places of a honeycomb with unit distance, nearest to the origin first, `(m, 2)`."""
    size = int(np.ceil(np.sqrt(count))) + 2
    row, column = (part.ravel() for part in np.mgrid[-size : size + 1, -size : size + 1])
    cells = np.stack([column + row % 2 / 2, row * np.sqrt(3) / 2], axis=1)
    return np.asarray(cells[np.lexsort((np.arctan2(-cells[:, 1], -cells[:, 0]).round(9), np.hypot(*cells.T).round(9)))])


@dataclass(frozen=True)
class Box:
    """An upright rectangle."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: "Box") -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )

    def within(self, other: "Box") -> bool:
        """Whether it lies inside the other."""
        return (
            other.left <= self.left
            and self.right <= other.right
            and other.bottom <= self.bottom
            and self.top <= other.top
        )


def rim(box: Box, x: float, y: float) -> tuple[float, float]:
    """Where the line from the centre of a box to a point outside leaves the box; the point itself where it is inside.

    Example:
        >>> rim(Box(0, 0, 4, 2), 10, 1)
        (4.0, 1.0)
    """
    cx, cy = (box.left + box.right) / 2, (box.bottom + box.top) / 2
    dx, dy = x - cx, y - cy
    share = max(abs(dx) / (box.right - cx), abs(dy) / (box.top - cy), 1.0)
    return cx + dx / share, cy + dy / share


def place_labels(
    anchors: Floats, sizes: Floats, frame: Box, dots: Floats, *, radius: float, reaches: Sequence[float]
) -> list[Box | None]:
    """Places for labels near their anchors: on no other label, inside the frame, and on few dots.

    One after another, in the order given, each takes the best of the places around its anchor: how far it is moved,
    plus what it covers. Labels for which no place is free are left out.

    Args:
        anchors: `(k, 2)` where each label would like to have its centre.
        sizes: `(k, 2)` width and height of each.
        frame: Where labels may be.
        dots: `(n, 2)` centres of what should not be covered.
        radius: Of a dot.
        reaches: How far each label may be moved.

    Returns:
        Where every label goes, or None.
    """
    taken: list[Box] = []
    found: list[Box | None] = []
    for (x, y), (width, height), reach in zip(anchors.tolist(), sizes.tolist(), reaches, strict=True):
        best: tuple[float, Box] | None = None
        for dx, dy, moved in _around(width, height, reach):
            if best is not None and moved >= best[0]:
                break  # the places come by distance: none after this is better
            box = _box(x + dx, y + dy, width, height)
            if not box.within(frame) or any(box.meets(other) for other in taken):
                continue
            cost = moved + 1.5 * height * _covered(box, dots, radius)
            if best is None or cost < best[0]:
                best = (cost, box)
        found.append(best and best[1])
        if best:
            taken.append(best[1])
    return found


def _around(width: float, height: float, reach: float) -> Iterator[tuple[float, float, float]]:
    """Moves and their lengths, shortest first: rings of sixteen directions."""
    yield 0.0, 0.0, 0.0
    step = height * 0.7
    for ring in range(1, int(reach / step) + 1):
        for k in range(16):
            angle = k * np.pi / 8
            # A label is wide: to leave a dot sideways it has to go further.
            dx = float(np.cos(angle)) * (ring * step + width * 0.5 * abs(float(np.cos(angle))))
            yield dx, float(np.sin(angle)) * ring * step, ring * step


def _covered(box: Box, dots: Floats, radius: float) -> int:
    x, y = dots[:, 0], dots[:, 1]
    inside = (x > box.left - radius) & (x < box.right + radius) & (y > box.bottom - radius) & (y < box.top + radius)
    return int(inside.sum())


def _box(x: float, y: float, width: float, height: float) -> Box:
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
